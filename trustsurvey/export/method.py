"""The method sheet: every choice that was made between the file and the figures."""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np
import pandas as pd

from trustsurvey.analysis import Picture
from trustsurvey.comparison.compare import ALPHA, POWER
from trustsurvey.disclosure.cells import nesting_of
from trustsurvey.disclosure.crossed import hidden_in_margins
from trustsurvey.disclosure.gate import COARSE
from trustsurvey.model import RULES, Mapping, Margins, Wave
from trustsurvey.present import words
from trustsurvey.replication.replicates import Replicates
from trustsurvey.store import WaveRecord
from trustsurvey.weighting.weigh import diagnostics


def method_rows(picture: Picture, record: WaveRecord | None, microdata: bool = False) -> list[tuple[str, str]]:
    """Pairs of subject and statement, in the order of a survey report's method section.

    ``microdata``: for those who get the weights themselves.
    """
    wave = picture.wave
    return [
        *_study_rows(picture),
        *_source_rows(wave, record),
        *_scoring_rows(wave),
        *_weighting_rows(wave, microdata or not _small_in_margins(picture)),
        *_inference_rows(picture),
        *_disclosure_rows(),
        *_software_rows(),
    ]


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


def _study_rows(picture: Picture) -> list[tuple[str, str]]:
    wave, study = picture.wave, picture.study
    rows = [
        ("Study", study.name + (" (invented sample data)" if study.sample else "")),
        ("Wave", wave.name),
        ("Fieldwork", words.period(wave.start, wave.end) or "dates not in the file"),
        ("Questionnaire", f"{wave.instrument.title}, version {wave.instrument.version}"),
        (
            "Selection",
            "probability sample"
            if wave.probability
            else "residents chose to take part (opt-in); intervals are model-based: they assume that, within the "
            "weighting categories, those who answered resemble those who did not",
        ),
    ]
    modes = wave.people["mode"].dropna().astype(str) if "mode" in wave.people else pd.Series(dtype=str)
    if len(modes):
        counts = modes.value_counts()
        # Beside a rare mode the shares of the others would give its number away.
        rare = counts.min() < RULES.people
        listed = [str(mode) if rare else f"{mode} {words.percent(n / len(modes))}" for mode, n in counts.items()]
        rows.append(("Interview mode", ", ".join(listed) + (" (shares not shown: one is rare)" if rare else "")))
    return rows


def _source_rows(wave: Wave, record: WaveRecord | None) -> list[tuple[str, str]]:
    report = wave.report
    rows = []
    if record is not None:
        rows += [("File", record.file), ("SHA-256 of the file", record.digest), ("Status", record.status)]
        rows += [("Corrected because", reason) for reason in record.reasons]
    rows += [
        ("Recognised as", report.platform),
        ("Rows read", f"{report.rows_read:,}"),
        *((f"Left out: {reason}", f"{count:,}") for reason, count in report.dropped),
        ("Rows kept", f"{report.rows_kept:,}"),
        *(("Noticed", notice.text) for notice in report.notices),
    ]
    if record is not None:
        rows += _row_rules(record.mapping)
        for column in record.mapping.having("item", "area", "group", "weight", "stratum", "psu", "fpc"):
            told = f"{column.role} {column.target}".strip()
            for name in ("dont_know", "refused", "not_applicable", "leave_out"):
                if getattr(column, name):
                    told += f"; {name.replace('_', ' ')}: {', '.join(getattr(column, name))}"
            for name, values in (("labels", column.labels), ("recoded", column.values)):
                if values:
                    told += f"; {name}: " + ", ".join(f"{a} to {b}" for a, b in values)
            for name in ("scale", "options", "confirmed"):
                if getattr(column, name):
                    told += f"; {name}: {', '.join(getattr(column, name))}"
            if column.flip:
                told += "; scale turned round"
            if column.born:
                told += "; from births, as the age at the interview"
            rows.append((f"Column {column.column}", told))
    return rows


def _row_rules(mapping: Mapping) -> list[tuple[str, str]]:
    """Which rows were to be left out, whether or not the file had any."""
    twice = "the same id, the same device within a day, or the same answers throughout"
    return [
        *([("Interviewed by", mapping.mode)] if mapping.mode else []),
        ("Test answers and previews", "kept" if mapping.keep_tests else "left out"),
        ("Rows given twice", "kept" if mapping.keep_duplicates else f"left out after the first: {twice}"),
        (
            "Partial answers",
            f"left out where less than {mapping.partial_below:.0%} of the questions put to everyone were answered"
            if mapping.partial_below > 0
            else "kept",
        ),
    ]


