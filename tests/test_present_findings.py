"""Sentences about areas and groups: no more than the numbers say, in words that anyone reads at once."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
import pytest
from builders import margins_of
from hypothesis import given, strategies as st
from stores import STUDY, small_wave
from test_present_words import NEVER
from test_tabulate import quarters

from trustsurvey import workbench
from trustsurvey.comparison.representation import representation
from trustsurvey.model import Wave
from trustsurvey.present import findings
from trustsurvey.scales.scoring import score
from trustsurvey.weighting.weigh import rake

SHARES = st.floats(1e-6, 1 - 1e-6)


def plain(sentence: str) -> None:
    assert sentence[0].isupper()
    assert sentence.endswith(".")
    assert not NEVER.search(sentence), sentence
    assert "  " not in sentence
    assert "100 %" not in sentence
    assert not re.search(r"\b0 %", sentence), sentence
    assert not re.search(r"(?<!than )\b1 points\b", sentence), sentence
    assert not re.search(r"\d\.\d", sentence), sentence


def lowest(**probability: float) -> pd.DataFrame:
    return pd.DataFrame({"area": list(probability), "probability": list(probability.values()), "k": 2, "flag": ""})


def against(diff: float, half: float, **more: Any) -> dict[str, Any]:
    verdict = "up" if diff > 0 else "down"
    return {"verdict": verdict, "diff": diff, "lci": diff - half, "uci": diff + half, **more}


def heard(**columns: Any) -> pd.DataFrame:
    n = len(next(iter(columns.values())))
    usual: dict[str, Any] = {
        "variable": ["age"] * n, "category": [f"g{k}" for k in range(n)], "n": [100.0] * n, "base": [1 / n] * n,
        "population": [1 / n] * n, "ratio": [1.0] * n, "per_1000": [12.3] * n, "worth": [80.0] * n,
        "more_30": [0.0] * n, "more_50": [0.0] * n, "hidden": [False] * n,
    }  # fmt: skip
    return pd.DataFrame(usual | columns)


# --- lowest ---------------------------------------------------------------------------------------------


def test_areas_are_named_with_their_probability_the_surest_first() -> None:
    told = findings.lowest_words(lowest(Mill=0.71, Docks=0.92, Park=0.3), "Wards")
    assert told.endswith(": Docks (92 %), Mill (71 %).")
    plain(told)


def test_no_area_is_surely_among_the_lowest() -> None:
    told = findings.lowest_words(lowest(Docks=1.0, Mill=0.996, Park=0.99), "Wards")
    assert "lowest fifth (2 of 3)" in told
    assert "Docks (over 99 %), Mill (over 99 %), Park (99 %)" in told


def test_the_numbers_behind_keep_the_order_of_the_areas_and_rank_nobody() -> None:
    table = findings.lowest_table(lowest(Docks=0.2, Mill=0.999, Park=0.0).assign(flag=["", "", "synthetic"]))
    assert table.to_numpy().tolist() == [
        ["Docks", "20 %", "its answers and the model"],
        ["Mill", "over 99 %", "its answers and the model"],
        ["Park", "under 1 %", "the model alone"],
    ]
    assert "2 lowest" in table.columns[1]


@pytest.mark.parametrize("table", [lowest(), lowest(Docks=0.2), lowest(Docks=0.499)])
def test_where_none_is_probable_none_is_named(table: pd.DataFrame) -> None:
    told = findings.lowest_words(table, "ZIP codes")
    assert told == "None of the ZIP codes can be said to be among the lowest fifth."
    plain(told)


def test_the_lowest_fifth_of_a_few_is_the_lowest() -> None:
    few = lowest(Mill=0.4, Docks=0.3).assign(k=1)
    assert findings.lowest_words(few, "Wards") == "None of the wards can be said to be the lowest."
    assert findings.lowest_table(few.assign(flag="")).columns[1] == "How probably the lowest"


# --- gaps to everyone -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("diff", "half", "words"),
    [
        (7.2, 3.6, "Higher than everyone together by 7 points, likely between 4 and 11."),
        (-7.2, 3.6, "Lower than everyone together by 7 points, likely between 4 and 11."),
        (1.2, 1.0, "Higher than everyone together by 1 point, likely by up to 2."),
        (-0.4, 0.3, "Lower than everyone together by less than 1 point, likely by up to 1."),
        (0.2, 0.1, "Higher than everyone together by less than 1 point, likely by less than 1."),
    ],
)
def test_a_gap_is_told_with_its_range(diff: float, half: float, words: str) -> None:
    assert findings.gap_words(against(diff, half)) == words
    plain(words)


@given(st.floats(0.01, 90), st.floats(0.001, 0.999))
def test_a_gap_and_its_mirror_are_told_alike(diff: float, part: float) -> None:
    up, down = findings.gap_words(against(diff, part * diff)), findings.gap_words(against(-diff, part * diff))
    assert up.replace("Higher", "Lower") == down
    plain(up)
    assert "up to 0" not in up


def test_those_that_differ_come_the_clearest_first() -> None:
    table = pd.DataFrame({"level": list("abcd"), "verdict": ["up", "none", "down", "withheld"],
                          "p_adj": [0.04, 0.5, 0.001, np.nan]})  # fmt: skip
    assert findings.differing(table)["level"].tolist() == ["c", "a"]
    assert findings.differing(table.head(0)).empty


def gaps(**verdict: str) -> pd.DataFrame:
    """Rows of ``against_everyone`` or of a change, five points up or down unless none."""
    size = {"up": 5.0, "down": -5.0, "none": 1.0}
    diff = np.array([size.get(v, np.nan) for v in verdict.values()])
    return pd.DataFrame({"level": list(verdict), "verdict": list(verdict.values()), "diff": diff, "lci": diff - 3,
                         "uci": diff + 3, "p_adj": np.linspace(0.01, 0.02, len(diff))})  # fmt: skip


def test_every_group_that_differs_is_told_or_counted() -> None:
    few = findings.gaps_words(gaps(a="up", b="none", c="down", d="withheld"))
    assert [name for name, _ in few] == ["a", "c"]
    assert few[1][1] == "Lower than everyone together by 5 points, likely between 2 and 8."
    many = findings.gaps_words(gaps(**dict.fromkeys("abcdefgh", "up")))
    assert [name for name, _ in many] == [*"abcde", ""]
    assert many[-1][1] == "And 3 more; see the numbers."


def test_where_no_group_differs_that_is_said_and_where_none_could_be_compared_that() -> None:
    assert findings.gaps_words(gaps(a="none", b="withheld")) == [
        ("", "None detectably differs from everyone together.")
    ]
    ((_, told),) = findings.gaps_words(gaps(a="withheld", b="guarded"))
    assert told == "There are too few answers to compare any of these with everyone together."


def test_the_numbers_behind_a_chart_say_how_each_differs() -> None:
    table = pd.DataFrame({"": ["a", "b", "c", "d", "e"], "Score": list("12345")})
    told = findings.with_gaps(table, gaps(b="none", a="down", d="guarded", c="withheld"))["Against everyone"]
    assert told.tolist() == [
        "-5, likely -8 to -2", "no detectable difference (+1, likely -2 to +4)", "",
        "not compared, to protect a small group", "",
    ]  # fmt: skip


# --- change -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (gaps(a="none", b="none"), "No detectable change in any of the districts since Q1."),
        (gaps(a="none", b="withheld"), "No detectable change in any of the districts that can be compared since Q1."),
        (gaps(a="withheld", b="guarded"), "There are too few answers to compare any of the districts with Q1."),
        (gaps(a="break", b="withheld"), "Not comparable with Q1: some questions were asked in other words."),
    ],
)
def test_where_nothing_changed_only_what_was_compared_is_claimed(rows: pd.DataFrame, told: str) -> None:
    assert findings.changes_words(rows, "Q1", "districts") == [("", told)]
    plain(told)


def test_changes_are_told_with_their_ranges_the_clearest_first() -> None:
    told = findings.changes_words(gaps(a="none", b="up", c="down"), "Q1", "districts")
    assert told == [("b", "Higher by 5 points than in Q1, likely between 2 and 8."),
                    ("c", "Lower by 5 points than in Q1, likely between 2 and 8.")]  # fmt: skip
    many = findings.changes_words(gaps(**dict.fromkeys("abcdefg", "down")), "Q1", "districts")
    assert many[-1] == ("", "And 2 more; see the numbers.")


# --- what could have been seen ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("detectable", "words"),
    [([4.2, 6.0, 9.9], "a change of 6 points"), ([0.6], "a change of 1 point or"), ([1.0], "a change of 1 point or"),
     ([0.0], "a change of 1 point or"), ([3.0, np.nan, np.inf], "a change of 3 points")],
)  # fmt: skip
def test_what_is_typical_is_a_whole_number_of_points(detectable: list[float], words: str) -> None:
    told = findings.typical_words(pd.DataFrame({"detectable": detectable}), "neighbourhoods")
    assert words in told
    assert told.startswith("In half of the neighbourhoods")
    plain(told)


@pytest.mark.parametrize("detectable", [[], [np.nan], [np.inf, np.nan]])
def test_nothing_is_typical_of_nothing(detectable: list[float]) -> None:
    assert findings.typical_words(pd.DataFrame({"detectable": detectable}, dtype=float), "Wards") == ""


# --- who is heard ---------------------------------------------------------------------------------------------


def test_the_least_heard_are_named_with_both_shares() -> None:
    table = heard(variable=["age_band", "sex"], category=["18-29", "m"], base=[0.09, 0.4], population=[0.24, 0.5],
                  ratio=[0.375, 0.79])  # fmt: skip
    told = findings.heard_words(table)
    assert "age band 18-29 (9 % of answers, 24 % of residents); sex m (40 % of answers, 50 % of residents)" in told
    plain(told)


def test_three_are_named_at_most() -> None:
    told = findings.heard_words(heard(ratio=[0.5, 0.4, 0.3, 0.2], base=[0.1] * 4, population=[0.25] * 4))
    assert [name for name in ("g0", "g1", "g2", "g3") if name in told] == ["g1", "g2", "g3"]


def test_shares_are_never_told_as_none_or_all() -> None:
    told = findings.heard_words(heard(ratio=[0.2, 0.3], base=[0.004, 0.3], population=[0.02, 0.999]))
    assert "(under 1 % of answers, 2 % of residents)" in told
    assert "over 99 % of residents" in told
    plain(told)


@given(SHARES)
def test_a_share_between_none_and_all_is_told_as_one(share: float) -> None:
    assert findings.share_words(share) not in ("0 %", "100 %")


def test_even_answers_are_said_to_be_even() -> None:
    told = findings.heard_words(heard(ratio=[0.9, 1.1]))
    assert told == "No group answered much less than its share of residents."


def test_nothing_is_said_of_groups_that_are_hidden() -> None:
    # The hidden ones may be those that answered least.
    told = findings.heard_words(heard(ratio=[np.nan, 1.0], hidden=[True, False]))
    assert told == "No group that can be shown answered much less than its share of residents."


@pytest.mark.parametrize("table", [heard(ratio=[np.nan, np.nan]), heard(ratio=[1.0]).head(0)])
def test_without_a_population_nobody_is_said_to_be_heard_enough(table: pd.DataFrame) -> None:
    assert findings.heard_words(table) == "There is no population to hold the answers against."
    assert findings.needed_words(table) == ""
    assert len(findings.heard_table(table)) == len(table)


def test_interviews_are_asked_for_where_answers_are_worth_too_few() -> None:
    told = findings.needed_words(heard(more_30=[0.0, 12.0, 1200.0, np.nan]))
    assert told == "Interviews needed before a score can be told: age g2, about 1,200 more; age g1, about 12 more."
    plain(told)
    assert findings.needed_words(heard(more_30=[0.0, np.nan])) == ""


# --- the table behind it ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def wave() -> Wave:
    return quarters(1)[0]


def test_the_table_tells_of_no_few_people(wave: Wave) -> None:
    found = workbench.who_is_missing([wave], 0, STUDY, None).table
    table = findings.heard_table(found)
    hidden = found["hidden"].to_numpy()
    assert hidden.any()
    assert not hidden.all()
    assert set(table.loc[hidden, "Answers"]) == {"not shown"}
    assert (table.loc[hidden, ["Of answers", "Of residents", "Worth"]] == "").all(axis=None)
    assert (table.loc[~hidden, "Answers"].str.replace(",", "").astype(int) >= 10).all()


def test_a_category_alone_is_not_all_that_is_shown(wave: Wave) -> None:
    table = findings.heard_table(workbench.who_is_missing([wave], 0, STUDY, None).table)
    assert "100 %" not in set(table["Of answers"]) | set(table["Of residents"])
    assert table.loc[table["Group"] == "m", "Of answers"].item() == ""
    assert table.loc[table["Group"] == "East", "Of residents"].item() == "40 %"


def test_sentences_of_a_weighted_wave_are_plain(wave: Wave) -> None:
    found = representation(wave, hidden=())
    plain(findings.heard_words(found))
    one = rake(score(small_wave(n=80)), margins_of(district={"East": 1.0, "West": 1.0}))
    plain(findings.heard_words(representation(one, hidden=())))


def test_a_range_without_0_that_is_no_change_among_many_is_explained() -> None:
    rows = pd.DataFrame({"verdict": ["none", "down"], "lci": [-9.0, -20.0], "uci": [1.0, -8.0]})
    assert findings.many_words(rows) == ""
    assert "some differ by chance" in findings.many_words(rows.assign(uci=[-1.0, -8.0]))
