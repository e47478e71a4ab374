"""Accounts: who may sign in, with which roles, and for which areas."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from argon2 import PasswordHasher
from sqlalchemy import Connection, Row, delete, func, select, update

from trustsurvey.errors import SurveyError
from trustsurvey.language import _
from trustsurvey.rights import Person, Place, Role, roles_of
from trustsurvey.store import audit, schema as s
from trustsurvey.store.connected import Connected
from trustsurvey.store.engines import refusing
from trustsurvey.store.studies import now

#: Letters that a password must have at least. Length is what helps; rules on kinds of letters do not (NIST SP 800-63B).
LEAST_PASSWORD = 12
MOST_PASSWORD = 200
HASHER = PasswordHasher()


@dataclass(frozen=True)
class Account:
    """Somebody who may sign in. ``local``: with a password kept here; else an identity provider vouches for them."""

    name: str
    roles: frozenset[Role]
    places: tuple[Place, ...]
    local: bool
    locked_until: datetime | None
    seen: datetime | None

    @property
    def locked(self) -> bool:
        """Whether wrong passwords have closed the account for a while."""
        return self.locked_until is not None and self.locked_until > now()


class Accounts(Connected):
    """Who may sign in; for those who manage accounts. Every change is one transaction, audited with it."""

    def any(self) -> bool:
        """Whether there is an account at all; asked before anybody can sign in."""
        with refusing(self.url), self.reader.begin() as connection:
            return connection.execute(select(s.account.c.id).limit(1)).first() is not None

    def listed(self) -> list[Account]:
        """All accounts, by name."""
        newest = select(func.max(s.session.c.seen)).where(s.session.c.account_id == s.account.c.id).scalar_subquery()
        with self._reading("manage accounts") as connection:
            query = select(s.account, newest.label("last")).order_by(s.account.c.name)
            return [
                Account(row.shown, person_of(row).roles, person_of(row).places, row.password is not None,
                        row.locked_until, row.last)
                for row in connection.execute(query)
            ]  # fmt: skip

    def add(self, name: str, roles: Collection[str], places: Sequence[Place] = (), password: str | None = None) -> None:
        """Add an account; without a password for somebody who signs in with an identity provider.

        SurveyError ``people.name``, ``people.twice``, ``people.password``, ``rights.role``.
        """
        shown, key = " ".join(name.split()), name_key(name)
        if not key or len(shown) > MOST_PASSWORD or not shown.isprintable():
            raise SurveyError("people.name", "The account needs a name of one line", got=f"'{name[:40]}'",
                              expected="the name or e-mail address that the person signs in with")  # fmt: skip
        hashed = None if password is None else hash_of(password, shown)
        held = sorted(roles_of(roles))
        with self._writing("manage accounts") as connection:
            if account_row(connection, shown) is not None:
                raise SurveyError("people.twice", f"There is an account for '{shown}' already",
                                  hint="Change that one, or choose another name.")  # fmt: skip
            insert(connection, shown, held, places, hashed)
            audit.record(connection, self.person.name, "add account", shown, _told(held, places))

    def change(self, name: str, roles: Collection[str], places: Sequence[Place] = ()) -> None:
        """Give an account other roles and areas; they hold from its next click on.

        SurveyError ``people.last`` where nobody would be left who manages accounts.
        """
        held = sorted(roles_of(roles))
        with self._writing("manage accounts") as connection:
            row = _account(connection, name)
            if "administrator" not in held:
                _refuse_last(connection, row)
            values = {"roles": json.dumps(held), "places": _written(places)}
            connection.execute(update(s.account).where(s.account.c.id == row.id).values(**values))
            audit.record(connection, self.person.name, "change account", row.shown, _told(held, places))

    def set_password(self, name: str, password: str) -> None:
        """Give an account another password, unlock it, and end what it had signed in to.

        Whoever manages accounts may; everybody may for themselves.
        """
        mine = name_key(name) == name_key(self.person.name)
        with self._writing("see" if mine else "manage accounts") as connection:
            row = _account(connection, name)
            values = {"password": hash_of(password, row.shown), "failures": 0, "locked_until": None}
            connection.execute(update(s.account).where(s.account.c.id == row.id).values(**values))
            end_sessions(connection, row.id)
            audit.record(connection, self.person.name, "set password", row.shown)

    def remove(self, name: str) -> None:
        """Remove an account, and sign it out; what it did stays in the audit trail."""
        with self._writing("manage accounts") as connection:
            row = _account(connection, name)
            _refuse_last(connection, row)
            end_sessions(connection, row.id)
            connection.execute(delete(s.account).where(s.account.c.id == row.id))
            audit.record(connection, self.person.name, "remove account", row.shown)


def name_key(name: str) -> str:
    """A name as it is told apart: case and the width of letters do not count, accents do."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def hash_of(password: str, name: str) -> str:
    """What is kept of a password; SurveyError ``people.password`` for one that is easily guessed."""
    few = len(set(password)) < LEAST_PASSWORD // 2
    if not LEAST_PASSWORD <= len(password) <= MOST_PASSWORD or few or name_key(password) == name_key(name):
        raise SurveyError(
            "people.password", "The password is too easily guessed or too long",
            expected=_("{least} to {most} letters, several words are best, and not the name").format(
                least=LEAST_PASSWORD, most=MOST_PASSWORD
            ),
        )  # fmt: skip
    return HASHER.hash(password)


def person_of(row: Row[Any]) -> Person:
    """The person of a row of accounts."""
    places = tuple(Place(*place) for place in json.loads(row.places))
    return Person(row.shown, roles_of(json.loads(row.roles)), places)


def account_row(connection: Connection, name: str) -> Row[Any] | None:
    """The row of the account with a name, None where there is none."""
    return connection.execute(select(s.account).where(s.account.c.name == name_key(name))).first()


def insert(
    connection: Connection, shown: str, roles: Collection[str], places: Sequence[Place] = (),
    password: str | None = None,
) -> None:  # fmt: skip
    """Add the row of an account; ``password`` as ``hash_of`` made it."""
    connection.execute(
        s.account.insert().values(
            name=name_key(shown), shown=shown, password=password, roles=json.dumps(sorted(roles)),
            places=_written(places), failures=0, created_at=now(),
        )
    )  # fmt: skip


def end_sessions(connection: Connection, account: int) -> None:
    """End all that an account is signed in to."""
    running = s.session.c.account_id == account, s.session.c.ended.is_(None)
    connection.execute(update(s.session).where(*running).values(ended=now()))


def _account(connection: Connection, name: str) -> Row[Any]:
    row = account_row(connection, name)
    if row is None:
        raise SurveyError("people.nobody", f"There is no account for '{name}'")
    return row


def _refuse_last(connection: Connection, row: Row[Any]) -> None:
    """Refuse to take the right to manage accounts from the only one who has it."""
    others = connection.execute(select(s.account).where(s.account.c.id != row.id))
    if "administrator" in person_of(row).roles and not any("administrator" in person_of(o).roles for o in others):
        raise SurveyError("people.last", f"'{row.shown}' is the only administrator",
                          hint="Make somebody else administrator first.")  # fmt: skip


def _written(places: Sequence[Place]) -> str:
    return json.dumps([[place.study, place.level, place.area] for place in places], ensure_ascii=False)


def _told(roles: Sequence[str], places: Sequence[Place]) -> str:
    areas = f"; only {', '.join(f'{p.study}/{p.level}/{p.area}' for p in places)}" if places else ""
    return (", ".join(roles) or "no role") + areas
