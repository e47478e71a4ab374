"""Focus groups on the pages: a transcript read from an upload, who is who, what is kept."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from trustsurvey.focus_groups.conversation import Conversation
from trustsurvey.focus_groups.heard import Heard
from trustsurvey.focus_groups.quoted import Passages, Quote
from trustsurvey.focus_groups.sequences import Answered, answered
from trustsurvey.focus_groups.sources import in_comments, in_groups, in_survey
from trustsurvey.focus_groups.study import (
    as_answers,
    before,
    body_of,
    conversations,
    heard_of,
    note,
    read_of,
    readings_of,
    withdraw,
)
from trustsurvey.focus_groups.taken import kept
from trustsurvey.focus_groups.talk import talk_shares
from trustsurvey.focus_groups.who import Speaker, merged, merges, proposed, with_table
from trustsurvey.language import _
from trustsurvey.model import Codebook, Study, Transcript
from trustsurvey.present import beside
from trustsurvey.present.groups import alone
from trustsurvey.present.transcripts import ROLE_TITLES, speaker_table
from trustsurvey.store import Body, Store
from trustsurvey.store.engines import database_url
from trustsurvey.text.readings import Readings
from trustsurvey.transcripts.read import read_transcript
from trustsurvey.ui import cache, elsewhere
from trustsurvey.ui.speech import waiting
from trustsurvey.ui.uploads import on_disk
from trustsurvey.voices.answers import OpenAnswers
from trustsurvey.voices.elsewhere import digest_of
from trustsurvey.voices.picture import Themes
from trustsurvey.voices.study import codebook_of, versions_of

__all__ = ["KINDS", "Circle", "add", "answers_of", "body_of", "circle", "groups", "note", "of_one_group", "quoted",
           "read_of", "said_before", "sources", "stem", "transcript_of", "who_is_who", "withdraw"]  # fmt: skip

KINDS = ["vtt", "srt", "txt", "docx", "json", "csv", "tsv", "xlsx", "odt", "rtf", "md", "html"]


def transcript_of(upload: Any) -> Transcript:
    """What an upload says: read once, and kept in this session alone, for it names people."""
    kept_one: tuple[str, Transcript] | None = st.session_state.get("transcript")
    if kept_one is None or kept_one[0] != upload.file_id:
        with on_disk(upload) as path, st.spinner(_("Reading the transcript \u2026"), show_time=True):
            kept_one = st.session_state["transcript"] = (upload.file_id, read_transcript(path, upload.name))
    return kept_one[1]


def of_one_group(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of one group, chosen, where the list is of several."""
    named = next((column for column in table.columns if str(column).strip().lower() == "group"), None)
    if named is None:
        return table
    groups = [str(group) for group in dict.fromkeys(table[named].dropna()) if str(group).strip()]
    several = len(groups) > 1
    chosen = st.selectbox(_("Which group of the list is it?"), groups) if several else groups[0] if groups else ""
    return table[table[named].astype(str) == chosen].drop(columns=named)


def who_is_who(transcript: Transcript, table: pd.DataFrame | None) -> tuple[Speaker, ...]:
    """Everybody who spoke, as the page's table says by now: spellings made one, roles chosen."""
    people = proposed(transcript)
    if not people:
        return ()
    st.markdown(_("**Who is who?** Check the roles, and whether two names are one person."))
    if table is not None:
        people = with_table(people, table)
    known = {name for person in people for name in person.names}
    spelled = {name for person in people for name in person.spellings}
    same = {name: head for name, head in merges(transcript).items() if not {name, head} & spelled and name in known}
    names = [person.name for person in people]
    table_shown = speaker_table(transcript, people, same)
    titles = {_(title): role for role, title in ROLE_TITLES.items()}
    # Another table is another box: what was changed in a row must not end up with somebody else.
    box = hashlib.sha256(table_shown.to_csv().encode()).hexdigest()
    edited = st.data_editor(
        table_shown,
        column_config={
            _("The same person as"): st.column_config.SelectboxColumn(options=["", *names]),
            _("Role"): st.column_config.SelectboxColumn(options=list(titles), required=True),
        },
        disabled=[_("In the file"), _("Turns")], hide_index=True, key=f"who {box}",
    )  # fmt: skip
    roles = dict(zip(edited[_("In the file")], edited[_("Role")].map(titles), strict=True))
    chosen = {
        name: head
        for name, head in zip(edited[_("In the file")], edited[_("The same person as")].fillna(""), strict=True)
        if head and head != name
    }
    return merged([Speaker(p.name, p.spellings, roles[p.name], p.attributes) for p in people], chosen)


