"""Any table of numbers as a wave: for other surveys, and to check this package against one's own R.

Questionnaire, mapping and file reader are left out: columns are used as they are, numbers in their own units.
"""

from __future__ import annotations

from collections.abc import Mapping as MappingType, Sequence

import numpy as np
import pandas as pd

from trustsurvey.errors import SurveyError, some
from trustsurvey.model import REASONS, Design, Floats, Index, Instrument, Ints, Item, Lonely, Scale, Wave

#: Scored from 0 to 100 a number stays what it is.
AS_IT_IS = Scale("number", 0.0, 100.0)


def wave_from_frame(
    frame: pd.DataFrame,
    *,
    weights: str | None = None,
    strata: str | None = None,
    psu: str | None = None,
    fpc: str | None = None,
    nest: bool = False,
    lonely: Lonely = "fail",
    lonely_domains: bool = False,
    ids: str | None = None,
    indices: MappingType[str, Sequence[str]] | None = None,
    groups: Sequence[str] = (),
    name: str = "frame",
) -> Wave:
    """A wave of any table: rows are residents, all columns may group, numbers (and yes or no) may be estimated.

    Parameters
    ----------
    frame : one row a resident. Numbers, booleans as 0 and 1, become ``wave.scores`` in their own units.
    weights, strata, psu, fpc, nest, lonely, lonely_domains : the design, see :func:`design_from_frame`.
    ids : column that tells the same resident in another wave; where ``psu`` is given that does.
    indices : scores made of several columns by name, the mean of those who have all of them.
    groups : columns whose tables may be shown together, for :func:`~trustsurvey.disclosure.gate.protect`.

    >>> table = pd.DataFrame({"y": [1.0, 2.0, 4.0, 5.0], "sex": ["f", "f", "m", "m"], "w": [10, 10, 30, 30]})
    >>> wave = wave_from_frame(table, weights="w")
    >>> wave.scores["y"].tolist(), float(wave.weights.sum())
    ([1.0, 2.0, 4.0, 5.0], 80.0)

    SurveyError ``frame.*`` for an unknown column, an unusable design or a name that stands twice.
    """
    indices = dict(indices or {})
    people = frame.reset_index(drop=True)
    people.columns = people.columns.astype(str)
    twice = people.columns[people.columns.duplicated()].union(pd.Index(list(indices)).intersection(people.columns))
    if len(twice):
        raise SurveyError("frame.twice", f"The name {some(twice)} stands for two things", where=name)
    parts = [part for columns in indices.values() for part in columns]
    absent = [c for c in (weights, strata, psu, fpc, ids, *groups, *parts) if c and c not in people]
    if absent:
        raise SurveyError("frame.column", f"The table has no column {some(absent)}", where=name,
                          expected=some(people.columns, 12))  # fmt: skip
    answers = people.select_dtypes(["number", "bool", "boolean"]).astype(float)
    words = [part for part in parts if part not in answers]
    if words:
        raise SurveyError("frame.number", f"The column {some(words)} of an index has no numbers", where=name)
    means = {key: answers[list(columns)].mean(axis=1, skipna=False) for key, columns in indices.items()}
    return Wave(
        name=name,
        instrument=Instrument(
            "frame",
            name,
            tuple(Item(column, column, AS_IT_IS) for column in answers),
            tuple(Index(key, key, tuple(columns), len(columns)) for key, columns in indices.items()),
            next(iter([*indices, *answers]), ""),
        ),
        people=people,
        answers=answers,
        missing=answers.isna().astype("int8") * REASONS.index("blank"),
        design=design_from_frame(
            people, weights=weights, strata=strata, psu=psu, fpc=fpc, nest=nest, lonely=lonely,
            lonely_domains=lonely_domains, ids=ids, where=name,
        ),
        groups=tuple(groups),
        wording={column: column for column in answers},
        scores=pd.concat([answers, pd.DataFrame(means, index=people.index)], axis=1),
        probability=True,
    )  # fmt: skip


