"""Do the items of a score measure one thing: alpha, omega, the one-factor model behind them.

All moments are weighted; intervals come from the linearised coefficients, so strata, sampling units
and calibration count. The items of a score are its parts, on 0-100 with reverse-worded ones turned
round: questions, or the dimensions of an index of dimensions. Residents who have all of them count.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from trustsurvey.errors import SurveyError, some
from trustsurvey.estimation.linearise import Domains, linear_mean
from trustsurvey.estimation.means import t_quantile
from trustsurvey.estimation.variance import VarianceModel
from trustsurvey.model import RULES, Floats, Lonely, Wave
from trustsurvey.scales.factor import FactorFit, fit_factor
from trustsurvey.scales.scoring import score

PUBLISH, FLAG = 0.70, 0.60
#: An item this loosely tied to the others is pointed at.
LOOSE = 0.20


# --- the items of a score -------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Moments:
    """Weighted moments of k items over the residents who answered all of them.

    ``rows`` (n,) are their places in the wave, ``x`` (n, k) their answers on 0-100, ``cov`` has the
    sum of weights as divisor. ``n_eff``: the lesser of Kish's n of the weights and n / deff, deff
    being the mean design effect of the item means.
    """

    items: tuple[str, ...]
    rows: np.ndarray
    x: Floats
    weights: Floats
    mean: Floats
    cov: Floats
    n_eff: float
    df: float
    model: VarianceModel

    @property
    def varies(self) -> bool:
        """Whether every item varies and no item is made of the others."""
        spread = np.sqrt(np.diag(self.cov)) if len(self.rows) > 1 else np.zeros(1)
        if not (spread > 0).all():
            return False
        return bool(np.linalg.eigvalsh(self.cov / np.outer(spread, spread))[0] > 1e-10)

    def se(self, influence: Floats) -> float:
        """Standard error of an estimate whose linearised values on ``rows`` are ``influence`` (n,) / sum of weights."""
        if self.df < 1:
            return float("nan")
        n = len(self.model.weights)
        entries = influence / self.weights.sum()
        values = sparse.csr_array((entries, (self.rows, np.zeros(len(entries), dtype=int))), shape=(n, 1))
        return float(np.sqrt(self.model.variance(values)[0]))


def moments(
    wave: Wave, items: Sequence[str], inside: np.ndarray | None = None, lonely: Lonely | None = None
) -> Moments:
    """Moments of scored items over everyone, or over a mask of residents (the design stays whole)."""
    wave = wave if wave.scores is not None else score(wave)
    assert wave.scores is not None
    values = wave.scores[list(items)].to_numpy(float)
    complete = np.isfinite(values).all(axis=1) & (True if inside is None else inside)
    model = VarianceModel.of(wave, lonely)
    rows = np.flatnonzero(complete)
    x, w = values[rows], model.weights[rows]
    k = len(items)
    if not len(rows) or not k:
        none = np.full((k, k), np.nan)
        return Moments(tuple(items), rows, x, w, np.full(k, np.nan), none, 0.0, 0.0, model)
    mean = w @ x / w.sum()
    centred = x - mean
    cov = (w[:, None] * centred).T @ centred / w.sum()
    linear = linear_mean(np.where(complete[:, None], values, np.nan), model.weights, Domains.of(wave))
    with np.errstate(invalid="ignore", divide="ignore"):
        deff = model.variance(linear.values) * linear.n / linear.s2
    known = deff[np.isfinite(deff) & (deff > 0)]
    n_eff = float(min(linear.kish[0], len(rows) / known.mean())) if len(known) else float(linear.kish[0])
    member = sparse.csr_array((np.ones(len(rows)), (rows, np.zeros(len(rows), dtype=int))), shape=(len(wave), 1))
    return Moments(tuple(items), rows, x, w, mean, cov, n_eff, float(model.domain_df(member)[0]), model)


def parts_of(wave: Wave, measure: str) -> tuple[str, ...]:
    """The parts of a score that this wave has; SurveyError ``reliability.measure`` for an unknown score."""
    scored = wave if wave.scores is not None else score(wave)
    assert scored.scores is not None
    rated = {item.id for item in wave.instrument.rated}
    found = {index.key: index.parts for index in wave.instrument.indices}
    if measure not in rated and measure not in found:
        raise SurveyError(
            "reliability.measure", f"The questionnaire has no score '{measure}'", where=wave.name,
            expected=some(found, 12),
        )  # fmt: skip
    return tuple(part for part in found.get(measure, (measure,)) if part in scored.scores)


# --- alpha and item-rest correlations -------------------------------------------------------------


def alpha(wave: Wave, measure: str) -> float:
    """Cronbach's (1951) alpha of a measure's parts in a wave, weighted, complete answers only.

    NaN for fewer than two items or where nothing varies; Spearman-Brown for two (Eisinga et al. 2013).
    """
    items = parts_of(wave, measure)
    if len(items) < 2:
        return float("nan")
    told = moments(wave, items)
    return float("nan") if len(told.rows) < 3 else _alpha(told.cov)


def item_rest(wave: Wave, measure: str) -> dict[str, float]:
    """Weighted correlation of each item of a measure with the mean of its other items."""
    items = parts_of(wave, measure)
    if len(items) < 2:
        return {}
    told = moments(wave, items)
    if len(told.rows) < 3:
        return {}
    return dict(zip(items, _item_rest(told.cov).tolist(), strict=True))


def _alpha(cov: Floats) -> float:
    k, total = len(cov), cov.sum()
    if k < 2:
        return float("nan")
    if k == 2:
        spread = np.sqrt(cov[0, 0] * cov[1, 1])
        r = cov[0, 1] / spread if spread > 0 else np.nan
        return float(2 * r / (1 + r)) if np.isfinite(r) and r > -1 else float("nan")
    return float(k / (k - 1) * (1 - np.trace(cov) / total)) if total > 0 else float("nan")


def _alpha_influence(told: Moments) -> Floats:
    """What each resident adds to alpha (Maydeu-Olivares, Coffman & Hartmann 2007), (n,)."""
    d, cov, k = told.x - told.mean, told.cov, len(told.cov)
    if k == 2:
        z = d / np.sqrt(np.diag(cov))
        r = cov[0, 1] / np.sqrt(cov[0, 0] * cov[1, 1])
        return 2 / (1 + r) ** 2 * (z[:, 0] * z[:, 1] - r / 2 * (z**2).sum(axis=1))
    total, own = cov.sum(), np.trace(cov)
    return k / (k - 1) * (own / total**2 * d.sum(axis=1) ** 2 - (d**2).sum(axis=1) / total)


def _item_rest(cov: Floats) -> Floats:
    own, row = np.diag(cov), cov.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        spread = np.sqrt(own * np.maximum(cov.sum() - 2 * row + own, 0.0))
        return np.where(spread > 1e-12 * own.max(initial=0), (row - own) / spread, np.nan)


def _interval(value: float, se: float, df: float) -> tuple[float, float]:
    """Interval on log(1 - value), whose distribution is nearer to normal (Bonett 2002), t on df."""
    if not (np.isfinite(value) and np.isfinite(se) and value < 1):
        return float("nan"), float("nan")
    reach = float(t_quantile(np.array(df))) * se / (1 - value)
    return 1 - (1 - value) * np.exp(reach), 1 - (1 - value) * np.exp(-reach)


# --- omega ----------------------------------------------------------------------------------------


def one_factor(told: Moments) -> FactorFit | None:
    """One factor behind three or more items; None where it is not defined or its figures cannot be had."""
    k = len(told.items)
    if k < 3 or not told.varies:
        return None
    # The factor has mean 0 and variance 1; all else is free.
    pattern = np.eye(3 * k + 2)[:, : 3 * k]
    fixed = np.r_[np.zeros(3 * k + 1), 1.0]
    return fit_factor(told.cov[None], told.mean[None], np.array([told.n_eff]), pattern, fixed, with_means=False)


def omega_of(fit: FactorFit) -> float:
    """McDonald's (1999) omega total of the sum of the items: (sum l)^2 / ((sum l)^2 + sum u)."""
    common = fit.loadings[0].sum() ** 2
    return float(common / (common + fit.uniquenesses[0].sum()))


