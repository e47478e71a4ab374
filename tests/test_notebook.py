"""A study file and an export in a notebook: two lines to a scored wave."""

from __future__ import annotations

from pathlib import Path

import pytest
from builders import margins_of, refusal
from files import CORE, TRUST, csv_text

from trustsurvey.model import ColumnMap, Mapping
from trustsurvey.notebook import read_study, read_wave

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "sample_data"


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """Two residents who answered every question with the lowest or the highest trust."""
    lowest, highest = [], []
    for item in (TRUST.item(name) for name in CORE):
        ends = [f"{item.scale.low:g}", f"{item.scale.high:g}"]
        lowest.append(ends[item.reverse])
        highest.append(ends[not item.reverse])
    rows = [[*CORE, "id", "band"], [*lowest, "a", "young"], [*highest, "b", "old"]]
    path = tmp_path / "April.csv"
    path.write_text(csv_text(rows), encoding="utf-8")
    return path


def test_an_export_becomes_a_scored_wave(export: Path) -> None:
    wave = read_wave(export)
    assert wave.name == "April"
    assert wave.scores is not None
    assert wave.scores["trust"].tolist() == [0, 100]
    assert wave.groups == ()
    assert not wave.probability
    assert read_wave(export, name="2026 Q2").name == "2026 Q2"


def test_margins_tell_the_groups(export: Path) -> None:
    wave = read_wave(export, margins=margins_of(life={"young": 3, "old": 4}))
    assert wave.groups == ("life",)
    assert wave.people["life"].tolist() == ["young", "old"]


def test_a_mapping_decides_when_it_is_given(export: Path) -> None:
    mapping = Mapping((ColumnMap("pj1", "item", "pj2"), ColumnMap("band", "group", "age")), partial_below=0)
    wave = read_wave(export, mapping=mapping)
    assert (wave.items, wave.groups) == (("pj2",), ("age",))


def test_two_calls_cannot_be_joined(export: Path) -> None:
    one, other = (set(read_wave(export).people["respondent"]) for _ in range(2))
    assert len(one) == len(other) == 2
    assert not one & other


def test_a_value_nobody_understands_is_named(export: Path, tmp_path: Path) -> None:
    path = tmp_path / "May.csv"
    path.write_text(export.read_text().replace("1,1", "1,7", 1))
    with refusal("map.outside", "May.csv, row 2", "outside 1 to 5"):
        read_wave(path)


def test_a_file_that_is_none_is_named(tmp_path: Path) -> None:
    with refusal("read.absent", "gone.csv"):
        read_wave(tmp_path / "gone.csv")


def test_the_sample_study_in_two_lines() -> None:
    study = read_study(SAMPLE / "study.yaml")
    wave = read_wave(SAMPLE / "waves" / "riverton_2026q2.csv", study)
    assert wave.areas == ("district", "neighbourhood")
    assert wave.people["neighbourhood"].notna().all()
    assert wave.scores is not None
    assert wave.scores["trust"].notna().mean() > 0.9
    assert {reason for reason, _ in wave.report.dropped} >= {"test answers and previews"}
    assert wave.report.rows_kept == len(wave) > 900
