"""In which language the app answers: as chosen in the sidebar, else as the address or the browser asks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar

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


@contextmanager
def waiting(what: str, *about: object) -> Iterator[None]:
    """Say what is waited for, and for how long; nothing where nobody looks, as when pages are made ready.

    ``about``: what is made. Once it was made it is not waited for again: to begin to say so takes time on every run.
    What is waited for on the way to something else is not said beside it.
    """
    nobody = get_script_run_ctx(suppress_warning=True) is None
    quiet = nobody or _SAID.get() or about in _MADE
    before = _SAID.set(_SAID.get() or not quiet)
    try:
        with nullcontext() if quiet else st.spinner(what, show_time=True):
            yield
    finally:
        _SAID.reset(before)
    if about:
        _MADE.add(about)


def made(*about: object) -> bool:
    """Whether something was waited for already."""
    return about in _MADE


#: What was made in this process, as :func:`waiting` was told.
_MADE: set[tuple[object, ...]] = set()
#: Whether it is said already that something is waited for.
_SAID: ContextVar[bool] = ContextVar("said", default=False)


language.ask = wanted
