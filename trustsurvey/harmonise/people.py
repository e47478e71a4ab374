"""Residents: where they live, which groups they belong to, how they were interviewed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from rapidfuzz import fuzz, process

from trustsurvey.errors import SurveyError, some
from trustsurvey.harmonise.clash import label_problem
from trustsurvey.harmonise.codebook import Codebook
from trustsurvey.harmonise.problems import Problem, first_rows
from trustsurvey.harmonise.values import ANSWERED, label_order, reason_of
from trustsurvey.model import AreaLevel, ColumnMap, Mapping
from trustsurvey.readers.raw import Raw, Values
from trustsurvey.wording import fold


@dataclass(frozen=True)
class People:
    """Area levels, groups and mode as categories, the names of each, and areas nobody knows."""

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
        frame[level.key] = _areas(raw, column, level, problems)
    for level in levels:
        child = next((c for c in levels if c.parent == level.key and c.key in frame), None)
        if level.key not in frame and child is not None:
            frame[level.key] = _parents(frame[child.key], child, level)
    areas = tuple(level.key for level in levels if level.key in frame)
    groups = []
    for column in mapping.having("group"):
        if column.target in frame:
            raise SurveyError(
                "map.target-twice", f"'{column.target}' is both an area level and a group",
                where=raw.source, hint="Give the group another name.",
            )  # fmt: skip
        frame[column.target] = _group(raw, column, problems)
        groups.append(column.target)
    mode = mapping.only("mode")
    if mode is not None and "mode" not in frame:
        frame["mode"] = _group(raw, mode, problems)
    elif mapping.mode and "mode" not in frame:
        frame["mode"] = pd.Categorical([mapping.mode] * raw.rows)
    return People(pd.DataFrame(frame, index=range(raw.rows)), areas, tuple(groups), tuple(problems))


def _parents(areas: pd.Categorical, child: AreaLevel, level: AreaLevel) -> pd.Categorical:
    parent = dict(child.areas)
    names = list(dict.fromkeys(level.names))
    codes = [names.index(parent[area]) if parent.get(area) in names else -1 for area in areas.categories]
    return pd.Categorical.from_codes(np.array([*codes, -1])[areas.codes], names)


def _areas(raw: Raw, column: ColumnMap, level: AreaLevel, problems: list[Problem]) -> pd.Categorical:
    values, book = raw.values(column.column), Codebook.of(column, raw.column(column.column))
    problems += _clash(raw, column, values, level.title)
    recodes = {fold(value): area for value, area in column.values}
    known = {fold(name): name for name in level.names}
    labels: list[str | None] = []
    for position, value in enumerate(values.distinct):
        label: str | None = None
        if reason_of(value, column, book) == ANSWERED:
            stated = recodes.get(fold(value), book.label(value) or value)
            label = known.get(fold(stated)) if known else stated
            if label is None and stated:
                problems.append(_unknown(raw, column, level, values, position))
        labels.append(label or None)
    return _categorical(values, labels if known else _spelled(labels, values), level.names or None)


def _unknown(raw: Raw, column: ColumnMap, level: AreaLevel, values: Values, position: int) -> Problem:
    value = values.distinct[position]
    near = process.extractOne(value, level.names, scorer=fuzz.WRatio, processor=fold, score_cutoff=70)
    return Problem(
        code="map.area",
        column=column.column,
        about=level.title,
        value=value,
        count=int(values.counts()[position]),
        rows=first_rows(values, position, raw.row_numbers),
        expected=f"one of the {len(level.names):,} areas, such as {some(level.names[:3])}",
        hint="Say which area it is (values), or leave it out (leave_out).",
        suggestion=near[0] if near else "",
    )


def _clash(raw: Raw, column: ColumnMap, values: Values, about: str) -> list[Problem]:
    found = label_problem(column, raw.column(column.column), values, raw.row_numbers, about)
    return [] if found is None else [found]


def _group(raw: Raw, column: ColumnMap, problems: list[Problem]) -> pd.Categorical:
    values, book = raw.values(column.column), Codebook.of(column, raw.column(column.column))
    problems += _clash(raw, column, values, f"Group '{column.target}'")
    recodes = {fold(value): label for value, label in column.values}
    stated = list(dict.fromkeys([*(label for _, label in column.values if label), *book.answers.values()]))
    labels = _spelled(
        [
            (recodes.get(fold(value), book.label(value) or value) or None)
            if reason_of(value, column, book) == ANSWERED
            else None
            for value in values.distinct
        ],
        values,
        stated,
    )
    found = {label for label in labels if label is not None}
    order = [label for label in stated if label in found] + label_order(found - set(stated))
    return _categorical(values, labels, order)


def _spelled(labels: list[str | None], values: Values, stated: Sequence[str] = ()) -> list[str | None]:
    """Labels in one spelling each: as stated, else as most people are written ("male" beside "Male")."""
    spelling = {fold(label): label for label in reversed(stated)}
    for position in np.argsort(-values.counts(), kind="stable").tolist():
        label = labels[position]
        if label is not None:
            spelling.setdefault(fold(label), label)
    return [None if label is None else spelling[fold(label)] for label in labels]


def _categorical(values: Values, labels: list[str | None], order: Sequence[str] | None) -> pd.Categorical:
    """Labels of distinct values as a categorical over the rows; only labels in ``order`` where given."""
    categories = list(dict.fromkeys(order)) if order is not None else label_order({x for x in labels if x is not None})
    position = {label: k for k, label in enumerate(categories)}
    per_value = np.array([position.get(x, -1) if x is not None else -1 for x in labels] + [-1])
    return pd.Categorical.from_codes(per_value[values.codes], categories)
