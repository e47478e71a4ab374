"""What a column is taken for, and why."""

from __future__ import annotations

from dataclasses import dataclass

from trustsurvey.model import ColumnMap, Role

#: Roles of columns whose answers are read by labels.
LABELLED = ("item", "area", "group", "mode")


@dataclass(frozen=True)
class Guess:
    """What a column is taken for, why, and whether someone should look at it."""

    column: ColumnMap
    why: str
    sure: bool


def guess(name: str, role: Role, target: str, why: str, sure: bool) -> Guess:
    """A guess about a column of which nothing else is known."""
    return Guess(ColumnMap(name, role, target), why, sure)
