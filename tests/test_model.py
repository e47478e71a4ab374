"""The nouns of a survey: what they look up, what they refuse, and that they do not change."""

from __future__ import annotations

import pickle
from dataclasses import FrozenInstanceError, replace

import numpy as np
import pandas as pd
import pytest
from builders import as_codes, make_wave, refusal
from hypothesis import given, strategies as st

from trustsurvey import model
from trustsurvey.model import (
    ESTIMATE_COLUMNS,
    REASONS,
    AreaLevel,
    ColumnMap,
    Design,
    Estimates,
    Index,
    Instrument,
    Item,
    Mapping,
    Margin,
    Margins,
    Report,
    Scale,
    Study,
    Weighting,
)

FIVE = Scale("five", 1, 5)
ASKED = Instrument(
    "i",
    "Instrument",
    (
        Item("a", "Question a?", FIVE),
        Item("b", "Question b?", FIVE, reverse=True),
        Item("why", "Why?", Scale("t", 0, 0)),
    ),
    (Index("x", "Index x", ("a", "b"), 1), Index("all", "All", ("x", "b", "a"), 2)),
    "all",
)


def test_everything_the_package_speaks_of_is_listed_once() -> None:
    assert len(set(model.__all__)) == len(model.__all__)
    assert all(hasattr(model, name) for name in model.__all__)


@pytest.mark.parametrize("noun", [FIVE, ASKED, Study("s", "S", ASKED), Mapping(()), ColumnMap("c", "item"), Report()])
def test_nouns_do_not_change_and_survive_another_process(noun: object) -> None:
    field = next(iter(vars(noun)))
    with pytest.raises(FrozenInstanceError):
        setattr(noun, field, "other")
    again = pickle.loads(pickle.dumps(noun))
    assert again == noun
    assert hash(again) == hash(noun)


# --- questionnaires -------------------------------------------------------------------------------------


def test_the_codes_of_reasons_are_those_that_are_stored() -> None:
    assert REASONS == ("answered", "blank", "don't know", "refused", "not applicable", "left out")


def test_a_scale_without_a_range_is_text() -> None:
    assert [Scale("s", low, high).is_text for low, high in ((0, 0), (1, 0), (0, 1))] == [True, True, False]


def test_an_instrument_finds_items_and_indices_by_their_keys() -> None:
    assert ASKED.item("b").reverse
    assert ASKED.index("x").parts == ("a", "b")
    assert [ASKED.has_item(key) for key in ("a", "why", "x", "A", "")] == [True, True, False, False, False]
    for find in (ASKED.item, ASKED.index, ASKED.items_of):
        with pytest.raises(KeyError):
            find("gone")
    assert [item.id for item in ASKED.rated] == ["a", "b"]
    assert [item.id for item in ASKED.open] == ["why"]


def test_titles_are_those_of_indices_wordings_of_items_and_else_the_name() -> None:
    assert [ASKED.title_of(key) for key in ("x", "a", "gone")] == ["Index x", "Question a?", "gone"]


def test_an_index_rests_on_the_items_of_its_parts_each_once() -> None:
    assert ASKED.items_of("all") == ("a", "b")
    assert ASKED.items_of("b") == ("b",)


# --- studies and mappings -------------------------------------------------------------------------------


def test_a_study_finds_its_levels_and_a_missing_one_is_a_key_error() -> None:
    ward = AreaLevel("ward", "Wards", "district", (("Mill", "East"), ("Docks", "")))
    study = Study("s", "S", ASKED, (AreaLevel("district", "Districts"), ward))
    assert study.level("ward") is ward
    assert ward.names == ("Mill", "Docks")
    assert study.level("district").names == ()
    with pytest.raises(KeyError):
        study.level("Ward")


MAPPING = Mapping(
    (ColumnMap("w", "weight"), ColumnMap("q", "item", "a"), ColumnMap("t", "text", "why"), ColumnMap("v", "weight"))
)


def test_an_area_knows_the_areas_that_hold_it() -> None:
    levels = (
        AreaLevel("district", "Districts", "", (("East", ""),)),
        AreaLevel("ward", "Wards", "district", (("Docks", "East"),)),
        AreaLevel("block", "Blocks", "ward", (("Quay", "Docks"), ("Lost", ""))),
    )  # fmt: skip
    study = Study("s", "S", ASKED, levels)
    assert study.holding("block", "Quay") == (("ward", "Docks"), ("district", "East"))
    assert study.holding("district", "East") == study.holding("block", "Lost") == study.holding("ward", "Mill") == ()
    assert study.holding("nothing", "East") == ()


def test_a_mapping_gives_columns_by_role_in_the_order_of_the_file() -> None:
    assert [column.column for column in MAPPING.having("text", "weight")] == ["w", "t", "v"]
    assert list(MAPPING.having()) == []
    assert MAPPING.only("item") == ColumnMap("q", "item", "a")
    assert MAPPING.only("id") is None


def test_two_columns_of_a_role_that_there_is_once_are_refused_by_name() -> None:
    with refusal("map.role-twice", "'w' and 'v'", "'weight'"):
        MAPPING.only("weight")


