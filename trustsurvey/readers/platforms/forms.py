"""Google Forms, Microsoft Forms and Typeform: one heading row, one row for each form that was sent."""

from __future__ import annotations

import re

from trustsurvey.readers.platforms.entry import (
    Platform,
    Rows,
    State,
    clean,
    headings,
    named,
    plain_columns,
    squeezed,
)
from trustsurvey.readers.raw import Column

# --- Google Forms -----------------------------------------------------------------------------------

TIMESTAMP = (
    "timestamp", "marca temporal", "marca de tiempo", "horodateur", "zeitstempel", "carimbo de data/hora",
    "informazioni cronologiche", "tijdstempel", "sygnatura czasowa", "tidsstämpel", "tidsstempel", "tidspunkt",
    "časové razítko", "časová značka", "časová pečiatka", "časovni žig", "vremenska oznaka", "időbélyeg", "időbélyegző",
    "marcaj de timp", "marcă de timp", "aikaleima", "ajatempel", "laika zīmogs", "laiko žyma", "χρονική σήμανση",
    "отметка времени", "позначка часу", "клеймо за време", "zaman damgas\u0131", "dấu thời gian", "cap waktu",
    "タイムスタンプ", "时间戳记", "时间戳", "時間戳記", "타임스탬프", "חותמת זמן", "طابع زمني", "الطابع الزمني",
)  # fmt: skip
_TIMES = {squeezed(word) for word in TIMESTAMP}


def _is_google(rows: Rows) -> int:
    first = headings(rows)
    # A program that saved the file again may have numbered its rows.
    at = 1 if len(first) > 2 and not first[0] else 0
    return int(len(first) > at and first[at] in _TIMES)


GOOGLE = Platform(
    "googleforms",
    "Google Forms",
    _is_google,
    plain_columns,
    roles={
        "|".join(sorted(map(re.escape, _TIMES))): "end",
        "emailaddress|username|adresseemail|emailadresse|direcciondecorreoelectronico|correoelectronico|"
        "enderecodeemail|indirizzoemail|emailadres|nombredeusuario|nutzername|nomdutilisateur": "private",
        r"(total)?score|puntuacion|punteggio|punkte(zahl)?|pontuacao|.* \[(score|feedback)\]": "ignore",
    },
    joined=(",", ";"),
)

# --- Microsoft Forms ----------------------------------------------------------------------------------

#: Start and completion time in the languages that are known.
_BEGUN = {
    "starttime", "startzeit", "heurededebut", "horadeinicio", "begintijd", "oradiinizio", "starttidspunkt",
    "starttid", "godzinarozpoczecia", "開始時刻", "开始时间", "время начала",
}  # fmt: skip
_DONE = {
    "completiontime", "fertigstellungszeit", "heuredefin", "heuredelafin", "horadefinalizacion", "tijdvanvoltooien",
    "oradicompletamento", "horadaconclusao", "horadeconclusao", "fuldforelsestidspunkt", "sluttid", "slutforandetid",
    "godzinaukonczenia", "完了時刻", "完成时间", "fullforttidspunkt",
}  # fmt: skip


def _is_microsoft(rows: Rows) -> int:
    first = headings(rows)
    known = len(first) > 3 and (first[1] in _BEGUN) + (first[2] in _DONE) >= 1
    return int(known and first[0] in ("id", "編號", "番号"))


MICROSOFT = Platform(
    "msforms",
    "Microsoft Forms",
    _is_microsoft,
    plain_columns,
    roles={
        "id": "id",
        "|".join(sorted(_BEGUN)): "start",
        "|".join(sorted(_DONE)): "end",
        "email|name|emailadresse|adressedemessagerie|nom|correoelectronico|nombre|postaelettronica|nome|naam": (
            "private"
        ),
        "lastmodifiedtime|language|sprache|totalpoints|quizfeedback|gradepostedtime": "ignore",
        "(points|feedback|punkte|commentaires) - .*": "ignore",
    },
    joined=(";",),
)

# --- Typeform -------------------------------------------------------------------------------------------

_TYPEFORM = {"networkid", "startdateutc", "submitdateutc", "stagedateutc", "responsetype", "ending"}


def _is_typeform(rows: Rows) -> int:
    first = headings(rows)
    own = len(_TYPEFORM.intersection(first))
    numbered = bool(first) and (first[0] == "#" or (not first[0] and "#" in first[:2]))
    return int((numbered and own >= 1) or own >= 3)


def _typeform_columns(rows: Rows) -> list[Column]:
    """Each choice of a question has a column under its own words; the question stands nowhere."""
    texts = [clean(cell) for cell in rows[0]]
    return named(texts, texts, [""] * len(texts), texts)


TYPEFORM = Platform(
    "typeform",
    "Typeform",
    _is_typeform,
    _typeform_columns,
    roles={
        "#|responseid|token": "id",
        "startdateutc": "start",
        "submitdateutc": "end",
        "responsetype": "status",
        "networkid": "device",
        "stagedateutc|tags|ending|score": "ignore",
    },
    states=(State("responsetype", "partial", ("partial", "started")),),
)
