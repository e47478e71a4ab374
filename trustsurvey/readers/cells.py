"""Numbers, dates and times as the text that a survey tool would have written."""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

#: Numbers from here on need not be whole to look so.
WHOLE = 2.0**53
DAY = 86_400


class Style(NamedTuple):
    """How a program keeps moments: the day that counts as 0, seconds in a unit, and what is shown."""

    pattern: str
    epoch: str
    unit: float
    shown: str


#: SPSS counts seconds since the Gregorian calendar began; Stata days, or thousandths of a second, from 1960.
STYLES = (
    Style(r"(A|E|J|S)?DATE\d", "1582-10-14", 1, "day"),
    Style(r"DATETIME|YMDHMS", "1582-10-14", 1, "moment"),
    Style(r"D?TIME\d", "1582-10-14", 1, "clock"),
    Style(r"%-?t?d", "1960-01-01", DAY, "day"),
    Style(r"%-?t[cC]([^H]*[dDyY]|$)", "1960-01-01", 1e-3, "moment"),
    Style(r"%-?t[cC]", "1960-01-01", 1e-3, "clock"),
)


def number_text(numbers: pa.Array, single: bool = False) -> pa.Array:
    """Numbers as the shortest text that means the same, whole ones without a point; empty where there is none.

    ``single``: the file keeps them in four bytes, in which 2.3 is as near as in eight 2.299999952316284.
    """
    values = np.asarray(pc.fill_null(numbers, 0.0))
    whole = np.isfinite(values) & (np.abs(values) < WHOLE)
    whole[whole] = values[whole] == np.floor(values[whole])
    text = pa.array(np.where(whole, values, 0.0).astype(np.int64)).cast(pa.string())
    if not whole.all():
        others = numbers.cast(pa.float32()) if single else numbers
        text = pc.if_else(pa.array(whole), text, others.cast(pa.string()))
    return pc.if_else(numbers.is_null(), "", text)


def moment_text(numbers: pa.Array, style: str) -> pa.Array | None:
    """Dates and times in ISO form from how SPSS or Stata keeps them; None where a style shows neither.

    What lies in no year from 1 to 9999 becomes empty, and so does a time of day of no day.
    """
    form = next((form for form in STYLES if re.match(form.pattern, style)), None)
    if form is None:
        return None
    epoch = np.datetime64(form.epoch, "s")
    seconds = np.asarray(pc.fill_null(numbers, np.nan)) * form.unit
    if form.shown == "clock":
        first, last = 0.0, float(DAY)
    else:
        first, last = ((np.datetime64(day, "s") - epoch).astype(float) for day in ("0001-01-01", "9999-12-31"))
    known = (seconds >= first) & (seconds < last)
    moments = epoch + np.floor(np.where(known, seconds, 0)).astype(np.int64).astype("timedelta64[s]")
    text = pa.array(np.datetime_as_string(moments, unit="D" if form.shown == "day" else "s"), pa.string())
    text = pc.utf8_slice_codeunits(text, 11) if form.shown == "clock" else pc.replace_substring(text, "T", " ")
    return pc.if_else(pa.array(known), text, "")
