"""Which numbers of people to hide so that the small ones cannot be worked out from sums.

The attacker knows every number that is shown and how they add up, and that a hidden number may be
anything from 0. A small number is safe when it can still be 0 and can still be one below the
threshold. Numbers are hidden greedily, the smallest neighbour first, and the result is audited by
linear programmes (HiGHS) until it holds (Fischetti & Salazar 2001 give the optimum, at a price).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import optimize, sparse

from trustsurvey.model import Ints


@dataclass(frozen=True)
class Sum:
    """The number at ``whole`` is that of all ``parts`` together, and of a ``rest`` nowhere shown."""

    whole: int
    parts: Ints
    rest: bool = False


def hidden_numbers(n: Ints, sums: Sequence[Sum], people: int) -> np.ndarray:
    """Mask of the numbers (k,) to hide: all below ``people``, and others for the sake of the small ones."""
    hidden = n < people
    small = np.flatnonzero(hidden & (n > 0)).tolist()
    if not small or not sums:
        return hidden
    safe: set[int] = set()
    while len(exposed := [k for k in small if k not in safe]):
        system = _System(n, hidden, sums)
        for k in exposed:
            if system.spans(k, people - 1):
                # More hidden numbers only widen what a hidden one may be.
                safe.add(k)
                continue
            neighbour = _smallest_shown_neighbour(k, n, hidden, sums)
            if neighbour is None:
                safe.add(k)  # nothing is left to hide
            else:
                hidden[neighbour] = True
                break
    return hidden


def _smallest_shown_neighbour(k: int, n: Ints, hidden: np.ndarray, sums: Sequence[Sum]) -> int | None:
    """The smallest shown number in a sum with k; a whole only where no part is left, else any number."""
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


class _System:
    """What is known about the hidden numbers: one equation a sum, over hidden numbers and rests."""

    def __init__(self, n: Ints, hidden: np.ndarray, sums: Sequence[Sum]) -> None:
        self.column = {int(k): j for j, k in enumerate(np.flatnonzero(hidden))}
        rows, columns, entries, right = [], [], [], []
        width = len(self.column)
        for row, s in enumerate(sums):
            constant = 0.0
            for k, sign in [(s.whole, -1.0), *((int(p), 1.0) for p in s.parts)]:
                if k in self.column:
                    rows.append(row)
                    columns.append(self.column[k])
                    entries.append(sign)
                else:
                    constant -= sign * n[k]
            if s.rest:
                rows.append(row)
                columns.append(width)
                entries.append(1.0)
                width += 1
            right.append(constant)
        self.by_row: dict[int, list[tuple[int, float]]] = {}
        self.by_column: dict[int, list[int]] = {}
        for row, column, sign in zip(rows, columns, entries, strict=True):
            self.by_row.setdefault(row, []).append((column, sign))
            self.by_column.setdefault(column, []).append(row)
        self.left = sparse.csr_array((entries, (rows, columns)), shape=(len(sums), width))
        self.right = np.array(right)

    def spans(self, k: int, top: int) -> bool:
        """Whether the hidden number k may be 0 and may be ``top``, for all that is known."""
        if self._alone(k):
            (row,) = self.by_column[self.column[k]]
            return len(self.by_row[row]) > 1 and self.right[row] >= top
        return self._possible(k, 0.0, 0.0) and self._possible(k, float(top), np.inf)

    def _alone(self, k: int) -> bool:
        """Whether k and all it is hidden with stand in one sum with a known whole, which then decides."""
        rows = self.by_column.get(self.column[k], [])
        if len(rows) != 1:
            return False
        others = self.by_row[rows[0]]
        return all(sign > 0 and len(self.by_column[column]) == 1 for column, sign in others)

    def _possible(self, k: int, low: float, high: float) -> bool:
        width = self.left.shape[1]
        limits = np.column_stack([np.zeros(width), np.full(width, np.inf)])
        limits[self.column[k]] = low, high
        found = optimize.linprog(np.zeros(width), A_eq=self.left, b_eq=self.right, bounds=limits, method="highs")
        return bool(found.status == 0)
