"""Take the README's pictures from a running app that has the sample study and nothing else.

The app is started by ``python -m trustsurvey app``, then: ``python docs/pictures/take.py http://localhost:8501``.
"""

from __future__ import annotations

import io
import shutil
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

HERE = Path(__file__).parent
WAVE = HERE.parents[1] / "sample_data" / "waves" / "riverton_2026q2.csv"


def settle(page: Page) -> None:
    """Wait until the page has stopped running and its charts are drawn."""
    page.wait_for_timeout(1000)
    page.wait_for_function("!document.querySelector('[data-testid=stStatusWidget]')")
    page.wait_for_timeout(4000)


def take(page: Page, name: str, height: int) -> None:
    """Save the upper part of the page, with few enough colours to be small."""
    page.set_viewport_size({"width": 1280, "height": height})
    settle(page)
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    picture.quantize(128, dither=Image.Dither.NONE).save(HERE / f"{name}.png", optimize=True)


def main(address: str) -> None:
    """Walk through the pages."""
    with sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = chromium.new_page(viewport={"width": 1280, "height": 900})
        page.goto(f"{address}/results")
        page.get_by_text("Over time").first.wait_for()
        take(page, "trust", 1560)
        page.goto(f"{address}/import")
        page.locator("input[type=file]").first.set_input_files(WAVE)
        page.get_by_text("questions found").wait_for()
        take(page, "import", 1000)
        page.goto(f"{address}/weights")
        page.get_by_text("Design effect").first.wait_for()
        page.get_by_text("Design effect").first.scroll_into_view_if_needed()
        take(page, "weighting", 1300)
        page.goto(f"{address}/themes")
        page.get_by_text("What is mentioned").wait_for()
        take(page, "themes", 1500)
        page.goto(f"{address}/done")
        page.get_by_role("button", name="Save this list (.csv)").wait_for(timeout=90_000)
        take(page, "done", 1300)
        page.goto(f"{address}/sources")
        page.get_by_text("One theme").wait_for(timeout=90_000)
        take(page, "beside", 1100)
        page.goto(f"{address}/heard")
        page.get_by_text("How many of those who took part").wait_for()
        take(page, "groups", 900)
        page.goto(f"{address}/readings")
        page.get_by_label("Who is reading?").fill("Reader")
        page.keyboard.press("Enter")
        page.get_by_text("Reading as").wait_for()
        take(page, "coding", 1000)
        page.goto(f"{address}/questions")
        page.get_by_text("The same on the command line").wait_for()
        take(page, "analyst", 1000)
        page.goto(f"{address}/files")
        page.get_by_role("button", name="Prepare the files").click()
        page.get_by_role("button", name="Workbook (.xlsx)").wait_for()
        take(page, "downloads", 760)
        chromium.close()


if __name__ == "__main__":
    main(sys.argv[1])
