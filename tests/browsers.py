"""What browser tests share: the app in a process of its own, a browser that goes nowhere else, a page at rest."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError

import pytest
from conftest import ROOT

sync_api = pytest.importorskip("playwright.sync_api", reason="the browser tests need the package playwright")


@dataclass
class App:
    """A running app: where it answers, and its home folder."""

    url: str
    home: Path


#: The command line without the work that goes on beside a server once it has started (see ``ui.ready``).
AT_REST = """
from trustsurvey import __main__
from trustsurvey.ui import ready
ready.begin = lambda: None
__main__.main()
"""


@contextmanager
def running(home: Path, ready: bool = False) -> Iterator[App]:
    """The app on the studies in a home folder; ``ready``: as ``make run`` starts it, which works all of them out."""
    start = ["-m", "trustsurvey"] if ready else ["-c", AT_REST]
    with answering([sys.executable, *start, "app", "--no-sample"], {"TRUSTSURVEY_HOME": str(home)}) as url:
        yield App(url, home)


@contextmanager
def answering(command: list[str], environment: dict[str, str]) -> Iterator[str]:
    """A server of pages in a process of its own, on a port that is free; the address at which it answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    elsewhere = ("TRUSTSURVEY_DATABASE_URL", "TRUSTSURVEY_SECRET")
    around = {name: value for name, value in os.environ.items() if name not in elsewhere}
    flag = "--server.port" if "streamlit" in command else "--port"
    process = subprocess.Popen(
        [*command, flag, str(port)], cwd=ROOT, env={**around, **environment},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        for _ in range(480):
            try:
                urllib.request.urlopen(f"http://localhost:{port}/_stcore/health", timeout=1).close()
                break
            except (URLError, OSError):
                time.sleep(0.25)
        else:
            pytest.fail("the app did not start within two minutes")
        yield f"http://localhost:{port}"
    finally:
        process.terminate()
        process.wait(timeout=20)


@contextmanager
def chromium() -> Iterator[Any]:
    """A headless Chromium."""
    program = os.environ.get("TRUSTSURVEY_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("there is no Chromium here; install it or name it in TRUSTSURVEY_CHROMIUM")
    with sync_api.sync_playwright() as driver:
        arguments = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
        browser = driver.chromium.launch(executable_path=program, args=[*arguments, "--use-gl=swiftshader"])
        yield browser
        browser.close()


@contextmanager
def browsing(browser: Any = None) -> Iterator[Any]:
    """A page of somebody who was never here, in a browser of its own where none is named.

    It fails the test if anything outside this machine is asked for.
    """
    outside: list[str] = []
    with nullcontext(browser) if browser is not None else chromium() as started:
        view = started.new_page(viewport={"width": 1440, "height": 1000}, accept_downloads=True)
        view.set_default_timeout(60_000)
        view.on("request", lambda r: outside.append(r.url) if not _local(r.url) else None)
        yield view
        view.context.close()
    assert outside == []


def _local(url: str) -> bool:
    return url.startswith(("http://localhost:", "ws://localhost:", "data:", "blob:"))


def settled(page: Any) -> None:
    """Wait until the page has stopped running, and was drawn."""
    page.wait_for_timeout(150)  # what was pressed has to be sent before anything runs
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => setTimeout(done)))")
