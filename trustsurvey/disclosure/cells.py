"""Which numbers of people a wave shows, decided once so that no table of it gives another's away.

A cell is a level of a grouping, such as a district. How many residents it has is decided first, for
all area levels and groups together; how many of them answered comes on top of that: what is hidden of the
residents is hidden of every measure, and measures that say something of one another hide the same cells.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd
from scipy import sparse

from trustsurvey.disclosure.sums import Cell, Nesting, Ways, frozen, nesting_in, nesting_of as nesting_of
from trustsurvey.disclosure.suppression import hide
from trustsurvey.estimation.linearise import Domains
from trustsurvey.model import RULES, Floats, Ints, Rules, Wave
from trustsurvey.scales.scoring import dont_know, score

#: Before the name of an item: those who answered it or did not know.
DONT_KNOW = "don't know: "
#: Before the name of a measure: its mean, where that was withheld together with the number.
MEAN = "mean: "
#: Answers (residents x measures) that are counted together.
MOST_ENTRIES = 4_000_000


def countable(wave: Wave, measure: str) -> bool:
    """Whether the wave itself tells who counts for a measure: a score, or an item with those who did not know."""
    return (wave.scores is not None and measure in wave.scores) or measure.removeprefix(DONT_KNOW) in wave.items


@dataclass(frozen=True)
class Shown:
    """What may be shown of a number: itself unless ``hidden``; else that it is ``least`` or more.

    ``least`` is 0 where nothing at all may be told of it.
    """

    hidden: bool
    least: int = 0


@dataclass(frozen=True, eq=False)
class Cells:
    """The cells of one wave: place of each, numbers, which are hidden and which may be told ``answers``.

    ``nobody``: numbers that are known to be none, of a cell whose residents' number is shown. ``nesting``: how
    groupings lie within one another, ``ways``: how the numbers add up then. ``sparse`` names the groupings most of
    whose cells are too few to say anything: those numbers are not shown either, so that rolling years, which say
    more, can be.
    """

    place: dict[Cell, int]
    n: Ints
    hidden: np.ndarray
    guard: np.ndarray
    nobody: np.ndarray
    nesting: Nesting
    ways: Ways
    sparse: frozenset[str]

    def shown(self, answers: int) -> dict[Cell, Shown]:
        """What may be shown of each number; where an estimate may stand beside it, that it is ``answers`` or more."""
        if answers not in self._shown:
            told = zip(self.place, self.hidden.tolist(), self.guard.tolist(), strict=True)
            self._shown[answers] = {cell: Shown(hidden, answers * guard) for cell, hidden, guard in told}
        return self._shown[answers]

    @cached_property
    def _shown(self) -> dict[int, dict[Cell, Shown]]:
        return {}


@dataclass(frozen=True, eq=False)
class _Grid:
    """The groupings of a wave, how they lie within one another, and who answered what."""

    domains: Domains
    nesting: Nesting
    scores: pd.DataFrame
    unsure: pd.DataFrame

    @classmethod
    def of(cls, wave: Wave, nesting: Nesting) -> _Grid:
        domains = Domains.of(wave, [by for by in (*wave.areas, *wave.groups) if by in wave.people])
        scores = wave.scores if wave.scores is not None else score(wave).scores
        assert scores is not None
        return cls(domains, nesting_in(domains) | dict(nesting), scores, dont_know(wave).add_prefix(DONT_KNOW))

    @cached_property
    def cells(self) -> list[Cell]:
        """The cells in their order."""
        return list(zip(self.domains.by, self.domains.level, strict=True))

    @cached_property
    def ways(self) -> Ways:
        """How the numbers of the cells add up."""
        return Ways.of(self.domains.by, self.domains.level, self.nesting)

    @cached_property
    def members(self) -> sparse.csr_array:
        """(cells, residents) with 1 where a resident belongs to a cell."""
        row, column = self.domains.entries(np.ones(len(self.scores), dtype=bool))
        return sparse.csr_array((np.ones(len(row)), (column, row)), shape=(len(self.domains), len(self.scores)))

    def withheld(self, wave: Wave, measures: Sequence[str]) -> np.ndarray:
        """Mask of the cells of which an earlier release withheld some of this."""
        return np.array([any((name, *cell) in wave.withheld for name in measures) for cell in self.cells], dtype=bool)

    def answered(self, measure: str | None) -> Ints:
        """How many residents of each cell answered a measure; how many there are for None."""
        return self._counted(np.ones((len(self.scores), 1)))[0] if measure is None else self._answered[measure]

    @cached_property
    def _answered(self) -> dict[str, Ints]:
        """How many residents of each cell answered each measure, a few measures at a time."""
        found: dict[str, Ints] = {}
        for frame in (self.scores, self.unsure):
            step = max(1, MOST_ENTRIES // max(1, len(frame)))
            for first in range(0, frame.shape[1], step):
                some = frame.iloc[:, first : first + step]
                found |= dict(zip(some.columns, self._counted(some.notna().to_numpy(float)), strict=True))
        return found

    def _counted(self, who: Floats) -> Ints:
        """How many residents each cell has (m, cells) of those marked 1 in (residents, m)."""
        return np.rint((self.members @ who).T).astype(np.int64)


#: What was decided for a wave, by measure (None: all residents), rules and nesting.
_DECIDED: WeakKeyDictionary[Wave, dict[object, Cells]] = WeakKeyDictionary()
_GRIDS: WeakKeyDictionary[Wave, dict[object, _Grid]] = WeakKeyDictionary()


def cells_of(wave: Wave, measure: str | None = None, nesting: Nesting | None = None, rules: Rules = RULES) -> Cells:
    """The residents of a wave by area and group; those alone who count for ``measure``.

    ``measure``: a score of the wave, or an item after :data:`DONT_KNOW`.
    """
    nesting = nesting or {}
    within = frozen(nesting)
    kept, grids = _DECIDED.setdefault(wave, {}), _GRIDS.setdefault(wave, {})
    if within not in grids:
        grids[within] = _Grid.of(wave, nesting)
    if (measure, rules, within) not in kept:
        grid = grids[within]
        if measure is None:
            found: dict[str | None, Cells] = {None: _residents(wave, grid, rules)}
        else:
            found = _answers(wave, grid, _family(wave, grid, measure), cells_of(wave, None, nesting, rules), rules)
        kept |= {(name, rules, within): cells for name, cells in found.items()}
    return kept[measure, rules, within]


def hidden_cells(wave: Wave, nesting: Nesting | None = None, rules: Rules = RULES) -> frozenset[Cell]:
    """The cells of a wave whose number of residents is not shown."""
    cells = cells_of(wave, None, nesting, rules)
    return frozenset(cell for cell, k in cells.place.items() if cells.hidden[k])


def without_hidden(
    wave: Wave,
    measure: str,
    groupings: Collection[str],
    nesting: Nesting | None = None,
    rules: Rules = RULES,
    *,
    together: str = "",
) -> Wave:
    """The wave in which nobody is said to be of a level of these groupings whose number is hidden for a measure.

    Those residents have none then or, where ``together`` names one, a level of their own with those who have none:
    how many that are follows from what is shown. A model of the wave tells nothing of the levels that are hidden.
    """
    cells = cells_of(wave, measure, nesting, rules)
    hidden = {cell for cell, k in cells.place.items() if cells.hidden[k]}
    people = wave.people.copy()
    for by in groupings:
        column = people[by].astype("category")
        shown = [level for level in column.cat.categories if (by, str(level)) not in hidden]
        if len(shown) < len(column.cat.categories):
            kept = column.cat.set_categories(shown)
            people[by] = kept.cat.add_categories(together).fillna(together) if together else kept
    return replace(wave, people=people)


def withheld_cells(wave: Wave, nesting: Nesting | None = None, rules: Rules = RULES) -> frozenset[tuple[str, str, str]]:
    """All numbers that the wave does not show, as (measure, grouping, level), "" standing for the residents.

    Where no mean stands beside the number either, (:data:`MEAN` and the measure, grouping, level) is another.
    What a release keeps in mind, so that a correction goes on hiding them.
    """
    assert wave.scores is not None
    known = hidden_cells(wave, nesting, rules)
    found = {("", *cell) for cell in known}
    for measure in (*wave.scores, *(DONT_KNOW + item for item in wave.items)):
        cells = cells_of(wave, measure, nesting, rules)
        for cell, k in cells.place.items():
            if cells.hidden[k]:
                found |= {(measure, *cell)} if cells.guard[k] else {(measure, *cell), (MEAN + measure, *cell)}
    return frozenset(found)


def _residents(wave: Wave, grid: _Grid, rules: Rules) -> Cells:
    by, n, cells = np.array(grid.domains.by, dtype=object), grid.answered(None), grid.cells
    # Where some left a question out, the number of those who did not is small before that of residents is.
    few = np.zeros(len(n), dtype=bool)
    for name in grid.scores:
        few |= (n < 2 * rules.people) & (grid.answered(name) < rules.people)
    enough = pd.Series(n >= rules.answers).groupby(by).mean()
    thin = frozenset(name for name, share in enough.items() if name and share < 0.5)
    also = np.isin(by, list(thin)) & (n < rules.answers)
    also |= grid.withheld(wave, [""])
    told = (by == "") & (n >= rules.people)  # how many answered at all is said on every page
    found = hide(n, grid.ways.sums(n), rules.people, rules.answers, also=also, few=few, told=told)
    place = {cell: k for k, cell in enumerate(cells)}
    return Cells(place, n, found.hidden, found.guard, np.zeros(len(n), dtype=bool), grid.nesting, grid.ways, thin)


def _family(wave: Wave, grid: _Grid, measure: str) -> tuple[str, ...]:
    """The measures whose numbers say something of one another's: an index, its parts, and who did not know them."""
    links = [{index.key, *index.parts} for index in wave.instrument.indices]
    links += [{name.removeprefix(DONT_KNOW), name} for name in grid.unsure]
    found, new = {measure}, {measure}
    while new:
        new = {name for link in links if link & found for name in link} - found
        found |= new
    return tuple(name for name in (*grid.scores, *grid.unsure) if name in found)


