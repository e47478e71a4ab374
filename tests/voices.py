"""What tests of open answers share: a small codebook, and a wave in which residents wrote by known rules."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from builders import make_wave

from trustsurvey.model import Code, Codebook, Coding, Queue, Wave
from trustsurvey.voices.answers import OpenAnswers

BOOK = Codebook(
    "small",
    (
        Code("police", "The police", definition="Anything about officers."),
        Code("speed", "Speed of response", parent="police", keywords=("slow*", "late")),
        Code("manner", "Manner", parent="police", keywords=("rude*", "polite")),
        Code("parks", "Parks", keywords=("park*",)),
    ),
)
SENTENCES = {
    "speed": ["they came slowly", "always late when we call", "it took ages to get here"],
    "manner": ["the officer was rude", "very polite people", "they talk down to us"],
    "parks": ["the park is dark", "more benches in parks", "children play there at night"],
}
AREAS = ("north", "south", "east")


def written(
    seed: int, n: int = 360, name: str = "w1", shift: float = 0.0, item: str = "why"
) -> tuple[Wave, list[set[str]]]:
    """A wave in three areas of which three in four write one or two sentences, and the themes of each answer."""
    rng = np.random.default_rng(seed)
    area = np.repeat([0, 1, 2], [n - n // 3 - 8, n // 3, 8])
    rows = np.flatnonzero(rng.random(n) < 0.75)
    chance = np.clip(np.array([0.45 + shift, 0.3, 0.25]), 0, 1)
    texts, themes = [], []
    for row in rows:
        mine = {key for key, p in zip(SENTENCES, chance + 0.1 * (area[row] == 0), strict=True) if rng.random() < p}
        told = [SENTENCES[key][rng.integers(3)] for key in sorted(mine)] or ["no opinion"]
        texts.append(f"{'. '.join(told)}.")
        themes.append(mine)
    keys = [hashlib.sha256(f"{name}{item}{row}".encode()).hexdigest()[:24] for row in rows]
    wave = make_wave({"trust": rng.uniform(0, 100, n)}, {"respondent": [f"{name}{k}" for k in range(n)],
                     "area": pd.Categorical.from_codes(area, AREAS)}, weights=rng.gamma(4, 0.25, n), areas=("area",),
                     name=name)  # fmt: skip
    comments = pd.DataFrame({"row": rows, "item": item, "text": texts, "key": keys, "replaced": "[]"})
    return replace(wave, comments=comments), themes


def codings(
    wave: Wave, themes: Sequence[set[str]], at: Sequence[int], coder: str = "a", queue: Queue = "audit"
) -> list[Coding]:
    """True readings of the answers at some positions."""
    keys = wave.comments["key"].tolist()
    return [Coding(keys[k], coder, tuple((key, "negative") for key in sorted(themes[k])), queue) for k in at]  # type: ignore[misc]


def audited(seed: int, read: int, **how: object) -> tuple[OpenAnswers, list[set[str]]]:
    """Answers of which the first so many in the order of the audit were read, and all their themes."""
    wave, themes = written(seed, **how)  # type: ignore[arg-type]
    order = OpenAnswers.of(wave, "why", BOOK, []).audit.waiting[:read]
    return OpenAnswers.of(wave, "why", BOOK, codings(wave, themes, order.tolist())), themes
