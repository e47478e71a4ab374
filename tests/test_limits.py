"""Results within areas: a commander of one district sees it, what lies in it, and everyone together."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from test_pages import app, choose, select, words

from trustsurvey.analysis import Picture, picture
from trustsurvey.export.tables import picture_tables
from trustsurvey.limits import areas_within, study_within, within
from trustsurvey.present.actions import BEYOND
from trustsurvey.rights import Person, Place
from trustsurvey.store import Store
from trustsurvey.workflow import load_waves

SLUG = "riverton-sample-study"
NORTH = (Place(SLUG, "district", "Northside"),)
LIMITED = Person("Commander", frozenset({"commander"}), NORTH)


@pytest.fixture(scope="module")
def whole(visited_folder: Path) -> Picture:
    store = Store.open(f"sqlite:///{visited_folder / 'trustsurvey.db'}")
    waves, study = load_waves(store, SLUG)
    store.close()
    return picture(waves[-5:], 4, study)


def other_places(whole: Picture) -> set[str]:
    """The areas of the study that do not lie in Northside."""
    mine = areas_within(whole.study, NORTH)
    return {name for level in whole.study.levels for name in level.names} - set().union(*mine.values())


def test_what_lies_in_a_district_goes_with_it_and_what_it_lies_in_does_not(whole: Picture) -> None:
    areas = areas_within(whole.study, NORTH)
    assert areas["district"] == {"Northside"}
    inside = {name for name, parent in whole.study.level("neighbourhood").areas if parent == "Northside"}
    assert areas["neighbourhood"] == inside
    one = next(iter(sorted(inside)))
    assert areas_within(whole.study, [Place(SLUG, "neighbourhood", one)]) == {
        "district": frozenset(),
        "neighbourhood": {one},
    }
    assert not any(areas_within(whole.study, [Place("other", "district", "Northside")]).values())


def test_a_study_to_choose_from_has_these_areas_alone(whole: Picture) -> None:
    study, (district, _) = whole.study, whole.study.levels
    assert study_within(study, None) is study
    inside = areas_within(study, NORTH)["neighbourhood"]
    north, there = study_within(study, NORTH).levels
    assert (north.title, north.names, set(there.names)) == (district.title, ("Northside",), inside)
    # A level without any area would take any name.
    assert [level.key for level in study_within(study, [Place(SLUG, "neighbourhood", "Docks")]).levels] == [
        "neighbourhood"
    ]
    assert study_within(study, ()).levels == ()


def test_every_table_keeps_everyone_the_groups_and_the_areas_alone(whole: Picture) -> None:
    limited, record = within(whole, NORTH), None
    assert within(whole, None) is whole
    tables, all_tables = picture_tables(limited, record), picture_tables(whole, record)
    elsewhere = other_places(whole)
    for name in ("Results", "Areas", "Against everyone", "Change", "Trend"):
        assert not elsewhere & set(tables[name]["level"]), name
        assert elsewhere & set(all_tables[name]["level"]) or name in ("Change",), name
    results, before = tables["Results"], all_tables["Results"]
    kept = before[~before["level"].isin(elsewhere)].reset_index(drop=True)
    assert results.equals(kept)
    assert [view.areas for view in limited.levels] == [1, len(areas_within(whole.study, NORTH)["neighbourhood"])]


def test_without_an_area_of_the_study_no_level_is_left(whole: Picture) -> None:
    limited = within(whole, ())
    assert limited.levels == ()
    assert set(limited.estimates.table["by"]) == {"", *whole.wave.groups}


@pytest.mark.parametrize("page", ["trust", "neighbourhood", "voices", "beside", "downloads", "actions"])
def test_no_page_tells_of_areas_elsewhere(
    page: str, sample_visited: Path, whole: Picture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trustsurvey.ui.guard.person", lambda: LIMITED)
    test = app(page, areas="district")
    assert not test.exception
    assert not test.error
    sent = words(test) + "".join(str(element.proto) for element in test.main)
    shown = {name for name in other_places(whole) if name in sent}
    assert shown == set()
    if page in ("trust", "neighbourhood"):
        assert "Northside" in sent


def test_a_promise_elsewhere_is_neither_opened_nor_written(sample_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trustsurvey.ui.guard.person", lambda: LIMITED)
    listed = {version.action.area: version.action.id for version in Store.open().actions.listed(SLUG)}
    test = app("actions", promise=str(listed["Harbour"]))
    assert "There is no promise" in words(test)
    assert "Harbour" not in words(test)
    north = app("actions", promise=str(listed["Northside"]))
    assert "post office" in words(north)
    whole = Store.open().study(SLUG)
    elsewhere = {name for level in whole.levels for name in level.names} - set().union(
        *areas_within(whole, NORTH).values()
    )
    for shown in (north, app("actions", promise="new")):
        choose(shown, "What in the survey should change?", "Trust index")
        for label in ("Where?", "For whom?"):
            offered = " ".join(select(shown, label).options)
            assert "Northside (Districts)" in offered
            assert not [name for name in elsewhere if name in offered]


def test_promises_for_the_district_are_read_by_who_sees_a_neighbourhood_of_it(
    sample_visited: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    docks = replace(LIMITED, places=(Place(SLUG, "neighbourhood", "Docks"),))
    monkeypatch.setattr("trustsurvey.ui.guard.person", lambda: docks)
    (harbour,) = (v.action.id for v in Store.open().actions.listed(SLUG) if v.action.area == "Harbour")
    test = app("actions")
    told = words(test)
    assert "Open a desk in the Harbour library" in told
    assert BEYOND in told
    assert "Trust index in Harbour" not in told
    assert "About 20 people" not in told
    assert "Northside" not in told
    assert f"open {harbour}" not in {button.key for button in test.button}
    opened = app("actions", promise=str(harbour))
    assert BEYOND in words(opened)
    assert not opened.dataframe
    assert "Harbour library" in words(app("neighbourhood", areas="neighbourhood", area="Docks"))
