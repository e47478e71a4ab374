"""Open answers are read: at random for the audit, to teach the machine, a second time, and where people differ."""

import streamlit as st

from trustsurvey.store import Body
from trustsurvey.ui import coding, exchange, voices
from trustsurvey.ui.guard import choose_waves, open_page, refusals

store, person = open_page("Coding", "code")
study, records, drafts = choose_waves(store, person, "This study has no wave yet. Import the first survey export.")
first, second, third = st.columns([2, 3, 2])
at, book, answers = voices.choose(store, study.slug, records, not drafts, first, second)
with third:
    coder = coding.reader()
machine = None
if len(answers.readings.counts()) >= coding.TEACH_EVERY:
    with refusals():
        machine = voices.machine(store, study.slug, records, not drafts, book, coding.TEACH_EVERY)
coding.room(store, study.slug, Body(answers.wave.name), answers, machine, coder)
exchange.draw(store, study, person, answers.wave, book)
