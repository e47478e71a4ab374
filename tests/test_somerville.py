"""Three real waves of Somerville's happiness survey: dirty values, and a police question that was reworded in 2015.

The file is kept outside the project (fixture ``real_data``); it holds three years, which are taken apart here.
"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from files import csv_text, read_here

from trustsurvey.comparison.compare import breaks
from trustsurvey.harmonise import Harmonised, LastWave, accept, harmonise, propose
from trustsurvey.instruments import parse_instrument
from trustsurvey.model import AreaLevel, ColumnMap, Mapping
from trustsurvey.scales.scoring import score

pytestmark = pytest.mark.realdata
RATE = "How.would.you.rate.the.following.."
POLICE = {
    "2011": f"{RATE}The.effectiveness.of.the.local.police_2011_2013",
    "2013": f"{RATE}The.effectiveness.of.the.local.police_2011_2013",
    "2015": f"{RATE}Your.trust.in.the.local.police_2015",
}
OWN = parse_instrument(
    "scales: {ten: {low: 1, high: 10}, five: {low: 1, high: 5}}\n"
    "items:\n"
    "  happy: {text: How happy do you feel right now, scale: ten}\n"
    "  life: {text: How satisfied are you with your life in general, scale: ten}\n"
    "  place: {text: How satisfied are you with Somerville as a place to live, scale: ten}\n"
    "  police: {text: How would you rate the following The effectiveness of the local police 2011 2013, scale: five}\n"
    "  schools: {text: The overall quality of public schools, scale: five, optional: true}\n"
    "indices: {content: {parts: [happy, life, place]}, police_index: {parts: [police]}}\n"
)
WARDS = (AreaLevel("ward", "Wards", "", tuple((f"Ward {k}", "") for k in range(1, 8))),)


@pytest.fixture(scope="module")
def years(real_data: Path) -> dict[str, str]:
    """The file, one text a year."""
    path = real_data / "somerville" / "somerville_happiness_2011_2013_2015.csv"
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        head, *rows = list(csv.reader(file))
    at = head.index("Year")
    return {year: csv_text([head, *(row for row in rows if row[at] == year)]) for year in POLICE}


def mapping(year: str) -> Mapping:
    schools = f"{RATE}The.overall.quality.of.public.schools" + (".in.your.community._2011" if year == "2011" else ".")
    columns = (
        ColumnMap("How.happy.do.you.feel.right.now.", "item", "happy"),
        ColumnMap("How.satisfied.are.you.with.your.life.in.general.", "item", "life"),
        ColumnMap("How.satisfied.are.you.with.Somerville.as.a.place.to.live.", "item", "place"),
        ColumnMap(POLICE[year], "item", "police"),
        ColumnMap(schools, "item", "schools"),
        ColumnMap("Age.", "group", "age"),
        ColumnMap("What.is.your.annual.household.income.", "group", "income"),
    )
    area = () if year == "2011" else (ColumnMap("Ward", "area", "ward"),)
    return Mapping((*columns, *area))


def taken(years: dict[str, str], year: str, last: LastWave | None = None) -> tuple[Harmonised, Harmonised]:
    """A year as it comes, and after taking what is proposed and leaving out what is left."""
    raw = read_here(years[year])
    asked = harmonise(raw, mapping(year), OWN, WARDS, name=year, last=last)
    decided = accept(mapping(year), asked.problems)
    left = harmonise(raw, decided, OWN, WARDS, name=year, last=last).problems
    for problem in left:
        column = next(column for column in decided.columns if column.column == problem.column)
        held = (*column.leave_out, problem.value)
        decided = decided.with_column(ColumnMap(**{**vars(column), "leave_out": held}))
    return asked, harmonise(raw, decided, OWN, WARDS, name=year, last=last)


def test_dirty_values_are_asked_about_and_never_taken(years: dict[str, str]) -> None:
    asked, wave = taken(years, "2011")
    schools = {p.value for p in asked.problems if p.about.startswith("Question") and "schools" in p.column}
    assert "62" in schools
    assert {p.code for p in asked.problems} == {"map.outside", "map.between", "map.group"}
    refused = [p for p in asked.problems if p.code == "map.group"]
    assert {(p.value, p.suggestion) for p in refused} == {("R", "No answer: refused")}
    assert not wave.problems
    assert wave.wave.answers["schools"].max() == 5
    assert "R" not in wave.wave.people["age"].cat.categories
    strange = wave.wave.report.values_table()
    assert "62" in strange.loc[strange["item"] == "schools", "value"].tolist()
    assert (wave.wave.answers["happy"] % 1 == 0.5).sum() > 20  # 7.5 was taken as half-way


def test_wards_are_proposed_and_the_reworded_police_question_breaks_its_series(years: dict[str, str]) -> None:
    _, first = taken(years, "2011")
    _, second = taken(years, "2013")
    asked, third = taken(years, "2015", LastWave("2013", mapping("2013"), second.wave.report))
    spellings = next(p for p in asked.problems if p.code == "map.areas")
    assert "\u201c3\u201d as Ward 3" in spellings.question
    assert third.wave.people["ward"].notna().mean() > 0.9
    codes = [notice.code for notice in third.wave.report.notices]
    assert "wording.since" in codes
    waves = [score(wave.wave) for wave in (first, second, third)]
    assert breaks(waves[0], waves[1], "content") == breaks(waves[1], waves[2], "content") == ()
    assert breaks(waves[0], waves[1], "police_index") == ()
    assert breaks(waves[1], waves[2], "police_index") == ("police",)


def test_a_proposal_finds_the_same_columns(years: dict[str, str]) -> None:
    found, _ = propose(read_here(years["2013"]), OWN, WARDS)
    items = {column.target: column.column for column in found.having("item")}
    assert items["police"] == POLICE["2013"]
    assert set(items) >= {"happy", "life", "place", "police"}
