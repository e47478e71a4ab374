"""The signatures of survey platforms: how each is recognised and what its own columns are.

One entry a platform. A new platform is one more entry here and one test.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from trustsurvey.readers.raw import Column, letter

Rows = Sequence[Sequence[str]]


@dataclass(frozen=True)
class Platform:
    """How a platform writes its files.

    ``recognise`` looks at the first rows; ``header_rows`` counts the rows above the answers.
    ``roles``: lower-case column name to role (see ``model.Role``), for the platform's own columns;
    ``tests``: values of the status column that mark a preview or test answer.
    """

    name: str
    title: str
    recognise: Callable[[Rows], bool]
    header_rows: int
    columns: Callable[[Rows], list[Column]]
    roles: dict[str, str] = field(default_factory=dict)
    tests: tuple[str, ...] = ()
    day_first: bool | None = None

    @property
    def noun(self) -> str:
        """What a file of this platform is called in a sentence."""
        return "plain table" if self.name == "plain" else f"{self.title} export"


def detect(rows: Rows) -> Platform:
    """The platform whose signature the first rows of a file show; "plain" when none does."""
    return next(platform for platform in PLATFORMS if platform.recognise(rows))


def platform_named(name: str) -> Platform:
    """The entry of this name; the plain table for an unknown one."""
    return next((platform for platform in PLATFORMS if platform.name == name), PLATFORMS[-1])


# --- Qualtrics ----------------------------------------------------------------------------------


def _is_qualtrics(rows: Rows) -> bool:
    return len(rows) > 2 and sum(cell.lstrip().startswith('{"ImportId"') for cell in rows[2]) * 2 >= len(
        [cell for cell in rows[2] if cell.strip()] or [""]
    )


def _qualtrics_columns(rows: Rows) -> list[Column]:
    tags, texts, imports = rows[0], rows[1], rows[2]
    names = [
        tag if list(tags).count(tag) == 1 else f"{tag} [{_import_id(imports, position)}]"
        for position, tag in enumerate(tags)
    ]
    return _columns(names, texts)


def _import_id(imports: Sequence[str], position: int) -> str:
    found = re.search(r'"ImportId"\s*:\s*"([^"]*)"', imports[position] if position < len(imports) else "")
    return found.group(1) if found else letter(position)


# --- SurveyMonkey ---------------------------------------------------------------------------------


def _is_surveymonkey(rows: Rows) -> bool:
    if len(rows) < 2:
        return False
    ids = [k for k, cell in enumerate(rows[0][:4]) if _key(cell) in {"respondent id", "respondentid", "collector id"}]
    answers = {"response", "open-ended response"}
    if any(cell.strip().casefold() in answers for cell in rows[1]):
        return bool(ids)
    # Without a question of one answer: nobody's id in row 2, but options below headings that go on.
    return any(not "".join(rows[1][k : k + 1]).strip() for k in ids) and any(not cell.strip() for cell in rows[0])


def _surveymonkey_columns(rows: Rows) -> list[Column]:
    names, question = [], ""
    for position, heading in enumerate(rows[0]):
        question = _clean(heading) or question
        option = _clean(rows[1][position]) if position < len(rows[1]) else ""
        plain = option.casefold() in {"", "response", "open-ended response"}
        names.append(question if plain else f"{question} - {option}")
    return _columns(names, names)


# --- Google Forms -----------------------------------------------------------------------------------

_TIMESTAMP = {
    "timestamp", "marca temporal", "marca de tiempo", "horodateur", "zeitstempel", "carimbo de data/hora",
    "informazioni cronologiche", "tijdstempel", "sygnatura czasowa", "tidsstämpel", "tidsstempel",
    "časové razítko", "časová značka",
    "aikaleima", "отметка времени", "zaman damgas\u0131", "タイムスタンプ", "时间戳记", "타임스탬프",
}  # fmt: skip


def _is_google(rows: Rows) -> bool:
    return bool(rows) and bool(rows[0]) and _key(rows[0][0]) in _TIMESTAMP


# --- shared -------------------------------------------------------------------------------------------


def _plain_columns(rows: Rows) -> list[Column]:
    return _columns([_clean(cell) for cell in rows[0]], [_clean(cell) for cell in rows[0]])


def _columns(names: Sequence[str], texts: Sequence[str]) -> list[Column]:
    """Columns with unique names: a heading that stands twice, or is empty, is told by its letter."""
    cleaned = [_clean(name) for name in names]
    counts = Counter(cleaned)
    result: list[Column] = []
    for position, name in enumerate(cleaned):
        unique = name
        if not name:
            unique = f"column {letter(position)}"
        elif counts[name] > 1:
            unique = f"{name} (column {letter(position)})"
        while unique != name and counts[unique]:
            unique += "'"
        text = _clean(texts[position]) if position < len(texts) else ""
        result.append(Column(unique, text or name, letter(position)))
    return result


def _clean(text: str) -> str:
    """A heading without markup, entities and doubled blanks."""
    return " ".join(html.unescape(re.sub(r"<[^>]{0,200}>", " ", text)).replace("\ufeff", "").split())


def _key(text: str) -> str:
    return _clean(text).casefold()


PLATFORMS: tuple[Platform, ...] = (
    Platform(
        "qualtrics",
        "Qualtrics",
        _is_qualtrics,
        3,
        _qualtrics_columns,
        {
            "responseid": "id",
            "startdate": "start",
            "enddate": "end",
            "recordeddate": "ignore",
            "status": "status",
            "progress": "ignore",
            "finished": "ignore",
            "duration (in seconds)": "duration",
            "ipaddress": "device",
            "useragent": "device",
            "recipientlastname": "private",
            "recipientfirstname": "private",
            "recipientemail": "private",
            "externalreference": "private",
            "locationlatitude": "private",
            "locationlongitude": "private",
            "distributionchannel": "mode",
            "userlanguage": "ignore",
        },
        tests=("survey preview", "1", "survey test", "2", "spam", "8"),
    ),
    Platform(
        "surveymonkey",
        "SurveyMonkey",
        _is_surveymonkey,
        2,
        _surveymonkey_columns,
        {
            "respondent id": "id",
            "respondentid": "id",
            "collector id": "ignore",
            "start date": "start",
            "end date": "end",
            "date created": "start",
            "date modified": "end",
            "ip address": "device",
            "email address": "private",
            "first name": "private",
            "last name": "private",
            "custom data 1": "private",
            "custom data": "private",
        },
        day_first=False,
    ),
    Platform(
        "googleforms",
        "Google Forms",
        _is_google,
        1,
        _plain_columns,
        {
            **dict.fromkeys(_TIMESTAMP, "end"),
            "email address": "private",
            "username": "private",
            "score": "ignore",
        },
    ),
    Platform("plain", "plain table", lambda rows: True, 1, _plain_columns),
)
