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
from contextlib import contextmanager
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


@contextmanager
def running(home: Path) -> Iterator[App]:
    """The app as ``make run`` starts it, on the studies in a home folder."""
    with answering([sys.executable, "-m", "trustsurvey", "app", "--no-sample"], {"TRUSTSURVEY_HOME": str(home)}) as url:
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
        for _ in range(240):
            try:
                urllib.request.urlopen(f"http://localhost:{port}/_stcore/health", timeout=1).close()
                break
            except (URLError, OSError):
                time.sleep(0.25)
        else:
            pytest.fail("the app did not start within a minute")
        yield f"http://localhost:{port}"
    finally:
        process.terminate()
        process.wait(timeout=20)


@contextmanager
def browsing() -> Iterator[Any]:
    """A page of a headless Chromium that fails the test if anything outside this machine is asked for."""
    chromium = os.environ.get("TRUSTSURVEY_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("there is no Chromium here; install it or name it in TRUSTSURVEY_CHROMIUM")
    outside: list[str] = []
    with sync_api.sync_playwright() as driver:
        arguments = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
        browser = driver.chromium.launch(executable_path=chromium, args=[*arguments, "--use-gl=swiftshader"])
        view = browser.new_page(viewport={"width": 1440, "height": 1000}, accept_downloads=True)
        view.set_default_timeout(60_000)
        view.on("request", lambda r: outside.append(r.url) if not _local(r.url) else None)
        yield view
        browser.close()
    assert outside == []


def _local(url: str) -> bool:
    return url.startswith(("http://localhost:", "ws://localhost:", "data:", "blob:"))


def settled(page: Any) -> None:
    """Wait until the page has stopped running."""
    page.wait_for_timeout(300)
    page.wait_for_function("() => !document.querySelector('[data-testid=stStatusWidget]')")
    page.wait_for_timeout(300)
