"""Areas whose boundaries changed: carried over where they lie in one, left out and said where they were split."""

from __future__ import annotations

import pandas as pd
import pytest
from builders import refusal
from files import SMALL, csv_text, labelled, read_here, taken_in

from trustsurvey.harmonise.former import Correspondence, correspondence, in_mapping, in_wave
from trustsurvey.mapping_file import mapping_from_yaml
from trustsurvey.model import AreaLevel

DISTRICTS = AreaLevel("district", "Districts", "", (("North", ""), ("South", "")))
WARDS = AreaLevel("ward", "Wards", "district", (("Mill", "North"), ("Docks", "South"), ("Quay", "South")))
TABLE = pd.DataFrame(
    {
        "Old": ["Old Mill", "Weir", "Harbour", "Harbour", "Bank", "Bank", "Docks"],
        "new": ["Mill", "Mill", "Docks", "Quay", "Docks", "Quay", "Docks"],
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
        "Mill", "Mill", "Mill", None, None, "Docks", "Docks", "Quay", None,
    ]  # fmt: skip
    assert wave.people["district"].value_counts().to_dict() == {"North": 3, "South": 3}
    assert [notice.code for notice in notices] == ["areas.carried", "areas.split"]
    assert "4 answers from former areas" in notices[0].text
    assert "2 answers come from areas that were split since ('Harbour')" in notices[1].text


def test_codes_go_by_their_labels() -> None:
    raw = labelled(read_here("kind,where\n4,1\n5,2\n"), where={"1": "Weir", "2": "Quay"})
    mapping, _ = in_mapping(raw, mapping_from_yaml(COLUMNS), WARDS, correspondence(TABLE, "t.csv"))
    assert taken_in(raw, mapping, SMALL, (DISTRICTS, WARDS)).settled().people["ward"].tolist() == ["Mill", "Quay"]


def test_a_saved_wave_is_carried_over() -> None:
    before = AreaLevel(
        "ward", "Wards", "district", tuple((name, "South") for name in dict.fromkeys(ROWS[:-1]) if name != "old mill")
    )
    raw = read_here(csv_text([["kind", "where"], *[[k % 5 + 1, area] for k, area in enumerate(ROWS)]]))
    wave = taken_in(raw, COLUMNS, SMALL, (DISTRICTS, before)).settled()
    carried = in_wave(wave, (DISTRICTS, WARDS), "ward", correspondence(TABLE, "t.csv"))
    assert list(carried.people["ward"].cat.categories) == ["Mill", "Docks", "Quay"]
    assert carried.people["ward"].value_counts().to_dict() == {"Mill": 3, "Docks": 2, "Quay": 1}
    assert carried.people["district"].value_counts().to_dict() == {"North": 3, "South": 3}
    assert len(carried) == len(wave)
    assert [notice.code for notice in carried.report.notices] == ["areas.carried", "areas.split"]
    assert wave.people["ward"].value_counts()["Harbour"] == 2


def test_what_does_not_fit_the_study_is_refused() -> None:
    raw = read_here("kind,where\n4,Weir\n")
    with refusal("areas.correspondence", "'Elsewhere' is no area"):
        in_mapping(raw, mapping_from_yaml(COLUMNS), WARDS, Correspondence((("Weir", "Elsewhere", NAN),)))
    with refusal("areas.correspondence", "No column holds areas"):
        in_mapping(
            raw, mapping_from_yaml("columns: {kind: {item: kind}}"), WARDS, Correspondence((("Weir", "Mill", NAN),))
        )
