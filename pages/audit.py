"""The audit trail: who imported, saw, exported and changed what."""

from typing import Any

import pandas as pd
import streamlit as st

from trustsurvey.export.workbook import csv_bytes
from trustsurvey.language import N_, _
from trustsurvey.ui import pieces
from trustsurvey.ui.guard import open_page, plain, refusals
from trustsurvey.wording import figure

store = open_page(N_("Who did what"), "see audit")
MOST = 5_000
HEADS = {
    "id": N_("Line"), "at": N_("When (UTC)"), "person": N_("Who"), "action": N_("Did"), "object": N_("What"),
    "detail": N_("Detail"),
}  # fmt: skip

with refusals():
    trail, broken = store.audit_trail(MOST), store.audit_break()
if broken is None:
    st.markdown(
        _(
            "Every line carries a seal made of the one before. All of them fit: nothing was changed or taken out since "
            "it was written."
        )
    )
else:
    outside = _("The trail was changed from outside the app: line {line} does not follow from the one before it.")
    st.error(outside.format(line=broken))


@st.fragment
def lines(trail: pd.DataFrame) -> None:
    """The lines by who and what, and a file of those that are shown."""
    shown = trail[list(HEADS)].rename(columns=HEADS)
    who, did = st.columns(2)
    people = who.multiselect(_("Who"), sorted(set(shown["Who"])))
    actions = did.multiselect(_("Did"), sorted(set(shown["Did"])))
    if people:
        shown = shown[shown["Who"].isin(people)]
    if actions:
        shown = shown[shown["Did"].isin(actions)]
    # The file is headed in English, as the command line heads it; the table as it is read.
    when = HEADS["at"]
    heads: dict[str, Any] = {head: _(head) for head in HEADS.values()}
    heads[when] = st.column_config.DatetimeColumn(_(when), format="YYYY-MM-DD HH:mm:ss")
    told = shown.assign(**{when: pd.to_datetime(shown[when], format="ISO8601").dt.tz_localize(None)})
    pieces.table(told, column_config=heads)
    if len(trail) == MOST:
        st.caption(
            _("The newest {most} lines. The command line gives all: trustsurvey audit.").format(most=figure(MOST))
        )
    if st.download_button(_("These lines (.csv)"), csv_bytes(shown), "audit.csv"):
        with refusals():
            store.note("export", "audit trail", plain(f"{len(shown):,} lines"))


lines(trail)
