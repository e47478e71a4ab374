"""The sample study's open answers come with their themes, so that its pages show what reading leads to."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from trustsurvey.model import Coding
from trustsurvey.store import Body, Store
from trustsurvey.text.redact import redact_all
from trustsurvey.voices.hearing import places
from trustsurvey.voices.study import answers_of, codebook_of
from trustsurvey.workflow import load_wave

#: Who is said to have read them.
READER = "sample"
#: Answers to each question that count as read at random.
MANY = 250


def read_sample(store: Store, slug: str, path: Path) -> int:
    """Read the first :data:`MANY` answers in the order of the audit to each question, by the themes in a table.

    The table (wave, item, text, codes) says what each answer is about. Waves that anybody has read
    already stay as they are. How many readings were added.
    """
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    book, added = codebook_of(store, slug), 0
    keep = places(store.study(slug))
    present = {record.name for record in store.waves(slug)}
    for wave, rows in table.groupby("wave", sort=False):
        body = Body(str(wave))
        if body.name not in present or store.voices.codings(slug, body):
            continue
        texts = [one.text for one in redact_all(rows["text"].tolist(), keep)]
        known = {(item, text): codes for item, text, codes in zip(rows["item"], texts, rows["codes"], strict=True)}
        made = []
        for asked in answers_of(store, slug, load_wave(store, slug, body.name), book):
            for at in asked.audit.waiting[:MANY].tolist():
                if (asked.item, asked.texts[at]) not in known:
                    break  # what follows would not be a random part any more
                codes = [code for code in known[asked.item, asked.texts[at]].split(";") if code in book]
                made.append(
                    Coding(asked.keys[at], READER, tuple((c, "") for c in codes), "audit", version=book.version)
                )
        store.voices.add_codings(slug, body, made)
        added += len(made)
    return added
