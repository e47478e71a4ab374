"""In which language the app answers: as chosen in the sidebar, else as the address or the browser asks."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from trustsurvey import language

#: Name of the choice in the session and in the address.
LANGUAGE = "lang"


def wanted() -> str | None:
    """The locale that this session is answered in; None outside a session, and where nothing is known of it."""
    if get_script_run_ctx(suppress_warning=True) is None:
        return None
    chosen = language.known(st.session_state.get(LANGUAGE) or st.query_params.get(LANGUAGE))
    browser = language.known(st.context.locale)
    # The browser of somebody in Mexico says how numbers are written there, whoever chose the language.
    alike = browser.partition("_")[0] == chosen.partition("_")[0]
    return browser if alike else chosen or browser or None


def listen() -> None:
    """Speak this session's language until the page is done; answers to clicks find it by themselves."""
    language.use(wanted())


def waiting(what: str) -> AbstractContextManager[None]:
    """Say what is waited for, and for how long; nothing where nobody looks, as when pages are made ready."""
    if get_script_run_ctx(suppress_warning=True) is None:
        return nullcontext()
    return st.spinner(what, show_time=True)


language.ask = wanted
