"""Emergence and saturation: against R vegan, by hand, and laws of the curve."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from focus_groups import drawn, heard
from hypothesis import given, settings, strategies as st

from trustsurvey.errors import SurveyError
from trustsurvey.focus_groups.heard import Heard
from trustsurvey.focus_groups.saturation import accumulation, emergence, expected_curve, saturation, unseen

#: Six groups, twelve themes, one of which nobody raised.
SIX = np.array(
    [
        [c == "1" for c in row]
        for row in ["111000001000", "101100001000", "110010100000", "111001000000", "011000110001", "101000001100"]
    ]
)
#: In how many of 200 plots each of 56 kinds of ants was found at 1,500 m (Longino & Colwell 2011, R iNEXT's ``ant``).
ANTS = [
    *[1] * 13, *[2] * 4, 3, 3, 4, 4, *[5] * 4, 6, 6, *[9] * 4, 11, 11, 17, 17, 18, 19, 23, 23, 24, 25, 25, 25, 29, 30,
    32, 33, 43, 50, 53, 73, 74, 76, 79, 113, 144,
]  # fmt: skip
MATRICES = st.integers(1, 7).flatmap(
    lambda m: st.lists(st.lists(st.booleans(), min_size=m, max_size=m), max_size=8).map(
        lambda columns: np.array(columns, dtype=bool).reshape(-1, m).T
    )
)


def groups(raised: np.ndarray) -> Heard:
    """A turn of one participant a group, which mentions the themes raised."""
    codes = "abcdefghijklmnop"[: raised.shape[1]]
    lines = [
        (f"G{g}", "P1", "Well", "".join(c for c, said in zip(codes, row, strict=True) if said))
        for g, row in enumerate(raised)
    ]
    return heard(lines, codes)


def plots(held: list[int], m: int) -> np.ndarray:
    return np.arange(m)[:, None] < np.array(held)


def rows(raised: np.ndarray) -> dict[str, tuple[float, ...]]:
    return {row["method"]: (row["est"], row["se"]) for row in unseen(raised).table.to_dict("records")}


def test_estimates_are_those_of_vegan() -> None:
    """R 4.2.2, vegan 2.6-4: specpool(six), to every digit that R prints."""
    found = rows(SIX)
    assert found["chao2"] == pytest.approx((26, 19.7484176581315), rel=1e-13)
    assert found["jackknife"][0] == pytest.approx(16)


def test_the_jackknife_is_that_of_the_groups_left_out_in_turn() -> None:
    """vegan's variance is larger by 5/6 * (36 - 6) / 6: it takes off q1 / m where the formula has q1^2 / m."""
    left_out = [(np.delete(SIX, g, axis=0).any(axis=0)).sum() for g in range(6)]
    pseudo = 6 * 11 - 5 * np.array(left_out)
    assert rows(SIX)["jackknife"] == pytest.approx((pseudo.mean(), np.sqrt(pseudo.var(ddof=1) / 6)))
    assert rows(SIX)["jackknife"][1] ** 2 == pytest.approx(2.41522945769824**2 - 5 / 6 * 30 / 6)


def test_without_a_theme_of_two_groups_it_is_the_bias_corrected_form() -> None:
    """vegan 2.6-4: specpool(six[, colSums(six) != 2]), and with themes of more than two groups only."""
    found = rows(SIX[:, SIX.sum(axis=0) != 2])
    assert found["chao2"] == pytest.approx((22.5, 11.3376217376779), rel=1e-13)
    assert found["jackknife"][0] == pytest.approx(15)
    assert rows(SIX[:, SIX.sum(axis=0) > 2])["chao2"] == (4, 0)


def test_ants() -> None:
    """vegan 2.6-4 for the published frequencies: specpool and specaccum(method = "exact")."""
    raised = plots(ANTS, 200)
    assert rows(raised)["chao2"] == pytest.approx((77.019375, 16.3528503374842), rel=1e-13)
    curve, _ = expected_curve(raised)
    some = [1, 2, 10, 50, 100, 199, 200]
    theirs = [5.85, 9.89703517587944, 24.45947295070035, 40.87553403519919, 47.98264312978352, 55.935, 56]
    assert curve[np.array(some) - 1] == pytest.approx(theirs, rel=1e-12)
    assert unseen(plots([1, 2, 2, 3, 4, 8, 8, 13, 15, 19, 23, 34, 59, 80], 200)).table["est"][0] == pytest.approx(
        14.24875
    )


