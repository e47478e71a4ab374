"""Survey-weighted linear and logistic regression with design-based covariance."""

from __future__ import annotations

from collections.abc import Mapping as MappingType, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd
from scipy import linalg, sparse, stats

from trustsurvey.errors import SurveyError, some
from trustsurvey.estimation.intervals import t_quantile
from trustsurvey.estimation.means import Within, members
from trustsurvey.estimation.predictors import Coding, coding_of, independent, variable
from trustsurvey.estimation.variance import VarianceModel
from trustsurvey.model import Floats, Ints, Lonely, Wave

Family = Literal["linear", "logistic"]
MOST_STEPS = 25
#: A last step that moves the log odds by more than this between the ends of a predictor has not settled.
UNSETTLED = 0.1
#: A variance this small beside what it is the difference of is rounding.
NOTHING = 1e-13


@dataclass(frozen=True)
class TermTest:
    """A test that all coefficients of some terms are nil: F with df and ddf, its probability p."""

    terms: tuple[str, ...]
    f: float
    df: float
    ddf: float
    p: float


@dataclass(frozen=True, eq=False)
class Regression:
    """A fitted regression.

    ``coefficients`` (k,) of ``names`` with their design-based ``covariance`` (k, k); ``working``: the inverse
    information with weights of mean 1; ``df``: PSUs less strata, plus 1, less k. ``n`` residents count,
    ``left_out`` had a missing answer, ``dropped`` columns are combinations of others (or do not vary).
    ``rows`` (n,): who counts; ``matrix`` (n, k): their predictors; ``scores`` (residents, k): ``x (y - mu)``.
    """

    outcome: str
    family: Family
    coding: Coding
    names: tuple[str, ...]
    kept: Ints
    coefficients: Floats
    covariance: Floats
    working: Floats
    df: int
    left_out: int
    dropped: tuple[str, ...]
    rows: Ints
    matrix: Floats
    scores: sparse.csr_array
    model: VarianceModel

    @property
    def n(self) -> int:
        """How many residents count."""
        return len(self.rows)

    def linearised(self, direction: Floats) -> Floats:
        """Linearised values (residents,) of a combination of the coefficients: ``(y - mu) x'A^-1 direction``."""
        return self.scores @ (self.working @ direction)

    def table(self, level: float = 0.95) -> pd.DataFrame:
        """One row a coefficient: term, est, se, lci, uci, t, df, p. Log odds for a logistic regression."""
        se = np.sqrt(np.diag(self.covariance))
        reach = t_quantile(np.array(self.df), level) * se
        with np.errstate(invalid="ignore", divide="ignore"):
            t = self.coefficients / se
        return pd.DataFrame(
            {
                "term": self.names,
                "est": self.coefficients,
                "se": se,
                "lci": self.coefficients - reach,
                "uci": self.coefficients + reach,
                "t": t,
                "df": self.df,
                "p": 2 * stats.t.sf(np.abs(t), self.df),
            }
        )

    def test(self, *terms: str, method: Literal["wald", "working"] = "wald") -> TermTest:
        """Test that all coefficients of the named predictors are nil (R ``regTermTest``).

        "wald": ``b'V^-1 b / q``, F with q and ``df`` degrees of freedom. "working": ``b'V0^-1 b`` with the
        working covariance, over the sum of the eigenvalues of ``V0^-1 V`` (Rao & Scott 1984; Lumley &
        Scott 2014), F with ``(sum)^2 / (sum of squares)`` and ``df``; steadier where q is near ``df``.
        SurveyError ``regress.term`` for an unknown predictor, ``regress.singular`` for a singular covariance.
        """
        places = [np.flatnonzero(np.isin(self.kept, self.coding.columns_of(term))) for term in terms]
        at = np.concatenate(places) if places else np.zeros(0, dtype=int)
        if not len(at):
            raise SurveyError("regress.term", f"No coefficient of {some(terms) or 'the model'} is left to test")
        b, v, v0 = self.coefficients[at], self.covariance[np.ix_(at, at)], self.working[np.ix_(at, at)]
        if method == "working":
            effects = np.linalg.solve(v0, v)
            f = float(b @ np.linalg.solve(v0, b) / effects.trace())
            df = float(effects.trace() ** 2 / (effects @ effects).trace())
        else:
            scale = np.sqrt(np.diag(v))
            if not scale.all() or np.linalg.cond(v / np.outer(scale, scale)) > 1e12:
                raise SurveyError(
                    "regress.singular", f"The coefficients of {some(terms)} cannot be tested together",
                    got="a singular covariance", hint="Merge categories, or use the method 'working'.",
                )  # fmt: skip
            f, df = float(b @ np.linalg.solve(v, b) / len(b)), float(len(b))
        return TermTest(terms, f, df, float(self.df), float(stats.f.sf(f, df, self.df)))

    def predict(self, people: pd.DataFrame, level: float = 0.95) -> pd.DataFrame:
        """Expected outcome for rows of predictor values: est, se, lci, uci (R ``predict(type = "response")``).

        The interval of a logistic regression is made in log odds. SurveyError ``regress.level``, ``regress.variable``.
        """
        absent = [p.name for p in self.coding.predictors if p.name not in people.columns]
        if absent:
            raise SurveyError("regress.variable", f"There is no column {some(absent)} to predict from")
        values = [p.coded(people[p.name]) for p in self.coding.predictors]
        x = self.coding.matrix(values, len(people))[:, self.kept]
        eta, spread = x @ self.coefficients, np.sqrt(((x @ self.covariance) * x).sum(axis=1))
        reach = t_quantile(np.array(self.df), level) * spread
        mean, slope = link_mean(self.family, eta)
        low, high = (link_mean(self.family, eta + side * reach)[0] for side in (-1, 1))
        columns = {"est": mean, "se": slope * spread, "lci": low, "uci": high}
        return pd.DataFrame(columns, index=people.index)


