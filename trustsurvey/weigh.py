"""Weights that make the sample add up to the population: raking, bounds, diagnostics."""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from dataclasses import replace
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy import sparse

from trustsurvey.calibration import calibrate_raking
from trustsurvey.errors import SurveyError, some
from trustsurvey.model import Floats, Margin, Margins, Wave, Weighting
from trustsurvey.population import TOTALS_AGREE, codes_of, common_total, known_codes


def rake(
    wave: Wave,
    margins: Margins,
    *,
    start: Literal["base", "one"] = "base",
    missing: Literal["refuse", "keep"] = "refuse",
    bounds: tuple[float, float] | None = None,
    rescale: bool = False,
) -> Wave:
    """Rake a wave to population margins (Deming & Stephan 1940; Deville & Sarndal 1992).

    Parameters
    ----------
    start : rake from the wave's base weights, or from 1 for everyone.
    missing : "refuse" residents without an answer to a margin variable, or "keep" them as a
        category of their own with the share they have in the sample.
    bounds : smallest and largest final weight, as multiples of the mean weight; the weights then
        meet the margins *within* these bounds, or the request is refused.
    rescale : keep only the shares of margins whose totals disagree.

    Returns
    -------
    The wave with a :class:`Weighting`. Weights add to the total of the first margin where that is
    a number of people, to the number of answers where it is shares (a total of 1 or 100).

    Raises
    ------
    SurveyError with code ``margins.*`` for margins that do not fit the wave, ``rake.infeasible``
    or ``rake.boundary`` (the categories are named) where no positive weights can meet them.
    """
    n = len(wave)
    if not n:
        raise SurveyError("rake.empty", "The wave has no answers to weight", where=wave.name)
    base = wave.design.weights if start == "base" else np.ones(n)
    margins = common_total(margins, rescale)
    total = float(margins.margins[0].targets.sum())
    if any(abs(total - whole) <= TOTALS_AGREE * whole for whole in (1.0, 100.0)):
        total = float(n)
    codes: list[np.ndarray] = []
    used: list[Margin] = []
    for margin in margins:
        code, fitted = codes_of(wave, margin, base, missing)
        codes.append(code)
        used.append(replace(fitted, targets=fitted.targets * (total / fitted.targets.sum())))
    solution = calibrate_raking(codes, used, base, bounds, where=wave.name)
    settings = {
        "method": "raking",
        "start": start,
        "missing": missing,
        "bounds": bounds,
        "rescale": rescale,
        "at_bounds": solution.at_bounds,
        "iterations": solution.iterations,
        "misfit": solution.misfit,
    }
    weighting = Weighting(
        weights=solution.weights,
        base=base,
        constraints=indicator_matrix(codes, [len(margin.targets) for margin in used]),
        margins=replace(margins, margins=tuple(used)),
        settings=settings,
        report=margin_report(codes, used, base, solution.weights),
    )
    return replace(wave, weighting=weighting)


def restore(wave: Wave, weights: Floats, margins: Margins, settings: MappingType[str, Any]) -> Wave:
    """Put saved weights back on a wave: ``margins`` as used when they were made, ``settings`` with them."""
    if len(weights) != len(wave):
        raise SurveyError(
            "weights.rows", "The saved weights belong to another number of answers", where=wave.name,
            got=f"{len(weights):,}", expected=f"{len(wave):,}", hint="Weight the wave again.",
        )  # fmt: skip
    base = wave.design.weights if settings.get("start") == "base" else np.ones(len(wave))
    used = list(margins)
    absent = [margin.variable for margin in used if margin.variable not in wave.people]
    codes = [] if absent else [known_codes(wave.people[margin.variable].astype("category"), margin) for margin in used]
    if absent or any((code < 0).any() for code in codes):
        raise SurveyError(
            "weights.fit", "The saved weights no longer fit the answers", where=wave.name,
            expected=some(m.variable for m in used), hint="Weight the wave again.",
        )  # fmt: skip
    weighting = Weighting(
        weights=weights,
        base=base,
        constraints=indicator_matrix(codes, [len(margin.targets) for margin in used]),
        margins=margins,
        settings=settings,
        report=margin_report(codes, used, base, weights),
    )
    return replace(wave, weighting=weighting)


def indicator_matrix(codes: list[np.ndarray], sizes: list[int]) -> sparse.csr_array:
    """The (n, sum of sizes) matrix of category dummies, one entry a margin and row."""
    n, m = len(codes[0]), len(codes)
    offsets = np.concatenate([[0], np.cumsum(sizes)])[:-1]
    columns = np.stack([code + offset for code, offset in zip(codes, offsets, strict=True)], axis=1)
    pointers = np.arange(0, n * m + 1, m)
    return sparse.csr_array((np.ones(n * m), columns.ravel(), pointers), shape=(n, int(sum(sizes))))


def margin_report(codes: list[np.ndarray], margins: list[Margin], base: Floats, weights: Floats) -> pd.DataFrame:
    """Answers and shares before and after weighting, beside the target, for each category."""

    def over(values: Floats | None) -> Floats:
        return np.concatenate([np.bincount(c, values, len(m.targets)) for c, m in zip(codes, margins, strict=True)])

    return pd.DataFrame(
        {
            "variable": np.repeat(
                np.array([m.variable for m in margins], dtype=object), [len(m.targets) for m in margins]
            ),
            "category": np.concatenate([m.targets.index.astype(str) for m in margins]),
            "n": over(None),
            "before": over(base) / base.sum(),
            "target": np.concatenate([m.share().to_numpy() for m in margins]),
            "after": over(weights) / weights.sum(),
        }
    )


def kish(weights: Floats) -> tuple[float, float]:
    """Design effect of unequal weights and the effective n that it leaves (Kish 1965).

    >>> kish(np.array([1.0, 1.0, 1.0, 1.0]))
    (1.0, 4.0)
    """
    effective = float(weights.sum() ** 2 / (weights**2).sum())
    return len(weights) / effective, effective


def diagnostics(wave: Wave) -> dict[str, float]:
    """Kish design effect and effective n, range of the weights relative to their mean."""
    weights = wave.weights
    deff, effective = kish(weights)
    mean = weights.mean()
    at_bounds = 0.0 if wave.weighting is None else float(wave.weighting.settings.get("at_bounds", 0.0))
    return {
        "n": float(len(weights)),
        "deff": deff,
        "n_eff": effective,
        "lowest": float(weights.min() / mean),
        "highest": float(weights.max() / mean),
        "top_share": float(np.sort(weights)[-max(1, len(weights) // 100) :].sum() / weights.sum()),
        "at_bounds": at_bounds,
    }
