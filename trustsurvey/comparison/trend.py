"""Where a measure is heading: the slope over three or more waves, and a smooth line to draw.

No turning point is claimed: with the handful of waves that a survey has, a test for one finds noise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

import numpy as np
import pandas as pd

from trustsurvey.comparison.compare import breaks, check_apart, judged
from trustsurvey.comparison.joint import contrast_df, joint_covariance, linear_part
from trustsurvey.comparison.multiplicity import Adjustment
from trustsurvey.errors import SurveyError, some
from trustsurvey.estimation.variance import Df
from trustsurvey.model import Estimates, Floats, Lonely, Wave

#: A slope needs this many waves since the wording was last changed, all of them shown.
WAVES = 3
#: Bandwidth of the smooth line, in median distances between waves.
BANDWIDTH = 2.0
YEAR = 365.25

Weigh = Literal["answers", "precision"]


@dataclass(frozen=True)
class Trend:
    """Slopes, one row a measure and domain, and the points and lines to draw.

    ``table`` columns: measure, by, level, slope (points a ``unit``), se, lci, uci, df, p, p_adj (over
    the levels of one grouping), detectable (the slope found with 80 % power), waves (how many count),
    first and last (their names), span (``unit``s from first to last), verdict: "up", "down", "none"
    (no detectable trend), "break" (fewer than three waves since the wording changed), "withheld" (too
    few waves with enough answers) or "guarded" (hidden to protect a small neighbour).

    ``lines`` columns: measure, by, level, wave, date (middle of the wave, None where not known), time
    (``unit``s since the first wave), segment (counts the wordings, from 0), est, lci, uci, line.
    ``unit`` is "year", or "wave" where a wave has no dates.
    """

    table: pd.DataFrame
    lines: pd.DataFrame
    unit: Literal["year", "wave"]
    adjust: Adjustment = "bh"


def trend(
    waves: Sequence[Wave],
    estimates: Estimates,
    lonely: Lonely | None = None,
    *,
    stat: Literal["mean", "share"] = "mean",
    weigh: Weigh = "answers",
    adjust: Adjustment = "bh",
    df: Df = "satterthwaite",
) -> Trend:
    """The trend of every measure and domain that ``estimates`` has, over waves in order of time.

    The slope is that of weighted least squares, ``b = c'y`` with ``c = w (t - t_w) / sum w (t - t_w)^2``;
    its variance is ``c'Vc`` with V the design-based covariances of the waves' estimates (Binder &
    Roberts 2003), those between waves coming from units in both. Only waves since the last change of
    wording count, and only those whose estimate is shown as it is. Sampling error is all that the
    interval holds: a curve around the line is no part of it.

    Parameters
    ----------
    estimates : protected estimates of all waves in one table (column ``wave``).
    weigh : waves count by their number of "answers" (w = n, which has nothing to do with what
        was answered), or by "precision" (w = 1 / SE^2, whose own error makes intervals too short
        where answers are few).
    lonely : the treatment that the estimates were made with, if not the designs' own.
    adjust : how p-values allow for the number of tests.
    df : how degrees of freedom are found (see :func:`~trustsurvey.comparison.joint.contrast_df`).

    Raises
    ------
    SurveyError ``trend.waves`` for fewer than three waves, ``trend.names`` for two of one name,
    ``trend.order`` for waves that are not in order of time, ``trend.weigh``, and what ``change`` raises.
    """
    days, unit = _times(waves)
    if weigh not in get_args(Weigh):
        raise SurveyError("trend.weigh", f"Waves cannot be weighed by '{weigh}'", expected=", ".join(get_args(Weigh)))
    check_apart(waves)
    time = (days - days[0]) / (YEAR if unit == "year" else 1.0)
    shown = estimates.rows(stat=stat)
    _check_measures(waves, shown)
    keys = shown[["measure", "by", "level"]].drop_duplicates(ignore_index=True)
    grid = _Grid.of(keys, shown, [wave.name for wave in waves])
    segment = _segments(waves, keys["measure"])
    current = segment == segment.max(axis=1, keepdims=True)
    used = grid.open & current & (segment >= 0)
    enough = used.sum(axis=1) >= WAVES
    used &= enough[:, None]
    table = _slopes(waves, keys, grid, used, time, weigh, lonely, df)
    table = judged(table, "slope", adjust)
    told = np.where((current & (segment >= 0)).sum(axis=1) < WAVES, "break", "withheld")
    guarded = ((grid.open | grid.guarded) & current).sum(axis=1) >= WAVES
    told = np.where((told == "withheld") & guarded, "guarded", told)
    table["verdict"] = np.where(enough, table["verdict"], told)
    order = [
        "measure", "by", "level", "slope", "se", "lci", "uci", "df", "p", "p_adj", "detectable",
        "waves", "first", "last", "span", "verdict",
    ]  # fmt: skip
    return Trend(table[order], _lines(waves, keys, grid, segment, time), unit, adjust)


def middle(wave: Wave) -> date | None:
    """The day halfway through a wave; the one that is known if only its start or its end is."""
    if wave.start is None or wave.end is None:
        return wave.start or wave.end
    return wave.start + (wave.end - wave.start) / 2


def _times(waves: Sequence[Wave]) -> tuple[Floats, Literal["year", "wave"]]:
    """When the waves were held: days, or their numbers where a date is not known."""
    if len(waves) < WAVES:
        raise SurveyError(
            "trend.waves", "A trend needs more waves", got=f"{len(waves)}", expected=f"{WAVES} or more",
            hint="Two waves are compared as a change.",
        )  # fmt: skip
    names = [wave.name for wave in waves]
    if twice := dict.fromkeys(name for name in names if names.count(name) > 1):
        raise SurveyError(
            "trend.names", f"Several waves are called {some(twice)}", expected="a name of its own for each"
        )
    known = [day for wave in waves if (day := middle(wave)) is not None]
    if len(known) < len(waves):
        return np.arange(len(waves), dtype=float), "wave"
    days = np.array([day.toordinal() for day in known], dtype=float)
    if (np.diff(days) <= 0).any():
        late = int(np.flatnonzero(np.diff(days) <= 0)[0]) + 1
        raise SurveyError(
            "trend.order", f"The wave '{names[late]}' was not held after '{names[late - 1]}'",
            got=f"{known[late]} after {known[late - 1]}", expected="waves in order of time",
        )  # fmt: skip
    return days, "year"


def _check_measures(waves: Sequence[Wave], shown: pd.DataFrame) -> None:
    for wave in waves:
        measures = shown.loc[shown["wave"] == wave.name, "measure"].unique()
        absent = [name for name in measures if wave.scores is None or name not in wave.scores]
        if absent or wave.scores is None:
            raise SurveyError(
                "compare.measure", f"The wave has no score {some(absent)} to compare", where=wave.name,
                hint="Put the numbers among the scores of all waves first.",
            )  # fmt: skip


@dataclass(frozen=True)
class _Grid:
    """Estimates by domain and wave (k, waves), NaN where there is none; which may be used as they are."""

    est: Floats
    se: Floats
    n: Floats
    lci: Floats
    uci: Floats
    open: np.ndarray
    guarded: np.ndarray

    @classmethod
    def of(cls, keys: pd.DataFrame, shown: pd.DataFrame, names: list[str]) -> _Grid:
        row = shown.merge(keys.reset_index(names="at"), on=list(keys.columns), how="left")["at"].to_numpy(int)
        column = pd.Index(names).get_indexer(shown["wave"])
        inside = column >= 0

        def spread(values: pd.Series | np.ndarray, empty: float | bool = np.nan) -> np.ndarray:
            grid = np.full((len(keys), len(names)), empty)
            grid[row[inside], column[inside]] = np.asarray(values, dtype=type(empty))[inside]
            return grid

        withheld = shown["suppressed"] != ""
        guarded = ~withheld & (shown["n"].isna() | shown["se"].isna())
        numbers = {name: spread(shown[name]) for name in ("est", "se", "n", "lci", "uci")}
        return cls(**numbers, open=spread(~withheld & ~guarded, False), guarded=spread(guarded, False))


def _segments(waves: Sequence[Wave], measures: pd.Series) -> np.ndarray:
    """The number (k, waves) of the wording that a wave asked a measure in; -1 where it did not."""
    of: dict[str, np.ndarray] = {}
    for measure in measures.unique():
        result, last, count = np.full(len(waves), -1), None, 0
        for k, wave in enumerate(waves):
            if wave.scores is not None and measure in wave.scores:
                count += last is not None and bool(breaks(last, wave, measure))
                result[k], last = count, wave
        of[measure] = result
    return np.array([of[measure] for measure in measures]).reshape(len(measures), len(waves))


def _slopes(
    waves: Sequence[Wave],
    keys: pd.DataFrame,
    grid: _Grid,
    used: np.ndarray,
    time: Floats,
    weigh: Weigh,
    lonely: Lonely | None,
    how: Df,
) -> pd.DataFrame:
    k, names = len(keys), np.array([wave.name for wave in waves], dtype=object)
    slope, variance, df = np.full(k, np.nan), np.full(k, np.nan), np.full(k, np.nan)
    enough = used.any(axis=1)
    if enough.any():
        c = _coefficients(_weights(grid, used, weigh)[enough], time)
        some_rows, at = keys[enough], np.flatnonzero(used.any(axis=0))
        slope[enough] = (c * np.where(used, grid.est, 0.0)[enough]).sum(axis=1)
        parts = [linear_part(waves[int(j)], some_rows, lonely) for j in at]
        covariance = joint_covariance(parts)
        variance[enough] = np.maximum(np.einsum("ka,kab,kb->k", c[:, at], covariance, c[:, at]), 0.0)
        df[enough] = contrast_df(parts, covariance, c[:, at], how)
    first, last = used.argmax(axis=1), len(waves) - 1 - used[:, ::-1].argmax(axis=1)
    return keys.assign(
        slope=slope,
        se=np.sqrt(variance),
        df=df,
        waves=used.sum(axis=1),
        first=np.where(enough, names[first], ""),
        last=np.where(enough, names[last], ""),
        span=np.where(enough, time[last] - time[first], np.nan),
    )


def _weights(grid: _Grid, used: np.ndarray, weigh: Weigh) -> Floats:
    """What each wave counts for (k, waves), 0 where it is not used."""
    if weigh == "answers":
        return np.where(used, grid.n, 0.0)
    variance = np.where(used, grid.se, np.nan) ** 2
    # An estimate without sampling error must not be all there is.
    least = 1e-6 * np.nanmax(np.where(used.any(axis=1, keepdims=True), variance, 1.0), axis=1, keepdims=True)
    return np.where(used, 1 / np.maximum(np.nan_to_num(variance, nan=1.0), np.where(least > 0, least, 1.0)), 0.0)


def _coefficients(w: Floats, time: Floats) -> Floats:
    """Coefficients (k, waves) of the weighted least-squares slope."""
    away = time - (w @ time / w.sum(axis=1))[:, None]
    return w * away / (w * away**2).sum(axis=1, keepdims=True)


def _lines(waves: Sequence[Wave], keys: pd.DataFrame, grid: _Grid, segment: np.ndarray, time: Floats) -> pd.DataFrame:
    """Local linear fits at each wave, weighted by answers, within one wording (Fan & Gijbels 1996)."""
    kernel = np.exp(-0.5 * ((time[:, None] - time) / (BANDWIDTH * np.median(np.diff(time)))) ** 2)
    away = time - time[:, None]
    line = np.full(grid.est.shape, np.nan)
    for number in range(int(segment.max(initial=-1)) + 1):
        inside = grid.open & (segment == number)
        inside &= inside.sum(axis=1, keepdims=True) >= WAVES
        n, y = np.where(inside, grid.n, 0.0), np.where(inside, grid.est, 0.0)
        s0, s1, s2 = n @ kernel.T, n @ (kernel * away).T, n @ (kernel * away**2).T
        t0, t1 = (n * y) @ kernel.T, (n * y) @ (kernel * away).T
        with np.errstate(invalid="ignore", divide="ignore"):
            line = np.where(inside, (s2 * t0 - s1 * t1) / (s0 * s2 - s1**2), line)
    k, w = grid.est.shape
    frame = keys.loc[keys.index.repeat(w)].reset_index(drop=True).assign(
        wave=np.tile(np.array([wave.name for wave in waves], dtype=object), k),
        date=np.tile(np.array([middle(wave) for wave in waves], dtype=object), k),
        time=np.tile(time, k),
        segment=segment.ravel(),
        est=grid.est.ravel(),
        lci=grid.lci.ravel(),
        uci=grid.uci.ravel(),
        line=line.ravel(),
    )  # fmt: skip
    return frame[frame["segment"] >= 0].reset_index(drop=True)
