"""What a cell means: a code of the scale, a label, or a reason why there is no answer."""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np

from trustsurvey.errors import some
from trustsurvey.harmonise.codebook import EMPTY, Codebook, number_of
from trustsurvey.harmonise.problems import Problem, first_rows, short
from trustsurvey.harmonise.ruler import Ruler
from trustsurvey.instruments.words import reason_word, suspected_reason
from trustsurvey.language import N_, _
from trustsurvey.model import REASONS, ColumnMap, Floats, Item
from trustsurvey.readers.raw import Column, Values
from trustsurvey.wording import fold

ANSWERED, BLANK, DONT_KNOW, REFUSED, NOT_APPLICABLE, LEFT_OUT = range(len(REASONS))
#: Marks a cell that the mapping does not explain; never stored.
UNCLEAR = 99
BY_NAME = {
    "dont_know": DONT_KNOW, "refused": REFUSED, "not_applicable": NOT_APPLICABLE, "leave_out": LEFT_OUT, "blank": BLANK,
}  # fmt: skip


def reason_of(value: str, column: ColumnMap, book: Codebook = EMPTY) -> int:
    """Why a cell is no answer, by the mapping first, by its label or its words then; ANSWERED if it is one."""
    key, label = fold(value), book.label(value)
    if not key:
        return BLANK
    said = {key, fold(label)} if label else {key}
    for name in ("dont_know", "refused", "not_applicable", "leave_out"):
        if any(fold(word) in said for word in getattr(column, name)):
            return BY_NAME[name]
    if any(fold(word) in said for word, _meant in column.values):
        return ANSWERED
    reason = reason_word(label, codebook=True) if label else reason_word(value)
    if not reason and book.is_missing(value):
        return LEFT_OUT
    return BY_NAME[reason] if reason else ANSWERED


def item_codes(values: Values, column: ColumnMap, item: Item, file: Column | None = None) -> tuple[Floats, np.ndarray]:
    """Code (NaN where none) and reason of every distinct value of an item's column.

    ``file``: the column as the file describes it, whose labels are used where the mapping states none.
    """
    book = Codebook.of(column, file)
    ruler = Ruler.of(column, item.scale, book)
    codes = np.full(len(values.distinct), np.nan)
    reasons = np.zeros(len(values.distinct), dtype=np.int8)
    for position, value in enumerate(values.distinct):
        reason = reason_of(value, column, book)
        if reason == ANSWERED:
            codes[position] = ruler.code(value, book.label(value))
            reason = UNCLEAR if np.isnan(codes[position]) else ANSWERED
        reasons[position] = reason
    return codes, reasons


def unclear(
    values: Values,
    reasons: np.ndarray,
    rows: np.ndarray,
    column: ColumnMap,
    item: Item,
    text: str,
    book: Codebook = EMPTY,
) -> list[Problem]:
    """A problem for each distinct value of an item that could not be understood.

    A number that agencies use for no answer is suggested to be one; it is not taken for one.
    """
    problems = []
    counts = values.counts()
    scale = item.scale
    low, high = Ruler.of(column, scale, book).span or (scale.low, scale.high)
    ends = {"low": f"{min(low, high):g}", "high": f"{max(low, high):g}"}
    words = some((label for _code, label in scale.anchors), 6)
    for position in np.flatnonzero((reasons == UNCLEAR) & (counts > 0)).tolist():
        value = values.distinct[position]
        number, label = number_of(fold(value)), book.label(value)
        if number is not None and not label:
            inside = low <= number <= high
            expected = N_("{low} to {high}, whole numbers") if inside else N_("{low} to {high}")
        else:
            expected = N_("{low} to {high}, or {words}")
        plain = number is not None and not label
        problems.append(
            Problem(
                code="map.outside" if plain else "map.unclear",
                column=column.column,
                about=_("Question '{question}'").format(question=short(text)),
                value=value,
                count=int(counts[position]),
                rows=first_rows(values, position, rows),
                expected=_(expected).format(**ends, words=words),
                scale=expected.format(**ends, words=words),
                hint=(
                    "Leave the answer out (leave_out), say what it means (values), or name another scale (scale)."
                    if plain
                    else "Say what the answer means (values, dont_know), or leave it out (leave_out)."
                ),
                suggestion="" if label else suspected_reason(value),
                label=label,
            )
        )
    return problems


def label_order(labels: Iterable[str]) -> list[str]:
    """Labels in reading order: by the first number in them where all have one, else as words."""
    listed = list(labels)
    numbers = [re.search(r"\d+", label) for label in listed]
    if listed and all(numbers):
        return sorted(listed, key=lambda label: (int(re.search(r"\d+", label).group()), label))  # type: ignore[union-attr]
    return sorted(listed, key=fold)
