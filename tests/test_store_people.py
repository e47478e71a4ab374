"""Accounts and sessions: who gets in, who does not, and who is put out again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from builders import refusal
from stores import STUDY

from trustsurvey.rights import Person, Place
from trustsurvey.store import Store, people, sessions
from trustsurvey.store.people import name_key
from trustsurvey.store.sessions import IDLE, LOCKED, LONGEST, MOST_FAILURES, digest_of

PASSWORD = "three plain words"
EAST = Place("town", "district", "East")


@pytest.fixture
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashing that takes no time, where its slowness is not what is tested."""
    from argon2 import PasswordHasher

    hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(people, "HASHER", hasher)
    monkeypatch.setattr(sessions, "HASHER", hasher)
    monkeypatch.setattr(sessions, "NO_PASSWORD", hasher.hash("nobody's"))


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], None]:
    """Moves the clock on."""
    ahead = timedelta()

    def now() -> datetime:
        return datetime(2026, 3, 2, 9) + ahead

    def move(by: timedelta) -> None:
        nonlocal ahead
        ahead += by

    monkeypatch.setattr(people, "now", now)
    monkeypatch.setattr(sessions, "now", now)
    return move


@pytest.fixture
def town(store: Store, cheap: None, later: object) -> Store:
    """A store with an administrator and a commander of one district."""
    store.create_study(STUDY)
    store.accounts.add("Chief", ["administrator"], (), PASSWORD)
    store.accounts.add(" Zo\u00eb  Lane ", ["commander"], [EAST], PASSWORD)
    return store


def who(store: Store, secret: str) -> Person | None:
    return store.sessions.whose(digest_of(secret))


def test_an_account_signs_in_with_its_roles_and_areas(town: Store) -> None:
    secret = town.sessions.sign_in("zo\u00cb lane", PASSWORD)
    assert who(town, secret) == Person("Zo\u00eb Lane", frozenset({"commander"}), (EAST,))
    listed = {account.name: account for account in town.accounts.listed()}
    assert listed["Zo\u00eb Lane"].places == (EAST,)
    assert listed["Zo\u00eb Lane"].local
    with town.reader.begin() as connection:
        kept = str(connection.exec_driver_sql("SELECT * FROM account").all())
        kept += str(connection.exec_driver_sql("SELECT * FROM session").all())
    assert PASSWORD not in kept
    assert secret not in kept


@pytest.mark.parametrize(("name", "password"), [("Chief", "three plain word"), ("Chef", PASSWORD), ("", ""),
                                                ("Zoe Lane", PASSWORD)])  # fmt: skip
def test_a_wrong_name_and_a_wrong_password_are_refused_alike(town: Store, name: str, password: str) -> None:
    with refusal("sign-in.refused"):
        town.sessions.sign_in(name, password)


def test_guessing_closes_an_account_for_a_while(town: Store, later: Callable[[timedelta], None]) -> None:
    for _ in range(MOST_FAILURES):
        with refusal("sign-in.refused"):
            town.sessions.sign_in("Chief", "guess")
    with refusal("sign-in.refused"):
        town.sessions.sign_in("Chief", PASSWORD)
    assert next(account.locked for account in town.accounts.listed() if account.name == "Chief")
    town.sessions.sign_in("Zo\u00eb Lane", PASSWORD)  # others are not kept out
    later(LOCKED + timedelta(seconds=1))
    assert who(town, town.sessions.sign_in("Chief", PASSWORD)) is not None


def test_a_right_password_forgets_the_wrong_ones(town: Store) -> None:
    for _ in range(2):
        for _ in range(MOST_FAILURES - 1):
            with refusal("sign-in.refused"):
                town.sessions.sign_in("Chief", "guess")
        town.sessions.sign_in("Chief", PASSWORD)


def test_a_session_ends_when_idle_when_old_and_when_signed_out(town: Store, later: Callable[[timedelta], None]) -> None:
    secret = town.sessions.sign_in("Chief", PASSWORD)
    for _ in range(int(LONGEST / IDLE) - 1):
        later(IDLE - timedelta(seconds=1))
        assert who(town, secret) is not None
    later(IDLE - timedelta(seconds=1))
    later(timedelta(minutes=1))
    assert who(town, secret) is None  # busy all day, and the day is over
    secret = town.sessions.sign_in("Chief", PASSWORD)
    later(IDLE / 2)
    assert town.sessions.whose(digest_of(secret), touch=False) is not None
    later(IDLE / 2 + timedelta(seconds=1))
    assert who(town, secret) is None  # to look at it did not keep it alive
    secret = town.sessions.sign_in("Chief", PASSWORD)
    town.sessions.end(digest_of(secret))
    assert who(town, secret) is None
    assert who(town, "never was") is None


