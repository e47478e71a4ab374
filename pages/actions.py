"""What residents said, what was promised, what was done, and what the surveys found before and after."""

import streamlit as st

from trustsurvey.language import N_
from trustsurvey.ui import action_list, action_view, voices
from trustsurvey.ui.actions import record
from trustsurvey.ui.guard import choose_study, open_page, refusals

store = open_page(N_("What was done"), "see")
study = choose_study(store)
if study is None:
    st.stop()
told = st.session_state.pop("actions told", "")
if told:
    st.success(told)
with refusals():
    waves = store.seen_waves(study.slug)
    found = record(store, study.slug, waves)
chosen = action_list.chosen(found)
if chosen is None:
    with refusals():
        heard = voices.all_themes(store, study.slug, waves, len(waves) - 1) if waves else []
    action_list.draw(store, study.slug, found, heard, waves[-1].name if waves else "")
else:
    action_view.draw(store, study.slug, found, waves, chosen)
