"""Times as transcripts write them: ``0:12``, ``00:00:12.345``, ``00:12,345``."""

from __future__ import annotations

import re

#: Hours may be left out; the fraction follows a point or a comma. Groups of this pattern are for :func:`seconds` alone.
TIME = r"(?:\d{1,3}:[0-5]?\d:[0-5]?\d|\d{1,3}:[0-5]\d)(?:[.,]\d{1,7})?"
_PARTS = re.compile(r"(?:(\d{1,3}):)?(\d{1,3}):([0-5]?\d)(?:[.,](\d{1,7}))?")
DAY = 86_400


def seconds(text: str) -> float | None:
    """Seconds of a time, exact to the millisecond; None where it is no time."""
    found = _PARTS.fullmatch(text.strip())
    if found is None:
        return None
    hours, minutes, whole, part = found.groups()
    thousandths = round(int((part or "0").ljust(7, "0")) / 10_000)
    return (1000 * (3600 * int(hours or 0) + 60 * int(minutes) + int(whole)) + thousandths) / 1000


def written(value: float, *, point: str = ".", hours: bool = True, fraction: bool = True) -> str:
    """A time as ``HH:MM:SS.mmm``; without ``hours`` as ``M:SS``, or ``H:MM:SS`` from one hour on."""
    thousandths = round(value * 1000)
    whole, rest = divmod(thousandths, 1000)
    minutes, second = divmod(whole, 60)
    hour, minute = divmod(minutes, 60)
    tail = f"{point}{rest:03d}" if fraction else ""
    if hours:
        return f"{hour:02d}:{minute:02d}:{second:02d}{tail}"
    return (f"{hour}:{minute:02d}" if hour else f"{minute}") + f":{second:02d}{tail}"