def _omega_influence(told: Moments, fit: FactorFit) -> Floats:
    """What each resident adds to omega, (n,): through the score of the model and its observed Hessian.

    Right whether or not the model holds and the items are normal (Huber 1967; Skinner 1989).
    """
    load, psi, k = fit.loadings[0], fit.uniquenesses[0], len(told.items)
    d = told.x - told.mean

    def gradient(at: np.ndarray) -> np.ndarray:
        inverse = np.linalg.inv(np.outer(at[:k], at[:k]) + np.diag(at[k:]))
        a = inverse - inverse @ told.cov @ inverse
        return np.r_[2 * a @ at[:k], np.diag(a)]

    at, tiny = np.r_[load, psi].astype(complex), 1e-30j
    hessian = np.column_stack([gradient(at + tiny * e).imag / 1e-30 for e in np.eye(2 * k)])
    inverse = np.linalg.inv(np.outer(load, load) + np.diag(psi))
    y, total = d @ inverse, load.sum()
    scores = np.column_stack([2 * (inverse @ load - y * (y @ load)[:, None]), np.diag(inverse) - y**2])
    whole = total**2 + psi.sum()
    slope = np.r_[np.full(k, 2 * total * psi.sum()), np.full(k, -(total**2))] / whole**2
    return -scores @ np.linalg.lstsq(hessian, slope, rcond=1e-12)[0]