def test_an_entry_is_replaced_by_its_column() -> None:
    changed = MAPPING.with_column(ColumnMap("v", "ignore"))
    assert changed.only("weight") == ColumnMap("w", "weight")
    assert [column.column for column in changed.columns] == ["w", "q", "t", "v"]
    assert MAPPING.with_column(ColumnMap("gone", "id")) == MAPPING


def test_rows_kept_are_those_read_less_those_dropped() -> None:
    assert Report("plain", 10, (("test", 2), ("partial", 3))).rows_kept == 5
    assert Report().rows_kept == 0


# --- design ---------------------------------------------------------------------------------------------


def design(
    weights: object = (1.0, 1.0, 1.0, 1.0), strata: object = "aabb", psus: object = "abcd", **more: object
) -> Design:
    return Design(np.asarray(weights, float), as_codes(list(strata)), as_codes(list(psus)), **more)  # type: ignore[call-overload, arg-type]


def test_a_design_that_agrees_with_itself_is_taken() -> None:
    assert design(fpc=np.array([9.0, 9, 7, 7]), psu_ids=np.array(["a", None, "", "d"], object)).lonely == "fail"


@pytest.mark.parametrize("bad", [0.0, -1.0, float("nan"), float("inf")])
def test_a_weight_must_be_a_number_above_zero(bad: float) -> None:
    with refusal("design.weights"):
        design((1.0, bad, 1.0, 1.0))


def test_designs_that_contradict_themselves_are_refused() -> None:
    ones, codes = np.ones(4), np.arange(4)
    with refusal("design.rows"):
        Design(ones, codes[:3] * 0, codes)
    with refusal("design.rows"):
        design(psu_ids=np.array(["a"], object))
    with refusal("design.treatment", "'drop'", "remove"):
        design(lonely="drop")
    with refusal("design.strata"):
        Design(ones, np.array([0, 0, 2, 2]), codes)
    with refusal("design.psus"):
        Design(ones, codes * 0, np.array([0, 1, 2, 4]))
    with refusal("design.psus"):
        Design(ones, codes * 0, codes - 1)
    with refusal("design.psus", "two strata"):
        design(psus="abca")
    for fpc in ([9.0, 8, 7, 7], [9.0, np.nan, 7, 7]):
        with refusal("design.fpc"):
            design(fpc=np.array(fpc))


def test_nobody_is_a_design_too() -> None:
    assert len(Design.simple(0).weights) == 0


@given(st.lists(st.floats(0.1, 100), min_size=1, max_size=9))
def test_a_simple_sample_has_one_stratum_and_everybody_for_themselves(weights: list[float]) -> None:
    simple = Design.simple(len(weights), np.array(weights))
    assert simple.weights.tolist() == weights
    assert set(simple.strata) == {0}
    assert simple.psus.tolist() == list(range(len(weights)))
    assert Design.simple(2).weights.tolist() == [1.0, 1.0]


# --- margins and weights --------------------------------------------------------------------------------


def test_margins_are_counted_named_and_shared_out() -> None:
    margins = Margins((Margin("sex", pd.Series({"f": 3, "m": 1})), Margin("age", pd.Series({"18": 2.0}))), "census")
    assert (len(margins), margins.variables) == (2, ("sex", "age"))
    assert [margin.share().to_dict() for margin in margins] == [{"f": 0.75, "m": 0.25}, {"18": 1.0}]
    assert not Margins(())


# --- waves and estimates --------------------------------------------------------------------------------


def test_a_wave_counts_with_its_calibrated_weights_where_it_has_any() -> None:
    wave = make_wave({"y": [1.0, 2.0]}, weights=[1.0, 3.0])
    assert (len(wave), wave.items, wave.weights.tolist(), wave.raked) == (2, ("y_q",), [1.0, 3.0], False)
    margins = Margins((Margin("sex", pd.Series({"f": 2.0})),))
    made = Weighting(np.array([2.0, 2.0]), wave.design.weights, None, margins)  # type: ignore[arg-type]
    weighted = replace(wave, weighting=made)
    assert (weighted.weights.tolist(), weighted.raked) == ([2.0, 2.0], True)
    assert not replace(wave, weighting=replace(made, margins=Margins(()))).raked
    assert replace(wave, parts=(wave, replace(wave, name="w2"))).pooled_from == ("w1", "w2")
    assert wave.pooled_from == ()


def test_waves_are_told_apart_and_not_compared_cell_by_cell() -> None:
    one, other = make_wave({"y": [1.0]}), make_wave({"y": [1.0]})
    assert one != other
    assert len({one, other}) == 2


def test_rows_of_estimates_are_chosen_by_all_that_is_named() -> None:
    table = pd.DataFrame([["w", "x", "mean", by, level] for by, level in (("", ""), ("sex", "f"), ("sex", "m"))],
                         columns=list(ESTIMATE_COLUMNS[:5]))  # fmt: skip
    estimates = Estimates(table)
    assert list(estimates.rows(by="sex", level="m").index) == [2]
    assert len(estimates.rows()) == 3
    assert estimates.rows(by="age").empty
    with pytest.raises(KeyError):
        estimates.rows(nothing=1)
    assert len(set(ESTIMATE_COLUMNS)) == len(ESTIMATE_COLUMNS)
