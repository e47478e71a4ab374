"""Margins: what is read, what is refused and by which name, how they line up with a wave."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from builders import make_wave, margins_of, outcome, refusal
from hypothesis import given, settings, strategies as st

from trustsurvey.errors import SurveyError
from trustsurvey.model import Margin, Margins
from trustsurvey.weighting.population import (
    NO_ANSWER,
    check_margins,
    codes_of,
    common_total,
    cross_margin,
    known_codes,
    margins_from_mapping,
    margins_from_table,
    margins_table,
)


def table(*rows: tuple[object, object, object], count: str = "count") -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=["variable", "category", count])


# --- reading --------------------------------------------------------------------------------------


@pytest.mark.parametrize("heading", ["count", "population", "share", "target", " Count "])
def test_a_table_of_margins(heading: str) -> None:
    rows = [("sex", "f", "51,200"), (" sex", "m ", 48800), ("age", 18, 1.5), (None, None, None)]
    margins = margins_from_table(table(*rows, count=heading), "m.csv")
    assert margins.variables == ("sex", "age")
    assert margins.source == "m.csv"
    assert margins.margins[0].targets.to_dict() == {"f": 51200.0, "m": 48800.0}
    assert margins.margins[1].targets.to_dict() == {"18": 1.5}
    assert len(margins) == 2


@pytest.mark.parametrize(
    ("rows", "code", "words"),
    [
        ([("sex", "f", 1), ("sex", "m", -6)], "margins.number", ("row 3", "'m'", "sex", "'-6'")),
        ([("sex", "f", "inf")], "margins.number", ("row 2", "'f'", "'inf'")),
        ([("sex", "f", "1"), ("sex", "m", "six")], "margins.number", ("row 3", "'m'", "sex", "'six'")),
        ([("sex", "f", "1"), ("sex", "m", None)], "margins.number", ("row 3", "'m'", "sex")),
        ([("sex", "f", 1), ("", "m", 2)], "margins.blank", ("row 3",)),
        ([("sex", "f", 1), ("sex", None, 2)], "margins.blank", ("row 3",)),
        ([("sex", "f", 1), ("sex", "f", 2)], "margins.repeated", ("'f'", "'sex'")),
        ([("sex", "f", 0), ("sex", "m", 0)], "margins.zero", ("'sex'",)),
        ([], "margins.empty", ("no margins",)),
    ],
)
def test_a_faulty_row_is_refused_by_name(
    rows: list[tuple[object, object, object]], code: str, words: tuple[str, ...]
) -> None:
    with refusal(code, "m.csv", *words):
        margins_from_table(table(*rows), "m.csv")


@pytest.mark.parametrize("absent", ["variable", "category", "count"])
def test_a_missing_column_is_refused(absent: str) -> None:
    with refusal("margins.columns", "m.csv", "variable, category and count"):
        margins_from_table(table(("sex", "f", 1)).drop(columns=absent), "m.csv")


def test_a_decimal_comma_is_not_taken_for_thousands() -> None:
    """'0,52' is 52 % where commas are decimals; it must not turn into 52 without a word."""
    rows = table(("sex", "f", "0,52"), ("sex", "m", "0,48"))
    found = outcome(lambda: margins_from_table(rows).margins[0].targets.to_dict())
    if isinstance(found, SurveyError):
        assert found.code == "margins.number"
    else:
        assert found == {"f": 0.52, "m": 0.48}


@settings(max_examples=30)
@given(
    st.dictionaries(
        st.sampled_from(["sex", "age", "area"]),
        st.dictionaries(st.text("abcdé0 ", min_size=1, max_size=4).map(str.strip).filter(bool),
                        st.floats(0.5, 1e7), min_size=1, max_size=5),
        min_size=1,
    )
)  # fmt: skip
def test_margins_survive_their_own_table(tables: dict[str, dict[str, float]]) -> None:
    margins = margins_from_mapping(tables, "here")
    again = margins_from_table(margins_table(margins), "here")
    assert again.variables == margins.variables
    for one, other in zip(margins, again, strict=True):
        assert one.targets.to_dict() == pytest.approx(other.targets.to_dict(), rel=1e-15)
        assert one.share().sum() == pytest.approx(1)


def test_margins_of_nothing_are_refused() -> None:
    with refusal("margins.empty", "here"):
        margins_from_mapping({}, "here")
    with refusal("margins.zero", "'sex'"):
        margins_from_mapping({"sex": {}})
    with refusal("margins.zero", "'age'"):
        check_margins(margins_of(sex={"f": 1}, age={"a": 0.0}))


@pytest.mark.parametrize("bad", [-5.0, float("nan"), float("inf")])
def test_a_mapping_is_held_to_the_same_rules_as_a_table(bad: float) -> None:
    with refusal("margins.number", "'f'", "sex"):
        margins_from_mapping({"sex": {"f": bad, "m": 10.0}})


# --- totals ---------------------------------------------------------------------------------------


def test_totals_that_differ_by_rounding_are_lined_up() -> None:
    lined = common_total(margins_of(sex={"f": 500, "m": 500}, age={"a": 600, "b": 404}))
    assert [m.targets.sum() for m in lined] == pytest.approx([1000, 1000])
    assert lined.margins[1].targets["a"] == pytest.approx(1000 * 600 / 1004)


@pytest.mark.parametrize(("other", "refused"), [(1004, False), (996, False), (1006, True), (994, True)])
def test_half_a_percent_is_the_most_that_is_lined_up(other: float, refused: bool) -> None:
    margins = margins_of(sex={"f": 500, "m": 500}, age={"a": 600, "b": other - 600})
    assert isinstance(outcome(lambda: common_total(margins)), SurveyError) == refused


def test_totals_that_disagree_are_refused_or_kept_as_shares() -> None:
    margins = margins_of(sex={"f": 500, "m": 500}, age={"a": 600, "b": 500})
    with refusal("margins.totals", "sex 1,000", "age 1,100"):
        common_total(margins)
    lined = common_total(margins, rescale=True)
    assert [m.targets.sum() for m in lined] == pytest.approx([1000, 1000])
    assert lined.margins[1].share().to_dict() == pytest.approx({"a": 6 / 11, "b": 5 / 11})


def test_a_large_population_is_written_in_full() -> None:
    margins = margins_of(sex={"f": 1_200_000, "m": 1_134_567}, age={"a": 1_500_000, "b": 1_534_567})
    with refusal("margins.totals", "2,334,567", "3,034,567"):
        common_total(margins)


# --- lining up with a wave ------------------------------------------------------------------------


def wave_of(sex: list[object]) -> object:
    return make_wave({"y": np.arange(float(len(sex)))}, {"sex": sex}, name="spring", groups=["sex"])


def lined_up(sex: list[object], targets: dict[str, float], missing: str = "refuse", base: object = None):
    margin = margins_of(sex=targets).margins[0]
    weights = np.ones(len(sex)) if base is None else np.asarray(base, dtype=float)
    return codes_of(wave_of(sex), margin, weights, missing)[:2]


def test_codes_follow_the_order_of_the_margin() -> None:
    codes, used = lined_up(["m", "f", "m"], {"f": 60, "m": 40})
    assert codes.tolist() == [1, 0, 1]
    assert used.targets.to_dict() == {"f": 60, "m": 40}


def test_a_category_of_nobody_with_a_target_of_nothing_is_left_aside() -> None:
    codes, used = lined_up(["m", "f"], {"x": 0, "f": 60, "m": 40})
    assert codes.tolist() == [1, 0]
    assert list(used.targets.index) == ["f", "m"]


def test_a_variable_that_the_wave_lacks() -> None:
    margin = margins_of(age={"a": 1}).margins[0]
    with refusal("margins.variable", "spring", "'age'", "'sex'"):
        codes_of(wave_of(["f"]), margin, np.ones(1), "refuse")


@pytest.mark.parametrize("target", [{}, {"x": 0.0}])
def test_a_level_of_the_sample_without_target(target: dict[str, float]) -> None:
    with refusal("margins.extra-level", "'sex'", "'x'", "'f', 'm'", "a few residents"):
        lined_up(["m", "f", "x"], {"f": 60, "m": 40, **target})
    with refusal("margins.extra-level", "12 residents"):
        lined_up(["m", "f", *["x"] * 12], {"f": 60, "m": 40, **target})


def test_a_target_without_a_sample() -> None:
    with refusal("margins.absent-level", "'x'", "'sex'"):
        lined_up(["m", "f"], {"f": 50, "m": 40, "x": 10})


def test_an_unused_category_of_the_column_is_no_level_of_the_sample() -> None:
    wave = make_wave({"y": [1.0, 2.0]}, {"sex": pd.Categorical(["f", "m"], categories=["f", "m", "x"])})
    codes, _, _ = codes_of(wave, margins_of(sex={"f": 1, "m": 2}).margins[0], np.ones(2), "refuse")
    assert codes.tolist() == [0, 1]
    with refusal("margins.absent-level", "'x'"):
        codes_of(wave, margins_of(sex={"f": 1, "m": 2, "x": 1}).margins[0], np.ones(2), "refuse")


def test_no_answer_is_refused_or_kept_at_its_share() -> None:
    with refusal("margins.missing", "'sex'", "spring"):
        lined_up(["m", "f", None], {"f": 60, "m": 40})
    codes, used = lined_up(["m", "f", None], {"f": 60, "m": 40}, "keep", [1, 1, 2])
    assert codes.tolist() == [1, 0, 2]
    assert used.targets.to_dict() == pytest.approx({"f": 30, "m": 20, NO_ANSWER: 50})


def test_refusals_do_not_count_a_handful_of_people() -> None:
    """Fewer than ten people are 'a few' where a level is unknown; the same holds for no answer."""
    with pytest.raises(SurveyError) as caught:
        lined_up(["m", "f", None], {"f": 60, "m": 40})
    assert "1 residents" not in str(caught.value)


def test_numbers_as_categories_meet_their_margin() -> None:
    """``margins_from_mapping`` writes its categories as text; a column of numbers must still match."""
    codes, _ = lined_up([1, 2, 1], {1: 50, 2: 50})  # type: ignore[dict-item]
    assert codes.tolist() == [0, 1, 0]


def test_categories_are_spelled_as_the_wave_spells_them() -> None:
    codes, used = lined_up(["M\u00e4nner ", "frauen"], {"FRAUEN.": 60, "manner": 40})
    assert codes.tolist() == [1, 0]
    assert list(used.targets.index) == ["frauen", "M\u00e4nner "]


def test_two_spellings_of_one_category_are_one_category_twice() -> None:
    """Both are taken for the wave's 'f'; the margin, not the sample, is to blame."""
    with refusal("margins.repeated", "'sex'"):
        lined_up(["m", "f"], {"F": 30, "f": 30, "m": 40})


