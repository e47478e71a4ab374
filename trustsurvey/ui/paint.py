"""A page is shown from the top: its number first, its charts after."""

from __future__ import annotations

import time

import streamlit as st

#: Seconds that a browser is left alone: one that has just opened the app still loads what draws a number, one that
#: comes from another page has it, one in which something was chosen has only the number to change.
OPENING, TURNING, CHOOSING = 1.0, 0.4, 0.1


def show_first() -> None:
    """Let the browser show what was drawn until here.

    Given all of a page at once, a browser shows none of it before it has drawn the last chart.
    """
    page, before = st.session_state.get("page"), st.session_state.get("shown first")
    st.session_state["shown first"] = page
    time.sleep(OPENING if before is None else CHOOSING if page == before else TURNING)
