"""The tables of the store, for SQLite and PostgreSQL alike."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Float,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "ix": "ix_%(column_0_label)s",
    }
)


def _key() -> Column[int]:
    return Column("id", Integer, primary_key=True)


def _of(table: str, ondelete: str = "CASCADE", nullable: bool = False) -> Column[int]:
    return Column(
        f"{table}_id",
        Integer,
        ForeignKey(f"{table}.id", ondelete=ondelete),
        nullable=nullable,
        index=True,
    )


study = Table(
    "study",
    metadata,
    _key(),
    Column("slug", String(80), nullable=False, unique=True),
    Column("name", String(200), nullable=False),
    Column("instrument", Text, nullable=False),  # YAML
    Column("probability", Boolean, nullable=False),
    Column("sample", Boolean, nullable=False),
    Column("key_check", String(64), nullable=False),  # tells whether the pseudonym key is the same
    Column("created_at", DateTime, nullable=False),
)

area_level = Table(
    "area_level",
    metadata,
    _key(),
    _of("study"),
    Column("position", Integer, nullable=False),
    Column("key", String(80), nullable=False),
    Column("title", String(200), nullable=False),
    Column("parent", String(80), nullable=False),
    Column("areas", Text, nullable=False),  # JSON list of [name, parent]
    Column("boundary_key", String(200), nullable=False),
    Column("boundaries", Text),  # GeoJSON
    Column("former", Text, nullable=False, server_default="[]"),  # JSON list of [former area, area, share or null]
    UniqueConstraint("study_id", "key"),
)

margin = Table(
    "margin",
    metadata,
    _key(),
    _of("study"),
    Column("position", Integer, nullable=False),
    Column("variable", String(200), nullable=False),
    Column("category", String(200), nullable=False),
    Column("count", Float, nullable=False),
    Column("source", String(200), nullable=False),
    UniqueConstraint("study_id", "variable", "category"),
    CheckConstraint("count >= 0", name="count"),
)

wave = Table(
    "wave",
    metadata,
    _key(),
    _of("study"),
    Column("position", Integer, nullable=False),
    Column("name", String(200), nullable=False),
    UniqueConstraint("study_id", "name"),
)

# The file that was imported, whole: nothing here is changed once it is written. ("import" is taken.)
source = Table(
    "source",
    metadata,
    _key(),
    _of("wave"),
    Column("digest", String(64), nullable=False, index=True),
    Column("file", String(300), nullable=False),
    Column("mapping", Text, nullable=False),  # YAML
    Column("description", Text, nullable=False),  # JSON: areas, groups, categories, wording, report
    Column("start", Date),
    Column("end", Date),
    Column("rows", Integer, nullable=False),
    Column("created_at", DateTime, nullable=False),
)

# Answers as Parquet of at most 65,536 rows. Kind "comments" lies apart from kind "answers", and what was written
# before names were taken out ("unredacted") apart from both. The file that they came from, as far as it is kept for
# another run, has kinds of its own: "file about" (JSON), "file", and "file words" for what residents wrote.
part = Table(
    "part",
    metadata,
    _key(),
    _of("source"),
    Column("kind", String(20), nullable=False),
    Column("position", Integer, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("data", LargeBinary, nullable=False),
    UniqueConstraint("source_id", "kind", "position"),
)

weighting = Table(
    "weighting",
    metadata,
    _key(),
    _of("source"),
    Column("settings", Text, nullable=False),  # JSON
    Column("margins", Text, nullable=False),  # JSON: as used
    Column("weights", LargeBinary, nullable=False),  # Parquet
    Column("created_at", DateTime, nullable=False),
)

# What a wave is: a file and, once weighted, its weights. The newest is the draft.
revision = Table(
    "revision",
    metadata,
    _key(),
    _of("wave"),
    _of("source"),
    _of("weighting", nullable=True),
    Column("released", Boolean, nullable=False),
    Column("reason", Text, nullable=False),
    Column("person", String(200), nullable=False),
    Column("created_at", DateTime, nullable=False),
    Column("withheld", Text, nullable=False, server_default="[]"),  # JSON: cells that the release did not show
    sqlite_autoincrement=True,  # the number of a removed revision must not come back: caches go by it
)

# Words that are no answers to the survey, from elsewhere: counted by themselves, never as residents.
collection = Table(
    "collection",
    metadata,
    _key(),
    _of("study"),
    Column("name", String(200), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("file", String(300), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("about", Text, nullable=False),  # JSON
    Column("texts", LargeBinary, nullable=False),  # Parquet
    Column("unredacted", LargeBinary, nullable=False),  # Parquet
    Column("created_at", DateTime, nullable=False),
    UniqueConstraint("study_id", "name"),
)

codebook = Table(
    "codebook",
    metadata,
    _key(),
    _of("study"),
    Column("version", Integer, nullable=False),
    Column("text", Text, nullable=False),  # YAML
    Column("reason", Text, nullable=False),
    Column("person", String(200), nullable=False),
    Column("created_at", DateTime, nullable=False),
    UniqueConstraint("study_id", "version"),
)

# One reading of one text by one person; the newest of each person counts. Of a wave or of a collection.
coding = Table(
    "coding",
    metadata,
    _key(),
    _of("study"),
    _of("wave", nullable=True),
    _of("collection", nullable=True),
    Column("answer", String(40), nullable=False),  # the key of the text
    Column("coder", String(200), nullable=False),
    Column("queue", String(20), nullable=False),
    Column("codes", Text, nullable=False),  # JSON list of [code, stance, [start, end], ...]
    Column("memo", Text, nullable=False),
    Column("version", Integer, nullable=False),  # of the codebook
    Column("created_at", DateTime, nullable=False),
    sqlite_autoincrement=True,  # the number of a reading taken back must not come back: caches go by it
)

# A text whose redaction somebody corrected; it stands instead of the stored one.
redaction = Table(
    "redaction",
    metadata,
    _key(),
    _of("study"),
    _of("wave", nullable=True),
    _of("collection", nullable=True),
    Column("answer", String(40), nullable=False),
    Column("text", Text, nullable=False),
    Column("replaced", Text, nullable=False),  # JSON, as in the comments
    Column("person", String(200), nullable=False),
    Column("created_at", DateTime, nullable=False),
)

# A file with a mapping that somebody is unsure about, and the question about it. The file goes when it is closed.
task = Table(
    "task",
    metadata,
    _key(),
    _of("study"),
    Column("question", Text, nullable=False),
    Column("wave", String(200), nullable=False),
    Column("file", String(300), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("mapping", Text, nullable=False),  # YAML
    Column("person", String(200), nullable=False),
    Column("created_at", DateTime, nullable=False),
    Column("note", Text, nullable=False),
    Column("closed_by", String(200), nullable=False),
    Column("closed_at", DateTime),
    sqlite_autoincrement=True,
)

task_part = Table(
    "task_part",
    metadata,
    _key(),
    _of("task"),
    Column("kind", String(20), nullable=False),
    Column("position", Integer, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("data", LargeBinary, nullable=False),
    UniqueConstraint("task_id", "kind", "position"),
)

# A promise: what it says stands in its versions, the newest of which counts. None of them is ever rewritten.
action = Table(
    "action",
    metadata,
    _key(),
    _of("study"),
    sqlite_autoincrement=True,  # the audit trail names actions by their number
)

action_version = Table(
    "action_version",
    metadata,
    _key(),
    _of("action"),
    Column("number", Integer, nullable=False),
    Column("content", Text, nullable=False),  # JSON: entries by name
    Column("note", Text, nullable=False),  # why it was changed
    Column("person", String(200), nullable=False),
    Column("created_at", DateTime, nullable=False),
    UniqueConstraint("action_id", "number"),
)

setting = Table(
    "setting",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("value", Text, nullable=False),
)

# Who may sign in. Without a password somebody whom an identity provider vouches for.
account = Table(
    "account",
    metadata,
    _key(),
    Column("name", String(200), nullable=False, unique=True),  # as folded by ``wording.fold``
    Column("shown", String(200), nullable=False),
    Column("password", String(200)),  # argon2, with its settings and salt
    Column("roles", Text, nullable=False),  # JSON list
    Column("places", Text, nullable=False),  # JSON list of [study, level, area]
    Column("failures", Integer, nullable=False),  # since the last sign-in
    Column("locked_until", DateTime),
    Column("created_at", DateTime, nullable=False),
)

# One sign-in. The digest is of a secret that the browser alone has; rows that ended stay, so that none comes back,
# also where the account is gone.
session = Table(
    "session",
    metadata,
    _key(),
    _of("account", "SET NULL", nullable=True),
    Column("digest", String(64), nullable=False, unique=True),
    Column("started", DateTime, nullable=False),
    Column("seen", DateTime, nullable=False),
    Column("ended", DateTime),
)

# Written to only; each row carries the hash of the one before (see audit.py for the triggers).
audit = Table(
    "audit",
    metadata,
    _key(),
    Column("at", String(40), nullable=False),
    Column("person", String(200), nullable=False),
    Column("action", String(80), nullable=False),
    Column("object", String(300), nullable=False),
    Column("detail", Text, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
)
