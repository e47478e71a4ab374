"""Names and codes that every program takes."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given, strategies as st
from stores import INSTRUMENT, small_wave

from trustsurvey.export.variables import LONGEST, RESERVED, missing_codes, short_names
from trustsurvey.model import Item, Scale, Wave


@pytest.mark.parametrize(
    ("long", "short"),
    [
        (["trust", "Trust", "TRUST"], ["trust", "Trust_2", "TRUST_3"]),
        (["Age group (years)"], ["Age_group_years"]),
        (["2nd visit"], ["v_2nd_visit"]),
        (["Stra\u00dfe", "\u00e9tat civil", "\u5e74\u9f62"], ["Strae", "etat_civil", "v"]),
        (["with", "IF", "_all"], ["with_1", "IF_1", "all_1"]),
        (["x" * 40, "x" * 41], ["x" * 32, "x" * 30 + "_2"]),
        (["", "..."], ["v", "v_2"]),
    ],
)
def test_names_are_short_and_unlike(long: list[str], short: list[str]) -> None:
    assert short_names(long) == short


@given(st.lists(st.text(max_size=50), max_size=30))
def test_any_text_gives_a_name_that_every_program_takes(names: list[str]) -> None:
    made = short_names(names)
    assert all(re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name) and len(name) <= LONGEST for name in made)
    assert not {name.casefold() for name in made} & RESERVED
    assert len({name.casefold() for name in made}) == len(names)


def on_scale(low: float) -> Wave:
    item = Item("fair", "Fair?", Scale("own", low, 100.0))
    return replace(small_wave(n=30), instrument=replace(INSTRUMENT, items=(item, *INSTRUMENT.items[1:])))


@pytest.mark.parametrize(("low", "first"), [(1.0, -99.0), (-5.0, -99.0), (-100.0, -999.0), (-999.0, -9999.0)])
def test_codes_of_no_answer_lie_on_no_scale(low: float, first: float) -> None:
    codes = missing_codes(on_scale(low))
    assert list(codes) == ["don't know", "refused", "not applicable", "left out"]
    assert list(codes.values()) == [first, first + 1, first + 2, first + 3]
    assert max(codes.values()) < low
