"""Which numbers of rolling years may be shown: years overlap, so one may give away what another hides.

The attacker knows the years shown so far, the numbers that single waves show, and how areas add to
the larger area around them. Years are decided in order of time, so that what was shown stays shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np

from trustsurvey.comparison.pooling import rolling_year
from trustsurvey.disclosure.cells import RULES, Nesting, Rules, Shown, cells_of, sums_of
from trustsurvey.disclosure.suppression import Sum, System
from trustsurvey.model import Ints, Wave

#: How many waves before a year are looked back at.
MEMORY = 8


@dataclass
class _Ledger:
    """Numbers of areas in waves and years, how they add up, and what is hidden or told of each."""

    n: list[int]
    hidden: list[bool]
    least: list[float]
    sums: list[Sum]
    small: list[int]

    def system(self) -> System:
        return System(np.array(self.n), np.array(self.hidden), self.sums, least=np.array(self.least))

    def exposed(self, people: int) -> list[int]:
        return self.system().exposed(self.small, people - 1)


#: What was decided of the year that ends with a wave, by measure and grouping, beside the waves it was decided from.
_DECIDED: WeakKeyDictionary[Wave, dict[object, tuple[tuple[int, ...], dict[str, Shown]]]] = WeakKeyDictionary()


def year_cells(
    waves: Sequence[Wave], measure: str, by: str, nesting: Nesting | None = None, rules: Rules = RULES
) -> dict[str, Shown]:
    """What may be shown of the numbers of areas in the rolling year that ends with the last of ``waves``.

    ``waves`` are all of the series so far, in order of time; ``by`` is the area level. A dict from area
    to :class:`~trustsurvey.disclosure.cells.Shown`.
    """
    key, made_from = (measure, by, rules), tuple(map(id, waves))
    kept = _DECIDED.setdefault(waves[-1], {})
    if key not in kept or kept[key][0] != made_from:
        kept[key] = made_from, _decide(waves, measure, by, nesting or {}, rules)
    return kept[key][1]


def _decide(waves: Sequence[Wave], measure: str, by: str, nesting: Nesting, rules: Rules) -> dict[str, Shown]:
    first = max(0, len(waves) - MEMORY)
    places: dict[tuple[int, str], int] = {}
    ledger = _Ledger([], [], [], [], [])
    for k in range(first, len(waves)):
        _enter_wave(ledger, places, k, waves[k], measure, by, nesting, rules)
    for k in range(first, len(waves) - 1):
        year = rolling_year(waves, k)
        if year and year[0] >= first:
            told = year_cells(waves[: k + 1], measure, by, nesting, rules)
            for area, shown in told.items():
                _enter_year(ledger, places, year, area, shown, rules)
    year = rolling_year(waves, len(waves) - 1)
    own: dict[str, int] = {}
    for area in dict.fromkeys(area for k, area in places if k in year):
        own[area] = _enter_year(ledger, places, year, area, Shown(False), rules)
    area_of = {place: area for (_, area), place in places.items()}
    while exposed := ledger.exposed(rules.people):
        mine = own.get(area_of[exposed[0]])
        open_years = [place for place in own.values() if not ledger.hidden[place]]
        told_years = [place for place in own.values() if ledger.least[place] > 0]
        if mine is not None and not ledger.hidden[mine]:
            _hide(ledger, mine, rules)
        elif mine is not None and ledger.least[mine] > 0:
            ledger.least[mine] = 0.0
        elif open_years:
            _hide(ledger, min(open_years, key=lambda place: ledger.n[place]), rules)
        elif told_years:
            ledger.least[told_years[0]] = 0.0
        else:
            ledger.small.remove(exposed[0])  # given away by what was shown before
    return {area: Shown(ledger.hidden[place], int(ledger.least[place])) for area, place in own.items()}


def _hide(ledger: _Ledger, place: int, rules: Rules) -> None:
    ledger.hidden[place] = True
    ledger.least[place] = float(rules.answers) if ledger.n[place] >= rules.answers else 0.0


def _enter_wave(
    ledger: _Ledger,
    places: dict[tuple[int, str], int],
    at: int,
    wave: Wave,
    measure: str,
    by: str,
    nesting: Nesting,
    rules: Rules,
) -> None:
    if by not in (*wave.areas, *wave.groups) or (wave.scores is not None and measure not in wave.scores):
        return
    cells = cells_of(wave, measure, nesting, rules)
    parent = nesting[by][0] if by in nesting else ""
    wanted = [cell for cell in cells.place if cell[0] in ("", parent, by)]
    chosen = np.array([cells.place[cell] for cell in wanted])
    n: Ints = cells.n[chosen]
    offset = len(ledger.n)
    for s in sums_of([b for b, _ in wanted], [level for _, level in wanted], n, nesting):
        ledger.sums.append(Sum(s.whole + offset, s.parts + offset, s.rest))
    ledger.n += n.tolist()
    ledger.hidden += cells.hidden[chosen].tolist()
    ledger.least += [float(rules.answers) if cells.guard[k] else 0.0 for k in chosen]
    for position, (name, area) in enumerate(wanted):
        if name == by:
            places[at, area] = offset + position
            if 0 < n[position] < rules.people:
                ledger.small.append(offset + position)


def _enter_year(
    ledger: _Ledger,
    places: dict[tuple[int, str], int],
    year: tuple[int, ...],
    area: str,
    shown: Shown,
    rules: Rules,
) -> int:
    parts = np.array([places[k, area] for k in year if (k, area) in places])
    place, total = len(ledger.n), sum(ledger.n[p] for p in parts)
    ledger.n.append(total)
    ledger.hidden.append(shown.hidden or total < rules.people)
    ledger.least.append(float(shown.least))
    ledger.sums.append(Sum(place, parts))
    return place
