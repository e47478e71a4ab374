"""Questions: what each resident answered, why not, and in which words it was asked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from rapidfuzz import fuzz

from trustsurvey.errors import Notice
from trustsurvey.harmonise.values import (
    LEFT_OUT,
    UNCLEAR,
    Problem,
    item_codes,
    unclear,
)
from trustsurvey.model import Instrument, Item, Mapping
from trustsurvey.readers.raw import Raw
from trustsurvey.wording import fold, same_wording, segments


@dataclass(frozen=True)
class Answers:
    """Codes and reasons (row x item), the wording of each item, and what needs saying about them."""

    codes: pd.DataFrame
    reasons: pd.DataFrame
    wording: dict[str, str]
    problems: tuple[Problem, ...]
    notices: tuple[Notice, ...]


def read_answers(raw: Raw, mapping: Mapping, instrument: Instrument) -> Answers:
    """Every mapped item, in the order of the instrument. Values not understood count as left out."""
    order = {item.id: k for k, item in enumerate(instrument.items)}
    codes, reasons, wording = {}, {}, {}
    problems: list[Problem] = []
    notices: list[Notice] = []
    for column in sorted(mapping.having("item"), key=lambda c: order[c.target]):
        item = instrument.item(column.target)
        values = raw.values(column.column)
        code, reason = item_codes(values, column, item)
        text = asked(raw.column(column.column).text, item)
        problems += unclear(values, reason, raw.row_numbers, column, item, text)
        codes[item.id] = values.apply(code, float)
        reasons[item.id] = values.apply(np.where(reason == UNCLEAR, LEFT_OUT, reason), np.int8)
        wording[item.id] = text
        if not same_wording(text, item.text):
            notices.append(
                Notice(
                    "wording.changed",
                    f"Question '{item.id}' was asked in other words: \u201c{text}\u201d "
                    f"instead of \u201c{item.text}\u201d.",
                    "warning",
                )
            )
    return Answers(pd.DataFrame(codes), pd.DataFrame(reasons), wording, tuple(problems), tuple(notices))


def read_comments(raw: Raw, mapping: Mapping, keep: np.ndarray) -> pd.DataFrame:
    """Open answers of the rows kept: row (position in the wave), item, text."""
    position = np.cumsum(keep) - 1
    parts = [pd.DataFrame({"row": np.zeros(0, dtype=np.int64), "item": "", "text": ""})]
    for column in mapping.having("text"):
        values = raw.values(column.column)
        # "Not sure" is a comment here; only what the mapping leaves out is left out.
        dropped = {fold(word) for word in column.leave_out}
        said = np.array([bool(fold(v)) and fold(v) not in dropped for v in values.distinct], dtype=bool)
        rows = np.flatnonzero(keep & values.apply(said, bool))
        texts = values.apply(values.distinct, object)[rows]
        parts.append(pd.DataFrame({"row": position[rows], "item": column.target, "text": texts}))
    return pd.concat(parts, ignore_index=True)


def asked(heading: str, item: Item) -> str:
    """The question as the file words it; the instrument's own words where a heading is only a code.

    Four words make a question, however far they are from the instrument's: what was asked instead
    must not pass for the same.
    """
    parts = segments(heading)
    if not parts or fold(heading) == fold(item.id):
        return item.text
    best = max(parts, key=lambda part: fuzz.ratio(fold(part), fold(item.text)))
    words = len(best.split())
    return best if words > 3 or (words > 1 and fuzz.ratio(fold(best), fold(item.text)) >= 50) else item.text
