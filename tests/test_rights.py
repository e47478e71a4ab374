"""Who may do what: everything where nobody signs in, nothing for a person nobody knows."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from typing import get_args

import pytest
from builders import refusal

from trustsurvey.rights import ROLES, THIS_MACHINE, Action, Person, Place, allowed, need, roles_of

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


def test_roles_give_what_their_work_needs_and_no_more() -> None:
    may = {
        role: {action for action in ACTIONS if allowed(Person("x", frozenset({role})), action, "*")} for role in ROLES
    }
    assert may["commander"] < may["liaison"] < may["analyst"]
    assert not may["commander"] & {"see draft", "work on answers", "code", "see unredacted", "download microdata"}
    assert not may["liaison"] & {"see unredacted", "analyse", "download microdata", "manage accounts", "see audit"}
    assert not may["analyst"] & {"manage accounts", "see audit"}
    assert not may["administrator"] & {"work on answers", "code", "see unredacted", "analyse", "download microdata"}
    assert set().union(*may.values()) == set(ACTIONS)


def test_several_roles_add_up() -> None:
    both = Person("x", frozenset({"commander", "administrator"}))
    assert allowed(both, "record actions", "town")
    assert allowed(both, "manage accounts", "*")


def test_a_refusal_names_the_right_and_who_to_ask() -> None:
    with refusal("rights.denied", "Ada, commander", "read what residents wrote", "administrator", "town"):
        need(Person("Ada", frozenset({"commander"})), "code", "town")
    need(THIS_MACHINE, "code", "town")


def test_areas_limit_a_commander_alone() -> None:
    east = Place("town", "district", "East")
    assert Person("x", frozenset({"commander"})).limited_to("town") is None
    assert Person("x", frozenset({"commander"}), (east,)).limited_to("town") == (east,)
    assert Person("x", frozenset({"commander"}), (east,)).limited_to("other") == ()
    assert Person("x", frozenset({"commander", "analyst"}), (east,)).limited_to("town") is None


def test_a_role_that_is_none_is_refused() -> None:
    assert roles_of([" Analyst", "COMMANDER"]) == {"analyst", "commander"}
    with refusal("rights.role", "king"):
        roles_of(["king"])
