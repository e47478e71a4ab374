"""The tone of texts by a list of words: an extra for analysts, and a poor one. Tone is not trust.

VADER (Hutto & Gilbert 2014) adds up the tone of single words, with rules for "not", "very" and capitals. It does not
know what is spoken of: "nobody was helpful when I was robbed" has a word of praise and one of crime. What a text
praises or criticises is told by people who read it (stance).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from importlib import util
from typing import Any

import numpy as np

from trustsurvey.errors import SurveyError
from trustsurvey.model import Floats

#: From here on a text is called positive, and below minus it negative (Hutto & Gilbert's own line).
LINE = 0.05
#: What came out on 6,164 comments of patients (NHS England) whose tone people had judged on five steps: of those judged
#: positive, critical: the share called so; of those judged critical: the share called positive.
MEASURED = {"comments": 6_164, "positive": 0.66, "critical": 0.32, "critical called positive": 0.28}


def available(language: str) -> bool:
    """Whether the list is installed, and for this language; there is only an English one."""
    return language == "english" and util.find_spec("vaderSentiment") is not None


def tone(texts: Sequence[str]) -> Floats:
    """(n,) the tone of English texts, from -1 to 1; SurveyError ``tone.absent`` where the extra is not installed."""
    scores = _analyser()
    return np.array([scores.polarity_scores(text)["compound"] for text in texts], dtype=float)


def called(values: Floats) -> np.ndarray:
    """(n,) "positive", "negative", or "" where a text has no tone to speak of."""
    return np.select([values >= LINE, values <= -LINE], ["positive", "negative"], "")


@lru_cache(maxsize=1)
def _analyser() -> Any:
    try:
        from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer
    except ImportError as error:
        raise SurveyError("tone.absent", "The list of words for tone is not installed",
                          hint="Install it: pip install vaderSentiment.") from error  # fmt: skip
    return SentimentIntensityAnalyzer()
