"""The part of the method sheet that is about weights: how they were made, what they are like, replicates of them."""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from typing import Any

import numpy as np

from trustsurvey.language import N_, _, pgettext
from trustsurvey.model import RULES, Wave
from trustsurvey.replication.replicates import Replicates
from trustsurvey.weighting.weigh import diagnostics
from trustsurvey.wording import figure

#: What the sheet says of each way of weighting.
METHODS = {
    "raking": N_("raking (iterative proportional fitting) to all margins at once"),
    "linear calibration": N_("linear calibration (regression estimator) to all margins and totals at once"),
    "post-stratification": N_("post-stratification to one margin"),
    "external": N_("brought from elsewhere"),
    "none": N_("as in the file"),
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
        plain = [(_("Weights"), _("as in the file") if uneven else _("none: every answer counts the same"))]
        return plain + _trimming_rows(settings, wave)
    rows = [(_("Weights"), _(METHODS.get(method, METHODS["raking"])))]
    if method == "external":
        rows += [(_("Reason for these weights"), str(settings.get("reason"))),
                 (_("Taken as"), str(settings.get("treated_as")))]  # fmt: skip
    rows += [
        (_("Margins"), ", ".join(calibrated.margins.variables)),
        (_("Source of the margins"), calibrated.margins.source),
        (_("Raked from"), _("base weights of the file") if settings.get("start") == "base" else _("1 for everyone")),
        (
            _("No answer to a margin variable"),
            _("kept, as a category with its share in the sample")
            if settings.get("missing") == "keep"
            else pgettext("by the program", "refused"),
        ),
        (_("Bounds"), _bounds(settings, wave)),
        (
            _("Margins whose totals disagree"),
            _("shares kept only") if settings.get("rescale") else pgettext("by the program", "refused"),
        ),
        (_("Small categories"), _small(settings)),
        *(
            (
                _("Total of {column}").format(column=name),
                _("{total}; base weights {before}, weights {after}").format(
                    **{part: figure(one[part], ",.6g") for part in ("total", "before", "after")}
                ),
            )
            for name, one in (settings.get("totals") or {}).items()
        ),
        *([(_("Negative weights"), _number(settings["negative"]))] if settings.get("negative") else []),
        *_trimming_rows(settings, wave),
        (_("Largest relative misfit of a margin"), figure(settings.get("misfit", float("nan")), ".1e")),
    ]
    figures = {
        _("Design effect of the weights (Kish)"): figure(told["deff"], ".3f"),
        _("Effective number of answers (Kish)"): figure(told["n_eff"], ",.1f"),
        _("Weights relative to their mean"): _("{lowest} to {highest}").format(
            lowest=figure(told["lowest"], ".3f"), highest=figure(told["highest"], ".3f")
        ),
    }
    hidden = _("not shown, to protect a small group")
    return rows + [(name, said if told_of else hidden) for name, said in figures.items()]


def _bounds(settings: MappingType[str, Any], wave: Wave) -> str:
    bounds = settings.get("bounds")
    if not bounds:
        return pgettext("bounds", "none")
    if settings.get("bounds_on") == "base":
        said = _("weights between {low} and {high} times the base weight, margins met within them; {share} at a bound")
    else:
        said = _("weights between {low} and {high} times the mean, margins met within them; {share} at a bound")
    low, high = (figure(bound, "g") for bound in bounds)
    return said.format(low=low, high=high, share=_share(settings.get("at_bounds", 0), wave))


def _small(settings: MappingType[str, Any]) -> str:
    """What was done with categories of few respondents."""
    collapse, merged = settings.get("collapse"), settings.get("merged") or {}
    if not collapse:
        return _("kept as they are")
    return _("merged with a neighbour below {n} respondents (in order: {ordered}); merged: {merged}").format(
        n=collapse,
        ordered=", ".join(settings.get("ordered") or ()) or _("none"),
        merged="; ".join(f"{variable} {name}" for variable, names in merged.items() for name in names) or _("none"),
    )


def _number(people: float) -> str:
    return _("fewer than {n}").format(n=RULES.people) if people < RULES.people else figure(people, ",.0f")


def _share(share: float, wave: Wave) -> str:
    """A share of the residents; no number of them that is small, but none."""
    people = round(share * len(wave))
    if 0 < people < RULES.people:
        return _("{n} residents").format(n=_number(people))
    return _("{share} of residents").format(share=_percent(share))


def _percent(share: float) -> str:
    return _("{number} %").format(number=figure(100 * share, ".1f"))


def _trimming_rows(settings: MappingType[str, Any], wave: Wave) -> list[tuple[str, str]]:
    cut = settings.get("trimmed")
    if not cut:
        return []
    low, high = (_("no limit") if cut[end] is None else figure(cut[end], ",.6g") for end in ("lower", "upper"))
    strict = (
        _("weights to between {low} and {high}, strictly")
        if cut["strict"]
        else _("weights to between {low} and {high}")
    )
    told = _("{trimmed}: {share}, {moved} of all weight spread over the others").format(
        trimmed=strict.format(low=low, high=high),
        share=_share(cut["share"], wave),
        moved=_percent(cut["moved"]),
    )
    if "misfit" in cut:
        told = _("{trimmed}, margins then off by up to {misfit}").format(trimmed=told, misfit=_percent(cut["misfit"]))
    return [(_("Trimmed"), told)]


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
