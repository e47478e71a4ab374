"""Tables as they are read: no more decimals than a number has meaning, nothing where nothing is."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

import pandas as pd
from pandas.io.formats.style import Styler

#: Columns of p-values, and of numbers of people or answers, by name.
P = re.compile(r"(.*_)?p(_adj)?")
WHOLE = re.compile(r"n|n_eff|worth|residents|waves|d?df|d_df|(needed|more)(_.*)?|rank_[lu]ci")
#: Ends of intervals, and what they may enclose where it is not in their own name.
END = re.compile(r"(.*_)?[lu]ci")
ENCLOSED = ("est", "diff", "gap", "slope", "modelled", "coef", "ratio", "odds_ratio")
#: A larger table is shown as it is: writing every number would keep the reader waiting.
MOST = 20_000
#: What stands where nothing is.
NOTHING = "\u2013"


def written(table: pd.DataFrame) -> pd.DataFrame | Styler:
    """The table without empty columns, its numbers written as they are read; they themselves stay as they are."""
    table = without_empty(table)
    if not len(table) or table.size > MOST:
        return table
    formats = {name: _format(name, table) for name in table if pd.api.types.is_numeric_dtype(table[name])}
    known = {name: form for name, form in formats.items() if form is not None}
    return table.style.format(known, na_rep=NOTHING)


def rounded(table: pd.DataFrame) -> pd.DataFrame:
    """The table with no more digits than are read: a voice reads out all that a cell holds."""
    places = {name: _places(table[name]) for name in table if pd.api.types.is_float_dtype(table[name])}
    return table.round(places) if places else table


def without_empty(table: pd.DataFrame) -> pd.DataFrame:
    """The table without the columns in which nothing stands."""
    if not len(table):
        return table
    return table.loc[:, [not (table[name].isna() | (table[name].astype(object) == "")).all() for name in table]]


def p_value(p: float) -> str:
    """A p-value of four places, which is never nothing."""
    return "< 0.0001" if p < 0.0001 else f"{p:.4f}"


def _format(name: str, table: pd.DataFrame) -> Callable[[float], str] | None:
    """How a column of numbers is written: by what it is, else by how large its numbers are."""
    values = table[name]
    if pd.api.types.is_bool_dtype(values):
        return None
    if P.fullmatch(name):
        return p_value
    if WHOLE.fullmatch(name) or pd.api.types.is_integer_dtype(values):
        return "{:,.0f}".format
    # The ends of an interval have the decimals of what they enclose.
    enclosed = (name[:-4], *ENCLOSED) if END.fullmatch(name) else ()
    return f"{{:,.{_places(table[next((k for k in enclosed if k in table), name)])}f}}".format


def _places(values: pd.Series) -> int:
    """Decimals that numbers have a meaning with, by the largest of them."""
    most = float(values.abs().max())
    return 0 if not math.isfinite(most) or most >= 1000 else 1 if most >= 20 else 2 if most >= 2 else 3
