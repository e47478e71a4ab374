"""Comments from elsewhere on the pages: read from an upload, kept, opened for reading."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from trustsurvey.model import Codebook
from trustsurvey.readers.tables import read_table
from trustsurvey.store import Body, CollectionRecord, Store
from trustsurvey.store.engines import database_url
from trustsurvey.ui.coding import TEACH_EVERY
from trustsurvey.voices.answers import Machine, OpenAnswers, teach
from trustsurvey.voices.elsewhere import as_answers, columns_of, counts, digest_of, words_of_table
from trustsurvey.voices.study import versions_of

__all__ = ["KINDS", "add", "body_of", "choose_columns", "counts", "opened", "table_of"]

ASKED = {"text": "The comment is in", "area": "The area is in", "date": "The date is in"}
KINDS = ["csv", "tsv", "txt", "xlsx", "xls", "ods"]


def table_of(upload: Any) -> pd.DataFrame:
    """The uploaded table as text."""
    with tempfile.TemporaryDirectory(prefix="trustsurvey-upload-") as folder:
        path = Path(folder) / "upload"
        path.write_bytes(upload.getbuffer())
        return read_table(path, upload.name)


def choose_columns(table: pd.DataFrame) -> dict[str, str]:
    """Which columns hold comment, area and date: proposed by their headings, to be changed."""
    proposed, names, chosen = columns_of(table), ["", *map(str, table.columns)], {}
    for place, (key, label) in zip(st.columns(3), ASKED.items(), strict=True):
        chosen[key] = str(place.selectbox(label, names, index=names.index(proposed[key])) or "")
    return chosen


def body_of(record: CollectionRecord) -> Body:
    """The body of texts that a collection is."""
    return Body(record.name, "collection")


def add(
    store: Store, slug: str, upload: Any, table: pd.DataFrame, name: str, columns: dict[str, str], person: str
) -> CollectionRecord:
    """Keep the comments of an upload, names taken out."""
    made = words_of_table(
        table, name, upload.name, digest_of(bytes(upload.getbuffer())), store.study(slug), store.pseudonym_key(slug),
        columns,
    )  # fmt: skip
    store.voices.save_collection(slug, made.record, made.texts, made.unredacted, person)
    return made.record


def opened(
    store: Store, slug: str, record: CollectionRecord, book: Codebook
) -> tuple[OpenAnswers, pd.DataFrame, Machine | None]:
    """Comments with what was read in them, and the machine once enough was read."""
    body = body_of(record)
    texts = store.voices.load_collection(slug, record.name)
    changed = store.voices.corrected(slug, body)
    texts["text"] = [changed.get(key, (text, ""))[0] for key, text in zip(texts["key"], texts["text"], strict=True)]
    answers = as_answers(record.name, texts, book, store.voices.codings(slug, body), versions_of(store, slug))
    read = len(answers.readings.counts()) // TEACH_EVERY
    machine = _machine(database_url(), slug, record.digest, book.version, read, answers) if read else None
    return answers, texts, machine


@st.cache_resource(show_spinner="The machine learns from what was read \u2026", max_entries=8)
def _machine(url: str, slug: str, digest: str, version: int, read: int, _answers: OpenAnswers) -> Machine:
    return teach(_answers.codebook, [_answers])
