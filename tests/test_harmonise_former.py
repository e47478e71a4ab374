"""Areas whose boundaries changed: carried over where they lie in one, left out and said where they were split."""

from __future__ import annotations

import pandas as pd
import pytest
from builders import refusal
from files import SMALL, csv_text, labelled, read_here, taken_in

from trustsurvey.harmonise.former import Correspondence, correspondence, in_mapping, in_wave, speaks_of
from trustsurvey.mapping_file import mapping_from_yaml
from trustsurvey.model import AreaLevel

DISTRICTS = AreaLevel("district", "Districts", "", (("North", ""), ("South", "")))
WARDS = AreaLevel(
    "ward", "Wards", "district", (("Mill", "North"), ("Docks", "South"), ("Quay", "South"), ("Pier", "South"))
)
TABLE = pd.DataFrame(
    {
        "Old": ["Old Mill", "Weir", "Harbour", "Harbour", "Bank", "Bank", "Docks"],
        "new": ["Mill", "Mill", "Pier", "Quay", "Docks", "Quay", "Docks"],
        "share": ["", "1", "0.6", "0.4", "97%", "3%", ""],
    }
)
NAN = float("nan")
ROWS = ["Old Mill", "old mill", "Weir", "Harbour", "Harbour", "Bank", "Docks", "Quay", ""]
COLUMNS = "partial_below: 0\ncolumns:\n  kind: {item: kind}\n  where: {area: ward}\n"


def test_an_area_is_carried_where_it_lies_in_one() -> None:
    table = correspondence(TABLE, "t.csv")
    assert table.carried == {"Old Mill": "Mill", "Weir": "Mill", "Bank": "Docks", "Docks": "Docks"}
    assert table.split == ("Harbour",)
    # What today holds a part of Harbour is not what it was.
    assert table.pieced == {"Pier", "Quay"}
    assert [table.today(name, WARDS.names) for name in ("old mill", "Harbour", "Quay", "Docks", "Pier", "Far")] == [
        "Mill", None, None, "Docks", None, None,
    ]  # fmt: skip


def test_an_area_that_took_in_a_part_of_another_is_not_carried() -> None:
    table = Correspondence((("A", "X", NAN), ("B", "X", 0.5), ("B", "Y", 0.5), ("C", "Z", 0.5), ("C", "X", 0.5)))
    assert table.within == {"A": "X"}
    assert table.carried == {}
    assert table.pieced == {"X", "Y", "Z"}
    # A sliver is none.
    table = Correspondence((("A", "X", NAN), ("B", "X", 0.04), ("B", "Y", 0.5), ("B", "Z", 0.46)))
    assert table.carried == {"A": "X"}


def test_two_areas_without_shares_are_a_split() -> None:
    table = Correspondence((("A", "X", NAN), ("A", "Y", NAN), ("B", "X", 0.94)))
    assert table.carried == {}
    assert table.split == ("A", "B")


@pytest.mark.parametrize(
    ("frame", "told"),
    [
        ({"from": ["a"], "to": ["b"]}, "'old', 'new'"),
        ({"old": [""], "new": ["b"]}, "holds no areas"),
        ({"old": ["a"], "new": ["b"], "share": ["97"]}, "0 to 1"),
        ({"old": ["a"], "new": ["b"], "share": ["some"]}, "'some'"),
    ],
)
def test_a_table_that_is_none_is_refused(frame: dict[str, list[str]], told: str) -> None:
    with refusal("areas.correspondence", "t.csv", told):
        correspondence(pd.DataFrame(frame), "t.csv")


