"""The server answers on this machine only, whatever the environment says."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from streamlit.runtime.pages_manager import PagesManager

from trustsurvey.ui import ready
from trustsurvey.ui.serve import serve


@pytest.fixture(autouse=True)
def nothing_beside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ready, "begin", lambda: None)


@pytest.mark.parametrize("address", [None, "0.0.0.0"])
def test_the_app_is_served_on_this_machine_and_lists_its_own_pages(
    address: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if address is not None:
        monkeypatch.setenv("STREAMLIT_SERVER_ADDRESS", address)
    monkeypatch.setattr(sys, "argv", ["trustsurvey", "app", "--server.address", "0.0.0.0"])
    # The attribute must be Streamlit's own: setting one that it never reads would do nothing.
    monkeypatch.setattr(PagesManager, "uses_pages_directory", None)
    served: list[list[str]] = []
    monkeypatch.setattr("streamlit.web.cli.main", lambda: served.append(sys.argv))
    serve(tmp_path / "my app.py", 8599)
    assert served == [
        [
            "streamlit", "run", str(tmp_path / "my app.py"), "--server.port", "8599", "--server.address", "localhost",
        ]
    ]  # fmt: skip
    assert PagesManager.uses_pages_directory is False


def test_what_the_server_says_when_it_ends_reaches_the_caller(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["trustsurvey"])
    monkeypatch.setattr(PagesManager, "uses_pages_directory", None)

    def refusing() -> None:
        raise SystemExit(2)

    monkeypatch.setattr("streamlit.web.cli.main", refusing)
    with pytest.raises(SystemExit):
        serve(tmp_path / "app.py", 8599)
