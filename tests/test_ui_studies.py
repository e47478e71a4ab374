"""Studies from what a form holds: areas typed or drawn, files with marks, and what is refused before it is saved."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest
from builders import refusal
from stores import INSTRUMENT, STUDY, counted

from trustsurvey.instruments import default_instrument, dump_instrument
from trustsurvey.store import Store
from trustsurvey.store.repository import SAMPLE_REMOVED
from trustsurvey.ui import studies
from trustsurvey.ui.studies import AreaEntry


@dataclass
class Upload:
    """As Streamlit's uploaded file."""

    name: str
    content: bytes

    def getvalue(self) -> bytes:
        return self.content

    def getbuffer(self) -> bytes:
        return self.content


def entry(title: str = "", names: str = "", boundaries: Upload | None = None, **keys: str) -> AreaEntry:
    return AreaEntry(title, boundaries, keys.get("name_key", ""), keys.get("parent_key", ""), names)


def shapes(*properties: dict[str, Any], mark: bytes = b"") -> Upload:
    """Squares in a row with these properties."""
    features = [
        {
            "type": "Feature",
            "properties": own,
            "geometry": {"type": "Polygon", "coordinates": [[[k, 0], [k + 1, 0], [k + 1, 1], [k, 1], [k, 0]]]},
        }
        for k, own in enumerate(properties)
    ]
    text = json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)
    return Upload("areas.geojson", mark + text.encode())


def made(store: Store, *entries: AreaEntry, name: str = "Town", questionnaire: Upload | None = None) -> str:
    return studies.create(store, name, questionnaire, False, list(entries), None)


def levels(store: Store, *entries: AreaEntry) -> list[tuple[str, str, str, tuple[tuple[str, str], ...]]]:
    study = store.study(made(store, *entries))
    return [(level.key, level.title, level.parent, level.areas) for level in study.levels]


# --- what is made -----------------------------------------------------------------------------------------


def test_a_study_needs_a_name_alone(store: Store) -> None:
    assert made(store, entry(), entry(), name="  Residents' survey, Riverton ") == "residents-survey-riverton"
    study = store.study("residents-survey-riverton")
    assert study.name == "Residents' survey, Riverton"
    assert (study.instrument, study.levels, study.probability, study.sample) == (default_instrument(), (), False, False)


def test_areas_are_typed_one_a_line(store: Store) -> None:
    typed = " Mill ;East\r\nDocks; East \n\nPark\nPark\n ; West"
    assert levels(store, entry("Districts", "East\nWest"), entry("Wards", typed)) == [
        ("districts", "Districts", "", (("East", ""), ("West", ""))),
        ("wards", "Wards", "districts", (("Mill", "East"), ("Docks", "East"), ("Park", ""))),
    ]


def test_smaller_areas_alone_lie_in_nothing(store: Store) -> None:
    assert levels(store, entry(), entry("Wards", "Mill\nDocks")) == [
        ("wards", "Wards", "", (("Mill", ""), ("Docks", "")))
    ]


def test_a_level_with_a_title_alone_takes_any_area(store: Store) -> None:
    assert levels(store, entry("ZIP codes")) == [("zip_codes", "ZIP codes", "", ())]


def test_areas_come_from_boundaries_with_the_larger_area_of_each(store: Store) -> None:
    small = shapes({"ward": "Mill", "in": "East"}, {"ward": "Docks", "in": None}, {"ward": "Park", "in": " West "})
    assert levels(
        store, entry("Districts", "East\nWest"), entry("Wards", boundaries=small, name_key="ward", parent_key="in")
    )[1] == ("wards", "Wards", "districts", (("Mill", "East"), ("Docks", ""), ("Park", "West")))
    drawn = store.boundaries("town", "wards")
    assert drawn is not None
    assert '"name":"Mill"' in drawn


def test_areas_that_are_numbers_keep_the_areas_they_lie_in(store: Store) -> None:
    large = shapes({"district": 0.0}, {"district": 2.0})
    small = shapes({"ward": 1.0, "district": 0.0}, {"ward": 12.0, "district": 2.0})
    assert levels(
        store,
        entry("Districts", boundaries=large, name_key="district"),
        entry("Wards", boundaries=small, name_key="ward", parent_key="district"),
    )[1][3] == (("1", "0"), ("12", "2"))


