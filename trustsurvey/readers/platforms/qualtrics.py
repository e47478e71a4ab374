"""Qualtrics: tags, questions and import ids above the answers; older exports without the import ids."""

from __future__ import annotations

import re
from collections.abc import Sequence

from trustsurvey.readers.platforms.entry import Platform, Rows, State, headings, named, stem_and_option
from trustsurvey.readers.raw import Column, letter

#: Tags that every export begins with; a table with four of them was once one, whoever saved it since.
OWN = {
    "startdate", "enddate", "status", "ipaddress", "progress", "durationinseconds", "finished", "recordeddate",
    "responseid", "recipientlastname", "externalreference", "distributionchannel", "userlanguage", "responseset",
    "externaldatareference", "locationlatitude",
}  # fmt: skip
TELLING = {"responseid", "recordeddate", "durationinseconds", "distributionchannel", "responseset"}
#: What the cells of row 2 say above the answers, never in them.
A_TIME = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}")


def _recognise(rows: Rows) -> int:
    if len(rows) > 2:
        filled = [cell for cell in rows[2] if cell.strip()]
        if filled and 2 * sum(cell.lstrip().startswith('{"ImportId"') for cell in filled) >= len(filled):
            return 3
    if _is_legacy(rows):
        return 2
    first = headings(rows)
    if len(OWN.intersection(first)) < 4 or not TELLING.intersection(first):
        return 0
    if len(rows) < 2:
        return 1
    # Somebody took the import ids out, and perhaps the wording of the questions, too.
    when = [k for k, key in enumerate(first) if key in ("startdate", "enddate", "recordeddate")]
    cells = [rows[1][k].strip() for k in when if k < len(rows[1])]
    worded = any(cells) and not any(A_TIME.match(cell) or cell.replace(".", "").isdigit() for cell in cells)
    return 2 if worded else 1


def _is_legacy(rows: Rows) -> bool:
    second = headings(rows, 1)
    return bool(second) and "".join(rows[0][:1]).strip() == "V1" and {"responseid", "responseset"} <= set(second)


def _columns(rows: Rows) -> list[Column]:
    tags = list(rows[0])
    texts = list(rows[1]) if len(rows) > 1 else tags
    if _is_legacy(rows):
        tags = [texts[k] if re.fullmatch(r"V\d+", tag) and k < len(texts) else tag for k, tag in enumerate(tags)]
    imports = rows[2] if len(rows) > 2 else []
    names = [tag if tags.count(tag) == 1 else f"{tag} [{_import_id(imports, k)}]" for k, tag in enumerate(tags)]
    choices = [_choice(tag, text) for tag, text in zip(tags, [*texts, *[""] * len(tags)], strict=False)]
    return named(names, texts, [question for question, _ in choices], [option for _, option in choices])


def _choice(tag: str, text: str) -> tuple[str, str]:
    """The question and the words of the choice, where "Q5_2" is asked as "stem - choice"."""
    numbered = re.fullmatch(r"(.+)_\d+", tag)
    return (numbered.group(1), stem_and_option(" ".join(text.split()))[1]) if numbered else ("", "")


def _import_id(imports: Sequence[str], position: int) -> str:
    found = re.search(r'"ImportId"\s*:\s*"([^"]*)"', imports[position] if position < len(imports) else "")
    return found.group(1) if found else letter(position)


QUALTRICS = Platform(
    "qualtrics",
    "Qualtrics",
    _recognise,
    _columns,
    roles={
        "responseid": "id",
        "startdate": "start",
        "enddate": "end",
        "recordeddate": "end",
        "durationinseconds": "duration",
        "status|finished|qterminateflag": "status",
        "ipaddress": "device",
        "useragent|.*metainfouseragent": "device",
        "(recipient)?(lastname|firstname|email|emailaddress)|name": "private",
        "external(data)?reference": "private",
        "location(latitude|longitude|accuracy)": "private",
        "distributionchannel": "mode",
        "progress|userlanguage|responseset|qrecaptchascore|qrelevantid.*|qduplicate.*|qfraud.*|qballot.*": "ignore",
        ".*(firstclick|lastclick|pagesubmit|clickcount)": "ignore",
        r"q\d+.*(topics|sentiment|sentimentscore|sentimentpolarity)": "ignore",
    },
    states=(
        State(
            "status",
            "test",
            (
                "Survey Preview", "1", "Survey Test", "2", "Spam", "8", "Survey Preview Spam", "9", "Imported Spam",
                "12", "Offline Survey Preview", "17", "EX Spam", "40",
            ),
        ),
        State("finished", "partial", ("False", "0")),
        State("qterminateflag", "disqualified", ("Screened", "QuotaMet")),
    ),
    joined=(",",),
)  # fmt: skip
