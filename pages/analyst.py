"""Any question an analyst has: table, picture, the command line that gives the same."""

import streamlit as st

from trustsurvey.export.workbook import csv_bytes
from trustsurvey.language import N_, _
from trustsurvey.present import tables
from trustsurvey.rights import allowed
from trustsurvey.ui import cache, pieces
from trustsurvey.ui.bench import Bench
from trustsurvey.ui.guard import choose_waves, open_page, plain, refusals
from trustsurvey.ui.questions import QUESTIONS

store = open_page(N_("For analysts"), "analyse")
study, records = choose_waves(store)

when, what = st.columns([1, 3])
with when:
    at = pieces.choose_wave(store, study.slug, records)
with what:
    question = st.selectbox(_("Question"), list(QUESTIONS), format_func=_)
with refusals():
    waves = [cache.wave(store, study.slug, record) for record in records[: at + 1]]
    bench = Bench(
        waves,
        store.study(study.slug),
        store.margins(study.slug),
        allowed(store.person, "download microdata", study.slug),
    )
    asked = QUESTIONS[question](bench)
    st.caption(_("The same on the command line:"))
    st.code(asked.command, language=None, wrap_lines=True)  # colours of a language are too pale to read

    with st.spinner(_("Working it out \u2026"), show_time=True):
        found, picture = cache.answered(
            store,
            bench.study,
            bench.margins,
            records[: at + 1],
            asked.command,
            lambda: (answer := asked.answer(), asked.draw(answer)),
        )
for sentence in found.told:
    st.markdown(plain(sentence))
if picture is not None:
    st.markdown(_(asked.shows))
    alt = f"{_(asked.shows)} {_('The table below has the same facts.')}"
    st.plotly_chart(picture, key="answer", config=pieces.CHART, alt=alt)
st.dataframe(tables.written(found.table), hide_index=True, placeholder=tables.NOTHING)
if found.more is not None and len(found.more):
    with st.expander(_("In detail")):
        st.dataframe(tables.written(found.more), hide_index=True, placeholder=tables.NOTHING)
st.download_button(
    _("This table (.csv)"), csv_bytes(found.table), f"{study.slug}_{records[at].name}.csv".replace(" ", "_"),
    on_click="ignore",
)  # fmt: skip
