"""Comments that are no survey: added from a file, read on the page Coding, counted as comments."""

import streamlit as st

from trustsurvey.language import N_, _, ngettext
from trustsurvey.present import elsewhere as present
from trustsurvey.ui import coding, elsewhere, pieces, uploads
from trustsurvey.ui.guard import choose_study, open_page, plain, refusals
from trustsurvey.voices.study import codebook_of
from trustsurvey.wording import figure

store = open_page(N_("Comments from elsewhere"), "import")
study = choose_study(store)
if study is None:
    st.stop()
told = st.session_state.pop("comments told", "")
if told:
    st.success(told)
st.markdown(
    _(
        "Comments from a web form, cards from a meeting, posts or reports can be read with the same codebook. They are "
        "**counted as comments**: those who wrote were not drawn from the residents, so that no share of them says "
        "what residents think."
    )
)
upload = st.file_uploader(
    _("A table with a comment a row, perhaps with area and date (CSV or Excel)"), type=elsewhere.KINDS
)
if upload is not None:
    with refusals():
        table = uploads.table_of(upload)
    columns = elsewhere.choose_columns(table)
    name = st.text_input(_("What are they called?"), upload.name.rsplit(".", 1)[0]).strip()
    if st.button(_("Add these comments"), type="primary", disabled=not name or not columns["text"]):
        with refusals(), st.spinner(_("Taking names out \u2026"), show_time=True):
            added = elsewhere.add(store, study.slug, upload, table, name, columns)
        st.session_state["comments told"] = plain(present.added_words(added.name, added.about))
        st.rerun()
with refusals():
    records = [record for record in store.collections.listed(study.slug) if record.kind == "comments"]
if not records:
    st.info(_("No comments were added yet."))
    st.stop()
chosen = records[st.selectbox(_("Comments"), range(len(records)), index=len(records) - 1,
                              format_func=lambda k: records[k].name)]  # fmt: skip
with refusals():
    book = codebook_of(store, study.slug)
    answers, texts, machine = elsewhere.opened(store, study.slug, chosen, book)
read = len(answers.readings.counts())
told = ngettext(
    "{n} comment, {read} of them read by people. Names are taken out as from open answers.",
    "{n} comments, {read} of them read by people. Names are taken out as from open answers.",
    len(texts),
)
st.markdown(told.format(n=figure(len(texts)), read=figure(read)))
if st.toggle(_("Read some of them")):
    coding.room(store, study.slug, elsewhere.body_of(chosen), answers, machine, coding.reader(store.person))
if machine is None:
    st.caption(_("Until people have read {n}, only what they read is counted.").format(n=coding.TEACH_EVERY))
by = st.segmented_control(_("By"), list(present.BY), default="", format_func=lambda key: _(present.BY[key])) or ""
found = present.count_table(elsewhere.counts(answers, machine, texts, by), book)
if found.empty:
    st.info(_("No theme is in ten comments or more."))
else:
    st.markdown(
        _(
            "How many comments mention each theme. What people did not read, a machine did; it errs. Counts under ten "
            "are not shown."
        )
    )
    pieces.numbers(found, _("The counts"))
with st.popover(_("Remove these comments")):
    reason = st.text_input(_("Why?"), key="remove comments")
    if st.button(_("Remove them with all readings")):
        with refusals():
            store.collections.remove(study.slug, chosen.name, reason)
            st.session_state["comments told"] = _("{name} is removed.").format(name=plain(chosen.name))
            st.rerun()
