"""Files that hold several waves: found by their heading, taken apart without losing or mixing a row."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from builders import refusal
from conftest import Told
from files import cells, csv_text, names, numbers, read_here, table
from hypothesis import given, settings, strategies as st
from test_pages import app, button, select, upload, words
from test_somerville import OWN, WARDS

from trustsurvey.harmonise.rounds import Rounds, likely_rounds, only, rounds_of
from trustsurvey.instruments import default_instrument
from trustsurvey.model import AreaLevel, Study
from trustsurvey.readers.raw import Raw
from trustsurvey.store import Store


def survey(head: str = "Year", values: tuple[str, ...] = ("2015", "2011", "2013"), each: int = 40) -> Raw:
    """A row a person, the waves one after another in turn; a question of the first wave alone."""
    rows = [
        [k, values[k % len(values)], k % 5 + 1, 3 if k % len(values) == 0 else ""] for k in range(each * len(values))
    ]
    return read_here(csv_text([["id", head, "pj1", "then"], *rows]))


@pytest.mark.parametrize("head", ["Year", "survey_wave", "WAVE", "Jahr", "année", "Survey round", "Quarter"])
def test_waves_are_told_by_a_heading(head: str) -> None:
    assert likely_rounds(survey(head)) == Rounds(head, (("2011", 40), ("2013", 40), ("2015", 40)))


@pytest.mark.parametrize("head", ["Year of birth", "How many years have you lived here?", "last wave's id", "answers"])
def test_other_headings_tell_none(head: str) -> None:
    assert likely_rounds(survey(head)) is None


def test_few_rows_or_one_value_are_no_waves() -> None:
    assert likely_rounds(survey(each=20)) is None
    assert likely_rounds(survey(values=("2015",), each=90)) is None
    assert likely_rounds(survey(values=tuple(map(str, range(1900, 1950))), each=31)) is None


def test_a_wave_is_a_file_of_its_own() -> None:
    raw = survey()
    part = only(raw, "Year", "2015")
    assert (part.rows, part.source) == (40, "survey.csv (Year 2015)")
    assert names(part) == ["id", "Year", "pj1", "then"]
    assert names(only(raw, "Year", "2011")) == ["id", "Year", "pj1"]  # what nobody was asked is no column
    assert numbers(part) == [k * 3 + 2 for k in range(40)]  # as in the whole file
    digests = {raw.digest, part.digest, *(only(raw, "Year", year).digest for year in ("2011", "2013"))}
    assert len(digests) == 4
    assert only(survey(), "Year", "2015").digest == part.digest


@pytest.mark.parametrize(
    ("column", "value", "told"),
    [("Jahr", "2015", "no column 'Jahr'"), ("Year", "2016", "'2011', '2013', '2015'"), ("id", "x", "No row says 'x'")],
)
def test_what_is_no_wave_is_refused(column: str, value: str, told: str) -> None:
    with refusal("map.split", told):
        only(survey(), column, value)
    with refusal("map.split", "120 different values"):
        rounds_of(survey(), "id")


@settings(max_examples=30)
@given(st.lists(st.tuples(st.sampled_from(["a", "b", "c", ""]), st.sampled_from(["1", "2", ""])), min_size=2))
def test_no_row_is_lost_or_in_two_waves(rows: list[tuple[str, str]]) -> None:
    raw = read_here(csv_text([["k", "wave", "x"], *[[k, wave, x] for k, (wave, x) in enumerate(rows)]]))
    found = [value for value in raw.values("wave").distinct if value]
    parts = [only(raw, "wave", value) for value in found]
    assert sorted(row[0] for part in parts for row in table(part)) == sorted(
        str(k) for k, row in enumerate(rows) if row[0]
    )
    for value, part in zip(found, parts, strict=True):
        assert set(cells(part, "wave")) == {value}


@pytest.fixture
def town(own_home: Path) -> Store:
    """A study with six districts."""
    store = Store.open()
    areas = tuple((f"District {k}", "") for k in range(1, 7))
    store.create_study(Study("town", "Town", default_instrument(), (AreaLevel("district", "Districts", "", areas),)))
    return store


# --- by command -------------------------------------------------------------------------------------------


def written(folder: Path, raw_rows: int = 120) -> Path:
    years = ("2015", "2011", "2013")
    rows = [f"{years[k % 3]},District {k % 6 + 1},{k % 5 + 1},{k * 2 % 5 + 1}" for k in range(raw_rows)]
    path = folder / "years.csv"
    path.write_text("\n".join(["Year,area,pj1,pj2", *rows, ",District 1,1,1"]), encoding="utf-8")
    return path


def test_waves_of_one_file_by_command(
    town: Store,
    run: Callable[..., Told],
    refused: Callable[..., str],
    tmp_path: Path,
) -> None:
    file = written(tmp_path)
    assert "several waves by 'Year': 2011 (40 rows), 2013 (40 rows), 2015 (40 rows)" in run("inspect", file).out
    told = run("import", "town", file, "--split", "Year")
    assert [line for line in told.out.splitlines() if "saved" in line] == [
        f"{year}: 40 of 40 rows saved." for year in (2011, 2013, 2015)
    ]
    assert "1 rows say nothing in 'Year'" in told.out
    assert "were saved already" in run("import", "town", file, "--split", "Year").out
    assert [record.name for record in town.waves("town")] == ["2011", "2013", "2015"]
    assert town.kept_file("town", "2013").rows == 40
    assert "already saved as the wave '2011'" in refused(
        "import", "town", file, "--only", "Year", "2011", "--wave", "again"
    )
    run("undo", "town", "2011")
    assert "again: 40 of 40" in run("import", "town", file, "--only", "Year", "2011", "--wave", "again").out
    (tmp_path / "study.yaml").write_text(
        "name: Other\nareas: [{key: district, names: [District 1, District 2, District 3, District 4, District 5, "
        "District 6]}]\nwaves:\n- {name: first, file: years.csv, only: {Year: 2011}}\n", encoding="utf-8"
    )  # fmt: skip
    assert "first: 40 of 40 rows of years.csv (Year 2011)" in run("run", tmp_path / "study.yaml").out
    assert "--wave NAME, or --split" in refused("import", "town", file)
    assert "no column 'Jahr'" in refused("import", "town", file, "--split", "Jahr")


# --- on the page ------------------------------------------------------------------------------------------


def test_waves_of_one_file_on_the_page(town: Store, tmp_path: Path) -> None:
    test = upload(app("import_wave"), "years.csv", written(tmp_path).read_bytes())
    for number, year in enumerate(("2011", "2013", "2015")):
        choice = next(s for s in test.selectbox if "holds several waves" in s.label)
        assert choice.value == year
        assert "40 of 40 rows count" in words(test)
        assert next(f for f in test.text_input if f.label == "Name of this wave").value == year
        button(test, "Save as a wave").click().run()
        assert not test.exception
        assert f"**{year}** is saved" in words(test)
        assert len(town.waves("town")) == number + 1
    assert not [s for s in test.selectbox if "holds several waves" in s.label]  # the file is done with
    assert "Earlier imports" in [e.label for e in test.expander]


def test_a_file_of_several_waves_may_be_one(town: Store, tmp_path: Path) -> None:
    test = upload(app("import_wave"), "years.csv", written(tmp_path).read_bytes())
    next(s for s in test.selectbox if "holds several waves" in s.label).set_value("All rows, as one wave").run()
    next(f for f in test.text_input if f.label == "Name of this wave").set_value("all").run()
    button(test, "Save as a wave").click().run()
    assert [(record.name, record.rows) for record in town.waves("town")] == [("all", 121)]
    assert not [s for s in test.selectbox if "holds several waves" in s.label]


@pytest.mark.realdata
def test_somerville_is_taken_apart(real_data: Path, own_home: Path) -> None:
    store = Store.open()
    store.create_study(Study("somerville", "Somerville", OWN, WARDS))
    path = real_data / "somerville" / "somerville_happiness_2011_2013_2015.csv"
    test = upload(app("import_wave"), path.name, path.read_bytes())
    choice = select(test, next(s.label for s in test.selectbox if "holds several waves" in s.label))
    assert choice.options == ["2011 (6,167 rows)", "2013 (193 rows)", "2015 (185 rows)", "All rows, as one wave"]
    assert "6,167 rows" in words(test)
    choice.set_value("2015").run()
    assert not test.exception
    assert "185 rows" in words(test)
