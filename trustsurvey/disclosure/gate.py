"""The gate before anything is shown: who could be recognised, and what is too thin to say.

Two rules, not one. *Confidentiality*: with fewer than ten people neither the estimate nor their
number is shown, and enough of the neighbouring numbers are hidden with them that nobody can work
the hidden one out from sums, from other tables of the wave or from the years it is part of.
*Reliability*: with fewer than thirty answers, or answers worth fewer than thirty, the estimate is
withheld as saying too little.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from trustsurvey.disclosure.cells import Cells, Shown, cells_of, countable
from trustsurvey.disclosure.crossed import hide_beyond
from trustsurvey.disclosure.sums import Cell, Nesting, sums_of
from trustsurvey.disclosure.suppression import hide
from trustsurvey.disclosure.years import year_cells
from trustsurvey.estimation.linearise import Domains
from trustsurvey.model import RULES, Estimates, Floats, Rules, Wave

CONFIDENTIAL = "too few people"
UNRELIABLE = "too few answers"
#: A mean whose number is hidden is rounded to multiples of this, its range outwards.
COARSE = 5.0
#: It stands only where its people weigh so many times what those do for whose sake the number is hidden: what is
#: rounded away of their mean would else leave little open of the others'.
TIMES = 3.0


def protect(
    estimates: Estimates,
    *waves: Wave,
    history: Sequence[Wave] = (),
    nesting: Nesting | None = None,
    rules: Rules = RULES,
) -> Estimates:
    """Hide and withhold what the rules ask for; ``suppressed`` says why, numbers become NaN.

    ``waves`` are those that the estimates were made from: what is hidden is then the same in all of
    their tables. Without them the table is judged by its own sums alone. A pooled wave needs the
    ``history`` of the series, up to its last wave, for years overlap.

    Fewer than ten people (or none): estimate and number are hidden, :data:`CONFIDENTIAL`. A mean whose
    number alone must be hidden for the sake of a small neighbour stays, ``guarded``: rounded to multiples of
    :data:`COARSE`, so that the neighbour's mean cannot be worked back from it, and without its number, standard
    error and degrees of freedom; ``at_least`` says what may be told of the number. Other statistics,
    from which the number follows, are hidden with it. ``caution``: shown, but with under 50 answers
    or a wide interval. What has been through the gate passes unchanged.
    """
    table = estimates.table.copy()
    if "caution" in table:
        return estimates
    table[["n", "df"]] = table[["n", "df"]].astype(float)
    hidden, least, sparse = (np.zeros(len(table), dtype=kind) for kind in (bool, float, bool))
    worth, heavy = np.zeros(len(table)), np.zeros(len(table), dtype=bool)
    of = {wave.name: wave for wave in waves}
    for (name, measure, _), at in table.groupby(["wave", "measure", "stat"], sort=False).indices.items():
        gate = _Gate(of.get(name), tuple(history), nesting or {}, rules)
        hidden[at], least[at], sparse[at] = gate.judge(table.iloc[at], str(measure))
        worth[at], heavy[at] = gate.weigh(table.iloc[at], str(measure))
    few = (table["n"] < rules.people).to_numpy()
    thin = (table["n"] < rules.answers) | (worth < rules.answers) | table["se"].isna()
    guarded = hidden & ~few & ~thin.to_numpy() & (table["stat"] == "mean").to_numpy() & (least >= rules.answers)
    guarded &= heavy
    table.loc[thin, "suppressed"] = UNRELIABLE
    # Where most are too few to say anything, those with under ten people do not stand out.
    table.loc[hidden & ~guarded & ~sparse, "suppressed"] = CONFIDENTIAL
    table.loc[hidden & ~guarded & sparse, "suppressed"] = UNRELIABLE
    for name, coarse in (("est", np.round), ("lci", np.floor), ("uci", np.ceil)):
        table.loc[guarded, name] = COARSE * coarse(table.loc[guarded, name] / COARSE)
    half = (table["uci"] - table["lci"]) / 2
    wide = half > np.where(table["stat"] == "mean", rules.half_width_score, rules.half_width_share)
    weak = (table["n"] < rules.caution) | (table["n_eff"] < rules.caution)
    table["caution"] = (table["suppressed"] == "") & (wide | (weak & ~hidden)) & (table["stat"] != "total")
    table["guarded"] = guarded
    table["at_least"] = np.where(guarded, least, np.nan)
    withheld = table["suppressed"] != ""
    table.loc[withheld, ["est", "lci", "uci"]] = np.nan
    table.loc[withheld | guarded, ["se", "n_eff", "deff", "df"]] = np.nan
    table.loc[hidden, "n"] = np.nan
    return replace(estimates, table=table)


@dataclass(frozen=True)
class _Gate:
    """What is known of a wave when one of its tables is judged."""

    wave: Wave | None
    history: tuple[Wave, ...]
    nesting: Nesting
    rules: Rules

    def judge(self, rows: pd.DataFrame, measure: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Which numbers to hide, what may be told of them at least, and which are of sparse groupings."""
        n, rules = rows["n"].to_numpy(int), self.rules
        names = list(zip(rows["by"], rows["level"].astype(str), strict=True))
        known, sparse = self._known(measure)
        also = np.array([known[cell].hidden if cell in known else self._pooled for cell in names], dtype=bool)
        least = np.array([float(known[cell].least) if cell in known else 0.0 for cell in names])
        counted = self.wave is not None and countable(self.wave, measure)
        if counted and all(cell in known for cell in names):
            return also | (n < rules.people), least, np.isin(rows["by"], list(sparse))
        if counted and not self._pooled:
            found = hide_beyond(names, n, also, self._cells(measure), rules)
        else:
            sums = sums_of(rows["by"].tolist(), rows["level"].tolist(), n, self.nesting)
            found = hide(n, sums, rules.people, rules.answers, also=also, mute=also)
        least = np.where(found.guard & ~also, float(rules.answers), least)
        return found.hidden, least, np.isin(rows["by"], list(sparse))

    def weigh(self, rows: pd.DataFrame, measure: str) -> tuple[Floats, np.ndarray]:
        """What the answers of each row are worth, and whether they are heavy enough beside the few of their grouping.

        Worth is Kish's effective number, from the weights alone. That from a measure's own variance is the larger the
        smaller that variance came out by chance; areas picked by it have intervals that are too short. Where
        residents were drawn in clusters the weights do not tell, and it has to serve; so it has without a wave.
        """
        worth, wave = rows["n_eff"].fillna(0).to_numpy(float), self.wave
        total = rows["n"].to_numpy(float)
        if wave is not None and wave.scores is not None and measure in wave.scores:
            domains = Domains.of(wave, [tuple(by.split(" x ")) for by in dict.fromkeys(rows["by"]) if by])
            row, column = domains.entries(wave.scores[measure].notna().to_numpy())
            sums = [np.bincount(column, wave.weights[row] ** power, len(domains)) for power in (1, 2)]
            place = {cell: k for k, cell in enumerate(zip(domains.by, domains.level, strict=True))}
            at = [place[by, str(level)] for by, level in zip(rows["by"], rows["level"], strict=True)]
            total = sums[0][at]
            if not _clustered(wave):
                worth = np.divide(total**2, sums[1][at], out=np.zeros(len(at)), where=sums[1][at] > 0)
        few = (
            pd.Series(np.where(rows["n"] < self.rules.people, total, 0.0))
            .groupby(rows["by"].to_numpy())
            .transform("max")
        )
        return worth, total >= TIMES * few.to_numpy()

    def _cells(self, measure: str | None) -> Cells:
        assert self.wave is not None
        counted = measure is not None and countable(self.wave, measure)
        return cells_of(self.wave, measure if counted else None, self.nesting, self.rules)

    @property
    def _pooled(self) -> bool:
        return self.wave is not None and bool(self.wave.parts)

    def _known(self, measure: str) -> tuple[dict[Cell, Shown], frozenset[str]]:
        wave, rules = self.wave, self.rules
        if wave is None:
            return {}, frozenset()
        scored = countable(wave, measure)
        if not wave.parts:
            cells = self._cells(measure)
            told = np.where(cells.guard & scored, rules.answers, 0).tolist()
            return {cell: Shown(bool(cells.hidden[k]), told[k]) for cell, k in cells.place.items()}, cells.sparse
        if wave.scores is None or measure not in wave.scores:
            return {}, frozenset()
        years = year_cells(self.history or wave.parts, measure, self.nesting, rules)
        return years, frozenset((*wave.areas, *wave.groups))


def _clustered(wave: Wave) -> bool:
    return wave.design.n_psu < len(wave)
