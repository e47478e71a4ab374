"""Columns of numbers about a resident, such as the size of the household: for totals, ratios and calibration."""

from __future__ import annotations

import numpy as np

from trustsurvey.harmonise.codebook import Codebook, number_of
from trustsurvey.harmonise.problems import Choice, Problem, first_rows
from trustsurvey.harmonise.values import ANSWERED, reason_of
from trustsurvey.language import N_, _
from trustsurvey.model import ColumnMap, Floats
from trustsurvey.readers.raw import Raw

CODE = "map.number"


def read_number(raw: Raw, column: ColumnMap) -> tuple[Floats, list[Problem]]:
    """The numbers (rows,) of a column, NaN where there is no answer, and values that are no numbers.

    A comma before one or two last digits is a decimal comma, any other a thousand's.
    """
    values, book = raw.values(column.column), Codebook.of(column, raw.column(column.column))
    recodes, counts = dict(column.values), values.counts()
    numbers = np.full(len(values.distinct), np.nan)
    problems = []
    for k, value in enumerate(values.distinct):
        if not counts[k] or reason_of(value, column, book) != ANSWERED:
            continue
        told = number_of(_pointed(recodes.get(value, value)))
        if told is not None:
            numbers[k] = told
        else:
            problems.append(_problem(raw, column, value, k, int(counts[k])))
    return values.apply(numbers, float), problems


def _pointed(text: str) -> str:
    text = text.strip().replace(" ", "")
    head, comma, tail = text.rpartition(",")
    return f"{head.replace('.', '')}.{tail}" if comma and len(tail) in (1, 2) else text.replace(",", "")


def _problem(raw: Raw, column: ColumnMap, value: str, position: int, count: int) -> Problem:
    unsure = Choice(N_("No answer: don't know"), (("dont_know", (value,)),))
    refused = Choice(N_("No answer: refused"), (("refused", (value,)),))
    out = Choice(N_("Leave it out"), (("leave_out", (value,)),))
    return Problem(
        code=CODE,
        column=column.column,
        about=_("Number '{name}'").format(name=column.target),
        value=value,
        count=count,
        rows=first_rows(raw.values(column.column), position, raw.row_numbers),
        expected="a number",
        hint="Say what number it is (values), or that it is none (dont_know, refused, leave_out).",
        suggestion=out.text,
        question=_("\u201c{value}\u201d is no number. What does it stand for?").format(value=value),
        choices=(unsure, refused, out),
    )
