"""What an analyst reads in the answers to a question: each ask is one call."""

from __future__ import annotations

import numpy as np
import pandas as pd

from trustsurvey.text.concordance import Concordance, collocations, in_context as _in_context
from trustsurvey.text.distinguish import distinguishing
from trustsurvey.text.links import linked as _linked
from trustsurvey.text.together import kin_of, together
from trustsurvey.voices.answers import Machine, OpenAnswers


def in_context(answers: OpenAnswers, word: str) -> Concordance:
    """Where a word stands, with what is before and after it; redacted."""
    return _in_context(answers.texts, word)


def apart(answers: OpenAnswers, by: str) -> pd.DataFrame:
    """Words that each area or group uses more or less than all others; see ``text.distinguish``."""
    groups = answers.wave.people[by].astype(object).to_numpy()[answers.rows]
    weights = answers.wave.weights[answers.rows]
    return distinguishing(answers.texts, groups.tolist(), weights, language=answers.codebook.language)


def pairs(answers: OpenAnswers) -> pd.DataFrame:
    """Words that follow each other; see ``text.concordance.collocations``."""
    return collocations(answers.texts, answers.codebook.language)


def themes_together(answers: OpenAnswers) -> pd.DataFrame:
    """Pairs of themes in the same answers, of those read at random; see ``text.together``."""
    read = np.where(answers.audit.audited[:, None], answers.labels, np.nan)
    return together(read, answers.codebook.keys, answers.wave.weights[answers.rows], kin=kin_of(answers.codebook))


def linked(answers: OpenAnswers, machine: Machine, measure: str) -> pd.DataFrame:
    """A score among those who mention each theme, and among the others; see ``text.links``."""
    return _linked(answers.wave, answers.coded(machine), measure)
