"""Which numbers of rolling years may be shown: years overlap, so one may give away what another hides.

The attacker knows the years shown so far, the numbers that single waves show, and how areas and groups add
up. Years are decided in order of time, so that what was shown stays shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary, ref

import numpy as np

from trustsurvey.comparison.pooling import rolling_year
from trustsurvey.disclosure.cells import Shown, cells_of
from trustsurvey.disclosure.sums import Cell, Nesting, frozen
from trustsurvey.disclosure.suppression import Hidden, hide
from trustsurvey.disclosure.system import Sum
from trustsurvey.model import RULES, Rules, Wave


@dataclass
class _Ledger:
    """Numbers of waves and years, how they add up, what is hidden, what is known of that, and what may still be."""

    n: list[int] = field(default_factory=list)
    hidden: list[bool] = field(default_factory=list)
    least: list[float] = field(default_factory=list)
    most: list[float] = field(default_factory=list)
    open: list[bool] = field(default_factory=list)
    sums: list[Sum] = field(default_factory=list)

    def decided(self, rules: Rules) -> Hidden:
        hidden, free = np.array(self.hidden, dtype=bool), np.array(self.open, dtype=bool)
        return hide(
            np.array(self.n), self.sums, rules.people, rules.answers,
            also=hidden, least=np.array(self.least), most=np.array(self.most), told=~hidden & ~free, mute=hidden,
        )  # fmt: skip


#: What was decided of the year that ends with a wave, by measure, beside the waves it was decided from.
_DECIDED: WeakKeyDictionary[Wave, dict[object, tuple[tuple[ref[Wave], ...], dict[Cell, Shown]]]] = WeakKeyDictionary()


def year_cells(
    waves: Sequence[Wave], measure: str, nesting: Nesting | None = None, rules: Rules = RULES
) -> dict[Cell, Shown]:
    """What may be shown of the numbers of all areas and groups in the rolling year that ends with the last wave.

    ``waves`` are all of the series so far, in order of time.
    """
    key, made_from = (measure, rules, frozen(nesting or {})), tuple(map(ref, waves))
    kept = _DECIDED.setdefault(waves[-1], {})
    if key not in kept or kept[key][0] != made_from:
        kept[key] = made_from, _decide(waves, measure, nesting or {}, rules)
    return kept[key][1]


def _decide(waves: Sequence[Wave], measure: str, nesting: Nesting, rules: Rules) -> dict[Cell, Shown]:
    places: dict[tuple[int, Cell], int] = {}
    ledger = _Ledger()
    for k in range(len(waves)):
        scores = waves[k].scores
        if scores is None or measure in scores:
            _enter_wave(ledger, places, k, waves[k], measure, nesting, rules)
    for k in range(len(waves) - 1):
        year = rolling_year(waves, k)
        if year:
            for cell, shown in year_cells(waves[: k + 1], measure, nesting, rules).items():
                _enter_year(ledger, places, year, cell, shown)
    year = rolling_year(waves, len(waves) - 1)
    cells = dict.fromkeys(cell for k, cell in places if k in year)
    own = {cell: _enter_year(ledger, places, year, cell) for cell in cells}
    found = ledger.decided(rules)
    return {cell: Shown(bool(found.hidden[at]), rules.answers * int(found.guard[at])) for cell, at in own.items()}


def _enter_wave(
    ledger: _Ledger,
    places: dict[tuple[int, Cell], int],
    at: int,
    wave: Wave,
    measure: str,
    nesting: Nesting,
    rules: Rules,
) -> None:
    cells, residents = cells_of(wave, measure, nesting, rules), cells_of(wave, None, nesting, rules)
    offset = len(ledger.n)
    for s in cells.ways.sums(cells.n):
        ledger.sums.append(Sum(s.whole + offset, s.parts + offset, s.rest))
    ledger.n += cells.n.tolist()
    ledger.hidden += cells.hidden.tolist()
    ledger.least += np.where(cells.guard, rules.answers, 0).tolist()
    ledger.most += np.where(residents.hidden, np.inf, np.where(cells.nobody, 0, residents.n)).tolist()
    ledger.open += [False] * len(cells.n)
    places |= {(at, cell): offset + k for cell, k in cells.place.items()}


def _enter_year(
    ledger: _Ledger,
    places: dict[tuple[int, Cell], int],
    year: tuple[int, ...],
    cell: Cell,
    shown: Shown | None = None,
) -> int:
    """The year's number of a cell, as it was ``shown`` or, if it was not yet, open to being hidden."""
    parts = np.array([places[k, cell] for k in year if (k, cell) in places])
    place = len(ledger.n)
    ledger.n.append(sum(ledger.n[p] for p in parts))
    ledger.hidden.append(shown is not None and shown.hidden)
    ledger.least.append(0 if shown is None else shown.least)
    ledger.most.append(sum(ledger.most[p] for p in parts))
    ledger.open.append(shown is None)
    ledger.sums.append(Sum(place, parts))
    return place
