"""A transcript becomes a focus group: what was understood, who is who, and what is kept under pseudonyms."""

import streamlit as st

from trustsurvey.language import N_, _
from trustsurvey.present import transcripts as present
from trustsurvey.ui import focus_groups, pieces, uploads
from trustsurvey.ui.guard import choose_study, open_page, plain, refusals, way_to

store = open_page(N_("Focus groups"), "import")
study = choose_study(store)
if study is None:
    st.stop()
told = st.session_state.pop("groups told", "")
if told:
    st.success(told)
st.markdown(
    _(
        "Add the transcript of a conversation as the meeting tool or the transcriber wrote it. Names become pseudonyms "
        "before anything is kept, also where people name each other. A group is **not a sample** of residents: it "
        "shows what is said and why, never how many think so."
    )
)
upload = st.file_uploader(
    _("A transcript (Zoom, Teams, Meet, Otter, Rev, Whisper, typed text, a table of turns)"), type=focus_groups.KINDS,
    key=f"transcript {st.session_state.get('groups added', 0)}",
)  # fmt: skip
if upload is not None:
    with refusals():
        transcript = focus_groups.transcript_of(upload)
    st.markdown(plain(present.understood_words(transcript)))
    pieces.notices(transcript.notices)
    with st.expander(_("How it begins")):
        for turn in transcript.turns[:6]:
            st.markdown(f"**{plain(turn.speaker or _('Not named'))}**: {plain(turn.text[:300])}")
    named, day = st.columns(2)
    name = named.text_input(_("What is this group called?"), focus_groups.stem(upload.name)).strip()
    held = pieces.day(day, _("When was it held?"), None, f"held {upload.file_id}")
    table = None
    sheet = st.file_uploader(
        _(
            "Who took part, if you have a list (a row a person: speaker, role, and what is known of them, such as "
            "area or age)"
        ),
        type=["csv", "tsv", "xlsx", "ods"],
    )
    with refusals():
        if sheet is not None:
            table = focus_groups.of_one_group(uploads.table_of(sheet))
        people = focus_groups.who_is_who(transcript, table)
        if st.button(_("Keep this group"), type="primary", disabled=not name):
            with st.spinner(_("Taking names out \u2026"), show_time=True):
                group = focus_groups.add(store, store.study(study.slug), upload, transcript, people, name, held)
            st.session_state["groups told"] = plain(present.kept_words(group))
            st.session_state["groups added"] = st.session_state.get("groups added", 0) + 1
            st.rerun()

with refusals():
    circle = focus_groups.circle(store, study.slug)
if circle is None:
    st.info(_("No focus group was added yet."))
    st.stop()
st.header(_("Groups of this study"))
kept = list(zip(circle.groups, circle.readings, strict=True))
group, readings = kept[st.selectbox(_("Group"), range(len(kept)), format_func=lambda k: kept[k][0].name)]
read, of = focus_groups.read_of(group, readings)
st.markdown(f"{plain(group.name)}, {present.held_words(group.held)}. {present.read_words(read, of)}")
if read < of:
    way_to("pages/coding.py", _("Read it on the page Coding"))
pieces.table(present.people_table(group))
memo = st.text_area(_("Memo: a summary, what stood out, what to ask next"), group.memo, key=f"memo {group.name}")
if memo.strip() != group.memo and st.button(_("Save the memo")):
    with refusals():
        focus_groups.note(store, study.slug, group, memo)
    st.rerun()
with st.expander(_("Somebody no longer agrees to be quoted, or the group was added by mistake")):
    speakers = group.people["speaker"].tolist()
    gone = st.selectbox(_("Whose words are to go?"), speakers, index=None, placeholder=_("A pseudonym"))
    reason = st.text_input(_("Why?"), key="why gone")
    st.caption(
        _(
            "Their turns go, with all that was read in them. This cannot be undone. Where others name them the "
            "pseudonym stays."
        )
    )
    one, all_of_it = st.columns(2)
    if one.button(_("Take these words out of everything"), disabled=not (gone and reason.strip())):
        with refusals():
            focus_groups.withdraw(store, study.slug, group, str(gone), reason)
        st.session_state["groups told"] = _("The words of {who} are gone.").format(who=plain(str(gone)))
        st.rerun()
    if all_of_it.button(_("Remove the whole group"), disabled=not reason.strip()):
        with refusals():
            store.collections.remove(study.slug, group.name, reason)
        st.session_state["groups told"] = _("{name} is removed.").format(name=plain(group.name))
        st.rerun()
