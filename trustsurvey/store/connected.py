"""What parts of the store share: reading and changing, each with the right that it needs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import Connection, Engine

from trustsurvey.rights import THIS_MACHINE, Action, Person, need
from trustsurvey.store import studies
from trustsurvey.store.engines import refusing


@dataclass(frozen=True)
class Connected:
    """A database, with the engines for reading and for writing, as ``person`` may use it."""

    url: str = field(repr=False)  # it may hold a password
    writer: Engine
    reader: Engine
    person: Person = THIS_MACHINE

    def need(self, action: Action, thing: str) -> None:
        """Refuse (``rights.denied``) what the person may not do."""
        need(self.person, action, thing)

    @contextmanager
    def _reading(self, action: Action, thing: str = "*") -> Iterator[Connection]:
        self.need(action, thing)
        with refusing(self.url), self.reader.begin() as connection:
            yield connection

    @contextmanager
    def _writing(self, action: Action, thing: str = "*") -> Iterator[Connection]:
        self.need(action, thing)
        with refusing(self.url), self.writer.begin() as connection:
            yield connection


class OfStudies(Connected):
    """A part of the store that belongs to one study at a time."""

    @contextmanager
    def _reading_of(self, action: Action, slug: str) -> Iterator[tuple[Connection, int]]:
        with self._reading(action, slug) as connection:
            yield connection, studies.study_row(connection, slug).id

    @contextmanager
    def _writing_of(self, action: Action, slug: str) -> Iterator[tuple[Connection, int]]:
        with self._writing(action, slug) as connection:
            yield connection, studies.locked_row(connection, slug).id
