"""What parts of the store share: reading and changing what belongs to one study."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import Connection, Engine

from trustsurvey.rights import Action, Person, need
from trustsurvey.store import studies
from trustsurvey.store.engines import refusing


@dataclass(frozen=True)
class Connected:
    """A part of the store on its database, as ``person`` may use it."""

    url: str = field(repr=False)
    writer: Engine
    reader: Engine
    person: Person

    @contextmanager
    def _reading(self, action: Action, slug: str) -> Iterator[tuple[Connection, int]]:
        need(self.person, action, slug)
        with refusing(self.url), self.reader.begin() as connection:
            yield connection, studies.study_row(connection, slug).id

    @contextmanager
    def _writing(self, action: Action, slug: str) -> Iterator[tuple[Connection, int]]:
        need(self.person, action, slug)
        with refusing(self.url), self.writer.begin() as connection:
            yield connection, studies.locked_row(connection, slug).id
