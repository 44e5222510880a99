"""An older registry brought to this program's schema: backed up first, then changed as a whole or not at all."""

from __future__ import annotations

from pathlib import Path

from geodata import backup
from geodata.registry.database import SCHEMA, Database


def due(database: Database) -> bool:
    """Say whether there is a registry with an older schema.

    Raises:
        Unavailable: If it cannot be read.
    """
    found = database.schema()
    return found is not None and found < SCHEMA


def upgrade(home: Path, database: Database) -> Path | None:
    """Back up, then migrate in one transaction; idempotent.

    Returns:
        The backup; None where nothing was due, or a server keeps the registry: its own tools back it up.

    Raises:
        NotBuilt: If it was written by a newer program.
        Unavailable: If it cannot be backed up or written; then it is as it was.
    """
    if not due(database):
        return None
    kept = None
    if database.path is not None:
        kept = home / backup.FOLDER / backup.stamped(f"before-{SCHEMA}")
        backup.write(kept, home, database)
    database.migrate()
    return kept
