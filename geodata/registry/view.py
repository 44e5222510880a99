# ruff: noqa: S608 - only our own names of columns, and question marks, are put into SQL
"""The registry as it stands at one instant of reading: every answer of a view is of the same version."""

from __future__ import annotations

import heapq
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from geodata.registry import history, rows
from geodata.registry.database import Reading
from geodata.registry.history import Revision
from locator.sites import Site

_COLUMNS = ", ".join(rows.COLUMNS)
_REVISIONS = ("SELECT r.version, r.site_id, c.at, c.who, c.why, r.action, r.before, r.after "
              "FROM revisions r JOIN commits c ON c.version = r.version ")
_MOST_ASKED = 500


class Changes(NamedTuple):
    """What happened to sites after some version."""

    sites: list[Site]
    """Those that changed or came, as they are now, in the registry's order."""
    removed: list[str]
    """Ids of those that are gone."""


class Committed(NamedTuple):
    """One version: what was done to the whole registry at once."""

    version: int
    at: datetime
    who: str
    why: str
    action: str
    """change, import, remove, reinstate, undo, revert, ..."""
    summary: Mapping[str, Any]
    """How many sites were created, changed, removed, reinstated; `undoes` is the version an undo took back.

    Of a redaction: `redacted` revisions, of which `site`, `field`, at which `revisions`.
    """


