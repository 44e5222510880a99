# ruff: noqa: S608 - only our own conditions and question marks are put into SQL
"""What an import would do, row by row: kept beside the uploaded file for pages to leaf through, and to commit.

A preview is an SQLite file, made whole by one reading of the upload and only read afterwards. What is
committed is what it shows: the records themselves are in it, with the version each was laid over.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, Self

from geodata import whole
from geodata.registry import rows
from locator.sites import Site

FILE = "preview.sqlite"
NEW, CHANGED, UNCHANGED, ERROR = FATES = ("new", "changed", "unchanged", "error")
WAITING = "waiting"
"""What becomes of a row; one waits while the file's datum is undecided."""
ALL, WARNING, DUPLICATE = "all", "warning", "duplicate"
TABS = (ALL, *FATES, WARNING, DUPLICATE)

_SCHEMA = """
CREATE TABLE about (name TEXT PRIMARY KEY, said TEXT NOT NULL);
CREATE TABLE rows (n INTEGER PRIMARY KEY, line INTEGER NOT NULL, shown TEXT NOT NULL, fate TEXT NOT NULL, site_id TEXT, name TEXT NOT NULL,
    kind TEXT, lon REAL, lat REAL, warnings INTEGER NOT NULL, asks INTEGER NOT NULL, expected INTEGER, record TEXT, before TEXT, after TEXT,
    cells TEXT, faults TEXT, matches TEXT);
CREATE INDEX by_fate ON rows (fate, n);
"""
_CONDITIONS: Mapping[str, str] = {ALL: "1", WARNING: "warnings", DUPLICATE: "asks", **{fate: f"fate = '{fate}'" for fate in FATES}}
_NEVER = "1970-01-01T00:00:00+00:00"
"""When a record was changed that is still to be committed; the commit says when."""
_SHOWN = "n, line, shown, fate, site_id, name, kind, lon, lat, asks, before, after, cells, faults, matches"


@dataclass(slots=True)
class PreviewRow:
    """One row of the file, and what becomes of it."""

    n: int
    line: int
    """As decisions and corrections name it."""
    shown: str
    """As people see it."""
    fate: str
    site_id: str | None
    name: str
    kind: str | None
    lon: float | None
    """WGS-84."""
    lat: float | None
    asks: bool
    """Whether it may be a site we already have, and nobody has said."""
    before: Mapping[str, Any] | None = None
    """Of a change: the fields that differ, as they are now."""
    after: Mapping[str, Any] | None = None
    """The same fields as they would be."""
    cells: Sequence[str] = ()
    """Of a row with faults: its cells as texts."""
    faults: Sequence[Mapping[str, Any]] = field(default_factory=list)
    """Errors and warnings (`level`), as `jobs.refusal_said` gives them."""
    matches: Sequence[Mapping[str, Any]] = field(default_factory=list)
    """What it may be: site_id or other_line, name, verdict, distance_m, reasons, lon, lat, decided."""


class Written(NamedTuple):
    """One row to be written into a preview."""

    row: PreviewRow
    expected: int | None
    site: Site | None


def write(folder: Path, written: Sequence[Written], about: Mapping[str, Any]) -> None:
    """Make the preview of a folder, whole; an earlier one is replaced."""
    with whole.written(folder / FILE) as unfinished:
        os.close(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        with closing(sqlite3.connect(unfinished)) as connection, connection:
            connection.executescript(_SCHEMA)
            connection.executemany("INSERT INTO about VALUES (?, ?)", [(name, _packed(said)) for name, said in about.items()])
            connection.executemany(f"INSERT INTO rows VALUES ({', '.join('?' * 18)})", map(_values, written))


def _values(one: Written) -> tuple[Any, ...]:
    row = one.row
    record = None if one.site is None else rows.json_text(rows.whole(rows.row_of(one.site)))
    return (row.n, row.line, row.shown, row.fate, row.site_id, row.name, row.kind, row.lon, row.lat,
            sum(fault["level"] == WARNING for fault in row.faults), row.asks, one.expected, record,
            *(_packed(said) if said else None for said in (row.before, row.after, row.cells, row.faults, row.matches)))


class Preview:
    """Reads one preview."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Read through a connection; use `open`."""
        self._connection = connection
        self._about = {name: json.loads(said) for name, said in connection.execute("SELECT name, said FROM about")}

    @classmethod
    def open(cls, folder: Path) -> Preview | None:
        """Open the preview of a folder; None where there is none."""
        path = folder / FILE
        if not path.exists():
            return None
        return cls(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, check_same_thread=False))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def about(self, name: str) -> Any:
        """Return something said of the whole: revision, rows, datum, evidence, headers, targets, faults, drawn, grant."""
        return self._about.get(name)

    def counts(self) -> dict[str, int]:
        """Return how many rows each of `TABS` has."""
        columns = ", ".join(f"coalesce(sum({condition} <> 0), 0)" for condition in _CONDITIONS.values())
        return dict(zip(_CONDITIONS, self._connection.execute(f"SELECT {columns} FROM rows").fetchone(), strict=True))

    def page(self, tab: str, *, text: str = "", offset: int = 0, limit: int = 50) -> tuple[int, list[PreviewRow]]:
        """Return how many rows there are under a tab with `text` in their name or number, and some of them in the file's order."""
        where = f"({_CONDITIONS[tab]}) AND (? = '' OR instr(lower(name), lower(?)) OR shown = ? OR site_id = ?)"
        asked = (text,) * 4
        total = self._connection.execute(f"SELECT count(*) FROM rows WHERE {where}", asked).fetchone()[0]
        found = self._connection.execute(f"SELECT {_SHOWN} FROM rows WHERE {where} ORDER BY n LIMIT ? OFFSET ?", (*asked, limit, offset))
        return int(total), [_row(values) for values in found]

    def every(self, tab: str) -> Iterator[PreviewRow]:
        """Return every row under a tab, in the file's order."""
        return map(_row, self._connection.execute(f"SELECT {_SHOWN} FROM rows WHERE {_CONDITIONS[tab]} ORDER BY n"))

    def points(self) -> list[tuple[int, float, float, str, int]]:
        """Return number, WGS-84 pair, fate and whether it asks of every row that has a place."""
        return self._connection.execute("SELECT n, lon, lat, fate, asks FROM rows WHERE lon IS NOT NULL AND lat IS NOT NULL ORDER BY n").fetchall()

    def row(self, n: int) -> PreviewRow | None:
        """Return one row by its number."""
        found = self._connection.execute(f"SELECT {_SHOWN} FROM rows WHERE n = ?", (n,)).fetchone()
        return None if found is None else _row(found)

    def changes(self) -> tuple[list[Site], dict[str, int]]:
        """Return the records to be committed, new and changed ones, and the version each was laid over (0: none)."""
        sites, expected = [], {}
        for record, version in self._connection.execute(f"SELECT record, expected FROM rows WHERE fate IN ('{NEW}', '{CHANGED}') ORDER BY n"):
            said = rows.said_text(record) or {}
            sites.append(rows.site_of((*rows.row_said(said), 0, _NEVER, "", "")))
            expected[sites[-1].id] = version
        return sites, expected


def _row(values: Sequence[Any]) -> PreviewRow:
    said = dict(zip(_SHOWN.split(", "), values, strict=True))
    for name in ("before", "after", "cells", "faults", "matches"):
        said[name] = json.loads(said[name]) if said[name] is not None else None if name in ("before", "after") else []
    return PreviewRow(**{**said, "asks": bool(said["asks"])})


def _packed(said: Any) -> str:
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"), default=str)
