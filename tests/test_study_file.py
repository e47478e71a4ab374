"""A study as a file: what it describes, and every slip named."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from builders import outcome, refusal
from hypothesis import HealthCheck, given, settings, strategies as st

from trustsurvey.errors import SurveyError
from trustsurvey.instruments import default_instrument
from trustsurvey.study_file import StudyFile, read_area_table, read_study_file, refuse_unmatched

ROOT = Path(__file__).resolve().parents[1]
SQUARES = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "properties": {"NAME": name, "id": k},
            "geometry": {"type": "Polygon", "coordinates": [[[k, 0], [k + 1, 0], [k + 1, 1], [k, 1], [k, 0]]]},
        }
        for k, name in enumerate(["EAST", "West"])
    ],
}


def study_of(folder: Path, text: str) -> StudyFile:
    (folder / "study.yaml").write_text(text, encoding="utf-8")
    return read_study_file(folder / "study.yaml")


# --- what it describes --------------------------------------------------------------------------


def test_a_name_is_enough(tmp_path: Path) -> None:
    plan = study_of(tmp_path, "name: Riverton")
    assert (plan.study.name, plan.study.slug) == ("Riverton", "")
    assert plan.study.instrument == default_instrument()
    assert (plan.study.levels, plan.waves, plan.margins, plan.export) == ((), (), None, None)
    assert not plan.study.probability
    assert not plan.study.sample


def test_a_whole_study(tmp_path: Path) -> None:
    (tmp_path / "wards.csv").write_text(
        "ward,district\nMill,East\nDocks,East\nPark,West\nPark,West\n", encoding="utf-8"
    )
    (tmp_path / "districts.geojson").write_text(json.dumps(SQUARES))
    (tmp_path / "q.yaml").write_text("name: q\nitems: {a: {text: A, scale: agree5}}\nindices: {t: {parts: [a]}}\n")
    plan = study_of(
        tmp_path,
        """
name: Riverton
slug: river
probability: true
sample: true
instrument: q.yaml
areas:
  - {key: district, title: Districts, boundaries: districts.geojson, boundary_key: NAME}
  - {key: ward, parent: district, table: wards.csv}
  - {key: zip, names: [07001, x]}
margins: margins.csv
mapping: mapping.yaml
export: out
weighting: {start: one, bounds: [0.2, 5]}
waves:
  - {name: Q1, file: waves/q1.csv, start: 2026-01-01, end: "2026-03-31"}
  - {name: 2, file: q2.csv, start: 2026-04-01 10:00:00, mapping: other.yaml, margins: m2.csv, weighting: {bounds: null}}
