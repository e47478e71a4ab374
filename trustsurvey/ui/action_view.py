"""One promise: its four steps, the survey before and after, its history, and the form to change it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from trustsurvey.actions import record as records
from trustsurvey.actions.follow_up import Record
from trustsurvey.actions.names import names_in
from trustsurvey.errors import SurveyError, some
from trustsurvey.model import Action, ActionVersion
from trustsurvey.model.action import PROMISE, changed
from trustsurvey.present import actions as present, charts, promise
from trustsurvey.rights import Person, allowed
from trustsurvey.store import Store, WaveRecord
from trustsurvey.ui import action_form, cache, pieces
from trustsurvey.ui.action_list import SEEN, go
from trustsurvey.ui.guard import plain, refusals
from trustsurvey.wording import number as times


def draw(
    store: Store, person: Person, slug: str, record: Record, waves: Sequence[WaveRecord], released: bool, number: int
) -> None:
    """The action with this number; 0 for one that is to be written down."""
    st.button("Back to all promises", on_click=go, args=("",), type="tertiary", icon=":material/arrow_back:")
    may_write = allowed(person, "record actions", slug)
    if not number:
        if not may_write:
            st.error("You do not have the right to write promises down.")
            st.stop()
        st.header("A promise")
        _write(store, person, slug, record, waves, released, None)
        return
    with refusals():
        history = store.actions.history(slug, number)
    _steps(history[-1].action, record)
    _numbers(history[-1].action, record)
    with st.expander(f"Its history: {times(len(history), 'version')}"):
        st.dataframe(promise.history_table(history), hide_index=True)
    if may_write:
        with st.expander("Change it"):
            # Kept through reruns: what somebody else wrote down meanwhile must not be taken for what was seen here.
            of, at = st.session_state.setdefault(SEEN, (number, history[-1].number))
            seen = history[min(at, len(history)) - 1] if of == number else history[-1]
            if seen is not history[-1]:
                st.warning(f"{plain(history[-1].person)} changed it meanwhile. Open it again to see what it says now.")
            _write(store, person, slug, record, waves, released, seen)
        with st.popover("Remove it"):
            st.markdown("For what was written down by mistake. What is given up is not removed: it is *dropped*.")
            reason = st.text_input("Why?", key=f"remove {number}")
            if st.button("Remove it with its history"):
                with refusals():
                    store.actions.remove(slug, number, reason)
                    _leave(f"\u201c{plain(history[-1].action.promised)}\u201d is removed.")


def _steps(action: Action, record: Record) -> None:
    st.header(plain(present.stopped(action.promised).rstrip(".")))
    block = pieces.blocks()
    for title, told in promise.steps(action, record):
        with block():
            st.markdown(f"### {title}\n" + "\n\n".join(plain(sentence) for sentence in told))


def _numbers(action: Action, record: Record) -> None:
    """The estimates that the sentence about before and after rests on."""
    found = record.found.get(action.id)
    if found is None or found.levels is None:
        return
    rows = promise.level_rows(found)
    if (rows["suppressed"] == "").any():
        pieces.chart(
            cache.drawn(charts.dots, rows, "name"),
            f"### Before and after\n{plain(present.measure_words(action, record))}, with the range that each number "
            f"likely lies in. {present.CAUTION}",
            promise.level_table(rows),
            f"before and after {action.id}",
        )


def _write(
    store: Store, person: Person, slug: str, record: Record, waves: Sequence[WaveRecord], released: bool,
    old: ActionVersion | None,
) -> None:  # fmt: skip
    """The form, and what is saved of it."""
    key = "new" if old is None else f"{old.action.id} {old.number}"
    start = None if old is None else old.action
    with refusals():
        groups = (
            action_form.groups_of(cache.study_picture(store, slug, list(waves), len(waves) - 1).wave) if waves else []
        )
    told = action_form.form(start, key, record.study, record.codebook, [w.name for w in waves], groups, record.today)
    made: Action | None = None
    try:
        made = Action(**told, id=0 if start is None else start.id)
    except SurveyError as error:
        if told["promised"]:
            st.info(f"Not complete yet: {plain(error.title)}. {plain(error.hint)}")
        else:
            st.caption("It can be saved once it says what was promised.")
    if made is not None and (named := names_in(made, record.study)):
        st.warning(
            f"This may name a person: {plain(some(named))}. Everybody who sees the study reads it; a unit or a role is "
            "enough."
        )
    differ = [] if made is None or old is None else changed(old.action, made)
    note = ""
    if any(name in PROMISE for name, _, _ in differ):
        note = st.text_input("Why is the promise, or what it is judged by, changed?", key=f"note {key}")
    if st.button("Save", type="primary", key=f"save {key}", disabled=made is None or (old is not None and not differ)):
        with refusals():
            assert made is not None
            if old is None:
                records.add(store, slug, [made])
            else:
                records.change(store, slug, made, old.number, note)
            _leave("Written down.")


def _leave(told: str) -> None:
    """Back to the list, with what was done."""
    st.session_state["actions told"] = told
    go("")
    st.rerun()
