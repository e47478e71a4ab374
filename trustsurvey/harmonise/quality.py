"""Which rows do not count: test answers, duplicates, partial answers. What looks doubtful."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from trustsurvey.errors import Notice
from trustsurvey.harmonise.values import ANSWERED, DONT_KNOW, UNCLEAR
from trustsurvey.language import N_
from trustsurvey.model import Instrument

#: Identical answers count as a duplicate only with this many answered questions ...
ENOUGH_ANSWERS = 8
#: ... of this many different kinds, since two people who agree with everything are two people.
ENOUGH_VARIETY = 3
DAY = np.timedelta64(24, "h")
#: Hasty: under this share of the median time, where so many times are known.
HASTY, ENOUGH_TIMES = 1 / 3, 20
#: Monotonous: so many items of one scale, some of them worded the other way round.
ENOUGH_ITEMS = 5


def repeated(keys: np.ndarray) -> np.ndarray:
    """Mask of rows whose key, unless empty, stood in an earlier row."""
    series = pd.Series(keys, dtype=object)
    return (series.duplicated() & (series != "")).to_numpy()


def same_device(devices: np.ndarray, when: np.ndarray | None) -> np.ndarray:
    """Mask of rows from the same device within 24 hours of an earlier answer."""
    frame = pd.DataFrame({"device": devices, "when": pd.NaT if when is None else when})
    frame = frame[frame["device"] != ""]
    if when is None or frame.empty:
        return np.zeros(len(devices), dtype=bool)
    frame = frame.sort_values(["device", "when"], kind="stable")
    gap = frame.groupby("device")["when"].diff()
    mask = np.zeros(len(devices), dtype=bool)
    mask[frame.index[(gap <= DAY) & gap.notna()]] = True
    return mask


def identical(answers: pd.DataFrame, others: list[np.ndarray]) -> np.ndarray:
    """Mask of rows that repeat an earlier one in every answer and every other column given."""
    values = answers.to_numpy(float)
    if not len(values):
        return np.zeros(0, dtype=bool)
    answered = np.isfinite(values)
    ordered = np.sort(values, axis=1)
    variety = (np.diff(ordered, axis=1) > 0).sum(axis=1) + 1
    eligible = (answered.sum(axis=1) >= ENOUGH_ANSWERS) & (variety >= ENOUGH_VARIETY)
    frame = answers.fillna(-1e9).reset_index(drop=True)
    for k, other in enumerate(others):
        frame[f"other {k}"] = other
    return frame.duplicated().to_numpy() & eligible


def partial(missing: pd.DataFrame, instrument: Instrument, below: float) -> np.ndarray:
    """Mask of rows that answered less than a share of the questions put to everyone."""
    core = [name for name in missing.columns if not instrument.item(name).optional]
    if not core or below <= 0:
        return np.zeros(len(missing), dtype=bool)
    # What is not understood yet was said all the same.
    said = np.isin(missing[core].to_numpy(), (ANSWERED, DONT_KNOW, UNCLEAR))
    return said.mean(axis=1) < below


@dataclass(frozen=True)
class Doubt:
    """Rows that look doubtful and are kept all the same: a name, the rule, which rows, and what is said of them."""

    check: str
    rule: str
    mask: np.ndarray
    notice: Notice


def doubts(
    answers: pd.DataFrame, instrument: Instrument, seconds: np.ndarray | None, shared: np.ndarray | None
) -> list[Doubt]:
    """Hasty and monotonous answers and shared addresses; nobody is dropped for them."""
    found = []
    fast = hasty(seconds) if seconds is not None else np.zeros(len(answers), dtype=bool)
    if fast.any():
        minutes = f"{np.nanmedian(seconds) / 60:.0f}"  # type: ignore[arg-type]
        notice = Notice(
            "quality.speed",
            f"{fast.sum():,} answers took less than a third of the usual time ({minutes} minutes). They are kept.",
        )
        rule = N_(f"under a third of the median time, {minutes} minutes")
        found.append(Doubt(N_("hasty answers"), rule, fast, notice))
    flat = straight(answers, instrument)
    if flat.any():
        notice = Notice(
            "quality.straight",
            f"{flat.sum():,} residents gave the same answer to all statements of a block, though some are "
            "worded the other way round. They are kept.",
        )
        rule = N_(f"one answer to {ENOUGH_ITEMS} statements or more that are worded both ways")
        found.append(Doubt(N_("the same answer throughout"), rule, flat, notice))
    if shared is not None and shared.any():
        notice = Notice(
            "quality.address",
            f"{shared.sum():,} answers came from an internet address already used within a day. "
            "Households and libraries share addresses, so they are kept.",
        )
        rule = N_("the same internet address within 24 hours")
        found.append(Doubt(N_("shared address"), rule, shared, notice))
    return found


def hasty(seconds: np.ndarray) -> np.ndarray:
    """Mask of answers that took under a third of the median time (cf. Greszki et al. 2015); none of under 20 times."""
    known = np.isfinite(seconds)
    if known.sum() < ENOUGH_TIMES:
        return np.zeros(len(seconds), dtype=bool)
    with np.errstate(invalid="ignore"):
        return known & (seconds < np.median(seconds[known]) * HASTY)


def straight(answers: pd.DataFrame, instrument: Instrument) -> np.ndarray:
    """Mask of residents with one answer throughout the items of one scale that include reversed ones.

    Five items answered make a block, one of them at least worded each way.
    """
    flat = np.zeros(len(answers), dtype=bool)
    for values, reverse, _ in _grids(answers, instrument):
        known = np.isfinite(values)
        enough = (known.sum(axis=1) >= ENOUGH_ITEMS) & known[:, reverse].any(axis=1) & known[:, ~reverse].any(axis=1)
        highest = np.where(known, values, -np.inf).max(axis=1)
        flat |= enough & (highest == np.where(known, values, np.inf).min(axis=1))
    return flat


def longest_run(answers: pd.DataFrame, instrument: Instrument) -> pd.DataFrame:
    """The longest run of one answer over neighbouring items of one scale that are worded both ways.

    Columns: run (items; 0 without such a run), half (whether it takes up half of its items, and five at
    least: Johnson 2005; Curran 2016), middle (whether the answer was the middle of the scale, which
    contradicts nothing). An unanswered item ends a run.
    """
    n = len(answers)
    best, half, middle = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=bool), np.zeros(n, dtype=bool)
    for values, reverse, centre in _grids(answers, instrument):
        run, turned = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
        for j, back in enumerate(reverse):
            same = (values[:, j] == values[:, j - 1]) if j else np.zeros(n, dtype=bool)
            known = np.isfinite(values[:, j])
            run = np.where(known, np.where(same, run + 1, 1), 0)
            turned = np.where(known, np.where(same, turned, 0) + back, 0)
            both = (turned > 0) & (turned < run)
            half |= both & (run >= max(ENOUGH_ITEMS, len(reverse) / 2))
            longer = both & (run > best)
            best = np.where(longer, run, best)
            middle = np.where(longer, values[:, j] == centre, middle)
    return pd.DataFrame({"run": best, "half": half, "middle": middle}, index=answers.index)


def _grids(answers: pd.DataFrame, instrument: Instrument) -> list[tuple[np.ndarray, np.ndarray, float]]:
    """For each scale with five items or more, worded both ways: answers, which are reversed, its middle."""
    grids: dict[str, list[str]] = {}
    for name in answers.columns:
        grids.setdefault(instrument.item(name).scale.name, []).append(name)
    found = []
    for names in grids.values():
        reverse = np.array([instrument.item(name).reverse for name in names])
        if len(names) >= ENOUGH_ITEMS and reverse.any() and not reverse.all():
            scale = instrument.item(names[0]).scale
            found.append((answers[names].to_numpy(float), reverse, (scale.low + scale.high) / 2))
    return found


def flags(answers: pd.DataFrame, instrument: Instrument, seconds: np.ndarray | None = None) -> pd.DataFrame:
    """What looks doubtful about each resident (n, flags), to be reported and looked at, never dropped silently.

    ``straight`` (:func:`straight`), ``long_string`` (half of a grid in one run, :func:`longest_run`) and, where
    times are given, ``fast`` (:func:`hasty`). :func:`trustsurvey.scales.sensitivity.without` shows what
    the scores would be without them.
    """
    marks = {
        "straight": straight(answers, instrument),
        "long_string": longest_run(answers, instrument)["half"].to_numpy(bool),
    }
    if seconds is not None:
        marks["fast"] = hasty(np.asarray(seconds, dtype=float))
    return pd.DataFrame(marks, index=answers.index)
