"""Which groups residents belong to, also where several answers could be given, and how they were interviewed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from trustsurvey.errors import Notice, SurveyError, some
from trustsurvey.harmonise.categories import banded, categorical, spelled
from trustsurvey.harmonise.choices import chosen, is_blank, ticked
from trustsurvey.harmonise.clash import label_problem
from trustsurvey.harmonise.codebook import Codebook, number_of
from trustsurvey.harmonise.problems import Choice, Problem, first_rows
from trustsurvey.harmonise.values import ANSWERED, label_order, reason_of
from trustsurvey.instruments.words import suspected_reason
from trustsurvey.language import N_, _
from trustsurvey.model import ColumnMap, Mapping
from trustsurvey.readers.raw import Raw, Values
from trustsurvey.wording import bare_codes, fold

CODE = "map.group"
#: A column with more different numbers than this holds numbers, not codes of categories.
MOST_CODES = 40
SEVERAL_WAYS = "several"


def read_group(raw: Raw, column: ColumnMap) -> tuple[dict[str, pd.Categorical], list[Problem]]:
    """The groups that a column makes: one, or a yes and no for each option where several could be chosen."""
    file, values = raw.column(column.column), raw.values(column.column)
    if column.options:
        return chosen(values, column), []
    if file.option and not column.values and _are_ticks(values):
        return {column.target: ticked(raw, column)}, []
    clash = label_problem(column, file, values, raw.row_numbers, f"Group '{column.target}'")
    problems = [clash] if clash is not None else []
    return {column.target: _categories(raw, column)}, [*problems, *_suspected(raw, column, values)]


def unnamed(mapping: Mapping, people: pd.DataFrame) -> list[Notice]:
    """That groups are told by the codes of the file, where nothing says what these stand for."""
    named = [
        column.target
        for column in mapping.having("group")
        if column.target in people and not column.born
        if bare_codes(map(str, people[column.target].cat.categories))
    ]
    if not named:
        return []
    return [
        Notice(
            "map.unnamed",
            f"Results will call these groups by number, since nothing says what the numbers stand for: {some(named)}. "
            "Say it in the table of columns under \u201cIts codes mean\u201d, or under 'values' in a mapping file.",
            "warning",
        )
    ]


def read_mode(raw: Raw, mapping: Mapping) -> tuple[pd.Categorical | None, list[Problem]]:
    """How each resident was interviewed: from a column, from one column for each mode, or from the mapping."""
    columns = list(mapping.having("mode"))
    questions = {raw.column(column.column).question for column in columns}
    if len(columns) > 1 and len(questions) == 1 and "" not in questions:
        return _one_of(raw, columns), []
    column = mapping.only("mode")
    if column is None:
        return (pd.Categorical([mapping.mode] * raw.rows) if mapping.mode else None), []
    if column.options:
        named = chosen(raw.values(column.column), column)
        return _named(dict(zip(column.options, named.values(), strict=True))), []
    return _categories(raw, column), []


def _one_of(raw: Raw, columns: Sequence[ColumnMap]) -> pd.Categorical:
    return _named({raw.column(column.column).option: ticked(raw, column) for column in columns})


def _named(ticks: dict[str, pd.Categorical]) -> pd.Categorical:
    """The one option that was ticked; "several" where it was more than one."""
    made = np.column_stack([found.codes == 1 for found in ticks.values()])
    codes = np.where(made.sum(axis=1) > 1, len(ticks), np.where(made.any(axis=1), made.argmax(axis=1), -1))
    return pd.Categorical.from_codes(codes, [*ticks, SEVERAL_WAYS]).remove_unused_categories()


def _are_ticks(values: Values) -> bool:
    """Whether a column holds two things at most: a tick, and none."""
    return len({fold(value) for value in values.distinct if not is_blank(value)}) <= 2


def _categories(raw: Raw, column: ColumnMap) -> pd.Categorical:
    values, book = raw.values(column.column), Codebook.of(column, raw.column(column.column))
    recodes = {fold(value): label for value, label in column.values}
    stated = list(dict.fromkeys([*(label for _value, label in column.values if label), *book.answers.values()]))
    labels = spelled(
        [
            (recodes.get(fold(value), book.label(value) or banded(value, recodes) or value) or None)
            if reason_of(value, column, book) == ANSWERED
            else None
            for value in values.distinct
        ],
        values,
        stated,
    )
    found = {label for label in labels if label is not None}
    order = [label for label in stated if label in found] + label_order(found - set(stated))
    return categorical(values, labels, order)


def _suspected(raw: Raw, column: ColumnMap, values: Values) -> list[Problem]:
    """A code such as 9 or R that stands apart from the others: no answer, perhaps. Asked, never taken."""
    if CODE in column.confirmed:
        return []
    book, counts = Codebook.of(column, raw.column(column.column)), values.counts()
    stated = {fold(value) for value, _label in column.values}
    answers = {
        k: value
        for k, value in enumerate(values.distinct)
        if counts[k] and fold(value) not in stated and not book.label(value)
        if reason_of(value, column, book) == ANSWERED
    }
    taken = [number_of(word) for word, _label in column.values] + [number_of(word) for word in book.labels]
    numbers = {k: number for k, value in answers.items() if (number := number_of(value)) is not None}
    codes = {number for number in (*numbers.values(), *taken) if number is not None}
    coded = len(codes) <= MOST_CODES and len(numbers) >= 0.8 * len(answers)
    found = []
    for k, value in answers.items():
        reason = suspected_reason(value)
        apart = coded and k in numbers and numbers[k] not in _run(codes)
        if reason and (apart or (k not in numbers and len(answers) > 2)):
            found.append(_problem(raw, column, values, k, reason))
    return found


def _run(codes: set[float]) -> set[float]:
    """The codes that follow one another from the lowest that is not below 0."""
    at = min((code for code in codes if code >= 0), default=0.0)
    run = set()
    while at in codes:
        run.add(at)
        at += 1
    return run


def _problem(raw: Raw, column: ColumnMap, values: Values, position: int, reason: str) -> Problem:
    value = values.distinct[position]
    unsure = Choice(N_("No answer: don't know"), (("dont_know", (value,)),))
    refused = Choice(N_("No answer: refused"), (("refused", (value,)),))
    own = Choice(N_("A group of its own"), (("values", ((value, value),)),))
    choices = (unsure, refused, own) if reason == "dont_know" else (refused, unsure, own)
    return Problem(
        code=CODE,
        column=column.column,
        about=_("Group '{name}'").format(name=column.target),
        value=value,
        count=int(values.counts()[position]),
        rows=first_rows(values, position, raw.row_numbers),
        expected="a group",
        hint="Say that it is no answer (dont_know, refused), or what it is called (values).",
        suggestion=choices[0].text,
        question=_("Is \u201c{value}\u201d a group, or does it stand for no answer?").format(value=value),
        choices=choices,
    )


def refuse_names(frame: dict[str, pd.Categorical], names: Sequence[str], raw: Raw) -> None:
    """Refuse a group that is called like an area level or another group."""
    twice = [name for name in names if name in frame]
    if twice:
        raise SurveyError(
            "map.target-twice", f"{some(twice)} is both an area level and a group", where=raw.source,
            hint="Give the group another name.",
        )  # fmt: skip
