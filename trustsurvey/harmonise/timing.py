"""When residents answered, and how long it took."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd

from trustsurvey.model import Mapping
from trustsurvey.readers.raw import Raw


def texts(raw: Raw, mapping: Mapping, role: str) -> np.ndarray | None:
    """The cells of the column with a role, None where there is none."""
    column = mapping.only(role)
    if column is None:
        return None
    values = raw.values(column.column)
    return values.apply(values.distinct, object)


def times(raw: Raw, mapping: Mapping, *roles: str) -> np.ndarray | None:
    """Times from the first of these roles that the file has, NaT where unreadable."""
    for role in roles:
        column = mapping.only(role)
        if column is not None:
            values = raw.values(column.column)
            return parse_times(values.distinct, mapping.day_first)[values.codes]
    return None


def period(raw: Raw, mapping: Mapping, keep: np.ndarray) -> tuple[date | None, date | None]:
    """First and last day of the answers kept."""
    days: list[date | None] = []
    for pick, roles in ((np.min, ("start", "end")), (np.max, ("end", "start"))):
        when = times(raw, mapping, *roles)
        known = when[keep][~np.isnat(when[keep])] if when is not None else np.zeros(0)
        days.append(pd.Timestamp(pick(known)).date() if len(known) else None)
    return days[0], days[1]


def seconds(raw: Raw, mapping: Mapping) -> np.ndarray | None:
    """Duration of each interview in seconds, NaN where unknown."""
    stated = texts(raw, mapping, "duration")
    if stated is not None:
        return pd.to_numeric(pd.Series(stated), errors="coerce").to_numpy(float)
    first, last = times(raw, mapping, "start"), times(raw, mapping, "end")
    return None if first is None or last is None else (last - first) / np.timedelta64(1, "s")


def parse_times(texts: Sequence[str], day_first: bool | None) -> np.ndarray:
    """Times from text, in ISO or local order; NaT where they cannot be read.

    Where the order of day and month is not said, a first number above 12 decides for all.
    """
    series = pd.Series(texts, dtype=object)
    iso = pd.to_datetime(series, format="ISO8601", errors="coerce", utc=True)
    if iso.notna().sum() < 0.5 * (series != "").sum():
        firsts = pd.to_numeric(series.astype(str).str.extract(r"^(\d{1,2})[./-]")[0], errors="coerce")
        order = bool((firsts > 12).any()) if day_first is None else day_first
        iso = pd.to_datetime(series, format="mixed", dayfirst=order, errors="coerce", utc=True)
    return iso.dt.tz_localize(None).to_numpy(dtype="datetime64[ns]")
