"""The main journey in a real browser: upload, weigh, look, download; and a deep link into a fresh app."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest
from browsers import App, browsing, chromium, running, settled, sync_api
from conftest import ROOT
from stores import STUDY
from test_pages_voices import read_at_random

from trustsurvey.focus_groups.study import conversations
from trustsurvey.store import Body, Store
from trustsurvey.study_file import read_study_file
from trustsurvey.workflow import read_margins

pytestmark = pytest.mark.browser
WAVES = ROOT / "sample_data" / "waves"
FOCUS_GROUP = ROOT / "sample_data" / "focus_groups" / "northside_zoom.txt"


@pytest.fixture
def app(own_home: Path) -> Iterator[App]:
    """The app in a process of its own on this test's database."""
    with running(own_home) as answering:
        yield answering


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as started:
        yield started


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A page of a headless Chromium."""
    with browsing(browser) as view:
        yield view


def test_upload_weigh_trust_download(app: App, page, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    plan = read_study_file(ROOT / "sample_data" / "study.yaml")
    study = replace(plan.study, slug="city", name="City", sample=False)
    store = Store.open()
    store.create_study(study, plan.boundaries, read_margins(ROOT / "sample_data" / "margins.csv"))

    for wave, file in (("2025 Q2", "riverton_2025q2.csv"), ("2025 Q3", "riverton_2025q3.csv")):
        page.goto(f"{app.url}/import?study=city")
        page.locator("input[type=file]").first.set_input_files(WAVES / file)
        page.get_by_text("37 of 37 questions found").wait_for()
        settled(page)
        sync_api.expect(page.get_by_label("Name of this wave")).to_have_value(wave, timeout=30_000)
        page.get_by_role("button", name="Save as a wave").click()
        page.get_by_text("is saved as a draft").wait_for()
        page.get_by_role("link", name="Go on to weighting").click()
        page.get_by_role("button", name="Make weights").click()
        page.get_by_role("button", name="Save these weights").click()
        page.get_by_text("are saved").wait_for()
        page.get_by_role("button", name="Release this wave").click()
        page.get_by_text("is released").first.wait_for()
    assert [record.status for record in store.waves("city")] == ["released", "released"]
    assert all(record.weighted for record in store.waves("city"))

    page.get_by_role("link", name="See the results").click()
    page.get_by_text("Lower by 5 points than in 2025 Q2").wait_for()
    settled(page)
    page.locator("[data-testid=stPlotlyChart]").first.wait_for()
    assert "study=city" in page.url
    assert "wave=2025+Q3" in page.url.replace("%20", "+")
    assert _map_colours(page) > 3, "the map shows areas in several shades"

    page.get_by_role("link", name="Downloads").click()
    page.get_by_role("button", name="Prepare the files").click()
    with page.expect_download() as started:
        page.get_by_role("button", name="Workbook (.xlsx)").click()
    target = tmp_path / "results.xlsx"
    started.value.save_as(target)
    book = openpyxl.load_workbook(io.BytesIO(target.read_bytes()), read_only=True)
    assert {"Results", "Areas", "Change", "Trend", "Questions", "Margins", "Method"} <= set(book.sheetnames)
    assert "Weights" not in book.sheetnames
    store.close()


def _map_colours(page) -> int:  # type: ignore[no-untyped-def]
    """How many clearly different blues the map's picture has, once it is drawn."""
    from PIL import Image

    chart = page.locator("[data-testid=stPlotlyChart]").filter(has=page.locator("canvas.maplibregl-canvas")).first
    chart.scroll_into_view_if_needed()
    found = 0
    for _ in range(20):
        page.wait_for_timeout(500)
        picture = Image.open(io.BytesIO(chart.screenshot())).convert("RGB").resize((160, 120))
        dots = np.asarray(picture).reshape(-1, 3).astype(int)
        blues = np.unique(dots[dots[:, 2] > dots[:, 0] + 20] // 16, axis=0)
        found = len(blues)
        if found > 3:
            break
    return found


def test_a_deep_link_into_a_fresh_app_and_the_bare_address_show_their_pages(own_home: Path, page) -> None:  # type: ignore[no-untyped-def]
    with running(own_home, ready=True) as app:
        page.goto(f"{app.url}/weights")
        page.get_by_role("heading", name="Weighting").wait_for()
        settled(page)
        assert page.get_by_text("Page not found").count() == 0
        page.goto(app.url)
        page.get_by_role("heading", name="Trust in the police").wait_for()
        page.get_by_text("There is no study yet").wait_for()


def test_answers_are_read_with_the_keyboard_and_told_with_ranges(  # type: ignore[no-untyped-def]
    sample_home: Path, app: App, page
) -> None:
    """One answer by keys alone; with many read at random the themes have ranges and quotes."""
    store = Store.open()
    study = store.studies()[0].slug
    page.goto(f"{app.url}/readings?study={study}")
    page.get_by_label("Who is reading?").fill("Reader")
    page.keyboard.press("Enter")
    page.get_by_text("No theme, next").wait_for()  # the desk is drawn last; keys before that are lost
    for key, then in (("1", "Chosen:"), ("n", "(negative)"), ("Enter", "1 of 574 answers read, 1 at random")):
        settled(page)
        page.wait_for_timeout(400)
        page.keyboard.press(key)
        page.get_by_text(then).wait_for()
    page.get_by_text("1 of 574 answers read, 1 at random").wait_for()
    (saved,) = store.voices.codings(study, Body("2026 Q2"))
    assert (saved.coder, len(saved.codes), saved.codes[0][1]) == ("Reader", 1, "negative")
    settled(page)
    page.keyboard.press("u")
    page.get_by_text("0 of 574 answers read").wait_for()
    read_at_random(store, "2026 Q2", 60)
    page.goto(f"{app.url}/themes?study={study}")
    page.get_by_text("People read 60 of the answers").wait_for()
    page.locator("[data-testid=stPlotlyChart]").first.wait_for()
    store.close()


def test_a_transcript_is_dropped_kept_and_read_by_sentences(app: App, page) -> None:  # type: ignore[no-untyped-def]
    """As a liaison officer: the file in, who is who looked at, kept; then one sentence of a turn by keys."""
    store = Store.open()
    store.create_study(STUDY)
    page.goto(f"{app.url}/transcripts?study=town")
    page.locator("input[type=file]").first.set_input_files(FOCUS_GROUP)
    page.get_by_text("213 turns of 11 speakers").wait_for()
    page.get_by_text("Who is who?").wait_for()
    settled(page)
    page.get_by_role("button", name="Keep this group").click()
    page.get_by_text("is kept: 213 turns").wait_for()
    (group,) = conversations(store, "town")
    assert (group.people["role"] == "moderator").sum() == 1
    assert set(group.people["role"]) == {"moderator", "officer", "participant"}
    assert (group.people["role"] == "participant").sum() == 8  # two spellings of one name are one person
    page.goto(f"{app.url}/readings?study=town")
    page.locator("[data-testid=stMain]").get_by_text("Focus groups", exact=True).click()
    page.get_by_label("Who is reading?").fill("Reader")
    page.keyboard.press("Enter")
    page.get_by_text("Reading as").wait_for()
    page.get_by_text("0 of 178 turns read").wait_for()
    read = 0
    while page.get_by_text("Only part of it?").count() == 0:
        settled(page)
        page.get_by_role("button", name="No theme, next").click()
        read += 1
        page.get_by_text(f"{read} of 178 turns read").wait_for()
    settled(page)
    page.locator("[data-testid=stPills] button, [data-testid=stButtonGroup] button").last.click()
    page.wait_for_timeout(400)
    settled(page)
    page.keyboard.press("1")
    page.get_by_text("1 sentence").wait_for()
    settled(page)
    page.keyboard.press("Enter")
    page.get_by_text(f"{read + 1} of 178 turns read").wait_for()
    saved = store.voices.codings("town", Body(group.name, "collection"))[-1]
    ((code, start, end),) = saved.spans
    text = group.turns.set_index("key")["text"][saved.answer]
    assert saved.codes == ((code, ""),)
    assert 0 < start < end <= len(text)
    store.close()
