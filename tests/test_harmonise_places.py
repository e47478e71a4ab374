"""Names of places however people write them, and decisions that take many of them at once."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from files import SMALL, csv_text, labelled, read_here, taken_in

from trustsurvey.harmonise import Harmonised, accept, decide
from trustsurvey.harmonise.places import core, usual_spellings, variants
from trustsurvey.mapping_file import mapping_from_yaml
from trustsurvey.model import AreaLevel

NAMES = [
    "Westminster",
    "Saint Mary",
    "Davis Square",
    "Union Square",
    "East Side",
    "West Side",
    "Ward 3",
    "Ward 13",
    "Old Park",
]
LEVEL = (AreaLevel("ward", "Wards", "", tuple((name, "") for name in NAMES)),)
MAPPING = mapping_from_yaml("partial_below: 0\ncolumns: {kind: {item: kind}, where: {area: ward}}")


@pytest.mark.parametrize(
    ("spelling", "name"),
    [
        ("City of Westminster", "Westminster"),
        ("London Borough of Westminster", "Westminster"),
        ("St. Mary", "Saint Mary"),
        ("St Mary", "Saint Mary"),
        ("3", "Ward 3"),
        ("03", "Ward 3"),
        ("ward 3", "Ward 3"),
        ("Ward #13", "Ward 13"),
        ("Ward three", "Ward 3"),
        ("Davis Sq.", "Davis Square"),
        ("Davis", "Davis Square"),
        ("Davis Square area", "Davis Square"),
        ("Davis Sqaure", "Davis Square"),
        ("near Union Square", "Union Square"),
        ("Oldpark", "Old Park"),
        ("E Side", "East Side"),
        ("WESTMINSTER", "Westminster"),
    ],
)
def test_a_spelling_is_recognised(spelling: str, name: str) -> None:
    assert variants([spelling], NAMES) == {spelling: name}


@pytest.mark.parametrize(
    "spelling",
    [
        "Davis/Union",
        "Davis Square / Union Square",
        "Square",
        "between Davis Square and the river",
        "North Side",
        "Southeast Side",
        "Side",
        "33",
        "Ward 1",
        "4",
        "",
        "?",
        "I like it here",
        "Mary's house",
    ],
)
def test_what_may_be_two_places_or_none_is_left_alone(spelling: str) -> None:
    assert variants([spelling], NAMES) == {}


def test_names_that_share_their_words_are_left_alone() -> None:
    assert variants(["Westminster"], ["City of Westminster", "Westminster Ward"]) == {}


def test_the_telling_words_of_a_name() -> None:
    assert core("Pearl St.") == ("pearl", "street")
    assert core("St. Pearl's") == ("saint", "pearls")
    assert core("Ward 007") == ("7",)
    assert core("The City") == ("the", "city")


def test_rarer_spellings_are_laid_on_the_usual_ones() -> None:
    found = usual_spellings(
        {"Davis Square": 30, "Davis": 4, "DAVIS SQUARE": 2, "Union Square": 9, "Union Sq": 1, "High St": 1}
    )
    assert found == {"Davis": "Davis Square", "Union Sq": "Union Square"}


def many(*cells: str, labels: dict[str, str] | None = None) -> Harmonised:
    raw = labelled(
        read_here(csv_text([["kind", "where"], *[[k % 5 + 1, cell] for k, cell in enumerate(cells)]])),
        where=labels or {},
    )
    return taken_in(raw, MAPPING, SMALL, LEVEL)


def test_one_decision_takes_many_spellings() -> None:
    cells = ("Davis", "Union Sq.", "03", "03", "Old Park", "Nowhere")
    result = many(*cells)
    together, single = result.problems
    assert (together.code, together.count, together.suggestion) == ("map.areas", 4, "Take them so")
    assert "3 spellings resemble an area: \u201cDavis\u201d as Davis Square" in together.question
    assert (single.code, single.value) == ("map.area", "Nowhere")
    raw = read_here(csv_text([["kind", "where"], *[[k % 5 + 1, cell] for k, cell in enumerate(cells)]]))
    mapping = accept(MAPPING, result.problems)
    left = taken_in(raw, mapping, SMALL, LEVEL)
    assert [problem.value for problem in left.problems] == ["Nowhere"]
    assert left.wave.people["ward"].tolist()[:5] == ["Davis Square", "Union Square", "Ward 3", "Ward 3", "Old Park"]
    one_by_one = taken_in(raw, decide(MAPPING, together, "Decide one by one"), SMALL, LEVEL)
    assert [(p.value, p.suggestion) for p in one_by_one.problems][:2] == [
        ("Davis", "Davis Square"),
        ("Union Sq.", "Union Square"),
    ]


def test_many_unknown_names_are_asked_about_together_and_lost_only_by_decision() -> None:
    cells = tuple(f"Somewhere {chr(97 + k // 26)}{chr(97 + k % 26)}" for k in range(41))
    result = many(*cells)
    (problem,) = result.problems
    assert (problem.code, problem.suggestion) == ("map.areas-unknown", "")
    assert accept(MAPPING, result.problems) == MAPPING
    raw = read_here(csv_text([["kind", "where"], *[[1, cell] for cell in cells]]))
    assert not taken_in(raw, decide(MAPPING, problem, "Leave them all out"), SMALL, LEVEL).problems
    assert len(taken_in(raw, decide(MAPPING, problem, "Decide one by one"), SMALL, LEVEL).problems) == 41


def test_a_list_of_codes_goes_by_its_labels() -> None:
    result = many("1", "2", "9", labels={"1": "Old Park", "2": "Davis Sq", "9": "Refused"})
    (problem,) = result.problems
    assert (problem.value, problem.label, problem.suggestion) == ("2", "Davis Sq", "Davis Square")
    assert result.wave.people["ward"].isna().tolist() == [False, True, True]
    assert "'2' (\u201cDavis Sq\u201d)" in str(problem.error("f.csv"))


def test_many_spellings_are_no_burden() -> None:
    names = [f"Area {k} {'north' if k % 2 else 'south'}" for k in range(1_000)]
    began = time.perf_counter()
    variants([f"Aera {k} somewhere {k % 7}" for k in range(2_000)], names)
    assert time.perf_counter() - began < 20


@pytest.mark.realdata
def test_the_neighbourhoods_of_somerville(real_data: Path) -> None:
    name = "somerville_happiness_2011_2013_2015.csv"
    raw = read_here((real_data / "somerville" / name).read_bytes(), name)
    names = [
        "Davis Square",
        "Winter Hill",
        "Spring Hill",
        "Union Square",
        "East Somerville",
        "Porter Square",
        "West Somerville",
        "Teele Square",
        "Inman Square",
        "Ball Square",
        "Prospect Hill",
        "Magoun Square",
        "Ten Hills",
        "Powder House",
    ]
    cells = [cell for cell in raw.values("What.neighborhood.do.you.live.in.").distinct if cell]
    found = variants([cell for cell in cells if cell not in names], names)
    assert 20 <= len(found) <= 40
    assert found["Teal Sq. Area"] == "Teele Square"
    assert "Southeast Somerville" not in found
    assert not any("/" in spelling for spelling in found)
