"""Words that are no survey: comments from a web form, cards from a meeting, an export of posts or reports.

They are redacted, read and coded like open answers, and counted as comments. Nobody was asked, so that no share of
them says anything of residents.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping as MappingType, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from trustsurvey.errors import SurveyError, some
from trustsurvey.instruments import default_instrument
from trustsurvey.model import RULES, Codebook, Coding, Design, Study, Wave
from trustsurvey.store import CollectionRecord
from trustsurvey.voices.answers import Machine, OpenAnswers
from trustsurvey.voices.hearing import keyed, places, redacted
from trustsurvey.wording import fold

#: The question that comments answer, so to say.
COMMENT = "comment"
#: Headings by which the columns of a table are known.
HEADINGS = {
    "text": ("text", "comment", "comments", "message", "body", "content", "description", "feedback", "post", "answer"),
    "area": ("area", "district", "neighbourhood", "neighborhood", "ward", "place", "location", "zone"),
    "date": ("date", "day", "created", "created at", "created_at", "time", "timestamp", "received", "opened"),
}
NO_AREA = "(no area)"


@dataclass(frozen=True, eq=False)
class Words:
    """Comments of a table: ``texts`` redacted with key, text, replaced, area, month; ``unredacted`` apart."""

    record: CollectionRecord
    texts: pd.DataFrame
    unredacted: pd.DataFrame


def columns_of(table: pd.DataFrame) -> dict[str, str]:
    """Which column holds the text, the area and the date, as far as headings tell; the longest texts else."""
    found = {}
    for what, names in HEADINGS.items():
        found[what] = next((str(c) for name in names for c in table.columns if fold(str(c)) == name), "")
    if not found["text"] and len(table.columns):
        lengths = {str(c): float(table[c].astype("string").fillna("").str.len().mean()) for c in table.columns}
        longest = max(lengths, key=lengths.__getitem__)
        found["text"] = longest if lengths[longest] > 20 else ""
    return found


def words_of_table(
    table: pd.DataFrame, name: str, source: str, digest: str, study: Study, key: bytes,
    columns: dict[str, str] | None = None,
) -> Words:  # fmt: skip
    """Comments from a table (text), with names taken out. Areas that the study does not know are left out, and counted.

    SurveyError ``words.text`` without a column of texts, ``words.none`` where no row has one.
    """
    chosen = columns or columns_of(table)
    if not chosen.get("text") or chosen["text"] not in table:
        raise SurveyError("words.text", "No column of the table holds comments", where=source,
                          got=some(table.columns), expected="a column called text or comment",
                          hint="Say which column holds them.")  # fmt: skip
    texts = table[chosen["text"]].astype("string").fillna("").str.strip()
    kept = (texts != "").to_numpy()
    if not kept.any():
        raise SurveyError("words.none", "The table holds no comment", where=f"{source}, column '{chosen['text']}'")
    written = texts[kept].tolist()
    rows = np.flatnonzero(kept)
    known = {fold(area): area for level in study.levels for area in level.names}
    told = table[chosen["area"]].astype("string").fillna("")[kept].tolist() if chosen.get("area") else [""] * len(rows)
    areas = [known.get(fold(area), "") for area in told]
    days = _days(table[chosen["date"]][kept]) if chosen.get("date") else [""] * len(rows)
    keys = keyed(key, [f"{digest}\x1f{row}" for row in rows], written)
    frame = redacted(pd.DataFrame({"key": keys, "text": written, "area": areas, "month": days}), places(study))
    strange = sum(bool(fold(area)) and not here for area, here in zip(told, areas, strict=True))
    about: dict[str, Any] = {"columns": chosen, "comments": len(rows), "unknown_areas": strange}
    record = CollectionRecord(name, "comments", source, digest, about)
    unredacted = frame[["key", "unredacted"]].rename(columns={"unredacted": "text"})
    return Words(record, frame.drop(columns="unredacted"), unredacted)


def _days(column: pd.Series) -> list[str]:
    """Months as "2026-05", "" where a cell is no date."""
    days = pd.to_datetime(column.astype("string"), errors="coerce", format="mixed", dayfirst=False)
    return [f"{day:%Y-%m}" if pd.notna(day) else "" for day in days]


def as_answers(
    name: str, texts: pd.DataFrame, codebook: Codebook, codings: Sequence[Coding],
    versions: MappingType[int, frozenset[str]] | None = None,
) -> OpenAnswers:  # fmt: skip
    """Comments as answers to read: each a person of their own, which is why only counts are made of them."""
    n = len(texts)
    areas = texts["area"].replace("", NO_AREA)
    people = pd.DataFrame(
        {"respondent": texts["key"], "source_row": np.arange(1, n + 1), "area": pd.Categorical(areas)}
    )
    comments = texts[["key", "text", "replaced"]].assign(row=np.arange(n), item=COMMENT)
    nothing = pd.DataFrame(index=range(n))
    wave = Wave(name, default_instrument(), people, nothing, nothing, Design.simple(n), areas=("area",),
                comments=comments)  # fmt: skip
    return OpenAnswers.of(wave, COMMENT, codebook, codings, versions)


def counts(answers: OpenAnswers, machine: Machine | None, texts: pd.DataFrame, by: str = "") -> pd.DataFrame:
    """How many comments mention each code, of all or by ``by`` ("area", "month").

    One row a code and level: code, level, comments (that mention it), of (all comments), read (by a person).
    What people read counts as they decided, of the rest what the machine takes to be likelier than not. Counts
    under ten are NaN: a single comment may be known by its place.
    """
    read = np.asarray(np.isfinite(answers.labels).all(axis=1))
    said = np.nan_to_num(answers.labels)
    if machine is not None:
        guess = machine.predict(answers.keys, answers.texts) > 0.5
        said = np.where(read[:, None], said, guess)
    levels = texts[by].to_numpy(object) if by else np.full(len(texts), "", dtype=object)
    rows = []
    for level in sorted(set(levels.tolist())):
        here = np.array([one == level for one in levels], dtype=bool)
        for j, code in enumerate(answers.codebook.keys):
            rows.append((code, level, float(said[here, j].sum()), int(here.sum()), int((here & read).sum())))
    table = pd.DataFrame(rows, columns=["code", "level", "comments", "of", "read"])
    return table.assign(comments=table["comments"].where(table["comments"] >= RULES.people))


def digest_of(content: bytes) -> str:
    """What a file of comments is known by, so that it is taken once."""
    return hashlib.sha256(content).hexdigest()