def test_a_file_of_former_areas_is_read_as_todays() -> None:
    raw = read_here(csv_text([["kind", "where"], *[[k % 5 + 1, area] for k, area in enumerate(ROWS)]]))
    mapping, notices = in_mapping(raw, mapping_from_yaml(COLUMNS), WARDS, correspondence(TABLE, "t.csv"))
    wave = taken_in(raw, mapping, SMALL, (DISTRICTS, WARDS)).settled()
    assert wave.people["ward"].astype(object).where(wave.people["ward"].notna(), None).tolist() == [
        "Mill", "Mill", "Mill", None, None, "Docks", "Docks", None, None,
    ]  # fmt: skip
    assert wave.people["district"].value_counts().to_dict() == {"North": 3, "South": 2}
    assert [notice.code for notice in notices] == ["areas.carried", "areas.split", "areas.pieced"]
    # So few answers are no number: an area with nine people must stay hidden.
    assert "<10 answers from former areas" in notices[0].text
    assert "<10 answers come from areas that were split since ('Harbour')" in notices[1].text
    assert "hold parts of split ones as well ('Quay')" in notices[2].text


def test_numbers_are_told_from_ten_on() -> None:
    raw = read_here(csv_text([["kind", "where"], *[[k % 5 + 1, "Weir"] for k in range(12)]]))
    _, notices = in_mapping(raw, mapping_from_yaml(COLUMNS), WARDS, correspondence(TABLE, "t.csv"))
    assert "12 answers from former areas" in notices[0].text


def test_a_file_speaks_of_former_areas_where_it_names_one_that_is_gone() -> None:
    table, mapping = correspondence(TABLE, "t.csv"), mapping_from_yaml(COLUMNS)

    def said(*areas: str) -> bool:
        return speaks_of(read_here(csv_text([["kind", "where"], *[[3, a] for a in areas]])), mapping, WARDS, table)

    assert said("Docks", "weir")
    assert not said("Docks", "Mill", "elsewhere")
    assert not speaks_of(read_here("kind,where\n3,Weir\n"), mapping_from_yaml("columns: {kind: ignore}"), WARDS, table)


def test_codes_go_by_their_labels() -> None:
    raw = labelled(read_here("kind,where\n4,1\n5,2\n"), where={"1": "Weir", "2": "Docks"})
    mapping, _ = in_mapping(raw, mapping_from_yaml(COLUMNS), WARDS, correspondence(TABLE, "t.csv"))
    assert taken_in(raw, mapping, SMALL, (DISTRICTS, WARDS)).settled().people["ward"].tolist() == ["Mill", "Docks"]


def test_a_saved_wave_is_carried_over() -> None:
    before = AreaLevel(
        "ward", "Wards", "district", tuple((name, "South") for name in dict.fromkeys(ROWS[:-1]) if name != "old mill")
    )
    raw = read_here(csv_text([["kind", "where"], *[[k % 5 + 1, area] for k, area in enumerate(ROWS)]]))
    wave = taken_in(raw, COLUMNS, SMALL, (DISTRICTS, before)).settled()
    carried = in_wave(wave, (DISTRICTS, WARDS), "ward", correspondence(TABLE, "t.csv"))
    assert list(carried.people["ward"].cat.categories) == ["Mill", "Docks", "Quay", "Pier"]
    assert carried.people["ward"].value_counts().to_dict() == {"Mill": 3, "Docks": 2, "Quay": 0, "Pier": 0}
    # Of those whose ward is not known any more, the district is what it was.
    assert carried.people["district"].value_counts().to_dict() == {"North": 3, "South": 5}
    assert len(carried) == len(wave)
    assert [notice.code for notice in carried.report.notices] == ["areas.carried", "areas.split", "areas.pieced"]
    assert wave.people["ward"].value_counts()["Harbour"] == 2


def test_what_does_not_fit_the_study_is_refused() -> None:
    raw = read_here("kind,where\n4,Weir\n")
    with refusal("areas.correspondence", "'Elsewhere' is no area"):
        in_mapping(raw, mapping_from_yaml(COLUMNS), WARDS, Correspondence((("Weir", "Elsewhere", NAN),)))
    with refusal("areas.correspondence", "No column holds areas"):
        in_mapping(
            raw, mapping_from_yaml("columns: {kind: {item: kind}}"), WARDS, Correspondence((("Weir", "Mill", NAN),))
        )
