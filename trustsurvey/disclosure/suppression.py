"""Which numbers of people to hide so that the small ones cannot be worked out from sums.

The attacker knows every number that is shown, how they add up, and limits that follow from other
tables. A small number is safe when it can still be 0 and can still be one below the threshold.
Numbers are hidden greedily, the smallest neighbour first, and the result is audited by linear
programmes (HiGHS) until it holds (Fischetti & Salazar 2001 give the optimum, at a price).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import optimize, sparse

from trustsurvey.model import Floats, Ints


@dataclass(frozen=True)
class Sum:
    """The number at ``whole`` is that of all ``parts`` together, and of a ``rest`` nowhere shown."""

    whole: int
    parts: Ints
    rest: bool = False


def hidden_numbers(
    n: Ints,
    sums: Sequence[Sum],
    people: int,
    *,
    also: np.ndarray | None = None,
    few: np.ndarray | None = None,
    least: Floats | None = None,
    most: Floats | None = None,
    told: np.ndarray | None = None,
) -> np.ndarray:
    """Mask of the numbers (k,) to hide: all below ``people``, and others for the sake of the small ones.

    ``also``: numbers that are hidden in any case; ``few``: numbers to be treated as small ones;
    ``least``, ``most``: what each is known to lie between; ``told``: numbers that stand elsewhere, too late to hide.
    """
    tiny = n < people if few is None else (n < people) | few
    hidden = tiny.copy() if also is None else tiny | also
    if told is not None:
        tiny, hidden = tiny & ~told, hidden & ~told
    small = np.flatnonzero(tiny & (n > 0)).tolist()
    if not small or not sums:
        return hidden
    while small := System(n, hidden, sums, least=least, most=most).exposed(small, people - 1):
        # More hidden numbers only widen what a hidden one may be: those that are safe stay so.
        touched: set[int] = set()
        for k in list(small):
            mine = {at for at, s in enumerate(sums) if k == s.whole or k in s.parts}
            if mine & touched:
                continue  # what is hidden for another may help this one too
            neighbour = _smallest_shown_neighbour(k, n, hidden if told is None else hidden | told, sums)
            if neighbour is None:
                small.remove(k)  # nothing is left to hide
                continue
            hidden[neighbour] = True
            touched |= mine | {at for at, s in enumerate(sums) if neighbour == s.whole or neighbour in s.parts}
    return hidden


def guards(
    n: Ints,
    hidden: np.ndarray,
    sums: Sequence[Sum],
    people: int,
    answers: int,
    least: Floats | None = None,
    most: Floats | None = None,
) -> np.ndarray:
    """Which hidden numbers (k,) may be known to be ``answers`` at least, as a shown estimate tells."""
    told = hidden & (n >= answers)
    small = np.flatnonzero((n < people) & (n > 0)).tolist()
    while told.any() and small:
        bounds = np.maximum(np.where(told, float(answers), 0.0), 0.0 if least is None else least)
        system = System(n, hidden, sums, least=bounds, most=most)
        exposed = system.exposed(small, people - 1)
        around = [j for k in exposed for s in sums if k == s.whole or k in s.parts for j in (s.whole, *s.parts)]
        silent = told.copy()
        silent[np.array(around, dtype=np.int64)] = False
        if not exposed:
            break
        told = silent if (silent != told).any() else np.zeros(len(n), dtype=bool)
    return told


def _smallest_shown_neighbour(k: int, n: Ints, hidden: np.ndarray, sums: Sequence[Sum]) -> int | None:
    """The smallest number open to hiding in a sum with k; a whole only where no part is left, else any number."""
    around = [s for s in sums if k == s.whole or k in s.parts]
    for candidates in (
        [p for s in around for p in s.parts],
        [s.whole for s in around],
        [p for s in sums for p in s.parts],
        [s.whole for s in sums],
    ):
        shown = [p for p in candidates if not hidden[p]]
        if shown:
            return int(min(shown, key=lambda p: n[p]))
    return None


class System:
    """What is known about the hidden numbers: one equation a sum, over hidden numbers and rests."""

    def __init__(
        self,
        n: Ints,
        hidden: np.ndarray,
        sums: Sequence[Sum],
        least: Floats | None = None,
        most: Floats | None = None,
    ) -> None:
        self.column = {int(k): j for j, k in enumerate(np.flatnonzero(hidden))}
        rows, columns, entries, right = [], [], [], []
        values = n[hidden].astype(float).tolist()
        for row, s in enumerate(sums):
            constant, left = 0.0, float(n[s.whole] - n[s.parts].sum())
            for k, sign in [(s.whole, -1.0), *((int(p), 1.0) for p in s.parts)]:
                if k in self.column:
                    rows.append(row)
                    columns.append(self.column[k])
                    entries.append(sign)
                else:
                    constant -= sign * n[k]
            if s.rest:
                rows.append(row)
                columns.append(len(values))
                entries.append(1.0)
                values.append(left)
            right.append(constant)
        width = len(values)
        self.value = np.array(values)
        self.left = sparse.csr_array((entries, (rows, columns)), shape=(len(sums), width))
        self.right = np.array(right)
        self.least, self.most = np.zeros(width), np.full(width, np.inf)
        if least is not None:
            self.least[: len(self.column)] = least[hidden]
        if most is not None:
            self.most[: len(self.column)] = most[hidden]
        self.places: list[list[tuple[int, float]]] = [[] for _ in range(width)]
        for row, column, sign in zip(rows, columns, entries, strict=True):
            self.places[column].append((row, sign))
        self.twins: dict[tuple[tuple[int, float], ...], list[int]] = {}
        for column, stands in enumerate(self.places):
            self.twins.setdefault(tuple(stands), []).append(column)

    def exposed(self, small: Sequence[int], top: int) -> list[int]:
        """Those of the hidden numbers that cannot be 0, or cannot be ``top``, for all that is known."""
        left = [k for k in small if not self._exchanged(self.column[k], top)]
        if len(left) > 2:
            # One solution in which many are nothing, and one in which many are large, often settle it.
            low, high = self._extreme(left, 1.0, np.inf), self._extreme(left, -1.0, float(top))
            left = [
                k
                for k in left
                if low is None or high is None
                or low[self.column[k]] > 1e-7 or high[self.column[k]] < top - 1e-7
            ]  # fmt: skip
        return [k for k in left if not self._spans(self.column[k], top)]

    def _exchanged(self, column: int, top: int) -> bool:
        """Whether numbers that stand in the same sums give room enough, being exchanged for one another."""
        if not self.places[column]:
            return self.most[column] >= top  # it stands in no sum
        same = [j for j in self.twins[tuple(self.places[column])] if j != column]
        up, down = (self.most - self.value)[same].sum(), (self.value - self.least)[same].sum()
        value = self.value[column]
        return bool(value <= up and top - value <= down and self.most[column] >= top)

    def _spans(self, column: int, top: int) -> bool:
        if self.most[column] < top:
            return False
        return self._possible(column, 0.0, 0.0) and self._possible(column, float(top), np.inf)

    def _extreme(self, small: Sequence[int], sign: float, most: float) -> Floats | None:
        columns = [self.column[k] for k in small]
        cost = np.zeros(len(self.value))
        cost[columns] = sign
        limits = np.column_stack([self.least, self.most])
        limits[columns, 1] = np.minimum(limits[columns, 1], most)
        found = optimize.linprog(cost, A_eq=self.left, b_eq=self.right, bounds=limits, method="highs")
        return np.asarray(found.x) if found.status == 0 else None

    def _possible(self, column: int, low: float, high: float) -> bool:
        near, rows = self._connected(column)
        limits = np.column_stack([self.least, self.most])
        limits[column] = low, min(high, self.most[column])
        found = optimize.linprog(
            np.zeros(len(near)), A_eq=self.left[rows][:, near], b_eq=self.right[rows], bounds=limits[near],
            method="highs",
        )  # fmt: skip
        return bool(found.status == 0)

    def _connected(self, column: int) -> tuple[Ints, Ints]:
        """The columns and rows that a column hangs together with."""
        rows: set[int] = set()
        columns, new = {column}, [column]
        while new:
            fresh = {row for j in new for row, _ in self.places[j]} - rows
            rows |= fresh
            new = [j for row in fresh for j in self._in_row[row] if j not in columns]
            columns |= set(new)
        return np.array(sorted(columns), dtype=np.int64), np.array(sorted(rows), dtype=np.int64)

    @cached_property
    def _in_row(self) -> list[list[int]]:
        found: list[list[int]] = [[] for _ in range(self.left.shape[0])]
        for column, stands in enumerate(self.places):
            for row, _ in stands:
                found[row].append(column)
        return found
