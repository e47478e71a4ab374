"""Who may do what: one function answers every question of rights."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

from trustsurvey.errors import SurveyError

Action = Literal[
    "see",  # a released wave's protected results
    "see draft",  # results of a wave that is not released
    "work on answers",  # answers of single residents, inside the app: to weigh, read and count them
    "import", "weigh", "release", "remove",  # change a wave
    "edit study",  # create, areas, margins
    "code",  # read open answers, redacted
    "edit codebook",
    "record actions",  # what was promised and done
    "see unredacted",  # open answers as they were written
    "download results",  # the tables that the pages show
    "analyse",  # any table
    "download microdata",  # answers of single residents; weights by pseudonym and row number
    "see audit",
    "manage accounts",
]  # fmt: skip

Role = Literal["liaison", "commander", "analyst", "administrator"]

_IMPORTING: tuple[Action, ...] = ("see", "see draft", "work on answers", "import", "weigh", "release", "code")
_MAY: dict[Role, frozenset[Action]] = {
    "commander": frozenset(("see", "download results", "record actions")),
    "liaison": frozenset((*_IMPORTING, "record actions", "download results")),
    "analyst": frozenset(
        (*_IMPORTING, "remove", "edit study", "edit codebook", "record actions", "see unredacted", "download results",
         "analyse", "download microdata")
    ),
    # Who looks after the accounts does not, by that, read what residents answered.
    "administrator": frozenset(("see", "edit study", "see audit", "manage accounts")),
}  # fmt: skip
ROLES: tuple[Role, ...] = get_args(Role)


@dataclass(frozen=True, order=True)
class Place:
    """An area of a study that a commander is limited to."""

    study: str
    level: str
    area: str


@dataclass(frozen=True)
class Person:
    """Who is asking.

    ``open_mode``: nobody signs in and only this machine can reach the app. ``places``: the areas that a commander
    is limited to, none for no limit; the results of all areas together are for every commander.
    """

    name: str
    roles: frozenset[Role] = frozenset()
    places: tuple[Place, ...] = ()
    open_mode: bool = False

    def limited_to(self, study: str) -> tuple[Place, ...] | None:
        """The areas of a study that the person may see results of; None for all of them."""
        if self.open_mode or not self.places or self.roles & {"liaison", "analyst", "administrator"}:
            return None
        return tuple(place for place in self.places if place.study == study)


#: The person of the command line, and of the app where nobody signs in.
THIS_MACHINE = Person("this machine", open_mode=True)


def allowed(person: Person, action: Action, thing: str) -> bool:
    """Whether a person may do something to a thing ("study", "study/wave", or "*" for any).

    In open mode everything is allowed, since whoever sits at the machine owns its files anyway. Otherwise a role
    must allow it; nobody without one may do anything.
    """
    return person.open_mode or any(action in _MAY.get(role, ()) for role in person.roles)


def who_may(action: Action) -> tuple[Role, ...]:
    """The roles that allow something."""
    return tuple(role for role in ROLES if action in _MAY[role])


def need(person: Person, action: Action, thing: str) -> None:
    """Refuse (``rights.denied``) a person who may not do something."""
    if not allowed(person, action, thing):
        raise SurveyError(
            "rights.denied", "You do not have the right to do this", where=thing.strip("*"),
            got=f"{person.name}, {' and '.join(sorted(person.roles)) or 'without a role'}",
            expected=f"the right to {_TOLD.get(action, action)}", hint="Ask the administrator of this app.",
        )  # fmt: skip


def roles_of(names: Iterable[str]) -> frozenset[Role]:
    """Roles by name; SurveyError ``rights.role`` for a name that is none."""
    found: set[Role] = set()
    for name in names:
        role = next((role for role in ROLES if role == name.strip().casefold()), None)
        if role is None:
            raise SurveyError("rights.role", "There is no such role", got=f"'{name}'", expected=", ".join(ROLES))
        found.add(role)
    return frozenset(found)


_TOLD: dict[Action, str] = {
    "see": "see results",
    "see draft": "see results that are not released",
    "code": "read what residents wrote",
    "see unredacted": "see words as they were written",
    "see audit": "see the audit trail",
    "download microdata": "take away answers of single residents",
    "analyse": "make any table",
}
