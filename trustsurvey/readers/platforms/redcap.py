"""REDCap: raw names or labels; choices as "race___1" or "Race (choice=White)"; the data dictionary."""

from __future__ import annotations

import re

from trustsurvey.language import N_
from trustsurvey.readers.platforms.entry import Platform, Rows, State, clean, headings, named, plain_columns
from trustsurvey.readers.raw import Column

OWN = {
    "redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance", "redcap_survey_identifier",
    "redcap_data_access_group",
}  # fmt: skip
LABELLED = {"eventname", "repeatinstrument", "repeatinstance", "surveyidentifier", "surveytimestamp", "recordid"}
DONE = {"", "0", "1", "2", "incomplete", "unverified", "complete"}
DICTIONARY = {"variable/fieldname", "formname", "fieldtype", "fieldlabel"}
#: The name of an instrument.
FORM = "[a-z][a-z0-9_]*"
CHOICE = re.compile(r"(.*?)\s*\(choice=(.*)\)", re.DOTALL)


def _recognise(rows: Rows) -> int:
    first = [clean(cell) for cell in rows[0]] if rows else []
    if OWN.intersection(first):
        return 1
    done = [k for k, name in enumerate(first) if re.fullmatch(rf"{FORM}_complete", name)]
    if done and all("".join(row[k : k + 1]).strip().casefold() in DONE for row in rows[1:] for k in done):
        named_so = re.search(r"(^|_)(id|record)$", first[0]) is not None
        return int(named_so or any("___" in name for name in first) or any(f.endswith("_timestamp") for f in first))
    labelled = "Complete?" in first and bool(LABELLED.intersection(headings(rows)))
    return int(labelled or any(CHOICE.fullmatch(name) for name in first))


def _columns(rows: Rows) -> list[Column]:
    texts = [clean(cell) for cell in rows[0]]
    questions, options = [], []
    for text in texts:
        coded, worded = re.fullmatch(r"(.+?)___(.+)", text), CHOICE.fullmatch(text)
        found = coded or worded
        questions.append(found.group(1) if found else "")
        options.append(found.group(2) if found else "")
    return named(texts, texts, questions, options)


def _is_dictionary(rows: Rows) -> int:
    names = {clean(cell).casefold().replace(" / ", "/").replace(" ", "") for cell in rows[0]} if rows else set()
    raw = {"field_name", "form_name", "field_type", "field_label"}
    return int(names >= DICTIONARY or names >= raw)


REDCAP = Platform(
    "redcap",
    "REDCap",
    _recognise,
    _columns,
    roles={
        "recordid": "id",
        "redcapsurveyidentifier|surveyidentifier": "private",
        rf"{FORM}_timestamp|survey timestamp.*": "end",
        rf"{FORM}_complete|complete|complete\? \(column \w+\)": "status",
        "redcap.*|eventname|repeatinstrument|repeatinstance|dataaccessgroup": "ignore",
    },
    first="id",
    events="redcapeventname|eventname|redcaprepeatinstance|repeatinstance",
    states=(
        State(rf"{FORM}_complete|complete.*", "partial", ("0", "Incomplete")),
        State(rf"{FORM}_timestamp|survey timestamp.*", "partial", ("[not completed]",)),
    ),
)
DICTIONARY_FILE = Platform(
    "redcap-dictionary",
    "REDCap",
    _is_dictionary,
    plain_columns,
    noun=N_("REDCap data dictionary"),
)
