"""Whether a small-area model may be believed: coefficients, residuals, what it explains, in figures and in words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from trustsurvey.areas.fay_herriot import fay_herriot
from trustsurvey.areas.small_area import SmallAreas
from trustsurvey.errors import some
from trustsurvey.estimation.means import LEVEL, t_quantile
from trustsurvey.model import Floats

ALPHA = 1 - LEVEL
#: A standardised residual beyond this is named.
LARGE = 2.5
#: So many of the largest residuals are listed.
LISTED = 5


@dataclass(frozen=True, eq=False)
class ModelChecks:
    """Checks of one model; all of it may be shown.

    ``table``: check, name, value, se, lci, uci, p, on the scale of the model (arcsine for shares).
    ``residuals``: area, direct, modelled, residual (standardised), of the areas whose direct
    estimate is shown, the largest first. ``facts``: what it comes to, a sentence each.
    """

    table: pd.DataFrame
    residuals: pd.DataFrame
    facts: tuple[str, ...]


def check_model(model: SmallAreas) -> ModelChecks:
    """Check a fitted model.

    Rows of ``table``: "coefficient" (t on areas less coefficients); "area variance" (sigma2, its REML
    standard error and posterior interval; p of Q = sum (y - x'b)^2 / psi, chi-square under sigma2 = 0,
    Cochran 1954); "covariates" (F of all slopes, and "explained": 1 - sigma2 / sigma2 without
    covariates, not below 0); "normality" (Shapiro & Wilk 1965 of the standardised residuals); "direct"
    (share of areas whose modelled value lies in the direct estimate's interval, by smoothed variances).
    """
    fit, used = model.fit, np.isfinite(model.fit.psi)
    m, p = int(used.sum()), fit.X.shape[1]
    df = m - p
    reach = float(t_quantile(np.array([df]))[0])
    t = np.abs(fit.beta) / fit.se_beta
    rows: list[tuple[str, str, float, float, float, float, float]] = [
        ("coefficient", name, b, s, b - reach * s, b + reach * s, 2 * stats.t.sf(q, df))
        for name, b, s, q in zip(model.terms, fit.beta, fit.se_beta, t, strict=True)
    ]
    y, X, psi = fit.y[used], fit.X[used], fit.psi[used]
    root = psi**-0.5
    left = root * y - (root[:, None] * X) @ np.linalg.lstsq(root[:, None] * X, root * y, rcond=None)[0]
    differ = float(stats.chi2.sf(left @ left, df))
    low, high = _spread(model)
    rows.append(("area variance", "sigma2", fit.sigma2, fit.se_sigma2, low, high, differ))
    slopes, explained = np.nan, np.nan
    if p > 1:
        b, cov = fit.beta[1:], fit.cov_beta[1:, 1:]
        wald = float(b @ np.linalg.solve(cov, b)) / (p - 1)
        slopes = float(stats.f.sf(wald, p - 1, df))
        without = fay_herriot(np.where(used, fit.y, np.nan), np.ones((len(used), 1)), fit.psi).sigma2
        explained = max(0.0, 1 - fit.sigma2 / without) if without > 0 else np.nan
        rows.append(("covariates", "F", wald, np.nan, np.nan, np.nan, slopes))
        rows.append(("covariates", "explained", explained, np.nan, np.nan, np.nan, np.nan))
    residual = (y - fit.synthetic[used]) / np.sqrt(fit.sigma2 + psi - ((X @ fit.cov_beta) * X).sum(axis=1))
    shapiro = stats.shapiro(residual)
    rows.append(("normality", "W", float(shapiro.statistic), np.nan, np.nan, np.nan, float(shapiro.pvalue)))
    inside = float((np.abs(fit.eblup[used] - y) <= stats.norm.ppf((1 + LEVEL) / 2) / root).mean())
    rows.append(("direct", "within", inside, np.nan, np.nan, np.nan, np.nan))
    listed = model.table.loc[used, ["area", "direct", "modelled"]].assign(residual=residual)
    listed = listed[listed["direct"].notna()]
    listed = listed.iloc[np.argsort(-listed["residual"].abs().to_numpy(), kind="stable")[:LISTED]]
    table = pd.DataFrame(rows, columns=["check", "name", "value", "se", "lci", "uci", "p"])
    facts = _facts(model, differ, slopes, explained, float(shapiro.pvalue), inside, listed)
    return ModelChecks(table, listed.reset_index(drop=True), facts)


def _spread(model: SmallAreas) -> tuple[float, float]:
    """The 95 % posterior interval of sigma2, between the points of the quadrature."""
    mixture = model.draws_from
    below = np.cumsum(mixture.weight) - mixture.weight / 2
    ends: Floats = np.interp([ALPHA / 2, 1 - ALPHA / 2], below, mixture.sigma2)
    return float(ends[0]), float(ends[1])


def _facts(
    model: SmallAreas,
    differ: float,
    slopes: float,
    explained: float,
    normal: float,
    inside: float,
    listed: pd.DataFrame,
) -> tuple[str, ...]:
    facts = [
        f"Modelled from {model.about['areas_used']} of {model.about['areas']} areas.",
        "Areas differ by more than chance, beyond what the model's covariates say."
        if differ <= ALPHA
        else "Beyond what the model's covariates say, no difference between areas could be told from chance.",
    ]
    if len(model.terms) > 1:
        text = "The covariates go with the measure" if slopes <= ALPHA else "The covariates tell little of the measure"
        share = "" if np.isnan(explained) else f": with them the variance between areas is {explained:.0%} smaller"
        facts.append(f"{text}{share}.")
    facts.append(f"{inside:.0%} of the modelled values lie within the direct estimate's 95 % range.")
    if normal <= ALPHA:
        facts.append("The residuals are not normal: ranges of areas unlike the others may be too narrow.")
    odd = listed.loc[listed["residual"].abs() > LARGE, "area"]
    if len(odd):
        facts.append(f"Unlike what the model says: {some(odd)}. Look at these before trusting their modelled values.")
    return tuple(facts)
