"""An attacker with a solver: whatever is said of numbers of people, between what a number must lie.

Knowledge is linear: numbers that are shown, how numbers add up, and limits. The gate plays no part here.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence

import numpy as np
import pandas as pd
from scipy import optimize, sparse

from trustsurvey.model import RULES, Wave

#: A number of people: of what (a measure, a wave and a measure, ...), grouping, level.
Number = tuple[Hashable, ...]
FEW, ENOUGH = RULES.people, RULES.answers


class Attacker:
    """Numbers from 0 up, and what is known of sums of them."""

    def __init__(self) -> None:
        self._place: dict[Number, int] = {}
        self._rows: list[tuple[list[int], list[float], float, float]] = []

    def hears(self, terms: Mapping[Number, float], low: float = -np.inf, high: float = np.inf) -> None:
        """That the sum of numbers, each times something, lies between two values."""
        at = [self._place.setdefault(number, len(self._place)) for number in terms]
        self._rows.append((at, list(terms.values()), low, high))

    def adds(self, whole: Number, parts: Iterable[Number], rest: bool = True) -> None:
        """That the parts make up the whole, with those who are in none of them unless there is no ``rest``."""
        self.hears({whole: 1.0} | dict.fromkeys(parts, -1.0), 0.0, np.inf if rest else 0.0)

    def reads(self, table: pd.DataFrame, name: Hashable, few: Collection[tuple[str, str]] = ()) -> None:
        """A protected table: its numbers, and of those hidden beside a mean that they are 30 at least.

        ``few``: cells of which the attacker takes it that they are withheld for having under thirty.
        """
        cells = zip(table["by"], table["level"].astype(str), strict=True)
        for cell, n, reason in zip(cells, table["n"], table["suppressed"], strict=True):
            number = (name, *cell)
            if np.isfinite(n):
                self.hears({number: 1.0}, n, n)
            elif reason == "":
                self.hears({number: 1.0}, ENOUGH)
            elif cell in few:
                self.hears({number: 1.0}, 0.0, ENOUGH - 1)

    def between(self, number: Number) -> tuple[float, float]:
        """The smallest and the largest that a number can be."""
        if number not in self._place:
            return 0.0, np.inf
        entries = [
            (row, at, sign)
            for row, (ats, signs, _, _) in enumerate(self._rows)
            for at, sign in zip(ats, signs, strict=True)
        ]
        rows, columns, values = zip(*entries, strict=True)
        matrix = sparse.csr_array((values, (rows, columns)), shape=(len(self._rows), len(self._place)))
        limits = optimize.LinearConstraint(matrix, [row[2] for row in self._rows], [row[3] for row in self._rows])
        ends = []
        for sign in (1.0, -1.0):
            cost = np.zeros(len(self._place))
            cost[self._place[number]] = sign
            found = optimize.milp(cost, constraints=limits, bounds=optimize.Bounds(0.0, np.inf))
            assert found.status in (0, 3, 4), found.message
            ends.append(sign * found.fun if found.status == 0 else sign * -np.inf)
        return ends[0], ends[1]


def narrowed(attacker: Attacker, number: Number, n: int) -> str:
    """How the attacker can tell that a number is not 0, or not nine; empty if that cannot be told."""
    low, high = attacker.between(number)
    assert low - 1e-6 <= n <= high + 1e-6, f"the attacker of this test is wrong about {number}: {low} to {high}"
    return "" if low <= 1e-6 and high >= FEW - 1 - 1e-6 else f"{number} ({n}) is {low:.0f} to {high:.0f}"


def assert_open(attacker: Attacker, small: Mapping[Number, int], shown: Collection[Number] = ()) -> None:
    """Each of the small numbers is hidden, may be 0 and may be nine, for all that the attacker knows."""
    for number, n in small.items():
        assert number not in shown
        assert not (told := narrowed(attacker, number, n)), told


def counts(wave: Wave, by: str, who: np.ndarray | None = None) -> dict[str, int]:
    """How many residents there are by level of a grouping; with ``who``, how many of those."""
    column = wave.people[by].astype("category")
    found = column[np.ones(len(wave), dtype=bool) if who is None else who].value_counts()
    return {str(level): int(found[level]) for level in column.cat.categories}


def knows_sums(
    attacker: Attacker, wave: Wave, name: Hashable, nested: Sequence[tuple[str, Mapping[str, str], str]] = ()
) -> None:
    """How the levels of the wave's groupings add up to everyone, and areas to the areas around them.

    ``nested``: (grouping, level -> parent level, parent grouping). A rest there is only where somebody has no answer.
    """
    for by in (*wave.areas, *wave.groups):
        column = wave.people[by].astype("category")
        levels = [(name, by, str(level)) for level in column.cat.categories]
        attacker.adds((name, "", ""), levels, rest=bool(column.isna().any()))
    for fine, inside, coarse in nested:
        both = wave.people[[fine, coarse]].dropna(subset=[coarse])
        for whole in wave.people[coarse].cat.categories:
            parts = [(name, fine, level) for level, parent in inside.items() if parent == whole]
            rest = bool(both.loc[both[coarse] == whole, fine].isna().any())
            attacker.adds((name, coarse, str(whole)), parts, rest=rest)
