"""What the person at this machine may ask for; every command asks here."""

from __future__ import annotations

from trustsurvey.errors import SurveyError
from trustsurvey.rights import THIS_MACHINE, allowed


def may_see_single_answers(study: str) -> bool:
    """Whether weights by pseudonym and tables beyond the declared ones may be had."""
    return allowed(THIS_MACHINE, "download microdata", study)


def need_single_answers(study: str, what: str, code: str) -> None:
    """SurveyError ``code`` where they may not: "Crossed tables need the right to single answers"."""
    if not may_see_single_answers(study):
        raise SurveyError(code, f"{what} need the right to single answers", where=study)
