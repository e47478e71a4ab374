"""Who may do what: one function answers every question of rights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Action = Literal[
    "see",  # a released wave's protected results
    "see draft",  # results of a wave that is not released
    "import", "weigh", "release", "remove",  # change a wave
    "edit study",  # create, areas, margins, remove
    "code",  # read open answers, redacted
    "edit codebook",
    "record actions",  # what was promised and done
    "see unredacted",  # open answers as they were written
    "download results",
    "download microdata",  # weights by pseudonym and row number
    "see audit",
]  # fmt: skip


@dataclass(frozen=True)
class Person:
    """Who is asking. ``open_mode``: nobody signs in and only this machine can reach the app."""

    name: str
    open_mode: bool = False


#: The person of the command line, and of the app where nobody signs in.
THIS_MACHINE = Person("this machine", open_mode=True)


def allowed(person: Person, action: Action, thing: str) -> bool:
    """Whether a person may do something to a thing ("study" or "study/wave").

    In open mode everything is allowed, since whoever sits at the machine owns its files anyway.
    Without a sign-in that this function knows about, nothing is.
    """
    return person.open_mode
