"""Taking back: a whole commit, or one site to what it was. Nothing is forgotten, both are commits of their own.

**What can be taken back.** A commit's mark on a site is what it changed there: the fields of a
change, everything of a site it created, removed or reinstated. That mark can be taken back as long
as it still stands: the fields have the values the commit gave them, however many commits of other
fields came since, and however often they were changed and changed back. Fields that mean something
only together (`TOGETHER`) stand or fall together. One site whose mark no longer stands refuses the
whole: an import is never half undone.

**What was redacted.** What was taken out of the history is gone, and the sign in its place is no value:
where a site would get the sign back, the field is left empty, unless it bears the sign already.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from geodata.registry import history, rows
from geodata.registry.database import Database
from geodata.registry.rows import Row
from geodata.registry.schema import commits, revisions
from geodata.registry.writing import (
    ALIASES,
    NAME,
    Commit,
    Held,
    Progress,
    Writer,
    check_said,
    check_version,
    chunks,
    reading_of,
    written,
)
from locator.errors import Conflict, NotThere

UNDO, REVERT = "undo", "revert"
TOGETHER = (frozenset({"lon", "lat", "source_lon", "source_lat", "source_datum", "accuracy_m"}),
            frozenset({"entrance_lon", "entrance_lat"}), frozenset({"opening_hours", "hours_text", "workday_rule"}),
            frozenset({"season_from", "season_to"}))
"""Groups of fields of which half an old and half a new value would say what nobody ever said."""

_MOST_NAMED = 5
_Record = Mapping[str, Any] | None


class Undone(NamedTuple):
    """What an undo did. `version` is the registry's afterwards."""

    version: int
    removed: int
    """Sites the undone commit had created or reinstated."""
    changed: int
    reinstated: int
    """Sites it had removed."""


class _Mark(NamedTuple):
    """What the commit to be undone did to one site."""

    before: _Record
    after: _Record


def undo(database: Database, version: int, *, who: str, why: str, at: datetime | None,
         progress: Progress | None) -> Undone:
    """See `Registry.undo`."""
    check_said(who, why)
    counts = dict.fromkeys((history.REMOVED, history.CHANGED, history.REINSTATED), 0)
    standing_no_more: list[tuple[str, str]] = []
    done = 0
    with database.writing() as connection:
        touched = _touched(connection, version)
        writer = Writer(connection, who=who, why=why, at=at, action=UNDO)
        for ids in chunks(touched):
            marks, held = _marks(connection, version, ids), writer.held(ids)
            left = _left_by(connection, version, [i for i in ids if held[i].version != version])
            old = []
            for site_id in ids:
                was, mark = held[site_id], marks[site_id]
                if site_id in left and not _stands(mark, left[site_id], was):
                    standing_no_more.append((site_id, str(was.row[NAME])))
                    continue
                action, values = _taken_back(writer, site_id, mark, was)
                counts[action] += 1
                old.append(values)
            if not standing_no_more:
                # one statement writes rows of the same columns: those that are there again, and tombstones
                for alike in (True, False):
                    writer.write([], [values for values in old if ("seq" in values) is alike])
            done += len(ids)
            if progress is not None:
                progress(done, len(touched))
        if standing_no_more:
            raise _changed_since(version, standing_no_more)
        writer.finish(undoes=version, removed=counts[history.REMOVED], changed=counts[history.CHANGED],
                      reinstated=counts[history.REINSTATED])
    return Undone(writer.version, counts[history.REMOVED], counts[history.CHANGED], counts[history.REINSTATED])


def revert(database: Database, site_id: str, version: int, *, who: str, why: str, at: datetime | None,
           expected_version: int | None) -> Commit:
    """See `Registry.revert`."""
    check_said(who, why)
    with database.writing() as connection:  # read under the lock as well: a redaction may have come in between
        writer = Writer(connection, who=who, why=why, at=at, action=REVERT)
        was, then = writer.held([site_id]).get(site_id), _left_by(connection, version, [site_id]).get(site_id)
        if was is None or then is None:
            raise NotThere("version", version, at=site_id, zh="这一版还没有这个站点，或它当时已被移除",
                           en="there was no such site at this version, or it was removed then")
        check_version(site_id, {} if expected_version is None else {site_id: expected_version}, was)
        row = rows.row_said(_without_marks(then, was.row))
        if not was.removed and row == was.row:
            connection.rollback()
            return Commit(writer.before, 0, 0, 1)
        action, values = _given(writer, site_id, row, was)
        writer.write([], [values])
        counts = {"changed": int(action == history.CHANGED), "reinstated": int(action == history.REINSTATED)}
        writer.finish(**counts)
    return Commit(writer.version, created=0, unchanged=0, **counts)


