"""Open answers are read: at random for the audit, to teach the machine, a second time, and where people differ."""

import streamlit as st

from trustsurvey.model import Queue
from trustsurvey.ui import coding, exchange, pieces, voices
from trustsurvey.ui.guard import choose_waves, open_page, plain, refusals

store, person = open_page("Coding", "code")
study, records, drafts = choose_waves(store, person, "This study has no wave yet. Import the first survey export.")
first, second, third = st.columns([2, 3, 2])
with first:
    at = pieces.choose_wave(records)
with refusals():
    book = voices.codebook(store, study.slug)
    asked = voices.answers(store, study.slug, [records[at]], not drafts, book)[0]
if not asked:
    st.info(
        "This wave has no open answers that can be read: either nobody wrote anything, or its file was imported "
        "before names were taken out. Import it again to read them."
    )
    st.stop()
item = second.selectbox(
    "Question", range(len(asked)), format_func=lambda k: f"{asked[k].wave.instrument.title_of(asked[k].item)} "
    f"({len(asked[k].keys):,} answers)",
)  # fmt: skip
answers = asked[item]
coder = third.text_input("Who is reading?", key="coder", placeholder="Your name or initials").strip()
if not coder:
    st.info("Type your name or initials first: each reading carries who made it.")
    st.stop()

chosen = st.segmented_control(
    "What to do", list(coding.TASKS), default="audit", format_func=coding.TASKS.__getitem__, key="task"
)
task: Queue = chosen or "audit"
st.caption(coding.WHY[task])
readings, audit = answers.readings, answers.audit
read = readings.counts()
machine = None
if len(read) >= coding.TEACH_EVERY:
    with refusals():
        machine = voices.machine(store, study.slug, records, not drafts, book, coding.TEACH_EVERY)

done = int(audit.audited.sum())
st.progress(len(read) / len(answers.keys), f"{len(read):,} of {len(answers.keys):,} answers read, {done:,} at random")
waiting = coding.queue(answers, task, coder, machine)
if not waiting:
    st.success({"audit": "Every answer was read.", "training": "Every answer was read.",
                "second": "Nothing is left that only somebody else read.",
                "settled": "Nobody read an answer differently."}[task])  # fmt: skip
    st.stop()
now = coding.next_of(answers, waiting)
if task == "settled":
    for one in next(found for key, found in readings.disagreements() if key == answers.keys[now]):
        told = ", ".join(plain(book.code(c).title) + (f" ({s})" if s else "") for c, s in one.codes if c in book)
        st.markdown(f"**{plain(one.coder)}**: {told or 'none of the themes'}")
coding.desk(store, study.slug, answers, now, machine, coder, task)
exchange.draw(store, study, person, answers.wave, book)
