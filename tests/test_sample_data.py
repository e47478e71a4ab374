"""The sample study: its files come from its generator, and weighting finds the truth it was made with."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
import yaml
from shapely.geometry import shape

from trustsurvey.estimation.means import estimate
from trustsurvey.instruments import default_instrument
from trustsurvey.model import REASONS, Design, Margins, Wave
from trustsurvey.scales.scoring import score
from trustsurvey.weighting.population import margins_from_table
from trustsurvey.weighting.weigh import rake

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # sample_data is not installed with the package

from sample_data import answers, export, generate, people, words  # noqa: E402

FOLDER = ROOT / "sample_data"
INSTRUMENT = default_instrument()
QUARTERS = answers.QUARTERS
GROUPS = tuple(people.GROUPS)
RATED = [item.id for item in INSTRUMENT.rated]
CORE = [item.id for item in INSTRUMENT.rated if not item.optional]


def rows_of(quarter: answers.Quarter) -> pd.DataFrame:
    """The rows of a committed export, questions under the names of their items and variables."""
    table = pd.read_csv(
        FOLDER / "waves" / quarter.file, skiprows=[1, 2], dtype=str, keep_default_na=False, encoding="utf-8"
    )
    items = {question.tag: question.item.id for question in export.questions(INSTRUMENT, quarter)}
    demographics = {f"Q{i}": variable for i, (variable, _) in enumerate(export.DEMOGRAPHICS, 1)}
    return table.rename(columns=items | demographics)


@pytest.fixture(scope="module")
def exports() -> dict[str, pd.DataFrame]:
    return {quarter.name: rows_of(quarter) for quarter in QUARTERS}


@pytest.fixture(scope="module")
def margins() -> Margins:
    return margins_from_table(pd.read_csv(FOLDER / "margins.csv"), "margins.csv")


@pytest.fixture(scope="module")
def truth() -> pd.DataFrame:
    return pd.read_csv(FOLDER / "truth.csv", keep_default_na=False)


def sent_again(rows: pd.DataFrame) -> pd.Series:
    """Rows whose address gave the very same answers within the hour before, under another ResponseId."""
    same = ["IPAddress", *(v for v, _ in export.DEMOGRAPHICS), *RATED, "oe1", "oe2"]
    rows = rows.assign(start=pd.to_datetime(rows["StartDate"])).sort_values("start", kind="stable")
    before = rows.groupby(same)["start"].shift()
    return ((rows["start"] - before) < pd.Timedelta("1h")).reindex(rows.index.sort_values())


def kept(rows: pd.DataFrame) -> pd.DataFrame:
    """The residents' completed answers, each once."""
    rows = rows.drop_duplicates("ResponseId")
    rows = rows[(rows["Status"] == "IP Address") & (rows["Finished"] == "True")]
    return rows[~sent_again(rows)].reset_index(drop=True)


def wave_of(name: str, rows: pd.DataFrame) -> Wave:
    """A wave from the kept rows of an export, by the instrument's own anchors."""
    answered, missing = {}, {}
    for item in INSTRUMENT.rated:
        text = rows[item.id]
        codes = {label: code for code, label in export.words_of(item).items()}
        answered[item.id] = text.map(codes).astype(float)
        why = np.where(text == "", REASONS.index("blank"), REASONS.index("don't know"))
        missing[item.id] = np.where(answered[item.id].notna(), 0, why)
        assert set(text) <= {*codes, "", "Don't know"}
    district = pd.read_csv(FOLDER / "areas.csv").set_index("neighbourhood")["district"]
    who = pd.DataFrame({"neighbourhood": rows["neighbourhood"], "district": rows["neighbourhood"].map(district)})
    for group in GROUPS:
        who[group] = rows[group].mask(rows[group] == "Prefer not to say")
    return Wave(
        name, INSTRUMENT, who, pd.DataFrame(answered), pd.DataFrame(missing), Design.simple(len(rows)),
        areas=("district", "neighbourhood"), groups=GROUPS,
    )  # fmt: skip


@pytest.fixture(scope="module")
def estimates(exports: dict[str, pd.DataFrame], margins: Margins) -> pd.DataFrame:
    """The trust index of every wave, in the city and by district, unweighted and raked."""
    tables = []
    for name, rows in exports.items():
        wave = score(wave_of(name, kept(rows)))
        raked = rake(wave, margins, start="one", missing="keep")
        for weighted, version in (("unweighted", wave), ("raked", raked)):
            table = estimate(version, ["trust"], ["district"]).table
            tables.append(table.assign(weighted=weighted))
    return pd.concat(tables, ignore_index=True)


