"""Who may do what: everything where nobody signs in, nothing for a person nobody knows."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from typing import get_args

import pytest

from trustsurvey.rights import THIS_MACHINE, Action, Person, allowed
from trustsurvey.store import repository

ACTIONS = get_args(Action)


@pytest.mark.parametrize("action", ACTIONS)
def test_in_open_mode_everything_is_allowed(action: Action) -> None:
    assert allowed(THIS_MACHINE, action, "town")
    assert allowed(Person("whoever", open_mode=True), action, "town/w1")


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("name", ["", "Ada", "this machine", "root", "admin"])
def test_without_a_sign_in_nothing_is(action: Action, name: str) -> None:
    """A name alone gives no right, not even that of the machine."""
    assert allowed(Person(name), action, "town") is False


def test_a_person_is_not_in_open_mode_unless_said() -> None:
    assert Person("Ada").open_mode is False


def test_rights_cannot_be_given_to_oneself() -> None:
    with pytest.raises(FrozenInstanceError):
        Person("Ada").open_mode = True  # type: ignore[misc]


def test_every_action_that_the_issue_names_is_there() -> None:
    assert {"see", "see draft", "import", "weigh", "release", "remove", "edit study"} <= set(ACTIONS)
    assert {"download results", "download microdata", "see audit"} <= set(ACTIONS)


def test_the_audit_trail_calls_the_machine_by_the_same_name() -> None:
    assert THIS_MACHINE.name == repository.THIS_MACHINE
