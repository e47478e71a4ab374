"""Whose numbers may be shown, where a test or a regression would tell of a few people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from trustsurvey.disclosure.cells import without_hidden
from trustsurvey.disclosure.sums import Nesting
from trustsurvey.errors import some
from trustsurvey.language import _
from trustsurvey.model import RULES, Estimates, Wave
from trustsurvey.wording import figure

#: The level of those whose own is too small to show, and of those who have none.
OTHERS = "others"


def levels_shown(shown: Estimates, by: str) -> list[str]:
    """The levels of a grouping whose number of people a protected table shows."""
    rows = shown.table
    return rows.loc[(rows["by"] == by) & rows["n"].notna(), "level"].astype(str).tolist()


def within_levels(wave: Wave, by: str, levels: Sequence[str]) -> np.ndarray:
    """A mask (n,) of the residents of these levels."""
    return wave.people[by].astype(str).isin(levels).to_numpy()


def gathered(wave: Wave, measure: str, groupings: Sequence[str], nesting: Nesting) -> Wave:
    """The wave in which the hidden groups of these groupings are one; see ``disclosure.cells.without_hidden``."""
    people = {name: wave.people[name].astype("category") for name in groupings}
    wave = replace(wave, people=wave.people.assign(**people))
    return without_hidden(wave, measure, groupings, nesting, together=OTHERS)


def together_words(wave: Wave, groupings: Sequence[str]) -> list[str]:
    """What has to be said where hidden groups of a gathered wave are one."""
    if not any(OTHERS in wave.people[name].cat.categories for name in groupings):
        return []
    told = _("Groups too small to show count together with those who did not say, as '{others}'.")
    return [told.format(others=OTHERS)]


def secret_words(names: Sequence[str]) -> str:
    """What has to be said where coefficients are left out."""
    return _("Coefficients of {names} are not shown, to protect a small group.").format(names=some(names, 8))


def complete(wave: Wave, outcome: str, predictors: Sequence[str]) -> np.ndarray:
    """A mask (n,) of the residents with an answer to an outcome and all of its predictors."""
    assert wave.scores is not None
    scores = [outcome, *(name for name in predictors if name in wave.scores)]
    others = [name for name in predictors if name not in wave.scores]
    return (wave.scores[scores].notna().all(axis=1) & wave.people[others].notna().all(axis=1)).to_numpy()


def with_few(wave: Wave, outcome: str, predictors: Sequence[str], groups: Sequence[str]) -> list[str]:
    """The groupings of a gathered wave one of whose categories has a few complete answers alone."""
    whole = complete(wave, outcome, predictors)
    counts = {name: wave.people.loc[whole, name].astype(str).value_counts() for name in groups}
    return [name for name, n in counts.items() if ((n > 0) & (n < RULES.people)).any()]


def number_left_out(n: int) -> str:
    """How many residents are left out, not told where they are a few."""
    return _("Fewer than {n}").format(n=RULES.people) if n < RULES.people else figure(n)
