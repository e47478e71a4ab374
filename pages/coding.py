"""Open answers are read: at random for the audit, to teach the machine, a second time, and where people differ."""

import streamlit as st

from trustsurvey.store import Body
from trustsurvey.ui import coding, exchange, pieces, voices
from trustsurvey.ui.guard import choose_waves, open_page, refusals

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
with third:
    coder = coding.reader()
machine = None
if len(answers.readings.counts()) >= coding.TEACH_EVERY:
    with refusals():
        machine = voices.machine(store, study.slug, records, not drafts, book, coding.TEACH_EVERY)
coding.room(store, study.slug, Body(answers.wave.name), answers, machine, coder)
exchange.draw(store, study, person, answers.wave, book)