class View:
    """One consistent reading of the registry."""

    def __init__(self, reading: Reading) -> None:
        """Read through an open snapshot."""
        self._reading = reading

    def version(self, on: date | datetime | None = None) -> int:
        """Return the newest version; with `on`, the newest there was at that instant or at the end of that day.

        A day is a day in Beijing, and so is a time without an offset. 0 is the empty registry.
        """
        if on is None:
            return int(self._only("SELECT coalesce(max(version), 0) FROM commits"))
        return int(self._only("SELECT coalesce(max(version), 0) FROM commits WHERE at <= ?", rows.stamp(_end(on))))

    def newest(self) -> tuple[int, str | None]:
        """Return the newest version and when it was committed, as stored: (0, None) while there is none.

        A number alone does not tell a registry from one that was restored from a backup; both together do.
        """
        found = self._reading.one("SELECT version, at FROM commits ORDER BY version DESC LIMIT 1")
        return (0, None) if found is None else (int(found[0]), str(found[1]))

    def _only(self, sql: str, *parameters: object) -> Any:
        row = self._reading.one(sql, *parameters)
        return row[0] if row else None

    def committed_at(self, version: int) -> datetime | None:
        """Return when a version was committed; None if there is no such version."""
        at = self.stamp_of(version)
        return None if at is None else rows.instant(at)

    def commits(self, *, most: int = 20, before: int | None = None) -> list[Committed]:
        """Return the newest versions, newest first; with `before`, those older than that version."""
        found = self._reading.rows("SELECT version, at, who, why, action, summary FROM commits "
                                   "WHERE version < ? ORDER BY version DESC LIMIT ?", before or 1 << 62, most)
        return [Committed(version, rows.instant(at), who, why, action, json.loads(summary))
                for version, at, who, why, action, summary in found]

    def stamp_of(self, version: int) -> str | None:
        """Return the same as it is stored."""
        at = self._only("SELECT at FROM commits WHERE version = ?", version)
        return None if at is None else str(at)

    def count(self) -> int:
        """Return how many sites there are, tombstones apart."""
        return int(self._only("SELECT count(*) FROM sites WHERE NOT removed"))

    def has_demo(self) -> bool:
        """Say whether any site is a demonstration record."""
        return self._only("SELECT 1 FROM sites WHERE demo AND NOT removed LIMIT 1") is not None

    # --- whole --------------------------------------------------------------------------------------

    def sites(self, on: date | datetime | None = None) -> Iterator[Site]:
        """Return every site that is not removed, in the registry's order; with `on`, as it was then."""
        if on is None:
            return map(rows.site_of, self._reading.rows(f"SELECT {_COLUMNS} FROM sites WHERE NOT removed ORDER BY seq"))
        return self._sites_at(self.version(on))

    def removed(self) -> Iterator[Site]:
        """Return every site that was removed, as it last was; its version is that of its removal."""
        return map(rows.site_of, self._reading.rows(f"SELECT {_COLUMNS} FROM sites WHERE removed ORDER BY seq"))

    def blocks(self) -> Iterator[dict[str, Sequence[Any]]]:
        """Return every site that is not removed by column, a few thousand at a time: `rows.block_of`."""
        counts = ", ".join(f"count({name})" for name in rows.COLUMNS)
        counted = self._reading.one(f"SELECT {counts} FROM sites WHERE NOT removed") or ()
        # fetching a NULL costs as much as fetching a text, and many a field is never stated
        stated = [name for name, count in zip(rows.COLUMNS, counted, strict=True) if count] or ["id"]
        found = self._reading.blocks(f"SELECT {', '.join(stated)} FROM sites WHERE NOT removed ORDER BY seq")
        return (rows.block_of(block, stated) for block in found)

    def _sites_at(self, version: int) -> Iterator[Site]:
        unchanged = self._reading.rows(
            f"SELECT seq, {_COLUMNS} FROM sites WHERE NOT removed AND version <= ? ORDER BY seq", version)
        since = self._reading.rows(
            "SELECT s.seq, r.version, r.site_id, c.at, c.who, c.why, r.action, r.before, r.after "
            "FROM sites s JOIN revisions r ON r.site_id = s.id JOIN commits c ON c.version = r.version "
            "WHERE s.version > ? AND r.version <= ? ORDER BY s.seq, r.version", version, version)
        changed = ((seq, _as_left([_revision(row[1:]) for row in group])) for seq, group in groupby(since, itemgetter(0)))
        for _, site in heapq.merge(((row[0], rows.site_of(row[1:])) for row in unchanged), changed, key=itemgetter(0)):
            if site is not None:
                yield site

    # --- one ----------------------------------------------------------------------------------------

    def keyed(self, *, station_code: str | None = None, source: str | None = None, source_id: str | None = None) -> list[str]:
        """Return the ids of the sites that have a station code, or a source's own number; tombstones apart."""
        if station_code is not None:
            return [row[0] for row in self._reading.rows("SELECT id FROM sites WHERE station_code = ? AND NOT removed", station_code)]
        if source_id is None:
            return []
        # one source, or none stated: NULL is equal to nothing
        found = self._reading.rows("SELECT id FROM sites WHERE source_id = ? AND coalesce(source, '') = ? AND NOT removed",
                                   source_id, source or "")
        return [row[0] for row in found]

    def site(self, site_id: str, on: date | datetime | None = None) -> Site | None:
        """Return one site, None if there is or was none; with `on`, as it was then."""
        if on is not None:
            return self.site_at(site_id, self.version(on))
        row = self._reading.one(f"SELECT {_COLUMNS} FROM sites WHERE id = ? AND NOT removed", site_id)
        return None if row is None else rows.site_of(row)

    def site_at(self, site_id: str, version: int) -> Site | None:
        """Return one site as a version of the registry left it, None if there was none."""
        return _as_left([r for r in self.history(site_id) if r.version <= version])

    def history(self, site_id: str) -> list[Revision]:
        """Return all that happened to a site, oldest first; empty if there never was one of this id."""
        found = self._reading.rows(_REVISIONS + "WHERE r.site_id = ? ORDER BY r.version", site_id)
        return list(map(_revision, found))

    def histories(self) -> Iterator[tuple[str, list[Revision]]]:
        """Return every site id with its revisions, oldest first."""
        found = map(_revision, self._reading.rows(_REVISIONS + "ORDER BY r.site_id, r.version"))
        return ((site_id, list(group)) for site_id, group in groupby(found, lambda r: r.site_id))

    # --- what changed -------------------------------------------------------------------------------

    def changed_since(self, version: int) -> Changes:
        """Return the sites that changed after a version, and the ids of those removed after it."""
        found = self._reading.rows(
            f"SELECT {_COLUMNS} FROM sites WHERE version > ? AND NOT removed ORDER BY seq", version)
        removed = self._reading.rows("SELECT id FROM sites WHERE version > ? AND removed ORDER BY seq", version)
        return Changes(list(map(rows.site_of, found)), [row[0] for row in removed])

    def count_changed_since(self, version: int) -> int:
        """Return how many sites changed, came or went after a version."""
        return int(self._only("SELECT count(*) FROM sites WHERE version > ?", version))

    def reinstated_since(self, version: int) -> list[str]:
        """Return the ids of sites reinstated after a version: they have moved to the end of the order."""
        return [row[0] for row in self._reading.rows(
            "SELECT DISTINCT site_id FROM revisions WHERE version > ? AND action = ?", version, history.REINSTATED)]

    def readings_of(self, site_ids: Iterable[str]) -> dict[str, str]:
        """Return how the names of some sites are read, by id."""
        found: dict[str, str] = {}
        waiting = list(site_ids)
        for start in range(0, len(waiting), _MOST_ASKED):
            some = waiting[start:start + _MOST_ASKED]
            marks = ", ".join("?" * len(some))
            found.update(self._reading.rows(f"SELECT id, reading FROM sites WHERE id IN ({marks})", *some))
        return found

    def raw(self, sql: str) -> Iterator[tuple[Any, ...]]:
        """Return the rows of a query of ours; for `checking` and for reports."""
        return self._reading.rows(sql)

    def damage(self) -> list[str]:
        """Return what the database itself finds wrong with its file; a server looks after itself."""
        return self._reading.damage()


def _end(on: date | datetime) -> datetime:
    if not isinstance(on, datetime):
        return datetime.combine(on, time.max, rows.BEIJING)
    return on if on.tzinfo is not None else on.replace(tzinfo=rows.BEIJING)


def _revision(row: tuple[Any, ...]) -> Revision:
    version, site_id, at, who, why, action, before, after = row
    return Revision(version, site_id, rows.instant(at), who, why, action, rows.said_text(before), rows.said_text(after))


def _as_left(revisions: Sequence[Revision]) -> Site | None:
    record = history.added_up(revisions)
    if record is None:
        return None
    last = revisions[-1]
    return rows.site_of((*rows.row_said(record), last.version, rows.stamp(last.at), last.who, last.why))
