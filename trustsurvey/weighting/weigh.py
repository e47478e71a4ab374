"""Weights that make the sample add up to the population: raking, calibration, weights from elsewhere."""

from __future__ import annotations

from collections.abc import Collection, Mapping as MappingType
from dataclasses import replace
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy import sparse

from trustsurvey.errors import SurveyError
from trustsurvey.model import Floats, Margin, Margins, Wave, Weighting
from trustsurvey.weighting.calibration import Bounds, BoundsOn
from trustsurvey.weighting.diagnostics import diagnostics as diagnostics, kish as kish
from trustsurvey.weighting.greg import Distance
from trustsurvey.weighting.targets import Targets, everyone

Start = Literal["base", "one"]
Missing = Literal["refuse", "keep"]


def rake(
    wave: Wave,
    margins: Margins,
    *,
    start: Start = "base",
    missing: Missing = "refuse",
    bounds: Bounds | None = None,
    bounds_on: BoundsOn = "mean",
    rescale: bool = False,
    collapse: int | None = None,
    ordered: Collection[str] = (),
    totals: MappingType[str, float] | None = None,
    means: MappingType[str, float] | None = None,
) -> Wave:
    """Rake a wave to population margins (Deming & Stephan 1940; Deville & Sarndal 1992).

    Parameters
    ----------
    margins : one a column of ``wave.people``, or over several that are crossed ("age x sex").
    start : rake from the wave's base weights, or from 1 for everyone.
    missing : "refuse" residents without an answer to a margin variable, or "keep" them as a
        category of their own with the share they have in the sample (numbers: at the sample's mean).
    bounds : smallest and largest final weight, as multiples of the mean weight or, with
        ``bounds_on`` "base", of each resident's own base weight (as R's ``calibrate``); the weights
        then meet the margins *within* these bounds, or the request is refused.
    rescale : keep only the shares of margins whose totals disagree.
    collapse : merge categories with fewer respondents than this (see ``categories.collapse``);
        ``ordered`` names the variables whose categories have neighbours. What was merged is in the
        settings ("merged") and in the report.
    totals, means : population totals, or means, of numeric columns of ``wave.people``, ``wave.answers``
        or ``wave.scores``, to be met together with the margins.

    Returns
    -------
    The wave with a :class:`Weighting`. Weights add to the total of the first margin where that is
    a number of people, to the number of answers where it is shares (a total of 1 or 100).

    Raises
    ------
    SurveyError with code ``margins.*`` or ``totals.*`` for targets that do not fit the wave,
    ``rake.infeasible`` or ``rake.boundary`` (the categories are named) where no positive weights
    can meet them.
    """
    return _weigh(
        wave, margins, "raking", "raking", start=start, missing=missing, bounds=bounds, bounds_on=bounds_on,
        rescale=rescale, at_least=collapse, ordered=ordered, totals=totals, means=means,
    )  # fmt: skip


def calibrate(
    wave: Wave,
    margins: Margins | None = None,
    *,
    totals: MappingType[str, float] | None = None,
    means: MappingType[str, float] | None = None,
    size: float | None = None,
    start: Start = "base",
    missing: Missing = "refuse",
    bounds: Bounds | None = None,
    bounds_on: BoundsOn = "base",
    rescale: bool = False,
    collapse: int | None = None,
    ordered: Collection[str] = (),
) -> Wave:
    """Calibrate a wave linearly to margins and continuous totals: the weights of the regression estimator.

    ``w_i = d_i (1 + x_i'b)`` (Deville & Sarndal 1992; Sarndal, Swensson & Wretman 1992, 6.4; R
    ``calibrate(calfun = "linear")``). Parameters as in :func:`rake`, but ``bounds`` are multiples of
    the base weights unless ``bounds_on`` is "mean". Without margins, ``size`` holds the number of
    people; with neither, only the totals are met (the ratio estimator, where there is one).

    Without bounds weights may be negative: settings["negative"] counts them. A lower bound of 0 or
    more rules them out. SurveyError as :func:`rake`, and ``calibrate.collinear`` where targets
    contradict each other.
    """
    if margins is None or not len(margins):
        margins = Margins(()) if size is None else everyone(size)
    return _weigh(
        wave, margins, "linear calibration", "linear", start=start, missing=missing, bounds=bounds,
        bounds_on=bounds_on, rescale=rescale, at_least=collapse, ordered=ordered, totals=totals, means=means,
    )  # fmt: skip