def _answers(wave: Wave, grid: _Grid, family: Sequence[str], residents: Cells, rules: Rules) -> dict[str | None, Cells]:
    """Who counts for the measures of a family, of which all hide the same cells.

    Two residents of hidden cells can then be thought to have answered the questions of the family each in the other's
    way, and no number that is shown would be another: whatever one number says of others is met.
    """
    n = {name: grid.answered(name) for name in family}
    nobody = {name: (n[name] == 0) & ~residents.hidden for name in family}
    # No more can have answered than there are residents, where that number is shown.
    most = np.where(residents.hidden, np.inf, residents.n)
    hidden = residents.hidden | grid.withheld(wave, family)
    # Beside a hidden number stands the mean of every measure of the family, or of none, but for those hardly answered.
    mute = residents.hidden & ~residents.guard | grid.withheld(wave, [MEAN + name for name in family])
    mute |= np.any([(of >= rules.people) & (of < rules.answers) for of in n.values()], axis=0)
    for name in (*family, *family):  # the second time with all that is hidden by then
        limit = np.where(nobody[name], 0.0, most)
        found = hide(n[name], grid.ways.sums(n[name]), rules.people, rules.answers, also=hidden, most=limit, mute=mute)
        hidden, mute = hidden | found.hidden, mute | (found.hidden & ~found.guard & (n[name] >= rules.answers))
    guard = {name: hidden & ~mute & (n[name] >= rules.answers) for name in family}
    return {
        name: Cells(
            residents.place, n[name], hidden, guard[name], nobody[name], grid.nesting, grid.ways, residents.sparse
        )
        for name in family
    }
