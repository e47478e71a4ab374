"""The method sheet: every choice between the file and the figures is stated, and stated truly."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from builders import margins_of
from stores import INSTRUMENT, MAPPING, STUDY, raked, small_wave

from trustsurvey.analysis import picture
from trustsurvey.export.method import column_rows, method_rows
from trustsurvey.export.tables import picture_tables
from trustsurvey.language import speaking
from trustsurvey.model import RULES, ColumnMap, Design, Mapping, Report, Wave
from trustsurvey.store import Store, WaveRecord
from trustsurvey.weighting.trimming import trim
from trustsurvey.weighting.weigh import bring, calibrate, diagnostics, rake
from trustsurvey.workflow import load_picture


def record(mapping: Mapping = MAPPING, **changes: Any) -> WaveRecord:
    told = {
        "name": "w1", "rows": 300, "file": "answers.csv", "digest": "ab" * 32, "mapping": mapping,
        "report": Report(), "start": None, "end": None, "weighted": True, "released": True, "ever_released": True,
        "imported_at": datetime(2026, 7, 1), "revision": 1, "reasons": (),
    }  # fmt: skip
    return WaveRecord(**{**told, **changes})


def sheet(wave: Wave | list[Wave], entry: WaveRecord | None = None, study: Any = STUDY) -> dict[str, str]:
    waves = wave if isinstance(wave, list) else [wave]
    columns = [] if entry is None else column_rows(entry.mapping)
    return dict(method_rows(picture(waves, len(waves) - 1, study), entry) + columns)


# --- every choice is there -----------------------------------------------------------------------------------


def test_every_choice_of_the_weighting_is_stated() -> None:
    wave = small_wave(n=300)
    margins = margins_of(district={"East": 480, "West": 520}, sex={"f": 0.5, "m": 0.5})
    told = sheet(rake(wave, margins, start="one", missing="keep", bounds=(0.25, 4.0), rescale=True))
    assert told["Weights"].startswith("raking")
    assert told["Margins"] == "district, sex"
    assert told["Source of the margins"] == "test margins"
    assert told["Raked from"] == "1 for everyone"
    assert told["No answer to a margin variable"].startswith("kept")
    assert "0.25 and 4 times the mean" in told["Bounds"]
    assert "0.0 % of residents at a bound" in told["Bounds"]
    assert told["Margins whose totals disagree"] == "shares kept only"
    plain = sheet(rake(replace(wave, people=wave.people.assign(sex="f")), margins_of(district={"East": 5, "West": 5})))
    assert plain["Raked from"] == "base weights of the file"
    assert plain["No answer to a margin variable"] == "refused"
    assert plain["Bounds"] == "none"
    assert plain["Margins whose totals disagree"] == "refused"


def test_every_parameter_of_raking_has_its_line() -> None:
    """A choice added to the verb must be added to the sheet."""
    import inspect

    choices = {name for name, p in inspect.signature(rake).parameters.items() if p.kind is p.KEYWORD_ONLY}
    assert choices == {
        "start", "missing", "bounds", "bounds_on", "rescale", "collapse", "ordered", "totals", "means",
    }  # fmt: skip


def test_totals_merged_categories_trimming_and_reasons_are_stated() -> None:
    wave = small_wave(n=300)
    margins = margins_of(district={"East": 480, "West": 520})
    merged = sheet(rake(wave, margins, collapse=1000, ordered=["district"], bounds=(0.2, 5), bounds_on="base"))
    assert merged["Small categories"].endswith("merged: district East + West")
    assert "times the base weight" in merged["Bounds"]
    item = wave.answers.columns[0]
    greg = calibrate(wave, margins, missing="keep", means={item: float(wave.answers[item].mean())})
    assert sheet(greg)["Weights"].startswith("linear calibration")
    assert f"Total of {item}" in sheet(greg)
    assert "of residents" in sheet(trim(rake(wave, margins), upper=1.005))["Trimmed"]
    brought = sheet(bring(wave, np.linspace(1, 2, 300), reason="made by the agency"))
    assert (brought["Reason for these weights"], brought["Taken as"]) == ("made by the agency", "fixed")


def test_every_entry_of_a_mapping_is_stated() -> None:
    """A field added to the mapping must be added to the sheet, or be none of its business."""
    assert {f.name for f in fields(ColumnMap)} == {
        "column", "role", "target", "values", "dont_know", "refused", "not_applicable", "leave_out", "flip",
        "labels", "scale", "options", "confirmed", "born",
    }  # fmt: skip
    assert {f.name for f in fields(Mapping)} == {
        "columns", "platform", "partial_below", "day_first", "keep_tests", "keep_duplicates", "mode",
    }  # fmt: skip
    column = ColumnMap(
        "Q7", "item", "fair", (("ja", "5"), ("nein", "1")), ("9", "weiss nicht"), ("98",), ("97",), ("x",), flip=True
    )
    told = sheet(small_wave(), record(Mapping((column, ColumnMap("psu", "psu")), keep_tests=True)))
    assert told["Column Q7"] == (
        "item fair; dont know: 9, weiss nicht; refused: 98; not applicable: 97; leave out: x; "
        "recoded: ja to 5, nein to 1; scale turned round"
    )
    assert told["Column psu"] == "psu"


def test_rules_for_rows_are_stated_even_where_they_left_nobody_out() -> None:
    told = sheet(small_wave(), record())
    assert told["Test answers and previews"] == "left out"
    assert told["Rows given twice"].startswith("left out")
    assert "less than 50 %" in told["Partial answers"]
    told = sheet(small_wave(), record(replace(MAPPING, partial_below=0.0, keep_tests=True, keep_duplicates=True)))
    assert (told["Test answers and previews"], told["Rows given twice"], told["Partial answers"]) == ("kept",) * 3


def test_rows_read_and_left_out_add_up() -> None:
    report = Report("qualtrics", 1095, (("test answers and previews", 3), ("same id", 6)))
    told = sheet(small_wave(report=report), record())
    assert told["Recognised as"] == "qualtrics"
    assert (told["Rows read"], told["Rows kept"]) == ("1,095", "1,086")
    assert told["Left out: test answers and previews"] == "3"


def test_every_notice_of_the_import_is_there() -> None:
    rows = method_rows(picture([small_wave()], 0, STUDY), None)
    assert ("Noticed", "A note.") in rows


def test_the_file_is_named_by_its_digest_and_its_corrections() -> None:
    rows = method_rows(picture([small_wave()], 0, STUDY), record(reasons=("new file", "census of 2026")))
    told = dict(rows)
    assert (told["File"], told["SHA-256 of the file"], told["Status"]) == ("answers.csv", "ab" * 32, "released")
    assert [text for subject, text in rows if subject == "Corrected because"] == ["new file", "census of 2026"]


def test_every_index_says_what_it_is_made_of() -> None:
    told = sheet(small_wave())
    assert told["Index trust"] == "Trust index: mean of respect, safety; needs 2 of 2"
    assert told["Index respect"] == "Respect: mean of fair, rude; needs 2 of 2"
    wave = small_wave()
    fewer = replace(wave, answers=wave.answers[["safe"]], missing=wave.missing[["safe"]])
    assert "Index trust" not in sheet(fewer)


# --- what it says is true ---------------------------------------------------------------------------------------


def test_numbers_about_weights_are_those_of_the_verbs() -> None:
    wave = raked(small_wave(n=300), 0.7)
    told, numbers = sheet(wave), diagnostics(wave)
    assert told["Design effect of the weights (Kish)"] == f"{numbers['deff']:.3f}"
    assert told["Effective number of answers (Kish)"] == f"{numbers['n_eff']:,.1f}"
    low, high = (float(part) for part in told["Weights relative to their mean"].split(" to "))
    assert low == pytest.approx((wave.weights / wave.weights.mean()).min(), abs=5e-4)
    assert high == pytest.approx((wave.weights / wave.weights.mean()).max(), abs=5e-4)
    assert float(told["Largest relative misfit of a margin"]) < 1e-10


@pytest.mark.parametrize(
    ("base", "text"), [([1.0, 1.0], "none: every answer counts the same"), ([1.0, 2.0], "as in the file")]
)
def test_without_raking_it_says_what_counts(base: list[float], text: str) -> None:
    wave = small_wave(n=60)
    told = sheet(replace(wave, design=replace(wave.design, weights=np.tile(base, 30))))
    assert told["Weights"] == text
    assert "Margins" not in told
    assert told["Variance"] == "Taylor linearisation"


def test_opt_in_and_probability_samples() -> None:
    assert "model-based" in sheet(small_wave())["Selection"]
    assert sheet(small_wave(probability=True))["Selection"] == "probability sample"


def test_the_design_is_told_as_it_is() -> None:
    wave = small_wave(n=60)
    assert sheet(wave)["Design"] == "1 stratum, every answer a sampling unit, without finite population correction"
    strata = np.repeat([0, 1], 30)
    design = Design(np.ones(60), strata, np.arange(60) // 3, np.full(60, 500.0), lonely="average")
    told = sheet(replace(wave, design=design))
    assert told["Design"] == "2 strata, 20 sampling units, with finite population correction"
    assert told["Strata with a single sampling unit"] == "given the mean variance of the others"


def test_raked_weights_say_that_the_variance_knows_of_them() -> None:
    assert "calibration residuals" in sheet(raked(small_wave(n=200)))["Variance"]


def test_levels_say_from_which_waves_they_are() -> None:
    waves = [
        small_wave(f"Q{k}", n=90, seed=k, start=date(2025, 3 * k - 2, 1), end=date(2025, 3 * k, 28))
        for k in range(1, 5)
    ]
    told = sheet(waves)
    assert told["Districts"] == "From the wave Q4."
    assert "last 4 waves (Q1 to Q4)" in told["Wards"]
    assert "each wave a stratum" in told["Waves taken together"]
    assert "Waves taken together" not in sheet(waves[:1])


def test_breaks_are_named() -> None:
    old = small_wave("Q1")
    new = small_wave("Q2", seed=2, wording={**old.wording, "safe": "Do you feel safe after dark?"})
    told = sheet([old, new])
    assert told["Break in safety"] == "not asked in the same way from Q2 on; not compared across it"
    assert "Break in respect" not in told


def test_the_rules_of_disclosure_are_those_in_force() -> None:
    told = sheet(small_wave())
    assert f"fewer than {RULES.people} people" in told["Hidden"]
    assert f"fewer than {RULES.answers} answers" in told["Withheld"]
    assert f"fewer than {RULES.caution} answers" in told["Caution"]
    assert "6 points (shares: 10)" in told["Caution"]


def test_invented_data_is_called_invented() -> None:
    assert sheet(small_wave(), study=replace(STUDY, sample=True))["Study"] == "Town (invented sample data)"
    assert sheet(small_wave())["Study"] == "Town"


def test_versions_are_stated() -> None:
    told = sheet(small_wave())
    for package in ("numpy", "scipy", "pandas"):
        assert re.fullmatch(r"\d+\.\d+.*", told[package])
    assert told["trustsurvey"]


def test_fieldwork() -> None:
    assert sheet(small_wave())["Fieldwork"] == "April to June 2026"
    assert sheet(small_wave(start=None, end=None))["Fieldwork"] == "dates not in the file"


# --- and gives nobody away ----------------------------------------------------------------------------------------


def with_modes(*counts: int) -> Wave:
    names = ["web", "phone", "paper"][: len(counts)]
    wave = small_wave(n=sum(counts))
    return replace(wave, people=wave.people.assign(mode=pd.Categorical(np.repeat(names, counts))))


def test_the_shares_of_modes_do_not_count_a_rare_one() -> None:
    assert sheet(with_modes(60, 40))["Interview mode"] == "web 60 %, phone 40 %"
    told = sheet(with_modes(97, 3))["Interview mode"]
    assert told == "web, phone (shares not shown: one is rare)"
    assert "Interview mode" not in sheet(small_wave())


def test_no_row_holds_an_id_or_an_answer() -> None:
    wave = small_wave(n=200)
    told = " ".join(f"{subject} {statement}" for subject, statement in sheet(wave, record()).items())
    assert not any(name in told for name in wave.people["respondent"])
    assert not any(text in told for text in wave.comments["text"])


def test_every_row_is_text() -> None:
    for subject, statement in method_rows(picture([raked(small_wave(n=200))], 0, STUDY), record()):
        assert isinstance(subject, str)
        assert isinstance(statement, str)
        assert subject
        assert statement
        assert "nan" not in statement.split()


def test_it_is_said_in_the_readers_language_and_filed_in_english() -> None:
    wave = rake(small_wave(n=300), margins_of(district={"East": 480, "West": 520}), bounds=(0.25, 4.0))
    report = Report("qualtrics", 320, (("answered less than 50% of the questions put to everyone", 20),))
    shown, entry = picture([replace(wave, report=report)], 0, STUDY), record(reasons=("new file",))
    english = method_rows(shown, entry, microdata=True)
    with speaking("es"):
        spanish, filed = method_rows(shown, entry, microdata=True), picture_tables(shown, entry, microdata=True)
    # What the study, its files and its packages are called stays as it is.
    same = {one for one, other in zip(english, spanish, strict=True) if one[0] == other[0]}
    assert {subject for subject, _statement in same} == {
        "Districts",
        "Wards",
        "trustsurvey",
        "numpy",
        "scipy",
        "pandas",
    }
    said = {one[1]: other[1] for one, other in zip(english, spanish, strict=True)}
    kept = {one for one, other in said.items() if one == other}
    assert {"new file", "answers.csv", "qualtrics", "district", "300"} <= kept
    assert not {one for one in kept if re.search(r"[a-z]+ [a-z]+ [a-z]+", one)}
    assert ("Se dejaron fuera: respondió menos de 50% de las preguntas hechas a todas las personas", "20") in spanish
    assert filed["Method"].iloc[: len(english)].to_numpy().tolist() == [[*row] for row in english]


def test_the_sheet_of_the_sample_study(sample_seen: Path) -> None:
    store = Store.open()
    (slug,) = [study.slug for study in store.studies()]
    shown = load_picture(store, slug)
    last = store.waves(slug)[-1]
    told, columns = dict(method_rows(shown, last)), column_rows(last.mapping)
    store.close()
    assert told["Study"].endswith("(invented sample data)")
    assert told["Margins"] == "district, age, sex, ethnicity"
    assert told["Break in sa"].startswith("not asked in the same way from 2025 Q3 on")
    assert len(columns) > 40
    assert {f"Index {index.key}" for index in shown.wave.instrument.indices} <= set(told)
    assert INSTRUMENT.name not in told.values()