def post_stratify(
    wave: Wave,
    margin: Margin | Margins,
    *,
    start: Start = "base",
    missing: Missing = "refuse",
    collapse: int | None = None,
    ordered: Collection[str] = (),
) -> Wave:
    """Weight a wave to one margin, which may be crossed: ``w_i = d_i N_g / (sum of d over the group)``.

    The variance is that of the residuals from the groups' means (Holt & Smith 1979; R
    ``postStratify``). SurveyError ``margins.one`` if several margins are given: rake to those.
    """
    margins = margin if isinstance(margin, Margins) else Margins((margin,))
    if len(margins) != 1:
        raise SurveyError(
            "margins.one", "Post-stratification takes one margin", where=wave.name, got=f"{len(margins)}",
            expected="one margin, crossed if need be: 'age x sex'", hint="Rake to several margins.",
        )  # fmt: skip
    return _weigh(wave, margins, "post-stratification", "raking", start=start, missing=missing,
                  at_least=collapse, ordered=ordered)  # fmt: skip


def _weigh(
    wave: Wave, margins: Margins, method: str, distance: Distance, *, start: Start, missing: Missing,
    bounds: Bounds | None = None, bounds_on: BoundsOn = "mean", rescale: bool = False,
    at_least: int | None = None, ordered: Collection[str] = (), **numbers: Any,
) -> Wave:  # fmt: skip
    if not len(wave):
        raise SurveyError("rake.empty", "The wave has no answers to weight", where=wave.name)
    base = wave.design.weights if start == "base" else np.ones(len(wave))
    targets = Targets.of(
        wave, margins, base, missing=missing, rescale=rescale, at_least=at_least, ordered=ordered,
        distance=distance, bounds=bounds, bounds_on=bounds_on, **numbers,
    )  # fmt: skip
    solution = targets.solve()
    settings: dict[str, Any] = {
        "method": method,
        "start": start,
        "missing": missing,
        "bounds": bounds,
        "bounds_on": bounds_on,
        "rescale": rescale,
        "collapse": at_least,
        "ordered": sorted(ordered),
        "merged": targets.merged,
        "totals": targets.totals_told(solution.weights) if targets.totals else {},
        "at_bounds": solution.at_bounds,
        "negative": int((solution.weights < 0).sum()),
        "iterations": solution.iterations,
        "misfit": solution.misfit,
    }
    return weighted(wave, targets, solution.weights, settings)


def weighted(
    wave: Wave, targets: Targets, weights: Floats, settings: MappingType[str, Any], factor: Floats | None = None
) -> Wave:
    """The wave with weights that were calibrated to these targets.

    ``factor`` (n,): what calibrated weights were multiplied by afterwards, in trimming. The variance
    then keeps the calibration from before, as R's ``trimWeights`` does: residuals of factor * z,
    fitted with the base weights d and expanded with the calibrated weights. With constraints
    x / factor and base weights d * factor**2 the general formula gives exactly that.
    """
    base, constraints = targets.base, targets.constraints()
    if factor is not None:
        base = base * factor**2
        constraints = sparse.csr_array(constraints / factor[:, None])
    weighting = Weighting(
        weights=weights,
        base=base,
        constraints=constraints,
        margins=targets.margins,
        settings=settings,
        report=margin_report(list(targets.codes), list(targets.margins), targets.base, weights),
    )
    return replace(wave, weighting=weighting)


def fixed(wave: Wave, weights: Floats, settings: MappingType[str, Any]) -> Wave:
    """The wave with weights that are taken as they are: nothing was calibrated, so far as the variance knows."""
    nothing = sparse.csr_array((len(wave), 0))
    report = margin_report([], [], wave.design.weights, weights)
    return replace(wave, weighting=Weighting(weights, wave.design.weights, nothing, Margins(()), settings, report))