def test_margins_iterate_and_count() -> None:
    margins = Margins((Margin("a", pd.Series({"x": 1.0})), Margin("b", pd.Series({"y": 3.0, "z": 1.0}))))
    assert [m.variable for m in margins] == ["a", "b"]
    assert len(margins) == 2
    assert margins.margins[1].share().to_dict() == {"y": 0.75, "z": 0.25}


# --- crossed and collapsed ------------------------------------------------------------------------


def test_a_crossed_margin_lines_up_however_its_cells_are_spelled() -> None:
    wave = make_wave(n=3, people={"sex": ["Female", "Male", "Male"], "age": ["18-29", "30 up", "18-29"]}, name="spring")
    table = pd.DataFrame({"sex": ["female", "male", "male"], "age": ["18-29", "18-29", "30 UP"], "count": [5, 6, 7]})
    margin = cross_margin(table, ["sex", "age"])
    assert margin.variable == "sex x age"
    codes, used, merged = codes_of(wave, margin, np.ones(3), "refuse")
    assert codes.tolist() == [0, 2, 1]
    assert used.targets.to_dict() == {"Female x 18-29": 5, "Male x 18-29": 6, "Male x 30 up": 7}
    assert merged == {}
    with refusal("margins.extra-level", "'Male x 18-29'"):
        codes_of(wave, cross_margin(table.iloc[[0, 2]], ["sex", "age"]), np.ones(3), "refuse")
    with refusal("margins.absent-level", "'female x 60'"):
        more = pd.concat([table, pd.DataFrame({"sex": ["female"], "age": ["60"], "count": [4]})])
        codes_of(wave, cross_margin(more, ["sex", "age"]), np.ones(3), "refuse")


