"""Whose numbers may be shown, where a test or a regression would tell of a few people."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from trustsurvey.disclosure.gate import protect
from trustsurvey.disclosure.rules import RULES
from trustsurvey.disclosure.sums import Nesting
from trustsurvey.estimation.means import estimate
from trustsurvey.model import Estimates, Wave


def levels_shown(shown: Estimates, by: str) -> list[str]:
    """The levels of a grouping whose number of people a protected table shows."""
    rows = shown.table
    return rows.loc[(rows["by"] == by) & rows["n"].notna(), "level"].astype(str).tolist()


def within_levels(wave: Wave, by: str, levels: Sequence[str]) -> np.ndarray:
    """A mask (n,) of the residents of these levels."""
    return wave.people[by].astype(str).isin(levels).to_numpy()


def with_few(wave: Wave, nesting: Nesting, outcome: str, predictors: Sequence[str], groups: Sequence[str]) -> list[str]:
    """The groupings one of whose categories is hidden, or has a few complete answers alone."""
    assert wave.scores is not None
    if not groups:
        return []
    scores = [outcome, *(name for name in predictors if name in wave.scores)]
    others = [name for name in predictors if name not in wave.scores]
    complete = wave.scores[scores].notna().all(axis=1) & wave.people[others].notna().all(axis=1)
    shown = protect(estimate(wave, [outcome], list(groups)), wave, nesting=nesting)
    secret = []
    for name in dict.fromkeys(groups):
        counts = wave.people.loc[complete, name].astype(str).value_counts()
        open_levels = levels_shown(shown, name)
        if any(n > 0 and (n < RULES.people or level not in open_levels) for level, n in counts.items()):
            secret.append(name)
    return secret


def number_left_out(n: int) -> str:
    """How many residents are left out, not told where they are a few."""
    return f"Fewer than {RULES.people}" if n < RULES.people else f"{n:,}"
