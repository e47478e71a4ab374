"""Long work on a page: what is foretold, and that stopping it or closing the tab leaves nothing behind."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from browsers import answering, browsing
from conftest import ROOT
from streamlit.testing.v1 import AppTest

from trustsurvey.ui.progress import left

#: A page whose work takes ten seconds, writes a line at each step and a file at its end.
LONG = """
import time
from pathlib import Path
import streamlit as st
from trustsurvey.ui.progress import under_way
here = Path(__file__).parent
def stopped(word):
    st.session_state["told"] = word
st.title("Long")
if told := st.session_state.pop("told", ""):
    st.info(told)
if st.button("Begin"):
    with under_way("Working", stopped, "It was stopped.") as step:
        for k in range(100):
            time.sleep(0.1)
            (here / "steps").write_text(str(k))
            step(k / 100)
    (here / "done").write_text("all")
"""


SHORT = """
import streamlit as st
from trustsurvey.errors import SurveyError
from trustsurvey.ui.progress import under_way
with under_way("Reading", print) as step:
    step(0.5)
try:
    with under_way("Saving", print) as step:
        step(7.0)  # more than all of it is all of it
        raise SurveyError("test.no", "No")
except SurveyError:
    st.error("refused")
"""


@pytest.mark.parametrize(
    ("passed", "share", "told"),
    [
        (1.0, 0.5, ""),  # too soon to say
        (60.0, 0.01, ""),
        (10.0, 0.2, "about 40 seconds left"),
        (30.0, 0.9, "a few seconds left"),
        (60.0, 0.2, "about four minutes left"),
        (100.0, 0.5, "about two minutes left"),
        (9.0, 1.0, ""),
    ],
)
def test_what_is_left_is_told_once_it_is_no_guess(passed: float, share: float, told: str) -> None:
    assert left(passed, share) == told


def test_the_bar_goes_when_the_work_is_done_and_when_it_is_refused() -> None:
    test = AppTest.from_string(SHORT).run()
    assert not test.exception
    assert test.error[0].value == "refused"
    assert not test.button


@pytest.fixture
def long_page(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A page with long work, served; its address and its folder."""
    script = tmp_path / "long.py"
    script.write_text(LONG, encoding="utf-8")
    with answering([sys.executable, "-m", "streamlit", "run", str(script), "--server.headless", "true"],
                   {"PYTHONPATH": str(ROOT)}) as url:  # fmt: skip
        yield url, tmp_path


@pytest.mark.browser
def test_work_that_is_stopped_or_left_keeps_nothing(long_page: tuple[str, Path]) -> None:
    url, folder = long_page
    with browsing() as page:
        page.goto(url)
        page.get_by_role("button", name="Begin").click()
        page.get_by_text("seconds left").wait_for()
        page.get_by_role("button", name="Stop").click()
        page.get_by_text("It was stopped.").wait_for()
        stood = (folder / "steps").read_text()
        assert page.get_by_role("button", name="Stop").count() == 0
        page.get_by_role("button", name="Begin").click()
        page.get_by_text("seconds left").wait_for()
        page.goto("about:blank")  # as closing the tab: the connection ends
        page.wait_for_timeout(2_500)
        left_at = (folder / "steps").read_text()
        page.wait_for_timeout(500)
        assert (folder / "steps").read_text() == left_at
    assert 5 <= int(stood) < 99
    assert int(left_at) < 60
    assert not (folder / "done").exists()
