"""The tables of the registry. `migrations/` makes them; a test holds the two against each other."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from geodata.registry import rows

metadata = MetaData(naming_convention={
    "pk": "pk_%(table_name)s", "uq": "uq_%(table_name)s_%(column_0_name)s", "ix": "ix_%(table_name)s_%(column_0_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
})

commits = Table(
    "commits", metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("at", String(32), nullable=False),
    Column("who", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("summary", Text, nullable=False),
)
"""One row a version of the whole registry; versions count up from 1 without holes. `summary` is JSON."""


def _column(name: str) -> Column[object]:
    kind: object = Text()
    if name in rows.NUMBERS:
        kind = Float()
    elif name in rows.FLAGS:
        kind = Boolean()
    return Column(name, kind, nullable=name not in rows.REQUIRED)  # type: ignore[arg-type]


sites = Table(
    "sites", metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    *(_column(name) for name in rows.CONTENT),
    Column("version", Integer, ForeignKey("commits.version"), nullable=False),
    Column("updated_at", String(32), nullable=False),
    Column("updated_by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("reading", Text, nullable=False),
    Column("removed", Boolean, nullable=False),
    UniqueConstraint("id"),
    Index(None, "version"),
)
"""Every site as it is now, and the tombstone of every site that was removed: the last it was.

`seq` is the order of sites everywhere; a reinstated site comes last, as if it were new.
"""

revisions = Table(
    "revisions", metadata,
    Column("site_id", Text, ForeignKey("sites.id"), nullable=False),
    Column("version", Integer, ForeignKey("commits.version"), nullable=False),
    Column("action", Text, nullable=False),
    Column("before", Text),
    Column("after", Text),
    PrimaryKeyConstraint("site_id", "version"),
    Index(None, "version"),
)
"""What each commit did to each site it touched; never updated, never deleted. See `history`."""
