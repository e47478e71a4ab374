"""The method sheet: every choice that was made between the file and the figures."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

import pandas as pd

from trustsurvey.analysis import Picture
from trustsurvey.comparison.compare import ALPHA, POWER
from trustsurvey.disclosure.cells import nesting_of
from trustsurvey.disclosure.crossed import hidden_in_margins
from trustsurvey.disclosure.gate import COARSE
from trustsurvey.export.method_weights import weighting_rows
from trustsurvey.language import SOURCE, speaking
from trustsurvey.model import RULES, Mapping, Margins, Wave
from trustsurvey.present import words
from trustsurvey.store import WaveRecord


@speaking(SOURCE)
def method_rows(picture: Picture, record: WaveRecord | None, microdata: bool = False) -> list[tuple[str, str]]:
    """Pairs of subject and statement, in the order of a survey report's method section.

    ``microdata``: for those who get the weights themselves.
    """
    wave = picture.wave
    return [
        *_study_rows(picture),
        *_source_rows(wave, record),
        *_scoring_rows(wave),
        *weighting_rows(wave, microdata or not _small_in_margins(picture)),
        *_inference_rows(picture),
        *_disclosure_rows(),
        *_software_rows(),
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
    return rows + (_row_rules(record.mapping) if record is not None else [])


@speaking(SOURCE)
def column_rows(mapping: Mapping) -> list[tuple[str, str]]:
    """What each column of the file was taken to be, for those who take the workbook."""
    rows = []
    for column in mapping.having("item", "area", "group", "weight", "stratum", "psu", "fpc"):
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


def _small_in_margins(picture: Picture) -> bool:
    """Whether a category that the wave was weighted by has a hidden number."""
    margins = Margins(()) if picture.wave.weighting is None else picture.wave.weighting.margins
    hidden = hidden_in_margins(picture.wave, margins, nesting_of(picture.study.levels))
    return any(variable in margins.variables for variable, _ in hidden)


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
