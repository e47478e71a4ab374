"""The sample study's focus groups, with what the writer of their scripts reads in each turn."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import cast

import pandas as pd

from trustsurvey.focus_groups.taken import kept
from trustsurvey.focus_groups.who import proposed, with_table
from trustsurvey.model import Coding, Stance
from trustsurvey.store import Body, Store
from trustsurvey.transcripts.read import read_transcript
from trustsurvey.voices.elsewhere import digest_of
from trustsurvey.voices.sample import READER
from trustsurvey.voices.study import codebook_of


def add_sample_groups(store: Store, slug: str, folder: Path) -> int:
    """Add the groups of ``groups.csv`` (group, title, held, file) that the study does not have; how many were added.

    ``participants.csv`` says who is who, ``readings_groups.csv`` which codes of the codebook each turn is about.
    """
    groups, people, readings = (
        pd.read_csv(folder / name, dtype=str, keep_default_na=False)
        for name in ("groups.csv", "participants.csv", "readings_groups.csv")
    )
    present = {record.name for record in store.collections.listed(slug)}
    study, key, book, added = store.study(slug), store.pseudonym_key(slug), codebook_of(store, slug), 0
    for row in groups.itertuples():
        if row.title in present:
            continue
        path = folder / str(row.file)
        transcript = read_transcript(path)
        who = with_table(proposed(transcript), people, str(row.group))
        digest, held = digest_of(path.read_bytes()), date.fromisoformat(str(row.held)[:10])
        made = kept(transcript, who, str(row.title), digest, study, key, held)
        codings = []
        for reading in readings[readings["group"] == row.group].itertuples():
            codes = [code for code in str(reading.codes).split(";") if code]
            tones = [*str(reading.stances).split(";"), *[""] * len(codes)]
            pairs = tuple((c, cast(Stance, tone)) for c, tone in zip(codes, tones, strict=False) if c in book)
            answer = made.texts["key"].iloc[int(str(reading.turn)) - 1]
            codings.append(Coding(answer, READER, pairs, "training", version=book.version))
        store.collections.save(slug, made.record, made.texts, made.unredacted)
        store.voices.add_codings(slug, Body(made.record.name, "collection"), codings)
        added += 1
    return added
