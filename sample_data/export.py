"""The files of the survey platform: which questions stand in which columns, and under what headings."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from sample_data.answers import REWORDED, Quarter, dimension_of, is_reworded
from trustsurvey.model import Instrument, Item

#: Tag, text and id of the columns that every export starts with.
ABOUT = (
    ("StartDate", "Start Date", "startDate"),
    ("EndDate", "End Date", "endDate"),
    ("Status", "Response Type", "status"),
    ("IPAddress", "IP Address", "ipAddress"),
    ("Progress", "Progress", "progress"),
    ("Duration (in seconds)", "Duration (in seconds)", "duration"),
    ("Finished", "Finished", "finished"),
    ("RecordedDate", "Recorded Date", "recordedDate"),
    ("ResponseId", "Response ID", "_recordId"),
    ("RecipientLastName", "Recipient Last Name", "recipientLastName"),
    ("RecipientFirstName", "Recipient First Name", "recipientFirstName"),
    ("RecipientEmail", "Recipient Email", "recipientEmail"),
    ("ExternalReference", "External Data Reference", "externalDataReference"),
    ("LocationLatitude", "Location Latitude", "locationLatitude"),
    ("LocationLongitude", "Location Longitude", "locationLongitude"),
    ("DistributionChannel", "Distribution Channel", "distributionChannel"),
    ("UserLanguage", "User Language", "userLanguage"),
)
DEMOGRAPHICS = (
    ("neighbourhood", "Which neighbourhood do you live in?"),
    ("age", "How old are you?"),
    ("sex", "What is your sex?"),
    ("ethnicity", "Which of these describes you best?"),
    ("contact", "Have you dealt with a police officer in the last 12 months, for any reason?"),
)
FIRST_BLOCK = 10
STEMS = {
    "agree5": "How much do you agree or disagree with each statement about the police in your neighbourhood?",
    "safe4": "These questions are about feeling safe.",
    "likely4": "These questions are about what you would do.",
    "contact": "Think of the last time you dealt with an officer. How much do you agree or disagree?",
}


@dataclass(frozen=True)
class Question:
    """A column of the export: its tag, its text, the platform's id, and the item it asks."""

    tag: str
    text: str
    import_id: str
    item: Item


def questions(instrument: Instrument, quarter: Quarter) -> list[Question]:
    """The rated and open questions of a wave in file order.

    Neighbouring items of one dimension and scale make a matrix; an item alone is a question of its
    own. Wordings are the instrument's, except where the wave asks in other words.
    """
    blocks: list[list[Item]] = []
    for item in instrument.items:
        kind = (dimension_of(instrument, item.id), item.scale.name)
        last = blocks[-1][-1] if blocks else None
        together = last is not None and kind == (dimension_of(instrument, last.id), last.scale.name)
        if together and not item.scale.is_text:
            blocks[-1].append(item)
        else:
            blocks.append([item])
    found = []
    for number, block in enumerate(blocks, FIRST_BLOCK):
        for position, item in enumerate(block, 1):
            text = REWORDED.get(item.id, item.text) if is_reworded(quarter) else item.text
            if len(block) == 1:
                suffix = "_TEXT" if item.scale.is_text else ""
                found.append(Question(f"Q{number}", text, f"QID{number}{suffix}", item))
            else:
                stem = STEMS["contact" if item.optional else item.scale.name]
                found.append(Question(f"Q{number}_{position}", f"{stem} - {text}", f"QID{number}_{position}", item))
    return found


def write_wave(path: Path, table: pd.DataFrame, instrument: Instrument, quarter: Quarter) -> None:
    """Write rows under the three header rows: tag, question text, import id."""
    heads = [*ABOUT, *((f"Q{i}", text, f"QID{i}") for i, (_, text) in enumerate(DEMOGRAPHICS, 1))]
    heads += [(q.tag, q.text, q.import_id) for q in questions(instrument, quarter)]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([tag for tag, _, _ in heads])
        writer.writerow([text for _, text, _ in heads])
        writer.writerow([_import_id(import_id) for _, _, import_id in heads])
        writer.writerows(table[[tag for tag, _, _ in heads]].itertuples(index=False))


def _import_id(name: str) -> str:
    zone = {"timeZone": "Etc/UTC"} if name.endswith("Date") else {}
    return json.dumps({"ImportId": name, **zone}, separators=(",", ":"))


def words_of(item: Item) -> dict[float, str]:
    """What the platform writes for each code: the anchor, or the number where boxes have no words."""
    named = dict(item.scale.anchors)
    if len(named) == item.scale.high - item.scale.low + 1:
        return named
    return {float(code): str(code) for code in range(int(item.scale.low), int(item.scale.high) + 1)}
