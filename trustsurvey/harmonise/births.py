"""Days and years of birth become age groups: how old people were when they answered, and nothing finer."""

from __future__ import annotations

import re
from collections.abc import Mapping as MappingType, Sequence

import numpy as np
import pandas as pd

from trustsurvey.errors import SurveyError
from trustsurvey.harmonise.categories import banded, categorical, in_range
from trustsurvey.harmonise.guess import Guess
from trustsurvey.harmonise.roles import AGES
from trustsurvey.harmonise.timing import parse_times, times
from trustsurvey.instruments.headings import speaks_of_birth
from trustsurvey.language import N_
from trustsurvey.model import ColumnMap, Mapping
from trustsurvey.readers.raw import Column, Raw, Values
from trustsurvey.wording import fold

YEAR = re.compile(r"(19|20)\d\d(\.0+)?")
#: A column holds births where so many of its values are days or years in which people who answer were born.
MOST = 0.8
OLDEST, YOUNGEST = 110, 14
DAYS = 365.25


def as_age_groups(
    columns: Sequence[Column],
    heads: MappingType[str, Values],
    guesses: MappingType[str, Guess],
    known_groups: MappingType[str, Sequence[str]],
) -> dict[str, Guess]:
    """Guesses in which a column of births, where no other tells the age, becomes the group "age".

    Only where the file tells the day of the interview. The groups are those of the margins where they are ranges.
    """
    roles = {guess.column.role for guess in guesses.values()}
    births = next((column.name for column in columns if _tells_birth(column, heads)), "")
    ages = [name for name, g in guesses.items() if (g.column.role, g.column.target) == ("group", "age")]
    free = births and guesses[births].column.role in ("private", "ignore", "group")
    if not free or set(ages) - {births} or not roles & {"start", "end"}:
        return dict(guesses)
    stated = [category for category in known_groups.get("age", ()) if in_range(category) is not None]
    entry = ColumnMap(births, "group", "age", values=tuple((b, b) for b in stated or AGES), born=True)
    why = N_("tells when people were born: only their age group is kept")
    return {**guesses, births: Guess(entry, why, True)}


def _tells_birth(column: Column, heads: MappingType[str, Values]) -> bool:
    asked = speaks_of_birth(f"{column.name} {column.text}")
    return asked and column.name in heads and _births(heads[column.name])


def age_groups(raw: Raw, mapping: Mapping, column: ColumnMap) -> pd.Categorical:
    """Age groups when people answered, from days or years of birth; nothing where either is not known.

    Of a year alone the first of July is taken. SurveyError ``map.born`` where no column tells when people answered.
    """
    bands = column.values or tuple((band, band) for band in AGES)
    order = list(dict.fromkeys(label for _, label in bands))
    values = raw.values(column.column)
    if column.column in raw.kept.coded:  # of a file that the study kept, they are age groups already
        known = {fold(label): label for label in order}
        return categorical(values, [known.get(fold(value)) for value in values.distinct], order)
    when = times(raw, mapping, "start", "end")
    if when is None or np.isnat(when).all():
        raise SurveyError(
            "map.born", "Nothing says how old people were: the file has no day of interview", where=raw.source,
            got=f"births in column '{column.column}'", expected="a column with the start or end of the interview",
            hint="Mark that column, or set the births to 'private'.",
        )  # fmt: skip
    usual = np.sort(when[~np.isnat(when)])[(~np.isnat(when)).sum() // 2]
    day = np.where(np.isnat(when), usual, when).astype("M8[D]")
    years = _ages(_days(values.distinct, mapping.day_first)[values.codes], day)
    recodes = {fold(value): label for value, label in bands}
    whole = np.where(np.isfinite(years) & (years >= 0) & (years <= OLDEST), years, -1).astype(int)
    label = {age: banded(str(age), recodes) if age >= 0 else "" for age in np.unique(whole).tolist()}
    codes = [order.index(label[age]) if label[age] in order else -1 for age in whole.tolist()]
    return pd.Categorical.from_codes(codes, order)


def without_births(raw: Raw, mapping: Mapping) -> dict[str, pd.Categorical]:
    """The age groups that are kept instead of each column of births."""
    return {column.column: age_groups(raw, mapping, column) for column in mapping.having("group") if column.born}


def _births(values: Values) -> bool:
    filled = [value for value in values.distinct if value][:200]
    if len(filled) < 3:
        return False
    when = _days(filled, None)
    back = (np.datetime64("today") - when).astype(float) / DAYS
    known = ~np.isnat(when)
    return bool((known & (back >= YOUNGEST - 1) & (back <= OLDEST)).mean() >= MOST)


def _days(texts: Sequence[str], day_first: bool | None) -> np.ndarray:
    """Days of birth: a year alone is its first of July; of two digits, the last such year that is past."""
    years = pd.Series(texts, dtype=object)
    whole = years.where(years.str.fullmatch(YEAR.pattern, na=False))
    only = pd.to_datetime(whole.str[:4] + "-07-01", errors="coerce").to_numpy("M8[D]")
    rest = years.where(whole.isna(), "").tolist()
    days = parse_times(rest, day_first).astype("M8[D]") if any(rest) else np.full(len(rest), "NaT", "M8[D]")
    future = days > np.datetime64("today")
    days = np.where(future, days - np.timedelta64(36525, "D"), days)
    return np.where(np.isnat(only), days, only).astype("M8[D]")


def _ages(born: np.ndarray, day: np.ndarray) -> np.ndarray:
    """Completed years, NaN where a day is not known."""
    b, d = pd.DatetimeIndex(born), pd.DatetimeIndex(day)
    before = (d.month < b.month) | ((d.month == b.month) & (d.day < b.day))
    return np.asarray(d.year - b.year, dtype=float) - np.asarray(before, dtype=float)
