"""When a browser shows the number of the page of results: ``python benchmarks/browser.py HOME``.

HOME is a home folder with a study in it. The app is started and opened in a headless Chromium: by a browser that has
nothing of it yet, with its files kept, from another page, and by choices on the page. Seconds are wall clock from
asking to the number standing there, and to the page being whole. ``--soon`` does not wait until the app has made its
pages ready. Linux; needs the package playwright and a Chromium.
"""

from __future__ import annotations

import argparse
import shutil
import time
from pathlib import Path
from typing import Any

if __package__ is None:
    import sys

    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from playwright.sync_api import sync_playwright

from benchmarks.sessions import Server

NUMBER = "[data-testid=stMetric]"
#: In a browser: whether another number stands there, and whether all of the page is there.
CHANGED = f"before => {{ const one = document.querySelector('{NUMBER}'); return one && one.innerText !== before }}"
WHOLE = """() => document.querySelector('[data-testid=stApp]').dataset.testScriptState == 'notRunning'
  && !document.querySelector('[data-stale=true], [data-testid=stSkeleton]')
  && [...document.querySelectorAll('[data-testid=stPlotlyChart]')].every(one => one.querySelector('.main-svg'))"""
#: Seconds that a page is left alone before it is used.
REST = 4.0


def row(what: str, began: float, number: float, page: Any) -> None:
    """Wait until the page is whole, and print one line of the table."""
    page.wait_for_function(WHOLE, polling=20, timeout=120_000)
    print(f"| {what} | {number - began:.2f} | {time.perf_counter() - began:.2f} |", flush=True)
    time.sleep(REST)


def opened(page: Any, url: str, what: str) -> None:
    """Open the page of results by its address."""
    began = time.perf_counter()
    page.goto(url, wait_until="commit")
    page.wait_for_selector(NUMBER, timeout=120_000)
    row(what, began, time.perf_counter(), page)


def turned(page: Any, what: str) -> None:
    """Go to another page by the list of pages and come back."""
    links = page.locator("[data-testid=stSidebarNav] a")
    here = next(k for k in range(links.count()) if "/results" in (links.nth(k).get_attribute("href") or ""))
    links.nth(here + 2).click()
    page.wait_for_function(f"() => !document.querySelector('{NUMBER}')")
    time.sleep(REST)
    began = time.perf_counter()
    links.nth(here).click()
    page.wait_for_selector(NUMBER)
    row(what, began, time.perf_counter(), page)


def chosen(page: Any, box: str, place: int) -> None:
    """Choose something that gives another number."""
    page.get_by_role("combobox", name=box).first.click()
    time.sleep(0.6)
    before = page.locator(NUMBER).first.inner_text()
    options = page.get_by_role("option")
    began = time.perf_counter()
    options.nth(place % options.count()).click()
    page.wait_for_function(CHANGED, arg=before, polling=20)
    row(f"{box}: another choice", began, time.perf_counter(), page)


def main() -> None:
    """Start the app and look."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("home", type=Path)
    parser.add_argument("--soon", action="store_true", help="do not wait until the app has made its pages ready")
    options = parser.parse_args()
    server = Server(options.home)
    try:
        if not options.soon:
            server.settle()
        url = f"http://localhost:{server.port}/results"
        print("| | number, s | whole page, s |\n| --- | --- | --- |")
        with sync_playwright() as made:
            browser = made.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
            for again in range(3):
                around = browser.new_context(viewport={"width": 1280, "height": 900})
                page = around.new_page()
                opened(page, url, f"{again + 1}: no kept files")
                opened(page, url, "with kept files")
                turned(page, "from another page")
                for place in (1, 2):
                    chosen(page, "What", place)
                around.close()
            browser.close()
    finally:
        server.stop()


if __name__ == "__main__":
    main()
