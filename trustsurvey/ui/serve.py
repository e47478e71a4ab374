"""Start the app's server in this process."""

from __future__ import annotations

import sys
from pathlib import Path

from trustsurvey.errors import SurveyError
from trustsurvey.store.engines import home
from trustsurvey.ui import ready
from trustsurvey.ui.ways import LOOPBACK, way

#: In the folder of the database: what the identity provider knows this app by (see docs/sign-in.md).
SECRETS = "secrets.toml"


def serve(app: Path, port: int, address: str = "localhost") -> None:
    """Run ``app`` under Streamlit, behind the door that asks for a sign-in; returns when the server is stopped.

    SurveyError ``app.open`` for an address that others can reach while nobody signs in.
    """
    from starlette.middleware import Middleware
    from streamlit import App, config
    from streamlit.runtime.pages_manager import PagesManager
    from streamlit.web.bootstrap import load_config_options

    from trustsurvey.ui import cache
    from trustsurvey.ui.door import Door, Entrance

    if way() == "open" and address not in LOOPBACK:
        raise SurveyError(
            "app.open", "Nobody signs in, so only this machine may reach the app", got=f"the address {address}",
            hint="Set TRUSTSURVEY_SIGN_IN to accounts or provider first (see docs/sign-in.md).",
        )  # fmt: skip
    # app.py lists its pages itself. Without this, Streamlit takes the folder pages/ for the list until
    # app.py has run once, and greets the first deep link after a start with "Page not found".
    PagesManager.uses_pages_directory = False
    sys.argv = [str(app.resolve())]  # Streamlit looks for its settings beside it
    settings: dict[str, object] = {"server.port": port, "server.address": address}
    if (home() / SECRETS).is_file():
        settings["secrets.files"] = [str(home() / SECRETS)]
    load_config_options(settings)
    base = config.get_option("server.baseUrlPath")
    entrance = Entrance(way(), base)
    if way() == "accounts" and not cache.store().accounts.any():
        print(f"Nobody can sign in yet. The first page asks for this set-up code: {entrance.code}", flush=True)
    door = Middleware(Door, way=way(), base=base)
    server = App(app.resolve(), routes=entrance.routes(), middleware=[door])
    ready.begin()
    server.run(config=settings)
