"""Signing in: passwords checked, sessions begun, looked up on every click, and ended."""

from __future__ import annotations

import hashlib
import json
import secrets
from datetime import datetime, timedelta
from typing import Any

from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection, select, update

from trustsurvey.errors import SurveyError
from trustsurvey.rights import Person, roles_of
from trustsurvey.store import audit, schema as s
from trustsurvey.store.connected import Connected
from trustsurvey.store.engines import refusing
from trustsurvey.store.people import HASHER, account_row, hash_of, insert, person_of
from trustsurvey.store.studies import now

#: How long a sign-in lasts, and how long it lasts with nobody doing anything.
LONGEST, IDLE = timedelta(hours=8), timedelta(minutes=30)
#: After how many wrong passwords an account is closed, and for how long.
MOST_FAILURES, LOCKED = 5, timedelta(minutes=15)
#: How often it is written down that a session is in use.
TOUCH = timedelta(minutes=1)
#: Compared with where there is no such account, so that the answer takes as long.
NO_PASSWORD = HASHER.hash(secrets.token_urlsafe())


class Sessions(Connected):
    """Signing in and out. Nobody has rights yet who does this, so none are asked for."""

    def sign_in(self, name: str, password: str) -> str:
        """Check a password and begin a session; the secret that the browser keeps.

        SurveyError ``sign-in.refused`` for a wrong name, a wrong password or a closed account, all alike.
        """
        with refusing(self.url), self.reader.begin() as connection:
            row = account_row(connection, name)
        right = _matches(None if row is None else row.password, password)  # slow on purpose: not while others wait
        with refusing(self.url), self.writer.begin() as connection:
            row = account_row(connection, name)
            closed = row is not None and row.locked_until is not None and row.locked_until > now()
            if row is not None and right and not closed:
                _set(connection, row.id, failures=0, locked_until=None)
                secret = secrets.token_urlsafe(32)
                _begin(connection, row.id, digest_of(secret))
                audit.record(connection, row.shown, "sign in", row.shown)
                return secret
            if row is not None and not closed:
                locked = row.failures + 1 >= MOST_FAILURES
                kept = {"failures": 0, "locked_until": now() + LOCKED} if locked else {"failures": row.failures + 1}
                _set(connection, row.id, **kept)
            known = row.shown if row is not None else "unknown name"
            audit.record(connection, known, "sign in refused", known, "account closed" if closed else "")
        raise SurveyError(
            "sign-in.refused", "Name and password do not match",
            hint="Try again; after five wrong passwords an account is closed for a quarter of an hour.",
        )  # fmt: skip

    def first_run(self, name: str, password: str) -> None:
        """Make the first account, an administrator who may also work as an analyst; refused where there is one."""
        shown = " ".join(name.split())
        hashed = hash_of(password, shown)
        with refusing(self.url), self.writer.begin() as connection:
            if connection.execute(select(s.account.c.id).limit(1)).first() is not None:
                raise SurveyError("sign-in.set-up", "The app has been set up already", hint="Sign in.")
            insert(connection, shown, ["administrator", "analyst"], password=hashed)
            audit.record(connection, shown, "add account", shown, "administrator, analyst; set-up of the app")

    def vouched(self, name: str, digest: str, at: datetime, roles: frozenset[str] | None = None) -> None:
        """Begin the session of somebody whom an identity provider vouched for ``at`` a time, once.

        ``digest``: of what tells this sign-in from others. ``roles``: those that the provider's groups give, which
        the account then has; None for those of an account made here. SurveyError ``sign-in.unknown`` for somebody
        without an account or a role, ``sign-in.over`` for a sign-in of hours ago.
        """
        if not at <= now() + TOUCH or now() - at > LONGEST:
            raise SurveyError("sign-in.over", "This sign-in is over", hint="Sign in again.")
        with refusing(self.url), self.writer.begin() as connection:
            if connection.execute(select(s.session.c.id).where(s.session.c.digest == digest)).first() is not None:
                return
            row = account_row(connection, name)
            if roles is not None:
                if row is not None:
                    _set(connection, row.id, roles=json.dumps(sorted(roles_of(roles))))
                elif roles:
                    insert(connection, name, roles_of(roles))
                row = account_row(connection, name)
            if row is None or not person_of(row).roles:
                audit.record(connection, name[:200], "sign in refused", name[:200], "no account or no role")
            else:
                _begin(connection, row.id, digest, at)
                audit.record(connection, row.shown, "sign in", row.shown, "by the identity provider")
                return
        raise SurveyError("sign-in.unknown", f"There is no account here for {name}",
                          hint="Ask the administrator of this app for one.")  # fmt: skip

    def whose(self, digest: str, touch: bool = True) -> Person | None:
        """Who a session is of; None for one that ended, was idle for too long, or never was.

        ``touch``: that somebody did something, which keeps the session from being idle.
        """
        query = select(s.session, s.account).join(s.account).where(s.session.c.digest == digest)
        with refusing(self.url), self.reader.begin() as connection:
            row = connection.execute(query).first()
        if row is None or row.ended is not None or now() - row.seen > IDLE or now() - row.started > LONGEST:
            return None
        if touch and now() - row.seen > TOUCH:
            with refusing(self.url), self.writer.begin() as connection:
                still = s.session.c.digest == digest, s.session.c.ended.is_(None)
                connection.execute(update(s.session).where(*still).values(seen=now()))
        return person_of(row)

    def end(self, digest: str) -> None:
        """Sign out: the session does not come back, whoever kept its secret."""
        query = select(s.session.c.id, s.account.c.shown).join(s.account).where(
            s.session.c.digest == digest, s.session.c.ended.is_(None)
        )  # fmt: skip
        with refusing(self.url), self.writer.begin() as connection:
            row = connection.execute(query).first()
            if row is not None:
                connection.execute(update(s.session).where(s.session.c.id == row.id).values(ended=now()))
                audit.record(connection, row.shown, "sign out", row.shown)


def digest_of(secret: str) -> str:
    """What is kept of the secret of a session: whoever reads the database cannot sign in with it."""
    return hashlib.sha256(secret.encode("utf-8")).hexdigest()


def _set(connection: Connection, account: int, **values: Any) -> None:
    connection.execute(update(s.account).where(s.account.c.id == account).values(**values))


def _begin(connection: Connection, account: int, digest: str, at: datetime | None = None) -> None:
    values = {"account_id": account, "digest": digest, "started": at or now(), "seen": now()}
    connection.execute(s.session.insert().values(**values))


def _matches(hashed: str | None, password: str) -> bool:
    try:
        return HASHER.verify(hashed or NO_PASSWORD, password) and hashed is not None
    except (VerificationError, InvalidHashError):
        return False
