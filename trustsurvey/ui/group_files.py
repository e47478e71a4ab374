"""What focus groups said as files for other programs, and readings brought from them."""

from __future__ import annotations

import streamlit as st

from trustsurvey.export.framework import framework_workbook
from trustsurvey.export.workbook import csv_bytes
from trustsurvey.focus_groups.exchange import as_qdpx, as_table, taken
from trustsurvey.focus_groups.study import body_of
from trustsurvey.language import _, ngettext
from trustsurvey.present.coded_transcript import coded_html
from trustsurvey.rights import allowed
from trustsurvey.store import Store, StudyRecord
from trustsurvey.ui.focus_groups import Circle
from trustsurvey.ui.guard import plain, refusals
from trustsurvey.wording import figure


def draw(store: Store, study: StudyRecord, circle: Circle) -> None:
    """Files of all groups, for those who may have single answers, and a place to drop readings made elsewhere."""
    if not allowed(store.person, "download microdata", study.slug):
        st.caption(_("What people said, turn by turn, is for those who have the right to single answers."))
        return
    st.markdown(
        _(
            "Under pseudonyms, with names taken out: a **framework matrix** (a row a person, a column a theme, their "
            "words in the cells), a **REFI-QDA project** for NVivo, MAXQDA, ATLAS.ti, QualCoder and others, a "
            "**table** of all readings, and the **coded transcript** of each group to print."
        )
    )
    if st.button(_("Prepare the files"), type="primary", key="prepare groups"):
        with refusals(), st.spinner(_("Writing \u2026"), show_time=True):
            codings = {group.name: store.voices.codings(study.slug, body_of(group)) for group in circle.groups}
            matrix = framework_workbook(circle.groups, circle.book, circle.heard)
            files = {
                _("Framework matrix (.xlsx)"): (matrix, "framework.xlsx"),
                _("Project (.qdpx)"): (as_qdpx(circle.groups, circle.book, codings, study.name), "groups.qdpx"),
                _("Readings (.csv)"): (csv_bytes(as_table(circle.groups, codings)), "readings.csv"),
            }
            for group in circle.groups:
                page = coded_html(group, circle.book, codings[group.name]).encode()
                files[f"{group.name} (.html)"] = (page, f"{group.name}.html")
            st.session_state["group files"] = (study.slug, circle, files)
            store.note("export", study.slug, "focus groups")
    made = st.session_state.get("group files")
    if made is not None and made[0] == study.slug and made[1] is circle:
        for label, (content, name) in made[2].items():
            st.download_button(plain(label), content, f"{study.slug}_{name}".replace(" ", "_"), on_click="ignore")
    upload = st.file_uploader(_("Readings made elsewhere, in a project that was exported here (.qdpx)"), type=["qdpx"])
    if upload is not None and st.session_state.get("readings taken") != upload.file_id:
        with refusals():
            brought = taken(upload.getvalue(), upload.name, circle.groups, circle.book)
            for group in circle.groups:
                store.voices.add_codings(study.slug, body_of(group), list(brought.get(group.name, ())))
            many = sum(map(len, brought.values()))
            store.note("bring readings", study.slug, f"{upload.name}: {many}")
            st.session_state["readings taken"] = upload.file_id
            told = ngettext("{n} reading of {file} is taken.", "{n} readings of {file} are taken.", many)
            st.success(told.format(n=figure(many), file=plain(upload.name)))