@pytest.fixture(scope="module")
def errors(estimates: pd.DataFrame, truth: pd.DataFrame) -> pd.DataFrame:
    """Estimates beside the truth."""
    both = estimates.merge(truth, on=["wave", "measure", "by", "level"], validate="many_to_one")
    assert len(both) == len(estimates)
    inside = (both["lci"] <= both["value"]) & (both["value"] <= both["uci"])
    return both.assign(error=both["est"] - both["value"], covered=inside)


# --- the files ----------------------------------------------------------------------------------------


def test_the_map_is_what_the_generator_makes(tmp_path: Path) -> None:
    generate.write_map(tmp_path)
    for name in ("areas.csv", "neighbourhoods.geojson", "districts.geojson"):
        assert (tmp_path / name).read_bytes() == (FOLDER / name).read_bytes(), name


def test_margins_and_a_wave_are_what_the_generator_makes(tmp_path: Path) -> None:
    quarter = QUARTERS[4]
    generate.write_margins(tmp_path)
    generate.write_wave(tmp_path, quarter)
    assert (tmp_path / "margins.csv").read_bytes() == (FOLDER / "margins.csv").read_bytes()
    assert (tmp_path / quarter.file).read_bytes() == (FOLDER / "waves" / quarter.file).read_bytes()


def test_truth_is_the_mean_of_everyone(truth: pd.DataFrame) -> None:
    quarter = QUARTERS[4]
    again = answers.truth(generate.population(), INSTRUMENT, quarter)
    committed = truth[truth["wave"] == quarter.name]
    assert committed["level"].tolist() == again["level"].tolist()
    np.testing.assert_allclose(committed["value"], again["value"].astype(float), atol=1.01e-4)


def test_boundaries_share_their_edges_and_match_the_areas() -> None:
    areas = pd.read_csv(FOLDER / "areas.csv")
    read = {name: json.loads((FOLDER / f"{name}.geojson").read_text()) for name in ("neighbourhoods", "districts")}
    cells = {f["properties"]["name"]: shape(f["geometry"]) for f in read["neighbourhoods"]["features"]}
    districts = {f["properties"]["name"]: shape(f["geometry"]) for f in read["districts"]["features"]}
    assert list(cells) == areas["neighbourhood"].tolist()
    assert list(districts) == areas["district"].unique().tolist()
    assert areas.groupby("district").size().between(4, 6).all()
    assert shapely.coverage_is_valid(list(cells.values()))
    for name, district in districts.items():
        assert district.geom_type == "Polygon", f"{name} is in pieces"
        members = [cells[n] for n in areas.loc[areas["district"] == name, "neighbourhood"]]
        assert shapely.union_all(members).equals(district)


def test_every_margin_adds_to_the_same_total(margins: Margins) -> None:
    totals = {margin.variable: margin.targets.sum() for margin in margins}
    assert set(totals) == {"district", "age", "sex", "ethnicity"}
    assert set(totals.values()) == {float(len(generate.population()))}


def test_study_file_names_files_that_exist() -> None:
    study = yaml.safe_load((FOLDER / "study.yaml").read_text(encoding="utf-8"))
    assert study["sample"] is True
    assert [w["name"] for w in study["waves"]] == [q.name for q in QUARTERS]
    named = [w["file"] for w in study["waves"]] + [a["boundaries"] for a in study["areas"]] + [study["margins"]]
    assert all((FOLDER / name).is_file() for name in named)


# --- the answers --------------------------------------------------------------------------------------


@pytest.mark.parametrize("quarter", QUARTERS, ids=lambda q: q.name)
def test_wave_has_the_documented_defects(quarter: answers.Quarter, exports: dict[str, pd.DataFrame]) -> None:
    rows = exports[quarter.name]
    assert rows.duplicated().sum() == rows["ResponseId"].duplicated().sum() == quarter.twice
    once = rows.drop_duplicates("ResponseId")
    preview = once["Status"] == "Survey Preview"
    partial = ~preview & (once["Finished"] == "False")
    assert preview.sum() == quarter.previews
    assert partial.sum() == quarter.partials
    assert (once.loc[partial, "Progress"].astype(int) < 100).all()
    assert (once.loc[partial, CORE] != "").sum(axis=1).max() < len(CORE) / 2
    assert sent_again(once[~preview & ~partial]).sum() == quarter.again
    residents = kept(rows)
    assert len(residents) == quarter.completes
    hasty = residents["Duration (in seconds)"].astype(int) < 60
    assert hasty.sum() == quarter.speeders
    agree = [i.id for i in INSTRUMENT.rated if i.scale.name == "agree5" and not i.optional]
    assert (residents.loc[hasty, agree].nunique(axis=1) == 1).all()
    in_field = pd.to_datetime(residents["RecordedDate"]).dt.to_period("Q")
    assert set(in_field.astype(str)) == {quarter.name.replace(" ", "")}


