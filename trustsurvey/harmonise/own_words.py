"""A column that was taken for ratings and holds what people wrote, or numbers of another kind: said at once."""

from __future__ import annotations

import numpy as np
from rapidfuzz import fuzz

from trustsurvey.harmonise.codebook import Codebook, number_of
from trustsurvey.harmonise.problems import Choice, Problem, short
from trustsurvey.harmonise.values import ANSWERED, BLANK, UNCLEAR, item_codes
from trustsurvey.language import N_, _
from trustsurvey.model import ColumnMap, Floats, Instrument, Item, Mapping
from trustsurvey.readers.raw import Column, Values
from trustsurvey.wording import figure, fold

TEXT = "map.text"
#: So many different answers are enough to see what a column holds.
FIRST = 500
#: A rating has no more different answers than this that its scale does not know, each given so often at least.
MOST, OFTEN = 25, 4
#: A column's heading is an open question's wording from this likeness (of 100) on.
ALIKE = 60


def no_ratings(values: Values, entry: ColumnMap, item: Item, file: Column) -> bool:
    """Whether most answers are many different ones that the question's scale does not know.

    Judged by the first of them, since to hold every comment of a survey against a scale takes a minute.
    """
    if entry.scale or Codebook.of(entry, file).answers:
        return False
    counts = values.counts()[:FIRST]
    first = Values(np.arange(len(counts), dtype=np.int32), values.distinct[:FIRST])
    _codes, reasons = item_codes(first, entry, item, file)
    strange = reasons == UNCLEAR
    # Numbers from 0 to 100 may be a scale of their own, which is asked about as such.
    strange &= np.array([not _of_a_slider(value) for value in first.distinct], dtype=bool)
    said = counts[strange | (reasons == ANSWERED)].sum()
    return bool(
        strange.sum() > MOST and counts[strange].sum() > said / 2 and counts[strange].sum() < OFTEN * strange.sum()
    )


def _of_a_slider(value: str) -> bool:
    number = number_of(fold(value))
    return number is not None and number.is_integer() and 0 <= number <= 100


def undecided(values: Values) -> tuple[Floats, np.ndarray]:
    """Code and reason of every distinct value of a column whose use is to be decided: none, and that it is open."""
    reasons = np.array([UNCLEAR if value else BLANK for value in values.distinct], dtype=np.int8)
    return np.full(len(values.distinct), np.nan), reasons


def text_problem(values: Values, entry: ColumnMap, file: Column, asked: str, free: list[Item]) -> Problem:
    """The one question about such a column: an open question of the questionnaire, or not used.

    ``free``: the open questions that no column answers yet.
    """
    filled = [value for value in values.distinct[:FIRST] if value]
    numbers = sum(number_of(fold(value)) is not None for value in filled) > len(filled) / 2
    told = (
        _("This column holds {n} different numbers, which are no ratings. What is to become of it?")
        if numbers
        else _("This column holds text in people's own words ({n} different answers), not ratings. "
               "What is to become of it?")
    )  # fmt: skip
    unused = Choice(N_("Do not use this column"), (("role", "ignore"), ("target", "")))
    alike = {item.id: fuzz.token_sort_ratio(fold(file.text), fold(item.text)) for item in free}
    open_ones = [] if numbers else sorted(free, key=lambda item: -alike[item.id])
    opened = [_as_text(item) for item in open_ones[:3]]
    likely = bool(open_ones) and alike[open_ones[0].id] >= ALIKE
    return Problem(
        code=TEXT,
        column=entry.column,
        about=_("Column '{column}', taken for question '{question}'").format(
            column=short(entry.column, 40), question=short(asked)
        ),
        value=entry.target,
        count=int(values.counts()[[bool(value) for value in values.distinct]].sum()),
        rows=(),
        expected="answers on the question's scale",
        hint="Take the column out of the mapping, or map it to an open question (role: text).",
        suggestion=(opened[0] if likely else unused).text,
        question=told.format(n=figure(len(values.distinct) - ("" in values.distinct))),
        choices=(*opened, unused) if likely else (unused, *opened),
    )


def _as_text(item: Item) -> Choice:
    told = N_("It answers the open question \u201c{question}\u201d")
    named = {"question": short(item.text)}
    return Choice(told.format(**named), (("role", "text"), ("target", item.id)), _(told).format(**named))


def open_items(mapping: Mapping, instrument: Instrument) -> list[Item]:
    """The open questions of a questionnaire that no column answers yet."""
    taken = {column.target for column in mapping.having("text")}
    return [item for item in instrument.items if item.scale.is_text and item.id not in taken]
