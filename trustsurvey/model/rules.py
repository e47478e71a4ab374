"""The thresholds of what may be shown; every part of the package that withholds anything takes them from here."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Rules:
    """Thresholds. ``ValueError`` for any that is laxer than the defaults.

    ``people``: fewer are hidden; ``answers``: an estimate from fewer, or from answers worth fewer, is withheld;
    under ``caution``, or with a range wider than the half-widths, it is marked.
    """

    people: int = 10
    answers: int = 30
    caution: int = 50
    half_width_score: float = 6.0
    half_width_share: float = 0.10

    def __post_init__(self) -> None:
        least = (self.people >= 10, self.answers >= 30, self.caution >= 50)
        most = (self.half_width_score <= 6.0, self.half_width_share <= 0.10)
        if not all(least + most):
            raise ValueError("disclosure rules can be made stricter, never laxer")


RULES = Rules()
