"""What a cell means: a code of the scale, a label, or a reason why there is no answer."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from trustsurvey.errors import SurveyError, some
from trustsurvey.instruments import missing_words
from trustsurvey.model import REASONS, ColumnMap, Floats, Item, Scale
from trustsurvey.readers.raw import Values
from trustsurvey.wording import fold

ANSWERED, BLANK, DONT_KNOW, REFUSED, NOT_APPLICABLE, LEFT_OUT = range(len(REASONS))
#: Marks a cell that the mapping does not explain; never stored.
UNCLEAR = 99


@dataclass(frozen=True)
class Problem:
    """A value that needs a decision before the file can be saved.

    ``rows``: the first rows it stands in; ``suggestion``: what it may have meant.
    """

    code: str
    column: str
    about: str
    value: str
    count: int
    rows: tuple[int, ...]
    expected: str
    hint: str
    suggestion: str = ""

    def error(self, source: str, others: int = 0) -> SurveyError:
        """The refusal that this problem becomes when nobody decides."""
        more = f" {others:,} more values need a decision." if others else ""
        value = self.value if len(self.value) <= 80 else self.value[:79] + "\u2026"
        return SurveyError(
            self.code,
            f"{self.about}: the answer '{value}' is not understood"
            if self.code == "map.unclear"
            else f"{self.about}: the answer '{value}' is outside {self.expected}"
            if self.code == "map.outside"
            else f"{self.about} has the unknown area '{value}'",
            where=f"{source}, row {self.rows[0]:,}, column '{self.column}'",
            expected="" if self.code == "map.outside" else self.expected,
            hint=self.hint + more,
        )


@lru_cache(maxsize=1)
def _missing() -> dict[str, int]:
    reasons = {"dont_know": DONT_KNOW, "refused": REFUSED, "not_applicable": NOT_APPLICABLE, "blank": BLANK}
    return {fold(word): reasons[reason] for reason, words in missing_words().items() for word in words}


def reason_of(value: str, column: ColumnMap) -> int:
    """Why a cell is no answer, by the mapping first and by its words then; ANSWERED if it is one."""
    key = fold(value)
    if not key:
        return BLANK
    stated = (
        (column.dont_know, DONT_KNOW),
        (column.refused, REFUSED),
        (column.not_applicable, NOT_APPLICABLE),
        (column.leave_out, LEFT_OUT),
    )
    for listed, reason in stated:
        if any(fold(word) == key for word in listed):
            return reason
    if any(fold(word) == key for word, _ in column.values):
        return ANSWERED
    return _missing().get(key, ANSWERED)


def labels_of(scale: Scale) -> dict[str, float]:
    """Folded words of a scale to its codes."""
    return {fold(label): code for code, label in (*scale.synonyms, *scale.anchors)}


def item_codes(values: Values, column: ColumnMap, item: Item) -> tuple[Floats, np.ndarray]:
    """Code (NaN where none) and reason of every distinct value of an item's column."""
    words = labels_of(item.scale)
    recodes = {fold(word): code for word, code in column.values}
    codes = np.full(len(values.distinct), np.nan)
    reasons = np.zeros(len(values.distinct), dtype=np.int8)
    for position, value in enumerate(values.distinct):
        reason = reason_of(value, column)
        if reason == ANSWERED:
            code = _code(fold(value), item.scale, words, recodes, column.flip)
            reason = UNCLEAR if np.isnan(code) else ANSWERED
            codes[position] = code
        reasons[position] = reason
    return codes, reasons


def _code(key: str, scale: Scale, words: dict[str, float], recodes: dict[str, str], flip: bool) -> float:
    if key in recodes:
        key = fold(recodes[key])
    number = number_of(key)
    if number is not None:
        inside = scale.low <= number <= scale.high and number.is_integer()
        if not inside:
            return float("nan")
        return scale.low + scale.high - number if flip else number
    if key in words:
        return words[key]
    # "4 - Agree" and "4: agree" carry the code before the word.
    led = re.match(r"^(-?\d+)\s*[-.:=)\u2013]*\s*(.+)$", key)
    if led and led.group(2) in words:
        return words[led.group(2)]
    return float("nan")


def number_of(text: str) -> float | None:
    """The number a cell holds, None if it holds something else."""
    try:
        return float(text) if re.fullmatch(r"[-+]?\d+(\.\d*)?|\.\d+", text) else None
    except ValueError:
        return None


def unclear(
    values: Values, reasons: np.ndarray, rows: np.ndarray, column: ColumnMap, item: Item, text: str
) -> list[Problem]:
    """A problem for each distinct value of an item that could not be understood."""
    problems = []
    counts = values.counts()
    scale = item.scale
    span = f"{scale.low:g} to {scale.high:g}"
    for position in np.flatnonzero((reasons == UNCLEAR) & (counts > 0)).tolist():
        value = values.distinct[position]
        number = number_of(fold(value))
        if number is not None:
            expected = f"{span}, whole numbers" if scale.low <= number <= scale.high else span
        else:
            expected = f"{span}, or {some((label for _, label in scale.anchors), 6)}"
        problems.append(
            Problem(
                code="map.unclear" if number is None else "map.outside",
                column=column.column,
                about=f"Question '{_short(text)}'",
                value=value,
                count=int(counts[position]),
                rows=first_rows(values, position, rows),
                expected=expected,
                hint=(
                    "Leave the answer out (leave_out), say what it means (values), or name another scale."
                    if number is not None
                    else "Say what the answer means (values, dont_know), or leave it out (leave_out)."
                ),
            )
        )
    return problems


def first_rows(values: Values, position: int, rows: np.ndarray, limit: int = 5) -> tuple[int, ...]:
    """The first file rows that hold a distinct value."""
    return tuple(int(row) for row in rows[np.flatnonzero(values.codes == position)[:limit]])


def _short(text: str, limit: int = 70) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "\u2026"


def label_order(labels: Iterable[str]) -> list[str]:
    """Labels in reading order: by the first number in them where all have one, else as words."""
    listed = list(labels)
    numbers = [re.search(r"\d+", label) for label in listed]
    if listed and all(numbers):
        return sorted(listed, key=lambda label: (int(re.search(r"\d+", label).group()), label))  # type: ignore[union-attr]
    return sorted(listed, key=fold)
