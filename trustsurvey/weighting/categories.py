"""The categories of a margin: crossing several variables, merging those with too few respondents."""

from __future__ import annotations

from collections.abc import Collection, Mapping as MappingType
from dataclasses import dataclass

import numpy as np
import pandas as pd

from trustsurvey.errors import SurveyError, some
from trustsurvey.model import Ints, Margin, Wave

#: What stands between the variables, and between the categories, of a crossed margin.
CROSS = " x "
#: The variable of a margin with one category, to which everyone belongs: the size of the population.
EVERYONE = "(everyone)"
#: Merged categories by margin variable: {"age": {"18-24 + 25-34": ["18-24", "25-34"]}}.
Merged = dict[str, dict[str, list[str]]]


@dataclass(frozen=True, eq=False)
class Levels:
    """The category of each respondent on one variable or on several that are crossed.

    ``codes`` (n,): position in ``labels``, -1 without an answer to one of the ``variables``.
    ``parts`` (levels, variables): the code of each label on each variable. ``ordered``: of the
    variables, those whose own column is an ordered category.
    """

    codes: Ints
    labels: list[object]
    parts: Ints
    variables: tuple[str, ...]
    ordered: frozenset[str]

    @classmethod
    def of(cls, wave: Wave, variable: str) -> Levels:
        """The levels of a column of ``wave.people``, or of several: ``"age x sex"``.

        A column that bears the whole name goes first. SurveyError ``margins.variable`` if the wave
        lacks a column.
        """
        if variable == EVERYONE:
            return cls(np.zeros(len(wave), dtype=np.int64), ["everyone"], np.zeros((1, 1), np.int64), (variable,),
                       frozenset())  # fmt: skip
        variables = (variable,) if variable in wave.people.columns else tuple(variable.split(CROSS))
        absent = [name for name in variables if name not in wave.people.columns]
        if absent:
            raise SurveyError(
                "margins.variable",
                f"The wave has no column {some(absent)}",
                where=wave.name,
                expected=some([*wave.areas, *wave.groups], 8) or "an area or a group",
                hint="Name the margin after an area level or a group of the wave, or after several: 'age x sex'.",
            )
        columns = [wave.people[name].astype("category").cat for name in variables]
        ordered = frozenset(name for name, column in zip(variables, columns, strict=True) if column.ordered)
        codes = columns[0].codes.to_numpy()
        if len(columns) == 1:
            labels = list(columns[0].categories)
            return cls(codes, labels, np.arange(len(labels))[:, None], variables, ordered)
        codes = codes.astype(np.int64)
        for column in columns[1:]:
            other = column.codes.to_numpy()
            codes = np.where((codes >= 0) & (other >= 0), codes * len(column.categories) + other, -1)
        sizes = [len(column.categories) for column in columns]
        # Only the combinations that somebody has: crossed areas and ages can be a great many.
        taken = np.flatnonzero(np.bincount(codes + 1, minlength=2)[1:])
        position = np.full(int(np.prod(sizes)) + 1, -1, dtype=np.int64)
        position[taken] = np.arange(len(taken))
        parts = np.stack(np.unravel_index(taken, sizes), axis=1).astype(np.int64).reshape(-1, len(sizes))
        texts = [[str(c) for c in column.categories] for column in columns]
        crossed = [CROSS.join(text[k] for text, k in zip(texts, row, strict=True)) for row in parts.tolist()]
        return cls(position[codes], list(crossed), parts, variables, ordered)

    def counts(self) -> Ints:
        """Respondents by label."""
        return np.bincount(self.codes + 1, minlength=len(self.labels) + 1)[1:]


