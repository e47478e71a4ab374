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

from trustsurvey.disclosure.cells import RULES, Cell, Cells, Nesting, Rules, Shown, cells_of, countable, sums_of
from trustsurvey.disclosure.suppression import guards, hidden_numbers
from trustsurvey.disclosure.years import year_cells
from trustsurvey.estimation.linearise import Domains
from trustsurvey.model import Estimates, Floats, Ints, Wave
from trustsurvey.weighting.categories import CROSS
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
    worth = table["n_eff"].fillna(0).to_numpy(float).copy()
    of = {wave.name: wave for wave in waves}
    for (name, measure, _), at in table.groupby(["wave", "measure", "stat"], sort=False).indices.items():
        gate = _Gate(of.get(name), tuple(history), nesting or {}, rules)
        hidden[at], least[at], sparse[at] = gate.judge(table.iloc[at], str(measure))
        worth[at] = gate.worth(table.iloc[at], str(measure))
    few = (table["n"] < rules.people).to_numpy()
    thin = (table["n"] < rules.answers) | (worth < rules.answers) | table["se"].isna()
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
        counted = self.wave is not None and countable(self.wave, measure)
        if not counted or not all(cell in known for cell in names):
            of = self._cells(measure) if counted and not self._pooled else None
            hidden, guard = self.beyond(names, n, also, of)
            least = np.where(guard & ~also, float(self.rules.answers), least)
        return hidden, least, np.isin(rows["by"], list(sparse))

    def worth(self, rows: pd.DataFrame, measure: str) -> Floats:
        """What the answers of each row are worth: Kish's effective number, from the weights alone.

        The effective number from a measure's own variance is the larger the smaller that variance came
        out by chance; areas picked by it have intervals that are too short. Where residents were drawn in
        clusters the weights do not tell, and that number has to serve; so it has where there is no wave.
        """
        own = rows["n_eff"].fillna(0).to_numpy(float)
        wave = self.wave
        if wave is None or wave.scores is None or measure not in wave.scores or _clustered(wave):
            return own
        groupings = [tuple(by.split(" x ")) for by in dict.fromkeys(rows["by"]) if by]
        domains = Domains.of(wave, groupings)
        row, column = domains.entries(wave.scores[measure].notna().to_numpy())
        sums = [np.bincount(column, wave.weights[row] ** power, len(domains)) for power in (1, 2)]
        kish = np.divide(sums[0] ** 2, sums[1], out=np.zeros(len(domains)), where=sums[1] > 0)
        place = {cell: k for k, cell in enumerate(zip(domains.by, domains.level, strict=True))}
        return np.array([kish[place[by, str(level)]] for by, level in zip(rows["by"], rows["level"], strict=True)])

    def beyond(
        self, names: Sequence[Cell], n: Ints, also: np.ndarray, of: Cells | None
    ) -> tuple[np.ndarray, np.ndarray]:
        """What to hide of a table beyond those that a wave declares, and what may be told ``answers`` at least.

        By its own sums and by those with the wave's own cells ``of`` the same people: those that are shown stay so.
        """
        place = {} if of is None else of.place
        crossed = {name for by, _ in names for name in by.split(CROSS) if CROSS in by}
        crossed |= {self.nesting[name][0] for name in crossed if name in self.nesting}
        sides = [cell for cell in place if cell[0] in crossed and cell not in names]
        cells = [*names, *sides]
        at = [place.get(cell, -1) for cell in cells]
        numbers, hide = n, also
        told = np.zeros(len(cells), dtype=bool)
        if of is not None:
            numbers = np.append(n, of.n[at[len(names) :]])
            hide = np.append(also, of.hidden[at[len(names) :]])
            told = (np.array(at) >= 0) & ~hide
        sums = sums_of([by for by, _ in cells], [level for _, level in cells], numbers, self.nesting)
        hidden = hidden_numbers(numbers, sums, self.rules.people, also=hide, told=told)
        guard = guards(numbers, hidden, sums, self.rules.people, self.rules.answers)
        return hidden[: len(names)], guard[: len(names)]

    def _cells(self, measure: str | None) -> Cells:
        assert self.wave is not None
        counted = measure is not None and countable(self.wave, measure)
        return cells_of(self.wave, measure if counted else None, self.nesting, self.rules)

    @property
    def _pooled(self) -> bool:
        return self.wave is not None and bool(self.wave.parts)

    def _known(self, measure: str, groupings: tuple[str, ...]) -> tuple[dict[Cell, Shown], frozenset[str]]:
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

    The share before weighting would give the number away, so it goes with it, and where some are hidden
    and others left the question out, the shares before are of the shown categories alone, scaled to what they are
    of the population: their sum with the hidden ones would tell those. A merged category is hidden with its parts.
    The row of those without an answer, whose target is their share of the sample, is left out.
    """
    answered = report[report["category"] != NO_ANSWER].reset_index(drop=True)
    answered["n"] = answered["n"].astype(float)
    for name, rows in answered.groupby("variable", sort=False):
        variable = str(name)
        for column in ("before", "target", "after"):
            answered.loc[rows.index, column] = rows[column] / rows[column].sum()
        everyone = int(report.loc[report["variable"] == variable, "n"].sum())
        cells = [(variable, str(category)) for category in rows["category"]]
        hidden = _hidden_categories(cells, rows["n"].to_numpy(int), everyone, wave, nesting, rules)
        answered.loc[rows.index[hidden], ["n", "before"]] = np.nan
        if hidden.any() and everyone > rows["n"].sum():
            seen = answered.loc[rows.index[~hidden]]
            scaled = seen["before"] / seen["before"].sum() * seen["target"].sum()
            answered.loc[seen.index, "before"] = scaled if len(seen) > 1 else np.nan
    return answered


def _hidden_categories(
    cells: list[Cell], n: Ints, everyone: int, wave: Wave | None, nesting: Nesting | None, rules: Rules
) -> np.ndarray:
    """Which categories of one margin to hide: as in the wave's tables, and as these and their own sums ask for."""
    of = None if wave is None else cells_of(wave, None, nesting, rules)
    merged = {} if wave is None or wave.weighting is None else wave.weighting.settings.get("merged", {})
    parts = [[(by, part) for part in merged.get(by, {}).get(level, [level])] for by, level in cells]
    also = np.array([of is not None and any(of.hidden[of.place[p]] for p in ps if p in of.place) for ps in parts])
    gate = _Gate(wave, (), nesting or {}, rules)
    hidden, _ = gate.beyond([("", ""), *cells], np.append(everyone, n), np.append(False, also), of)
    return hidden[1:]


def hidden_cells(wave: Wave, nesting: Nesting | None = None) -> frozenset[Cell]:
    """The cells of a wave whose number of residents is not shown; a corrected release goes on hiding them."""
    cells = cells_of(wave, None, nesting)
    return frozenset(cell for cell, k in cells.place.items() if cells.hidden[k])


def _clustered(wave: Wave) -> bool:
    return wave.design.n_psu < len(wave)
