"""The audit trail: who imported, saw, exported and changed what."""

import streamlit as st

from trustsurvey.export.workbook import csv_bytes
from trustsurvey.ui.guard import open_page, plain, refusals

store, person = open_page("Who did what", "see audit")
MOST = 5_000

with refusals():
    trail, broken = store.audit_trail(MOST), store.audit_break()
if broken is None:
    st.markdown(
        "Every line carries a seal made of the one before. All of them fit: nothing was changed or taken out since it "
        "was written."
    )
else:
    st.error(f"The trail was changed from outside the app: line {broken} does not follow from the one before it.")
shown = trail.rename(
    columns={"id": "Line", "at": "When (UTC)", "person": "Who", "action": "Did", "object": "What", "detail": "Detail"}
)[["Line", "When (UTC)", "Who", "Did", "What", "Detail"]]
who, did = st.columns(2)
people = who.multiselect("Who", sorted(set(shown["Who"])))
actions = did.multiselect("Did", sorted(set(shown["Did"])))
if people:
    shown = shown[shown["Who"].isin(people)]
if actions:
    shown = shown[shown["Did"].isin(actions)]
st.dataframe(shown, hide_index=True)
if len(trail) == MOST:
    st.caption(f"The newest {MOST:,} lines. The command line gives all: trustsurvey audit.")
if st.download_button("These lines (.csv)", csv_bytes(shown), "audit.csv"):
    with refusals():
        store.note("export", "audit trail", plain(f"{len(shown):,} lines"))