# --- tables ---------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Reliability:
    """How well the items of each score hang together, wave by wave.

    ``scores``, one row a wave and score: wave, measure, items (how many), n, n_eff, alpha, alpha_se, alpha_lci,
    alpha_uci, omega (NaN under three items), omega_se, omega_lci, omega_uci, chi2, df, p, cfi, rmsea, srmr
    of one factor (chi2 and RMSEA with n_eff for n), heywood (items whose own variance was held at its least),
    verdict: "publish" (.70 and more), "flag" (.60-.69), "items only", "not defined" (one item,
    or nothing varies) or "too few answers". The lesser of alpha and omega decides, at two decimals.
    ``items``, one row an item of a score: wave, measure, item, mean, sd, loading and uniqueness
    (standardised), item_rest, alpha_without, check ("is it reverse-worded?", "loosely tied" or "").
    """

    scores: pd.DataFrame
    items: pd.DataFrame


def reliability(
    waves: Wave | Sequence[Wave], measures: Sequence[str] | None = None, lonely: Lonely | None = None
) -> Reliability:
    """Alpha, omega, one-factor fit and item figures of every index (or the measures named) in every wave.

    SurveyError ``reliability.measure`` for a measure that the questionnaire does not have.
    """
    scores, items = [], []
    for wave in [waves] if isinstance(waves, Wave) else waves:
        wave = wave if wave.scores is not None else score(wave)
        for measure in [index.key for index in wave.instrument.indices] if measures is None else measures:
            asked = parts_of(wave, measure)
            if not asked:
                continue
            told = moments(wave, asked, lonely=lonely)
            named = {"wave": wave.name, "measure": measure}
            fit = one_factor(told) if _enough(told) else None
            scores.append({**named, **_score_row(told, fit)})
            items += [{**named, **row} for row in _item_rows(told, fit)]
    return Reliability(pd.DataFrame(scores), pd.DataFrame(items))


def _enough(told: Moments) -> bool:
    return min(len(told.rows), told.n_eff) >= RULES.answers


def _score_row(told: Moments, fit: FactorFit | None) -> dict[str, object]:
    a = _alpha(told.cov) if _enough(told) else np.nan
    a_se = told.se(_alpha_influence(told)) if np.isfinite(a) else np.nan
    a_lci, a_uci = _interval(a, a_se, told.df)
    o = omega_of(fit) if fit is not None else np.nan
    # At a bound a uniqueness is no longer free to vary, and the expansion does not hold.
    o_se = told.se(_omega_influence(told, fit)) if fit is not None and not fit.heywood.any() else np.nan
    o_lci, o_uci = _interval(o, o_se, told.df)
    figures = ("chi2", "df", "p", "cfi", "rmsea", "srmr")
    return {
        "items": len(told.items), "n": len(told.rows), "n_eff": told.n_eff,
        "alpha": a, "alpha_se": a_se, "alpha_lci": a_lci, "alpha_uci": a_uci,
        "omega": o, "omega_se": o_se, "omega_lci": o_lci, "omega_uci": o_uci,
        **{name: np.nan if fit is None else float(getattr(fit, name)) for name in figures},
        "heywood": "" if fit is None else ", ".join(np.array(told.items)[fit.heywood[0]]),
        "verdict": _verdict(np.fmin(a, o)) if _enough(told) else "too few answers",
    }  # fmt: skip


def _verdict(value: float) -> str:
    if not np.isfinite(value):
        return "not defined"
    value = round(float(value), 2)
    return "publish" if value >= PUBLISH else "flag" if value >= FLAG else "items only"


def _item_rows(told: Moments, fit: FactorFit | None) -> list[dict[str, object]]:
    k = len(told.items)
    shown = _enough(told)
    spread = np.sqrt(np.diag(told.cov)) if shown else np.full(k, np.nan)
    rest = _item_rest(told.cov) if shown and k > 1 else np.full(k, np.nan)
    rows = []
    for j, item in enumerate(told.items):
        others = np.delete(np.delete(told.cov, j, 0), j, 1)
        rows.append(
            {
                "item": item,
                "mean": told.mean[j] if shown else np.nan,
                "sd": spread[j],
                "loading": np.nan if fit is None else fit.loadings[0, j] / spread[j],
                "uniqueness": np.nan if fit is None else fit.uniquenesses[0, j] / spread[j] ** 2,
                "item_rest": rest[j],
                "alpha_without": _alpha(others) if shown and k > 2 else np.nan,
                "check": "is it reverse-worded?" if rest[j] < 0 else "loosely tied" if rest[j] < LOOSE else "",
            }
        )
    return rows
