"""Columns answered on another scale than their question has: asked about, and read as decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from builders import refusal
from files import SMALL, csv_text, labelled, read_here, taken_in

from trustsurvey.comparison.compare import breaks
from trustsurvey.comparison.pooling import pool
from trustsurvey.harmonise import Harmonised, accept, decide, harmonise
from trustsurvey.harmonise.problems import AS_IT_IS, Problem
from trustsurvey.harmonise.scale_check import closed
from trustsurvey.instruments.words import order
from trustsurvey.mapping_file import mapping_from_yaml, mapping_to_yaml
from trustsurvey.model import ColumnMap, Mapping
from trustsurvey.scales.scoring import positive, score

N = 140


def asked(
    cells: Sequence[object], labels: dict[str, str] | None = None, item: str = "kind", **entry: object
) -> Harmonised:
    """A column of these cells, in turn, taken for an item."""
    rows = [[cells[k % len(cells)], k] for k in range(max(N, len(cells)))]
    raw = labelled(read_here(csv_text([[item, "b"], *rows])), **{item: labels or {}})
    column = ColumnMap(item, "item", item, **entry)  # type: ignore[arg-type]
    mapping = Mapping((column, ColumnMap("b", "ignore")), partial_below=0, keep_duplicates=True)
    result = harmonise(raw, mapping, SMALL, name="w")
    result.__dict__["again"] = lambda changed: harmonise(raw, changed, SMALL, name="w")
    result.__dict__["mapping"] = mapping
    return result


def decided(result: Harmonised, text: str) -> Harmonised:
    """The same file after a decision about its only problem, which the mapping file keeps."""
    (problem,) = result.problems
    mapping = decide(result.__dict__["mapping"], problem, text)
    assert mapping_from_yaml(mapping_to_yaml(mapping)).columns[0] == mapping.columns[0]
    again = result.__dict__["again"](mapping)
    assert not again.problems
    return again


def one(result: Harmonised) -> Problem:
    (problem,) = result.problems
    return problem


# --- numbers ------------------------------------------------------------------------------------------


def test_seven_points_instead_of_five_are_asked_about_once() -> None:
    result = asked([1, 2, 3, 4, 5, 6, 7])
    problem = one(result)
    assert (problem.code, problem.value, problem.suggestion) == ("map.scale", "1 to 7", "The scale here is 1 to 7")
    assert "The answers run from 1 to 7" in problem.question
    wave = decided(result, "The scale here is 1 to 7").settled()
    assert sorted(set(wave.answers["kind"])) == pytest.approx(list(np.linspace(1, 5, 7)))
    assert score(wave).scores["kind"].max() == 100
    assert wave.asked_on == {"kind": "1 to 7"}
    assert "scale.changed" in [notice.code for notice in wave.report.notices]
    turned = decided(result, "The scale here is 7 to 1, turned round").settled()
    assert turned.answers["kind"].tolist() == pytest.approx((6 - wave.answers["kind"]).tolist())
    assert decided(result, "Leave out what does not fit").wave.missing["kind"].eq(5).sum() == 40


def test_the_refusal_says_what_to_write() -> None:
    with refusal("map.scale", "The answers run from 1 to 7", "scale: 1 to 7", "row 7, column 'kind'"):
        asked([1, 2, 3, 4, 5, 6, 7]).settled()


@pytest.mark.parametrize(
    ("cells", "item", "value"),
    [
        ([0, 1, 2, 3, 4], "kind", "0 to 4"),
        ([1, 2, 3, 4, 5], "safe", "1 to 5"),
        (list(range(1, 11)), "kind", "1 to 10"),
        (list(range(11)), "kind", "0 to 10"),
        ([1, 2, 3, 4, 5, 6, 7, 9], "kind", "1 to 7"),
        ([1, 2, 3, 4, 6], "kind", "1 to 6"),
        (list(range(0, 101, 5)), "all", "0 to 100"),
    ],
)
def test_the_shortest_usual_scale_that_holds_the_answers_is_proposed(cells: list[int], item: str, value: str) -> None:
    problem = next(p for p in asked(cells, item=item).problems if p.code == "map.scale")
    assert problem.value == value


def test_a_bare_nine_is_proposed_as_dont_know_and_nothing_more() -> None:
    result = asked([1, 2, 3, 4, 5, 9])
    problem = one(result)
    assert (problem.code, problem.value, problem.suggestion, problem.choices) == ("map.outside", "9", "dont_know", ())
    assert result.wave.missing["kind"].isin([0, 5]).all()
    mapping = accept(result.__dict__["mapping"], result.problems)
    assert mapping.columns[0].dont_know == ("9",)


def test_a_few_strange_numbers_are_no_scale() -> None:
    result = asked([1, 2, 3, 4, 5] * 60 + [62, 7, 33])
    assert [(p.code, p.value, p.suggestion) for p in result.problems] == [
        ("map.outside", "62", ""),
        ("map.outside", "7", "refused"),
        ("map.outside", "33", ""),
    ]
    assert [(v.value, v.count, v.rows, v.done) for v in result.wave.report.values[:1]] == [
        ("62", 1, (302,), "to be decided")
    ]


def test_an_end_that_nobody_chose_is_asked_about_where_many_answered() -> None:
    result = asked([1, 2, 3, 4])
    assert one(result).question.startswith("Nobody answered 5.")
    stay = decided(result, "No, it is 1 to 5")
    assert stay.wave.answers["kind"].max() == 4
    assert stay.wave.asked_on == {}
    four = decided(result, "The scale here is 1 to 4").wave
    assert four.answers["kind"].max() == 5
    assert four.asked_on == {"kind": "1 to 4"}
    assert not asked([1] * 5 + [2] * 9 + [3] * 5 + [4]).problems  # a tail that thins out may well end there
    few = read_here(csv_text([["kind", "b"], *[[k % 4 + 1, k] for k in range(60)]]))
    assert not taken_in(few, "  kind: {item: kind}").problems


def test_half_points_are_asked_about_together() -> None:
    result = asked([1, 2, 3, 4, 5, 4.5, 3.5])
    assert (one(result).code, one(result).count) == ("map.between", 40)
    assert set(decided(result, "Take them as half-way").wave.answers["kind"]) == {1, 2, 3, 3.5, 4, 4.5, 5}
    assert decided(result, "Leave them out").wave.missing["kind"].eq(5).sum() == 40


# --- labels -------------------------------------------------------------------------------------------

FOUR = {"1": "Strongly agree", "2": "Agree", "3": "Disagree", "4": "Strongly disagree", "8": "Refused"}


def test_four_labelled_answers_to_a_question_of_five() -> None:
    result = asked([1, 2, 3, 4, 8], FOUR)
    assert "It has 4 answers, the question 5" in one(result).question
    wave = decided(result, "4 answers from \u201cStrongly disagree\u201d to \u201cStrongly agree\u201d").wave
    assert wave.answers["kind"].dropna().unique() == pytest.approx([5, 11 / 3, 7 / 3, 1])
    assert wave.asked_on == {"kind": "4 answers from 'Strongly disagree' to 'Strongly agree'"}
    assert set(decided(result, AS_IT_IS).wave.answers["kind"].dropna()) == {1, 2, 4, 5}


def test_labelled_ends_of_another_range() -> None:
    result = asked([1, 2, 3, 4, 5, 6, 7], {"1": "Strongly agree", "7": "Strongly disagree"})
    wave = decided(result, "The scale here is 7 to 1, turned round").wave
    assert wave.answers["kind"].tolist()[:7] == pytest.approx(list(np.linspace(5, 1, 7)))
    assert wave.asked_on == {"kind": "1 to 7"}


def test_labels_in_words_that_nobody_knows_ask_which_end_is_which() -> None:
    labels = {"1": "Tip", "2": "Top", "3": "Tup", "4": "Tap", "5": "Tep"}
    result = asked([1, 2, 3, 4, 5], labels)
    assert "1 \u201cTip\u201d" in one(result).question
    assert decided(result, "The scale here is 5 to 1, turned round").wave.answers["kind"].tolist()[:5] == [
        5,
        4,
        3,
        2,
        1,
    ]


def test_labels_of_another_family_are_put_in_their_order() -> None:
    labels = {"1": "Very well", "2": "Fairly well", "3": "Fairly badly", "4": "Very badly", "9": "DK"}
    result = asked([1, 2, 3, 4, 9], labels, "safe")
    wave = decided(result, "4 answers from \u201cVery badly\u201d to \u201cVery well\u201d").wave
    assert wave.answers["safe"].tolist()[:4] == [4, 3, 2, 1]
    assert wave.asked_on == {"safe": "4 answers from 'Very badly' to 'Very well'"}


def test_the_scale_of_the_question_needs_no_question() -> None:
    falling = {"1": "Strongly agree", "2": "Agree", "3": "Neither", "4": "Disagree", "5": "Strongly disagree"}
    assert not asked([1, 2, 3, 4, 5], falling).problems
    assert not asked([1, 2, 4], falling).problems  # nobody chose the others, but the codebook has them
    assert not asked(list(range(11)), {"0": "Not at all", "10": "Completely"}, "all").problems


# --- words --------------------------------------------------------------------------------------------


def test_words_of_a_finer_scale_do_not_fall_together() -> None:
    seven = [
        "Strongly disagree",
        "Disagree",
        "Slightly disagree",
        "Neither",
        "Slightly agree",
        "Agree",
        "Strongly agree",
    ]
    result = asked(seven)
    wave = decided(result, "7 answers from \u201cStrongly disagree\u201d to \u201cStrongly agree\u201d").wave
    assert wave.answers["kind"].tolist()[:7] == pytest.approx(list(np.linspace(1, 5, 7)))


def test_answers_in_other_words_are_put_in_order() -> None:
    result = asked(["Very poor", "Poor", "Fair", "Good", "Very good"])
    assert one(result).value == "other words"
    wave = decided(result, "5 answers from \u201cVery poor\u201d to \u201cVery good\u201d").wave
    assert wave.answers["kind"].tolist()[:5] == [1, 2, 3, 4, 5]
    assert wave.asked_on["kind"].startswith("5 answers from 'Very poor'")


def test_a_middle_that_nobody_chose_is_asked_about() -> None:
    result = asked(["Strongly disagree", "Disagree", "Agree", "Strongly agree"])
    assert "Nobody chose the middle" in one(result).question
    assert decided(result, "Yes, nobody chose it").wave.asked_on == {}


def test_words_that_say_the_same_are_one_answer() -> None:
    assert not asked(
        ["Somewhat agree", "Tend to agree", "Agree strongly", "neither", "Disagree", "Totally disagree"]
    ).problems


def test_a_side_on_which_nobody_answered_keeps_its_place() -> None:
    found = order(["Agree", "Strongly agree", "Disagree", "Neither"])
    assert found is not None
    assert closed(found) == ("", "Disagree", "Neither", "Agree", "Strongly agree")


# --- what follows ---------------------------------------------------------------------------------------


def test_a_wave_on_another_scale_breaks_the_series() -> None:
    own, other = asked([1, 2, 3, 4, 5]).wave, decided(asked([1, 2, 3, 4, 5, 6, 7]), "The scale here is 1 to 7").wave
    assert breaks(own, other, "kind") == ("kind",)
    assert breaks(other, other, "kind") == ()
    both = pool([replace(score(own), name="a"), replace(score(other), name="b")])
    assert both.asked_on == {"kind": "its own / 1 to 7"}
    assert breaks(both, other, "kind") == ("kind",)
    assert breaks(pool([score(own), score(own)]), own, "kind") == ()


def test_carried_answers_count_as_positive_with_the_nearest_box() -> None:
    wave = decided(asked([1, 2, 3, 4, 5, 6, 7]), "The scale here is 1 to 7").wave
    assert positive(wave)["kind"].tolist()[:7] == [0, 0, 0, 0, 1, 1, 1]
