"""What residents said of a theme, in their words: chosen by rule, never one that tells who wrote it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trustsurvey.text.quotes import quotes
from trustsurvey.text.readings import STANCES
from trustsurvey.voices.answers import Machine, OpenAnswers


@dataclass(frozen=True)
class Said:
    """Redacted answers: the most typical of a theme, and those that say otherwise."""

    typical: tuple[str, ...]
    otherwise: tuple[str, ...]


def said(answers: OpenAnswers, machine: Machine, code: str) -> Said:
    """Quotes of a theme; by the rules of ``text.quotes``, with the largest areas as domains."""
    j = answers.codebook.keys.index(code)
    read = np.isfinite(answers.labels[:, j])
    sure = np.where(read, np.nan_to_num(answers.labels[:, j]), answers.predicted(machine)[:, j])
    stance = np.full(len(answers.keys), "", dtype=object)
    for tone in STANCES:
        stance[np.nan_to_num(answers.readings.stances(tone)[:, j]) > 0] = tone
    areas = answers.wave.people[answers.wave.areas[0]].astype(object).to_numpy() if answers.wave.areas else None
    found = quotes(
        answers.quotable, sure > 0.5, probability=sure,
        stance=stance.tolist(), domain=None if areas is None else areas[answers.rows],
    )  # fmt: skip
    typical, otherwise = ([answers.texts[at] for at in places] for places in (found.typical, found.contrasting))
    return Said(tuple(typical), tuple(otherwise) if any(stance) else ())
