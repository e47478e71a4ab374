"""The Analyst page: every question opens, and its command line is accepted and gives the same table."""

from __future__ import annotations

import io
import shlex
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import Told
from stores import INSTRUMENT, put, small_wave
from streamlit.testing.v1 import AppTest
from test_pages import app, select, words
from test_pages_language import all_of, english

from trustsurvey import language
from trustsurvey.model import Study
from trustsurvey.store import Store
from trustsurvey.ui.questions import QUESTIONS


def ask(question: str, **query: str) -> AppTest:
    test = app("analyst", **query)
    return select(test, "Question").set_value(question).run()


def same_table(test: AppTest, run: Callable[..., Told]) -> None:
    """Fail unless the command line that the page shows prints the table that the page shows."""
    (code,) = test.code
    first, *rest = shlex.split(code.value)
    assert first == "trustsurvey"
    told = run(*rest, "--csv")
    assert told.code == 0, told  # Streamlit's test runner logs to standard error beside it
    shown = test.dataframe[0].value
    printed = pd.read_csv(io.StringIO(told.out.lstrip("\ufeff")), keep_default_na=False, na_values=[""])
    assert len(shown) == len(printed) > 0
    assert set(shown.columns) <= set(printed.columns)
    for column in shown.columns:
        ours, theirs = shown[column].reset_index(drop=True), printed[column]
        if pd.api.types.is_numeric_dtype(ours) and not pd.api.types.is_bool_dtype(ours):
            np.testing.assert_allclose(ours.astype(float), theirs.astype(float), rtol=1e-9, atol=1e-9)
        else:
            texts = ([("" if pd.isna(v) else str(v)) for v in values] for values in (ours, theirs))
            assert len(set(map(tuple, texts))) == 1, column
    left_out = [column for column in printed if column not in shown]
    assert printed[left_out].isna().all(axis=None) if left_out else True


@pytest.mark.parametrize("question", [
    "Tests: do answers, means or groups differ?", "A regression",
    "What can be detected, and how many interviews are needed",
])  # fmt: skip
def test_a_question_is_asked_and_answered_in_the_language_of_the_page(question: str, sample_seen: Path) -> None:
    test = app("analyst", lang="es")
    box = select(test, "Pregunta")
    assert not set(box.options) & set(QUESTIONS)
    with language.speaking("es"):
        box.set_value(question).run()
    assert not test.exception
    assert not test.error
    shown = all_of(test)
    assert "Lo mismo en la l\u00ednea de comandos:" in shown
    assert [pattern.pattern for pattern in english() if pattern.search(shown)] == []


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_question_opens_and_the_command_line_answers_alike(
    question: str, sample_seen: Path, run: Callable[..., Told]
) -> None:
    test = ask(question)
    assert not test.exception
    assert not test.error
    assert len(test.dataframe) >= 1
    for table in test.dataframe:
        if "n" in table.value:
            assert not (table.value["n"] < 10).any()
    same_table(test, run)
    told = words(test)
    if test.get("plotly_chart"):
        assert "95 % intervals" in told or "the share of residents" in told
    assert "respondents" not in told
    assert "significant" not in told


def table_of(stat: str, **chosen: object) -> AppTest:
    """The table's form with a statistic and further choices by label, run after each."""
    test = ask("A table of scores or shares")
    select(test, "What is told").set_value(stat).run()
    for label, value in chosen.items():
        select(test, label.replace("_", " ")).set_value(value).run()
    return test


def test_choices_of_a_table_are_in_its_command(sample_seen: Path, run: Callable[..., Told]) -> None:
    test = table_of("positive", How_its_error_is_found="bootstrap")
    test.multiselect[1].set_value(["district", "age"])
    test.run()
    test.checkbox[0].check().run()
    assert not test.exception
    assert "--by 'district x age'" in test.code[0].value
    assert "--stat positive --variance bootstrap" in test.code[0].value
    assert "Errors come from" in words(test)
    same_table(test, run)


@pytest.mark.parametrize(
    ("stat", "said"),
    [
        ("answers", "--measure pj1 --by district --stat answers"),
        ("number", "--measure people --by district --stat number"),
        ("total", "--stat total"), ("ratio", "--stat ratio --over"), ("median", "--stat median"),
        ("dont-know", "--stat dont-know"),
    ],
)  # fmt: skip
def test_every_statistic_has_a_table_a_picture_and_a_command(
    stat: str, said: str, sample_seen: Path, run: Callable[..., Told]
) -> None:
    test = table_of(stat)
    assert not test.exception
    assert not test.error
    assert said in test.code[0].value
    assert len(test.get("plotly_chart")) == 1
    same_table(test, run)


