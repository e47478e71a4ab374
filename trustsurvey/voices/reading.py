"""What an analyst reads in the answers to a question: each ask is one call."""

from __future__ import annotations

import numpy as np
import pandas as pd

from trustsurvey.text.concordance import Concordance, collocations, in_context as _in_context
from trustsurvey.text.distinguish import distinguishing
from trustsurvey.text.links import linked as _linked
from trustsurvey.text.together import kin_of, together
from trustsurvey.text.tone import called, tone
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


def toned(answers: OpenAnswers) -> pd.DataFrame:
    """Answers by the tone that a list of words gives them (columns) and the one that people heard in them (rows).

    Rows "positive", "negative", "" (people heard both, or said nothing of it), and "unread"; columns "positive",
    "negative", "" (see ``text.tone``).
    """
    heard = {}
    for key, coding in answers.readings.counts().items():
        tones = {tone for _, tone in coding.codes if tone in ("positive", "negative")}
        heard[key] = tones.pop() if len(tones) == 1 else ""
    by_people = [heard.get(key, "unread") for key in answers.keys]
    table = pd.crosstab(pd.Series(by_people, dtype=object), pd.Series(called(tone(answers.texts)), dtype=object))
    ways = ("positive", "negative", "")
    return table.reindex(index=[*ways, "unread"], columns=list(ways), fill_value=0).rename_axis(
        index=None, columns=None
    )