def test_contact_items_are_asked_of_those_with_contact(exports: dict[str, pd.DataFrame]) -> None:
    for rows in exports.values():
        residents = kept(rows)
        asked = (residents[["ct1", "ct2", "ct3", "ct4"]] != "").any(axis=1)
        assert (residents.loc[asked, "contact"] == "Yes").all()
        assert asked[residents["contact"] == "Yes"].mean() > 0.99


def test_wording_of_one_item_changes_once() -> None:
    for quarter in QUARTERS:
        heads = pd.read_csv(FOLDER / "waves" / quarter.file, nrows=1, dtype=str).iloc[0]
        changed = answers.is_reworded(quarter)
        for question in export.questions(INSTRUMENT, quarter):
            item = question.item
            same = heads[question.tag].endswith(item.text)
            assert same == (not changed or item.id != "sa1"), (quarter.name, item.id)
        texts = " ".join(heads.astype(str))
        assert (answers.REWORDED["sa1"] in texts) == changed == (quarter.name >= "2025 Q3")
    assert "sa1" not in INSTRUMENT.items_of("trust")


def test_nobody_can_be_named_or_reached(exports: dict[str, pd.DataFrame]) -> None:
    documentation = re.compile(r"(192\.0\.2|198\.51\.100|203\.0\.113)\.\d{1,3}")
    for rows in exports.values():
        for column in ("RecipientLastName", "RecipientFirstName", "RecipientEmail", "ExternalReference"):
            assert (rows[column] == "").all()
        assert rows["IPAddress"].map(documentation.fullmatch).notna().all()
        assert not (rows["oe1"] + rows["oe2"]).str.contains(r"[@\d]").any()


def test_open_answers_vary_and_carry_their_themes(exports: dict[str, pd.DataFrame]) -> None:
    residents = pd.concat(kept(rows) for rows in exports.values())
    written = residents[["oe1", "oe2"]]
    assert 0.6 < (written != "").any(axis=1).mean() < 0.7
    texts = written.to_numpy().ravel()
    texts = texts[texts != ""]
    assert len(set(texts)) / len(texts) > 0.85
    coded = generate.collected(QUARTERS[4]).comments
    residents = kept(exports[QUARTERS[4].name]).set_index("ResponseId")
    assert [residents.at[row.ResponseId, row.item] for row in coded.itertuples()] == coded["text"].tolist()
    assert set(coded["themes"].explode().dropna()) == set(words.phrases()["themes"])


# --- the truth ----------------------------------------------------------------------------------------


def test_raking_recovers_the_true_index(errors: pd.DataFrame) -> None:
    city = errors[errors["by"] == ""]
    covered = city.groupby("weighted")["covered"].sum()
    assert covered["raked"] >= 7
    assert covered["unweighted"] <= 1
    bias = city.groupby("weighted")["error"].mean()
    assert bias["unweighted"] > 3.5
    assert abs(bias["raked"]) < 0.8


def test_raking_brings_districts_nearer_to_their_truth(errors: pd.DataFrame) -> None:
    districts = errors[errors["by"] == "district"]
    apart = districts["error"].abs().groupby(districts["weighted"]).mean()
    assert apart["raked"] * 1.2 < apart["unweighted"]
    # Over eight waves chance averages out and what is left is mostly bias.
    lasting = districts.groupby(["weighted", "level"])["error"].mean().abs().groupby("weighted").mean()
    assert lasting["raked"] * 2.5 < lasting["unweighted"]


def test_trust_falls_in_the_summer_of_2025_and_partly_recovers(truth: pd.DataFrame) -> None:
    trust = truth[truth["measure"] == "trust"].pivot(index=["by", "level"], columns="wave", values="value")
    change = trust["2025 Q3"] - trust["2025 Q2"]
    assert change["", ""] == pytest.approx(-5, abs=1)
    assert set(change["district"].nsmallest(2).index) == set(words.DESK_CLOSED_IN)
    assert trust["2025 Q3"]["", ""] + 1.5 < trust["2026 Q2"]["", ""] < trust["2025 Q2"]["", ""] - 1.5
    assert 5 < trust.loc["neighbourhood", "2024 Q3"].std() < 7