def test_the_curve_is_that_of_vegan() -> None:
    """vegan 2.6-4: specaccum(six, method = "exact")$richness."""
    theirs = [4.16666666666667, 6.33333333333333, 7.75, 8.93333333333333, 10, 11]
    table = accumulation(groups(SIX))
    assert table["expected"].tolist() == pytest.approx(theirs, rel=1e-13)
    assert table["seen"].tolist() == [4, 5, 7, 8, 10, 11]
    assert table["new"].tolist() == [4, 1, 2, 1, 2, 1]


def test_by_hand() -> None:
    """Two groups: a in both, b and c in the first, d in the second; five incidences, three themes of one group."""
    found = unseen(np.array([[1, 1, 1, 0], [1, 0, 0, 1]], dtype=bool))
    assert (found.seen, found.once, found.twice) == (4, 3, 1)
    table = found.table.set_index("method")
    assert table.loc["chao2", "est"] == pytest.approx(4 + 0.5 * 9 / 2)
    # ICE: cover 1 - 3/5, variation 4 / .4 * 2 * 2 / 25 - 1 = .6, 4 / .4 + 3 / .4 * .6
    assert table.loc["ice", "est"] == pytest.approx(14.5)
    assert found.coverage == pytest.approx(1 - 3 / 5 * 3 / 5)
    assert found.next_group == pytest.approx(2.25 * 3 / (2 * 2.25 + 3))
    # log-normal: 2.25 beyond 4, variance 1 * (.5 * 9 / 2 + .25 * 27 + .25 * 81 / 4)
    k = np.exp(1.959964 * np.sqrt(np.log(1 + (2.25 + 6.75 + 5.0625) / 2.25**2)))
    assert table.loc["chao2", ["lci", "uci"]].tolist() == pytest.approx([4 + 2.25 / k, 4 + 2.25 * k], rel=1e-6)


def test_variance_of_the_curve_by_hand() -> None:
    """The same two groups: 2.5 themes expected in one; sum (1 - alpha)^2 less 2.5^2 over Chao2."""
    curve, se = expected_curve(np.array([[1, 1, 1, 0], [1, 0, 0, 1]], dtype=bool))
    assert curve.tolist() == pytest.approx([2.5, 4])
    assert se[0] ** 2 == pytest.approx(3 * 0.25 + 1 - 6.25 / 6.25)
    assert se[1] ** 2 == pytest.approx(4 - 16 / 6.25)


def test_saturation_by_hand() -> None:
    """New themes of seven groups 10, 4, 3, 3, 1, 1, 0: base 20; runs of two bring 2 and 1."""
    new, raised = [10, 4, 3, 3, 1, 1, 0], np.zeros((7, 22), dtype=bool)
    for g, at in enumerate(np.cumsum([0, *new[:-1]])):
        raised[g, at : at + new[g]] = True
    lines = [(f"G{g}", "P1", "Well", "".join(chr(97 + j) for j in np.flatnonzero(row))) for g, row in enumerate(raised)]
    found = saturation(heard(lines, "abcdefghijklmnopqrstuv"))
    assert found.runs.to_numpy().tolist() == [[5, 6, 2, 0.1], [6, 7, 1, 0.05]]
    assert found.reached == 7
    assert found.words == "Few new themes were coming: groups 6 to 7 brought one new theme; the first four had 20."
    strict = saturation(heard(lines, "abcdefghijklmnopqrstuv"), threshold=0)
    assert strict.reached is None
    assert strict.words.startswith("New themes were still coming: groups 6 to 7 brought one")