def test_replicates_have_choices_of_their_own(sample_seen: Path) -> None:
    test = table_of("mean", How_its_error_is_found="fay", Strata_with_more_than_two_units="merge")
    assert "--variance fay --large merge" in test.code[0].value
    assert "They leave 1 degrees of freedom at most" in words(test)
    test = table_of("mean", How_its_error_is_found="bootstrap")
    test.number_input[0].set_value(60).run()
    test.number_input[1].set_value(9).run()
    assert "--variance bootstrap --count 60 --seed 9" in test.code[0].value


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("means", "--measure trust"),
        ("null", "--measure trust --null 50"),
        ("groups", "--by district --by neighbourhood"),
    ],
)
def test_each_test_has_a_table_and_a_command(kind: str, said: str, sample_seen: Path, run: Callable[..., Told]) -> None:
    test = ask("Tests: do answers, means or groups differ?")
    select(test, "What may differ").set_value(kind).run()
    assert not test.exception
    assert said in test.code[0].value
    if kind == "groups":  # neighbourhoods lie within districts
        select(test, "And").set_value("sex").run()
    assert not test.error
    same_table(test, run)


def test_two_groupings_are_offered_to_those_who_may_cross(sample_seen: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trustsurvey.rights.allowed", lambda person, action, thing="": action != "download microdata")
    test = ask("Tests: do answers, means or groups differ?")
    assert [kind.split(",")[0] for kind in select(test, "What may differ").options] == [
        "the answers to a question", "the mean of a score", "the mean of a score",
    ]  # fmt: skip


def test_a_logistic_regression_is_drawn_by_odds(sample_seen: Path, run: Callable[..., Told]) -> None:
    test = ask("A regression")
    select(test, "Of").set_value("logistic").run()
    assert not test.exception
    assert "--family logistic" in test.code[0].value
    assert "odds_ratio" in test.dataframe[0].value
    assert len(test.get("plotly_chart")) == 1
    same_table(test, run)


def test_changes_are_adjusted_as_asked(sample_seen: Path, run: Callable[..., Told]) -> None:
    test = ask("What changed since the wave before")
    select(test, "Several tests at once hold down").set_value("holm").run()
    assert test.code[0].value.endswith("--changes --adjust-for holm")
    assert "Holm" in words(test)
    same_table(test, run)


def test_a_table_of_a_rolling_year(sample_seen: Path, run: Callable[..., Told]) -> None:
    test = ask("A table of scores or shares")
    test.checkbox[1].check().run()
    assert test.code[0].value.endswith("--year")
    same_table(test, run)


def test_a_table_of_nothing_named_is_one_of_all_indices(sample_seen: Path, run: Callable[..., Told]) -> None:
    test = ask("A table of scores or shares")
    test.multiselect[0].set_value([]).run()
    assert "--measure" not in test.code[0].value
    assert test.dataframe[0].value["measure"].nunique() > 1
    same_table(test, run)


def test_an_older_wave_is_named_in_the_command(sample_seen: Path, run: Callable[..., Told]) -> None:
    test = ask("The trend over waves", wave="2025 Q3")
    assert "--wave '2025 Q3'" in test.code[0].value
    same_table(test, run)


def test_a_median_with_a_jackknife_is_refused_in_a_sentence(sample_seen: Path) -> None:
    test = table_of("median", How_its_error_is_found="jackknife")
    assert not test.exception
    assert "A jackknife does not serve medians" in words(test)
    assert len(test.dataframe) == 0


def test_crossed_tables_need_the_right_to_single_answers(sample_seen: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trustsurvey.rights.allowed", lambda person, action, thing="": action != "download microdata")
    test = ask("A table of scores or shares")
    test.multiselect[1].set_value(["district", "age"]).run()
    assert test.checkbox[0].label == "Cross them"
    assert test.checkbox[0].disabled


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_study_of_bare_answers_gets_a_table_or_a_sentence(question: str, own_home: Path) -> None:
    store = Store.open()
    store.create_study(Study("town", "Town", INSTRUMENT))
    wave = small_wave("Q1", n=200)
    put(store, replace(wave, people=wave.people[["respondent", "source_row"]], areas=(), groups=()))
    test = ask(question)
    assert not test.exception
    assert len(test.code) == 1
    if test.error:
        assert len(test.error) == 1
        assert "None" not in words(test)
    else:
        assert test.dataframe or "Not shown" in words(test)
