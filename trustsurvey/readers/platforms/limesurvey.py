"""LimeSurvey: headings as codes, as words or as both; answers as codes or as words; the vv file."""

from __future__ import annotations

import re

from trustsurvey.readers.platforms.entry import Platform, Rows, State, clean, headings, named, stem_and_option
from trustsurvey.readers.raw import Column

CODES = {"id", "submitdate", "lastpage", "startlanguage", "seed"}
#: The same columns where headings are words, in the languages that are known.
WORDS = {
    "responseid", "datesubmitted", "lastpage", "startlanguage",
    "antwortid", "datumabgeschickt", "letzteseite", "startsprache",
    "iddelareponse", "datedesoumission", "dernierepage", "languededepart", "languedudebut",
    "iddelarespuesta", "idderespuesta", "fechadeenvio", "ultimapagina", "idiomainicial", "lenguajeinicial",
    "antwoordid", "verzenddatum", "laatstepagina", "starttaal", "datumverzonden",
}  # fmt: skip
CODED = re.compile(r"([A-Za-z][\w-]*(?:\[[^\]]*\])*)\. (.*)", re.DOTALL)


def _recognise(rows: Rows) -> int:
    first = headings(rows)
    if len({"submitdate", "lastpage", "startlanguage"}.intersection(headings(rows, 1))) == 3:
        return 2  # The vv file: words above codes.
    if len(CODES.intersection(first[:12])) >= 3 or len(WORDS.intersection(first[:12])) >= 3:
        return 1
    named_ = [cell for cell in rows[0] if cell.strip()] if rows else []
    return int(len(named_) >= 3 and sum(bool(CODED.match(cell)) for cell in named_) >= 0.6 * len(named_))


def _columns(rows: Rows) -> list[Column]:
    names, texts = [], []
    for position, heading in enumerate(rows[-1]):
        both = CODED.match(heading)
        name, text = (both.group(1), both.group(2)) if both else (heading, heading)
        names.append(name)
        texts.append(_bare(clean(rows[0][position] if len(rows) > 1 and position < len(rows[0]) else text)))
    choices = [_choice(name, text) for name, text in zip(names, texts, strict=True)]
    return named(names, texts, [question for question, _ in choices], [option for _, option in choices])


def _bare(text: str) -> str:
    """The statement of an array that has no question of its own: "[I feel safe]" is "I feel safe"."""
    stem, option = stem_and_option(text) if text.endswith("]") else ("x", "")
    return option if option and not stem else text


def _choice(name: str, text: str) -> tuple[str, str]:
    coded = re.fullmatch(r"([^\[\]]+)\[([^\[\]]+)\]", name.strip())
    stem, option = stem_and_option(text) if text.endswith("]") else ("", "")
    if coded and coded.group(2) not in ("other", "comment"):
        # Headings of codes alone name the choice by its code.
        return coded.group(1).strip(), option or coded.group(2)
    return (stem, option) if not coded else ("", "")


LIMESURVEY = Platform(
    "limesurvey",
    "LimeSurvey",
    _recognise,
    _columns,
    roles={
        "id|responseid|antwortid|iddelareponse|iddelarespuesta|idderespuesta|antwoordid": "id",
        "startdate|datestarted|datumgestartet|datededebut|fechadeinicio|datumgestart": "start",
        "submitdate|datesubmitted|datumabgeschickt|datedesoumission|fechadeenvio|verzenddatum|datumverzonden": "end",
        "datestamp|datelastaction|datumletzteaktivitat|datedeladerniereaction|fechadelaultimaaccion": "end",
        "interviewtime|totaltime|gesamtzeit": "duration",
        "ipaddr|ipaddress|ipadresse": "device",
        "token|accesscode|zugangscode|zugangsschlussel|firstname|lastname|email|attribute\\d+|refurl|referrerurl": (
            "private"
        ),
        "lastpage|letzteseite|startlanguage|startsprache|seed|dernierepage|ultimapagina|laatstepagina": "ignore",
        r"grouptime\d+|(group|question) time: .*|\d+x\d+x\d+time": "ignore",
    },
    states=(State("submitdate|datesubmitted|datumabgeschickt|datedesoumission|fechadeenvio", "partial", ("",)),),
    missing=("N/A", "{question_not_shown}"),
)
