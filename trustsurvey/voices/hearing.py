"""Names come out of open answers before anything is stored."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from trustsurvey.model import Study, Wave
from trustsurvey.text.redact import redact_all
from trustsurvey.voices.redaction import stored


def heard(wave: Wave, study: Study, key: bytes, progress: Callable[[float], Any] | None = None) -> Wave:
    """The wave with redacted open answers: columns row, item, text, key, replaced, unredacted.

    ``key`` of each text: a digest, under the study's secret, of who wrote it and what, so that it stays the same
    when the file is imported anew, and tells nothing. ``replaced``: what was taken out, as JSON. The store
    keeps ``unredacted`` apart. ``progress`` is called with numbers from 0 to 1.
    """
    comments = wave.comments
    if not len(comments):
        return wave
    texts = comments["text"].tolist()
    people = wave.people["respondent"].to_numpy(object)[comments["row"].to_numpy()]
    keys = keyed(key, [f"{who}\x1f{item}" for who, item in zip(people, comments["item"], strict=True)], texts)
    return replace(wave, comments=redacted(comments.assign(key=keys), places(study), progress))


def redacted(
    comments: pd.DataFrame, keep: Sequence[str], progress: Callable[[float], Any] | None = None
) -> pd.DataFrame:
    """Texts with names taken out; ``keep``: names of places, which are nobody's."""
    made = redact_all(comments["text"].tolist(), keep=keep, progress=progress)
    return comments.assign(
        unredacted=comments["text"],
        text=[one.text for one in made],
        replaced=[stored(one.replacements) for one in made],
    )


def keyed(key: bytes, whose: Sequence[str], texts: Sequence[str]) -> list[str]:
    """A key for each text; the same text of the same person gets a second one, in their order."""
    seen: dict[str, int] = {}
    keys = []
    for who, text in zip(whose, texts, strict=True):
        content = f"{who}\x1f{text}"
        seen[content] = seen.get(content, 0) + 1
        digest = hmac.new(key, f"text\x1f{content}\x1f{seen[content]}".encode(), hashlib.sha256)
        keys.append(digest.hexdigest()[:24])
    return keys


def places(study: Study) -> list[str]:
    """The names of a study's areas, and its own name: they identify no person."""
    return [study.name, *(name for level in study.levels for name in level.names)]
