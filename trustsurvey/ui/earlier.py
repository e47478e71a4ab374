"""Files that are in the store already: questions about their mapping, and waves to be read again."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from trustsurvey import workflow
from trustsurvey.errors import some
from trustsurvey.model import Mapping
from trustsurvey.store import Store, TaskRecord, WaveRecord
from trustsurvey.ui import importing, pieces
from trustsurvey.ui.guard import plain, refusals


def draw(store: Store, slug: str) -> None:
    """Open questions, each to be answered or closed, and the waves whose mapping may be corrected."""
    with refusals():
        tasks = [task for task in store.tasks(slug) if task.open]
        waves = store.waves(slug)
    if tasks:
        st.header("Questions about imports")
        for task in tasks:
            _task(store, slug, task)
    if waves:
        _waves(slug, waves)


def tell(opened: importing.Opened) -> None:
    """What is open instead of an upload, what of the file was not kept, and the way back."""
    if opened.task is not None:
        about = f"**{plain(opened.task.question)}**  \nAsked about {plain(opened.task.file)}."
    else:
        about = f"You are correcting how **{plain(opened.name)}** was read. The file is the one that was kept."
    gone = opened.raw.kept.gone
    if gone:
        about += f" Not kept, because they may tell who answered: {plain(some(gone, 6))}; they cannot be used any more."
    st.info(about)
    st.button("Leave it as it is", on_click=importing.forget)


def ask(store: Store, slug: str, opened: importing.Opened, mapping: Mapping, name: str) -> None:
    """Hand the file over with a question."""
    with st.expander("Not sure? Ask an analyst"):
        question = st.text_area("What should somebody look at?", key=f"question {opened.key}", height=68)
        st.caption(
            "The file is kept as it will be with the wave, without names and addresses, and with the mapping as it "
            "stands here. The question stands on this page until it is answered."
        )
        if st.button("Hand it over", disabled=not question.strip()):
            with refusals():
                workflow.hand_over(store, slug, opened.raw, mapping, question, name)
                importing.done("asked", opened.raw.source, store, slug)
                st.rerun()


def _task(store: Store, slug: str, task: TaskRecord) -> None:
    words, way, end = st.columns([6, 2, 2], vertical_alignment="center")
    about = f" ({plain(task.wave)})" if task.wave else ""
    day = f"{task.created_at.day} {task.created_at:%B %Y}"
    words.markdown(f"**{plain(task.question)}**  \n{plain(task.file)}{about}, asked {day}")
    way.button("Open the mapping", key=f"task {task.id}", on_click=importing.reopen, args=(slug, "task", str(task.id)))
    with end.popover("Close it"):
        note = st.text_input("What came of it?", key=f"note {task.id}")
        st.caption("The file that was kept with the question is deleted.")
        if st.button("Close without saving", key=f"close {task.id}"):
            with refusals():
                store.close_task(slug, task.id, note)
                st.session_state["import told"] = ("closed", task.file)
                st.rerun()


def _waves(slug: str, waves: Sequence[WaveRecord]) -> None:
    with st.expander("Earlier imports"):
        st.caption("What was read is kept, without names and addresses: the file is not needed to correct its mapping.")
        records = {wave.name: wave for wave in reversed(waves)}
        chosen, way = st.columns([3, 2], vertical_alignment="bottom")
        name = chosen.selectbox("Wave", list(records), key="wave to correct")
        way.button("Correct the mapping", on_click=importing.reopen, args=(slug, "wave", name))
        record = records[name]
        day = f"{record.imported_at.day} {record.imported_at:%B %Y}"
        st.markdown(f"{plain(record.file)}, imported {day}, {record.status}")
        pieces.left_out(record.report)
        pieces.notices(record.report.notices)
        if st.toggle("Show what was checked", key=f"account {name}"):
            importing.account(record.report)
