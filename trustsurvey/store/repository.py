"""Studies and waves, saved and loaded. Every change is one transaction, audited with it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping as MappingType
from dataclasses import dataclass, replace
from datetime import date

import pandas as pd
from sqlalchemy import Connection, delete, select, update

from trustsurvey.errors import SurveyError
from trustsurvey.mapping_file import mapping_digest, mapping_to_yaml
from trustsurvey.model import AreaLevel, Mapping, Margins, Study, Wave
from trustsurvey.readers.raw import Raw
from trustsurvey.rights import Person, allowed
from trustsurvey.store import audit, keys, parts, schema as s, studies, tasks, waves
from trustsurvey.store.actions import Actions
from trustsurvey.store.collections import Collections
from trustsurvey.store.connected import Connected
from trustsurvey.store.engines import connect, database_url
from trustsurvey.store.people import Accounts
from trustsurvey.store.records import StoredWeighting, StudyRecord, TaskRecord, WaveRecord
from trustsurvey.store.sessions import Sessions
from trustsurvey.store.voices import Voices

#: What a name in the database has room for.
MOST_LETTERS = 200
#: The setting that says that the sample study was removed and is not to come back by itself.
SAMPLE_REMOVED = "sample removed"


def slug_of(name: str) -> str:
    """A short name for commands and addresses: 'Riverton 2026' becomes 'riverton-2026'."""
    return re.sub(r"[^\w]+", "-", name.casefold()).strip("-_")[:60] or "study"


@dataclass(frozen=True)
class Store(Connected):
    """The studies of one database, as ``person`` may use them: everything asked of it names the right that it needs.

    Reading takes a connection of its own and is never blocked by a writer. A method that changes
    something does all of it or nothing, and raises SurveyError ``store.*`` if it may not, and
    ``rights.denied`` if the person may not.
    """

    @classmethod
    def open(cls, url: str | None = None) -> Store:
        """Open, and where need be create or migrate, the database at ``url`` (see ``database_url``)."""
        url = url or database_url()
        return cls(url, *connect(url))

    @property
    def voices(self) -> Voices:
        """What is kept about residents' own words."""
        return Voices(self.url, self.writer, self.reader, self.person)

    @property
    def accounts(self) -> Accounts:
        """Who may sign in."""
        return Accounts(self.url, self.writer, self.reader, self.person)

    @property
    def sessions(self) -> Sessions:
        """Who has signed in."""
        return Sessions(self.url, self.writer, self.reader, self.person)

    @property
    def collections(self) -> Collections:
        """Comments and transcripts, which are no survey."""
        return Collections(self.url, self.writer, self.reader, self.person)

    @property
    def actions(self) -> Actions:
        """What was promised and done."""
        return Actions(self.url, self.writer, self.reader, self.person)

    def close(self) -> None:
        """Give all connections back."""
        self.writer.dispose()
        self.reader.dispose()

    def acting_as(self, person: Person) -> Store:
        """The same store, as somebody else may use it."""
        return replace(self, person=person)

    # --- studies --------------------------------------------------------------------------------

    def studies(self) -> list[StudyRecord]:
        """All studies, real ones first, by name."""
        with self._reading("see") as connection:
            return studies.study_records(connection)

    def study(self, slug: str) -> Study:
        """A study with its questionnaire and area levels."""
        with self._reading("see", slug) as connection:
            return studies.read_study(connection, slug)

    def create_study(
        self,
        study: Study,
        boundaries: MappingType[str, str] | None = None,
        margins: Margins | None = None,
    ) -> None:
        """Add a study; ``boundaries`` holds GeoJSON text by area level."""
        _refuse_name(study.name, "study")
        with self._writing("edit study", study.slug) as connection:
            study_id = studies.add_study(connection, study)
            studies.write_levels(connection, study_id, study.levels, boundaries or {})
            if margins is not None:
                studies.write_margins(connection, study_id, margins)
            audit.record(connection, self.person.name, "create study", study.slug)

    def change_areas(self, slug: str, level: AreaLevel, boundaries: str | None = None) -> None:
        """Put other areas into a level; ``level.former`` tells what the earlier ones became.

        Waves stay as they were imported, and are carried over to the new areas where they are shown.
        """
        with self._writing("edit study", slug) as connection:
            studies.change_level(connection, studies.locked_row(connection, slug).id, level, boundaries)
            told = f"{len(level.areas)} areas"
            audit.record(connection, self.person.name, "change areas", f"{slug}/{level.key}", told)

    def boundaries(self, slug: str, level: str) -> str | None:
        """The GeoJSON text of an area level, None where there is none."""
        query = (
            select(s.area_level.c.boundaries)
            .join(s.study, s.study.c.id == s.area_level.c.study_id)
            .where(s.study.c.slug == slug, s.area_level.c.key == level)
        )
        with self._reading("see", slug) as connection:
            return connection.execute(query).scalar()

    def remove_study(self, slug: str) -> None:
        """Delete a study with all its waves; the audit trail keeps that it was there.

        A sample study stays away afterwards (see :data:`SAMPLE_REMOVED`).
        """
        with self._writing("remove", slug) as connection:
            study = studies.locked_row(connection, slug)
            # Child tables go with it by ON DELETE CASCADE.
            connection.execute(delete(s.study).where(s.study.c.id == study.id))
            if study.sample:
                _set(connection, SAMPLE_REMOVED, "yes")
            audit.record(connection, self.person.name, "remove study", slug)

    def pseudonym_key(self, slug: str) -> bytes:
        """The key for the study's pseudonyms; SurveyError if it is not the one the study began with."""
        with self._reading("import", slug) as connection:
            stored = studies.study_row(connection, slug).key_check
        keys.refuse_other_key(slug, stored)
        return keys.study_key(slug)

    def margins(self, slug: str) -> Margins | None:
        """The population margins of a study, None before there are any."""
        with self._reading("see", slug) as connection:
            return studies.read_margins(connection, slug)

    def set_margins(self, slug: str, margins: Margins) -> None:
        """Replace the population margins of a study; weights already made stay as they are."""
        with self._writing("weigh", slug) as connection:
            study_id = studies.locked_row(connection, slug).id
            connection.execute(delete(s.margin).where(s.margin.c.study_id == study_id))
            studies.write_margins(connection, study_id, margins)
            audit.record(connection, self.person.name, "set margins", slug, ", ".join(margins.variables))

    # --- waves ----------------------------------------------------------------------------------

    def waves(self, slug: str, released_only: bool = False) -> list[WaveRecord]:
        """The waves of a study in order of time; with ``released_only`` in the state viewers see."""
        with self._reading("see" if released_only else "see draft", slug) as connection:
            return waves.wave_records(connection, studies.study_row(connection, slug).id, released_only)

    def seen_waves(self, slug: str) -> list[WaveRecord]:
        """The waves of a study in order of time, each in the state that the person may see."""
        return self.waves(slug, released_only=not allowed(self.person, "see draft", slug))

    def save_wave(
        self,
        slug: str,
        wave: Wave,
        mapping: Mapping,
        file: str,
        digest: str,
        *,
        kept: Raw | None = None,
        task: int | None = None,
        reason: str = "",
    ) -> bool:
        """Save a harmonised wave as a draft; False if the very same import is the newest already.

        The same is the same file, mapping and dates of fieldwork. A wave of the same name is
        corrected: a released one only with a ``reason``, and viewers go on seeing what was released.
        A file saved under another name of the study is refused. ``kept``: what may be saved of the file, for
        another run under a corrected mapping; ``task``: the task that is done with it.
        """
        _refuse_name(wave.name, "wave")
        if wave.start is not None and wave.end is not None and wave.start > wave.end:
            raise SurveyError(
                "store.dates", "The fieldwork ends before it begins", where=wave.name,
                got=f"{wave.start} to {wave.end}", hint="Correct the first or the last day.",
            )  # fmt: skip
        pieces, key = parts.encode(wave), (digest, mapping_digest(mapping), wave.start, wave.end)
        file_pieces = parts.encode_file(kept) if kept is not None else []
        with self._writing("import", slug) as connection:
            study_id = studies.locked_row(connection, slug).id
            present = {record.name: record for record in waves.wave_records(connection, study_id, False)}
            other = next((r for r in present.values() if r.digest == digest and r.name != wave.name), None)
            if other is not None:
                raise SurveyError(
                    "store.imported-twice", f"The file is already saved as the wave '{other.name}'",
                    where=file, hint=f"Open '{other.name}', or remove it first.",
                )  # fmt: skip
            if task is not None:
                done = tasks.one_task(connection, study_id, task)
                tasks.close_task(connection, done.id, f"saved as {wave.name}", self.person.name)
                audit.record(connection, self.person.name, "close task", f"{slug}/{task}", wave.name)
            same = present.get(wave.name)
            if same is not None and _told(same) == key:
                waves.add_file(connection, same, file_pieces)
                return False
            corrects = same is not None and same.ever_released
            if corrects and not reason.strip():
                raise waves.needs_reason(wave.name)
            wave_key = waves.wave_id(connection, study_id, wave.name)
            told = (wave_key, file, digest, mapping_to_yaml(mapping))
            source_id = waves.add_source(connection, wave, [*pieces, *file_pieces], *told)
            waves.revise(connection, wave_key, source_id, None, reason if corrects else "", self.person.name)
            audit.record(
                connection, self.person.name, "import", f"{slug}/{wave.name}", f"{file} {digest} {reason}".strip()
            )
        return True

    def save_weighting(self, slug: str, wave: Wave, *, revision: int | None = None, reason: str = "") -> None:
        """Save the weights of a wave as its new draft; a released wave needs a ``reason``.

        ``revision`` is the one the weights were made for; weights for an older one are refused.
        """
        if wave.weighting is None:
            raise SurveyError("store.unweighted", "The wave has no weights to save", where=wave.name)
        with self._writing("weigh", slug) as connection:
            study_id = studies.locked_row(connection, slug).id
            record = waves.one_wave(connection, study_id, wave.name)
            if record.ever_released and not reason.strip():
                raise waves.needs_reason(wave.name)
            if record.rows != len(wave) or revision not in (None, record.revision):
                raise SurveyError(
                    "store.stale", "The wave was changed while its weights were being made", where=wave.name,
                    hint="Open the page again and repeat the weighting.",
                )  # fmt: skip
            newest = waves.revision_row(connection, record)
            weighting_id = waves.add_weighting(connection, newest.source_id, wave.weighting)
            # Weights that replace a draft keep the reason that the draft was made for.
            told = ["" if newest.released else newest.reason, reason.strip()]
            kept = "; ".join(dict.fromkeys(filter(None, told))) if record.ever_released else ""
            waves.revise(connection, newest.wave_id, newest.source_id, weighting_id, kept, self.person.name)
            audit.record(connection, self.person.name, "weigh", f"{slug}/{wave.name}", reason)

    def load_wave(self, slug: str, name: str, released: bool = False) -> tuple[Wave, StoredWeighting | None]:
        """A wave with its answers, and its weights if it has any; the released state if asked for."""
        with self._reading("work on answers", slug) as connection:
            return waves.read_wave(connection, slug, name, released)

    def release(
        self,
        slug: str,
        name: str,
        *,
        withheld: Iterable[tuple[str, str, str]] = (),
        revision: int | None = None,
    ) -> None:
        """Show the newest state of a wave to viewers.

        ``withheld`` are the numbers (measure, grouping, level) that it does not show; corrections will not either.
        ``revision`` is the one they were found in; where there is a newer one the release is refused.
        """
        told = json.dumps(sorted(withheld), ensure_ascii=False)
        with self._writing("release", slug) as connection:
            record = waves.one_wave(connection, studies.locked_row(connection, slug).id, name)
            if revision not in (None, record.revision):
                raise SurveyError(
                    "store.stale", "The wave was changed while it was being released", where=name,
                    hint="Open the page again, and release it then.",
                )  # fmt: skip
            state = update(s.revision).where(s.revision.c.id == record.revision)
            connection.execute(state.values(released=True, withheld=told))
            waves.forget_before(connection, record)
            audit.record(connection, self.person.name, "release", f"{slug}/{name}")

    def discard_draft(self, slug: str, name: str) -> None:
        """Take back the newest import of a wave, with its weights, that was not released.

        What stood before it is back: the import that it corrected, or what was released; else the wave is gone,
        and its file free for another.
        """
        with self._writing("import", slug) as connection:
            study_id = studies.locked_row(connection, slug).id
            record = waves.one_wave(connection, study_id, name)
            if record.released:
                raise SurveyError("store.no-draft", "The wave has no draft to take back", where=name)
            waves.forget_draft(connection, record)
            audit.record(connection, self.person.name, "discard draft", f"{slug}/{name}", record.digest)

    def remove_wave(self, slug: str, name: str, reason: str = "") -> None:
        """Delete a wave and free its file for another import; a released one only with a reason."""
        with self._writing("remove", slug) as connection:
            study_id = studies.locked_row(connection, slug).id
            if waves.one_wave(connection, study_id, name).ever_released and not reason.strip():
                raise waves.needs_reason(name)
            connection.execute(delete(s.wave).where(s.wave.c.study_id == study_id, s.wave.c.name == name))
            audit.record(connection, self.person.name, "remove wave", f"{slug}/{name}", reason)

    def kept_file(self, slug: str, name: str) -> Raw:
        """What was kept of the file that a wave was made of; SurveyError ``store.no-file``."""
        with self._reading("import", slug) as connection:
            pieces = waves.read_file(connection, slug, name)
        return parts.decode_file(pieces)

    # --- tasks ------------------------------------------------------------------------------------

    def add_task(self, slug: str, file: Raw, mapping: Mapping, question: str, wave: str = "") -> int:
        """Hand a file with a doubtful mapping over; the number of the task. ``file``: what may be kept of it."""
        if not question.strip():
            raise SurveyError("store.task", "The task asks nothing", expected="a question in a few words")
        pieces = parts.encode_file(file)
        with self._writing("import", slug) as connection:
            study_id = studies.locked_row(connection, slug).id
            told = (mapping_to_yaml(mapping), file.source, file.digest, self.person.name)
            task_id = tasks.add_task(connection, study_id, question.strip(), wave, pieces, *told)
            audit.record(connection, self.person.name, "hand over", f"{slug}/{task_id}", f"{file.source} {file.digest}")
        return task_id

    def tasks(self, slug: str) -> list[TaskRecord]:
        """The tasks of a study, open ones first."""
        with self._reading("import", slug) as connection:
            return tasks.task_records(connection, studies.study_row(connection, slug).id)

    def task_file(self, slug: str, task: int) -> Raw:
        """The file of an open task; SurveyError ``store.no-task``."""
        with self._reading("import", slug) as connection:
            found = tasks.one_task(connection, studies.study_row(connection, slug).id, task)
            pieces = tasks.read_file(connection, found.id)
        return parts.decode_file(pieces)

    def close_task(self, slug: str, task: int, note: str) -> None:
        """Close a task without a wave, saying why; its file is deleted."""
        if not note.strip():
            raise SurveyError("store.task", "The task is closed without a note", expected="what came of it")
        with self._writing("import", slug) as connection:
            study_id = studies.locked_row(connection, slug).id
            tasks.close_task(connection, tasks.one_task(connection, study_id, task).id, note.strip(), self.person.name)
            audit.record(connection, self.person.name, "close task", f"{slug}/{task}", note.strip())

    # --- settings and audit -----------------------------------------------------------------------

    def setting(self, name: str) -> str | None:
        """A setting of the installation, None where it was never set."""
        with self._reading("see") as connection:
            return connection.execute(select(s.setting.c.value).where(s.setting.c.name == name)).scalar()

    def set_setting(self, name: str, value: str) -> None:
        """Set a setting of the installation."""
        with self._writing("edit study") as connection:
            _set(connection, name, value)

    def note(self, action: str, thing: str, detail: str = "") -> None:
        """Write down something that was done outside the store, such as an export."""
        with self._writing("see") as connection:
            audit.record(connection, self.person.name, action, thing, detail)

    def audit_trail(self, limit: int = 1000) -> pd.DataFrame:
        """The newest rows of the audit trail, newest first."""
        with self._reading("see audit") as connection:
            rows = connection.execute(select(s.audit).order_by(s.audit.c.id.desc()).limit(limit)).mappings()
            return pd.DataFrame(list(rows), columns=[column.name for column in s.audit.columns])

    def audit_break(self) -> int | None:
        """The first audit row that was tampered with, None where the chain is whole."""
        with self._reading("see audit") as connection:
            return audit.first_break(connection)


def _refuse_name(name: str, what: str) -> None:
    if not name.strip() or not name.isprintable() or len(name) > MOST_LETTERS:
        raise SurveyError(
            "store.name", f"The {what} needs a name of one line", got=f"'{name[:40]}'" if name else "none",
            expected=f"1 to {MOST_LETTERS} letters, digits and blanks",
        )  # fmt: skip


def _set(connection: Connection, name: str, value: str) -> None:
    connection.execute(delete(s.setting).where(s.setting.c.name == name))
    connection.execute(s.setting.insert().values(name=name, value=value))


def _told(record: WaveRecord) -> tuple[str, str, date | None, date | None]:
    """What makes an import the very same: the file, how it was read, and when people answered."""
    return record.digest, mapping_digest(record.mapping), record.start, record.end