def _scoring_rows(wave: Wave) -> list[tuple[str, str]]:
    rows = [
        (
            "Item scores",
            "percent of maximum possible: 100 (answer - lowest) / (highest - lowest); "
            "reverse-worded items turned round first",
        ),
        (
            "Don't know, refused, not applicable, blank",
            "no score; the share of don't know, among those who answered or did not know, is on the sheet Questions",
        ),
        (
            "Positive answers",
            "the boxes of the scale that speak for the police, most often the upper two; among those who answered",
        ),
    ]
    for index in wave.instrument.indices:
        if wave.scores is not None and index.key in wave.scores:
            rows.append(
                (
                    f"Index {index.key}",
                    f"{index.title}: mean of {', '.join(index.parts)}; needs {index.at_least} of {len(index.parts)}",
                )
            )
    return rows


#: What the sheet says of each way of weighting.
METHODS = {
    "raking": "raking (iterative proportional fitting) to all margins at once",
    "linear calibration": "linear calibration (regression estimator) to all margins and totals at once",
    "post-stratification": "post-stratification to one margin",
    "external": "brought from elsewhere",
    "none": "as in the file",
}


def _small_in_margins(picture: Picture) -> bool:
    """Whether a category that the wave was weighted by has a hidden number."""
    margins = Margins(()) if picture.wave.weighting is None else picture.wave.weighting.margins
    hidden = hidden_in_margins(picture.wave, margins, nesting_of(picture.study.levels))
    return any(variable in margins.variables for variable, _ in hidden)


def _weighting_rows(wave: Wave, told_of: bool) -> list[tuple[str, str]]:
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


def _inference_rows(picture: Picture) -> list[tuple[str, str]]:
    wave = picture.wave
    design = wave.design
    strata, units = len(design.stratum_psus), design.n_psu
    clusters = f"{units:,} sampling units" if units < len(wave) else "every answer a sampling unit"
    single = {
        "adjust": "centred at the mean of all units",
        "average": "given the mean variance of the others",
        "remove": "left out",
        "fail": "refused",
    }[design.lonely]
    rows = [
        (
            "Design",
            f"{'1 stratum' if strata == 1 else f'{strata:,} strata'}, {clusters}, "
            f"{'with' if design.fpc is not None else 'without'} finite population correction",
        ),
        (
            "Variance",
            "Taylor linearisation"
            + ("; of the calibration residuals, for raked weights" if wave.weighting is not None else ""),
        ),
        ("Strata with a single sampling unit", single),
        ("Intervals", "95 %, t on sampling units less strata; shares: Wilson with effective n"),
        ("Effective n of an estimate", "n / deff, the design effect against a simple random sample of the same size"),
        (
            "Change",
            f"two-sided t test; Benjamini-Hochberg over the areas or categories of one grouping at {ALPHA:.0%}; "
            "the adjusted test decides the words",
        ),
        ("Detectable change", f"(t.975 + t.80) SE: found with {POWER:.0%} probability"),
        (
            "Against everyone",
            "two-sided t test of an area's mean against that of everyone, the area among them; adjusted as for change",
        ),
    ]
    if any(view.pooled for view in picture.levels):
        rows.append(
            (
                "Waves taken together",
                "each wave a stratum of its own, weighted as by itself and given an equal total; change is shown "
                "against the same number of waves before, none of them in both",
            )
        )
    for view in picture.levels:
        rows.append((f"{view.level.title}", words.basis_words(view)))
    for measure, names in picture.trend_breaks.items():
        if names:
            told = f"not asked in the same way from {', '.join(names)} on; not compared across it"
            rows.append((f"Break in {measure}", told))
    return rows


def _disclosure_rows() -> list[tuple[str, str]]:
    return [
        (
            "Hidden",
            f"estimate and number where fewer than {RULES.people} people answered, and enough neighbouring numbers "
            "that the hidden one cannot be worked out; a mean whose number is hidden for the sake of another "
            f"('guarded') is rounded to multiples of {COARSE:g} points",
        ),
        (
            "Withheld",
            f"estimates from fewer than {RULES.answers} answers, or answers worth fewer than {RULES.answers}",
        ),
        (
            "Caution",
            f"shown, but from fewer than {RULES.caution} answers, or answers worth fewer than {RULES.caution}, or with "
            f"a range of more than {RULES.half_width_score:g} points (shares: {100 * RULES.half_width_share:g}) "
            "either side",
        ),
    ]


def _software_rows() -> list[tuple[str, str]]:
    def installed(package: str) -> str:
        try:
            return version(package)
        except PackageNotFoundError:
            return "from source"

    return [(package, installed(package)) for package in ("trustsurvey", "numpy", "scipy", "pandas")]
