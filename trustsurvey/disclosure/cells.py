"""Which numbers of people a wave shows, decided once so that no table of it gives another's away.

A cell is a level of a grouping, such as a district. How many residents it has is decided first, for
all area levels and groups together; how many of them answered a measure comes on top of that: what
is hidden of the residents is hidden of every measure.
"""

from __future__ import annotations

from collections.abc import Mapping as MappingType, Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd

from trustsurvey.disclosure.suppression import Sum, guards, hidden_numbers
from trustsurvey.estimation.linearise import Domains
from trustsurvey.model import AreaLevel, Floats, Ints, Wave
from trustsurvey.scales.scoring import dont_know, score

Cell = tuple[str, str]
#: Where the levels of one grouping lie within those of another: by -> (parent by, level -> parent).
Nesting = MappingType[str, tuple[str, MappingType[str, str]]]


def nesting_of(levels: tuple[AreaLevel, ...]) -> Nesting:
    """How the area levels of a study lie within one another."""
    return {level.key: (level.parent, dict(level.areas)) for level in levels if level.parent and level.areas}


#: Before the name of an item: those who answered it or did not know.
DONT_KNOW = "don't know: "


def countable(wave: Wave, measure: str) -> bool:
    """Whether the wave itself tells who counts for a measure: a score, or an item with those who did not know."""
    return (wave.scores is not None and measure in wave.scores) or measure.removeprefix(DONT_KNOW) in wave.items


@dataclass(frozen=True)
class Rules:
    """Thresholds. ``ValueError`` for any that is laxer than the defaults."""

    people: int = 10
    answers: int = 30
    caution: int = 50
    half_width_score: float = 6.0
    half_width_share: float = 0.10

    def __post_init__(self) -> None:
        least = (self.people >= 10, self.answers >= 30, self.caution >= 50)
        most = (self.half_width_score <= 6.0, self.half_width_share <= 0.10)
        if not all(least + most):
            raise ValueError("disclosure rules can be made stricter, never laxer")