def bring(
    wave: Wave,
    weights: Floats | pd.Series,
    *,
    reason: str,
    margins: Margins | None = None,
    totals: MappingType[str, float] | None = None,
    start: Start = "base",
    missing: Missing = "refuse",
) -> Wave:
    """Put weights on a wave that were made elsewhere, in R say, as they are.

    Parameters
    ----------
    weights : (n,) in the order of the rows, or a series whose index is the pseudonym (``respondent``).
    reason : why they are used and where they come from; kept in settings["reason"].
    margins, totals : what they were calibrated to, if that is known; the weights must then meet them
        to 1e-6. The variance takes the calibration into account, with the wave's base weights
        (``start`` "base") or equal ones as those they were made from. Without, the weights are taken
        as fixed, which for calibrated weights mostly overstates a standard error.

    SurveyError ``weights.reason``, ``weights.rows``, ``weights.number`` or ``weights.margins``.
    """
    if not reason.strip():
        raise SurveyError("weights.reason", "Weights from elsewhere need a reason", where=wave.name,
                          expected="who made them, how, and why they are used")  # fmt: skip
    values = _of_rows(wave, weights)
    settings: dict[str, Any] = {"method": "external", "reason": reason.strip(), "start": start, "missing": missing}
    if (margins is None or not len(margins)) and not totals:
        return fixed(wave, values, settings | {"treated_as": "fixed"})
    base = wave.design.weights if start == "base" else np.ones(len(wave))
    targets = Targets.of(wave, margins or Margins(()), base, missing=missing, totals=totals)
    problem = targets.general()
    apart = np.abs(problem.totals - problem.columns.sums(values)) / problem.size
    if apart.max() > 1e-6:
        raise SurveyError(
            "weights.margins", "The weights do not meet the margins they are said to meet", where=wave.name,
            got=f"{targets.names[int(np.argmax(apart))]} off by {apart.max():.1e} of it", expected="at most 1e-6",
            hint="Give the margins they were made for, or none: they are then taken as fixed.",
        )  # fmt: skip
    told = targets.totals_told(values) if targets.totals else {}
    more = {"treated_as": "calibrated", "merged": {}, "totals": told, "misfit": float(apart.max())}
    return weighted(wave, targets, values, settings | more)


def _of_rows(wave: Wave, weights: Floats | pd.Series) -> Floats:
    """Weights in the order of the wave's rows; positive numbers, one a resident."""
    if isinstance(weights, pd.Series) and "respondent" in wave.people and not isinstance(weights.index, pd.RangeIndex):
        twice = weights.index.has_duplicates or wave.people["respondent"].duplicated().any()
        weights = pd.Series(np.nan, index=[0]) if twice else weights.reindex(wave.people["respondent"])
    values = np.asarray(weights, dtype=float)
    if len(values) != len(wave) or (np.isnan(values).any() and isinstance(weights, pd.Series)):
        raise SurveyError(
            "weights.rows", "The weights do not belong to the answers of this wave", where=wave.name,
            got=f"{int(np.isfinite(values).sum()):,} weights for them", expected=f"{len(wave):,}, one a resident",
        )  # fmt: skip
    if not (np.isfinite(values).all() and (values > 0).all()):
        raise SurveyError("weights.number", "A weight is not a number above 0", where=wave.name)
    return values


def restore(wave: Wave, weights: Floats, margins: Margins, settings: MappingType[str, Any]) -> Wave:
    """Put saved weights back on a wave: ``margins`` as used when they were made, ``settings`` with them.

    SurveyError ``weights.rows`` or ``weights.fit`` if they no longer belong to its answers.
    """
    if len(weights) != len(wave):
        raise SurveyError(
            "weights.rows", "The saved weights belong to another number of answers", where=wave.name,
            got=f"{len(weights):,}", expected=f"{len(wave):,}", hint="Weight the wave again.",
        )  # fmt: skip
    if not len(margins) and not settings.get("totals"):
        return fixed(wave, weights, settings)
    targets = Targets.saved(wave, margins, settings)
    factor = weights / targets.solve().weights if settings.get("trimmed") else None
    return weighted(wave, targets, weights, settings, factor)


def margin_report(codes: list[np.ndarray], margins: list[Margin], base: Floats, weights: Floats) -> pd.DataFrame:
    """Answers and shares before and after weighting, beside the target, for each category."""

    def over(values: Floats | None) -> Floats:
        counts = [np.bincount(c, values, len(m.targets)) for c, m in zip(codes, margins, strict=True)]
        return np.concatenate([np.zeros(0), *counts]).astype(int if values is None else float)

    return pd.DataFrame(
        {
            "variable": np.repeat(
                np.array([m.variable for m in margins], dtype=object), [len(m.targets) for m in margins]
            ),
            "category": np.concatenate([np.zeros(0, object), *(m.targets.index.astype(str) for m in margins)]),
            "n": over(None),
            "before": over(base) / base.sum(),
            "target": np.concatenate([np.zeros(0), *(m.share().to_numpy() for m in margins)]),
            "after": over(weights) / weights.sum(),
        }
    )
