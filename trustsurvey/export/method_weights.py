"""The part of the method sheet that is about weights: how they were made, what they are like, replicates of them."""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from typing import Any

import numpy as np

from trustsurvey.model import RULES, Wave
from trustsurvey.replication.replicates import Replicates
from trustsurvey.weighting.weigh import diagnostics

#: What the sheet says of each way of weighting.
METHODS = {
    "raking": "raking (iterative proportional fitting) to all margins at once",
    "linear calibration": "linear calibration (regression estimator) to all margins and totals at once",
    "post-stratification": "post-stratification to one margin",
    "external": "brought from elsewhere",
    "none": "as in the file",
}


def weighting_rows(wave: Wave, told_of: bool) -> list[tuple[str, str]]:
    """How the wave was weighted; what its weights are like only if that may be ``told_of``.

    A category's weight is its share of the population over its number of answers, and the design effect is made of
    those: they would tell a number that is hidden.
    """
    told = diagnostics(wave)
    calibrated = wave.weighting
    settings = {} if calibrated is None else calibrated.settings
    method = str(settings.get("method", ""))
    if calibrated is None or not (wave.raked or settings.get("totals") or method == "external"):
        uneven = np.ptp(wave.weights) > 0
        plain = [("Weights", "as in the file" if uneven else "none: every answer counts the same")]
        return plain + _trimming_rows(settings, wave)
    rows = [("Weights", METHODS.get(method, METHODS["raking"]))]
    if method == "external":
        rows += [("Reason for these weights", str(settings.get("reason"))),
                 ("Taken as", str(settings.get("treated_as")))]  # fmt: skip
    bounds = settings.get("bounds")
    of = "the base weight" if settings.get("bounds_on") == "base" else "the mean"
    merged = settings.get("merged") or {}
    collapse = settings.get("collapse")
    rows += [
        ("Margins", ", ".join(calibrated.margins.variables)),
        ("Source of the margins", calibrated.margins.source),
        ("Raked from", "base weights of the file" if settings.get("start") == "base" else "1 for everyone"),
        (
            "No answer to a margin variable",
            "kept, as a category with its share in the sample" if settings.get("missing") == "keep" else "refused",
        ),
        (
            "Bounds",
            f"weights between {bounds[0]:g} and {bounds[1]:g} times {of}, margins met within them; "
            f"{_share(settings.get('at_bounds', 0), wave)} at a bound"
            if bounds
            else "none",
        ),
        ("Margins whose totals disagree", "shares kept only" if settings.get("rescale") else "refused"),
        (
            "Small categories",
            f"merged with a neighbour below {collapse} respondents (in order: "
            f"{', '.join(settings.get('ordered') or ()) or 'none'}); merged: "
            + ("; ".join(f"{variable} {name}" for variable, names in merged.items() for name in names) or "none")
            if collapse
            else "kept as they are",
        ),
        *(
            (f"Total of {name}", f"{one['total']:,.6g}; base weights {one['before']:,.6g}, weights {one['after']:,.6g}")
            for name, one in (settings.get("totals") or {}).items()
        ),
        *([("Negative weights", _number(settings["negative"]))] if settings.get("negative") else []),
        *_trimming_rows(settings, wave),
        ("Largest relative misfit of a margin", f"{settings.get('misfit', float('nan')):.1e}"),
    ]
    figures = {
        "Design effect of the weights (Kish)": f"{told['deff']:.3f}",
        "Effective number of answers (Kish)": f"{told['n_eff']:,.1f}",
        "Weights relative to their mean": f"{told['lowest']:.3f} to {told['highest']:.3f}",
    }
    return rows + [(name, said if told_of else "not shown, to protect a small group") for name, said in figures.items()]


def _number(people: float) -> str:
    return f"fewer than {RULES.people}" if people < RULES.people else f"{people:,.0f}"


def _share(share: float, wave: Wave) -> str:
    """A share of the residents; no number of them that is small, but none."""
    people = round(share * len(wave))
    return f"{_number(people)} residents" if 0 < people < RULES.people else f"{share:.1%} of residents"


def _trimming_rows(settings: MappingType[str, Any], wave: Wave) -> list[tuple[str, str]]:
    cut = settings.get("trimmed")
    if not cut:
        return []
    ends = " and ".join(f"{cut[end]:,.6g}" if cut[end] is not None else "no limit" for end in ("lower", "upper"))
    misfit = f", margins then off by up to {cut['misfit']:.1%}" if "misfit" in cut else ""
    strict = ", strictly" if cut["strict"] else ""
    told = f"{_share(cut['share'], wave)}, {cut['moved']:.1%} of all weight spread over the others{misfit}"
    return [("Trimmed", f"weights to between {ends}{strict}: {told}")]


def replicate_rows(replicates: Replicates) -> list[tuple[str, str]]:
    """What has to be known of replicate weights to use them elsewhere."""
    told = replicates.settings
    how = "each weighted anew to the same margins and totals" if told.get("recalibrated") else "of fixed weights"
    seed = f", seed {told['seed']}" if told.get("seed") is not None else ""
    lost = f"; {told['dropped']:,} that could not meet the margins left out" if told.get("dropped") else ""
    note = f"; {told['note']}" if told.get("note") else ""
    centre = "the estimate" if replicates.mse else "the mean of the replicates"
    return [
        ("Replicate weights", f"{len(replicates):,}, {replicates.method}{seed}, {how}{lost}{note}"),
        ("Scale of the replicates", f"{replicates.scale!r} times rscale, of squares around {centre}"),
        ("Degrees of freedom of the replicates", f"{replicates.df:,}"),
        (
            "The same in R",
            "svrepdesign(weights = ~weight, repweights = 'rep_[0-9]+', type = 'other', "
            f"scale = {replicates.scale!r}, rscales = scales$rscale, mse = {str(replicates.mse).upper()}, "
            "data = ...)",
        ),
    ]
