"""Writing the registry: every change is one commit, one version, one revision a site touched.

The only importer of SQLAlchemy's Core beside `schema`; reached when something is written, not before.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Connection, Insert, Update, bindparam, func, insert, select, update

from geodata import readings
from geodata.registry import history, rows
from geodata.registry.database import Database
from geodata.registry.rows import Row
from geodata.registry.schema import commits, revisions, sites
from locator.errors import BadTime, BadValue, Conflict, NotThere
from locator.sites import Site

Progress = Callable[[int, int], None]
Item = TypeVar("Item")

_CHUNK = 500
_CONTENT = [sites.c[name] for name in rows.CONTENT]
NAME, ALIASES = rows.CONTENT.index("name"), rows.CONTENT.index("aliases")


class Commit(NamedTuple):
    """What a commit did. `version` is the registry's afterwards; unchanged if nothing was new."""

    version: int
    created: int
    changed: int
    unchanged: int
    reinstated: int = 0


@dataclass(frozen=True, slots=True)
class Held:
    """A site as the database holds it; a tombstone's row is the last it was."""

    seq: int
    version: int
    removed: bool
    reading: str
    row: Row


class Writer:
    """One commit under way: holds the lock, the new version, and who, when and why."""

    def __init__(self, connection: Connection, *, who: str, why: str, at: datetime | None, action: str) -> None:
        self.connection = connection
        self.who, self.why = who, why
        last = connection.execute(select(commits.c.version, commits.c.at).order_by(commits.c.version.desc())).first()
        self.before = last.version if last else 0
        self.version = self.before + 1
        self.stamp = _stamp(at, last.at if last else "")
        self._next_seq = (connection.scalar(select(func.max(sites.c.seq))) or 0) + 1
        self._told: list[dict[str, Any]] = []
        # the rows that follow refer to it
        connection.execute(insert(commits).values(version=self.version, at=self.stamp, who=who, why=why, action=action,
                                                  summary="{}"))

    def held(self, ids: Sequence[str]) -> dict[str, Held]:
        """Return the sites of at most a chunk of ids as they are, tombstones too."""
        query = select(sites.c.seq, sites.c.version, sites.c.removed, sites.c.reading, *_CONTENT)
        found = self.connection.execute(query.where(sites.c.id.in_(ids)))
        return {row.id: Held(row[0], row[1], bool(row[2]), row[3], tuple(row[4:])) for row in found}

    def trail(self) -> dict[str, Any]:
        """Return what this commit writes on every site it touches."""
        return {"version": self.version, "updated_at": self.stamp, "updated_by": self.who, "reason": self.why}

    def next_seq(self) -> int:
        """Return the next place in the order."""
        self._next_seq += 1
        return self._next_seq - 1

    def tell(self, site_id: str, action: str, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> None:
        """Record a revision; written with the chunk."""
        self._told.append({"site_id": site_id, "version": self.version, "action": action,
                           "before": rows.json_text(before), "after": rows.json_text(after)})

    def write(self, new: Sequence[Mapping[str, Any]], old: Sequence[Mapping[str, Any]]) -> None:
        """Write a chunk of new rows, changed rows (with ``_id``) and their revisions."""
        if new:
            _many(self.connection, insert(sites), new)
        if old:
            _many(self.connection, _update(tuple(old[0])), old)
        if self._told:
            _many(self.connection, insert(revisions), self._told)
            self._told = []

    def finish(self, **summary: int) -> None:
        """Say in one line what was done."""
        text = json.dumps({name: count for name, count in summary.items() if count})
        self.connection.execute(update(commits).where(commits.c.version == self.version).values(summary=text))


def _many(connection: Connection, statement: Insert | Update, values: Sequence[Mapping[str, Any]]) -> None:
    """Run one statement for many rows of plain driver values: half the time of SQLAlchemy's own way."""
    compiled = statement.compile(dialect=connection.dialect, column_keys=list(values[0]))
    names = getattr(compiled, "positiontup", None)
    plain = values if names is None else [tuple([row[name] for name in names]) for row in values]
    connection.exec_driver_sql(str(compiled), plain)


def _update(names: tuple[str, ...]) -> Update:
    return update(sites).where(sites.c.id == bindparam("_id")).values(
        {name: bindparam(name) for name in names if name != "_id"})


def _stamp(at: datetime | None, last: str) -> str:
    """Return when a commit happens; commits never go back in time, even if the clock does."""
    if at is None:
        return max(rows.stamp(datetime.now(UTC)), last)
    stamp = rows.stamp(at if at.tzinfo is not None else at.replace(tzinfo=rows.BEIJING))
    if stamp < last:
        raise BadTime("at", at.isoformat(), zh=f"早于登记库的上一次改动 {last}", en=f"is before the registry's last change {last}")
    return stamp


def check_said(who: str, why: str) -> None:
    """Refuse a change that does not say who and why."""
    for name, said in (("who", who), ("why", why)):
        if not said.strip():
            raise BadValue(name, said, zh="每次改动都要写明是谁、为什么", en="every change must say who and why")


def check_version(site_id: str, expected: Mapping[str, int], held: Held | None) -> None:
    """Refuse a site that is not at the version its change was made from."""
    now = 0 if held is None else held.version
    if site_id in expected and expected[site_id] != now:
        raise Conflict("version", expected[site_id], at=site_id,
                       zh=f"这条记录已被别人改动（现为第 {now} 版）；请重新打开再改",
                       en=f"somebody else has changed this record (now version {now}); open it again and redo your change")


def chunks(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    """Return items a few hundred at a time: as many as a statement may name."""
    return (items[start:start + _CHUNK] for start in range(0, len(items), _CHUNK))


def reading_of(row: Row) -> str:
    """Return how the site of a row is read."""
    aliases = json.loads(row[ALIASES]) if row[ALIASES] else ()
    return readings.of_names(row[NAME], aliases)


def commit(database: Database, records: Iterable[Site], *, who: str, why: str, at: datetime | None, action: str,
           expected_versions: Mapping[str, int], progress: Progress | None) -> Commit:
    """See `Registry.commit`."""
    check_said(who, why)
    wanted: dict[str, Row] = {}
    for site in records:  # read to its end before the lock is taken: it may be slow, and it may raise
        row = rows.row_of(site)
        if wanted.setdefault(site.id, row) != row:
            raise BadValue("id", site.id, zh="同一次提交里这个编号出现两次，内容不同",
                           en="occurs twice in one commit, with different content")
    created = changed = unchanged = reinstated = done = 0
    with database.writing() as connection:
        writer = Writer(connection, who=who, why=why, at=at, action=action)
        trail = writer.trail()
        for chunk in chunks(list(wanted.items())):
            held = writer.held([site_id for site_id, _ in chunk])
            new, old = [], []
            for site_id, row in chunk:
                was = held.get(site_id)
                check_version(site_id, expected_versions, was)
                if was is None:
                    created += 1
                    writer.tell(site_id, history.CREATED, None, rows.whole(row))
                    new.append(written(row, writer.next_seq(), reading_of(row), trail))
                    continue
                if was.removed:
                    reinstated += 1
                    writer.tell(site_id, history.REINSTATED, None, rows.whole(row))
                elif was.row == row:
                    unchanged += 1
                    continue
                else:
                    changed += 1
                    writer.tell(site_id, history.CHANGED, *rows.changes(was.row, row))
                renamed = (was.row[NAME], was.row[ALIASES]) != (row[NAME], row[ALIASES])
                old.append(written(row, writer.next_seq() if was.removed else was.seq,
                                    reading_of(row) if renamed else was.reading, trail) | {"_id": site_id})
            writer.write(new, old)
            done += len(chunk)
            if progress is not None:
                progress(done, len(wanted))
        if not created + changed + reinstated:
            connection.rollback()
            return Commit(writer.before, 0, 0, unchanged)
        writer.finish(created=created, changed=changed, reinstated=reinstated)
    return Commit(writer.version, created, changed, unchanged, reinstated)


def written(row: Row, seq: int, reading: str, trail: Mapping[str, Any]) -> dict[str, Any]:
    """Return all that is stored of a site that is there."""
    return {**dict(zip(rows.CONTENT, row, strict=True)), **trail, "seq": seq, "reading": reading, "removed": False}


def remove(database: Database, ids: Iterable[str], *, who: str, why: str, at: datetime | None,
           expected_versions: Mapping[str, int]) -> int:
    """See `Registry.remove`."""
    check_said(who, why)
    removed = 0
    with database.writing() as connection:
        writer = Writer(connection, who=who, why=why, at=at, action=history.REMOVED)
        for chunk in chunks(list(dict.fromkeys(ids))):
            held = writer.held(chunk)
            old = []
            for site_id in chunk:
                was = _known(held, site_id)
                check_version(site_id, expected_versions, was)
                if not was.removed:
                    removed += 1
                    writer.tell(site_id, history.REMOVED, rows.whole(was.row), None)
                    old.append({"_id": site_id, "removed": True} | writer.trail())
            writer.write([], old)
        if not removed:
            connection.rollback()
            return 0
        writer.finish(removed=removed)
    return removed


def reinstate(database: Database, ids: Iterable[str], *, who: str, why: str, at: datetime | None) -> int:
    """See `Registry.reinstate`."""
    check_said(who, why)
    reinstated = 0
    with database.writing() as connection:
        writer = Writer(connection, who=who, why=why, at=at, action=history.REINSTATED)
        for chunk in chunks(list(dict.fromkeys(ids))):
            held = writer.held(chunk)
            old = []
            for site_id in chunk:
                was = _known(held, site_id)
                if was.removed:
                    reinstated += 1
                    writer.tell(site_id, history.REINSTATED, None, rows.whole(was.row))
                    old.append({"_id": site_id, "removed": False, "seq": writer.next_seq()} | writer.trail())
            writer.write([], old)
        if not reinstated:
            connection.rollback()
            return 0
        writer.finish(reinstated=reinstated)
    return reinstated


def _known(held: Mapping[str, Held], site_id: str) -> Held:
    if site_id not in held:
        raise NotThere("id", site_id, zh="没有这个站点", en="there is no such site")
    return held[site_id]