def add(
    store: Store, study: Study, upload: Any, transcript: Transcript, people: tuple[Speaker, ...], name: str,
    held: date | None,
) -> Conversation:  # fmt: skip
    """Keep a focus group."""
    digest = digest_of(bytes(upload.getbuffer()))
    made = kept(transcript, people, name, digest, study, store.pseudonym_key(study.slug), held)
    store.collections.save(study.slug, made.record, made.texts, made.unredacted)
    st.session_state.pop("transcript", None)
    return Conversation.of(made.record, made.texts)


def answers_of(store: Store, slug: str, group: Conversation, book: Codebook) -> OpenAnswers:
    """The turns of a group to read."""
    return as_answers(group, book, store.voices.codings(slug, body_of(group)), versions_of(store, slug))


@dataclass(frozen=True, eq=False)
class Circle:
    """All groups of a study with what people read in them, worked out once for a state of the study."""

    groups: list[Conversation]
    readings: list[Readings]
    heard: Heard
    book: Codebook

    @cached_property
    def once(self) -> Heard:
        """The same with themes that are under no other, each counted once."""
        return heard_of(self.groups, self.readings, alone(self.book))

    @cached_property
    def passages(self) -> Passages:
        """What may be quoted."""
        return Passages.of_turns(self.heard, self.book.language)

    @cached_property
    def talk(self) -> pd.DataFrame:
        """Who spoke how much."""
        return talk_shares(self.heard)

    @cached_property
    def answered(self) -> Answered:
        """How turns begin."""
        return answered(self.heard)

    @cached_property
    def read(self) -> tuple[int, int]:
        """How many turns of participants were read, and how many there are."""
        parts = [read_of(group, one) for group, one in zip(self.groups, self.readings, strict=True)]
        return sum(read for read, _of in parts), sum(of for _read, of in parts)


def circle(store: Store, slug: str) -> Circle | None:
    """The groups of a study; None where it has none."""
    state, book = _state(store, slug), codebook_of(store, slug)
    if not state:
        return None
    about = (database_url(), slug, book.version, state)
    with waiting(_("Listening \u2026"), "circle", *about):
        return _circle(*about, book)


def groups(store: Store, slug: str) -> list[Conversation]:
    """The groups of a study without what was read in them: they stay the same while somebody reads."""
    return _groups(
        database_url(), slug, tuple((*told, corrected) for *told, (*_counts, corrected) in _state(store, slug))
    )


def _state(store: Store, slug: str) -> tuple[tuple[str, str, str, tuple[int, int, int]], ...]:
    """What the groups depend on: name, file, what is told of each, and the state of its readings."""
    return tuple(
        (record.name, record.digest, str(record.about), store.voices.state(slug, Body(record.name, "collection")))
        for record in store.collections.listed(slug)
        if record.kind == "transcript"
    )


@st.cache_resource(show_spinner=False, max_entries=8)
def _groups(url: str, slug: str, state: object) -> list[Conversation]:
    return conversations(cache.store(), slug)


@st.cache_resource(show_spinner=False, max_entries=8)
def _circle(url: str, slug: str, version: int, state: object, _book: Codebook) -> Circle:
    store = cache.store()
    of = groups(store, slug)
    readings = [readings_of(store, slug, group, _book) for group in of]
    return Circle(of, readings, heard_of(of, readings), _book)


def quoted(circle: Circle | None, code: str, most: int = 3) -> tuple[Quote, ...]:
    """Quotes of a theme for readers who see groups, not people."""
    return () if circle is None else circle.passages.quotes(code, most).quotes


def sources(
    store: Store, slug: str, found: Themes | None, circle: Circle | None, book: Codebook
) -> dict[str, beside.Sources]:
    """What each source says of the main themes, by code."""
    counted = elsewhere.counted(store, slug, book)
    heard, readings = (circle.once, circle.readings) if circle is not None else (None, [])
    return {
        code: (in_survey(found, code), in_groups(heard, readings, code), in_comments(counted, code))
        for code in alone(book)
    }


def said_before(group: Conversation, key: str) -> list[tuple[str, str]]:
    """Who said what just before a turn."""
    rows = before(group, key)
    return [(who or _("Not named"), text) for who, text in zip(rows["speaker"], rows["text"], strict=True)]


def stem(name: str) -> str:
    """What a group may be called by its file."""
    return Path(name).stem.replace("_", " ").replace("-", " ").strip().capitalize()
