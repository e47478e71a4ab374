"""What was taken out of open answers before anybody reads them, and what has to be put right."""

import streamlit as st

from trustsurvey.language import N_, _
from trustsurvey.store import Body
from trustsurvey.ui import pieces, voices
from trustsurvey.ui.guard import choose_waves, open_page, plain, refusals
from trustsurvey.voices.redaction import put_right, replacements_of, stored, taken_out
from trustsurvey.wording import figure

store = open_page(N_("Names taken out"), "see unredacted")
study, records = choose_waves(store)
at = pieces.choose_wave(store, study.slug, records)
with refusals():
    comments = voices.comments(store, study.slug, records[at])
if comments is None:
    st.info(
        _("This wave has no open answers from which names were taken out. Import its file again if it should have.")
    )
    st.stop()
found = taken_out(comments)
told = ", ".join(f"{figure(count)} {_(kind)}" for kind, count in found.most_common())
st.markdown(
    _(
        "{comments} open answers. Taken out of them: {taken}. Whoever reads answers elsewhere sees a mark "
        "instead, such as \\[person 1\\]. A machine did this; it misses some names and takes words for "
        "names that are none."
    ).format(comments=figure(len(comments), ","), taken=plain(told) or _("nothing"))
)
changed = comments[comments["replaced"] != "[]"] if found else comments
only = st.toggle(_("Only answers from which something was taken"), value=bool(found), disabled=not found)
shown = (changed if only else comments).reset_index(drop=True)
picked = st.dataframe(
    shown[["text"]].rename(columns={"text": _("The answer as others see it")}), hide_index=True, height=320,
    on_select="rerun", selection_mode="single-row", key=f"texts {records[at].key} {only}",
)  # fmt: skip
rows = picked["selection"]["rows"]
if not rows:
    st.caption(_("Choose an answer to put it right."))
    st.stop()
chosen = shown.iloc[rows[0]]
seen = st.session_state.get("unredacted", {})
if seen.get("of") != (study.slug, records[at].key):
    st.markdown(_("To put it right you have to see it as it was written. That you did, and why, is written down."))
    reason = st.text_input(_("Why do you need to see it?"), key="unredacted reason")
    if st.button(_("Show answers of this wave as they were written"), disabled=not reason.strip()):
        with refusals():
            texts = store.voices.unredacted(study.slug, Body(records[at].name), reason)
            st.session_state["unredacted"] = {"of": (study.slug, records[at].key), "texts": texts}
            st.rerun()
    st.stop()
original = seen["texts"].get(chosen["key"], "")
st.text(original)
taken = replacements_of(chosen["replaced"])
wrong = [
    number for number, one in enumerate(taken)
    if not st.checkbox(f"\u201c{plain(original[one.start : one.end])}\u201d: {plain(one.label)}", value=True,
                       key=f"take {chosen['key']} {number}")
]  # fmt: skip
more = st.text_input(_("Take out as well (the words as they stand in the answer)"), key=f"more {chosen['key']}")
with refusals():
    made = put_right(original, taken, wrong, more)
    if made.replacements != taken:
        st.markdown(_("Others will then see:"))
        st.text(made.text)
        if st.button(_("Save"), type="primary"):
            body = Body(records[at].name)
            store.voices.correct_redaction(study.slug, body, chosen["key"], made.text, stored(made.replacements))
            st.rerun()
