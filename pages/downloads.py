"""Results as files, with weights, methods and wording beside them."""

import streamlit as st

from trustsurvey.export.workbook import csv_archive, workbook_bytes
from trustsurvey.instruments import dump_instrument
from trustsurvey.language import N_, _
from trustsurvey.mapping_file import mapping_to_yaml
from trustsurvey.rights import allowed
from trustsurvey.ui import pieces, takeaway
from trustsurvey.ui.guard import choose_waves, open_page, plain, refusals

store = open_page(N_("Downloads"), "download results")
study, records = choose_waves(store)

at = pieces.choose_wave(store, study.slug, records)
record = records[at]
stem = f"{study.slug}_{record.name}".replace(" ", "_").casefold()

st.header(_("Results"))
st.markdown(
    _(
        "Scores by area and group with ranges, change, trend, question wording, margins, what was promised and done, "
        "and a method sheet that states every choice made. Small numbers are hidden here as on the pages."
    )
)
weights = st.checkbox(
    _("Add each answer's weight, by pseudonym and row of the file"),
    help=_("For analysts who compute on the answers themselves. Pseudonyms stay the same within this study only."),
    disabled=not allowed(store.person, "download microdata", study.slug),
)
reason = st.text_input(_("What are the weights needed for?"), key="why weights") if weights else ""
if st.button(_("Prepare the files"), type="primary"):
    with refusals(), st.spinner(_("Writing the workbook \u2026"), show_time=True):
        tables = takeaway.results(store, study.slug, records, at, reason if weights else None)
        st.session_state["files"] = (record.key, weights, workbook_bytes(tables), csv_archive(tables))
files = st.session_state.get("files")
if files is not None and files[:2] == (record.key, weights):
    made = st.container(horizontal=True)
    made.download_button(_("Workbook (.xlsx)"), files[2], f"{stem}.xlsx", on_click="ignore")
    made.download_button(_("Tables (.zip of CSV)"), files[3], f"{stem}.zip", on_click="ignore")
else:
    st.caption(_("Press the button to make a workbook and a set of CSV files of this wave."))

if not allowed(store.person, "analyse", study.slug):
    st.stop()
takeaway.answers(store, study.slug, records, at, stem)

st.header(_("To repeat this elsewhere"))
st.markdown(
    _(
        "The mapping says what each column of \u201c{file}\u201d is; the command line takes both files. "
        "The file that repeats the figures holds all settings and all figures: with the surveys\u2019 own "
        "files, `trustsurvey reproduce` makes each of them again."
    ).format(file=plain(record.file))
)
row = st.container(horizontal=True)
row.download_button(_("Mapping (.yaml)"), mapping_to_yaml(record.mapping), f"{stem}_mapping.yaml", on_click="ignore")
row.download_button(
    _("Questionnaire (.yaml)"), dump_instrument(store.study(study.slug).instrument), f"{study.slug}_questions.yaml",
    on_click="ignore",
)  # fmt: skip
takeaway.repeating(store, study.slug, records, at, stem)
