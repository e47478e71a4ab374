"""Sheets of a picture: what is in them, and that nothing small or secret is in any of them."""

from __future__ import annotations

import csv
import io
import zipfile
from dataclasses import replace

import numpy as np
import openpyxl
import pandas as pd
import pytest
from builders import margins_of
from stores import INSTRUMENT, STUDY, WARDS, small_wave

from trustsurvey.analysis import picture
from trustsurvey.export.tables import picture_tables, weights_table
from trustsurvey.export.workbook import csv_archive, workbook_bytes
from trustsurvey.model import Study, Wave
from trustsurvey.weighting.weigh import rake

SHEETS = ["Results", "Areas", "Against everyone", "Change", "Trend", "Questions", "Margins", "Weights", "Import",
          "Method"]  # fmt: skip
#: Numbers of people so unlike any other number that a sheet which holds one gives it away.
PLANTED = {"Docks": 7, "x": 4}


def planted(seed: int, n: int = 997) -> Wave:
    """A wave with 7 residents of Docks and 4 of the sex "x"; every other number is large."""
    wave = small_wave(f"Q{seed}", n=n, seed=seed)
    ward = np.repeat([0, 1, 2, 3], [7, 311, 331, n - 649])
    sex = np.where(np.arange(n) % 83 == 50, 2, np.arange(n) % 2)
    sex[np.flatnonzero(sex == 2)[4:]] = 1
    people = wave.people.assign(
        ward=pd.Categorical.from_codes(ward, [w for w, _ in WARDS]),
        district=pd.Categorical.from_codes(ward // 2, ["East", "West"]),
        sex=pd.Categorical.from_codes(sex, ["f", "m", "x"]),
    )
    assert int((people["sex"] == "x").sum()) == 4
    answers = wave.answers.fillna(3.0)
    answers.loc[ward == 0] = 1.0  # the seven of Docks agree, so that their mean is known: 33.3
    return replace(wave, people=people, answers=answers, missing=wave.missing * 0)


def weighted(wave: Wave) -> Wave:
    return rake(wave, margins_of(district={"East": 400, "West": 600}, sex={"f": 500, "m": 480, "x": 20}))


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    waves = [weighted(planted(seed)) for seed in (1, 2)]
    return picture_tables(picture(waves, 1, STUDY), None, microdata=True)


def test_the_sheets_of_a_workbook(tables: dict[str, pd.DataFrame]) -> None:
    assert list(tables) == SHEETS
    assert not any(table.empty for table in tables.values())


def test_without_the_right_to_them_no_weights_leave(tables: dict[str, pd.DataFrame]) -> None:
    shown = picture([weighted(planted(seed)) for seed in (1, 2)], 1, STUDY)
    plain = picture_tables(shown)
    assert list(plain) == [name for name in SHEETS if name != "Weights"]
    content = workbook_bytes(plain)
    pseudonym = shown.wave.people["respondent"].iloc[0]
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert not any(pseudonym.encode() in archive.read(name) for name in archive.namelist())


def test_what_a_wave_lacks_makes_no_sheet() -> None:
    wave = small_wave()
    bare = replace(wave, people=wave.people[["respondent", "source_row"]], areas=(), groups=())
    names = list(picture_tables(picture([bare], 0, Study("town", "Town", INSTRUMENT))))
    assert names == ["Results", "Trend", "Questions", "Import", "Method"]


def test_a_wave_of_one_person_makes_a_workbook_without_numbers() -> None:
    tables = picture_tables(picture([small_wave(n=1)], 0, STUDY))
    for name in ("Results", "Areas", "Trend"):
        assert tables[name][["est", "lci", "uci", "n", "n_eff"]].isna().all(axis=None), name
    assert workbook_bytes(tables).startswith(b"PK")


# --- what is hidden stays hidden -------------------------------------------------------------------------------


def cells(tables: dict[str, pd.DataFrame], name: str) -> list[list[object]]:
    """The rows of a sheet as a spreadsheet reads them."""
    sheet = openpyxl.load_workbook(io.BytesIO(workbook_bytes({name: tables[name]})))[name]
    return [list(row) for row in sheet.iter_rows(values_only=True)]


@pytest.mark.parametrize("name", [name for name in SHEETS if name not in ("Weights", "Import", "Method")])
def test_a_small_cell_has_no_number_on_any_sheet(tables: dict[str, pd.DataFrame], name: str) -> None:
    heading, *rows = cells(tables, name)
    for row in rows:
        named = dict(zip(heading, row, strict=True))
        if {named.get("level"), named.get("category")} & set(PLANTED):
            allowed = {"target", "after", "caution", "guarded", "everyone"}  # said of the population, or of everyone
            numbers = [k for k, v in named.items() if isinstance(v, int | float) and k not in allowed]
            assert numbers == [], named


@pytest.mark.parametrize("name", [name for name in SHEETS if name not in ("Weights", "Import", "Method")])
def test_the_number_of_a_small_cell_stands_nowhere(tables: dict[str, pd.DataFrame], name: str) -> None:
    """Neither itself nor what is left when it is taken from the total."""
    given_away = {*PLANTED.values(), *(997 - n for n in PLANTED.values())}
    heading, *rows = cells(tables, name)
    counts = [k for k, title in enumerate(heading) if str(title).removeprefix("mean_").endswith("n")]
    assert counts or name in ("Change", "Against everyone")
    for row in rows:
        assert not given_away & {row[k] for k in counts}, row


def test_the_neighbour_that_would_give_it_away_is_hidden_too(tables: dict[str, pd.DataFrame]) -> None:
    rows = tables["Results"]
    rows = rows[(rows["measure"] == "trust") & (rows["by"] == "ward")].set_index("level")
    assert rows.loc["Docks", "suppressed"] == "too few people"
    assert np.isnan(rows.loc["Mill", "n"])  # East less Mill is Docks
    assert rows.loc["Mill", "suppressed"] == ""
    assert rows.loc["Mill", "est"] == round(rows.loc["Mill", "est"])


def test_degrees_of_freedom_do_not_give_a_hidden_number_away(tables: dict[str, pd.DataFrame]) -> None:
    """In a simple sample they are the number of people less one."""
    for name in ("Results", "Areas", "Trend"):
        hidden = tables[name][tables[name]["n"].isna()]
        assert len(hidden) or name == "Trend"
        assert hidden[["df", "se", "n_eff", "deff"]].isna().all(axis=None), name


def test_the_same_holds_for_csv(tables: dict[str, pd.DataFrame]) -> None:
    with zipfile.ZipFile(io.BytesIO(csv_archive(tables))) as archive:
        for name in ("results.csv", "areas.csv", "trend.csv", "change.csv", "against_everyone.csv", "margins.csv"):
            for row in csv.DictReader(io.StringIO(archive.read(name).decode("utf-8-sig"), newline="")):
                if {row.get("level"), row.get("category")} & set(PLANTED):
                    for column in ("est", "se", "lci", "uci", "n", "n_eff", "df", "diff", "after_", "before", "area"):
                        assert row.get(column, "") == "", (name, column, row)


def test_small_categories_of_the_margins(tables: dict[str, pd.DataFrame]) -> None:
    rows = tables["Margins"].set_index(["variable", "category"])
    assert rows.loc[("sex", "x"), ["n", "before"]].isna().all()
    assert rows.loc["sex"]["n"].isna().sum() >= 2
    assert rows.loc[("district", "East"), "n"] == 318


# --- what is in them ------------------------------------------------------------------------------------------------


def test_weights_go_by_pseudonym_and_row_of_the_file(tables: dict[str, pd.DataFrame]) -> None:
    wave = weighted(planted(2))
    sheet = tables["Weights"]
    assert list(sheet.columns) == ["respondent", "source_row", "base_weight", "weight"]
    assert sheet["respondent"].tolist() == wave.people["respondent"].tolist()
    assert sheet["source_row"].tolist() == list(range(2, 999))
    assert np.array_equal(sheet["weight"], wave.weights)
    assert (sheet["base_weight"] == 1).all()
    assert weights_table(wave).equals(sheet)


def test_weights_say_nothing_about_answers(tables: dict[str, pd.DataFrame]) -> None:
    assert not {item.id for item in INSTRUMENT.items} & set(tables["Weights"])


def test_every_question_has_its_wording_and_its_numbers(tables: dict[str, pd.DataFrame]) -> None:
    rows = tables["Questions"].set_index("question")
    assert rows["wording"].tolist() == [item.text for item in INSTRUMENT.items]
    assert rows["reverse"].tolist() == [False, True, False]
    wave = planted(2)
    shares = (wave.answers["fair"] >= 4).to_numpy(float)
    weights = weighted(wave).weights
    assert rows.loc["fair", "positive_est"] == pytest.approx(np.average(shares, weights=weights))
    assert rows.loc["rude", "mean_est"] == pytest.approx(
        np.average(100 * (1 - (wave.answers["rude"] - 1) / 4), weights=weights)
    )
    assert (rows["dont_know_est"] == 0).all()


def test_questions_are_worded_as_they_were_asked() -> None:
    wave = small_wave(wording={"fair": "Are officers fair?"})
    rows = picture_tables(picture([wave], 0, STUDY))["Questions"].set_index("question")["wording"]
    assert rows.tolist() == ["Are officers fair?", "Officers are rude.", "I feel safe here."]


def test_areas_say_from_which_waves_they_are(tables: dict[str, pd.DataFrame]) -> None:
    assert set(tables["Areas"]["waves"]) == {"Q2"}


def test_change_says_between_which_waves_it_is(tables: dict[str, pd.DataFrame]) -> None:
    assert set(tables["Change"]["since"]) == {"Q1"}
    assert set(tables["Change"]["wave"]) == {"Q2"}
    assert {"p", "p_adj", "detectable", "verdict", "lci", "uci"} <= set(tables["Change"])


def test_against_everyone_names_its_columns_for_what_they_are(tables: dict[str, pd.DataFrame]) -> None:
    sheet = tables["Against everyone"]
    assert {"everyone", "area"} <= set(sheet)
    assert not {"before", "after"} & set(sheet)
    shown = sheet.dropna(subset=["diff"])
    np.testing.assert_allclose(shown["area"] - shown["everyone"], shown["diff"])


def test_text_of_the_survey_stays_text() -> None:
    wave = small_wave(n=200, wording={"fair": '=HYPERLINK("http://example.org")'})
    wave = replace(
        wave, people=wave.people.assign(sex=wave.people["sex"].cat.rename_categories({"f": "=1+1", "m": "@m"}))
    )
    tables = picture_tables(picture([wave], 0, STUDY))
    content = workbook_bytes(tables)
    book = openpyxl.load_workbook(io.BytesIO(content))
    found = [
        cell for sheet in book for row in sheet.iter_rows() for cell in row if str(cell.value).startswith(("=", "@"))
    ]
    assert {cell.value for cell in found} == {"=1+1", "@m", '=HYPERLINK("http://example.org")'}
    assert {cell.data_type for cell in found} == {"s"}
    assert not any(cell.hyperlink for cell in found)
    with zipfile.ZipFile(io.BytesIO(csv_archive(tables))) as archive:
        for name in archive.namelist():
            for row in csv.reader(io.StringIO(archive.read(name).decode("utf-8-sig"), newline="")):
                assert not any(cell.startswith(("=", "@")) for cell in row)
