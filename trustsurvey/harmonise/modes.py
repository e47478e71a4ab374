"""Interview modes, whatever a file calls them: web, phone, paper, in person."""

from __future__ import annotations

from functools import lru_cache

import pandas as pd

from trustsurvey.instruments.words import mode_words
from trustsurvey.wording import fold


@lru_cache(maxsize=1024)
def mode_of(label: str) -> str:
    """The interview mode that a label speaks of; the label itself where it is none of the four.

    >>> mode_of("CAWI (online)"), mode_of("Mail"), mode_of("kiosk")
    ('web', 'paper', 'kiosk')
    """
    key = fold(label)
    for mode, words in mode_words().items():
        if key in words or any(f" {word} " in f" {key.translate(SIGNS)} " for word in words if len(word) > 3):
            return mode
    return key


SIGNS = str.maketrans(dict.fromkeys("()[]/-_,;:", " "))


def mode_shares(modes: pd.Series) -> tuple[tuple[str, float], ...]:
    """Share of the answers by mode, the largest first; those without one are left aside."""
    named = modes.dropna().astype(str).map(mode_of)
    return tuple((str(mode), round(float(share), 6)) for mode, share in named.value_counts(normalize=True).items())
