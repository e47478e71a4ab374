"""What an import read, kept and left out, and what it noticed: kept with the wave it made."""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from trustsurvey.errors import Notice


@dataclass(frozen=True)
class RowCheck:
    """A check of rows: how many it found, what was done with them, and the first of them.

    ``done``: "left out" or "kept". ``rule`` says what was looked for, in words.
    """

    check: str
    rule: str
    count: int
    done: str
    rows: tuple[int, ...] = ()


@dataclass(frozen=True)
class ValueCheck:
    """A value that stands on no scale: where, how often, and what was decided about it."""

    column: str
    item: str
    value: str
    count: int
    rows: tuple[int, ...]
    done: str


@dataclass(frozen=True)
class ItemCheck:
    """How a question was answered in this wave, as far as the next one must know it.

    Numbers of residents kept, by what they gave; ``shares``: (code, share of the answers) from low to
    high; ``rest``: its correlation with the other questions of its index, NaN where there are none;
    ``asked_on``: the scale it was answered on where that is not its own.
    """

    item: str
    column: str
    wording: str
    answered: int
    dont_know: int
    refused: int
    not_applicable: int
    blank: int
    left_out: int
    shares: tuple[tuple[float, float], ...] = ()
    rest: float = float("nan")
    asked_on: str = ""

    @property
    def put_to(self) -> int:
        """Residents who gave an answer or said why they gave none."""
        return self.answered + self.dont_know + self.refused + self.left_out


@dataclass(frozen=True)
class Report:
    """What an import read, kept and left out, and what it noticed.

    ``dropped``: reason and number of rows. ``checks``, ``values`` and ``items`` are the same and more as
    tables; ``modes``: shares of interview modes among the rows kept. ``whole``: the SHA-256 of the file that the
    rows are a part of, "" where they are all of it.
    """

    platform: str = "plain"
    rows_read: int = 0
    dropped: tuple[tuple[str, int], ...] = ()
    notices: tuple[Notice, ...] = ()
    checks: tuple[RowCheck, ...] = ()
    values: tuple[ValueCheck, ...] = ()
    items: tuple[ItemCheck, ...] = ()
    modes: tuple[tuple[str, float], ...] = ()
    whole: str = ""

    @property
    def rows_kept(self) -> int:
        """Rows read less rows dropped."""
        return self.rows_read - sum(count for _, count in self.dropped)

    def item(self, key: str) -> ItemCheck | None:
        """What is known of a question, None where it was not asked."""
        return next((check for check in self.items if check.item == key), None)

    def as_dict(self) -> dict[str, Any]:
        """The report as plain values, ready for JSON."""
        told = asdict(self)
        for check in told["items"]:
            check["rest"] = None if check["rest"] != check["rest"] else check["rest"]
        return told

    @classmethod
    def restored(cls, told: MappingType[str, Any]) -> Report:
        """The report that ``as_dict`` and JSON made ``told`` of; parts that an older one lacks are empty."""
        return cls(
            told["platform"],
            told["rows_read"],
            tuple((reason, count) for reason, count in told["dropped"]),
            tuple(Notice(**notice) for notice in told["notices"]),
            tuple(RowCheck(**{**check, "rows": tuple(check["rows"])}) for check in told.get("checks", ())),
            tuple(ValueCheck(**{**check, "rows": tuple(check["rows"])}) for check in told.get("values", ())),
            tuple(_item(check) for check in told.get("items", ())),
            tuple((mode, share) for mode, share in told.get("modes", ())),
            told.get("whole", ""),
        )

    def rows_table(self) -> pd.DataFrame:
        """Rows read, each check with what was done, rows kept: check, count, share, done, rule, rows."""
        read = max(self.rows_read, 1)
        lines = [RowCheck("rows read", "all rows below the headings", self.rows_read, "")]
        lines += [*self.checks, RowCheck("rows kept", "answers of the wave", self.rows_kept, "kept")]
        return pd.DataFrame(
            [
                (line.check, line.count, line.count / read, line.done, line.rule, ", ".join(map(str, line.rows)))
                for line in lines
            ],
            columns=["check", "count", "share", "done", "rule", "rows"],
        )

    def values_table(self) -> pd.DataFrame:
        """Values that stand on no scale: column, item, value, count, done, rows."""
        return pd.DataFrame(
            [(v.column, v.item, v.value, v.count, v.done, ", ".join(map(str, v.rows))) for v in self.values],
            columns=["column", "item", "value", "count", "done", "rows"],
        )

    def items_table(self) -> pd.DataFrame:
        """A row a question: item, column, answered, and the shares of those asked who gave no answer, by reason."""
        rows = []
        for check in self.items:
            whole = check.put_to or float("nan")
            rows.append(
                (check.item, check.column, check.answered, check.dont_know / whole, check.refused / whole,
                 check.left_out / whole, check.not_applicable, check.blank, check.rest, check.asked_on)
            )  # fmt: skip
        return pd.DataFrame(
            rows,
            columns=["item", "column", "answered", "don't know", "refused", "left out", "not applicable", "blank",
                     "rest", "asked on"],
        )  # fmt: skip


#: Share of the interviews that must have gone to another mode for a series to break.
OTHER_MODE = 0.25


def mode_shift(one: Report, other: Report) -> bool:
    """Whether a quarter of the interviews or more were done in another mode, where both reports know the modes."""
    p, q = dict(one.modes), dict(other.modes)
    if not p or not q:
        return False
    return sum(abs(p.get(mode, 0.0) - q.get(mode, 0.0)) for mode in {*p, *q}) / 2 >= OTHER_MODE


def _item(told: MappingType[str, Any]) -> ItemCheck:
    rest = float("nan") if told["rest"] is None else told["rest"]
    return ItemCheck(**{**told, "shares": tuple((code, share) for code, share in told["shares"]), "rest": rest})
