"""Regressions that an analyst asks for: the package's numbers, and none that tell of a few people."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from builders import refusal, row_of
from stores import STUDY, small_wave
from test_tabulate import quarters
from test_workbench import NEVER, crowd

from trustsurvey import workbench
from trustsurvey.estimation.regression import regress
from trustsurvey.model import Wave
from trustsurvey.scales.scoring import positive, score
from trustsurvey.workbench import Finding

HIDE = ["est", "se", "lci", "uci", "t", "p"]


@pytest.fixture(scope="module")
def year() -> list[Wave]:
    """Seven residents of Docks and four of the sex "x" in each wave."""
    return quarters()


def plain(found: Finding) -> None:
    for sentence in found.told[:-1]:  # the caution that closes it speaks of causes to rule them out
        assert not NEVER.search(sentence), sentence
        assert sentence.endswith("."), sentence


def test_a_linear_regression_is_the_packages() -> None:
    wave = crowd()
    found = workbench.regression([wave], 0, STUDY, "safe", ["fair", "sex"])
    theirs = regress(wave, "safe", ["fair", "sex"])
    assert found.table["predictor"].tolist() == ["(intercept)", "fair", "sex"]
    pd.testing.assert_frame_equal(found.table.drop(columns="predictor"), theirs.table(), check_dtype=False)
    assert found.more is not None
    test = theirs.test("sex")
    assert row_of(found.more, predictor="sex")["f"] == pytest.approx(test.f)
    assert row_of(found.more, predictor="sex")["p"] == pytest.approx(test.p)
    assert found.told[0] == f"Points of safe, {theirs.n:,} complete answers."
    assert "Categories are held against sex 'f'." in found.told
    assert found.told[-1].startswith("What goes with trust need not bring it about")
    plain(found)


def test_a_logistic_regression_tells_odds_ratios() -> None:
    wave = crowd()
    found = workbench.regression([wave], 0, STUDY, "safe", ["fair", "sex"], "logistic", {"sex": "m"})
    frame = positive(wave, ["safe"]).set_axis(["y"], axis=1)
    theirs = regress(wave, "y", ["fair", "sex"], family="logistic", reference={"sex": "m"}, numbers=frame).table()
    np.testing.assert_allclose(found.table["est"], theirs["est"])
    rows = found.table[found.table["predictor"] != "(intercept)"]
    np.testing.assert_allclose(rows["odds_ratio"], np.exp(theirs["est"][1:]))
    np.testing.assert_allclose(rows["or_uci"], np.exp(theirs["uci"][1:]))
    assert rows["term"].tolist() == ["fair", "sex=f"]
    assert "Categories are held against sex 'm'." in found.told
    plain(found)


def test_numbers_are_predictors() -> None:
    wave = crowd()
    size = np.where(np.arange(600) % 50 == 0, np.nan, 1.0 + np.arange(600) % 4)
    wave = replace(wave, people=wave.people.assign(household=size))
    found = workbench.regression([wave], 0, STUDY, "safe", ["household", "sex"])
    assert found.table["term"].tolist() == ["(intercept)", "household", "sex=m"]
    assert any(re.match(r"\d+ residents with a missing answer", s) for s in found.told)


def test_groups_too_small_to_show_count_together(year: list[Wave]) -> None:
    found = workbench.regression(year, 1, STUDY, "safe", ["respect", "ward", "sex"])
    assert set(found.table["term"]) == {"(intercept)", "respect", "ward=Hill", "ward=others", "sex=others"}
    assert found.table[HIDE].notna().all(axis=None)
    assert found.told[-1].startswith("Groups too small to show count together")
    plain(found)


def test_a_category_with_a_few_complete_answers_is_a_few() -> None:
    wave = crowd()
    answers = wave.answers.copy()
    answers["safe"] = answers["safe"].fillna(3.0)
    answers.loc[np.flatnonzero(wave.people["sex"] == "m")[7:], ["fair", "rude"]] = np.nan
    wave = score(replace(wave, answers=answers, missing=answers.isna().astype("int8"), scores=None))
    found = workbench.regression([wave], 0, STUDY, "safe", ["fair", "sex"])
    # Beside the seven the others are hidden, too: all of them together are everyone.
    assert set(found.table["term"]) == {"(intercept)", "fair"}


def test_coefficients_of_a_category_with_a_few_complete_answers_are_left_out() -> None:
    wave = crowd()
    size = np.where(np.isin(np.arange(600), np.flatnonzero(wave.people["sex"] == "m")[7:]), np.nan, np.arange(600) % 4)
    wave = replace(wave, people=wave.people.assign(household=size))
    found = workbench.regression([wave], 0, STUDY, "safe", ["household", "sex"])
    secret = found.table["predictor"].isin(["sex", "(intercept)"])
    assert found.table.loc[secret, HIDE].isna().all(axis=None)
    assert found.table.loc[~secret, HIDE].notna().all(axis=None)
    assert any(s == "Coefficients of 'sex' are not shown, to protect a small group." for s in found.told)


def test_no_small_category_is_refused(year: list[Wave]) -> None:
    """All seven of Docks said 1: that nobody there answered positively would be told by a refusal of that term."""
    found = workbench.regression(year, 1, STUDY, "safe", ["ward"], "logistic")
    assert "ward=Docks" not in set(found.table["term"])


def test_a_large_category_that_tells_the_outcome_is_named() -> None:
    wave = crowd()
    answers = wave.answers.assign(safe=np.where(wave.people["sex"] == "m", 5.0, wave.answers["safe"]))
    wave = score(replace(wave, answers=answers, scores=None))
    with refusal("regress.separation", "sex=m"):
        workbench.regression([wave], 0, STUDY, "safe", ["sex"], "logistic")


def test_what_rests_on_the_same_questions_is_said() -> None:
    found = workbench.regression([crowd()], 0, STUDY, "trust", ["fair", "sex"])
    assert "'fair' and the outcome rest on the same questions and go together for that reason." in found.told
    apart = workbench.regression([crowd()], 0, STUDY, "safe", ["fair"])
    assert not any("same questions" in s for s in apart.told)


def test_what_others_tell_already_is_left_out_and_said() -> None:
    wave = crowd()
    assert wave.scores is not None
    found = workbench.regression([wave], 0, STUDY, "safe", ["fair", "rude", "respect"])
    assert any(s.startswith("Left out, since others tell them already: 'respect'") for s in found.told)
    assert "respect" not in set(found.table["term"])


@pytest.mark.parametrize(
    ("outcome", "predictors", "more", "code", "words"),
    [
        ("joy", ["sex"], {}, "estimate.measure", "'joy'"),
        ("safe", ["planet"], {}, "estimate.by", "'planet'"),
        ("safe", ["respondent"], {}, "estimate.by", "'respondent'"),
        ("safe", ["safe"], {}, "regress.predictors", "'safe'"),
        ("safe", [], {}, "regress.predictors", "nothing"),
        ("trust", ["sex"], {"family": "logistic"}, "regress.items", "'safe'"),
        ("safe", ["sex"], {"reference": {"sex": "y"}}, "regress.reference", "sex 'y'"),
        ("safe", ["fair"], {"reference": {"sex": "f"}}, "regress.term", "'sex'"),
        ("safe", ["sex"], {"family": "cubic"}, "regress.family", "'cubic'"),
    ],
)  # fmt: skip
def test_what_cannot_be_fitted_is_refused(
    outcome: str, predictors: list[str], more: dict[str, object], code: str, words: str
) -> None:
    with refusal(code, words):
        workbench.regression([crowd()], 0, STUDY, outcome, predictors, **more)  # type: ignore[arg-type]


def test_too_few_answers_make_no_regression() -> None:
    with refusal("regress.few", "too few complete answers"):
        workbench.regression([score(small_wave(n=25))], 0, STUDY, "safe", ["fair"])
