"""The analyst's questions on the command line: what they print, what they refuse, what they keep to themselves."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from conftest import Told
from stores import INSTRUMENT, STUDY, put, small_wave
from test_export_tables import planted, weighted
from test_tabulate import QUARTERS

from trustsurvey import workbench
from trustsurvey.cli.lines import number
from trustsurvey.model import Study
from trustsurvey.store import Store
from trustsurvey.workbench import Finding
from trustsurvey.workflow import load_waves

ASKED = {
    "trend": ["--measure", "trust", "--by", "ward", "--by", "sex"],
    "gaps": ["--measure", "safe", "--by", "ward", "--adjust", "sex"],
    "invariance": ["--measure", "trust", "--by", "sex"],
    "scales": [],
    "test": ["--by", "ward", "--measure", "trust", "--pairs"],
    "regress": ["--measure", "safe", "--with", "respect", "--with", "ward"],
    "drivers": ["--measure", "safe", "--with", "respect", "--with", "ward"],
    "plan": ["--measure", "trust", "--by", "ward", "--change", "5", "--width", "3"],
    "missing": [],
}


@pytest.fixture
def town(own_home: Path) -> Store:
    """Three quarters with seven residents of Docks and four of the sex "x" in each."""
    store = Store.open()
    store.create_study(STUDY)
    for k, (start, end) in enumerate(QUARTERS[:3]):
        wave = replace(weighted(planted(k + 1)), start=start, end=end)
        put(store, wave, f"d{k}")
        store.save_weighting("town", wave)
    return store


@pytest.mark.parametrize("command", ASKED)
def test_each_question_is_answered(command: str, town: Store, run: Callable[..., Told]) -> None:
    told = run(command, "town", *ASKED[command])
    assert (told.code, told.err) == (0, "")
    assert told.out.strip()
    assert "Empty DataFrame" not in told.out
    assert "NaN" not in told.out
    assert not re.search(r"\d[eE]\+\d", told.out), "numbers of people are written out"
    assert not re.search(r"\b(respondents?|significant|worst)\b", told.out)


@pytest.mark.parametrize("command", ASKED)
def test_as_csv_it_is_the_table_alone_without_small_numbers(
    command: str, town: Store, run: Callable[..., Told]
) -> None:
    told = run(command, "town", *ASKED[command], "--csv")
    assert (told.code, told.err) == (0, "")
    if command == "invariance":
        assert not told.out.strip()  # two parts leave nothing to check
        return
    table = pd.read_csv(io.StringIO(told.out.lstrip("\ufeff")))
    assert len(table)
    if "n" in table:
        assert not (table["n"] < 10).any()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["trend", "town"], "--measure"),
        (["trend", "town", "--measure", "joy"], "No wave has 'joy'"),
        (["trend", "town", "--measure", "trust", "--by", "planet"], "No wave has 'planet'"),
        (["trend", "town", "--measure", "trust", "--wave", "Q1"], "more waves"),
        (["gaps", "town", "--measure", "trust"], "--by"),
        (["gaps", "town", "--measure", "joy", "--by", "sex"], "no measure 'joy'"),
        (["gaps", "town", "--measure", "trust", "--by", "planet"], "'planet'"),
        (["gaps", "town", "--measure", "trust", "--by", "respondent"], "'respondent'"),
        (["gaps", "town", "--measure", "trust", "--by", "district", "--adjust", "district"], "cannot be adjusted"),
        (["invariance", "town", "--measure", "trust", "--by", "source_row"], "'source_row'"),
        (["scales", "town", "--measure", "joy"], "'joy'"),
        (["drivers", "town", "--measure", "safe"], "--with"),
        (["drivers", "town", "--measure", "trust", "--with", "safe"], "same questions"),
        (["drivers", "town", "--measure", "safe", "--with", "respondent"], "'respondent'"),
        (["test", "town"], "--measure with --null"),
        (["test", "town", "--by", "ward", "--answers", "safe", "--measure", "trust"], "one thing"),
        (["test", "town", "--by", "ward", "--answers", "trust"], "single question"),
        (["test", "town", "--by", "sex", "--measure", "trust"], "may be shown"),
        (["test", "town", "--by", "ward", "--by", "planet"], "'planet'"),
        (["test", "town", "--by", "ward", "--answers", "safe", "--statistic", "t"], "--statistic"),
        (["regress", "town", "--measure", "safe"], "--with"),
        (["regress", "town", "--measure", "safe", "--with", "respondent"], "'respondent'"),
        (["regress", "town", "--measure", "safe", "--with", "ward", "--reference", "Mill"], "age=18-29"),
        (
            ["regress", "town", "--measure", "safe", "--with", "trust", "--with", "respect", "--family", "logistic"],
            "without error",
        ),
        (["areas", "town", "--measure", "trust", "--by", "sex"], "no area level 'sex'"),
        (["areas", "town", "--measure", "trust", "--by", "ward"], "too few areas"),
        (["areas", "town", "--measure", "trust", "--by", "ward", "--wave", "Q1", "--year"], "No rolling year"),
        (["areas", "town", "--measure", "trust", "--by", "ward", "--covariates", "/no/such.csv"], "no such file"),
        (["plan", "town", "--measure", "trust", "--change", "0"], "not above 0"),
        (["plan", "town", "--measure", "trust", "--change", "many"], "--change"),
        (["plan", "town", "--measure", "trust", "--by", "planet"], "'planet'"),
        (["missing", "nowhere"], "There is no study"),
        (["missing", "town", "--wave", "Q9"], "'Q1', 'Q2'"),
    ],
    ids=lambda value: " ".join(value)[:60] if isinstance(value, list) else "",
)
def test_what_is_wrong_is_said_in_one_line(
    refused: Callable[..., str], town: Store, arguments: list[str], words: str
) -> None:
    assert words in refused(*arguments)


def test_a_bare_study_is_told_what_is_lacking(refused: Callable[..., str], run: Callable[..., Told]) -> None:
    store = Store.open()
    store.create_study(Study("town", "Town", INSTRUMENT))
    wave = small_wave("Q1", n=200)
    put(store, replace(wave, people=wave.people[["respondent", "source_row"]], areas=(), groups=()))
    assert "no areas and no groups" in refused("gaps", "town", "--measure", "trust", "--by", "sex")
    assert "no areas" in refused("areas", "town", "--measure", "trust", "--by", "ward")
    assert "no population" in refused("missing", "town")
    assert run("plan", "town", "--measure", "trust").code == 0


def test_an_answer_without_a_table_is_a_sentence(town: Store, run: Callable[..., Told]) -> None:
    told = run("invariance", "town", *ASKED["invariance"])
    assert told.out == (
        "Not shown. There are fewer than three questions, asked in the same way, to compare; "
        "that leaves nothing to check.\n"
    )


def test_what_is_hidden_is_not_printed(town: Store, run: Callable[..., Told]) -> None:
    told = run("drivers", "town", *ASKED["drivers"]).out
    assert "Groups too small to show count together with those who did not say" in told
    assert "ward" in told
    assert "Mill" not in told


@pytest.mark.parametrize(
    ("arguments", "answer"),
    [
        (["--by", "ward", "--answers", "safe"], lambda w, s: workbench.answers_by_group(w, 2, s, "safe", "ward")),
        (["--by", "ward", "--answers", "safe", "--statistic", "adjWald"],
         lambda w, s: workbench.answers_by_group(w, 2, s, "safe", "ward", "adjWald")),
        (["--by", "district", "--by", "ward"], None),
        (["--by", "district", "--measure", "trust"],
         lambda w, s: workbench.means_by_group(w, 2, s, "trust", "district")),
        (["--by", "ward", "--measure", "trust", "--pairs", "--adjust-for", "bh"],
         lambda w, s: workbench.means_by_group(w, 2, s, "trust", "ward", True, "bh")),
        (["--measure", "trust", "--null", "50"], lambda w, s: workbench.mean_against(w, 2, s, "trust", 50.0)),
    ],
)  # fmt: skip
def test_what_a_test_prints_is_the_packages(
    arguments: list[str], answer: Callable[..., Finding] | None, town: Store, run: Callable[..., Told]
) -> None:
    told = run("test", "town", *arguments, "--csv")
    if answer is None:  # wards lie within districts: too many combinations that nobody is in
        assert told.code == 2
        return
    printed = pd.read_csv(io.StringIO(told.out.lstrip("\ufeff")))
    ours = answer(*load_waves(town, "town")).table
    pd.testing.assert_frame_equal(printed, ours.reset_index(drop=True), check_dtype=False)
    assert run("test", "town", *arguments).out.endswith(".\n")


def test_what_a_regression_prints_is_the_packages(town: Store, run: Callable[..., Told]) -> None:
    waves, study = load_waves(town, "town")
    for family, with_, reference in (("linear", "respect", {}), ("logistic", "district", {"district": "West"})):
        more = [f"{name}={level}" for name, level in reference.items()]
        told = run("regress", "town", "--measure", "safe", "--with", with_, "--family", family,
                   *(word for text in more for word in ("--reference", text)), "--csv")  # fmt: skip
        ours = workbench.regression(waves, 2, study, "safe", [with_], family, reference).table  # type: ignore[arg-type]
        pd.testing.assert_frame_equal(pd.read_csv(io.StringIO(told.out.lstrip("\ufeff"))), ours, check_dtype=False)


def test_two_groupings_need_the_right_to_single_answers(
    town: Store, refused: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trustsurvey.cli.rights.allowed", lambda person, action, thing="": False)
    assert "Crossed tables need the right to single answers" in refused("test", "town", "--by", "ward", "--by", "sex")


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.12345678, "0.1235"), (54.321, "54.32"), (997.0, "997"), (24680.0, "24680"), (1234567.0, "1234567"),
     (-12345.6, "-12346"), (1e-9, "1e-09")],
)  # fmt: skip
def test_numbers_of_people_are_written_out(value: float, text: str) -> None:
    assert number(value) == text
