"""Which numbers of crossed margins to hide: no other table of the wave may tell them by its sums."""

from __future__ import annotations

import numpy as np

from trustsurvey.disclosure.cells import RULES, Cell, Nesting, Rules, sums_of
from trustsurvey.disclosure.gate import hidden_cells
from trustsurvey.disclosure.suppression import hidden_numbers
from trustsurvey.estimation.linearise import Domains
from trustsurvey.model import Margins, Wave
from trustsurvey.weighting.categories import Levels


def hidden_in_margins(
    wave: Wave, margins: Margins | None = None, nesting: Nesting | None = None, rules: Rules = RULES
) -> frozenset[Cell]:
    """The cells whose number of residents is not shown: those of the wave, and those of crossed margins.

    ``margins``: those that the wave was weighted to by default. The numbers by area and group that the wave
    shows anyway stay as they are: a small crossed number is kept open by hiding others of the crossing.
    SurveyError ``margins.variable`` for a margin of a column that the wave lacks.
    """
    nesting = nesting or {}
    hidden = hidden_cells(wave, nesting)
    given = margins if margins is not None else wave.weighting.margins if wave.weighting is not None else Margins(())
    levels = [Levels.of(wave, name) for name in given.variables]
    crossed = [of.variables for of in levels if len(of.variables) > 1]
    if not crossed:
        return hidden
    declared = ("", *wave.areas, *wave.groups)
    single = dict.fromkeys((*declared[1:], *(name for variables in crossed for name in variables)))
    domains = Domains.of(wave, [*single, *crossed])
    _, column = domains.entries(np.ones(len(wave), dtype=bool))
    n = np.bincount(column, minlength=len(domains)).astype(np.int64)
    cells = list(zip(domains.by, domains.level, strict=True))
    sums = sums_of(domains.by, domains.level, n, nesting)
    also = np.array([cell in hidden for cell in cells], dtype=bool)
    # Other tables show these; what the crossing says of them goes instead.
    told = np.isin(domains.by, declared) & ~also
    mask = hidden_numbers(n, sums, rules.people, also=also, told=told)
    return hidden | {cell for cell, secret in zip(cells, mask, strict=True) if secret}
