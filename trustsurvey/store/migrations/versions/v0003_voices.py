"""Open answers: collections of words, codebooks, readings of texts, corrected redactions."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def _key() -> sa.Column[int]:
    return sa.Column("id", sa.Integer(), nullable=False)


def _of(table: str, parent: str, nullable: bool = False) -> tuple[sa.Column[int], sa.ForeignKeyConstraint]:
    name = f"{parent}_id"
    key = sa.ForeignKeyConstraint([name], [f"{parent}.id"], name=op.f(f"fk_{table}_{name}"), ondelete="CASCADE")
    return sa.Column(name, sa.Integer(), nullable=nullable), key


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "collection",
        _key(),
        *_of("collection", "study"),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("file", sa.String(length=300), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("texts", sa.LargeBinary(), nullable=False),
        sa.Column("unredacted", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collection")),
        sa.UniqueConstraint("study_id", "name", name=op.f("uq_collection_study_id_name")),
    )
    op.create_table(
        "codebook",
        _key(),
        *_of("codebook", "study"),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("person", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_codebook")),
        sa.UniqueConstraint("study_id", "version", name=op.f("uq_codebook_study_id_version")),
    )
    op.create_table(
        "coding",
        _key(),
        *_of("coding", "study"),
        *_of("coding", "wave", nullable=True),
        *_of("coding", "collection", nullable=True),
        sa.Column("answer", sa.String(length=40), nullable=False),
        sa.Column("coder", sa.String(length=200), nullable=False),
        sa.Column("queue", sa.String(length=20), nullable=False),
        sa.Column("codes", sa.Text(), nullable=False),
        sa.Column("memo", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coding")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "redaction",
        _key(),
        *_of("redaction", "study"),
        *_of("redaction", "wave", nullable=True),
        *_of("redaction", "collection", nullable=True),
        sa.Column("answer", sa.String(length=40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("replaced", sa.Text(), nullable=False),
        sa.Column("person", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_redaction")),
    )
    for table in ("collection", "codebook", "coding", "redaction"):
        op.create_index(op.f(f"ix_{table}_study_id"), table, ["study_id"], unique=False)
    for table in ("coding", "redaction"):
        for parent in ("wave_id", "collection_id"):
            op.create_index(op.f(f"ix_{table}_{parent}"), table, [parent], unique=False)
