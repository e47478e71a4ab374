"""The gate before anything is shown: who could be recognised, and what is too thin to say.

Two rules, not one. *Confidentiality*: with fewer than ten people neither the estimate nor their
number is shown, and enough of the neighbouring numbers are hidden with them that nobody can work
the hidden one out from sums, from other tables of the wave or from the years it is part of.
*Reliability*: with fewer than thirty answers, or answers worth fewer than thirty, the estimate is
withheld as saying too little.
"""

from __future__ import annotations

from collections.abc import Mapping as MappingType, Sequence
from dataclasses import dataclass, replace
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd

from trustsurvey.disclosure.cells import Cells, Shown, cells_of, countable
from trustsurvey.disclosure.crossed import hide_beyond
from trustsurvey.disclosure.sums import Cell, Nesting, sums_of
from trustsurvey.disclosure.suppression import hide
from trustsurvey.disclosure.years import year_cells
from trustsurvey.estimation.linearise import Domains
from trustsurvey.model import RULES, Estimates, Floats, Ints, Rules, Wave

CONFIDENTIAL = "too few people"
UNRELIABLE = "too few answers"
#: A mean whose number is hidden is rounded to multiples of this, its range outwards.
COARSE = 5.0
#: It stands only where its people weigh so many times what those do for whose sake the number is hidden: what is
#: rounded away of their mean would else leave little open of the others'.
TIMES = 3.0
#: Columns that are taken back where they may not be shown.
NUMBERS = ("est", "se", "lci", "uci", "n", "n_eff", "deff", "df")
#: Weights of those who count in a wave and the sums of their squares, by cell; by measure and groupings.
_WEIGHED: WeakKeyDictionary[Wave, dict[tuple[str, tuple[str, ...]], dict[Cell, tuple[float, float]]]]
_WEIGHED = WeakKeyDictionary()


def protect(
    estimates: Estimates,
    *waves: Wave,
    history: Sequence[Wave] = (),
    nesting: Nesting | None = None,
    rules: Rules = RULES,
    counts: str = "",
) -> Estimates:
    """Hide and withhold what the rules ask for; ``suppressed`` says why, numbers become NaN.

    ``waves`` are those that the estimates were made from: what is hidden is then the same in all of
    their tables. Without them the table is judged by its own sums alone. A pooled wave needs the
    ``history`` of the series, up to its last wave, for years overlap. ``counts``: the score of the wave that says who
    counts for every measure of the table, where those are no scores themselves.

    Fewer than ten people (or none): estimate and number are hidden, :data:`CONFIDENTIAL`. A mean whose
    number alone must be hidden for the sake of a small neighbour stays, ``guarded``: rounded to multiples of
    :data:`COARSE`, so that the neighbour's mean cannot be worked back from it, and without its number, standard
    error and degrees of freedom; ``at_least`` says what may be told of the number. Other statistics,
    from which the number follows, are hidden with it. ``caution``: shown, but with under 50 answers
    or a wide interval. What has been through the gate passes unchanged.
    """
    table = estimates.table
    if "caution" in table:
        return estimates
    numbers = {name: table[name].to_numpy(float).copy() for name in NUMBERS}
    n, mean = numbers["n"], (table["stat"] == "mean").to_numpy()
    hidden, least, sparse = (np.zeros(len(table), dtype=kind) for kind in (bool, float, bool))
    worth, heavy = np.zeros(len(table)), np.zeros(len(table), dtype=bool)
    of = {wave.name: wave for wave in waves}
    gates = {name: _Gate(of.get(name), tuple(history), nesting or {}, rules) for name in dict.fromkeys(table["wave"])}
    rows = _Rows(table["by"].tolist(), table["level"].astype(str).tolist(), n, numbers["n_eff"])
    for (name, measure, _), at in table.groupby(["wave", "measure", "stat"], sort=False).indices.items():
        gate, some = gates[name], rows.at(at)
        counted = counts or str(measure)
        hidden[at], least[at], sparse[at] = gate.judge(some, counted)
        worth[at], heavy[at] = gate.weigh(some, counted)
    few, thin = n < rules.people, (n < rules.answers) | (worth < rules.answers) | np.isnan(numbers["se"])
    guarded = hidden & ~few & ~thin & mean & (least >= rules.answers) & heavy
    told = table["suppressed"].to_numpy(object).copy()
    told[thin] = UNRELIABLE
    # Where most are too few to say anything, those with under ten people do not stand out.
    told[hidden & ~guarded & ~sparse] = CONFIDENTIAL
    told[hidden & ~guarded & sparse] = UNRELIABLE
    for name, coarse in (("est", np.round), ("lci", np.floor), ("uci", np.ceil)):
        numbers[name][guarded] = COARSE * coarse(numbers[name][guarded] / COARSE)
    half = (numbers["uci"] - numbers["lci"]) / 2
    wide = half > np.where(mean, rules.half_width_score, rules.half_width_share)
    weak = (n < rules.caution) | (numbers["n_eff"] < rules.caution)
    withheld = told != ""
    caution = ~withheld & (wide | (weak & ~hidden)) & (table["stat"] != "total").to_numpy()
    for name in ("est", "lci", "uci"):
        numbers[name][withheld] = np.nan
    for name in ("se", "n_eff", "deff", "df"):
        numbers[name][withheld | guarded] = np.nan
    n[hidden] = np.nan
    shown = table.assign(
        **numbers, suppressed=pd.array(told, dtype=table["suppressed"].dtype),
        caution=caution, guarded=guarded, at_least=np.where(guarded, least, np.nan),
    )  # fmt: skip
    return replace(estimates, table=shown)


