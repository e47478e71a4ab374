"""Comments from elsewhere on the pages: read from an upload, kept, opened for reading."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from trustsurvey.language import N_, _
from trustsurvey.model import Codebook
from trustsurvey.store import Body, CollectionRecord, Store
from trustsurvey.store.engines import database_url
from trustsurvey.ui import cache
from trustsurvey.ui.coding import TEACH_EVERY
from trustsurvey.ui.speech import waiting
from trustsurvey.voices.answers import Machine, OpenAnswers, teach
from trustsurvey.voices.elsewhere import as_answers, columns_of, counts, digest_of, words_of_table
from trustsurvey.voices.study import versions_of

__all__ = ["KINDS", "add", "body_of", "choose_columns", "counted", "counts", "opened"]

ASKED = {"text": N_("The comment is in"), "area": N_("The area is in"), "date": N_("The date is in")}
KINDS = ["csv", "tsv", "txt", "xlsx", "xls", "ods"]


def choose_columns(table: pd.DataFrame) -> dict[str, str]:
    """Which columns hold comment, area and date: proposed by their headings, to be changed."""
    proposed, names, chosen = columns_of(table), ["", *map(str, table.columns)], {}
    for place, (key, label) in zip(st.columns(3), ASKED.items(), strict=True):
        chosen[key] = str(place.selectbox(_(label), names, index=names.index(proposed[key])) or "")
    return chosen


def body_of(record: CollectionRecord) -> Body:
    """The body of texts that a collection is."""
    return Body(record.name, "collection")


def add(
    store: Store, slug: str, upload: Any, table: pd.DataFrame, name: str, columns: dict[str, str]
) -> CollectionRecord:
    """Keep the comments of an upload, names taken out."""
    made = words_of_table(
        table, name, upload.name, digest_of(bytes(upload.getbuffer())), store.study(slug), store.pseudonym_key(slug),
        columns,
    )  # fmt: skip
    store.collections.save(slug, made.record, made.texts, made.unredacted)
    return made.record


def opened(
    store: Store, slug: str, record: CollectionRecord, book: Codebook
) -> tuple[OpenAnswers, pd.DataFrame, Machine | None]:
    """Comments with what was read in them, and the machine once enough was read."""
    body = body_of(record)
    texts = store.collections.load(slug, record.name)
    changed = store.voices.corrected(slug, body)
    texts["text"] = [changed.get(key, (text, ""))[0] for key, text in zip(texts["key"], texts["text"], strict=True)]
    answers = as_answers(record.name, texts, book, store.voices.codings(slug, body), versions_of(store, slug))
    read = len(answers.readings.counts()) // TEACH_EVERY
    if not read:
        return answers, texts, None
    about = (database_url(), slug, record.digest, book.version, read)
    with waiting(_("The machine learns from what was read \u2026"), "machine", *about):
        return answers, texts, _machine(*about, answers)


def counted(store: Store, slug: str, book: Codebook) -> pd.DataFrame | None:
    """How many comments of all collections mention each code; None where the study has none."""
    records = [record for record in store.collections.listed(slug) if record.kind == "comments"]
    state = tuple((record.digest, store.voices.state(slug, body_of(record))) for record in records)
    if not records:
        return None
    about = (database_url(), slug, book.version, state)
    with waiting(_("Counting comments \u2026"), "comments", *about):
        return _counted(*about, records, book)


@st.cache_resource(show_spinner=False, max_entries=8)
def _counted(
    url: str, slug: str, version: int, state: object, _records: list[CollectionRecord], _book: Codebook
) -> pd.DataFrame:
    made = [opened(cache.store(), slug, record, _book) for record in _records]
    return pd.concat([counts(answers, machine, texts) for answers, texts, machine in made])


@st.cache_resource(show_spinner=False, max_entries=8)
def _machine(url: str, slug: str, digest: str, version: int, read: int, _answers: OpenAnswers) -> Machine:
    return teach(_answers.codebook, [_answers])