def test_too_few_groups_and_rules_that_are_none() -> None:
    few = groups(SIX[:5])
    assert saturation(few).words == "Too few groups to say: six are needed."
    assert saturation(few, base=4, run=1).runs["new"].tolist() == [2]
    assert saturation(groups(np.zeros((7, 2), dtype=bool))).reached is None
    for wrong in ({"base": 0}, {"run": 0}, {"threshold": 1.0}):
        with pytest.raises(SurveyError):
            saturation(few, **wrong)  # type: ignore[arg-type]


def test_what_is_said_of_the_unheard() -> None:
    assert unseen(SIX).words == (
        "11 themes came up in six groups. There are probably more, at least about 15; how many, so few groups cannot "
        "tell. From six groups this is rough."
    )
    assert unseen(SIX[:, SIX.sum(axis=0) != 1]).more == (0, 0, 1)
    assert unseen(SIX[:2]).words == "Five themes came up in two groups: too little to say what is unheard."
    always = unseen(np.ones((6, 9), dtype=bool)).words
    assert always.startswith("Nine themes came up in six groups. Further groups may bring no more, perhaps up to one.")
    assert unseen(np.ones((30, 9), dtype=bool)).words == "Nine themes came up in 30 groups. Nothing points to more."
    assert unseen(np.zeros((6, 3), dtype=bool)).words.startswith("No themes came up")
    assert np.isnan(unseen(np.zeros((0, 0), dtype=bool)).coverage)


def test_emergence_is_by_participants_in_the_order_of_groups() -> None:
    found = heard(
        [
            ("A", "M", "Trust?", "a"), ("B", "P1", "Late", "b"), ("A", "P2", "Well", "cd"), ("B", "O1", "No", "a"),
            ("B", "", "Yes", "a"),
        ],
        "abcde",
    )  # fmt: skip
    table = emergence(found)
    assert table["code"].tolist() == ["c", "d", "b", "a", "e"]
    assert table["rank"].tolist()[:4] == [1, 1, 3, 4]
    assert np.isnan(table["rank"].iloc[4])
    assert table.iloc[0, 2:].tolist() == ["A", 2, "t2", "P2"]
    assert table.iloc[3, 2:].tolist() == ["B", 3, "t4", ""]


@given(MATRICES)
def test_the_curve_is_the_mean_over_all_orders(raised: np.ndarray) -> None:
    raised = raised[:5]
    curves = [(np.cumsum(raised[list(order)], axis=0) > 0).sum(axis=1) for order in permutations(range(len(raised)))]
    assert expected_curve(raised)[0] == pytest.approx(np.mean(curves, axis=0), abs=1e-9)


@given(MATRICES)
def test_laws_of_the_curve_and_of_what_is_unseen(raised: np.ndarray) -> None:
    curve, se = expected_curve(raised)
    steps = np.diff(curve, prepend=0)
    assert (steps >= -1e-9).all()
    assert (np.diff(steps) <= 1e-9).all()  # each further group brings fewer
    assert np.isfinite(se).all()
    found = unseen(raised)
    assert curve[-1] == pytest.approx(found.seen)
    estimates = found.table[found.table["est"].notna()]
    assert (estimates["est"] >= found.seen - 1e-9).all()
    ranges = estimates[estimates["lci"].notna()]
    assert (ranges["lci"] >= found.seen - 1e-9).all()
    assert (ranges["lci"] <= ranges["uci"]).all()
    assert np.isnan(found.coverage) or 0 <= found.coverage <= 1
    shuffled = unseen(raised[::-1, ::-1])
    assert shuffled.table.equals(found.table)
    assert found.words


@settings(max_examples=25)
@given(drawn())
def test_every_theme_emerges_where_it_was_raised(found: Heard) -> None:
    table, curve = emergence(found), accumulation(found)
    assert sorted(table["code"]) == sorted(found.codes)
    assert (table["rank"].notna().sum(), curve["new"].sum()) == (curve["seen"].iloc[-1], curve["seen"].iloc[-1])
    assert table.loc[table["group"] != "", "group"].value_counts().to_dict() == {
        group: new for group, new in zip(curve["group"], curve["new"], strict=True) if new
    }
