"""Tests that an analyst asks for: the package's numbers, among those whose number is shown, told in a sentence."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from builders import refusal, row_of
from stores import STUDY, small_wave
from test_tabulate import quarters
from test_workbench import ALONE, NEVER, crossed_wave, crowd

from trustsurvey import workbench
from trustsurvey.comparison.multiplicity import benjamini_hochberg, holm
from trustsurvey.estimation.association import difference_test, independence, mean_test
from trustsurvey.estimation.regression import regress
from trustsurvey.model import Wave
from trustsurvey.scales.scoring import score
from trustsurvey.workbench import Finding
from trustsurvey.workbench.finding import on_df, p_words


@pytest.fixture(scope="module")
def year() -> list[Wave]:
    """Seven residents of Docks and four of the sex "x" in each wave."""
    return quarters()


def split(n: int = 900) -> Wave:
    """Four wards without a small cell, in two of which people feel safer."""
    wave = small_wave("Q1", n=n, seed=6)
    safer = wave.people["ward"].isin(["Park", "Hill"]).to_numpy()
    answers = wave.answers.assign(safe=np.where(safer, np.minimum(wave.answers["safe"] + 1, 5), wave.answers["safe"]))
    sex = pd.Categorical.from_codes(np.arange(n) % 2, ["f", "m"])
    return score(replace(wave, answers=answers, people=wave.people.assign(sex=sex)))


def plain(found: Finding) -> None:
    for sentence in found.told:
        assert not NEVER.search(sentence), sentence
        assert sentence.endswith("."), sentence


# --- independence ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("statistic", ["F", "Chisq", "Wald", "adjWald"])
def test_answers_by_group_are_tested_as_the_package_does(statistic: str) -> None:
    wave = split()
    found = workbench.answers_by_group([wave], 0, STUDY, "safe", "ward", statistic)  # type: ignore[arg-type]
    with_answers = replace(wave, people=wave.people.assign(safe=pd.Categorical(wave.answers["safe"])))
    theirs = independence(with_answers, "ward", "safe", statistic=statistic)  # type: ignore[arg-type]
    (row,) = found.table.to_dict("records")
    assert (row["statistic"], row["p"], row["df"], row["n"]) == (
        pytest.approx(theirs.statistic), pytest.approx(theirs.p), pytest.approx(theirs.df[0]), theirs.n,
    )  # fmt: skip
    assert "go together" in found.told[0]
    plain(found)


def test_beside_the_test_stands_the_share_of_each_answer() -> None:
    found = workbench.answers_by_group([split()], 0, STUDY, "safe", "ward")
    assert found.more is not None
    park = found.more[found.more["level"] == "Park"]
    assert park["measure"].tolist() == [f"safe: {k}" for k in range(1, 6)]
    assert park["est"].sum() == pytest.approx(1)


def test_groups_whose_number_is_hidden_take_no_part(year: list[Wave]) -> None:
    found = workbench.answers_by_group(year, 1, STUDY, "safe", "ward")
    wave = year[1]
    assert found.told[-1] == "Left out of ward, to protect a small group: 'Docks', 'Mill'."
    assert found.table["n"].iloc[0] == wave.people["ward"].isin(["Park", "Hill"]).sum()
    assert found.more is not None
    assert found.more.loc[found.more["level"].isin(["Docks", "Mill"]), ["est", "n"]].isna().all(axis=None)
    with refusal("test.few", "'sex'", "may be shown"):
        workbench.answers_by_group(year, 1, STUDY, "safe", "sex")  # "x" has four, and "m" guards them


def test_what_the_few_answered_moves_no_digit(year: list[Wave]) -> None:
    wave = year[1]
    answers = wave.answers.copy()
    answers.loc[(wave.people["ward"] == "Docks").to_numpy()] = 5.0
    other = score(replace(wave, answers=answers, scores=None))
    for ask in (
        lambda w: workbench.answers_by_group([w], 0, STUDY, "safe", "ward"),
        lambda w: workbench.means_by_group([w], 0, STUDY, "trust", "ward", pairs=True),
    ):
        one, two = ask(wave), ask(other)
        assert one.told == two.told
        pd.testing.assert_frame_equal(one.table, two.table, rtol=1e-12)


def test_two_groupings_are_tested_as_the_package_does() -> None:
    wave = crossed_wave([[40, 60], [70, 80], [90, 50], [60, 65]])
    found = workbench.two_groupings([wave], 0, ALONE, "ward", "sex")
    theirs = independence(wave, "ward", "sex")
    (row,) = found.table.to_dict("records")
    assert (row["statistic"], row["p"], row["ddf"]) == (
        pytest.approx(theirs.statistic), pytest.approx(theirs.p), pytest.approx(theirs.df[1]),
    )  # fmt: skip
    plain(found)


@pytest.mark.parametrize(
    ("counts", "bound"),
    [([[4, 60], [70, 80], [90, 50], [60, 65]], 0.001), ([[9, 11], [70, 80], [90, 90], [60, 65]], 1.0)],
)
def test_a_small_combination_leaves_a_bound_of_p_alone(counts: list[list[int]], bound: float) -> None:
    wave = crossed_wave(counts)
    found = workbench.two_groupings([wave], 0, ALONE, "ward", "sex")
    (row,) = found.table.to_dict("records")
    assert row["p_at_most"] == bound
    assert "p" not in row
    assert pd.isna([row[name] for name in ("statistic", "df", "ddf", "deff", "n")]).all()
    assert not re.search(r"F = |\d{3}", found.told[0].replace("0.001", ""))
    plain(found)


def test_levels_hidden_on_both_sides_leave_a_bound_alone(year: list[Wave]) -> None:
    """The number of those left would tell how many are hidden on both sides at once."""
    people = year[1].people.assign(
        sex=pd.Categorical.from_codes(np.where(np.arange(997) < 8, 3, np.arange(997) % 3), ["f", "m", "d", "x"])
    )
    wave = replace(year[1], people=people, weighting=None)
    found = workbench.two_groupings([wave], 0, STUDY, "ward", "sex")
    assert found.table["n"].isna().all()
    assert list(found.table["p_at_most"])
    assert [s.split(",")[0] for s in found.told[1:3]] == ["Left out of ward", "Left out of sex"]


# --- means ------------------------------------------------------------------------------------------------------


def test_means_are_tested_as_the_package_does() -> None:
    wave = split()
    found = workbench.means_by_group([wave], 0, STUDY, "safe", "ward", pairs=True)
    whole = row_of(found.table, test="Wald F")
    theirs = regress(wave, "safe", ["ward"]).test("ward")
    assert (whole["statistic"], whole["df"], whole["ddf"], whole["p"]) == (
        pytest.approx(theirs.f), theirs.df, theirs.ddf, pytest.approx(theirs.p),
    )  # fmt: skip
    pairs = found.table[found.table["test"] == "t"]
    assert len(pairs) == 6
    t = difference_test(wave, "safe", "ward", ("Park", "Mill"))
    row = row_of(pairs, of="Mill less Park")
    assert (row["est"], row["se"], row["p"], row["df"]) == pytest.approx((t.est, t.se, t.p, t.df))
    np.testing.assert_allclose(pairs["p_adj"], holm(pairs["p"].to_numpy()))
    other = workbench.means_by_group([wave], 0, STUDY, "safe", "ward", pairs=True, adjust="bh").table
    np.testing.assert_allclose(other["p_adj"][1:], benjamini_hochberg(pairs["p"].to_numpy()))
    assert "differs between groups" in found.told[0]
    plain(found)


def test_two_groups_are_held_against_one_another_unasked() -> None:
    found = workbench.means_by_group([crowd()], 0, STUDY, "trust", "sex")
    assert found.table["test"].tolist() == ["Wald F", "t"]
    f, t = found.table["statistic"]
    assert f == pytest.approx(t**2)
    assert "does not detectably differ" in found.told[0]
    assert len(workbench.means_by_group([split()], 0, STUDY, "trust", "ward").table) == 1


def test_a_mean_is_held_against_a_number() -> None:
    wave = split()
    found = workbench.mean_against([wave], 0, STUDY, "safe", 50.0)
    theirs = mean_test(wave, "safe", 50.0)
    (row,) = found.table.to_dict("records")
    assert (row["est"], row["lci"], row["statistic"], row["p"]) == pytest.approx(
        (theirs.est, theirs.lci, theirs.t, theirs.p)
    )
    plain(found)
    with refusal("test.few", "too few"):
        workbench.mean_against([score(small_wave(n=20))], 0, STUDY, "safe", 50.0)


@pytest.mark.parametrize(
    ("ask", "code"),
    [
        (lambda w: workbench.answers_by_group(w, 0, STUDY, "trust", "sex"), "test.items"),
        (lambda w: workbench.answers_by_group(w, 0, STUDY, "joy", "sex"), "estimate.measure"),
        (lambda w: workbench.answers_by_group(w, 0, STUDY, "safe", "respondent"), "estimate.by"),
        (lambda w: workbench.two_groupings(w, 0, STUDY, "sex", "planet"), "estimate.by"),
        (lambda w: workbench.means_by_group(w, 0, STUDY, "joy", "sex"), "estimate.measure"),
        (lambda w: workbench.mean_against(w, 0, STUDY, "joy", 1.0), "estimate.measure"),
    ],
)
def test_what_cannot_be_tested_is_refused(ask: object, code: str) -> None:
    with refusal(code):
        ask([crowd()])  # type: ignore[operator]


@pytest.mark.parametrize(("p", "text"), [(0.5, "p = 0.5000"), (0.0001, "p = 0.0001"), (0.0, "p is below 0.0001")])
def test_p_in_words(p: float, text: str) -> None:
    assert p_words(p) == text


def test_degrees_of_freedom_in_words() -> None:
    assert on_df(3.0) == "on 3 df"
    assert on_df(2.893, 1234567.0) == "on 2.89 and 1,234,567 df"