RULES = Rules()


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

    ``sparse`` names the groupings most of whose cells are too few to say anything: those numbers are not
    shown either, so that rolling years, which say more, can be.
    """

    place: dict[Cell, int]
    n: Ints
    hidden: np.ndarray
    guard: np.ndarray
    sparse: frozenset[str]


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
        return cls(domains, _nesting_in(wave, domains) | dict(nesting), scores, dont_know(wave).add_prefix(DONT_KNOW))

    def answered(self, measure: str | None) -> Ints:
        """How many residents of each cell answered a measure; how many there are for None."""
        if measure is None:
            who = np.ones(len(self.scores), dtype=bool)
        else:
            who = (self.unsure if measure in self.unsure else self.scores)[measure].notna().to_numpy()
        _, column = self.domains.entries(who)
        return np.bincount(column, minlength=len(self.domains)).astype(np.int64)


#: What was decided for a wave, by measure (None: all residents), rules and nesting.
_DECIDED: WeakKeyDictionary[Wave, dict[object, Cells]] = WeakKeyDictionary()
_GRIDS: WeakKeyDictionary[Wave, dict[object, _Grid]] = WeakKeyDictionary()


def cells_of(wave: Wave, measure: str | None = None, nesting: Nesting | None = None, rules: Rules = RULES) -> Cells:
    """The residents of a wave by area and group; those alone who count for ``measure``.

    ``measure``: a score of the wave, or an item after :data:`DONT_KNOW`.
    """
    nesting = nesting or {}
    within = tuple((by, parent, tuple(of.items())) for by, (parent, of) in nesting.items())
    kept, grids = _DECIDED.setdefault(wave, {}), _GRIDS.setdefault(wave, {})
    if within not in grids:
        grids[within] = _Grid.of(wave, nesting)
    key = (measure, rules, within)
    if key not in kept:
        kept[key] = _decide(wave, grids[within], measure, nesting, rules)
    return kept[key]


def _decide(wave: Wave, grid: _Grid, measure: str | None, nesting: Nesting, rules: Rules) -> Cells:
    by, level = np.array(grid.domains.by, dtype=object), grid.domains.level
    n = grid.answered(measure)
    allowed, few = np.ones(len(n), dtype=bool), np.zeros(len(n), dtype=bool)
    least, most = np.zeros(len(n)), np.full(len(n), np.inf)
    if measure is None:
        # Where some left a question out, the number of those who did not is small before that of residents is.
        for name in grid.scores:
            few |= (n < 2 * rules.people) & (grid.answered(name) < rules.people)
        enough = pd.Series(n >= rules.answers).groupby(by).mean()
        sparse = frozenset(name for name, share in enough.items() if name and share < 0.5)
        also = np.isin(by, list(sparse)) & (n < rules.answers)
        also |= np.array([cell in wave.withheld for cell in zip(by, level, strict=True)], dtype=bool)
    else:
        residents = cells_of(wave, None, nesting, rules)
        also, allowed, sparse = residents.hidden, residents.guard, residents.sparse
        # No more can have answered than there are residents, where that number is shown.
        most = np.where(residents.hidden, np.inf, residents.n)
        if (made := _made_of(wave, grid, measure, nesting, rules)) is not None:
            also, allowed = also | made.also, allowed & made.allowed
            least, most = made.least, np.minimum(most, made.most)
    least = np.where(n < rules.people, 0.0, least)
    sums = sums_of(grid.domains.by, level, n, grid.nesting)
    hidden = hidden_numbers(n, sums, rules.people, also=also, few=few, least=least, most=most)
    guard = guards(n, hidden, sums, rules.people, rules.answers, least=least, most=most)
    place = {cell: k for k, cell in enumerate(zip(grid.domains.by, level, strict=True))}
    return Cells(place, n, hidden, guard & (allowed | ~also), sparse)


@dataclass(frozen=True, eq=False)
class _Parts:
    """What the questions that a measure is made of ask of it (hide, do not tell) and tell of it, cell by cell."""

    also: np.ndarray
    allowed: np.ndarray
    least: Floats
    most: Floats


def _made_of(wave: Wave, grid: _Grid, measure: str, nesting: Nesting, rules: Rules) -> _Parts | None:
    """Whoever has a score has so many of its parts, and whoever answered an item knew or did not know it.

    The parts are decided first: the score must not tell what they hide, and they must not tell what it hides.
    """
    n = grid.answered(measure)
    if measure in grid.unsure:
        of = cells_of(wave, measure.removeprefix(DONT_KNOW), nesting, rules)
        # One less the share of those who did not know tells how many answered.
        return _Parts(of.hidden, ~of.hidden, np.where(of.hidden, 0.0, of.n), np.full(len(n), np.inf))
    index = next((i for i in wave.instrument.indices if i.key == measure), None)
    parts = [] if index is None else [part for part in index.parts if part in grid.scores and part != measure]
    if index is None or not parts:
        return None
    known = [cells_of(wave, part, nesting, rules) for part in parts]
    residents = cells_of(wave, None, nesting, rules)
    upper = np.array([np.where(of.hidden, np.where(residents.hidden, np.inf, residents.n), of.n) for of in known])
    lower = np.array([np.where(of.hidden, 0.0, of.n) for of in known])
    count, everyone = index.at_least, np.where(residents.hidden, np.inf, residents.n)
    with np.errstate(invalid="ignore"):
        least = np.ceil((lower.sum(axis=0) - (count - 1) * everyone) / (len(parts) - count + 1))
    # So many have ``count`` parts only if the parts, none counted for more than they are, make up for it.
    fewest = np.cumsum(np.sort(upper, axis=0), axis=0)[len(parts) - count :]
    most = np.floor(fewest / np.arange(1, count + 1)[:, None]).min(axis=0)
    also, allowed = np.zeros(len(n), dtype=bool), np.ones(len(n), dtype=bool)
    for k, of in enumerate(known):
        others = np.delete(upper, k, axis=0)
        also |= of.hidden & (count * n > np.minimum(others, n).sum(axis=0))
        told = count * rules.answers > np.minimum(others, rules.answers).sum(axis=0)
        allowed &= ~(of.hidden & ~of.guard & told)
    return _Parts(also, allowed, np.maximum(np.nan_to_num(least), 0.0), most)


def _nesting_in(wave: Wave, domains: Domains) -> dict[str, tuple[str, dict[str, str]]]:
    """Groupings that lie within one another among the residents, declared so or not."""
    names = [by for by in dict.fromkeys(domains.by) if by]
    codes = dict(zip(names, domains.codes[1:], strict=True))
    labels = {by: [c for b, c in zip(domains.by, domains.level, strict=True) if b == by] for by in names}
    result: dict[str, tuple[str, dict[str, str]]] = {}
    for fine in names:
        best = 1
        for coarse in names:
            both = (codes[fine] >= 0) & (codes[coarse] >= 0)
            size = len(labels[coarse])
            cross = np.bincount(codes[fine][both] * size + codes[coarse][both], minlength=len(labels[fine]) * size)
            table = cross.reshape(len(labels[fine]), size) > 0
            wholes = int(table.any(axis=0).sum())
            if table.sum(axis=1).max(initial=0) > 1 or table.sum() <= wholes or wholes <= best:
                continue
            best = wholes
            result[fine] = (coarse, {labels[fine][f]: labels[coarse][c] for f, c in np.argwhere(table).tolist()})
    return result


def sums_of(by: Sequence[str], level: Sequence[str], n: Ints, nesting: Nesting) -> list[Sum]:
    """How the numbers of one table add up: cells to their sides, areas to theirs, all to everyone."""
    labels: dict[tuple[str, ...], dict[tuple[str, ...], int]] = {}
    for position, (name, category) in enumerate(zip(by, level, strict=True)):
        variables = tuple(name.split(" x ")) if name else ()
        parts = tuple(str(category).split(" x ")) if len(variables) > 1 else (str(category),) if name else ()
        labels.setdefault(variables, {})[parts] = position
    within = {
        (fine, coarse): project
        for fine in labels
        for coarse in labels
        if fine != coarse and (project := _projection(fine, coarse, nesting)) is not None
    }
    sums = []
    for (fine, coarse), project in within.items():
        if any((fine, middle) in within and (middle, coarse) in within for middle in labels):
            continue  # follows from the sums on the way
        parts_of: dict[int, list[int]] = {}
        for parts, position in labels[fine].items():
            whole = labels[coarse].get(tuple(of.get(parts[k], "") if of else parts[k] for k, of in project))
            if whole is not None and len(parts) == len(fine):
                parts_of.setdefault(whole, []).append(position)
        # Areas that the file places elsewhere than the study does may add to more than their whole.
        sums += [Sum(w, np.array(p), rest=bool(n[w] > n[p].sum())) for w, p in parts_of.items() if n[w] >= n[p].sum()]
    return sums


def _projection(
    fine: Sequence[str], coarse: Sequence[str], nesting: Nesting
) -> list[tuple[int, MappingType[str, str] | None]] | None:
    """For each variable of a coarser grouping, where the finer one holds it; None if it does not."""
    result: list[tuple[int, MappingType[str, str] | None]] = []
    for variable in coarse:
        inner = next((k for k, v in enumerate(fine) if v in nesting and nesting[v][0] == variable), None)
        if variable in fine:
            result.append((fine.index(variable), None))
        elif inner is not None:
            result.append((inner, nesting[fine[inner]][1]))
        else:
            return None
    return result