def test_a_table_of_crossed_margins_needs_its_columns() -> None:
    table = pd.DataFrame({"sex": ["f"], "count": [5]})
    with refusal("margins.columns", "'age'"):
        cross_margin(table, ["sex", "age"])
    with refusal("margins.number", "'f'"):
        cross_margin(table.assign(count=[-5]), ["sex"])
    twice = pd.DataFrame({"sex": ["f", "f"], "age": ["a", "a"], "count": [1, 2]})
    with refusal("margins.repeated"):
        cross_margin(twice, ["sex", "age"])


def test_whoever_lacks_one_of_the_crossed_answers_has_none() -> None:
    wave = make_wave(n=4, people={"sex": ["f", "m", "m", None], "age": ["a", "a", None, "a"]})
    margin = margins_of(**{"sex x age": {"f x a": 60, "m x a": 40}}).margins[0]
    codes, used, _ = codes_of(wave, margin, np.ones(4), "keep")
    assert codes.tolist() == [0, 1, 2, 2]
    assert used.targets.to_dict() == {"f x a": 30, "m x a": 20, NO_ANSWER: 50}
    assert known_codes(wave, used, {}).tolist() == [0, 1, 2, 2]


def test_small_categories_are_merged_before_those_without_an_answer_are_kept() -> None:
    wave = wave_of(["f"] * 6 + ["m"] * 6 + ["x"] + [None] * 2)
    margin = margins_of(sex={"f": 50, "m": 40, "x": 10}).margins[0]
    codes, used, merged = codes_of(wave, margin, np.ones(15), "keep", 3)
    assert merged == {"f + x": ["f", "x"]}
    assert used.targets.to_dict() == pytest.approx({"f + x": 52, "m": 40 * 13 / 15, NO_ANSWER: 100 * 2 / 15})
    assert codes.tolist() == [0] * 6 + [1] * 6 + [0] + [2, 2]
    assert known_codes(wave, used, merged).tolist() == codes.tolist()