def regress(
    wave: Wave,
    outcome: str,
    predictors: Sequence[str | tuple[str, ...]],
    *,
    family: Family = "linear",
    reference: MappingType[str, str] | None = None,
    numbers: pd.DataFrame | None = None,
    within: Within = None,
    lonely: Lonely | None = None,
) -> Regression:
    """Regress an outcome on predictors; the covariance is that of the design (Binder 1983; R ``svyglm``).

    Parameters
    ----------
    outcome : a score, or a column of ``numbers``; between 0 and 1 for a logistic regression.
    predictors : columns of ``wave.people`` (categories become dummies, a tuple crosses several), scores, or
        columns of ``numbers`` (one row a resident).
    reference : level by predictor that the others are compared with; the first one unless named.
    within : the part of the wave to regress in; the design stays whole.

    Residents with a missing value are left out and counted. Columns that are combinations of those before
    them are dropped and named. Linearised values ``A^-1 x (y - mu)`` with A the weighted information, and
    their calibration residuals where the weights were calibrated.

    SurveyError ``regress.*``: an unknown variable, too few sampling units, an outcome that does not vary,
    or that the predictors tell without error (``regress.separation``, the terms are named).
    """
    if family not in get_args(Family):
        raise SurveyError("regress.family", f"There is no regression '{family}'", expected=", ".join(get_args(Family)))
    inside = members(wave, within)
    name, y, levels = variable(wave, outcome, numbers)
    if levels:
        raise SurveyError(
            "regress.outcome", f"The outcome '{outcome}' is a category", where=wave.name, expected="a score or a number"
        )
    found = [variable(wave, predictor, numbers) for predictor in dict.fromkeys(predictors)]
    used = inside & np.isfinite(y)
    for _, column, categories in found:
        used &= column >= 0 if categories else np.isfinite(column)
    rows = np.flatnonzero(used)
    if not len(rows):
        raise SurveyError("regress.empty", "Nobody has answered the outcome and all predictors", where=wave.name)
    model = VarianceModel.of(wave, lonely)
    coding, values = coding_of(wave, found, used, reference or {})
    y, x = y[rows], coding.matrix(values, len(rows))
    # As in R: calibrated designs keep the residents outside a domain, with no weight. It moves the start only.
    scale = model.weights[inside].sum() / (inside.sum() if model.constraints is None else len(wave))
    weights = model.weights[rows] / scale
    kept = independent(np.sqrt(weights)[:, None] * x)
    constant = tuple(p.name for p in coding.predictors if len(p.levels) == 1)
    dropped = constant + tuple(coding.names[k] for k in np.setdiff1d(np.arange(x.shape[1]), kept))
    df = int(model.domain_df(sparse.csr_array(used[:, None].astype(float)))[0]) + 1 - len(kept)
    if df < 1 or len(rows) <= len(kept):
        raise SurveyError(
            "regress.df", "There are too few sampling units for so many predictors", where=wave.name,
            got=f"{len(rows):,} complete answers, {df} degrees of freedom", expected="at least 1",
            hint="Leave predictors out, or merge categories.",
        )  # fmt: skip
    x, names = x[:, kept], tuple(coding.names[k] for k in kept)
    if family == "linear":
        b, working = _least_squares(x, y, weights)
        residual = y - x @ b
    else:
        b, working, residual = _logistic(wave, x, y, weights, names)
    # Dummies are mostly 0: what is summed over sampling units stays sparse, A^-1 comes after.
    row, column = np.nonzero(x)
    entries = x[row, column] * residual[row] / scale
    scores = sparse.csr_array((entries, (rows[row], column)), shape=(len(wave), len(kept)))
    covariance = _sandwich(working, model.covariance(scores))
    left_out = int(inside.sum()) - len(rows)
    return Regression(
        name, family, coding, names, kept, b, covariance, working, df, left_out, dropped,
        rows, x, scores, model,
    )  # fmt: skip


