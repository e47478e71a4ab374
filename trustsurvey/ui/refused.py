"""What is refused, as a sentence on the page."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import streamlit as st

from trustsurvey.errors import SurveyError
from trustsurvey.language import _, translated
from trustsurvey.ui.markup import plain


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
    text = f"**{plain(translated(error.title))}.**"
    if error.where:
        text += f" {plain(translated(error.where))}."
    if error.got:
        text += " " + _("Found: {got}.").format(got=plain(translated(error.got)))
    if error.expected:
        text += " " + _("Expected: {expected}.").format(expected=plain(translated(error.expected)))
    st.error(f"{text} {plain(translated(error.hint))}".strip())