@dataclass(frozen=True)
class _Rows:
    """Rows judged together: groupings, levels, numbers, and what those are worth by their variance."""

    by: list[str]
    level: list[str]
    n: Floats
    n_eff: Floats

    def at(self, places: Ints) -> _Rows:
        """Some of the rows."""
        chosen = places.tolist()
        return _Rows([self.by[k] for k in chosen], [self.level[k] for k in chosen], self.n[places], self.n_eff[places])

    @property
    def cells(self) -> list[Cell]:
        """The cell of each row."""
        return list(zip(self.by, self.level, strict=True))


@dataclass(frozen=True)
class _Gate:
    """What is known of a wave when one of its tables is judged."""

    wave: Wave | None
    history: tuple[Wave, ...]
    nesting: Nesting
    rules: Rules

    def judge(self, rows: _Rows, measure: str) -> tuple[np.ndarray, Floats, np.ndarray]:
        """Which numbers to hide, what may be told of them at least, and which are of sparse groupings."""
        n, rules, names = rows.n.astype(int), self.rules, rows.cells
        known, sparse = self._known(measure)
        told = [known.get(cell) for cell in names]
        also = np.array([self._pooled if of is None else of.hidden for of in told], dtype=bool)
        least = np.array([0.0 if of is None else float(of.least) for of in told])
        thin = np.array([by in sparse for by in rows.by], dtype=bool)
        counted = self.wave is not None and countable(self.wave, measure)
        if counted and all(of is not None for of in told):
            return also | (n < rules.people), least, thin
        if counted and not self._pooled:
            found = hide_beyond(names, n, also, self._cells(measure), rules)
        else:
            found = hide(n, sums_of(rows.by, rows.level, n, self.nesting), rules.people, rules.answers,
                         also=also, mute=also)  # fmt: skip
        least = np.where(found.guard & ~also, float(rules.answers), least)
        return found.hidden, least, thin

    def weigh(self, rows: _Rows, measure: str) -> tuple[Floats, np.ndarray]:
        """What the answers of each row are worth, and whether they are heavy enough beside the few of their grouping.

        Worth is Kish's effective number, from the weights alone. That from a measure's own variance is the larger the
        smaller that variance came out by chance; areas picked by it have intervals that are too short. Where
        residents were drawn in clusters the weights do not tell, and it has to serve; so it has without a wave.
        """
        worth, wave, total = np.nan_to_num(rows.n_eff), self.wave, rows.n
        if wave is not None and wave.scores is not None and measure in wave.scores:
            weight = self._weight(measure, tuple(dict.fromkeys(by for by in rows.by if by)))
            sums = np.array([weight[cell] for cell in rows.cells]).reshape(-1, 2)
            total = sums[:, 0]
            if not _clustered(wave):
                worth = np.divide(total**2, sums[:, 1], out=np.zeros(len(sums)), where=sums[:, 1] > 0)
        most: dict[str, float] = {}
        for by, few in zip(rows.by, np.where(rows.n < self.rules.people, total, 0.0).tolist(), strict=True):
            most[by] = max(most.get(by, few), few)
        return worth, total >= TIMES * np.array([most[by] for by in rows.by])

    def _weight(self, measure: str, by: tuple[str, ...]) -> dict[Cell, tuple[float, float]]:
        """The weights of those who count for a measure, by cell: their sum and that of their squares."""
        wave = self.wave
        assert wave is not None
        assert wave.scores is not None
        kept = _WEIGHED.setdefault(wave, {})
        if (measure, by) not in kept:
            domains = Domains.of(wave, [tuple(name.split(" x ")) for name in by])
            row, column = domains.entries(wave.scores[measure].notna().to_numpy())
            sums = [np.bincount(column, wave.weights[row] ** power, len(domains)).tolist() for power in (1, 2)]
            cells = zip(domains.by, domains.level, strict=True)
            kept[measure, by] = dict(zip(cells, zip(*sums, strict=True), strict=True))
        return kept[measure, by]

    def _cells(self, measure: str | None) -> Cells:
        assert self.wave is not None
        counted = measure is not None and countable(self.wave, measure)
        return cells_of(self.wave, measure if counted else None, self.nesting, self.rules)

    @property
    def _pooled(self) -> bool:
        return self.wave is not None and bool(self.wave.parts)

    def _known(self, measure: str) -> tuple[MappingType[Cell, Shown], frozenset[str]]:
        wave, rules = self.wave, self.rules
        if wave is None:
            return {}, frozenset()
        if not wave.parts:
            cells = self._cells(measure)
            return cells.shown(rules.answers if countable(wave, measure) else 0), cells.sparse
        if wave.scores is None or measure not in wave.scores:
            return {}, frozenset()
        years = year_cells(self.history or wave.parts, measure, self.nesting, rules)
        return years, frozenset((*wave.areas, *wave.groups))


def _clustered(wave: Wave) -> bool:
    return wave.design.n_psu < len(wave)
