"""The themes that open answers are read for: changed in a table, kept in versions, taken along as files."""

import pandas as pd
import streamlit as st

from trustsurvey.language import N_, _, ngettext
from trustsurvey.text.codebook import codebook_to_csv, codebook_to_yaml
from trustsurvey.text.refi_qda.codes import codebook_to_qdc
from trustsurvey.ui import codebook_table, discovery, pieces
from trustsurvey.ui.guard import choose_study, open_page, plain, refusals
from trustsurvey.voices.study import codebook_of, save_codebook
from trustsurvey.wording import moment

store = open_page(N_("Codebook"), "edit codebook")
study = choose_study(store)
if study is None:
    st.stop()
told = st.session_state.pop("codebook told", "")
if told:
    st.success(told)
with refusals():
    book = codebook_of(store, study.slug)
    versions = store.voices.codebooks(study.slug)
st.markdown(
    _(
        "The themes that open answers are read for. A theme may stand under another one; whoever mentions "
        "it mentions that one too. Words may end in a star: patrol\\* finds patrols and patrolling. They "
        "help the machine and mark the text."
    )
)
st.caption(
    _("Version {version} of {versions}: {codes} themes.").format(
        version=book.version, versions=len(versions), codes=len(book.codes)
    )
    if versions
    else _("The codebook that comes with the app: {codes} themes. What you save becomes version 1 of your own.").format(
        codes=len(book.codes)
    )
)
start = f"codebook {study.slug} {book.version} {st.session_state.get('codebook file', '')}"
with refusals():
    if start not in st.session_state:
        st.session_state[start] = codebook_table.to_table(st.session_state.get("codebook read", book))
edited = st.data_editor(
    st.session_state[start], num_rows="dynamic", hide_index=True, key=f"table {start}", height=520,
    column_config=codebook_table.shown(),
)  # fmt: skip
reason = st.text_input(_("What did you change, and why?"), key="codebook reason")
with refusals():
    changed = codebook_table.from_table(edited, book)
new = [code.title for code in changed.codes if code.key not in book]
if new and versions:
    st.info(
        ngettext(
            "New: {new}. Nobody looked for it in the answers read so far; they are asked about again, with what was "
            "chosen before.",
            "New: {new}. Nobody looked for them in the answers read so far; they are asked about again, with what was "
            "chosen before.",
            len(new),
        ).format(new=plain(", ".join(new)))
    )
row = st.container(horizontal=True)
if row.button(_("Save as a new version"), type="primary", disabled=changed == book and bool(versions)):
    with refusals():
        saved = save_codebook(store, study.slug, changed, reason)
        st.session_state.pop("codebook read", None)
        st.session_state["codebook file"] = ""
        st.session_state["codebook told"] = _("Saved as version {version}.").format(version=saved.version)
        st.rerun()
row.download_button(_("As YAML"), codebook_to_yaml(book), "codebook.yaml", on_click="ignore")
row.download_button(_("As CSV"), codebook_to_csv(book), "codebook.csv", on_click="ignore")
row.download_button(
    _("As REFI-QDA"), codebook_to_qdc(book), "codebook.qdc", on_click="ignore",
    help=_("For NVivo, MAXQDA, ATLAS.ti, QualCoder and other programs."),
)  # fmt: skip

with st.expander(_("Take a codebook from a file")):
    upload = st.file_uploader(_("Codebook (.yaml, .csv or .qdc)"), type=["yaml", "yml", "csv", "qdc"])
    if upload is not None and st.session_state.get("codebook file") != upload.file_id:
        with refusals():
            st.session_state["codebook read"] = codebook_table.from_file(upload.getvalue(), upload.name)
            st.session_state["codebook file"] = upload.file_id
            st.rerun()
with st.expander(_("What answers hold that the codebook misses")):
    discovery.draw(store, study.slug, book)
if versions:
    with st.expander(_("Versions")):
        kept = [
            {_("Version"): v.version, _("Saved (UTC)"): moment(v.created_at), _("By"): v.person, _("Why"): v.reason}
            for v in reversed(versions)
        ]
        pieces.table(pd.DataFrame(kept))
