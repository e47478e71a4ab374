"""All promises of a study, what must not be forgotten first; one of them is opened by its button or the address."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from trustsurvey.actions.files import written
from trustsurvey.actions.follow_up import Record
from trustsurvey.language import _
from trustsurvey.limits import study_within
from trustsurvey.model import Action, Study
from trustsurvey.present import actions as present
from trustsurvey.rights import allowed
from trustsurvey.store import Store
from trustsurvey.ui import pieces
from trustsurvey.ui.guard import plain, remembered
from trustsurvey.voices.picture import Themes
from trustsurvey.wording import shortened

#: What is opened: the number of an action, or a new one; "" for the list. In the address alone.
OPEN, NEW = "promise", "new"
#: What the address calls all areas.
EVERYWHERE = "everywhere"
#: The version that a form began with, so that what somebody else changed meanwhile is not overwritten.
SEEN = "promise seen"
#: Letters of a promise that its button is named by, so that no two are called the same.
NAMED = 32


def chosen(record: Record) -> int | None:
    """The number of the action that is opened, 0 for a new one, None for the list."""
    asked = str(st.query_params.get(OPEN, ""))
    if asked == NEW:
        return 0
    known = {str(action.id): action.id for action in record.actions if action.id not in record.read_only}
    if asked in {str(number) for number in record.read_only}:
        st.info(_(present.BEYOND))
    elif asked and asked not in known:
        st.info(_("There is no promise \u201c{asked}\u201d, or not any more.").format(asked=plain(asked[:20])))
    return known.get(asked)


def go(to: str) -> None:
    """Open an action, a new one, or the list; in a callback, so that the page that follows shows it."""
    st.session_state.pop(SEEN, None)
    if to:
        st.query_params[OPEN] = to
    else:
        st.query_params.pop(OPEN, None)


def draw(store: Store, slug: str, record: Record, heard: Sequence[Themes], wave: str) -> None:
    """The list; ``heard``: themes of the newest ``wave``."""
    st.markdown(
        _(
            "What residents said, what was promised and done, and what the surveys found before and after. Nothing is "
            "rewritten silently: each promise keeps what it said before."
        )
    )
    with st.columns([1, 2])[0]:
        record = _of_place(record, study_within(record.study, store.person.limited_to(slug))).hearing(heard, wave)
    if allowed(store.person, "record actions", slug):
        st.button(_("Write down a promise"), type="primary", on_click=go, args=(NEW,))
    if record.actions:
        st.markdown(f"**{plain(present.tally_words(record))}**")
    else:
        st.info(_(present.NOTHING))
    ordered = present.in_order(record)
    late = [action for action in ordered if action.overdue(record.today)]
    if late:
        st.header(_("Overdue"))
        _each(late, record)
    if record.unanswered:
        st.header(_("Much heard, nothing promised"))
        st.markdown(pieces.lines([present.unanswered_line(theme) for theme in record.unanswered]))
    for state, title in present.TITLES.items():
        mine = [action for action in ordered if action.state == state and action not in late]
        if mine:
            st.header(_(title))
            if state == "done" and present.compared(record):
                st.caption(_(present.CAUTION))
            _each(mine, record)
    if record.actions and allowed(store.person, "download results", slug):
        row = st.container(horizontal=True)
        for label, name in ((_("Save this list (.csv)"), "actions.csv"), (_("Save this list (.yaml)"), "actions.yaml")):
            row.download_button(label, partial(_file, store, slug, record, name), name, on_click="ignore")


def _file(store: Store, slug: str, record: Record, name: str) -> bytes:
    """The promises as a file of this name; that it was taken is written down."""
    store.need("download results", slug)
    text = written(record.actions, name)
    store.note("export", slug, name if not record.near else f"{name}, {' '.join(record.near[0])}"[:300])
    return text.encode("utf-8-sig")


def _of_place(record: Record, study: Study) -> Record:
    """The record of the area chosen among those of the study, or all of it."""
    areas = [(level.key, name) for level in study.levels for name in level.names]
    if not areas:
        return record
    titles = {level.key: level.title for level in study.levels}
    keys = [EVERYWHERE, *(f"{level}={name}" for level, name in areas)]
    shown = [_("Everywhere"), *(f"{name} ({titles[level]})" for level, name in areas)]
    at = remembered(_("Where"), "place", keys, shown)
    return record.of_place(*areas[at - 1]) if at else record


def _each(actions: Sequence[Action], record: Record) -> None:
    for action in actions:
        title, *told = (plain(part) for part in present.action_parts(action, record))
        with st.container(gap=None):
            st.markdown("  \n".join([f"**{title}**", *told]))
            if action.id in record.read_only:
                continue
            name = _("Steps and history: {promise}").format(promise=plain(shortened(action.promised, NAMED)))
            st.button(
                name, key=f"open {action.id}", on_click=go, args=(str(action.id),),
                type="tertiary", icon=":material/arrow_forward:",
            )  # fmt: skip