def _touched(connection: Connection, version: int) -> list[str]:
    action = connection.scalar(select(commits.c.action).where(commits.c.version == version))
    if action is None:
        raise NotThere("version", version, zh="登记库没有这个版本", en="the registry has no such version")
    if action == history.REDACTED:
        raise Conflict("version", version, zh="这一版是隐去个人信息，不能撤销", en="this version took out personal data; it cannot be undone")
    found = connection.execute(select(revisions.c.site_id).where(revisions.c.version == version).order_by(revisions.c.site_id))
    return [row.site_id for row in found]


def _marks(connection: Connection, version: int, ids: Sequence[str]) -> dict[str, _Mark]:
    found = connection.execute(select(revisions.c.site_id, revisions.c.before, revisions.c.after).where(
        revisions.c.version == version, revisions.c.site_id.in_(ids)))
    return {row.site_id: _Mark(rows.said_text(row.before), rows.said_text(row.after)) for row in found}


def _left_by(connection: Connection, version: int, ids: Sequence[str]) -> dict[str, _Record]:
    """Return, of sites that changed since, what the version left of each."""
    if not ids:
        return {}
    found = connection.execute(select(revisions.c.site_id, revisions.c.before, revisions.c.after).where(
        revisions.c.version <= version, revisions.c.site_id.in_(ids)).order_by(revisions.c.site_id, revisions.c.version))
    left: dict[str, _Record] = {}
    for site_id, told in groupby(found, lambda row: str(row.site_id)):
        record: _Record = None
        for row in told:
            record = history.laid_over(record, rows.said_text(row.before), rows.said_text(row.after))
        left[site_id] = record
    return left


def _stands(mark: _Mark, left: _Record, now: Held) -> bool:
    """Whether a site that changed since still has everything that a mark says it has."""
    if mark.after is None:
        return now.removed
    if now.removed or left is None:
        return False
    row = rows.row_said(left)
    if mark.before is None:  # created or reinstated: nothing may have been added to it
        return row == now.row
    names = set(mark.after).union(*(group for group in TOGETHER if not group.isdisjoint(mark.after)))
    return all(a == b for name, a, b in zip(rows.CONTENT, row, now.row, strict=True) if name in names)


def _taken_back(writer: Writer, site_id: str, mark: _Mark, now: Held) -> tuple[str, dict[str, Any]]:
    """Tell the revision that takes a mark back; return its action and what is to be stored."""
    if mark.before is None:
        writer.tell(site_id, history.REMOVED, rows.whole(now.row), None)
        return history.REMOVED, {"_id": site_id, "removed": True} | writer.trail()
    before = _without_marks(mark.before, now.row)
    return _given(writer, site_id, rows.row_said(before) if mark.after is None else _with(now.row, before), now)


def _given(writer: Writer, site_id: str, row: Row, now: Held) -> tuple[str, dict[str, Any]]:
    """Tell the revision that gives a site, or its tombstone, a row; return its action and what is to be stored."""
    if now.removed:
        writer.tell(site_id, history.REINSTATED, None, rows.whole(row))
    else:
        writer.tell(site_id, history.CHANGED, *rows.changes(now.row, row))
    renamed = (now.row[NAME], now.row[ALIASES]) != (row[NAME], row[ALIASES])
    values = written(row, writer.next_seq() if now.removed else now.seq, reading_of(row) if renamed else now.reading, writer.trail())
    return history.REINSTATED if now.removed else history.CHANGED, values | {"_id": site_id}


def _without_marks(said: Mapping[str, Any], now: Row) -> dict[str, Any]:
    """Return fields as a revision says them, None where they were redacted and do not bear the mark now."""
    held = dict(zip(rows.CONTENT, now, strict=True))
    return {name: None if value == history.MARK != held[name] else value for name, value in said.items()}


def _with(row: Row, said: Mapping[str, Any]) -> Row:
    """Return a row with some fields as a revision says them; absent is None there."""
    record = {**rows.whole(row), **said}
    return rows.row_said({name: value for name, value in record.items() if value is not None})


def _changed_since(version: int, sites: Sequence[tuple[str, str]]) -> Conflict:
    named = [f"{name} ({site_id})" for site_id, name in sites[:_MOST_NAMED]]
    more = len(sites) - len(named)
    return Conflict("version", version,
                    zh=f"不能整体撤销：这 {len(sites)} 个站点此后又被改动：{'、'.join(named)}" + (f"等，另有 {more} 个" if more else "")
                    + "；请先撤销那些改动，或逐个恢复；什么都没有写入",
                    en=f"cannot be undone: {len(sites)} of its sites have been changed since: {', '.join(named)}"
                    + (f" and {more} more" if more else "") + "; undo those changes first, or revert site by site; nothing was written")