def test_another_password_and_a_removal_put_out_at_once(town: Store) -> None:
    chief = town.acting_as(Person("Chief", frozenset({"administrator"})))
    secret = town.sessions.sign_in("Zo\u00eb Lane", PASSWORD)
    chief.accounts.change("Zo\u00eb Lane", ["liaison"])
    assert who(town, secret) == Person("Zo\u00eb Lane", frozenset({"liaison"}))  # from the next click on
    chief.accounts.set_password("Zo\u00eb Lane", "four other plain words")
    assert who(town, secret) is None
    secret = town.sessions.sign_in("Zo\u00eb Lane", "four other plain words")
    chief.accounts.remove("Zo\u00eb Lane")
    assert who(town, secret) is None
    trail = town.audit_trail()
    assert list(trail["action"][trail["person"] == "Chief"]) == ["remove account", "set password", "change account"]


def test_only_those_who_may_manage_accounts(town: Store) -> None:
    zoe = town.acting_as(Person("Zo\u00eb Lane", frozenset({"commander"})))
    with refusal("rights.denied"):
        zoe.accounts.listed()
    with refusal("rights.denied"):
        zoe.accounts.add("X", ["analyst"])
    with refusal("rights.denied"):
        zoe.accounts.set_password("Chief", "four other plain words")
    zoe.accounts.set_password("zo\u00eb lane", "four other plain words")  # their own
    town.sessions.sign_in("Zo\u00eb Lane", "four other plain words")


def test_somebody_who_manages_accounts_is_left(town: Store) -> None:
    with refusal("people.last"):
        town.accounts.remove("Chief")
    with refusal("people.last"):
        town.accounts.change("Chief", ["analyst"])
    town.accounts.add("Deputy", ["administrator", "analyst"], (), PASSWORD)
    town.accounts.remove("Chief")


@pytest.mark.parametrize(
    ("name", "roles", "password", "code"),
    [
        ("chief", ["analyst"], PASSWORD, "people.twice"),
        (" ", ["analyst"], PASSWORD, "people.name"),
        ("A\x00b", ["analyst"], PASSWORD, "people.name"),
        ("Ada", ["king"], PASSWORD, "rights.role"),
        ("Ada", ["analyst"], "short", "people.password"),
        ("Ada", ["analyst"], "aaaaaaaaaaaaaaaa", "people.password"),
        ("Ada of the east side", ["analyst"], "ada of the East side", "people.password"),
        ("Ada", ["analyst"], "x" * 201, "people.password"),
    ],
)
def test_an_unsound_account_is_refused(town: Store, name: str, roles: list[str], password: str, code: str) -> None:
    with refusal(code):
        town.accounts.add(name, roles, (), password)


def test_the_first_account_is_made_once(store: Store, cheap: None) -> None:
    store.sessions.first_run("Chief", PASSWORD)
    found = who(store, store.sessions.sign_in("Chief", PASSWORD))
    assert found is not None
    assert found.roles == {"administrator", "analyst"}
    with refusal("sign-in.set-up"):
        store.sessions.first_run("Other", PASSWORD)


def test_a_provider_vouches_once_for_those_who_have_an_account(town: Store, later: Callable[[timedelta], None]) -> None:
    town.accounts.add("ada@town.example", ["analyst"])
    at = sessions.now()
    town.sessions.vouched("Ada@Town.example", "d1", at)
    assert town.sessions.whose("d1") == Person("ada@town.example", frozenset({"analyst"}))
    town.sessions.end("d1")
    town.sessions.vouched("ada@town.example", "d1", at)  # the cookie of the same sign-in comes back
    assert town.sessions.whose("d1") is None
    with refusal("sign-in.unknown"):
        town.sessions.vouched("eve@town.example", "d2", at)
    assert town.sessions.whose("d2") is None
    with refusal("sign-in.refused"):
        town.sessions.sign_in("ada@town.example", PASSWORD)
    later(LONGEST + timedelta(seconds=1))
    with refusal("sign-in.over"):
        town.sessions.vouched("ada@town.example", "d3", at)


def test_groups_give_and_take_roles(town: Store) -> None:
    at = sessions.now()
    town.sessions.vouched("eve@town.example", "g1", at, frozenset({"commander"}))
    assert town.sessions.whose("g1").roles == {"commander"}  # type: ignore[union-attr]
    with refusal("sign-in.unknown"):
        town.sessions.vouched("eve@town.example", "g2", at, frozenset())
    assert town.sessions.whose("g1").roles == set()  # type: ignore[union-attr]
    with refusal("sign-in.unknown"):
        town.sessions.vouched("new@town.example", "g3", at, frozenset())


def test_what_was_signed_out_does_not_come_back_with_another_account_of_the_name(town: Store) -> None:
    at = sessions.now()
    town.sessions.vouched("eve@town.example", "g1", at, frozenset({"commander"}))
    town.accounts.remove("eve@town.example")
    assert town.sessions.whose("g1") is None
    town.sessions.vouched("eve@town.example", "g1", at, frozenset({"commander"}))  # the cookie that was kept
    assert town.sessions.whose("g1") is None
    assert "eve@town.example" not in {account.name for account in town.accounts.listed()}


def test_names_are_told_apart_by_accents_not_by_case() -> None:
    assert name_key(" ZO\u00cb  Lane") == name_key("zo\u00eb lane") != name_key("zoe lane")
