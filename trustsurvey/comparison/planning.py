"""What a survey could detect, and how many interviews it would take, before anyone looks at a result.

A change is detectable when a two-sided test finds it four times in five: (t_{1-alpha/2} + t_{power}) SE
of the difference of two waves (Cohen 1988; Bloom 1995), with t on degrees of freedom that depend on n.
Numbers of interviews are exact inversions: n detects the change, n - 1 does not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from trustsurvey.comparison.compare import ALPHA, POWER
from trustsurvey.comparison.joint import contrast_df, linear_part
from trustsurvey.errors import SurveyError, some
from trustsurvey.estimation.intervals import wilson
from trustsurvey.model import Estimates, Floats, Lonely, Wave

#: More interviews than this are as good as never.
MOST = 2**50


@dataclass(frozen=True)
class Setting:
    """What is assumed of a survey; every field a number, or an array (k,) with one entry a domain.

    ``sd``: standard deviation of the measure between residents, in its own units (see :func:`share_sd`).
    ``deff``: design effect, weights and clusters together. ``overlap``: share of a wave's residents
    who are in the next one, too; ``correlation``: between what they say in both. ``per_psu``:
    interviews a sampling unit; ``strata``: they take a degree of freedom each. ``tests``: how many
    changes are tested together; alpha is divided by it (Bonferroni, Holm's first step, the strictest
    that Benjamini-Hochberg can be).

    SurveyError ``plan.setting`` for what cannot be.
    """

    sd: Floats | float
    deff: Floats | float = 1.0
    overlap: Floats | float = 0.0
    correlation: Floats | float = 0.0
    per_psu: Floats | float = 1.0
    strata: Floats | float = 1.0
    alpha: float = ALPHA
    power: float = POWER
    tests: int = 1

    def __post_init__(self) -> None:
        limits = {
            "sd": (0, np.inf), "deff": (0, np.inf), "overlap": (0, 1), "correlation": (-1, 1), "per_psu": (0, np.inf),
            "strata": (0, np.inf), "alpha": (0, 1), "power": (0, 1), "tests": (1, np.inf),
        }  # fmt: skip
        above = ("deff", "per_psu", "alpha", "power")
        for name, (low, high) in limits.items():
            value = np.asarray(getattr(self, name), dtype=float)
            value = value[~np.isnan(value)]
            if (value < low).any() or (value > high).any() or (name in above and (value == low).any()):
                raise SurveyError(
                    "plan.setting", f"The setting '{name}' cannot be this", got=f"{getattr(self, name)}",
                    expected=f"above {low:g} to {high:g}" if name in above else f"from {low:g} to {high:g}",
                )  # fmt: skip

    def df(self, n: Floats | float) -> Floats:
        """Degrees of freedom of one wave of n interviews: sampling units less strata."""
        return np.asarray(n, dtype=float) / self.per_psu - self.strata

    def se(self, n: Floats | float) -> Floats:
        """Standard error of a mean of n interviews."""
        with np.errstate(divide="ignore"):
            return np.asarray(self.sd) * np.sqrt(self.deff / np.asarray(n, dtype=float))


def share_sd(p: Floats | float) -> Floats:
    """Standard deviation between residents of a share p: sqrt(p (1 - p))."""
    p = np.asarray(p, dtype=float)
    return np.sqrt(p * (1 - p))


def detectable_change(n: Floats | float, setting: Setting) -> Floats:
    """The smallest change between two waves of n interviews each that would probably be found.

    The variance of the difference is 2 SE^2 (1 - overlap * correlation) (Kish 1965, 12.4); its degrees
    of freedom are those of :func:`~trustsurvey.comparison.joint.contrast_df`. Infinite without any.
    """
    common, r = np.asarray(setting.overlap, dtype=float), np.asarray(setting.correlation, dtype=float)
    left = 1 - common * r
    with np.errstate(invalid="ignore", divide="ignore"):
        df = setting.df(n) * np.where(left > 0, 4 * left**2 / (2 * (1 - common) + 4 * common * (1 - r) ** 2), 1.0)
    reach = _t(1 - setting.alpha / setting.tests / 2, df) + _t(setting.power, df)
    return _unless(setting.df(n) < 1, reach * np.sqrt(2 * left) * setting.se(n))


def half_width(n: Floats | float, setting: Setting, p: Floats | float | None = None) -> Floats:
    """Half the width of the 1 - alpha interval from n interviews; infinite without degrees of freedom.

    A t interval for means; for shares, where ``p`` is given, the Wilson interval that is shown for them
    (``setting.sd`` is then not looked at).
    """
    df = setting.df(n)
    level = 1 - setting.alpha / setting.tests
    if p is None:
        return _unless(df < 1, _t((1 + level) / 2, df) * setting.se(n))
    p = np.asarray(p, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        effective = np.asarray(n, dtype=float) / setting.deff
        # Inside (0, 1) the interval takes its effective n from the variance, at the ends from Kish.
        low, high = wilson(p, p * (1 - p) / effective, effective, np.maximum(df, 1), level)
    return _unless(df < 1, (high - low) / 2)


def interviews_for_change(change: Floats | float, setting: Setting) -> Floats:
    """The fewest interviews a wave with which a change of this size would probably be found; NaN where unknown.

    SurveyError ``plan.target`` for a change that is not above 0.
    """
    return _fewest(lambda n: detectable_change(n, setting), change, setting)


def interviews_for_half_width(width: Floats | float, setting: Setting, p: Floats | float | None = None) -> Floats:
    """The fewest interviews whose interval reaches no further than ``width`` to each side; NaN where unknown.

    SurveyError ``plan.target`` for a half-width that is not above 0.
    """
    return _fewest(lambda n: half_width(n, setting, p), width, setting, p)


def _t(probability: float, df: Floats) -> Floats:
    return stats.t.ppf(probability, np.maximum(df, 1.0))


def _unless(impossible: np.ndarray, value: Floats) -> Floats:
    return np.where(impossible & ~np.isnan(value), np.inf, value)


def _fewest(reach: Callable[[Floats], Floats], target: Floats | float, setting: Setting, *more: object) -> Floats:
    """The smallest whole n with reach(n) <= target, by bisection; reach falls as n grows."""
    target = np.asarray(target, dtype=float)
    if not (target[~np.isnan(target)] > 0).all():
        raise SurveyError("plan.target", "The change or half-width to plan for is not above 0", got=f"{target}")
    fields = (setting.sd, setting.deff, setting.overlap, setting.correlation, setting.per_psu, setting.strata)
    numbers = [np.asarray(part, dtype=float) for part in (target, *fields, *(m for m in more if m is not None))]
    shape = np.broadcast_shapes(*(part.shape for part in numbers))
    low, high = np.zeros(shape), np.ones(shape)
    while ((reach(high) > target) & (high < MOST)).any():
        far = reach(high) > target
        low, high = np.where(far, high, low), np.where(far, 2 * high, high)
    while (high - low > 1).any():
        middle = np.floor((low + high) / 2)
        far = reach(np.maximum(middle, 0.5)) > target
        low, high = np.where(far, middle, low), np.where(far, high, middle)
    return np.where(np.isnan(reach(high) + target), np.nan, np.where(high < MOST, high, np.inf))


# --- by area ------------------------------------------------------------------------------------------


def detectable_next(
    wave: Wave,
    estimates: Estimates,
    lonely: Lonely | None = None,
    *,
    overlap: float = 0.0,
    correlation: float = 0.0,
    tests: int = 1,
) -> pd.DataFrame:
    """What change from each estimate to the next wave would probably be found, if that is like this one.

    Known before the next wave is, from this one's standard errors alone. ``estimates`` are protected
    ones of the wave's scores, ``lonely`` the treatment they were made with. Columns: measure, stat,
    by, level, n, se, df (as ``change`` finds them), detectable (NaN where withheld).
    """
    rows = estimates.table[estimates.table["stat"].isin(["mean", "share"])].reset_index(drop=True)
    n, se, df = rows["n"].to_numpy(float), rows["se"].to_numpy(float), _df(wave, rows, lonely)
    df = np.where(np.isfinite(n) & np.isfinite(se), df, np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        # Whatever n is, sd / sqrt(n) is the standard error.
        setting = Setting(se, 1.0, overlap, correlation, 1 / df, 0.0, tests=tests)
        change = np.where(df >= 1, detectable_change(1.0, setting), np.nan)
    return rows[["measure", "stat", "by", "level", "n", "se"]].assign(df=df, detectable=change)


def _df(wave: Wave, rows: pd.DataFrame, lonely: Lonely | None) -> Floats:
    """Degrees of freedom (k,) of the wave's own means, as :func:`~trustsurvey.comparison.compare.change` takes them."""
    model, values = linear_part(wave, rows, lonely)
    return contrast_df([(model, values)], model.variance(values)[:, None, None], np.ones((len(rows), 1)))


