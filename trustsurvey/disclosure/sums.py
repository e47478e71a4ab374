"""How numbers of people add up: levels to everyone, areas to the areas they lie in, crossed cells to their sides."""

from __future__ import annotations

from collections.abc import Collection, Mapping as MappingType, Sequence
from dataclasses import dataclass

import numpy as np

from trustsurvey.disclosure.system import Sum
from trustsurvey.estimation.linearise import Domains
from trustsurvey.model import AreaLevel, Ints

#: A grouping and its level.
Cell = tuple[str, str]
#: Where the levels of one grouping lie within those of another: by -> (parent by, level -> parent).
Nesting = MappingType[str, tuple[str, MappingType[str, str]]]


def nesting_of(levels: tuple[AreaLevel, ...]) -> Nesting:
    """How the area levels of a study lie within one another."""
    return {level.key: (level.parent, dict(level.areas)) for level in levels if level.parent and level.areas}


def frozen(nesting: Nesting) -> tuple[object, ...]:
    """A nesting as a key."""
    return tuple((by, parent, tuple(of.items())) for by, (parent, of) in nesting.items())


def impossible(cells: Sequence[Cell], nesting: Nesting, nobody: Collection[Cell] = ()) -> np.ndarray:
    """Mask (k,) of the crossed cells in which nobody can be: an area crossed with one that it does not lie in.

    ``nobody``: cells that are known to be empty, and with them all that is crossed with them.
    """
    found = np.zeros(len(cells), dtype=bool)
    for k, (by, level) in enumerate(cells):
        names, parts = by.split(" x "), level.split(" x ")
        if len(names) < 2 or len(parts) != len(names):
            continue
        found[k] = any(side in nobody for side in zip(names, parts, strict=True))
        for name, part in zip(names, parts, strict=True):
            parent, of = nesting.get(name, ("", {}))
            found[k] |= parent in names and of.get(part, "") != parts[names.index(parent)]
    return found


def nesting_in(domains: Domains) -> dict[str, tuple[str, dict[str, str]]]:
    """Groupings that lie within one another among the residents, declared so or not."""
    # A grouping all of whose levels are hidden has no column of its own.
    ends = [*domains.starts[1:], len(domains)]
    own = zip(domains.starts, ends, domains.codes, strict=True)
    codes = {domains.by[start]: code for start, end, code in own if end > start and domains.by[start]}
    names = list(codes)
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
    return Ways.of(by, level, nesting).sums(n)


@dataclass(frozen=True, eq=False)
class Ways:
    """Which cells of a table add up to which, whatever their numbers are: the places of wholes and of their parts."""

    wholes: tuple[int, ...]
    parts: tuple[Ints, ...]

    @classmethod
    def of(cls, by: Sequence[str], level: Sequence[str], nesting: Nesting) -> Ways:
        """Those of the cells of one table, a grouping and a level each."""
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
        found: list[tuple[int, Ints]] = []
        for (fine, coarse), project in within.items():
            if any((fine, middle) in within and (middle, coarse) in within for middle in labels):
                continue  # follows from the sums on the way
            parts_of: dict[int, list[int]] = {}
            for parts, position in labels[fine].items():
                whole = labels[coarse].get(tuple(of.get(parts[k], "") if of else parts[k] for k, of in project))
                if whole is not None and len(parts) == len(fine):
                    parts_of.setdefault(whole, []).append(position)
            found += [(whole, np.array(places)) for whole, places in parts_of.items()]
        return cls(tuple(whole for whole, _ in found), tuple(places for _, places in found))

    def sums(self, n: Ints) -> list[Sum]:
        """The sums of the numbers n (k,).

        Areas that the file places elsewhere than the study does may add to more than their whole: those tell nothing.
        """
        told = [(whole, parts, int(n[whole] - n[parts].sum()))
                for whole, parts in zip(self.wholes, self.parts, strict=True)]  # fmt: skip
        return [Sum(whole, parts, rest=left > 0) for whole, parts, left in told if left >= 0]


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
