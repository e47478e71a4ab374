"""The first lines of every page: is this app allowed to answer, who asks, which study."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import streamlit as st

from trustsurvey.errors import SurveyError
from trustsurvey.rights import THIS_MACHINE, Action, Person, allowed
from trustsurvey.store import Store, StudyRecord
from trustsurvey.ui import cache

LOOPBACK = {"localhost", "127.0.0.1", "::1"}


def person() -> Person:
    """Who asks. In open mode that is whoever sits at this machine, and nobody else can ask."""
    address = st.get_option("server.address")
    if address not in LOOPBACK:
        st.error(
            "This app has no sign-in, so it answers only on the machine it runs on, "
            f"but it was started for the address \u201c{address or 'any'}\u201d. "
            "Start it again with server.address = localhost."
        )
        st.stop()
    return THIS_MACHINE


def open_page(title: str, action: Action) -> tuple[Store, Person]:
    """Open the store for a page that shows ``title``; the page stops here if it must not go on."""
    asking = person()
    with refusals():
        store = cache.store()
        if not allowed(asking, action, "*"):
            st.error("You do not have the right to see this page.")
            st.stop()
        with st.sidebar:
            st.caption(
                "Open mode: nobody signs in. Only this machine can reach the app, and whoever uses it may do "
                "everything."
            )
        st.title(title)
        return store, asking
    raise AssertionError("unreachable: refusals() stops the page")


def choose_study(store: Store) -> StudyRecord | None:
    """The study that the pages are about, from the sidebar and the address; None when there is none."""
    studies = {record.slug: record for record in store.studies()}
    if not studies:
        st.info("There is no study yet. Create one on the page \u201cStudies\u201d.")
        st.page_link("pages/study.py", label="Create a study")
        return None
    wanted = st.session_state.get("study", st.query_params.get("study"))
    slugs = list(studies)
    with st.sidebar:
        chosen = st.selectbox(
            "Study",
            slugs,
            index=slugs.index(wanted) if wanted in slugs else 0,
            format_func=lambda slug: studies[slug].name,
        )
    st.session_state["study"] = chosen
    st.query_params["study"] = chosen
    record = studies[chosen]
    if record.sample:
        st.warning(
            "**Sample study.** Riverton and everyone in it are invented. Remove it on the page \u201cStudies\u201d "
            "when you no longer need it."
        )
    return record


@contextlib.contextmanager
def refusals() -> Iterator[None]:
    """Show a SurveyError as a sentence and stop the page there; nothing else is caught."""
    try:
        yield
    except SurveyError as error:
        show_error(error)
        st.stop()


def show_error(error: SurveyError) -> None:
    """What was wrong, where, what was expected and what to do next."""
    text = f"**{plain(error.title)}.**"
    if error.where:
        text += f" {plain(error.where)}."
    if error.got:
        text += f" Found: {plain(error.got)}."
    if error.expected:
        text += f" Expected: {plain(error.expected)}."
    st.error(f"{text} {plain(error.hint)}".strip())


def plain(text: str) -> str:
    """Text from files for a place that renders Markdown: nothing in it is markup any more."""
    return "".join(f"\\{c}" if c in "\\`*_{}[]()<>#+-.!|~$:" else c for c in text)
