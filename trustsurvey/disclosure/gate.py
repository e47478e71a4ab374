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

from trustsurvey.disclosure.cells import RULES, Cell, Nesting, Rules, Shown, cells_of, sums_of
from trustsurvey.disclosure.suppression import Sum, guards, hidden_numbers
from trustsurvey.disclosure.years import year_cells
from trustsurvey.model import Estimates, Wave
from trustsurvey.weighting.population import NO_ANSWER

CONFIDENTIAL = "too few people"
UNRELIABLE = "too few answers"


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
    number alone must be hidden for the sake of a small neighbour stays, ``guarded``: rounded to whole
    points, so that nothing can be worked back from it, and without its number, standard error
    and degrees of freedom; ``at_least`` says what may be told of the number. Other statistics,
    from which the number follows, are hidden with it. ``caution``: shown, but with under 50 answers
    or a wide interval. What has been through the gate passes unchanged.
    """
    table = estimates.table.copy()
    if "caution" in table:
        return estimates
    table[["n", "df"]] = table[["n", "df"]].astype(float)
    hidden, least, sparse = (np.zeros(len(table), dtype=kind) for kind in (bool, float, bool))
    of = {wave.name: wave for wave in waves}
    for (name, measure, _), at in table.groupby(["wave", "measure", "stat"], sort=False).indices.items():
        gate = _Gate(of.get(name), tuple(history), nesting or {}, rules)
        hidden[at], least[at], sparse[at] = gate.judge(table.iloc[at], str(measure))
    few = (table["n"] < rules.people).to_numpy()
    thin = (table["n"] < rules.answers) | (table["n_eff"].fillna(0) < rules.answers) | table["se"].isna()
    guarded = hidden & ~few & ~thin.to_numpy() & (table["stat"] == "mean").to_numpy() & (least >= rules.answers)
    table.loc[thin, "suppressed"] = UNRELIABLE
    # Where most are too few to say anything, those with under ten people do not stand out.
    table.loc[hidden & ~guarded & ~sparse, "suppressed"] = CONFIDENTIAL
    table.loc[hidden & ~guarded & sparse, "suppressed"] = UNRELIABLE
    half = (table["uci"] - table["lci"]) / 2
    wide = half > np.where(table["stat"] == "mean", rules.half_width_score, rules.half_width_share)
    weak = (table["n"] < rules.caution) | (table["n_eff"] < rules.caution)
    table["caution"] = (table["suppressed"] == "") & (wide | (weak & ~hidden)) & (table["stat"] != "total")
    table["guarded"] = guarded
    table["at_least"] = np.where(guarded, least, np.nan)
    table.loc[guarded, ["est", "lci", "uci"]] = table.loc[guarded, ["est", "lci", "uci"]].round()
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
        n = rows["n"].to_numpy(int)
        names = list(zip(rows["by"], rows["level"].astype(str), strict=True))
        known, sparse = self._known(measure, tuple(dict.fromkeys(rows["by"])))
        also = np.array([known[cell].hidden if cell in known else self._pooled for cell in names], dtype=bool)
        least = np.array([float(known[cell].least) if cell in known else 0.0 for cell in names])
        hidden = also | (n < self.rules.people)
        if not all(cell in known for cell in names):
            # A table beyond those that a wave declares: by its own sums too, with what is hidden elsewhere.
            sums = sums_of(rows["by"].tolist(), rows["level"].tolist(), n, self.nesting)
            hidden = hidden_numbers(n, sums, self.rules.people, also=also)
            told = guards(n, hidden, sums, self.rules.people, self.rules.answers)
            least = np.where(told & ~also, float(self.rules.answers), least)
        return hidden, least, np.isin(rows["by"], list(sparse))

    @property
    def _pooled(self) -> bool:
        return self.wave is not None and bool(self.wave.parts)

    def _known(self, measure: str, groupings: tuple[str, ...]) -> tuple[dict[Cell, Shown], frozenset[str]]:
        wave, rules = self.wave, self.rules
        if wave is None:
            return {}, frozenset()
        scored = wave.scores is not None and measure in wave.scores
        if not wave.parts:
            cells = cells_of(wave, measure if scored else None, self.nesting, rules)
            told = np.where(cells.guard & scored, rules.answers, 0).tolist()
            return {cell: Shown(bool(cells.hidden[k]), told[k]) for cell, k in cells.place.items()}, cells.sparse
        if not scored:
            return {}, frozenset()
        known = {("", ""): Shown(False)}
        for by in groupings:
            if by in (*wave.areas, *wave.groups):
                years = year_cells(self.history or wave.parts, measure, by, self.nesting, rules)
                known |= {(by, area): shown for area, shown in years.items()}
        return known, frozenset(by for by in groupings if by)


def protect_margins(
    report: pd.DataFrame, wave: Wave | None = None, nesting: Nesting | None = None, rules: Rules = RULES
) -> pd.DataFrame:
    """A margin report (see ``weigh.margin_report``) without the numbers of small categories.

    The share before weighting would give the number away, so it goes with it. The row of those
    without an answer, whose target is their share of the sample, is left out, and the shares of
    the others are of those who answered.
    """
    answered = report[report["category"] != NO_ANSWER].reset_index(drop=True)
    answered["n"] = answered["n"].astype(float)
    cells = None if wave is None else cells_of(wave, None, nesting, rules)
    for variable, rows in answered.groupby("variable", sort=False):
        for column in ("before", "target", "after"):
            answered.loc[rows.index, column] = rows[column] / rows[column].sum()
        everyone = int(report.loc[report["variable"] == variable, "n"].sum())
        n = np.append(rows["n"].to_numpy(int), everyone)
        whole = Sum(len(rows), np.arange(len(rows)), rest=everyone > n[:-1].sum())
        places = [None if cells is None else cells.place.get((str(variable), str(c))) for c in rows["category"]]
        also = np.array([*(p is not None and cells is not None and cells.hidden[p] for p in places), False], dtype=bool)
        hidden = hidden_numbers(n, [whole], rules.people, also=also)[:-1]
        answered.loc[rows.index[hidden], ["n", "before"]] = np.nan
    return answered


def hidden_cells(wave: Wave, nesting: Nesting | None = None) -> frozenset[Cell]:
    """The cells of a wave whose number of residents is not shown; a corrected release goes on hiding them."""
    cells = cells_of(wave, None, nesting)
    return frozenset(cell for cell, k in cells.place.items() if cells.hidden[k])
