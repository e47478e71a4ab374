"""When residents answered, and how long it took."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd

from trustsurvey.harmonise.problems import Choice, Problem
from trustsurvey.language import _
from trustsurvey.model import Mapping
from trustsurvey.readers.raw import Raw
from trustsurvey.wording import day

#: A date in local order, with strokes or dashes; before full stops the day comes first.
LOCAL = r"^(\d{1,2})[/-](\d{1,2})[/-]\d{2,4}(?!\d)"
#: A time zone behind a local time, such as MDT or GMT+2.
ZONE = r"(?i)(?<=[\dm])\s+(?![ap]m$)[a-z]{2,5}([+-]\d{1,2}(:?\d\d)?)?$"


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

    A number above 12 tells the day from the month in all cells; where none does, ``day_first``
    decides, and else the day comes first before a full stop only. The name of a time zone after a
    local time is passed over: the day is the resident's.
    """
    series = pd.Series(texts, dtype=object)
    series = series.where(series.str.contains(r"\d", na=False), "")  # "now" and "today" are no times
    parsed = pd.to_datetime(series, format="ISO8601", errors="coerce", utc=True)
    if parsed.notna().sum() < 0.5 * (series != "").sum():
        series = series.str.replace(ZONE, "", regex=True)
        order = series.str.extract(r"^(\d{1,2})[./-](\d{1,2})[./-]").apply(pd.to_numeric, errors="coerce")
        beyond = (order > 12).any()
        usual = bool(series.str.match(r"\d{1,2}\.\d{1,2}\.").any()) if day_first is None else day_first
        first = bool(beyond[0]) if beyond[0] != beyond[1] else usual and bool(order.notna().any().any())
        form = _form(next((text for text in series if text), ""), first)
        parsed = pd.to_datetime(series, format=form, errors="coerce", utc=True)
        left = parsed.isna() & (series != "")
        if left.any():  # one by one, which takes ten times as long
            others = pd.to_datetime(series[left], format="mixed", dayfirst=first, errors="coerce", utc=True)
            parsed[left] = others.astype(parsed.dtype)
    known = parsed.dt.year.between(1900, 2200)  # 9999-12-31 stands for "no date"
    return parsed.where(known).dt.tz_localize(None).to_numpy(dtype="datetime64[ns]")


def date_problem(raw: Raw, mapping: Mapping) -> Problem | None:
    """The question whether day or month comes first, where neither the dates nor the mapping tell.

    The reading by which the answers lie closer together, and not in the future, is suggested.
    """
    column = next(mapping.having("start", "end"), None)
    if column is None or mapping.day_first is not None:
        return None
    values = raw.values(column.column)
    if not any(re.match(LOCAL, value) for value in values.distinct[:200]):
        return None
    parts = pd.Series(values.distinct, dtype=object).str.extract(LOCAL)
    parts = parts.apply(pd.to_numeric, errors="coerce")
    dated = parts.notna().all(axis=1)
    if not dated.any() or (parts > 12).any(axis=None) or (parts[0] == parts[1])[dated].all():
        return None
    counts = values.counts()
    readings = {order: parse_times(values.distinct, order) for order in (True, False)}
    spans = {order: _span(when[~np.isnat(when)]) for order, when in readings.items()}
    likelier = min(spans, key=lambda order: spans[order])
    clear = spans[likelier] < spans[not likelier] / 2
    example = values.distinct[int(np.flatnonzero(dated)[0])]
    when = {order: pd.Timestamp(parse_times([example], order)[0]) for order in (True, False)}
    choices = tuple(
        Choice(f"{word} first: {_day(when[order])}", (("day_first", order),), told.format(day=day(when[order])))
        for word, told, order in (
            ("The day", _("The day first: {day}"), True),
            ("The month", _("The month first: {day}"), False),
        )
    )
    return Problem(
        code="map.dates",
        column=column.column,
        about=_("Dates"),
        value="dates",
        count=int(counts[dated.to_numpy()].sum()),
        rows=tuple(int(row) for row in raw.row_numbers[dated.to_numpy()[values.codes]][:5]),
        expected="day or month first",
        hint="Say it in the mapping (day_first: true, or false).",
        suggestion=choices[0 if likelier else 1].text if clear else "",
        question=_("\u201c{example}\u201d may be two days. Which comes first, the day or the month?").format(
            example=example
        ),
        choices=choices,
    )


def _span(when: np.ndarray) -> float:
    """Days between the first and the last date; endless where it lies in the future."""
    if not len(when) or when.max() > np.datetime64("today") + np.timedelta64(2, "D"):
        return float("inf")
    return float((when.max() - when.min()) / np.timedelta64(1, "D"))


def _day(when: pd.Timestamp) -> str:
    return f"{when.day} {when:%B %Y}"


def _form(example: str, day_first: bool) -> str:
    """The format of a time in local order, for the usual forms."""
    parts = re.fullmatch(r"(\d+)([./-])\d+[./-](\d+)( \d+:\d+)?(:\d+)?( [ap]m)?", example, re.IGNORECASE)
    if parts is None:
        return "ISO8601"
    start, sign, end, hour, second, half = parts.groups()
    date_form = "%Y-%m-%d" if len(start) == 4 else "%d-%m-" if day_first else "%m-%d-"
    date_form += "" if len(start) == 4 else "%Y" if len(end) == 4 else "%y"
    clock = (" %I:%M" if half else " %H:%M") if hour else ""
    return date_form.replace("-", sign) + clock + (":%S" if second else "") + (" %p" if half else "")