def collapse(
    margin: Margin, levels: Levels, at_least: int, ordered: Collection[str] = ()
) -> tuple[Margin, dict[str, list[str]]]:
    """The margin with categories of fewer than ``at_least`` respondents merged, and what was merged.

    The smallest category goes first. It joins the neighbour with the fewest respondents (the
    earlier one of two) until all are large enough or one is left. Neighbours are, on a variable
    that is ordered (its column is, or ``ordered`` names it), the categories beside it in the order
    of the column or else of the margin; on any other variable all categories; in a crossed margin,
    cells that differ on one variable only and are neighbours there. Targets are added up.
    A merged category is named after its parts ("18-24 + 25-34"), which the second result lists.

    The rule looks at numbers of respondents only, never at answers, so that it can be stated
    beforehand; it trades the bias of a coarser margin for the variance of a few large weights
    (Kalton & Flores-Cervantes 2003).
    """
    if at_least < 1:
        raise SurveyError("margins.collapse", "Categories cannot be merged below this number", got=f"{at_least}",
                          expected="1 or more respondents")  # fmt: skip
    targets = margin.targets[margin.targets > 0]
    at = {label: k for k, label in enumerate(levels.labels)}
    counts = levels.counts()
    sizes = [int(counts[at[label]]) if label in at else 0 for label in targets.index]
    position = _positions(list(targets.index), levels, ordered)
    groups = [[k] for k in range(len(targets))]
    while len(groups) > 1:
        n = [sum(sizes[k] for k in group) for group in groups]
        smallest = int(np.argmin(n))
        if n[smallest] >= at_least:
            break
        others = [g for g in range(len(groups)) if g != smallest]
        beside = [g for g in others if _neighbours(position[groups[smallest]], position[groups[g]], levels, ordered)]
        joined = min(beside or others, key=lambda g: (n[g], g))
        first, second = sorted((smallest, joined))
        groups[first] = sorted(groups[first] + groups.pop(second))
    names = [[str(targets.index[k]) for k in group] for group in groups]
    merged = {" + ".join(name): name for name in names if len(name) > 1}
    labels = [" + ".join(name) if len(name) > 1 else targets.index[group[0]]
              for name, group in zip(names, groups, strict=True)]  # fmt: skip
    values = [float(targets.iloc[group].sum()) for group in groups]
    return Margin(margin.variable, pd.Series(values, index=pd.Index(labels, dtype=object))), merged


def _positions(labels: list[object], levels: Levels, ordered: Collection[str]) -> Ints:
    """(labels, variables): the place of each category on each variable of the margin."""
    known = dict(zip(levels.labels, levels.parts.tolist(), strict=True))
    result = np.empty((len(labels), len(levels.variables)), dtype=np.int64)
    for v, variable in enumerate(levels.variables):
        if len(levels.variables) == 1:
            part: list[object] = [str(label) for label in labels]
            by_column = {str(label): row[v] for label, row in known.items()}
        else:
            split = [str(label).split(CROSS) for label in labels]
            part = [words[v] if len(words) == len(levels.variables) else str(label)
                    for words, label in zip(split, labels, strict=True)]  # fmt: skip
            by_column = {str(label).split(CROSS)[v]: row[v] for label, row in known.items()}
        if variable in levels.ordered and all(p in by_column for p in part):
            result[:, v] = pd.Series([by_column[str(p)] for p in part]).rank(method="dense").to_numpy() - 1
        else:
            result[:, v] = pd.factorize(np.array(part, dtype=object))[0]
    return result


def _neighbours(one: Ints, other: Ints, levels: Levels, ordered: Collection[str]) -> bool:
    """Whether some part of one category and some part of the other differ on one variable, by one step if ordered."""
    apart = np.abs(one[:, None, :] - other[None, :, :])
    single = (apart > 0).sum(axis=2) == 1
    far = np.zeros(single.shape, dtype=bool)
    for v, variable in enumerate(levels.variables):
        if variable in levels.ordered or variable in ordered:
            far |= apart[:, :, v] > 1
    return bool((single & ~far).any())


def positions_in(margin: Margin, levels: Levels, merged: MappingType[str, list[str]], otherwise: int = -1) -> Ints:
    """Position of each respondent's category among the margin's targets, ``otherwise`` without an answer, else -1."""
    place: dict[object, int] = {label: k for k, label in enumerate(margin.targets.index)}
    for name, parts in merged.items():
        place |= {part: place[name] for part in parts if name in place}
    codes = np.array([*(place.get(label, place.get(str(label), -1)) for label in levels.labels), otherwise])
    return codes[levels.codes].astype(np.int64)
