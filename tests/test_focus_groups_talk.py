"""Talk: shares, how even they are, and who was not heard."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from focus_groups import drawn, heard
from hypothesis import given, settings, strategies as st

from trustsurvey.errors import SurveyError
from trustsurvey.focus_groups.heard import Heard
from trustsurvey.focus_groups.talk import evenness, gini, talk_by_group, talk_shares

AMOUNTS = st.lists(st.integers(0, 500), min_size=2, max_size=12).filter(any)

FOUND = heard(
    [
        ("A", "M", "one two three four"), ("A", "P1", "one two three four five six"), ("A", "P2", "one two"),
        ("A", "P3", "one"), ("A", "P1", "one two three"), ("A", "O1", "one two three four"),
        ("B", "P1", "one two"), ("B", "", "one two"),
    ],
    A="P1 P2 P3 P4", B="P9",
)  # fmt: skip


def test_by_hand() -> None:
    rows = talk_shares(FOUND).set_index(["group", "speaker"])
    assert rows.loc[("A", "P1"), "words"] == 9
    assert rows.loc[("A", "P1"), "turns"] == 2
    assert rows.loc[("A", "P1"), "share"] == pytest.approx(9 / 20)
    assert rows.loc[("A", "P1"), "of_even"] == pytest.approx(3)  # twelve words of four people
    assert np.isnan(rows.loc[("A", "M"), "of_even"])
    assert rows.loc["A", "heard"].to_dict() == {"M": "", "P1": "", "P2": "", "P3": "", "P4": "never", "O1": ""}
    assert talk_shares(FOUND, 0.5).set_index(["group", "speaker"]).loc[("A", "P3"), "heard"] == "hardly"
    assert rows["seconds"].isna().all()
    assert rows["seconds_share"].isna().all()


def test_nobody_is_called_silent_where_turns_have_no_name() -> None:
    rows = talk_shares(FOUND).set_index(["group", "speaker"])
    assert rows.loc[("B", "P9"), "heard"] == "not known"
    assert rows.loc[("B", ""), ["role", "words"]].tolist() == ["", 2]
    assert talk_by_group(FOUND)["never"].tolist() == [1, 0]


def test_groups_by_hand() -> None:
    row = talk_by_group(FOUND).iloc[0]
    assert row[["participants", "words", "never", "hardly"]].tolist() == [4, 20, 1, 0]
    assert row[["moderator", "officers", "participants_share"]].tolist() == pytest.approx([4 / 20, 4 / 20, 12 / 20])
    assert row["largest"] == pytest.approx(9 / 12)
    # mean difference of 0, 1, 2, 9 over all pairs of different people: (1 + 2 + 9 + 1 + 8 + 7) / 6; twice the mean: 6
    assert row["gini"] == pytest.approx(28 / 6 / 6)


def test_seconds_where_there_are_times() -> None:
    starts, lengths = np.arange(8) * 10.0, np.array([4, 6, 2, 0, 6, 2, 5, 5])
    timed = replace(FOUND, turns=FOUND.turns.assign(start=starts, end=starts + lengths))
    rows = talk_shares(timed).set_index(["group", "speaker"])
    assert rows.loc[("A", "P1"), "seconds"] == 12
    assert rows.loc[("A", "P1"), "seconds_share"] == pytest.approx(12 / 20)
    group = talk_by_group(timed).iloc[0]
    assert group["moderator_seconds"] == pytest.approx(4 / 20)
    assert group["gini_seconds"] == pytest.approx(gini(np.array([12.0, 2, 0, 0])))
    lost = timed.turns.assign(end=[4, np.nan, *timed.turns["end"][2:]])  # six of twenty words without a time
    assert talk_by_group(replace(timed, turns=lost))["moderator_seconds"].isna().tolist() == [True, False]


def test_a_part_that_is_none_is_refused() -> None:
    with pytest.raises(SurveyError):
        talk_shares(FOUND, 1.5)


def test_nobody_and_nothing() -> None:
    assert np.isnan([gini(np.zeros(3)), gini(np.ones(1)), evenness(np.zeros(3)), evenness(np.ones(1))]).all()
    mute = talk_by_group(heard([("A", "P1", "..."), ("A", "P2", "")]))
    assert mute[["gini", "evenness", "moderator", "largest"]].isna().all(axis=None)
    assert mute["never"].tolist() == [2]
    empty = Heard(FOUND.turns.iloc[:0])
    assert len(talk_shares(empty)) == len(talk_by_group(empty)) == 0


@given(AMOUNTS)
def test_inequality_runs_from_all_the_same_to_one_who_has_it_all(amounts: list[int]) -> None:
    x = np.array(amounts, dtype=float)
    n = len(x)
    pairs = np.abs(x[:, None] - x[None, :]).sum() / (n * (n - 1))
    assert gini(x) == pytest.approx(pairs / (2 * x.mean()), abs=1e-12)
    assert -1e-12 <= gini(x) <= 1 + 1e-12
    assert -1e-12 <= evenness(x) <= 1 + 1e-12
    assert gini(7 * x) == pytest.approx(gini(x))
    assert evenness(x[::-1]) == pytest.approx(evenness(x))
    alone = np.zeros(n)
    alone[-1] = 3
    assert (gini(alone), evenness(alone)) == pytest.approx((1, 0))
    assert (gini(np.full(n, 3.0)), evenness(np.full(n, 3.0))) == pytest.approx((0, 1))


@given(AMOUNTS, st.data())
def test_giving_a_word_to_somebody_who_said_less_makes_it_more_even(amounts: list[int], data: st.DataObject) -> None:
    """Pigou's and Dalton's principle of transfers."""
    x = np.sort(np.array(amounts, dtype=float))
    poor, rich = sorted(data.draw(st.lists(st.integers(0, len(x) - 1), min_size=2, max_size=2, unique=True)))
    if x[rich] - x[poor] >= 2:
        y = x.copy()
        y[rich] -= 1
        y[poor] += 1
        assert gini(y) < gini(x)
        assert evenness(y) > evenness(x)


@settings(max_examples=25)
@given(drawn())
def test_nobody_is_lost_and_shares_add_up(found: Heard) -> None:
    people, groups = talk_shares(found), talk_by_group(found)
    assert people["words"].sum() == found.words.sum()
    assert people["turns"].sum() == len(found.turns)
    named = people[people["speaker"] != ""]
    assert named[["group", "speaker", "role"]].to_numpy().tolist() == found.people.iloc[:, :3].to_numpy().tolist()
    for _, part in people.groupby("group"):
        assert part["share"].isna().all() or part["share"].sum() == pytest.approx(1)
    shares = ["moderator", "participants_share", "officers", "interpreters", "observers", "unnamed"]
    assert ((groups[shares].sum(axis=1) - 1).abs() < 1e-9)[groups["words"] > 0].all()
