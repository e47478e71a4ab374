"""Residents: where they live, which groups they belong to, how they were interviewed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from trustsurvey.harmonise.areas import parents, read_areas
from trustsurvey.harmonise.births import age_groups
from trustsurvey.harmonise.groups import read_group, read_mode, refuse_names
from trustsurvey.harmonise.numbers import read_number
from trustsurvey.harmonise.problems import Problem
from trustsurvey.model import AreaLevel, Floats, Mapping
from trustsurvey.readers.raw import Raw


@dataclass(frozen=True)
class People:
    """Area levels, groups and mode as categories, columns of numbers; names of the first two, and what to decide."""

    frame: pd.DataFrame
    areas: tuple[str, ...]
    groups: tuple[str, ...]
    problems: tuple[Problem, ...]


def read_people(raw: Raw, mapping: Mapping, levels: Sequence[AreaLevel]) -> People:
    """The mapped areas and groups; a level that has none is looked up from the areas within it."""
    frame: dict[str, pd.Categorical] = {}
    problems: list[Problem] = []
    for column in mapping.having("area"):
        level = next(level for level in levels if level.key == column.target)
        frame[level.key], asked = read_areas(raw, column, level)
        problems += asked
    for level in levels:
        child = next((c for c in levels if c.parent == level.key and c.key in frame), None)
        if level.key not in frame and child is not None:
            frame[level.key] = parents(frame[child.key], child, level)
    areas = tuple(level.key for level in levels if level.key in frame)
    groups: list[str] = []
    for column in mapping.having("group"):
        made, asked = (
            ({column.target: age_groups(raw, mapping, column)}, []) if column.born else read_group(raw, column)
        )
        refuse_names(frame, list(made), raw)
        frame |= made
        groups += made
        problems += asked
    numbers: dict[str, Floats] = {}
    for column in mapping.having("number"):
        refuse_names(frame, [column.target], raw)
        numbers[column.target], asked = read_number(raw, column)
        problems += asked
    if "mode" not in frame:
        mode, asked = read_mode(raw, mapping)
        problems += asked
        if mode is not None:
            frame["mode"] = mode
    return People(pd.DataFrame(frame | numbers, index=range(raw.rows)), areas, tuple(groups), tuple(problems))