def design_from_frame(
    frame: pd.DataFrame,
    *,
    weights: str | None = None,
    strata: str | None = None,
    psu: str | None = None,
    fpc: str | None = None,
    nest: bool = False,
    lonely: Lonely = "fail",
    lonely_domains: bool = False,
    ids: str | None = None,
    where: str = "frame",
) -> Design:
    """The design that columns of a table tell; R ``svydesign(ids, strata, weights, fpc, nest, data)``.

    Parameters
    ----------
    weights : base weights; without, 1 for everyone, or what ``fpc`` tells (population over sample, by stratum).
    strata, psu : labels; without ``psu`` every row is its own unit, which is R's ``ids = ~1``. Of several stages only
        the first counts, as in R where the later ones have no ``fpc``.
    fpc : numbers of sampling units in the population of the row's stratum, or sampled shares (none above 1).
    nest : units of different strata may go by the same label.
    lonely, lonely_domains : see :class:`~trustsurvey.model.Design`.

    SurveyError ``frame.design`` for a blank or words for numbers, ``frame.nest`` for a unit that lies in two
    strata, ``frame.fpc``, ``design.*``.
    """
    n = len(frame)
    stratum, stratum_names = _labels(frame, strata, where)
    unit, tells = _labels(frame, psu, where)
    if psu is None:
        unit = np.arange(n, dtype=np.int64)
        tells = None if ids is None else frame[ids].to_numpy(dtype=object, na_value=None)
    elif strata is not None:
        pairs = pd.factorize(pd.MultiIndex.from_arrays([stratum, unit]))[0].astype(np.int64)
        if not nest and pairs.max(initial=-1) > unit.max(initial=-1):
            raise SurveyError(
                "frame.nest", f"A sampling unit of '{psu}' lies in two strata of '{strata}'", where=where,
                hint="Say nest=True if units of different strata go by the same label.",
            )  # fmt: skip
        unit = pairs
        if nest and tells is not None and stratum_names is not None:
            tells = np.fromiter(zip(stratum_names, tells, strict=True), dtype=object, count=n)
    population = None if fpc is None else _population(frame, fpc, stratum, unit, where)
    base = np.ones(n)
    if weights is not None:
        base = _numbers(frame, weights, where)
    elif population is not None:
        base = population / _units(stratum, unit)
    return Design(base, stratum, unit, population, tells, lonely, lonely_domains)


def _labels(frame: pd.DataFrame, column: str | None, where: str) -> tuple[Ints, np.ndarray | None]:
    """Codes (n,) of a column's labels in order of appearance, and the labels (n,)."""
    if column is None:
        return np.zeros(len(frame), dtype=np.int64), None
    _complete(frame, column, where)
    codes, found = pd.factorize(frame[column])
    return codes.astype(np.int64), np.asarray(found, dtype=object)[codes]


def _complete(frame: pd.DataFrame, column: str, where: str) -> None:
    blank = np.flatnonzero(frame[column].isna().to_numpy())
    if len(blank):
        raise SurveyError(
            "frame.design", f"The column '{column}' of the design has no value in {len(blank):,} rows",
            where=f"{where}, row {blank[0] + 1:,}", expected="one for every row", hint="Leave these rows out first.",
        )  # fmt: skip


def _numbers(frame: pd.DataFrame, column: str, where: str) -> Floats:
    _complete(frame, column, where)
    if not pd.api.types.is_numeric_dtype(frame[column]):
        raise SurveyError("frame.design", f"The column '{column}' of the design has no numbers", where=where)
    return frame[column].to_numpy(float)


def _units(stratum: Ints, unit: Ints) -> Floats:
    """Sampled units in the stratum of each row."""
    _, first = np.unique(unit, return_index=True)
    return np.bincount(stratum[first]).astype(float)[stratum]


def _population(frame: pd.DataFrame, fpc: str, stratum: Ints, unit: Ints, where: str) -> Floats:
    """Sampling units in the population, from their numbers or from the share of them that was sampled."""
    values = _numbers(frame, fpc, where)
    if (values <= 0).any() or ((values > 1).any() and (values < 1).any()):
        raise SurveyError(
            "frame.fpc", f"The column '{fpc}' tells no population of sampling units", where=where,
            expected="numbers of units, or sampled shares above 0 and up to 1",
        )  # fmt: skip
    return values if (values > 1).any() else _units(stratum, unit) / values