def link_mean(family: Family, eta: Floats) -> tuple[Floats, Floats]:
    """The mean at a linear predictor, and its derivative."""
    if family == "linear":
        return eta, np.ones_like(eta)
    mu = 1 / (1 + np.exp(-np.clip(eta, -35, 35)))
    return mu, mu * (1 - mu)


def _sandwich(working: Floats, middle: Floats) -> Floats:
    """A^-1 M A^-1, with nothing where only rounding is left of it."""
    result = working @ middle @ working
    size = np.diag(np.abs(working) @ np.abs(middle) @ np.abs(working))
    nothing = np.diag(result) <= NOTHING * size
    result[nothing], result[:, nothing] = 0.0, 0.0
    return (result + result.T) / 2


def _least_squares(x: Floats, y: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Weighted least squares by QR: coefficients, and (X'WX)^-1."""
    root = np.sqrt(weights)
    q, r = linalg.qr(root[:, None] * x, mode="economic")
    inverse = linalg.solve_triangular(r, np.eye(x.shape[1]))
    return inverse @ (q.T @ (root * y)), inverse @ inverse.T


def _logistic(
    wave: Wave, x: Floats, y: Floats, weights: Floats, names: tuple[str, ...], epsilon: float = 1e-8
) -> tuple[Floats, Floats, Floats]:
    """Fisher scoring from R's starting values to R's stopping rule (deviance moves by less than epsilon).

    Returns coefficients, the inverse information of the last step, and (n,) residuals on its scale: as in R's
    ``glm``, so that standard errors agree beyond the digits that the stopping rule leaves open.
    """
    if ((y < 0) | (y > 1)).any():
        raise SurveyError(
            "regress.outcome", "The outcome of a logistic regression is not between 0 and 1", where=wave.name,
            expected="1 for those who have it, 0 for the others",
        )  # fmt: skip
    if (y == y[0]).all():
        raise SurveyError("regress.constant", "All residents in the regression have the same outcome", where=wave.name)
    mu = (weights * y + 0.5) / (weights + 1)
    eta, slope = np.log(mu / (1 - mu)), mu * (1 - mu)
    deviance, b, move = _deviance(y, mu, weights), np.zeros(x.shape[1]), np.full(x.shape[1], np.inf)
    reach = np.where(np.ptp(x, axis=0) > 0, np.ptp(x, axis=0), np.abs(x).max(axis=0))
    for step in range(MOST_STEPS):
        taken = slope
        try:
            following, inverse = _least_squares(x, eta + (y - mu) / slope, weights * slope)
        except (linalg.LinAlgError, ValueError):
            break
        move, b = np.abs(following - b) * reach if step else move, following
        eta = x @ b
        mu, slope = link_mean("logistic", eta)
        before, deviance = deviance, _deviance(y, mu, weights)
        if abs(deviance - before) / (abs(deviance) + 0.1) < epsilon:
            if (move > UNSETTLED).any():
                break
            return b, inverse, (y - mu) / slope * taken
    blamed = [name for name, m in zip(names, move, strict=True) if not m <= UNSETTLED and name != names[0]]
    raise SurveyError(
        "regress.separation", "The predictors tell the outcome of some residents without error", where=wave.name,
        got=some(blamed or names, 4), expected="both outcomes wherever the predictors reach",
        hint="Merge categories, or leave the predictor out.",
    )  # fmt: skip


def _deviance(y: Floats, mu: Floats, weights: Floats) -> float:
    with np.errstate(invalid="ignore", divide="ignore"):
        hits = np.where(y > 0, y * np.log(y / mu), 0.0)
        misses = np.where(y < 1, (1 - y) * np.log((1 - y) / (1 - mu)), 0.0)
    return float(2 * (weights * (hits + misses)).sum())