def plan(
    estimates: Estimates,
    measure: str,
    by: str = "",
    *,
    change: float | None = None,
    width: float | None = None,
    stat: str = "mean",
    overlap: float = 0.0,
    correlation: float = 0.0,
    tests: int = 1,
    wave: Wave | None = None,
    lonely: Lonely | None = None,
) -> pd.DataFrame:
    """For each level of ``by``: interviews now, what they can detect, how many a goal would take.

    Parameters
    ----------
    estimates : protected estimates of one wave, with the row for everyone.
    change, width : the goals, in the units of the measure (shares: 0 to 1): a change between two
        waves to detect, a half-width of the interval to reach. Either or both.
    overlap, correlation, tests : see :class:`Setting`; of the next wave.
    wave, lonely : the wave with its scores, for the degrees of freedom that ``change`` will have;
        those of the design without it (which promise a little too much where weights are unequal).

    Returns
    -------
    One row a level: measure, by, level, basis, n, sd, deff, detectable, needed, more, half_width,
    needed_width, more_width. ``basis`` is "own", or "everyone" where the level is withheld and the
    standard deviation and design effect of everyone stand in for its own. Clusters are assumed to
    become more, not larger, as interviews do. ``more`` is NaN where n is not shown.

    SurveyError ``plan.rows`` where the estimates have no such rows, or those of several waves.
    """
    rows = estimates.rows(measure=measure, stat=stat)
    everyone, rows = rows[rows["by"] == ""], rows[rows["by"] == by].reset_index(drop=True)
    if not len(rows) or len(everyone) != 1:
        raise SurveyError(
            "plan.rows", f"The estimates have no {stat} of '{measure}' by '{by}' to plan with",
            got=f"{len(rows)} rows, and {len(everyone)} for everyone",
            expected=f"one wave, with a row for everyone, by {some(dict.fromkeys(estimates.table['by']))}",
        )  # fmt: skip
    known = rows["se"].notna() & (rows["deff"] > 0) & (rows["df"] >= 1)
    facts = {}
    for name, made in (("own", rows), ("everyone", everyone)):
        n, se, deff, df, est = (made[column].to_numpy(float) for column in ("n", "se", "deff", "df", "est"))
        tested = df if wave is None else _df(wave, made, lonely)
        with np.errstate(invalid="ignore", divide="ignore"):
            facts[name] = np.broadcast_to([se * np.sqrt(n / deff), deff, n / df, n / tested, est], (5, len(rows)))
    sd, deff, per_df, per_tested, p = np.where(known.to_numpy(), facts["own"], facts["everyone"])
    setting = Setting(sd, deff, overlap, correlation, per_tested, 0.0, tests=tests)
    single = Setting(sd, deff, per_psu=per_df, strata=0.0)
    n, share = rows["n"].to_numpy(float), p if stat == "share" else None
    nothing = np.full(len(rows), np.nan)
    needed = nothing if change is None else interviews_for_change(change, setting)
    wide = nothing if width is None else interviews_for_half_width(width, single, share)
    return pd.DataFrame(
        {
            "measure": measure,
            "by": by,
            "level": rows["level"],
            "basis": np.where(known, "own", "everyone"),
            "n": n,
            "sd": sd,
            "deff": deff,
            "detectable": detectable_change(n, setting),
            "needed": needed,
            "more": np.maximum(needed - n, 0.0),
            "half_width": half_width(n, single, share),
            "needed_width": wide,
            "more_width": np.maximum(wide - n, 0.0),
        }
    )
