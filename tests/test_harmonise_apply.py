"""A mapping applied to a file: refusals that name column and file, a wave whose parts agree, real surveys."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from builders import refusal
from files import CORE, SMALL, TRUST, csv_text, items_of, qualtrics_rows, read_here, surveymonkey_rows, taken_in, xlsx

from trustsurvey.harmonise import harmonise, propose
from trustsurvey.harmonise.values import DONT_KNOW
from trustsurvey.instruments import read_instrument
from trustsurvey.mapping_file import mapping_from_yaml
from trustsurvey.model import AreaLevel, ColumnMap, Mapping

TEXT = "id,ward,kind,fair,why\na,Mill,4,Agree,slow\nb,Docks,2,Don't know,\n"
COLUMNS = "  id: id\n  ward: {area: ward}\n  kind: {item: kind}\n  fair: {item: fair}\n  why: {text: why}"
LEVELS = (AreaLevel("ward", "Wards", "", (("Mill", ""), ("Docks", ""))),)


def test_the_parts_of_a_wave_agree() -> None:
    wave = taken_in(TEXT, COLUMNS, SMALL, LEVELS, name="2026 Q2", probability=True).settled()
    assert (wave.name, wave.probability, wave.instrument) == ("2026 Q2", True, SMALL)
    assert len(wave) == len(wave.answers) == len(wave.missing) == len(wave.design.weights) == 2
    for frame in (wave.people, wave.answers, wave.missing):
        assert list(frame.index) == [0, 1]
    assert list(wave.people.columns) == ["respondent", "source_row", "ward"]
    assert wave.people["source_row"].tolist() == [2, 3]
    assert (wave.areas, wave.groups) == (("ward",), ())
    assert (wave.report.platform, wave.report.rows_read, wave.report.rows_kept) == ("plain", 2, 2)


def test_the_notices_of_the_reader_are_handed_on() -> None:
    wave = taken_in("kind,x,x\n4,a,b\n", "  kind: {item: kind}").wave
    assert [notice.code for notice in wave.report.notices] == ["read.heading-twice"]


def test_values_that_need_a_decision_stop_the_wave() -> None:
    result = taken_in(TEXT.replace("Mill,4", "Mull,7"), COLUMNS, SMALL, LEVELS)
    assert [problem.code for problem in result.problems] == ["map.outside", "map.area"]
    with refusal("map.outside", "survey.csv, row 2, column 'kind'", "'7'", "1 more values need a decision"):
        result.settled()


@pytest.mark.parametrize(
    ("columns", "code", "told"),
    [
        ("  knd: {item: kind}", "map.column-absent", ("no column 'knd'", "such as 'kind'")),
        ("  kind: {item: kindness}", "map.item-unknown", ("'kindness'", "column 'kind'", "'fair'")),
        ("  why: {text: reasons}", "map.item-unknown", ("'reasons'", "column 'why'")),
        ("  ward: {area: borough}\n  kind: {item: kind}", "map.area-unknown", ("'borough'", "'ward'", "Add the level")),
        ("  kind: {item: kind}\n  fair: {item: kind}", "map.target-twice", ("'kind' and", "item 'kind'")),
        ("  kind: {item: kind}\n  id: {group: g}\n  ward: {group: g}", "map.target-twice", ("group 'g'", "'ignore'")),
        ("  id: id", "map.no-items", ("No column is mapped", "'Officers here are kind")),
        ("  kind: {item: kind}\n  id: id\n  ward: id", "map.role-twice", ("'id' and 'ward'", "'ignore'")),
        ("  kind: {item: kind}\n  id: start\n  ward: start", "map.role-twice", ("'start'",)),
    ],
)
def test_a_mapping_that_does_not_fit_is_refused(columns: str, code: str, told: tuple[str, ...]) -> None:
    if code == "map.target-twice" and "kind' and" in told[0]:
        told = ("'kind', 'fair'", *told[1:])
    with refusal(code, *told):
        taken_in(TEXT, columns, SMALL, LEVELS)


def test_a_column_that_is_ignored_may_be_absent() -> None:
    mapping = Mapping((*items_of("kind"), ColumnMap("gone", "ignore")))
    assert len(taken_in(TEXT, mapping).wave) == 2


def test_the_same_answers_in_any_file_make_the_same_wave() -> None:
    questions = [(name, TRUST.item(name).text) for name in CORE]
    top = [int(TRUST.item(name).scale.high) for name in CORE]
    answers = [[(k * j + k) % high + 1 for j, high in enumerate(top)] for k in range(1, 8)]
    heads = [text for _, text in questions]
    plain = csv_text([heads, *answers])
    files = {
        "csv": plain,
        "semicolon": csv_text([heads, *answers], ";"),
        "utf-16": csv_text([heads, *answers], "\t").encode("utf-16"),
        "workbook": xlsx(heads, *answers),
        "qualtrics": csv_text(qualtrics_rows(questions, answers)),
        "surveymonkey": csv_text(
            surveymonkey_rows([("Do you agree?" * (k == 0), h) for k, h in enumerate(heads)], answers)
        ),
        "google": csv_text([["Timestamp", *heads], *(["2026/05/03 9:05:01 AM GMT+2", *row] for row in answers)]),
    }
    waves = {}
    for kind, content in files.items():
        raw = read_here(content)
        mapping, _ = propose(raw, TRUST)
        waves[kind] = harmonise(raw, mapping, TRUST, name="w").settled()
    for kind, wave in waves.items():
        assert wave.answers.equals(waves["csv"].answers), kind
        assert wave.wording == dict(questions), kind
    assert [waves[kind].report.platform for kind in ("qualtrics", "surveymonkey", "google")] == [
        "qualtrics", "surveymonkey", "googleforms",
    ]  # fmt: skip


def test_the_order_of_columns_does_not_matter() -> None:
    turned = csv_text([line.split(",")[::-1] for line in TEXT.splitlines()])
    one, other = (taken_in(text, COLUMNS, SMALL, LEVELS).wave for text in (TEXT, turned))
    assert one.answers.equals(other.answers)
    assert one.missing.equals(other.missing)
    assert one.comments.equals(other.comments)
    assert one.people["ward"].equals(other.people["ward"])


# --- a real survey --------------------------------------------------------------------------------

KANSAS = Path(__file__).parent / "kansas_city"
KANSAS_WAVES = {
    "kcmo_resident_survey_fy2022_q1q2.csv": (1_033, "2021"),
    "kcmo_resident_survey_mar2022.csv": (984, "2022"),
}
KANSAS_LEVELS = (
    AreaLevel("district", "Council districts", "", tuple((f"District {k}", "") for k in range(1, 7))),
    AreaLevel("zip", "ZIP codes"),
)


@pytest.mark.realdata
@pytest.mark.parametrize("name", KANSAS_WAVES)
def test_kansas_city_is_taken_in(real_data: Path, name: str) -> None:
    instrument = read_instrument(KANSAS / "instrument.yaml")
    mapping = mapping_from_yaml((KANSAS / "mapping.yaml").read_text(encoding="utf-8"))
    raw = read_here((real_data / "kcmo" / name).read_bytes(), name)
    result = harmonise(raw, mapping, instrument, KANSAS_LEVELS, name="w")
    assert not result.problems
    wave = result.settled()
    rows, _ = KANSAS_WAVES[name]
    assert wave.report.rows_read == rows
    plain = [line.split(",") for line in (real_data / "kcmo" / name).read_text(encoding="utf-8").splitlines()]
    column = {heading: position for position, heading in enumerate(plain[0])}
    cells = {item: [row[column[item]] for row in plain[1:]] for item in wave.items}
    met = np.mean([[cell in "123459" for cell in cells[item]] for item in wave.items], axis=0)
    assert len(wave) == int((met >= 0.5).sum())
    for item in wave.items:
        known = [cell for cell, share in zip(cells[item], met, strict=True) if share >= 0.5]
        assert (wave.missing[item] == DONT_KNOW).mean() == pytest.approx(known.count("9") / len(known))
        assert np.nanmean(wave.answers[item]) == pytest.approx(np.mean([int(c) for c in known if c in "12345"]))
        assert 0.02 < (wave.missing[item] == DONT_KNOW).mean() < 0.25
    assert wave.people["district"].notna().all()
    assert set(wave.people["sex"].cat.categories) <= {"Male", "Female", "Other"}
    assert wave.people["respondent"].is_unique
