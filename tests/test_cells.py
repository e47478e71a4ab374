"""What a wave shows of how many people it has: one choice, whatever table one looks at."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from builders import make_wave
from hypothesis import given, settings, strategies as st

from trustsurvey.disclosure.cells import cells_of, hidden_cells, nesting_of, withheld_cells
from trustsurvey.disclosure.crossed import protect_margins
from trustsurvey.disclosure.gate import protect
from trustsurvey.disclosure.sums import sums_of
from trustsurvey.estimation.means import estimate
from trustsurvey.model import RULES, AreaLevel, Rules, Wave
from trustsurvey.weighting.weigh import margin_report

SEEDS = st.integers(0, 2**32 - 1)


def wave_of(seed: int, n: int = 300, missing: float = 0.1, **more: object) -> Wave:
    """Two measures with gaps; small and large areas within two districts, and a group with a rare level."""
    rng = np.random.default_rng(seed)
    area = rng.choice(6, n, p=[0.03, 0.07, 0.2, 0.2, 0.2, 0.3])
    values = {m: np.where(rng.random(n) < missing, np.nan, rng.normal(50, 10, n)) for m in ("y", "z")}
    people = pd.DataFrame(
        {
            "district": pd.Categorical.from_codes(area // 3, ["D1", "D2"]),
            "area": pd.Categorical.from_codes(area, list("abcdef")),
            "group": pd.Categorical.from_codes(rng.choice(3, n, p=[0.03, 0.4, 0.57]), ["x", "f", "m"]),
        }
    )
    return make_wave(values, people, areas=("district", "area"), groups=("group",), **more)


def shown(wave: Wave, *measures: str, by: tuple[str, ...] = ("district", "area", "group")) -> pd.Series:
    table = protect(estimate(wave, measures, by), wave).table
    return table.set_index(["measure", "by", "level"])["n"]


def test_a_table_hides_the_same_whatever_else_is_in_it() -> None:
    wave = wave_of(3)
    whole = shown(wave, "y", "z")
    for measure in ("y", "z"):
        for by in ("district", "area", "group"):
            alone = shown(wave, measure, by=(by,))
            pd.testing.assert_series_equal(alone, whole[alone.index])


@settings(max_examples=25)
@given(SEEDS)
def test_what_is_hidden_of_the_residents_is_hidden_of_every_measure(seed: int) -> None:
    wave = wave_of(seed)
    residents = cells_of(wave)
    for measure in ("y", "z"):
        answered = cells_of(wave, measure)
        assert answered.place == residents.place
        assert (answered.hidden | ~residents.hidden).all()
        assert (answered.n <= residents.n).all()
        assert answered.hidden[answered.n < RULES.people].all()
    table = shown(wave, "y", "z").reset_index()
    hidden = {cell for cell, k in residents.place.items() if residents.hidden[k]}
    assert table.loc[[c in hidden for c in zip(table["by"], table["level"], strict=True)], "n"].isna().all()


@settings(max_examples=25)
@given(SEEDS)
def test_the_margins_of_the_weighting_hide_what_the_results_hide(seed: int) -> None:
    wave = wave_of(seed)
    codes = [wave.people[v].cat.codes.to_numpy() for v in ("district", "group")]
    margins = [
        type("M", (), {"variable": v, "targets": pd.Series(1.0, wave.people[v].cat.categories),
                       "share": lambda self: self.targets / self.targets.sum()})()
        for v in ("district", "group")
    ]  # fmt: skip
    report = protect_margins(margin_report(codes, margins, wave.weights, wave.weights), wave)
    cells = cells_of(wave)
    for row in report.itertuples():
        if cells.hidden[cells.place[row.variable, row.category]]:
            assert np.isnan(row.n)
            assert np.isnan(row.before)


def test_groupings_most_of_whose_cells_are_too_few_show_the_others_alone() -> None:
    """Ten areas of 20 and two of 60: the 20s are as silent as the one of 5."""
    area = np.repeat(np.arange(13), [5, *[20] * 10, 60, 60])
    people = pd.DataFrame({"area": pd.Categorical.from_codes(area, [f"a{k:02d}" for k in range(13)])})
    wave = make_wave({"y": np.random.default_rng(1).normal(50, 10, len(area))}, people, areas=("area",))
    assert cells_of(wave).sparse == {"area"}
    table = protect(estimate(wave, ["y"], ["area"]), wave).rows(by="area")
    assert table["suppressed"].tolist() == ["too few answers"] * 11 + ["", ""]
    assert table["n"].tolist()[-2:] == [60, 60]
    assert table["n"].isna().sum() == 11


def test_where_most_say_something_the_thin_ones_keep_their_number() -> None:
    area = np.repeat(np.arange(4), [20, 60, 60, 60])
    people = pd.DataFrame({"area": pd.Categorical.from_codes(area, list("abcd"))})
    wave = make_wave({"y": np.random.default_rng(1).normal(50, 10, len(area))}, people, areas=("area",))
    assert not cells_of(wave).sparse
    assert protect(estimate(wave, ["y"], ["area"]), wave).rows(by="area")["n"].tolist() == [20, 60, 60, 60]


def test_a_corrected_release_goes_on_hiding_what_the_first_one_hid() -> None:
    """Eight people, then eleven: shown now, the second number would say that the first was eight or so."""

    def with_first(n: int) -> Wave:
        area = np.repeat(np.arange(3), [n, 60, 70])
        people = pd.DataFrame({"area": pd.Categorical.from_codes(area, list("abc"))})
        return make_wave({"y": np.random.default_rng(1).normal(50, 10, len(area))}, people, areas=("area",))

    first, second = with_first(8), with_first(11)
    assert ("area", "a") in hidden_cells(first)
    assert not np.isnan(shown(second, "y", by=("area",))["y", "area", "a"])
    again = replace(second, withheld=frozenset(("", *cell) for cell in hidden_cells(first)))
    assert np.isnan(shown(again, "y", by=("area",))["y", "area", "a"])
    assert hidden_cells(first) <= hidden_cells(again)


def test_a_correction_goes_on_hiding_the_answers_to_a_question_alone() -> None:
    """Of 21 residents eight answered, then eleven; beside them 20 did, then 41: no mean where there was none."""

    def with_answers(few: int, others: int) -> Wave:
        area = np.repeat(np.arange(3), [21, 60, 70])
        y = np.random.default_rng(1).normal(50, 10, len(area))
        y[few:21] = y[21 + others : 81] = np.nan
        people = pd.DataFrame({"area": pd.Categorical.from_codes(area, list("abc"))})
        return make_wave({"y": y}, people, areas=("area",))

    first, second = with_answers(8, 20), with_answers(11, 41)
    assert ("y", "area", "a") in withheld_cells(first)
    assert ("", "area", "a") not in withheld_cells(first)
    assert shown(second, "y", by=("area",)).notna().all()
    again = replace(second, withheld=withheld_cells(first))
    assert withheld_cells(first) <= withheld_cells(again)
    table = protect(estimate(again, ["y"], ["area"]), again).table.set_index("level")
    hidden = {level for measure, _, level in withheld_cells(first) if measure == "y"}
    silent = {level for measure, _, level in withheld_cells(first) if measure == "mean: y"}
    assert table.loc[sorted(hidden), "n"].isna().all()
    assert table.loc[sorted(silent), "est"].isna().all()
    assert silent == {"a", "b"}


def test_nesting_is_found_among_the_residents() -> None:
    """The district of each area is in the file, said in the study or not: a lone hidden area would follow."""
    area = np.repeat(np.arange(4), [5, 60, 40, 50])
    people = pd.DataFrame(
        {
            "big": pd.Categorical.from_codes(area // 2, ["A", "B"]),
            "small": pd.Categorical.from_codes(area, ["A1", "A2", "B1", "B2"]),
        }
    )
    wave = make_wave({"y": np.random.default_rng(1).normal(50, 10, len(area))}, people, areas=("big", "small"))
    assert np.isnan(shown(wave, "y", by=("small",))["y", "small", "A2"])


def test_nesting_of_area_levels() -> None:
    levels = (
        AreaLevel("district", "Districts", areas=(("A", ""), ("B", ""))),
        AreaLevel("ward", "Wards", "district", (("A1", "A"), ("B1", "B"))),
        AreaLevel("beat", "Beats", "ward"),
    )
    assert nesting_of(levels) == {"ward": ("district", {"A1": "A", "B1": "B"})}


def test_areas_that_add_to_more_than_their_whole_say_nothing() -> None:
    """The file may place an area elsewhere than the study does; no sum is made of that."""
    sums = sums_of(
        ["", "d", "w", "w"], ["", "A", "A1", "A2"], np.array([50, 20, 15, 10]), {"w": ("d", {"A1": "A", "A2": "A"})}
    )
    assert [s.whole for s in sums] == [0]


def test_rules_cannot_be_laxer() -> None:
    with pytest.raises(ValueError, match="never laxer"):
        Rules(people=5)


def test_an_index_named_like_its_only_question() -> None:
    """Nothing has to be decided of the question before the index: they are the same people."""
    wave = make_wave(
        {"y": np.r_[np.full(60, 50.0), np.full(70, 60.0)]}, {"area": ["a"] * 60 + ["b"] * 70}, areas=("area",)
    )
    index = replace(wave.instrument.indices[0], parts=("y",))
    wave = replace(wave, instrument=replace(wave.instrument, indices=(index,)))
    assert not cells_of(wave, "y").hidden.any()
