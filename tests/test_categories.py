"""Crossed margins, and small categories merged by a stated rule."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from builders import make_wave, margins_of, refusal
from hypothesis import given, settings, strategies as st

from trustsurvey.model import Margin, Wave
from trustsurvey.weighting.categories import EVERYONE, Levels, collapse, positions_in


def wave_of(**people: object) -> Wave:
    n = len(next(iter(people.values())))  # type: ignore[arg-type]
    return make_wave(n=n, people=people, name="spring")  # type: ignore[arg-type]


def merged_by(
    counts: dict[str, int], at_least: int, ordered: tuple[str, ...] = (), targets: dict[str, float] | None = None
) -> tuple[Margin, dict[str, list[str]]]:
    """The margin "age" collapsed for a sample with so many in each category."""
    wave = wave_of(age=[label for label, n in counts.items() for _ in range(n)])
    margin = margins_of(age=targets or {label: 10.0 * (k + 1) for k, label in enumerate(counts)}).margins[0]
    return collapse(margin, Levels.of(wave, "age"), at_least, ordered)


# --- levels ---------------------------------------------------------------------------------------


def test_crossed_levels_are_the_combinations_that_somebody_has() -> None:
    levels = Levels.of(wave_of(sex=list("ffmmm"), age=["y", "o", "y", "y", None]), "sex x age")
    assert set(levels.labels) == {"f x y", "f x o", "m x y"}
    assert [levels.labels[c] if c >= 0 else None for c in levels.codes] == ["f x y", "f x o", "m x y", "m x y", None]
    assert dict(zip(levels.labels, levels.counts().tolist(), strict=True)) == {"f x y": 1, "f x o": 1, "m x y": 2}
    assert levels.variables == ("sex", "age")


def test_a_column_whose_own_name_looks_crossed_goes_first() -> None:
    wave = make_wave(n=2, people=pd.DataFrame({"a x b": ["p", "q"], "a": ["1", "1"], "b": ["2", "2"]}))
    assert Levels.of(wave, "a x b").labels == ["p", "q"]


def test_three_variables_can_be_crossed_and_nobody_need_be_known() -> None:
    levels = Levels.of(wave_of(a=["1", "2"], b=["x", "x"], c=["p", "q"]), "a x b x c")
    assert levels.labels == ["1 x x x p", "2 x x x q"]
    nobody = Levels.of(wave_of(a=["1", None], b=[None, "x"]), "a x b")
    assert nobody.codes.tolist() == [-1, -1]
    assert nobody.labels == []


def test_everyone_is_one_category_and_an_unknown_column_is_named() -> None:
    assert Levels.of(wave_of(a=["1", "2"]), EVERYONE).codes.tolist() == [0, 0]
    with refusal("margins.variable", "spring", "'income'"):
        Levels.of(wave_of(a=["1"]), "a x income")


# --- merging --------------------------------------------------------------------------------------


def test_nothing_is_merged_where_all_are_large_enough() -> None:
    margin, merged = merged_by({"a": 5, "b": 9}, 5)
    assert merged == {}
    assert margin.targets.to_dict() == {"a": 10, "b": 20}


def test_an_unordered_category_joins_the_smallest_other_one() -> None:
    margin, merged = merged_by({"a": 50, "b": 3, "c": 20, "d": 40}, 10)
    assert merged == {"b + c": ["b", "c"]}
    assert margin.targets.to_dict() == {"a": 10, "b + c": 50, "d": 40}


def test_an_ordered_category_joins_the_smaller_neighbour() -> None:
    _, merged = merged_by({"a": 50, "b": 3, "c": 60, "d": 12}, 10, ("age",))
    assert merged == {"a + b": ["a", "b"]}
    _, merged = merged_by({"a": 3, "b": 50, "c": 12}, 10, ("age",))
    assert merged == {"a + b": ["a", "b"]}


def test_merging_goes_on_until_all_are_large_enough() -> None:
    _, merged = merged_by({"a": 4, "b": 3, "c": 2, "d": 50}, 10, ("age",))
    assert merged == {"a + b + c + d": ["a", "b", "c", "d"]}
    margin, merged = merged_by({"a": 6, "b": 3, "c": 2, "d": 50}, 10, ("age",))
    assert merged == {"a + b + c": ["a", "b", "c"]}
    assert margin.targets["a + b + c"] == 60


def test_one_category_is_left_where_the_sample_is_small() -> None:
    margin, merged = merged_by({"a": 1, "b": 2}, 10)
    assert list(margin.targets.index) == ["a + b"]
    assert merged["a + b"] == ["a", "b"]


def test_a_category_that_nobody_has_is_merged_too() -> None:
    margin, merged = merged_by({"a": 5, "c": 8}, 1, ("age",), {"a": 10, "b": 5, "c": 20})
    assert merged == {"a + b": ["a", "b"]}
    assert margin.targets.to_dict() == {"a + b": 15, "c": 20}


def test_the_order_of_an_ordered_column_goes_before_that_of_the_margin() -> None:
    age = pd.Categorical(["y"] * 20 + ["m"] * 2 + ["o"] * 9, categories=["y", "m", "o"], ordered=True)
    levels = Levels.of(make_wave(n=31, people={"age": age}), "age")
    margin = margins_of(age={"m": 1, "y": 1, "o": 1}).margins[0]
    assert collapse(margin, levels, 5)[1] == {"m + o": ["m", "o"]}


def test_a_crossed_cell_joins_one_that_differs_on_one_variable() -> None:
    """(f, o) is tiny; the smallest cell of all, (m, y), differs on both variables and is passed over."""
    rows = [("f", "y")] * 40 + [("f", "m")] * 30 + [("f", "o")] * 2 + [("m", "y")] * 10 + [("m", "m")] * 20
    rows += [("m", "o")] * 25
    wave = wave_of(sex=[r[0] for r in rows], age=[r[1] for r in rows])
    labels = [f"{s} x {a}" for s in "fm" for a in "ymo"]
    margin = margins_of(**{"sex x age": dict.fromkeys(labels, 10.0)}).margins[0]
    levels = Levels.of(wave, "sex x age")
    assert collapse(margin, levels, 5)[1] == {"f x o + m x o": ["f x o", "m x o"]}
    few = collapse(margin, levels, 12, ("age",))[1]  # then (m, y), whose ordered neighbour is (m, m)
    assert few == {"f x o + m x o": ["f x o", "m x o"], "m x y + m x m": ["m x y", "m x m"]}


def test_a_threshold_below_one_is_refused() -> None:
    with refusal("margins.collapse", "0"):
        merged_by({"a": 1}, 0)


@settings(max_examples=60)
@given(
    st.lists(st.integers(0, 30), min_size=1, max_size=8).filter(any),
    st.integers(1, 40),
    st.booleans(),
)
def test_what_merging_keeps(counts: list[int], at_least: int, in_order: bool) -> None:
    """The population, every category in exactly one group, groups large enough or all in one."""
    labels = [f"c{k}" for k in range(len(counts))]
    targets = {label: float(k + 1) for k, label in enumerate(labels)}
    margin, merged = merged_by(dict(zip(labels, counts, strict=True)), at_least, ("age",) if in_order else (), targets)
    assert margin.targets.sum() == pytest.approx(sum(targets.values()))
    groups = [merged.get(str(name), [str(name)]) for name in margin.targets.index]
    assert sorted(label for group in groups for label in group) == sorted(labels)
    sizes = [sum(counts[labels.index(label)] for label in group) for group in groups]
    assert len(groups) == 1 or min(sizes) >= at_least
    for name, group in zip(margin.targets.index, groups, strict=True):
        assert margin.targets[name] == pytest.approx(sum(targets[label] for label in group))
        if in_order:
            places = sorted(labels.index(label) for label in group)
            assert places == list(range(places[0], places[-1] + 1))


def test_positions_follow_the_merged_categories() -> None:
    wave = wave_of(age=["a", "b", "c", None])
    margin, merged = collapse(margins_of(age={"c": 5, "b": 1, "a": 2}).margins[0], Levels.of(wave, "age"), 1)
    assert merged == {}
    assert positions_in(margin, Levels.of(wave, "age"), merged).tolist() == [2, 1, 0, -1]
    joined = Margin("age", pd.Series({"a + b": 3.0, "c": 5.0}))
    codes = positions_in(joined, Levels.of(wave, "age"), {"a + b": ["a", "b"]}, 7)
    np.testing.assert_array_equal(codes, [0, 0, 1, 7])
