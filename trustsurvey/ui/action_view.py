"""One promise: its four steps, the survey before and after, its history, and the form to change it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from trustsurvey.actions import record as records
from trustsurvey.actions.follow_up import Record
from trustsurvey.actions.names import names_in
from trustsurvey.errors import SurveyError, some
from trustsurvey.language import _, ngettext, translated
from trustsurvey.limits import study_within
from trustsurvey.model import Action, ActionVersion
from trustsurvey.model.action import PROMISE, changed
from trustsurvey.present import actions as present, charts, promise
from trustsurvey.rights import allowed
from trustsurvey.store import Store, WaveRecord
from trustsurvey.ui import action_form, cache, pieces
from trustsurvey.ui.action_list import SEEN, go
from trustsurvey.ui.guard import plain, refusals
from trustsurvey.wording import in_words


def draw(store: Store, slug: str, record: Record, waves: Sequence[WaveRecord], number: int) -> None:
    """The action with this number; 0 for one that is to be written down."""
    st.button(_("Back to all promises"), on_click=go, args=("",), type="tertiary", icon=":material/arrow_back:")
    may_write = allowed(store.person, "record actions", slug)
    if not number:
        if not may_write:
            st.error(_("You do not have the right to write promises down."))
            st.stop()
        st.header(_("A promise"))
        _write(store, slug, record, waves, None)
        return
    with refusals():
        history = records.history(store, slug, number)
    _steps(history[-1].action, record)
    _numbers(history[-1].action, record)
    versions = ngettext("Its history: {n} version", "Its history: {n} versions", len(history))
    with st.expander(versions.format(n=in_words(len(history)))):
        pieces.table(promise.history_table(history))
    if may_write:
        with st.expander(_("Change it")):
            # Kept through reruns: what somebody else wrote down meanwhile must not be taken for what was seen here.
            of, at = st.session_state.setdefault(SEEN, (number, history[-1].number))
            seen = history[min(at, len(history)) - 1] if of == number else history[-1]
            if seen is not history[-1]:
                st.warning(
                    _("{person} changed it meanwhile. Open it again to see what it says now.").format(
                        person=plain(history[-1].person)
                    )
                )
            _write(store, slug, record, waves, seen)
        with st.popover(_("Remove it")):
            st.markdown(_("For what was written down by mistake. What is given up is not removed: it is *dropped*."))
            reason = st.text_input(_("Why?"), key=f"remove {number}")
            if st.button(_("Remove it with its history")):
                with refusals():
                    records.remove(store, slug, number, reason)
                    _leave(_("\u201c{promise}\u201d is removed.").format(promise=plain(history[-1].action.promised)))


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
            cache.once(charts.dots, rows, "name"),
            f"### {_('Before and after')}\n"
            + _("{measure}, with the range that each number likely lies in.").format(
                measure=plain(present.measure_words(action, record))
            )
            + f" {_(present.CAUTION)}",
            promise.level_table(rows),
            key=f"before and after {action.id}",
        )


def _write(
    store: Store, slug: str, record: Record, waves: Sequence[WaveRecord],
    old: ActionVersion | None,
) -> None:  # fmt: skip
    """The form, and what is saved of it."""
    key = "new" if old is None else f"{old.action.id} {old.number}"
    start = None if old is None else old.action
    with refusals():
        groups = (
            action_form.groups_of(cache.study_picture(store, slug, list(waves), len(waves) - 1).wave) if waves else []
        )
    study = study_within(record.study, store.person.limited_to(slug))
    told = action_form.form(start, key, study, record.codebook, [w.name for w in waves], groups, record.today)
    made: Action | None = None
    try:
        made = Action(**told, id=0 if start is None else start.id)
    except SurveyError as error:
        if told["promised"]:
            st.info(
                _("Not complete yet: {title}. {hint}").format(
                    title=plain(translated(error.title)), hint=plain(translated(error.hint))
                )
            )
        else:
            st.caption(_("It can be saved once it says what was promised."))
    if made is not None and (named := names_in(made, record.study)):
        st.warning(
            _(
                "This may name a person: {named}. Everybody who sees the study reads it; a unit or a role is enough."
            ).format(named=plain(some(named)))
        )
    differ = [] if made is None or old is None else changed(old.action, made)
    note = ""
    if any(name in PROMISE for name, *__ in differ):
        note = st.text_input(_("Why is the promise, or what it is judged by, changed?"), key=f"note {key}")
    if st.button(
        _("Save"), type="primary", key=f"save {key}", disabled=made is None or (old is not None and not differ)
    ):
        with refusals():
            assert made is not None
            if old is None:
                records.add(store, slug, [made])
            else:
                records.change(store, slug, made, old.number, note)
            _leave(_("Written down."))


def _leave(told: str) -> None:
    """Back to the list, with what was done."""
    st.session_state["actions told"] = told
    go("")
    st.rerun()
