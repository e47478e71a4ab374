"""Promises of a study and what became of them: every change is a version of its own, none is rewritten."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Row, delete, select

from trustsurvey.errors import SurveyError, some
from trustsurvey.model import Action, ActionVersion
from trustsurvey.model.action import PROMISE, as_entries, changed, from_entries
from trustsurvey.store import audit, schema as s
from trustsurvey.store.connected import OfStudies
from trustsurvey.store.studies import now


@dataclass(frozen=True)
class Actions(OfStudies):
    """What was promised and done; reached as ``store.actions``. Every change is one transaction, audited with it."""

    def listed(self, slug: str) -> list[ActionVersion]:
        """The actions of a study as they stand now, in the order they were written down."""
        return [history[-1] for history in self.histories(slug)]

    def histories(self, slug: str) -> list[list[ActionVersion]]:
        """The same with all that was ever written down of each, the first first."""
        with self._reading_of("see", slug) as (connection, study_id):
            found: dict[int, list[ActionVersion]] = {}
            for row in _rows(connection, study_id):
                found.setdefault(row.action_id, []).append(_version(row))
            return list(found.values())

    def history(self, slug: str, action: int) -> list[ActionVersion]:
        """All that was ever written down of an action, the first first; SurveyError ``store.no-action``."""
        with self._reading_of("see", slug) as (connection, study_id):
            return _history(connection, study_id, action)

    def save(self, slug: str, actions: Sequence[Action]) -> list[int]:
        """Write actions down, all or none; their numbers."""
        with self._writing_of("record actions", slug) as (connection, study_id):
            made = []
            for action in actions:
                new = s.action.insert().values(study_id=study_id).returning(s.action.c.id)
                key = int(connection.execute(new).scalar_one())
                _add(connection, key, 1, action, "", self.person.name)
                audit.record(connection, self.person.name, "record action", f"{slug}/{key}", _told(as_entries(action)))
                made.append(key)
            return made

    def change(self, slug: str, action: Action, seen: int, note: str = "") -> bool:
        """Write down that an action stands otherwise now; False where nothing differs.

        ``seen``: the number of the version that was changed. What was promised, for when, and what it is to be judged
        by is not changed without a ``note``. SurveyError ``store.stale``, ``store.needs-reason``, ``store.no-action``.
        """
        with self._writing_of("record actions", slug) as (connection, study_id):
            newest = _history(connection, study_id, action.id)[-1]
            if newest.number != seen:
                raise SurveyError(
                    "store.stale", "The action was changed meanwhile", where=action.promised[:60],
                    hint="Open the page again, and repeat your change.",
                )  # fmt: skip
            differ = changed(newest.action, action)
            if not differ:
                return False
            if not note.strip() and any(name in PROMISE for name, _, _ in differ):
                raise SurveyError(
                    "store.needs-reason", "What was promised, or what it is judged by, is changed without a reason",
                    where=newest.action.promised[:60], got=some(name for name, _, _ in differ if name in PROMISE),
                    hint="Say why; it is kept with what was promised before.",
                )  # fmt: skip
            _add(connection, action.id, seen + 1, action, note.strip(), self.person.name)
            told = "; ".join(f"{name}: '{before}' is '{after}'" for name, before, after in differ)
            audit.record(
                connection, self.person.name, "change action", f"{slug}/{action.id}", f"{note.strip()} {told}".strip()
            )
            return True

    def remove(self, slug: str, action: int, reason: str) -> None:
        """Delete an action that was written down by mistake; what it said stays in the audit trail with the reason."""
        with self._writing_of("record actions", slug) as (connection, study_id):
            newest = _history(connection, study_id, action)[-1].action
            if not reason.strip():
                raise SurveyError(
                    "store.needs-reason", "An action is removed without a reason", where=newest.promised[:60],
                    hint="Say why. What was promised and given up is not removed: it is dropped, with a reason.",
                )  # fmt: skip
            connection.execute(delete(s.action).where(s.action.c.id == action))
            told = f"{reason.strip()} {_told(as_entries(newest))}"
            audit.record(connection, self.person.name, "remove action", f"{slug}/{action}", told)


def _rows(connection: Connection, study_id: int, action: int | None = None) -> list[Row[Any]]:
    """Versions in order of their actions and numbers."""
    query = select(s.action_version).join(s.action).where(s.action.c.study_id == study_id)
    if action is not None:
        query = query.where(s.action.c.id == action)
    return list(connection.execute(query.order_by(s.action_version.c.action_id, s.action_version.c.number)))


def _history(connection: Connection, study_id: int, action: int) -> list[ActionVersion]:
    found = [_version(row) for row in _rows(connection, study_id, action)]
    if not found:
        known = connection.execute(select(s.action.c.id).where(s.action.c.study_id == study_id)).scalars()
        raise SurveyError("store.no-action", f"There is no action {action}",
                          expected=some(list(known), 12) or "an action that was written down")  # fmt: skip
    return found


def _add(connection: Connection, key: int, number: int, action: Action, note: str, person: str) -> None:
    content = json.dumps(as_entries(replace(action, id=key)), ensure_ascii=False)
    values = {"action_id": key, "number": number, "content": content, "note": note, "person": person}
    connection.execute(s.action_version.insert().values(**values, created_at=now()))


def _version(row: Row[Any]) -> ActionVersion:
    action = from_entries(json.loads(row.content), row.action_id)
    return ActionVersion(action, row.number, row.person, row.created_at, row.note)


def _told(entries: dict[str, str]) -> str:
    return json.dumps(entries, ensure_ascii=False)