def test_typed_names_go_before_those_of_the_boundaries(store: Store) -> None:
    (level,) = levels(store, entry("Wards", "Mill", shapes({"n": "Mill"}, {"n": "Docks"})))
    assert level[3] == (("Mill", ""),)


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_files_may_begin_with_a_byte_order_mark(store: Store, mark: bytes) -> None:
    questionnaire = Upload("own.yaml", mark + dump_instrument(INSTRUMENT).encode())
    made(store, entry("Wards", boundaries=shapes({"n": "M\u00fchle"}, mark=mark)), questionnaire=questionnaire)
    study = store.study("town")
    assert study.instrument == INSTRUMENT
    assert study.levels[0].names == ("M\u00fchle",)


# --- what is refused ----------------------------------------------------------------------------------------


def refused(store: Store, code: str, words: Sequence[str], *entries: AreaEntry, **more: Any) -> None:
    """Creating this study is refused, and nothing of it is there."""
    before = counted(store)
    with refusal(code, *words):
        made(store, *entries, **more)
    assert counted(store) == before


def test_names_that_are_none_are_refused(store: Store) -> None:
    refused(store, "study.name", ["no name"], name=" \t ")
    refused(store, "store.name", ["a name of one line"], name="two\nlines")


def test_a_study_of_the_same_short_name_is_refused(store: Store) -> None:
    made(store)
    refused(store, "store.study-exists", ["'TOWN!'"], name="TOWN!")


@pytest.mark.parametrize(("one", "other"), [("", ""), ("Zones", "zones!"), ("Areas", "")])
def test_two_levels_of_one_name_are_refused_in_words(store: Store, one: str, other: str) -> None:
    refused(store, "study.area", ["Larger and smaller areas"], entry(one, "East"), entry(other, "Mill"))


def test_an_area_in_two_larger_ones_is_refused(store: Store) -> None:
    upper = entry("Districts", "East\nWest")
    refused(store, "study.area-twice", ["'Centre'"], upper, entry("Wards", "Centre;East\nCentre;West"))


def test_a_larger_area_that_is_misspelled_is_refused(store: Store) -> None:
    upper = entry("Districts", "East\nWest")
    refused(store, "study.area-parent", ["'Eest'", "'East', 'West'"], upper, entry("Wards", "Mill;Eest\nPark;West"))
    small = shapes({"ward": "Mill", "in": "North"})
    drawn = entry("Wards", boundaries=small, name_key="ward", parent_key="in")
    refused(store, "study.area-parent", ["'North'"], upper, drawn)


def test_any_larger_area_will_do_where_none_are_listed(store: Store) -> None:
    assert levels(store, entry("Districts"), entry("Wards", "Mill;East"))[1][2:] == ("districts", (("Mill", "East"),))


def test_a_property_that_no_area_has_is_refused(store: Store) -> None:
    drawn = entry("Wards", boundaries=shapes({"ward": "Mill", "in": "East"}), name_key="ward", parent_key="district")
    refused(store, "boundaries.parent", ["'district'", "in, ward"], entry("Districts", "East"), drawn)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "boundaries.json"),
        (b"[" * 100_000, "boundaries.json"),
        ('{"features": "M\u00fchle"}'.encode("latin-1"), "upload.text"),
        (b'{"features": []}', "boundaries.features"),
    ],
)
def test_unsound_boundaries_are_refused(store: Store, content: bytes, code: str) -> None:
    refused(store, code, ["areas.json"], entry("Wards", boundaries=Upload("areas.json", content)))


def test_an_unsound_questionnaire_is_refused(store: Store) -> None:
    own = dump_instrument(INSTRUMENT).replace("Officers", "Stra\u00dfe")
    refused(store, "upload.text", ["own.yaml"], questionnaire=Upload("own.yaml", own.encode("latin-1")))
    refused(store, "instrument.unsound", ["own.yaml"], questionnaire=Upload("own.yaml", b"items: 3"))


# --- removing -----------------------------------------------------------------------------------------------


def test_removing_leaves_the_other_studies_and_a_sample_stays_away(store: Store) -> None:
    made(store)
    store.create_study(replace(STUDY, slug="sample", name="Sample", sample=True))
    real, sample = store.studies()
    studies.remove(store, sample)
    assert [record.slug for record in store.studies()] == ["town"]
    assert store.setting(SAMPLE_REMOVED) == "yes"
    store.set_setting(SAMPLE_REMOVED, "")
    studies.remove(store, real)
    assert store.studies() == []
    assert store.setting(SAMPLE_REMOVED) == ""


def test_a_study_removed_in_another_tab_is_a_sentence(store: Store) -> None:
    made(store)
    (record,) = store.studies()
    store.remove_study("town")
    with refusal("store.no-study", "'town'"):
        studies.remove(store, record)
