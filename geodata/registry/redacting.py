"""Taking what is said of a person out of the whole history, leaving the trace that it was done.

The one change of the past there is. A value is replaced by a mark in every revision and in the record
as it is now, so revisions add up as before. The trace is a commit of its own, with who, when, why,
which field and which revisions, and never the value; it cannot be undone. Afterwards the database
file is written anew, so that no freed page keeps the value. Backups taken before still hold it.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, select, update

from geodata.registry import history, rows
from geodata.registry.database import Database
from geodata.registry.schema import commits, revisions, sites
from geodata.registry.writing import Writer, check_said
from locator.errors import BadValue, NotThere

MARK, REDACT = history.MARK, history.REDACTED
FIELDS = ("manager", "manager_phone", "phone", "verified_by", "entry_note", "directions", "hours_text", "address", "host_brand",
          "source", "source_id")
"""Fields of a record that may say something of a person, as plain text."""
TRAIL = {"updated_by": "who", "reason": "why"}
"""Fields that a commit writes on its sites, and where the commit has them: taken out of every commit that touched the site."""


class Redacted(NamedTuple):
    """What was taken out, and where."""

    version: int
    """The registry's, afterwards."""
    versions: tuple[int, ...]
    """In the revisions of which the field held something."""
    cleaned: bool
    """The file was written anew; False where others kept it busy, and for a server."""


def redact(database: Database, site_id: str, field: str, *, who: str, why: str, at: datetime | None) -> Redacted:
    """See `Registry.redact`."""
    check_said(who, why)
    if field not in (*FIELDS, *TRAIL):
        raise BadValue("field", field, zh=f"应为 {'、'.join((*FIELDS, *TRAIL))} 之一", en=f"must be one of {', '.join((*FIELDS, *TRAIL))}")
    with database.writing() as connection:
        writer = Writer(connection, who=who, why=why, at=at, action=REDACT)
        held = writer.held([site_id]).get(site_id)
        if held is None:
            raise NotThere("id", site_id, zh="没有这个站点", en="there is no such site")
        versions = _of_trail(connection, site_id, field) if field in TRAIL else _of_record(connection, site_id, field)
        if not versions:
            raise NotThere("field", field, at=site_id, zh="这个站点从未有过此项内容，或已隐去",
                           en="this site never had anything there, or it is redacted already")
        if not held.removed:
            mark = {field: MARK if field in FIELDS and held.row[rows.CONTENT.index(field)] is not None else None}
            writer.tell(site_id, REDACT, mark, mark)
            writer.write([], [{"_id": site_id, **writer.trail()}])
        connection.execute(update(commits).where(commits.c.version == writer.version).values(
            summary=json.dumps({"redacted": len(versions), "site": site_id, "field": field, "revisions": versions})))
    return Redacted(writer.version, tuple(versions), _cleaned(database))


def _of_record(connection: Connection, site_id: str, field: str) -> list[int]:
    """Replace a field in every revision of a site and in its record; return the versions that had it."""
    found = []
    for row in connection.execute(select(revisions.c.version, revisions.c.before, revisions.c.after).where(
            revisions.c.site_id == site_id).order_by(revisions.c.version)).all():
        sides = [rows.said_text(row.before), rows.said_text(row.after)]
        if any(side is not None and side.get(field) not in (None, MARK) for side in sides):
            found.append(int(row.version))
            before, after = (rows.json_text(_marked(side, field)) for side in sides)
            connection.execute(update(revisions).where(revisions.c.site_id == site_id, revisions.c.version == row.version).values(
                before=before, after=after))
    connection.execute(update(sites).where(sites.c.id == site_id, sites.c[field].is_not(None)).values({field: MARK}))
    return found


def _marked(side: Mapping[str, Any] | None, field: str) -> dict[str, Any] | None:
    if side is None:
        return None
    return {name: MARK if name == field and value is not None else value for name, value in side.items()}


def _of_trail(connection: Connection, site_id: str, field: str) -> list[int]:
    """Replace who made, or why, every commit that touched a site, on all the sites it touched; return the commits."""
    said = commits.c[TRAIL[field]]
    touching = select(revisions.c.version).where(revisions.c.site_id == site_id)
    found = [int(version) for version in connection.scalars(
        select(commits.c.version).where(commits.c.version.in_(touching), said != MARK, commits.c.action != REDACT).order_by(commits.c.version))]
    for some in _some(found):
        connection.execute(update(commits).where(commits.c.version.in_(some)).values({TRAIL[field]: MARK}))
        connection.execute(update(sites).where(sites.c.version.in_(some)).values({field: MARK}))
    return found


def _some(versions: list[int]) -> Iterable[list[int]]:
    return (versions[start:start + 500] for start in range(0, len(versions), 500))


def _cleaned(database: Database) -> bool:
    """Write a SQLite file anew, without the pages that were freed, and empty the log beside it."""
    if database.path is None:
        return False
    try:
        with closing(sqlite3.connect(database.path, timeout=10, isolation_level=None)) as connection:
            connection.execute("PRAGMA secure_delete = ON")
            connection.execute("VACUUM")
    except sqlite3.OperationalError:  # somebody reads or writes for long: what was asked for is done all the same
        return False
    return database.settle()
