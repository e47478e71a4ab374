"""Sessions outlast their account, so that what was signed out does not come back with an account of the same name."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Let a session be without an account."""
    name = op.f("fk_session_account_id")
    with op.batch_alter_table("session") as table:
        table.drop_constraint(name, type_="foreignkey")
        table.alter_column("account_id", existing_type=sa.Integer(), nullable=True)
        table.create_foreign_key(name, "account", ["account_id"], ["id"], ondelete="SET NULL")
