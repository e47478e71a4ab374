"""Readings taken along to other programs, and brought from them."""

from __future__ import annotations

import streamlit as st

from trustsurvey.export.workbook import csv_bytes
from trustsurvey.language import _
from trustsurvey.model import Codebook, Wave
from trustsurvey.rights import allowed
from trustsurvey.store import Body, Store, StudyRecord
from trustsurvey.ui.guard import plain, refusals
from trustsurvey.voices.exchange import as_qdpx, as_table, taken
from trustsurvey.wording import figure


def draw(store: Store, study: StudyRecord, wave: Wave, book: Codebook) -> None:
    """Files of the readings of a wave, for those who may have single answers, and a place to drop one."""
    with st.expander(_("Take readings along, or bring some")):
        body, stem = Body(wave.name), f"{study.slug}_{wave.name}".replace(" ", "_").casefold()
        if not allowed(store.person, "download microdata", study.slug):
            st.caption(_("Answers one by one are for those who have the right to them."))
            return
        st.caption(
            _(
                "All redacted answers of this wave with who read what in them: as a REFI-QDA project for "
                "NVivo, MAXQDA, ATLAS.ti, QualCoder and others, with areas and groups as variables, or as "
                "a table."
            )
        )
        if st.button(_("Prepare the files"), key="prepare readings"):
            with refusals(), st.spinner(_("Writing \u2026"), show_time=True):
                codings = store.voices.codings(study.slug, body)
                project, table = as_qdpx(wave, book, codings, study.name), csv_bytes(as_table(wave, codings))
                st.session_state["readings"] = (study.slug, wave.name, project, table)
                store.note("export", f"{study.slug}/{wave.name}", "readings")
        files = st.session_state.get("readings")
        if files is not None and files[:2] == (study.slug, wave.name):
            left, right = st.columns(2)
            left.download_button(_("Project (.qdpx)"), files[2], f"{stem}.qdpx", on_click="ignore")
            right.download_button(_("Table (.csv)"), files[3], f"{stem}_readings.csv", on_click="ignore")
        upload = st.file_uploader(
            _("Readings made elsewhere (.qdpx or .csv that was exported here)"), type=["qdpx", "csv"]
        )
        if upload is not None and st.session_state.get("readings taken") != upload.file_id:
            with refusals():
                brought = taken(upload.getvalue(), upload.name, wave, book)
                store.voices.add_codings(study.slug, body, list(brought))
                store.note("bring readings", f"{study.slug}/{wave.name}", f"{upload.name}: {len(brought)}")
                st.session_state["readings taken"] = upload.file_id
                st.success(
                    _("{brought} readings of {upload} are taken.").format(
                        brought=figure(len(brought), ","), upload=plain(upload.name)
                    )
                )
