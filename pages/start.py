"""The way of a survey from its file to its release: what is done, and what is next."""

import streamlit as st

from trustsurvey.language import N_, _
from trustsurvey.ui import pieces, voices
from trustsurvey.ui.guard import choose_study, open_page, plain, refusals, way_to
from trustsurvey.ui.next_steps import steps
from trustsurvey.voices.study import codebook_of

store = open_page(N_("Next steps"), "import")
study = choose_study(store)
if study is None:
    st.stop()
with refusals():
    records, tasks = store.waves(study.slug), store.tasks(study.slug)
record = records[pieces.choose_wave(store, study.slug, records)] if records else None
read = 0
if record is not None and any(record.mapping.having("text")):
    with refusals():
        asked = voices.answers(store, study.slug, [record], codebook_of(store, study.slug))[0]
    read = max((int(one.audit.audited.sum()) for one in asked), default=0)
found = steps(record, read, tasks)
after = next((step for step in found if not step.done), None)
if after is None:
    st.markdown(_("**Everything is done for this wave.** The next survey begins with its file."))
    way_to("pages/import_wave.py", _("Import a survey"))
else:
    st.markdown("**" + _("Next: {step}.").format(step=plain(after.title)) + f"** {plain(after.told)}")
    way_to(after.page, after.title)
for number, step in enumerate(found, start=1):
    state = _("done") if step.done else _("still to do")
    st.markdown(f"{number}. **{plain(step.title)}** ({state})  \n   {plain(step.told)}")
