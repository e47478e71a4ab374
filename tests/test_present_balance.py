"""What weights did, in sentences, tables and pictures: as the numbers have it, and nobody to be recognised."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, strategies as st
from stores import raked, small_wave
from test_present_words import NEVER

from trustsurvey.disclosure.crossed import protect_margins
from trustsurvey.model import Design
from trustsurvey.present import balance
from trustsurvey.weighting.diagnostics import category_weights, diagnostics, kish
from trustsurvey.weighting.trimming import trim

WEIGHTS = st.lists(st.floats(0.01, 30), min_size=1, max_size=300)


def report(**changes: Any) -> pd.DataFrame:
    """A margin report past the gate; few people are of sex x."""
    usual: dict[str, Any] = {
        "variable": ["sex"] * 3 + ["age_band"] * 2, "category": ["f", "m", "x", "18-29", "30+"],
        "n": [60.0, 40.0, np.nan, 20.0, 80.0], "before": [0.6, 0.4, np.nan, 0.2, 0.8],
        "target": [0.51, 0.48, 0.01, 0.5, 0.5], "after": [0.51, 0.48, 0.01, 0.5, 0.5],
    }  # fmt: skip
    return pd.DataFrame(usual | changes)


def plain(sentence: str) -> None:
    assert not NEVER.search(sentence), sentence
    assert not re.search(r"\bNone\b.*%|nan|\b1 answers|  ", sentence), sentence


# --- what it cost -------------------------------------------------------------------------------------------


def test_the_design_effect_and_the_effective_number_are_told_in_words() -> None:
    told = balance.cost_words({"n": 1019.0, "deff": 1.76, "n_eff": 579.0})
    assert "1,019 answers tell about as much as 579 that all count the same" in told
    assert "33 % wider" in told  # the square root of 1.76 less 1
    plain(told)


def test_weights_that_cost_nothing_and_weights_that_cost_half() -> None:
    assert balance.cost_words({"n": 1.0, "deff": 1.0, "n_eff": 1.0}).endswith("cost next to nothing: 1 answer.")
    assert "more than half" not in balance.cost_words({"n": 100.0, "deff": 2.0, "n_eff": 50.0})
    assert "more than half of the answers lost" in balance.cost_words({"n": 100.0, "deff": 2.1, "n_eff": 47.6})


@given(WEIGHTS)
def test_the_cost_of_any_weights_is_a_sentence(weights: list[float]) -> None:
    deff, n_eff = kish(np.array(weights))
    plain(balance.cost_words({"n": float(len(weights)), "deff": deff, "n_eff": n_eff}))


# --- limits ---------------------------------------------------------------------------------------------------


def test_without_limits_none_was_cut_off() -> None:
    told = balance.limits_words({"bounds": None}, {"n": 100.0, "at_bounds": 0.0}, 1.0)
    assert told == "No limit was set on how much one answer may count, and none was cut off."


def test_what_was_trimmed_is_told_with_what_it_did_to_the_population() -> None:
    wave = trim(raked(replace(small_wave(n=300), design=Design.simple(300, np.linspace(1, 2, 300))), 0.7), 0.6, 1.5)
    assert wave.weighting is not None
    cut = wave.weighting.settings["trimmed"]
    told = balance.limits_words(wave.weighting.settings, diagnostics(wave), float(wave.weights.mean()))
    assert "below 0.6 times and above 1.5 times the average" in told
    assert f"{round(100 * cut['share'])} % of answers were beyond" in told
    assert f"{round(100 * cut['moved'])} % of all weight was spread over the others" in told
    assert f"by at most {round(100 * cut['misfit'])} % of a group" in told
    plain(told)


def test_one_limit_alone_and_a_few_people_beyond() -> None:
    settings = {"trimmed": {"lower": None, "upper": 30.0, "share": 0.004, "moved": 0.001, "misfit": 0.0}}
    told = balance.limits_words(settings, {"n": 1000.0}, 10.0)
    assert told == (
        "Weights were cut off above 3 times the average: fewer than 10 answers were beyond, and under 1 % of all "
        "weight was spread over the others."
    )


@pytest.mark.parametrize(
    ("on", "share", "words"),
    [
        ("mean", 0.12, "between 0.2 times and 5 times the average: 12 % of answers are at one"),
        ("base", 0.0, "between 0.2 times and 5 times its weight in the file: none are at one"),
    ],
)
def test_limits_within_which_the_population_is_matched(on: str, share: float, words: str) -> None:
    told = balance.limits_words({"bounds": (0.2, 5.0), "bounds_on": on}, {"n": 500.0, "at_bounds": share}, 1.0)
    assert words in told
    assert told.endswith("The population is matched all the same.")


def test_how_many_categories_were_merged_into_how_many() -> None:
    merged = {"age_band": {"a + b": ["a", "b"], "c + d + e": ["c", "d", "e"]}, "sex": {}}
    assert balance.merged_words(merged) == (
        "5 categories with few answers were taken together into 2: age band: a, b; age band: c, d, e."
    )
    assert balance.merged_words({}) == balance.merged_words({"sex": {}}) == ""


# --- whose answers count most -------------------------------------------------------------------------------------


def test_how_much_an_answer_of_a_category_counts() -> None:
    wave = raked(small_wave(n=300), 0.8)
    assert wave.weighting is not None
    ours = balance.carriers(wave.weighting.report)
    theirs = category_weights(wave).set_index("category").loc[wave.weighting.report["category"], "mean"]
    np.testing.assert_allclose(ours, theirs)


def test_nothing_is_told_of_a_hidden_category_or_of_one_that_is_shown_alone() -> None:
    times = balance.carriers(report())
    assert np.isnan(times[2])
    np.testing.assert_allclose(times[[0, 1]], [0.51 / 0.99 / 0.6, 0.48 / 0.99 / 0.4])
    alone = report(n=[60.0, np.nan, np.nan, 20.0, 80.0], before=[0.6, np.nan, np.nan, 0.2, 0.8])
    assert balance.carriers(alone)[:3].isna().all()
    assert "sex x" not in balance.carriers_words(report())


def test_whose_answers_count_most_and_least() -> None:
    assert balance.carriers_words(report()) == (
        "Answers count most from: age band 18-29 (2.5 times the average). "
        "Answers count least from: age band 30+ (0.6 times the average)."
    )
    even = report(after=report()["before"].fillna(0.0))
    assert balance.carriers_words(even) == "No group's answers count much more or less than the average."
    assert balance.carriers_words(report().head(0)) == balance.carriers_words(even)


def test_margins_are_told_in_percent_and_small_numbers_are_not_told() -> None:
    table = balance.margin_table(report())
    assert table.iloc[0].tolist() == ["sex", "f", "60", "60 %", "51 %", "51 %", "0.9 times"]
    assert table.iloc[2].tolist() == ["sex", "x", "too few people", "too few people", "1 %", "1 %", ""]
    assert table.iloc[4, 0] == "age band"
    assert balance.margin_table(report(n=1234.0))["Answers"][0] == "1,234"


def test_a_report_past_the_gate_is_told_and_drawn() -> None:
    wave = raked(small_wave(n=300), 0.8)
    assert wave.weighting is not None
    shown = protect_margins(wave.weighting.report, wave)
    assert "Answers count most from: district East" in balance.carriers_words(shown)
    assert len(balance.margins(shown).data) == 3


# --- pictures -------------------------------------------------------------------------------------------------------


def test_margins_before_and_after() -> None:
    figure = balance.margins(report())
    assert [trace.name for trace in figure.data] == ["population", "before weighting", "after weighting"]
    assert figure.layout.showlegend
    before = figure.data[1]
    hidden = list(before.y).index("sex: x")
    assert before.hovertext[hidden] == "too few people"
    assert np.isnan(before.x[hidden])
    assert figure.layout.xaxis.range[0] == 0
    assert max(80.0, *before.x[~np.isnan(before.x)]) <= figure.layout.xaxis.range[1] <= 100


def test_no_margins_and_hidden_ones_alone_are_drawn() -> None:
    for rows in (report().head(0), report(before=np.nan, target=np.nan, after=np.nan)):
        assert np.isfinite(balance.margins(rows).layout.xaxis.range).all()


@given(WEIGHTS)
def test_no_part_of_the_weights_stands_for_fewer_than_ten_people(weights: list[float]) -> None:
    relative = np.array(weights) / np.mean(weights)
    spread = balance.steps(relative)
    assert len(spread) == max(1, min(20, len(weights) // 10))
    assert list(spread["mean"]) == sorted(spread["mean"])
    people = np.diff([0.0, *spread["upto"]]) * len(weights)
    assert len(spread) == 1 or people.min() >= 10 - 1e-9
    assert spread["share"].sum() == pytest.approx(1)
    assert spread["upto"].iloc[-1] == pytest.approx(1)
    (bars,) = balance.spread_chart(spread).data
    assert list(bars.y) == list(spread["mean"])
    assert bars.x[-1] == "100 %"
    assert len(balance.spread_table(spread)) == len(spread)
    plain(balance.spread_words(spread))


def test_the_last_twentieth_and_what_it_carries() -> None:
    relative = np.append(np.full(190, 0.5), np.full(10, 10.5))
    spread = balance.steps(relative)
    told = balance.spread_words(spread)
    assert "The last twentieth counts 10.5 times the average and carries 53 % of all weight" in told
    assert balance.spread_table(spread).iloc[-1].tolist() == ["95 to 100 %", "10.50 times", "52.5 %"]
    assert "The last of 4 equal parts" in balance.spread_words(balance.steps(np.ones(49)))
    assert balance.spread_words(balance.steps(np.ones(19))).startswith("There are too few answers")


def test_the_bars_stand_on_zero_beside_the_average() -> None:
    figure = balance.spread_chart(balance.steps(np.ones(300)))
    assert figure.layout.yaxis.rangemode == "tozero"
    assert figure.layout.shapes[0].y0 == 1
    assert figure.layout.xaxis.type == "category"
    labels = [figure.data[0].x[k] for k in figure.layout.xaxis.tickvals]
    assert sorted(labels, key=lambda v: int(v.split()[0])) == ["20 %", "40 %", "60 %", "80 %", "100 %"]
