"""Where residents live: names of areas as people write them, matched to those of the study."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from trustsurvey.errors import some
from trustsurvey.harmonise.categories import categorical, spelled
from trustsurvey.harmonise.clash import label_problem
from trustsurvey.harmonise.codebook import Codebook
from trustsurvey.harmonise.places import likeliest, usual_spellings, variants
from trustsurvey.harmonise.problems import Choice, Problem, first_rows
from trustsurvey.harmonise.values import ANSWERED, reason_of
from trustsurvey.language import N_, _, ngettext
from trustsurvey.model import AreaLevel, ColumnMap
from trustsurvey.readers.raw import Raw, Values
from trustsurvey.wording import figure, fold

SPELLINGS, UNKNOWN = "map.areas", "map.areas-unknown"
#: More unknown names than this are asked about together first.
ONE_BY_ONE = 40
#: So many spellings, the most frequent ones, are compared with the areas.
MOST_SPELLINGS = 2_000


def read_areas(raw: Raw, column: ColumnMap, level: AreaLevel) -> tuple[pd.Categorical, list[Problem]]:
    """The areas of a level, and what must be decided about names that it does not have.

    Spellings that resemble an area are proposed together, so that one decision takes many; a level
    without listed areas takes any name, rarer spellings being proposed to be the usual ones.
    """
    values, book = raw.values(column.column), Codebook.of(column, raw.column(column.column))
    recodes = {fold(value): area for value, area in column.values}
    known = {fold(name): name for name in level.names}
    labels: list[str | None] = []
    strange: list[int] = []
    for position, value in enumerate(values.distinct):
        label: str | None = None
        if reason_of(value, column, book) == ANSWERED:
            stated = recodes.get(fold(value), book.label(value) or value)
            label = known.get(fold(stated)) if known else stated
            if label is None and stated:
                strange.append(position)
        labels.append(label or None)
    clash = label_problem(column, raw.column(column.column), values, raw.row_numbers, level.title)
    problems = [clash] if clash is not None else []
    if known:
        problems += _asked(raw, column, level, values, book, strange)
    else:
        problems += _many(raw, column, level, values, labels)
    return categorical(values, labels if known else spelled(labels, values), level.names or None), problems


def parents(areas: pd.Categorical, child: AreaLevel, level: AreaLevel) -> pd.Categorical:
    """The areas of the level above, looked up from those within them."""
    parent = dict(child.areas)
    names = list(dict.fromkeys(level.names))
    codes = [names.index(parent[area]) if parent.get(area) in names else -1 for area in areas.categories]
    return pd.Categorical.from_codes(np.array([*codes, -1])[areas.codes], names)


def _asked(
    raw: Raw, column: ColumnMap, level: AreaLevel, values: Values, book: Codebook, strange: Sequence[int]
) -> Iterator[Problem]:
    """Questions about names that are no area: the alike ones together, the others together if there are many."""
    counts = values.counts()
    strange = [k for k in strange if counts[k]]
    names = {k: book.label(values.distinct[k]) or values.distinct[k] for k in strange}
    looked_at = sorted(names, key=lambda k: -counts[k])[:MOST_SPELLINGS]
    alike = variants([names[k] for k in looked_at], level.names)
    resembling = {k: alike[name] for k, name in names.items() if name in alike}
    others = [k for k in strange if k not in resembling]
    together = len(resembling) > 1 and SPELLINGS not in column.confirmed
    if together:
        yield _together(raw, column, level, values, resembling)
    many = len(others) > ONE_BY_ONE and UNKNOWN not in column.confirmed
    if many:
        yield _unknown(raw, column, level, values, others)
    for k in strange:
        if not (together if k in resembling else many):
            suggestion = resembling.get(k) or likeliest(names[k], level.names)
            yield _single(raw, column, level, values, k, names[k], suggestion)


def _many(
    raw: Raw, column: ColumnMap, level: AreaLevel, values: Values, labels: Sequence[str | None]
) -> Iterator[Problem]:
    """Rarer spellings of areas that nobody listed."""
    if SPELLINGS in column.confirmed:
        return
    counts = values.counts()
    stated = {fold(value) for value, _area in column.values}
    used = {
        label: int(counts[k]) for k, label in enumerate(labels)
        if label is not None and counts[k] and fold(values.distinct[k]) not in stated and not label.isdigit()
    }  # fmt: skip
    usual = usual_spellings(used)
    resembling = {k: usual[label] for k, label in enumerate(labels) if label in usual and counts[k]}
    if resembling:
        yield _together(raw, column, level, values, resembling)


def _together(raw: Raw, column: ColumnMap, level: AreaLevel, values: Values, meant: dict[int, str]) -> Problem:
    """One question about all spellings that resemble an area."""
    pairs = tuple((values.distinct[k], area) for k, area in meant.items())
    shown = "; ".join(_("\u201c{value}\u201d as {area}").format(value=value, area=area) for value, area in pairs[:6])
    if len(pairs) > 6:
        shown = _("{listed} and {n} more").format(listed=shown, n=figure(len(pairs) - 6))
    told = ngettext(
        "{n} spellings resemble an area: {shown}. Take them so?",
        "{n} spellings resemble an area: {shown}. Take them so?",
        len(pairs),
    )
    take = Choice(N_("Take them so"), (("values", pairs),))
    return Problem(
        code=SPELLINGS,
        column=column.column,
        about=level.title,
        value="spellings",
        count=int(values.counts()[list(meant)].sum()),
        rows=first_rows(values, list(meant), raw.row_numbers),
        expected=f"the areas of the study, such as {some(level.names[:3])}" if level.names else "one spelling an area",
        hint="Say which areas they are (values), or leave them out (leave_out).",
        suggestion=take.text,
        question=told.format(n=figure(len(pairs)), shown=shown),
        choices=(take, Choice(N_("Decide one by one"), (("confirmed", (SPELLINGS,)),))),
    )


def _unknown(raw: Raw, column: ColumnMap, level: AreaLevel, values: Values, others: Sequence[int]) -> Problem:
    """One question about all names that resemble no area."""
    named = tuple(values.distinct[k] for k in others)
    told = ngettext(
        "{n} answers name no area of the study: {names}. What is to be done with them?",
        "{n} answers name no area of the study: {names}. What is to be done with them?",
        len(named),
    )
    return Problem(
        code=UNKNOWN,
        column=column.column,
        about=level.title,
        value="unknown areas",
        count=int(values.counts()[list(others)].sum()),
        rows=first_rows(values, others, raw.row_numbers),
        expected=_("one of the {n} areas, such as {names}").format(
            n=figure(len(level.names)), names=some(level.names[:3])
        ),
        hint="Say which areas they are (values), or leave them out (leave_out).",
        question=told.format(n=figure(len(named)), names=some(named, 4)),
        choices=(
            Choice(N_("Leave them all out"), (("leave_out", named),)),
            Choice(N_("Decide one by one"), (("confirmed", (UNKNOWN,)),)),
        ),
    )


def _single(
    raw: Raw, column: ColumnMap, level: AreaLevel, values: Values, position: int, name: str, suggestion: str
) -> Problem:
    value = values.distinct[position]
    return Problem(
        code="map.area",
        column=column.column,
        about=level.title,
        value=value,
        count=int(values.counts()[position]),
        rows=first_rows(values, position, raw.row_numbers),
        expected=_("one of the {n} areas, such as {names}").format(
            n=figure(len(level.names)), names=some(level.names[:3])
        ),
        hint="Say which area it is (values), or leave it out (leave_out).",
        suggestion=suggestion,
        label=name if name != value else "",
    )
