"""Doubtful answers: one answer throughout, long runs, haste. Told and looked at, never dropped."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

from trustsurvey.harmonise.quality import doubts, flags, hasty, longest_run, straight
from trustsurvey.instruments import parse_instrument

GRID = parse_instrument(
    "items:\n"
    + "".join(f"  a{j}: {{text: A{j}, scale: agree5{', reverse: true' if j in (3, 6) else ''}}}\n" for j in range(1, 9))
    + "".join(f"  s{j}: {{text: S{j}, scale: sat5}}\n" for j in range(1, 7))
    + "indices: {all: {parts: [a1, a2, a3]}}\n"
)
NAMES = [f"a{j}" for j in range(1, 9)]
N = np.nan


def rows(*answers: list[float]) -> pd.DataFrame:
    return pd.DataFrame(list(answers), columns=NAMES, dtype=float)


# --- one answer throughout ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "flat"),
    [
        ([4] * 8, True),
        ([3] * 8, True),
        ([4] * 7 + [5], False),
        ([4, 4, 2, 4, 4, 2, 4, 4], False),  # agrees with all that speaks for the police
        ([4, N, 4, N, 4, N, 4, 4], True),  # five answered, one of them reversed
        ([4, N, 4, N, 4, N, 4, N], False),  # four answered
        ([4, 4, N, 4, 4, N, 4, 4], False),  # no reversed one answered
        ([N] * 8, False),
    ],
)
def test_the_same_answer_to_statements_worded_both_ways(answers: list[float], flat: bool) -> None:
    assert straight(rows(answers), GRID).tolist() == [flat]


def test_only_the_reversed_statements_answered_is_no_pattern() -> None:
    turned = parse_instrument(
        "items:\n"
        + "".join(f"  a{j}: {{text: A{j}, scale: agree5{', reverse: true' if j > 1 else ''}}}\n" for j in range(1, 9))
        + "indices: {all: {parts: [a1, a2, a3]}}\n"
    )
    assert not straight(rows([N, 4, 4, 4, 4, 4, 4, 4]), turned).any()
    assert straight(rows([4, 4, 4, 4, 4, 4, 4, 4]), turned).all()


def test_a_grid_worded_one_way_says_nothing() -> None:
    same = pd.DataFrame([[5.0] * 6], columns=[f"s{j}" for j in range(1, 7)])
    assert not straight(same, GRID).any()
    assert longest_run(same, GRID)["run"].tolist() == [0]
    assert not flags(same, GRID).any(axis=None)


# --- runs -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "run", "half", "middle"),
    [
        ([4] * 8, 8, True, False),
        ([3] * 8, 8, True, True),
        ([1, 4, 4, 4, 4, 4, 2, 1], 5, True, False),
        ([1, 2, 4, 4, 4, 4, 2, 1], 4, False, False),
        ([4, 4, 1, 5, 2, 1, 2, 2], 0, False, False),  # two equal ones, both worded one way
        ([1, 5, 5, 1, 3, 3, 3, 1], 3, False, True),
        ([4, 4, 4, N, 4, 4, 4, 4], 4, False, False),
        ([N] * 8, 0, False, False),
    ],
)
def test_runs_over_statements_worded_both_ways(answers: list[float], run: int, half: bool, middle: bool) -> None:
    told = longest_run(rows(answers), GRID).iloc[0]
    assert (told["run"], told["half"], told["middle"]) == (run, half, middle)


@settings(max_examples=60)
@given(st.lists(st.sampled_from([1.0, 2.0, N]), min_size=8, max_size=8))
def test_runs_by_hand(answers: list[float]) -> None:
    reverse = [name in ("a3", "a6") for name in NAMES]
    runs = [
        stop - start
        for start in range(8)
        for stop in range(start + 1, 9)
        if len(set(answers[start:stop])) == 1
        and not np.isnan(answers[start])
        and any(reverse[start:stop])
        and not all(reverse[start:stop])
    ]
    assert longest_run(rows(answers), GRID)["run"].tolist() == [max(runs, default=0)]
    if straight(rows(answers), GRID)[0] and not np.isnan(answers).any():
        assert longest_run(rows(answers), GRID)["half"][0]


# --- haste ----------------------------------------------------------------------------------------


def test_a_third_of_the_median_is_hasty() -> None:
    seconds = np.r_[np.full(20, 300.0), 99.9, 100.0, 5.0, np.nan]
    assert hasty(seconds).tolist() == [False] * 20 + [True, False, True, False]
    assert not hasty(seconds[[0] * 18 + [22]]).any()  # nineteen known times
    assert hasty(seconds[[0] * 19 + [22]]).sum() == 1
    assert not hasty(np.full(30, np.nan)).any()
    assert not hasty(np.zeros(0)).any()


# --- together -------------------------------------------------------------------------------------


def test_flags_stand_beside_the_answers_row_by_row() -> None:
    answers = rows([4] * 8, [1, 4, 4, 4, 4, 4, 2, 1], [5, 4, 2, 4, 5, 1, 4, 4], *[[4, 5, 2, 4, 4, 1, 5, 4]] * 20)
    answers.index = np.arange(23) + 100
    seconds = np.r_[300.0, 300, 20, np.full(20, 250.0)]
    table = flags(answers, GRID, seconds)
    assert list(table.columns) == ["straight", "long_string", "fast"]
    assert table.index.equals(answers.index)
    assert table.iloc[:4].to_numpy().tolist() == [
        [True, True, False], [False, True, False], [False, False, True], [False, False, False]
    ]  # fmt: skip
    assert list(flags(answers, GRID).columns) == ["straight", "long_string"]
    notices = {doubt.notice.code: doubt.notice.text for doubt in doubts(answers, GRID, seconds, None)}
    assert notices["quality.speed"].startswith("1 answers")
    assert notices["quality.straight"].startswith("1 residents")
    assert doubts(answers.iloc[2:], GRID, seconds[3:], None) == []


def test_no_rows_have_no_flags() -> None:
    assert flags(rows().iloc[:0], GRID).shape == (0, 2)
