"""What a released wave did not show, for its corrections to go on hiding."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the cells that a release withheld; of earlier releases none are known."""
    op.add_column("revision", sa.Column("withheld", sa.Text(), nullable=False, server_default="[]"))
