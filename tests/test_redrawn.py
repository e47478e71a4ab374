"""Boundaries that changed between waves, from the study's areas to what is shown and imported afterwards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from builders import margins_of, refusal
from conftest import Told
from stores import LEVELS, STUDY, put, small_wave
from test_pages import app, button, words

from trustsurvey import workflow
from trustsurvey.analysis import picture
from trustsurvey.export.tables import picture_tables
from trustsurvey.harmonise.former import Correspondence, correspondence, redrawn
from trustsurvey.replication.replicates import replicate
from trustsurvey.store import Store
from trustsurvey.weighting.weigh import rake

WARDS = LEVELS[1]
NEW = (("Harbour", "East"), ("Mill", "East"), ("Park North", "West"), ("Park South", "West"), ("Hill", "West"))
BECAME = pd.DataFrame({"old": ["Docks", "Park", "Park"], "new": ["Harbour", "Park North", "Park South"],
                       "share": ["", "0.5", "0.5"]})  # fmt: skip


@pytest.fixture
def became(tmp_path: Path) -> Path:
    """The table of what the wards became."""
    path = tmp_path / "became.csv"
    BECAME.to_csv(path, index=False)
    return path


@pytest.fixture
def town(own_home: Path, became: Path) -> Store:
    """A study whose wards were redrawn between its two waves."""
    store = Store.open()
    store.create_study(STUDY)
    put(store, small_wave("w1", n=600))
    before = store.waves("town")[0].key
    workflow.change_areas(store, "town", replace(WARDS, areas=NEW, boundary_key=""), became)
    assert store.waves("town")[0].key != before  # caches go by it
    return store


def test_a_wave_is_shown_in_the_areas_of_today_and_stored_as_it_was(town: Store) -> None:
    assert town.study("town").level("ward").names == tuple(name for name, _ in NEW)
    stored = town.load_wave("town", "w1")[0].people["ward"]
    shown = workflow.load_wave(town, "town", "w1").people["ward"]
    assert list(shown.cat.categories) == [name for name, _ in NEW]
    counts, was = shown.value_counts(), stored.value_counts()
    assert (counts["Harbour"], counts["Mill"], counts["Hill"]) == (was["Docks"], was["Mill"], was["Hill"])
    assert (counts["Park North"], counts["Park South"]) == (0, 0)
    assert shown.isna().sum() == stored.isna().sum() + was["Park"]
    assert len(workflow.load_wave(town, "town", "w1")) == 600


def test_what_is_not_known_any_more_is_said(town: Store) -> None:
    notices = [notice.text for notice in workflow.load_wave(town, "town", "w1").report.notices]
    assert any("counted in those of today ('Docks \u2192 Harbour')" in text for text in notices)
    assert any("areas that were split since ('Park')" in text for text in notices)


def test_waves_of_both_boundaries_stand_beside_one_another(town: Store) -> None:
    new = small_wave("w2", n=600, seed=2)
    ward = pd.Categorical.from_codes(new.people["ward"].cat.codes, [name for name, _ in NEW])
    put(town, replace(new, people=new.people.assign(ward=ward)), "d2")
    waves, study = workflow.load_waves(town, "town")
    assert [list(wave.people["ward"].cat.categories) for wave in waves] == [[name for name, _ in NEW]] * 2
    made = picture(waves, 1, study)
    assert picture_tables(made, None)["Results"]["level"].isin(["Harbour"]).any()


def test_a_wave_weighted_to_its_former_areas_keeps_its_weights(own_home: Path, became: Path) -> None:
    store, wave = Store.open(), small_wave("w1", n=600)
    store.create_study(STUDY)
    put(store, wave)
    wave = rake(wave, margins_of(ward={"Docks": 100, "Mill": 150, "Park": 200, "Hill": 250}), missing="keep")
    store.save_weighting("town", wave)
    workflow.change_areas(store, "town", replace(WARDS, areas=NEW, boundary_key=""), became)
    shown = workflow.load_wave(store, "town", "w1")
    assert shown.weights.tolist() == pytest.approx(wave.weights.tolist())
    assert shown.weighting is not None
    assert shown.weighting.margins.variables == ("ward (former)",)
    assert len(replicate(shown, "bootstrap", count=20, seed=1)) == 20
    assert not picture_tables(picture([shown], 0, store.study("town")), None)["Margins"].empty


def test_a_file_of_former_areas_is_recognised_and_carried_over(town: Store, tmp_path: Path) -> None:
    rows = [f"{('Docks', 'Mill', 'Park', 'Hill')[k % 4]},{k % 5 + 1},{k * 2 % 5 + 1},{k % 5 + 1}" for k in range(120)]
    path = tmp_path / "late.csv"
    path.write_text("\n".join(["ward,fair,rude,safe", *rows]), encoding="utf-8")
    raw = workflow.read(path)
    mapping, _ = workflow.propose_for(town, "town", raw)
    wave = workflow.prepare(town, "town", raw, mapping, "w0").settled()
    assert wave.people["ward"].value_counts().to_dict() == {
        "Harbour": 30, "Mill": 30, "Hill": 30, "Park North": 0, "Park South": 0,
    }  # fmt: skip
    assert any("come from areas that were split since ('Park')" in notice.text for notice in wave.report.notices)
    # A file of today's areas is left alone.
    path.write_text(
        "\n".join(["ward,fair,rude,safe", *(row.replace("Docks", "Harbour") for row in rows if "Park" not in row)])
    )
    raw = workflow.read(path)
    wave = workflow.prepare(town, "town", raw, workflow.propose_for(town, "town", raw)[0], "w2").settled()
    assert wave.people["ward"].value_counts()["Harbour"] == 30
    assert not any(notice.code.startswith("areas.") for notice in wave.report.notices)


def test_a_wave_of_before_is_remapped_into_the_areas_of_today(own_home: Path, became: Path, tmp_path: Path) -> None:
    store, path = Store.open(), tmp_path / "early.csv"
    store.create_study(STUDY)
    rows = [f"{('Docks', 'Mill', 'Park', 'Hill')[k % 4]},{k % 5 + 1},{k * 2 % 5 + 1},{k % 5 + 1}" for k in range(120)]
    path.write_text("\n".join(["ward,fair,rude,safe", *rows]), encoding="utf-8")
    raw = workflow.read(path)
    mapping = workflow.propose_for(store, "town", raw)[0]
    workflow.save_import(store, "town", workflow.prepare(store, "town", raw, mapping, "w1").settled(), mapping, raw)
    workflow.change_areas(store, "town", replace(WARDS, areas=NEW, boundary_key=""), became)
    made, new = workflow.remap(store, "town", "w1", replace(mapping, partial_below=0.3))
    assert new
    assert made.people["ward"].value_counts()["Harbour"] == 30
    shown = workflow.load_wave(store, "town", "w1").people["ward"]
    assert shown.tolist() == made.people["ward"].tolist()


def test_boundaries_that_change_twice_lead_from_the_first_to_the_last() -> None:
    first = redrawn(WARDS, NEW, "", correspondence(BECAME, "t"))
    again = (("Port", "East"), ("Mill", "East"), ("Park", "West"), ("Hill", "West"))
    table = Correspondence((("Harbour", "Port", 1.0), ("Park North", "Park", 1.0), ("Park South", "Park", 1.0)))
    second = redrawn(first, again, "", table)
    assert set(second.former) == {
        ("Harbour", "Port", 1.0), ("Park North", "Park", 1.0), ("Park South", "Park", 1.0),
        ("Docks", "Port", None), ("Park", "Park", 1.0),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("areas", "rows", "code", "told"),
    [
        (NEW, (("Docks", "Harbour", 1.0),), "areas.correspondence", "what became of 'Park'"),
        (NEW, (("Docks", "Atlantis", 1.0), ("Park", "Hill", 1.0)), "areas.correspondence", "'Atlantis' is no area"),
        (WARDS.areas, (("Docks", "Mill", 1.0),), "areas.correspondence", "same names as before"),
        ((("Harbour", ""),), (("Docks", "Harbour", 1.0),), "areas.parent", "in which district 'Harbour' lies"),
        ((), (("Docks", "Harbour", 1.0),), "areas.none", "No areas are given"),
    ],
)
def test_areas_that_cannot_be_followed_are_refused(
    areas: tuple[tuple[str, str], ...], rows: tuple[tuple[str, str, float], ...], code: str, told: str
) -> None:
    with refusal(code, told):
        redrawn(WARDS, areas, "", Correspondence(rows))


def test_by_command(run: Callable[..., Told], refused: Callable[..., str], became: Path, tmp_path: Path) -> None:
    store = Store.open()
    store.create_study(STUDY)
    table = tmp_path / "wards.csv"
    table.write_text("ward,district\n" + "\n".join(f"{ward},{district}" for ward, district in NEW), encoding="utf-8")
    assert "no area level 'zip'" in refused("redraw", "town", "zip", "--became", became, "--table", table)
    told = run("redraw", "town", "ward", "--became", became, "--table", table)
    assert told == Told(0, "Wards: 5 areas instead of 4.\n", "")
    assert store.study("town").level("ward").former[0] == ("Docks", "Harbour", None)
    assert store.audit_trail()["action"].iloc[0] == "change areas"


def test_on_the_page(own_home: Path) -> None:
    store = Store.open()
    store.create_study(STUDY)
    test = app("study", study="town")
    next(s for s in test.selectbox if s.label == "Which areas?").set_value(WARDS).run()
    next(a for a in test.text_area if a.label.startswith("Or the names")).set_value(
        "\n".join(f"{ward}; {district}" for ward, district in NEW)
    ).run()
    button(test, "Change the areas").click().run()
    assert "The table of what the areas became is missing" in words(test)
    uploader = next(u for u in test.file_uploader if u.label.startswith("What the former areas became"))
    uploader.set_value(("became.csv", BECAME.to_csv(index=False).encode(), "text/csv")).run()
    button(test, "Change the areas").click().run()
    assert not test.exception
    assert "Wards: 5 areas instead of 4." in words(test)
    assert store.study("town").level("ward").names == tuple(name for name, _ in NEW)
