"""The record of actions on the pages: read anew on every run, what the surveys found kept between them."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

import streamlit as st

from trustsurvey.actions.before_after import BeforeAfter, before_after
from trustsurvey.actions.follow_up import Record
from trustsurvey.actions.record import record_with
from trustsurvey.language import _
from trustsurvey.model import Action, Study
from trustsurvey.model.action import MEASURE
from trustsurvey.present import actions as present
from trustsurvey.store import Store, WaveRecord
from trustsurvey.ui import cache, pieces, voices
from trustsurvey.ui.guard import way_to
from trustsurvey.ui.speech import waiting
from trustsurvey.voices.answers import Machine, OpenAnswers
from trustsurvey.voices.study import codebook_of

#: Actions that a page of results tells of.
FEW = 6


def record(store: Store, slug: str, records: Sequence[WaveRecord]) -> Record:
    """What was promised and done in a study, and what the waves given (in order of time) found before and after."""
    cache.need_to_see(store, slug, records)
    read = functools.cache(lambda: (codebook_of(store, slug).version, voices.parts_of(store, slug, records)))

    def found(action: Action, study: Study, named: date | None) -> BeforeAfter:
        """Kept by what is compared alone: other words of an action change nothing in it."""
        compared = (action.done, *(getattr(action, name) for name in MEASURE))
        about = (store.url, slug, cache.parts_of(records), read() if action.share else (), compared, named)
        with waiting(_("Holding surveys before and after against each other \u2026"), "promises", *about):
            return replace(_before_after(*about, list(records), study, action), action=action)

    return record_with(store, slug, found)


@st.cache_resource(show_spinner=False, max_entries=512)
def _before_after(
    url: str, slug: str, parts: object, read: object, compared: object, named: date | None,
    _records: list[WaveRecord], _study: Study, _action: Action,
) -> BeforeAfter:  # fmt: skip
    store = cache.store()
    waves = [cache.wave(store, slug, one) for one in _records]

    def heard() -> tuple[list[list[OpenAnswers]], Machine]:
        book = codebook_of(store, slug)
        return voices.answers(store, slug, _records, book), voices.machine(store, slug, _records, book)

    return before_after(_action, waves, _study, heard, named)


def block(found: Record, heading: Callable[[str], object]) -> None:
    """What was promised, done and found, in a few lines, with the way to all of it."""
    heading(_("What was promised, what was done, did it help"))
    if found.actions and present.compared(found):
        st.caption(_(present.CAUTION))
    st.markdown(pieces.lines(present.record_lines(found, FEW)))
    if found.unanswered:
        st.markdown(_("Much heard, nothing promised:"))
        st.markdown(pieces.lines([present.unanswered_line(theme) for theme in found.unanswered]))
    way_to("pages/actions.py", _("All that was promised and done"))
