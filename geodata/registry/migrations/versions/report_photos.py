"""Photos that came with reports.

Revision ID: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "report_photos",
        sa.Column("report_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("small", sa.LargeBinary(), nullable=False),
        sa.Column("jpeg", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name="fk_report_photos_report_id"),
        sa.PrimaryKeyConstraint("report_id", name="pk_report_photos"),
    )
