"""The record of actions on the pages: read anew on every run, what the surveys found kept between them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

import streamlit as st

from trustsurvey.actions.before_after import BeforeAfter, before_after
from trustsurvey.actions.follow_up import Record, unanswered
from trustsurvey.actions.record import named_on
from trustsurvey.language import _
from trustsurvey.limits import actions_within
from trustsurvey.model import Action, ActionVersion, Study
from trustsurvey.model.action import as_entries
from trustsurvey.present import actions as present
from trustsurvey.store import Store, WaveRecord
from trustsurvey.store.engines import database_url
from trustsurvey.ui import cache, pieces, voices
from trustsurvey.ui.guard import way_to
from trustsurvey.ui.speech import waiting
from trustsurvey.voices.answers import Machine, OpenAnswers
from trustsurvey.voices.picture import Themes
from trustsurvey.voices.study import codebook_of

#: Actions that a page of results tells of.
FEW = 6


def record(store: Store, slug: str, records: Sequence[WaveRecord], heard: Sequence[Themes] = ()) -> Record:
    """What was promised and done in a study, and what the waves given (in order of time) found before and after.

    ``heard``: themes of the last of them, for those much heard of which nothing was promised.
    """
    study, book = store.study(slug), codebook_of(store, slug)
    histories = {history[-1].action: history for history in store.actions.histories(slug)}
    actions = actions_within(tuple(histories), study, store.person.limited_to(slug))
    found = {
        action.id: _found(store, slug, records, study, histories[action])
        for action in actions if action.state == "done"
    }  # fmt: skip
    told = Record(study, book, actions, date.today(), found)
    # What was promised where the person does not see it was promised all the same.
    return replace(told, unanswered=tuple(unanswered(heard, records[-1].name, tuple(histories)))) if heard else told


def of_area(found: Record, heard: Sequence[Themes], wave: str, level: str, name: str) -> Record:
    """The record of one area, with the themes of a wave much heard there of which nothing was promised."""
    here = unanswered(heard, wave, found.actions, level, name)
    return replace(found.of_place(level, name), unanswered=tuple(here))


def _found(
    store: Store, slug: str, records: Sequence[WaveRecord], study: Study,
    history: Sequence[ActionVersion],
) -> BeforeAfter:  # fmt: skip
    action, named = history[-1].action, named_on(history, study)
    state = voices.parts_of(store, slug, records) if action.share else ()
    parts = tuple((one.name, one.key) for one in records)
    told = tuple(as_entries(action).items())
    with waiting(_("Holding surveys before and after against each other \u2026")):
        return _before_after(database_url(), slug, parts, state, told, named, list(records), study, action)


@st.cache_resource(show_spinner=False, max_entries=512)
def _before_after(
    url: str, slug: str, parts: object, state: object, told: object, named: date | None,
    _records: list[WaveRecord], _study: Study, _action: Action,
) -> BeforeAfter:  # fmt: skip
    store = cache.store()
    waves = [cache.wave(cache.store(), slug, one) for one in _records]

    def heard() -> tuple[list[list[OpenAnswers]], Machine]:
        book = codebook_of(store, slug)
        read = voices.answers(store, slug, _records, book)
        return read, voices.machine(store, slug, _records, book)

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
