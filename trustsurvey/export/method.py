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
from trustsurvey.language import SOURCE, _, ngettext, pgettext, speaking, translated
from trustsurvey.model import RULES, Mapping, Margins, Wave
from trustsurvey.present import words
from trustsurvey.store import WaveRecord
from trustsurvey.wording import figure


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
    sample = _("{study} (invented sample data)") if study.sample else "{study}"
    opt_in = _(
        "residents chose to take part (opt-in); intervals are model-based: they assume that, within the weighting "
        "categories, those who answered resemble those who did not"
    )
    rows = [
        (_("Study"), sample.format(study=study.name)),
        (_("Wave"), wave.name),
        (_("Fieldwork"), words.period(wave.start, wave.end) or _("dates not in the file")),
        (
            _("Questionnaire"),
            _("{title}, version {version}").format(title=_(wave.instrument.title), version=wave.instrument.version),
        ),
        (_("Selection"), _("probability sample") if wave.probability else opt_in),
    ]
    modes = wave.people["mode"].dropna().astype(str) if "mode" in wave.people else pd.Series(dtype=str)
    if len(modes):
        counts = modes.value_counts()
        # Beside a rare mode the shares of the others would give its number away.
        rare = counts.min() < RULES.people
        listed = [str(mode) if rare else f"{mode} {words.percent(n / len(modes))}" for mode, n in counts.items()]
        told = _("{modes} (shares not shown: one is rare)") if rare else "{modes}"
        rows.append((_("Interview mode"), told.format(modes=", ".join(listed))))
    return rows


