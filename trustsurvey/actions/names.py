"""Whether what is written down names a person: everybody who sees the study reads it."""

from __future__ import annotations

from trustsurvey.model import Action, Study
from trustsurvey.model.action import LONG
from trustsurvey.text.redact import redact_all


def names_in(action: Action, study: Study) -> list[str]:
    """What in the texts of an action looks like the name of a person, or a number that tells who somebody is.

    The names of the study and its areas are nobody's. A machine finds most, never all, and takes words for names.
    """
    places = [study.name, *(name for level in study.levels for name in level.names)]
    texts = [getattr(action, name) for name in (*LONG, "unit")]
    found = [
        text[one.start : one.end]
        for text, redacted in zip(texts, redact_all(texts, keep=places), strict=True)
        for one in redacted.replacements
    ]
    return list(dict.fromkeys(found))
