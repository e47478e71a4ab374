"""One area: its score with its range, its course, what changed, what residents say there, who is not heard."""

from functools import partial

import streamlit as st

from trustsurvey.language import N_, _
from trustsurvey.present import area, words
from trustsurvey.ui import actions as done, briefing, cache, one_area, pieces, voices
from trustsurvey.ui.guard import choose_waves, open_page, plain, refusals, remembered
from trustsurvey.ui.paint import show_first
from trustsurvey.ui.views import choose_view, draft_notice, no_areas_words

store = open_page(N_("One area"), "see")
study, records = choose_waves(store)

*places, which = st.columns(4)
seen = choose_view(store, study.slug, records, *places)
picture, view = seen.picture, seen.level
if view is None:
    st.info(no_areas_words(store, study.slug))
    st.stop()
names, level = area.names(view), view.level.key
with which:
    one = area.Area.of(picture, level, names[remembered(_("Area"), "area", names, names)])
part = partial(cache.once, about=(seen.about, level, one.name))
draft_notice(records[seen.at])

st.header(plain(one.name))
part(one_area.standing, one)
show_first()

with refusals():
    found = voices.all_themes(store, study.slug, records, seen.at)
    promised = done.record(store, study.slug, records[: seen.at + 1]).of_place(level, one.name)
    promised = promised.hearing(found, records[seen.at].name)
briefing.meeting_buttons(store, study, records[seen.at], one, found, promised)

with refusals():
    pictures = one_area.pictures(store, study.slug, records, seen.at, seen.asked, view)
    crossed = one_area.crossed(store, study.slug, records, seen.at, picture, view)
block = pieces.blocks()
with block():
    part(one_area.course, (one, pictures))
with block():
    part(one_area.unheard, one)

st.subheader(_("For whom"))
if view.pooled:
    st.markdown(_("Groups are not told here: this area rests on several waves taken together."))
elif not picture.wave.groups:
    st.markdown(_("No column of this wave is marked as a group such as age or sex."))
elif crossed is None:
    st.markdown(_("Groups within an area are shown to those who may see single answers."))
else:
    part(one_area.people, (one, crossed))

st.subheader(_("What residents say"))
if not found:
    st.markdown(words.no_themes_words(picture.wave))
for number, question in enumerate(found):
    rows = area.theme_rows(question, one)
    cache.once(one_area.mentioned, rows, question.question, one.name, picture.wave.name, f"themes {number}")

done.block(promised, st.subheader)

st.page_link("pages/trust.py", label=_("Back to all areas"), icon=":material/arrow_back:")
