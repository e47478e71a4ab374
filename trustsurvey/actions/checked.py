"""Whether what an action names is there: area, wave, theme, score, group; and no day that it was done lies ahead."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from trustsurvey.errors import SurveyError, some
from trustsurvey.model import Action, Codebook, Study


def check(
    action: Action, study: Study, codebook: Codebook, waves: Collection[str], today: date, old: Action | None = None
) -> Action:
    """The action, if all that it names is in the study; SurveyError ``action.unknown``, ``action.ahead``.

    ``waves``: names of the waves; ``old``: as it stood before, whose names are taken as they are, since areas, waves
    and themes come and go. Groups such as age are known to waves alone, so that they are not checked.
    """
    levels = {level.key: level for level in study.levels}
    for kind, entry, known in (
        ("area level", "level", list(levels)),
        ("wave", "wave", list(waves)),
        ("theme", "theme", list(codebook.keys)),
        ("theme", "share", list(codebook.keys)),
        ("score", "score", [index.key for index in study.instrument.indices]),
        ("open question", "question", [item.id for item in study.instrument.open]),
    ):
        name = getattr(action, entry)
        if name and name not in known and (old is None or getattr(old, entry) != name):
            raise _unknown(action, kind, name, known)
    before = () if old is None else ((old.level, old.area), (old.by, old.group))
    for level, area in ((action.level, action.area), (action.by, action.group)):
        names = levels[level].names if level in levels else ()
        if names and area not in names and (level, area) not in before:
            raise _unknown(action, f"area of '{levels[level].title}' called", area, names)
    # A sample study happens when it was written to happen.
    if action.done is not None and action.done > today and not study.sample:
        raise SurveyError("action.ahead", "The day on which it was done lies ahead", where=action.promised[:60],
                          got=action.done.isoformat(), hint="Give the day it is promised for instead.")  # fmt: skip
    return action


def _unknown(action: Action, kind: str, name: str, known: Collection[str]) -> SurveyError:
    return SurveyError("action.unknown", f"The study has no {kind} '{name}'", where=action.promised[:60],
                       expected=some(known, 12) or "none is known yet")  # fmt: skip
