"""The server answers on this machine unless told otherwise, whatever the environment says, and behind its door."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from streamlit import App
from streamlit.runtime.pages_manager import PagesManager

from trustsurvey.ui import ready
from trustsurvey.ui.door import Door
from trustsurvey.ui.serve import SECRETS, serve

Served = list[tuple[App, dict[str, Any]]]


@pytest.fixture(autouse=True)
def served(monkeypatch: pytest.MonkeyPatch) -> Served:
    """What would have been served, with which settings; nothing is."""
    told: Served = []
    monkeypatch.setattr(ready, "begin", lambda: None)
    monkeypatch.setattr("streamlit.web.bootstrap.load_config_options", lambda settings: None)
    monkeypatch.setattr(App, "run", lambda self, *, config: told.append((self, config)))
    # The attribute must be Streamlit's own: setting one that it never reads would do nothing.
    monkeypatch.setattr(PagesManager, "uses_pages_directory", None)
    monkeypatch.setattr(sys, "argv", ["trustsurvey", "app", "--server.address", "0.0.0.0"])
    return told


@pytest.mark.parametrize("address", [None, "0.0.0.0"])
def test_the_app_is_served_on_this_machine_and_lists_its_own_pages(
    address: str | None, served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if address is not None:
        monkeypatch.setenv("STREAMLIT_SERVER_ADDRESS", address)
    serve(tmp_path / "my app.py", 8599)
    ((app, settings),) = served
    assert settings == {"server.port": 8599, "server.address": "localhost"}
    assert app.script_path == tmp_path / "my app.py"
    assert [middleware.cls for middleware in app._user_middleware] == [Door]
    assert sys.argv == [str(tmp_path / "my app.py")]
    assert PagesManager.uses_pages_directory is False


def test_others_are_answered_where_people_sign_in(
    served: Served, tmp_path: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TRUSTSURVEY_SIGN_IN", "accounts")
    own_home.mkdir(exist_ok=True)
    (own_home / SECRETS).write_text("[auth]\n")
    serve(tmp_path / "app.py", 8599, "0.0.0.0")
    ((_, settings),) = served
    assert settings["server.address"] == "0.0.0.0"
    assert settings["secrets.files"] == [str(own_home / SECRETS)]
    assert "set-up code: " in capsys.readouterr().out


def test_what_the_server_says_when_it_ends_reaches_the_caller(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refusing(self: App, *, config: object) -> None:
        raise SystemExit(2)

    monkeypatch.setattr(App, "run", refusing)
    with pytest.raises(SystemExit):
        serve(tmp_path / "app.py", 8599)
