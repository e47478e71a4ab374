"""Tables beyond those that a wave declares: crossed groupings and margins, which must not tell what its own hide."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd

from trustsurvey.disclosure.cells import Cells, cells_of, hidden_cells
from trustsurvey.disclosure.sums import Cell, Nesting, impossible, sums_of
from trustsurvey.disclosure.suppression import Hidden, hide
from trustsurvey.estimation.linearise import Domains
from trustsurvey.model import RULES, Ints, Margins, Rules, Wave
from trustsurvey.weighting.categories import CROSS, EVERYONE
from trustsurvey.weighting.population import NO_ANSWER


def hide_beyond(names: Sequence[Cell], n: Ints, also: np.ndarray, of: Cells, rules: Rules = RULES) -> Hidden:
    """What to hide of a table of numbers n (k,) by its own sums and by those with the wave's own cells ``of``.

    Those that ``of`` shows stay so; ``also`` names those that are hidden in any case.
    """
    crossed = {name for by, _ in names for name in by.split(CROSS) if CROSS in by}
    crossed |= {of.nesting[name][0] for name in crossed if name in of.nesting}
    sides = [cell for cell in of.place if cell[0] in crossed and cell not in names]
    cells = [*names, *sides]
    at = np.array([of.place.get(cell, -1) for cell in cells], dtype=np.int64)
    own = at >= 0
    numbers = np.append(n, of.n[at[len(names) :]])
    secret = np.append(also, np.zeros(len(sides), dtype=bool)) | own & of.hidden[at]
    none = own & of.nobody[at] | impossible(cells, of.nesting, {cell for cell, k in of.place.items() if of.nobody[k]})
    found = hide(
        numbers, sums_of([by for by, _ in cells], [level for _, level in cells], numbers, of.nesting),
        rules.people, rules.answers, also=secret, told=own & ~secret, mute=secret,
        least=np.where(own & of.guard[at], rules.answers, 0), most=np.where(none, 0.0, np.inf),
    )  # fmt: skip
    return Hidden(found.hidden[: len(names)], found.guard[: len(names)])


def hidden_in_margins(
    wave: Wave, margins: Margins | None = None, nesting: Nesting | None = None, rules: Rules = RULES
) -> frozenset[Cell]:
    """The cells whose number of residents is not shown: those of the wave, and those of margins.

    ``margins``: those that the wave was weighted to by default. The numbers by area and group that the wave
    shows anyway stay as they are: a small crossed number is kept open by hiding others of the crossing.
    SurveyError ``margins.variable`` for a margin of a column that the wave lacks.
    """
    given = margins if margins is not None else wave.weighting.margins if wave.weighting is not None else Margins(())
    return _hidden_categories(wave, given.variables, nesting, rules)


def protect_margins(
    report: pd.DataFrame, wave: Wave, nesting: Nesting | None = None, rules: Rules = RULES
) -> pd.DataFrame:
    """A margin report (see ``weigh.margin_report``) of a wave without the numbers of small categories.

    The share before weighting would give the number away, so it goes with it, and where some are hidden
    and others left the question out, the shares before are of the shown categories alone, scaled to what they are
    of the population: their sum with the hidden ones would tell those. A merged category is hidden with its parts.
    The row of those without an answer, whose target is their share of the sample, is left out.
    """
    merged = {} if wave.weighting is None else wave.weighting.settings.get("merged", {})
    secret = _hidden_categories(wave, list(dict.fromkeys(map(str, report["variable"]))), nesting, rules)
    answered = report[report["category"] != NO_ANSWER].reset_index(drop=True)
    answered["n"] = answered["n"].astype(float)
    for variable, rows in answered.groupby("variable", sort=False):
        for column in ("before", "target", "after"):
            answered.loc[rows.index, column] = rows[column] / rows[column].sum()
        parts = [merged.get(variable, {}).get(str(level), [str(level)]) for level in rows["category"]]
        hidden = np.array([any((str(variable), part) in secret for part in of) for of in parts], dtype=bool)
        answered.loc[rows.index[hidden], ["n", "before"]] = np.nan
        if hidden.any() and report.loc[report["variable"] == variable, "n"].sum() > rows["n"].sum():
            seen = answered.loc[rows.index[~hidden]]
            scaled = seen["before"] / seen["before"].sum() * seen["target"].sum()
            answered.loc[seen.index, "before"] = scaled if len(seen) > 1 else np.nan
    return answered


def _hidden_categories(
    wave: Wave, variables: Collection[str], nesting: Nesting | None, rules: Rules
) -> frozenset[Cell]:
    """The cells of the wave that are hidden, and the categories of variables that it does not declare."""
    of = cells_of(wave, None, nesting, rules)
    found = hidden_cells(wave, nesting, rules)
    # One variable after the other, so that a margin is the same wherever it is shown.
    for variable in variables:
        if variable in (*wave.areas, *wave.groups, EVERYONE):
            continue
        split = (variable,) if variable in wave.people else tuple(variable.split(CROSS))
        sides = [name for name in split if name not in (*wave.areas, *wave.groups)] if len(split) > 1 else []
        domains = Domains.of(wave, [*sides, split])
        _, column = domains.entries(np.ones(len(wave), dtype=bool))
        n = np.bincount(column, minlength=len(domains)).astype(np.int64)
        cells = list(zip(domains.by, domains.level, strict=True))
        choice = hide_beyond(cells, n, np.zeros(len(n), dtype=bool), of, rules)
        found |= {cell for cell, secret in zip(cells, choice.hidden, strict=True) if secret}
    return found
