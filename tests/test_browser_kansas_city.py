"""A real survey through the hands of each role, in a real browser: liaison officer, commander, analyst.

Kansas City's resident survey, September 2021 and March 2022 (fixture ``real_data``). The figures that are read are
held against the file itself, by the plain arithmetic of test_cli.py.
"""

from __future__ import annotations

import csv
import io
import re
import sys
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from browsers import App, answering, browsing, settled
from test_browser_sign_in import sign_in
from test_cli import by_hand
from test_kansas_city import OURS, WAVES

from trustsurvey import workflow
from trustsurvey.instruments import read_instrument
from trustsurvey.model import AreaLevel, Study
from trustsurvey.present.words import whole
from trustsurvey.readers.guard import read
from trustsurvey.store import Store

pytestmark = [pytest.mark.browser, pytest.mark.realdata]
SLUG = "kansas-city"
SEPTEMBER, MARCH = WAVES
PASSWORD = "three plain words"
#: Pages that are not a commander's.
OTHERS_WORK = {"Next steps", "Import", "Weighting", "Coding", "Codebook", "For analysts", "Studies", "Accounts"}
#: What a survey of answers cannot know, and what no page of results may hold.
BEYOND = re.compile(
    r"Traceback|Error:|\bnan\b|because of|caused|drives|leads to|thanks to|significant|prove[sd]?\b|worst|"
    r"improve|worsen",
    re.IGNORECASE,
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home folder of the app of this file."""
    return tmp_path_factory.mktemp("kansas-city")


@pytest.fixture(autouse=True)
def own_home(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """All tests of this file share the app's home folder."""
    monkeypatch.setenv("TRUSTSURVEY_HOME", str(home))
    monkeypatch.delenv("TRUSTSURVEY_DATABASE_URL", raising=False)
    monkeypatch.delenv("TRUSTSURVEY_SECRET", raising=False)
    return home


@pytest.fixture(scope="module")
def app(home: Path) -> Iterator[App]:
    """The app, begun while nothing is in it, so that it makes nothing ready beside the journeys."""
    command = [sys.executable, "-m", "trustsurvey", "app", "--no-sample"]
    with answering(command, {"TRUSTSURVEY_HOME": str(home), "TRUSTSURVEY_SIGN_IN": "accounts"}) as url:
        yield App(url, home)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """One page for all journeys, as at the desk of a station."""
    with browsing() as view:
        yield view


@pytest.fixture
def page(browser: Any, app: App) -> Any:
    """The page, with nobody signed in."""
    browser.goto(f"{app.url}/sign-out")
    return browser


@pytest.fixture
def city(real_data: Path, app: App) -> Iterator[Store]:
    """The study with its first wave and an account of each role, made once."""
    store = Store.open()
    if not store.studies():
        districts = AreaLevel("district", "Districts", "", tuple((f"District {k}", "") for k in range(1, 7)))
        levels = (districts, AreaLevel("zip", "ZIP codes"))
        store.create_study(Study(SLUG, "Kansas City", read_instrument(OURS / "instrument.yaml"), levels))
        take_in(store, real_data, *SEPTEMBER[:4])
        for role in ("liaison", "commander", "analyst"):
            store.accounts.add(role.title(), [role], (), PASSWORD)
    yield store
    store.close()


@pytest.fixture
def both(city: Store, real_data: Path) -> Store:
    """The study with both waves; the second by the liaison officer's own hand where that went before."""
    if len(city.waves(SLUG)) < 2:
        take_in(city, real_data, *MARCH[:4])
    if not city.waves(SLUG)[-1].released:
        workflow.release_wave(city, SLUG, MARCH[0])
    return city


def take_in(store: Store, folder: Path, name: str, file: str, start: date, end: date) -> None:
    """A wave, imported and released without the pages."""
    raw, mapping = read(folder / "kcmo" / file), workflow.read_mapping(OURS / "mapping.yaml")
    made = workflow.prepare(store, SLUG, raw, mapping, name, start, end)
    workflow.save_import(store, SLUG, made.settled(), mapping, raw)
    workflow.release_wave(store, SLUG, name)


def told(page: Any) -> str:
    """What stands on the page beside the sidebar, once it is at rest."""
    settled(page)
    text: str = page.get_by_test_id("stMain").inner_text()
    return " ".join(text.split())


def titles(page: Any) -> set[str]:
    settled(page)
    return set(page.get_by_test_id("stSidebarNavLink").all_inner_texts())


def choose(page: Any, label: str, option: str) -> None:
    """Choose an entry of a box: a few letters of it, then the one that is left."""
    page.get_by_label(label, exact=True).click()
    page.keyboard.type(option)
    page.get_by_role("option", name=option, exact=True).click()
    settled(page)


def test_a_liaison_officer_brings_a_wave_in(city: Store, real_data: Path, app: App, page: Any) -> None:
    """The second wave: understood by the first one's mapping, named, dated, saved, told why not weighted, released."""
    name, file, _start, _end, rows = MARCH
    page.goto(app.url)
    sign_in(page, "Liaison", PASSWORD)
    page.get_by_role("heading", name="Next steps").wait_for()
    page.get_by_test_id("stSidebarNavLink").get_by_text("Import").click()
    page.locator("input[type=file]").first.set_input_files(real_data / "kcmo" / file)
    page.get_by_text(f"Plain table: {rows} rows; 5 of 5 questions found.").wait_for()
    seen = told(page)
    assert f"{rows} of {rows} rows count as answers." in seen
    assert "Where people live: districts, ZIP codes. Groups: race, age, sex. Weights: none in the file." in seen
    assert "Please decide" not in seen  # what the first wave's mapping knows is not asked again
    assert "Give the wave a name" in seen
    page.get_by_label("Name of this wave").fill(name)
    page.keyboard.press("Enter")
    for label, day in (("First day of fieldwork", "20220201"), ("Last day", "20220331")):
        page.get_by_test_id("stDateInput").filter(has_text=label).get_by_role("spinbutton").first.click()
        page.keyboard.type(day)
        settled(page)
    page.get_by_role("button", name="Save as a wave").click()
    page.get_by_text(f"{name} is saved as a draft").wait_for()
    page.get_by_role("link", name="Go on to weighting").click()
    page.get_by_text("This study has no population numbers yet").wait_for()
    assert "results speak for those who answered, not for all residents; you can go on that way" in told(page)
    assert page.get_by_role("button", name="Make weights").is_disabled()
    page.get_by_role("button", name="Release this wave").click()
    page.get_by_text(f"{name} is released.", exact=True).wait_for()
    assert "Traceback" not in told(page)
    record = city.waves(SLUG)[-1]
    assert (record.name, record.start, record.end, record.rows, record.released) == (*MARCH[:1], *MARCH[2:], True)


def test_a_commander_reads_where_it_stands(both: Store, real_data: Path, app: App, page: Any, tmp_path: Path) -> None:
    """Score, range, answers and change; a group; the briefing; an area; nothing that is others' work."""
    by_area = by_hand(real_data, MARCH[0], "district")
    everyone, before = by_area[""], by_hand(real_data, SEPTEMBER[0], "district")[""]
    page.goto(app.url)
    sign_in(page, "Commander", PASSWORD)
    page.get_by_role("heading", name="Trust in the police").wait_for()
    page.get_by_role("heading", name="What was promised").wait_for()
    assert titles(page) & OTHERS_WORK == set()
    seen = told(page)
    stands = (
        f"{whole(everyone['est'])} of 100, likely between {whole(everyone['lci'])} and {whole(everyone['uci'])}. "
        f"{everyone['n']} answers."
    )
    assert stands in seen
    assert f"Lower by {whole(before['est'] - everyone['est'])} points than in Sep 2021" in seen
    assert "February to March 2022. Answers are not weighted" in seen
    assert "No open answers came with this wave" in seen
    assert "No detectable change in any of the districts since Sep 2021." in seen
    assert "draft" not in seen
    assert BEYOND.search(seen) is None

    with page.expect_download() as started:
        page.get_by_role("button", name="Save as a briefing (.html)").click()
    started.value.save_as(tmp_path / "briefing.html")
    briefing = " ".join(re.sub("<[^>]+>", " ", (tmp_path / "briefing.html").read_text(encoding="utf-8")).split())
    assert f"ikely between {whole(everyone['lci'])} and {whole(everyone['uci'])}. {everyone['n']} answers." in briefing
    assert BEYOND.search(briefing) is None
    assert "draft" not in briefing

    choose(page, "Who", "65+ (age)")
    page.get_by_text("Everyone together is at").first.wait_for()
    assert "who=age" in page.url
    assert BEYOND.search(told(page)) is None
    choose(page, "One of the districts", "District 4")
    page.get_by_role("heading", name="District 4", exact=True).wait_for()
    page.get_by_role("link", name="Back to all areas").wait_for()
    seen, area = told(page), by_area["District 4"]
    assert f"{whole(area['est'])} of 100, likely between {whole(area['lci'])} and {whole(area['uci'])}" in seen
    assert BEYOND.search(seen) is None
    page.goto(f"{app.url}/questions")
    assert "do not have the right" in told(page) or page.get_by_role("heading", name="For analysts").count() == 0


def test_an_analyst_takes_figures_and_answers_away(both: Store, app: App, page: Any, tmp_path: Path) -> None:
    """The figures of the workbook are those of the page; answers go out for a reason that is kept."""
    page.goto(f"{app.url}/questions")
    sign_in(page, "Analyst", PASSWORD)
    page.get_by_role("heading", name="For analysts").wait_for()
    page.get_by_text("trustsurvey estimate kansas-city").wait_for()
    shown = grid(page)
    assert len(shown) == 7, "everyone and six districts"

    page.get_by_test_id("stSidebarNavLink").get_by_text("Downloads").click()
    page.get_by_role("button", name="Prepare the files").click()
    with page.expect_download() as started:
        page.get_by_role("button", name="Workbook (.xlsx)").click()
    started.value.save_as(tmp_path / "results.xlsx")
    book = openpyxl.load_workbook(tmp_path / "results.xlsx")
    written = [*sheet(book, "Results"), *sheet(book, "Areas")]
    kept = {(row["by"] or "", row["level"] or ""): row for row in written if row["measure"] == "police"}
    for row in shown:
        own = kept[row["by"], row["level"]]
        for name in ("est", "se", "lci", "uci", "n"):
            assert float(row[name].replace(",", "")) == pytest.approx(own[name], rel=1e-12), (row["level"], name)

    page.get_by_label("What are they needed for?").fill("to check the figures in R")
    page.get_by_role("button", name="Prepare the answers").click()
    with page.expect_download() as started:
        page.get_by_role("button", name="Answers (.zip)").click()
    started.value.save_as(tmp_path / "answers.zip")
    with zipfile.ZipFile(tmp_path / "answers.zip") as archive:
        name = next(name for name in archive.namelist() if name.endswith("answers.csv"))
        rows = list(csv.DictReader(io.StringIO(archive.read(name).decode("utf-8-sig"))))
    assert len(rows) == MARCH[4]
    assert "Traceback" not in told(page)
    trail = both.audit_trail()
    assert trail["detail"].str.contains("to check the figures in R").any()


def grid(page: Any) -> list[dict[str, str]]:
    """The table of the page, as it is read out: one dict a row, cells by their column."""
    settled(page)
    table = page.get_by_test_id("stDataFrame").first
    table.scroll_into_view_if_needed()
    table.locator("[role=gridcell]").first.wait_for(state="attached")  # rows are read out a moment after they are drawn
    heads = [head.strip() for head in table.locator("[role=columnheader]").all_text_contents()]
    rows = table.locator("[role=row]").all()[1:]
    return [dict(zip(heads, row.locator("[role=gridcell]").all_text_contents(), strict=True)) for row in rows]


def sheet(book: Any, name: str) -> list[dict[str, Any]]:
    """The rows of a sheet by its heads."""
    heads, *rows = book[name].iter_rows(values_only=True)
    return [dict(zip(heads, row, strict=True)) for row in rows]
