"""What sets a group's words apart: the formula by hand, shrinkage, and nothing that few people say."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from trustsurvey.errors import SurveyError
from trustsurvey.text.distinguish import distinguishing, log_odds


def test_log_odds_are_those_of_the_formula_by_hand() -> None:
    """Two words, 8 and 2 times here, 3 and 7 times there, one of each added (Monroe et al. 2008, eqs. 16 and 20)."""
    delta, se = log_odds(np.array([8.0, 2.0]), np.array([3.0, 7.0]), np.array([1.0, 1.0]))
    assert delta[0] == pytest.approx(math.log((8 + 1) / (10 + 2 - 8 - 1)) - math.log((3 + 1) / (10 + 2 - 3 - 1)))
    assert se[0] == pytest.approx(math.sqrt(1 / 9 + 1 / 4))


def corpus() -> tuple[list[str], list[str]]:
    north = ["dark lamps street"] * 30 + ["street police"] * 30 + ["harbour street"] * 4
    south = ["street police"] * 50 + ["police parking"] * 12 + ["lamps police"] * 8
    return north + south, ["north"] * len(north) + ["south"] * len(south)


def test_a_table_follows_from_people_who_use_each_word() -> None:
    texts, groups = corpus()
    table = distinguishing(texts, groups).set_index(["group", "word"])
    used = {"dark": (30, 0), "lamps": (30, 8), "street": (64, 50), "police": (30, 70), "parking": (0, 12)}
    north, south = (sum(n[k] for n in used.values()) for k in (0, 1))
    a = 500 * np.array([sum(n) for n in used.values()]) / (north + south)
    y, prior = used["lamps"], a[1]
    by_hand = (math.log((y[0] + prior) / (north + 500 - y[0] - prior))
               - math.log((y[1] + prior) / (south + 500 - y[1] - prior)))  # fmt: skip
    row = table.loc[("north", "lamps")]
    assert row["log_odds"] == pytest.approx(by_hand)
    assert row["z"] == pytest.approx(by_hand / math.sqrt(1 / (y[0] + prior) + 1 / (y[1] + prior)))
    assert (row["side"], row["people"]) == ("more", 30)
    # What is more here is less there.
    assert table.loc[("south", "lamps"), "log_odds"] == pytest.approx(-by_hand)
    assert table.loc[("south", "lamps"), "side"] == "less"
    assert table.loc["north"]["z"].abs().is_monotonic_decreasing
    assert {"dark", "lamps"} < set(table.loc["north"].query("side == 'more'").index)


def test_a_word_of_fewer_than_ten_of_those_who_use_it_more_is_not_told() -> None:
    texts, groups = corpus()
    assert "harbour" not in set(distinguishing(texts, groups)["word"])
    # Ten people in all, nine of them here: still not told.
    texts, groups = [*texts, *["boats"] * 10], [*groups, *["north"] * 9, "south"]
    assert "boats" not in set(distinguishing(texts, groups)["word"])


def test_repeating_a_word_counts_once_and_a_stronger_prior_shrinks() -> None:
    texts, groups = corpus()
    again = [text.replace("dark", "dark dark dark") for text in texts]
    assert distinguishing(again, groups).equals(distinguishing(texts, groups))
    strong, weak = (distinguishing(texts, groups, prior=p).set_index(["group", "word"])["log_odds"] for p in (5e3, 5))
    assert (strong.abs() < weak.reindex(strong.index).abs()).all()


@settings(max_examples=20, deadline=None)
@given(st.floats(0.1, 50))
def test_the_unit_of_weights_makes_no_difference_but_unequal_ones_cost(unit: float) -> None:
    texts, groups = corpus()
    plain = distinguishing(texts, groups).set_index(["group", "word"])
    same = distinguishing(texts, groups, np.full(len(texts), unit)).set_index(["group", "word"])
    np.testing.assert_allclose(same["z"], plain["z"].reindex(same.index), rtol=1e-9)
    uneven = np.where(np.arange(len(texts)) % 2, 1.9, 0.1) * unit
    costly = distinguishing(texts, groups, uneven).set_index(["group", "word"])
    key = ("north", "dark")
    assert abs(costly.loc[key, "z"]) < abs(plain.loc[key, "z"])


def test_people_without_a_group_are_left_out_and_one_group_alone_has_no_rest() -> None:
    texts, groups = corpus()
    table = distinguishing([*texts, *["ferry"] * 40], [*groups, *[None] * 20, *[float("nan")] * 20])
    assert "ferry" not in set(table["word"])
    assert distinguishing(texts, ["all"] * len(texts)).empty
    assert distinguishing([], []).empty
    with pytest.raises(SurveyError, match="one group"):
        distinguishing(texts, groups[:-1])
