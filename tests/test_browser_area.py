"""A commander's journey in a real browser: the results, an area on the map, what is taken away."""

# ruff: noqa: F811  (a test names the fixtures that it borrows)

from __future__ import annotations

from pathlib import Path

import pytest
from browsers import App, settled
from pages_of_html import Parsed
from test_browser import app, browser, page  # noqa: F401

pytestmark = pytest.mark.browser


def test_from_the_results_to_an_area_and_away_with_a_briefing(  # type: ignore[no-untyped-def]
    sample_home: Path,
    app: App,
    page,
    tmp_path: Path,
) -> None:
    """A dot on the map opens the area; what is saved says what the pages say, and asks for nothing."""
    page.set_viewport_size({"width": 1440, "height": 2000})
    page.goto(f"{app.url}/results?wave=2025+Q3")
    canvas = page.locator(".maplibregl-canvas").first
    canvas.wait_for()
    settled(page)
    number = page.locator("[data-testid=stMetricValue]").first.inner_text()
    with page.expect_download(timeout=300_000) as started:
        page.get_by_role("button", name="Save as a briefing").click()
    briefing = tmp_path / "briefing.html"
    started.value.save_as(briefing)
    written = Parsed(briefing.read_text(encoding="utf-8"))
    written.inert()
    assert ("p", number) in written.words
    assert "Lower by 5 points than in 2025 Q2" in written.text

    page.wait_for_timeout(2_000)
    at = page.evaluate(
        "() => { const plot = document.querySelector('.maplibregl-canvas').closest('.js-plotly-plot');"
        "const dots = plot._fullData.find(trace => trace.mode === 'markers');"
        "const k = dots.customdata.indexOf('Northside');"
        "return plot._fullLayout.map._subplot.map.project([dots.lon[k], dots.lat[k]]); }"
    )
    box = canvas.bounding_box()
    x, y = box["x"] + at["x"], box["y"] + at["y"]
    page.mouse.move(x - 20, y - 10)
    page.wait_for_timeout(300)
    page.mouse.move(x, y, steps=5)
    page.wait_for_timeout(800)
    page.mouse.down()
    page.mouse.up()
    page.get_by_role("heading", name="Northside").wait_for()
    assert "area=Northside" in page.url
    settled(page)
    with page.expect_download(timeout=120_000) as started:
        page.get_by_role("button", name="As text to read aloud").click()
    pack = tmp_path / "pack.txt"
    started.value.save_as(pack)
    told = " ".join(pack.read_text(encoding="utf-8").split())
    assert "We promised: Open a desk in Northside again, in the old post office." in told
    # The saved page opens by itself and asks for nothing (the fixture fails the test for anything from outside).
    page.set_content(briefing.read_text(encoding="utf-8"))
    page.get_by_role("heading", name="Where do we stand?").wait_for()
