"""Open answers are read: at random for the audit, to teach the machine, a second time, and where people differ."""

import streamlit as st

from trustsurvey.language import N_, _
from trustsurvey.store import Body
from trustsurvey.ui import coding, exchange, focus_groups, voices
from trustsurvey.ui.guard import choose_study, choose_waves, missing, open_page, refusals
from trustsurvey.voices.study import codebook_of

store = open_page(N_("Coding"), "code")
SURVEY, SPOKEN = _("Open answers of the survey"), _("Focus groups")
chosen = st.segmented_control(_("What to read"), [SURVEY, SPOKEN], default=SURVEY, key="of what") or SURVEY
if chosen == SPOKEN:
    study = choose_study(store)
    if study is None:
        st.stop()
    with refusals():
        book = codebook_of(store, study.slug)
        groups = focus_groups.groups(store, study.slug)
    if not groups:
        missing(store, _("No focus group was added yet."), "groups")
        st.stop()
    first, second = st.columns([3, 2])
    group = groups[first.selectbox(_("Group"), range(len(groups)), format_func=lambda k: groups[k].name)]
    with second:
        coder = coding.reader(store.person)
    with refusals():
        answers = focus_groups.answers_of(store, study.slug, group, book)
    coding.room(
        store, study.slug, focus_groups.body_of(group), answers, None, coder,
        lambda key: focus_groups.said_before(group, key),
    )  # fmt: skip
    st.stop()
study, records = choose_waves(store)
first, second, third = st.columns([2, 3, 2])
at, book, answers = voices.choose(store, study.slug, records, first, second)
with third:
    coder = coding.reader(store.person)
machine = None
if len(answers.readings.counts()) >= coding.TEACH_EVERY:
    with refusals():
        machine = voices.machine(store, study.slug, records, book, coding.TEACH_EVERY)
coding.room(store, study.slug, Body(answers.wave.name), answers, machine, coder)
exchange.draw(store, study, answers.wave, book)