def _source_rows(wave: Wave, record: WaveRecord | None) -> list[tuple[str, str]]:
    report = wave.report
    rows = []
    if record is not None:
        rows += [(_("File"), record.file), (_("SHA-256 of the file"), record.digest), (_("Status"), _(record.status))]
        rows += [(_("Corrected because"), reason) for reason in record.reasons]
    rows += [
        (_("Recognised as"), report.platform),
        (_("Rows read"), figure(report.rows_read)),
        *(
            (_("Left out: {reason}").format(reason=translated(reason)), figure(count))
            for reason, count in report.dropped
        ),
        (_("Rows kept"), figure(report.rows_kept)),
        *((_("Noticed"), translated(notice.text)) for notice in report.notices),
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
    kept, left_out = _("kept"), _("left out")
    twice = _("left out after the first: the same id, the same device within a day, or the same answers throughout")
    partial = _("left out where less than {share} of the questions put to everyone were answered")
    return [
        *([(_("Interviewed by"), mapping.mode)] if mapping.mode else []),
        (_("Test answers and previews"), kept if mapping.keep_tests else left_out),
        (_("Rows given twice"), kept if mapping.keep_duplicates else twice),
        (
            _("Partial answers"),
            partial.format(share=words.percent(mapping.partial_below)) if mapping.partial_below > 0 else kept,
        ),
    ]


def _scoring_rows(wave: Wave) -> list[tuple[str, str]]:
    rows = [
        (
            _("Item scores"),
            _(
                "percent of maximum possible: 100 (answer - lowest) / (highest - lowest); reverse-worded items turned "
                "round first"
            ),
        ),
        (
            _("Don't know, refused, not applicable, blank"),
            _("no score; the share of don't know, among those who answered or did not know, is on the sheet Questions"),
        ),
        (
            _("Positive answers"),
            _("the boxes of the scale that speak for the police, most often the upper two; among those who answered"),
        ),
    ]
    for index in wave.instrument.indices:
        if wave.scores is not None and index.key in wave.scores:
            rows.append(
                (
                    _("Index {key}").format(key=index.key),
                    _("{title}: mean of {parts}; needs {least} of {all}").format(
                        title=_(index.title), parts=", ".join(index.parts), least=index.at_least, all=len(index.parts)
                    ),
                )
            )
    return rows


def _small_in_margins(picture: Picture) -> bool:
    """Whether a category that the wave was weighted by has a hidden number."""
    margins = Margins(()) if picture.wave.weighting is None else picture.wave.weighting.margins
    hidden = hidden_in_margins(picture.wave, margins, nesting_of(picture.study.levels))
    return any(variable in margins.variables for variable, _category in hidden)


def _inference_rows(picture: Picture) -> list[tuple[str, str]]:
    wave = picture.wave
    design = wave.design
    strata, units = len(design.stratum_psus), design.n_psu
    strata_words = ngettext("{n} stratum", "{n} strata", strata).format(n=figure(strata))
    clusters = (
        _("{n} sampling units").format(n=figure(units)) if units < len(wave) else _("every answer a sampling unit")
    )
    single = {
        "adjust": _("centred at the mean of all units"),
        "average": _("given the mean variance of the others"),
        "remove": pgettext("strata", "left out"),
        "fail": pgettext("by the program", "refused"),
    }[design.lonely]
    rows = [
        (
            _("Design"),
            (
                _("{strata}, {clusters}, without finite population correction")
                if design.fpc is None
                else _("{strata}, {clusters}, with finite population correction")
            ).format(strata=strata_words, clusters=clusters),
        ),
        (
            _("Variance"),
            _("Taylor linearisation")
            if wave.weighting is None
            else _("Taylor linearisation; of the calibration residuals, for raked weights"),
        ),
        (_("Strata with a single sampling unit"), single),
        (_("Intervals"), _("95 %, t on sampling units less strata; shares: Wilson with effective n")),
        (
            _("Effective n of an estimate"),
            _("n / deff, the design effect against a simple random sample of the same size"),
        ),
        (
            pgettext("a change", "Change"),
            _(
                "two-sided t test; Benjamini-Hochberg over the areas or categories of one grouping at {level}; the "
                "adjusted test decides the words"
            ).format(level=words.percent(ALPHA)),
        ),
        (
            _("Detectable change"),
            _("(t.975 + t.80) SE: found with {power} probability").format(power=words.percent(POWER)),
        ),
        (
            _("Against everyone"),
            _(
                "two-sided t test of an area's mean against that of everyone, the area among them; adjusted as for "
                "change"
            ),
        ),
    ]
    if any(view.pooled for view in picture.levels):
        rows.append(
            (
                _("Waves taken together"),
                _(
                    "each wave a stratum of its own, weighted as by itself and given an equal total; change is shown "
                    "against the same number of waves before, none of them in both"
                ),
            )
        )
    for view in picture.levels:
        rows.append((view.level.title, words.basis_words(view)))
    for measure, names in picture.trend_breaks.items():
        if names:
            told = _("not asked in the same way from {waves} on; not compared across it")
            rows.append((_("Break in {measure}").format(measure=measure), told.format(waves=", ".join(names))))
    return rows


def _disclosure_rows() -> list[tuple[str, str]]:
    return [
        (
            _("Hidden"),
            _(
                "estimate and number where fewer than {people} people answered, and enough neighbouring numbers that "
                "the hidden one cannot be worked out; a mean whose number is hidden for the sake of another "
                "('guarded') is rounded to multiples of {coarse} points"
            ).format(people=RULES.people, coarse=f"{COARSE:g}"),
        ),
        (
            _("Withheld"),
            _("estimates from fewer than {answers} answers, or answers worth fewer than {answers}").format(
                answers=RULES.answers
            ),
        ),
        (
            _("Caution"),
            _(
                "shown, but from fewer than {answers} answers, or answers worth fewer than {answers}, or with a range "
                "of more than {points} points (shares: {percents}) either side"
            ).format(
                answers=RULES.caution,
                points=f"{RULES.half_width_score:g}",
                percents=f"{100 * RULES.half_width_share:g}",
            ),
        ),
    ]


def _software_rows() -> list[tuple[str, str]]:
    def installed(package: str) -> str:
        try:
            return version(package)
        except PackageNotFoundError:
            return _("from source")

    return [(package, installed(package)) for package in ("trustsurvey", "numpy", "scipy", "pandas")]