""",
    )
    study = plan.study
    assert (study.slug, study.probability, study.sample) == ("river", True, True)
    assert study.instrument.name == "q"
    assert [(level.key, level.title, level.parent) for level in study.levels] == [
        ("district", "Districts", ""), ("ward", "Ward", "district"), ("zip", "Zip", ""),
    ]  # fmt: skip
    assert study.level("district").names == ("EAST", "West")
    assert study.level("district").boundary_key == "NAME"
    assert study.level("ward").areas == (("Mill", "East"), ("Docks", "East"), ("Park", "West"))
    assert '"name":"EAST"' in plan.boundaries["district"]
    assert set(plan.boundaries) == {"district"}
    assert (plan.margins, plan.export) == (tmp_path / "margins.csv", tmp_path / "out")
    one, two = plan.waves
    assert (one.name, one.file, one.mapping) == ("Q1", tmp_path / "waves/q1.csv", tmp_path / "mapping.yaml")
    assert (one.start, one.end) == (date(2026, 1, 1), date(2026, 3, 31))
    assert (one.margins, one.weighting) == (tmp_path / "margins.csv", {"start": "one", "bounds": (0.2, 5.0)})
    assert (two.name, type(two.start), two.start) == ("2", date, date(2026, 4, 1))
    assert (two.mapping, two.margins) == (tmp_path / "other.yaml", tmp_path / "m2.csv")
    assert two.weighting == {"start": "one", "bounds": None}


def test_the_sample_study_is_read() -> None:
    plan = read_study_file(ROOT / "sample_data" / "study.yaml")
    assert plan.study.sample
    assert len(plan.waves) == 8
    assert all(wave.file.is_file() for wave in plan.waves)
    assert [level.key for level in plan.study.levels] == ["district", "neighbourhood"]
    assert set(plan.boundaries) == {"district", "neighbourhood"}
    parents = {parent for _, parent in plan.study.level("neighbourhood").areas}
    assert parents == set(plan.study.level("district").names)


# --- slips --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code", "told"),
    [
        ("", "study.yaml", "empty"),
        ("[]", "study.yaml", "empty"),
        ("[[[", "study.yaml", "line 1"),
        ("[" * 5_000, "study.yaml", "not valid YAML"),
        ("name: !!int x", "study.yaml", "not valid YAML"),
        ("name: !!timestamp x", "study.yaml", "not valid YAML"),
        ("name:", "study.name", "no name"),
        ("nmae: x", "study.key", "'nmae'"),
        ("1: 2", "study.key", "'1'"),
        ("name: x\nprobability: maybe", "study.flag", "'probability'"),
        ('name: x\nsample: "no"', "study.flag", "'sample'"),
        ("name: x\ninstrument: gone.yaml", "instrument.unreadable", "gone.yaml"),
        ("name: x\nareas: 5", "study.list", "'areas'"),
        ("name: x\nareas: {key: a}", "study.list", "dash"),
        ("name: x\nareas: [5]", "study.entry", "'key'"),
        ("name: x\nareas: [null]", "study.entry", "areas"),
        ("name: x\nareas: [{title: A}]", "study.area", "no key"),
        ("name: x\nareas: [{key: a, size: 3}]", "study.key", "'size'"),
        ("name: x\nareas: [{key: a, names: 5}]", "study.list", "'names'"),
        ("name: x\nareas: [{key: a, names: [N, S, N]}]", "study.area-twice", "'N'"),
        ("name: x\nareas: [{key: a}, {key: a}]", "study.area", "'a' stands twice"),
        ("name: x\nareas: [{key: a, parent: b}, {key: b}]", "study.area", "does not come before"),
        ("name: x\nareas: [{key: a, table: gone.csv}]", "study.area-table", "gone.csv"),
        ("name: x\nareas: [{key: a, boundaries: gone.geojson}]", "boundaries.absent", "gone.geojson"),
        ("name: x\nwaves: 5", "study.list", "'waves'"),
        ("name: x\nwaves: ['']", "study.entry", "'file'"),
        ("name: x\nwaves: [{name: a}]", "study.wave", "no file"),
        ("name: x\nwaves: [{file: a}]", "study.wave", "no name"),
        ("name: x\nwaves: [{name: a, file: b}, {name: a, file: c}]", "study.waves", "'a' stands twice"),
        ("name: x\nwaves: [{name: a, file: b, start: 2026}]", "study.date", "'2026' is no date"),
        ("name: x\nwaves: [{name: a, file: b, end: soon}]", "study.date", "'soon'"),
        ("name: x\nwaves: [{name: a, file: b, when: 1}]", "study.key", "'when'"),
        ("name: x\nweighting: 5", "study.entry", "weighting"),
        ("name: x\nweighting: {start: two}", "study.weighting", "'start: two'"),
        ("name: x\nweighting: {missing: drop}", "study.weighting", "'keep', 'refuse'"),
        ("name: x\nweighting: {bounds: 5}", "study.weighting", "pair of numbers"),
        ("name: x\nweighting: {bounds: [1, 2, 3]}", "study.weighting", "pair of numbers"),
        ("name: x\nweighting: {bounds: [a, b]}", "study.weighting", "[0.2, 5]"),
        ("name: x\nweighting: {cut: 5}", "study.key", "'cut'"),
        ("name: x\nweighting: {trim: 5}", "study.weighting", "no pair of numbers"),
        ("name: x\nweighting: {method: best}", "study.weighting", "'method: best' is unknown"),
        ("name: x\nweighting: {collapse: few}", "study.weighting", "no number of answers"),
        ("name: x\nwaves: [{name: a, file: b, weighting: {bounds: x}}]", "study.weighting", "pair of numbers"),
    ],
)
def test_every_slip_is_named(tmp_path: Path, text: str, code: str, told: str) -> None:
    with refusal(code, told) as error:
        study_of(tmp_path, text)
    assert error.where


def test_an_absent_file_is_refused(tmp_path: Path) -> None:
    with refusal("study.absent", "gone.yaml"):
        read_study_file(tmp_path / "gone.yaml")
    (tmp_path / "study.yaml").write_bytes(b"name: Caf\xe9")
    with refusal("study.yaml", "study.yaml"):
        read_study_file(tmp_path / "study.yaml")


KEYS = ["key", "name", "file", "names", "parent", "start", "bounds", "weighting", "table"]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["x", "", "a.csv"]) | st.dates(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=8,
)
ENTRIES = ["areas", "waves", "weighting", "margins", "mapping", "export", "slug", "instrument", "probability"]


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(entries=st.dictionaries(st.sampled_from(ENTRIES), VALUES, max_size=4))
def test_any_entries_give_a_study_or_a_refusal(tmp_path: Path, entries: dict[str, Any]) -> None:
    result = outcome(lambda: study_of(tmp_path, yaml.safe_dump({"name": "x", **entries})))
    assert isinstance(result, StudyFile | SurveyError)


# --- tables of areas ----------------------------------------------------------------------------


def test_a_table_of_areas_is_read_in_its_order(tmp_path: Path) -> None:
    path = tmp_path / "areas.csv"
    path.write_text("x,district,ward\n1,East, Mill \n2,East,Docks\n3\n4,,Isle\n", encoding="utf-8-sig")
    assert read_area_table(path, "ward", "district") == (("Mill", "East"), ("Docks", "East"), ("Isle", ""))
    assert read_area_table(path, "ward", "") == (("Mill", ""), ("Docks", ""), ("Isle", ""))


@pytest.mark.parametrize("content", [b"", b"ward\n", b"ward;district\nMill;East\n", b"town,district\nMill,East\n"])
def test_a_table_without_its_columns_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "areas.csv"
    path.write_bytes(content)
    with refusal("study.area-table", "areas.csv", "'ward', 'district'"):
        read_area_table(path, "ward", "district")


def test_a_table_in_another_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "areas.csv"
    path.write_bytes("ward\nMühle\n".encode("cp1252"))
    with refusal("study.area-table", "areas.csv"):
        read_area_table(path, "ward", "")


def test_an_area_in_two_places_is_refused(tmp_path: Path) -> None:
    (tmp_path / "areas.csv").write_text("ward,district\nMill,East\nMill,West\n")
    with refusal("study.area-twice", "'Mill'", "in one area of the level above"):
        study_of(tmp_path, "name: x\nareas: [{key: district}, {key: ward, parent: district, table: areas.csv}]")


def test_boundaries_must_name_some_area_of_the_level() -> None:
    refuse_unmatched(["Mill", "Docks"], ("MILL.", "Elsewhere"), "x.geojson")
    refuse_unmatched([], ("a",), "x.geojson")
    with refusal("boundaries.unmatched", "x.geojson", "'1'", "'Mill'", "Choose the property"):
        refuse_unmatched(["Mill"], ("1", "2"), "x.geojson")
