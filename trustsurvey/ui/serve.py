"""Start the app's server in this process."""

from __future__ import annotations

import sys
from pathlib import Path

from trustsurvey.ui import ready


def serve(app: Path, port: int) -> None:
    """Run ``app`` under Streamlit on this machine only; returns when the server is stopped."""
    from streamlit.runtime.pages_manager import PagesManager
    from streamlit.web.cli import main

    # app.py lists its pages itself. Without this, Streamlit takes the folder pages/ for the list until
    # app.py has run once, and greets the first deep link after a start with "Page not found".
    PagesManager.uses_pages_directory = False
    sys.argv = ["streamlit", "run", str(app), "--server.port", str(port), "--server.address", "localhost"]
    ready.begin()
    main()
