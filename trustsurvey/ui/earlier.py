"""Files that are in the store already: questions about their mapping, and waves to be read again."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from trustsurvey import workflow
from trustsurvey.errors import some
from trustsurvey.language import _
from trustsurvey.model import Mapping
from trustsurvey.store import Store, TaskRecord, WaveRecord
from trustsurvey.ui import import_words, importing, pieces
from trustsurvey.ui.guard import plain, refusals
from trustsurvey.wording import day


def draw(store: Store, slug: str) -> None:
    """Open questions, each to be answered or closed, and the waves whose mapping may be corrected."""
    with refusals():
        tasks = [task for task in store.tasks(slug) if task.open]
        waves = store.waves(slug)
    if tasks:
        st.header(_("Questions about imports"))
        for task in tasks:
            _task(store, slug, task)
    if waves:
        _waves(slug, waves)


def tell(opened: importing.Opened) -> None:
    """What is open instead of an upload, what of the file was not kept, and the way back."""
    if opened.task is not None:
        about = f"**{plain(opened.task.question)}**  \n"
        about += _("Asked about {file}.").format(file=plain(opened.task.file))
    else:
        about = _("You are correcting how **{wave}** was read. The file is the one that was kept.").format(
            wave=plain(opened.name)
        )
    gone = opened.raw.kept.gone
    if gone:
        lost = _("Not kept, because they may tell who answered: {columns}; they cannot be used any more.")
        about += " " + lost.format(columns=plain(some(gone, 6)))
    st.info(about)
    st.button(_("Leave it as it is"), on_click=importing.forget)


def ask(store: Store, slug: str, opened: importing.Opened, mapping: Mapping, name: str) -> None:
    """Hand the file over with a question."""
    with st.expander(_("Not sure? Ask an analyst")):
        question = st.text_area(_("What should somebody look at?"), key=f"question {opened.key}", height=68)
        st.caption(
            _(
                "The file is kept as it will be with the wave, without names and addresses, and with the mapping as it "
                "stands here. The question stands on this page until it is answered."
            )
        )
        if st.button(_("Hand it over"), disabled=not question.strip()):
            with refusals():
                workflow.hand_over(store, slug, opened.raw, mapping, question, name)
                importing.done("asked", opened.raw.source, store, slug)
                st.rerun()


def _task(store: Store, slug: str, task: TaskRecord) -> None:
    words, way, end = st.columns([6, 2, 2], vertical_alignment="center")
    about = f" ({plain(task.wave)})" if task.wave else ""
    asked = _("{file}, asked {day}").format(file=plain(task.file) + about, day=day(task.created_at))
    words.markdown(f"**{plain(task.question)}**  \n{asked}")
    opened = (slug, "task", str(task.id))
    way.button(_("Open the mapping"), key=f"task {task.id}", on_click=importing.reopen, args=opened)
    with end.popover(_("Close it")):
        note = st.text_input(_("What came of it?"), key=f"note {task.id}")
        st.caption(_("The file that was kept with the question is deleted."))
        if st.button(_("Close without saving"), key=f"close {task.id}"):
            with refusals():
                store.close_task(slug, task.id, note)
                st.session_state["import told"] = ("closed", task.file)
                st.rerun()


def _waves(slug: str, waves: Sequence[WaveRecord]) -> None:
    with st.expander(_("Earlier imports")):
        st.caption(
            _("What was read is kept, without names and addresses: the file is not needed to correct its mapping.")
        )
        records = {wave.name: wave for wave in reversed(waves)}
        chosen, way = st.columns([3, 2], vertical_alignment="bottom")
        name = chosen.selectbox(_("Wave"), list(records), key="wave to correct")
        way.button(_("Correct the mapping"), on_click=importing.reopen, args=(slug, "wave", name))
        record = records[name]
        st.markdown(
            _("{file}, imported {day}, {status}").format(
                file=plain(record.file), day=day(record.imported_at), status=_(record.status)
            )
        )
        pieces.left_out(record.report)
        pieces.notices(record.report.notices)
        if st.toggle(_("Show what was checked"), key=f"account {name}"):
            import_words.account(record.report)
