"""The registry as an atlas: everything a question needs, of one version.

Reading every row takes seconds at 200,000 sites, so what was read is kept and only what changed since
is read: in memory from the atlas before, across processes in ``snapshot.cache`` of the home. That
file is a copy that may be deleted at any time; it is used only if it was made by this program from a
version this very registry has had. It holds internal fields as the registry does, for its owner only.
"""

from __future__ import annotations

import contextlib
import io
import os
import pickle
import tempfile
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple

from geodata import areas, calendar, places, readings, vocabulary
from geodata.registry import Registry, View
from geodata.registry.database import SCHEMA
from geodata.registry.rows import BEIJING, COLUMNS
from locator.atlas import Atlas
from locator.columns import TextColumn, TextGathering
from locator.sites import FIELDS, Sites, SitesGathering
from locator.vocabulary import Vocabulary

CACHE = "snapshot.cache"

_FORMAT = (1, SCHEMA, COLUMNS, tuple((name, f.metadata["column"]) for name, f in FIELDS.items()))
_WORTH_KEEPING = 2_000
"""Rows that had to be read before it is worth writing a file to spare the next process from it."""
_FEW_SHARE = 0.2
"""Up to this share of changed rows, changing the table costs less than reading it again."""


class Table(NamedTuple):
    """The sites of one version, and how their names are read."""

    sites: Sites
    readings: TextColumn
    version: int


def atlas(registry: Registry, *, home: Path | None = None, previous: Atlas | None = None, once: bool = False) -> Atlas:
    """Return the registry's newest version as an atlas; `previous` itself if that is it already.

    Args:
        registry: Where the sites are.
        home: Where the areas and places of this installation are; None is the registry's own home.
        previous: An atlas of the same registry made before: only what changed since is read.
        once: True for a process that asks a single question (`Atlas`).

    Raises:
        Unavailable: If the registry cannot be read just now.
    """
    home = registry.home if home is None else home
    words = vocabulary.of_home(home)
    with registry.view() as view:
        version, at = view.newest()
        if previous is not None and (previous.version, previous.committed_at) == (version, at):
            return previous
        held = Table(previous.sites, previous.readings, previous.version) if previous and _is_past_of(view, previous) else None
        read = table(view, words, held, str(registry), home)
    return Atlas(read.sites, vocabulary=words, calendar=calendar.load(), readings=read.readings,
                 areas=areas.Areas.load(home).tree, places=places.load(home), version=version, committed_at=at,
                 as_of=datetime.now(BEIJING), term_readings=readings.of_vocabulary(words), previous=previous, once=once)


def as_it_was(registry: Registry, on: date | datetime, today: Atlas) -> Atlas | None:
    """Return the registry as it was at the end of a day, or at an instant; None where it had not begun.

    Vocabulary, calendar, areas and places are those of `today`. Every row is read; names are not to be searched for, as
    how they are read has no history.
    """
    with registry.view() as view:
        version = view.version(on)
        if version == 0:
            return None
        if version == today.version and view.stamp_of(version) == today.committed_at:
            return today
        sites = Sites.of(view.sites(on), today.vocabulary)
        at = view.stamp_of(version)
    return Atlas(sites, vocabulary=today.vocabulary, calendar=today.calendar, readings=TextColumn.of([""] * len(sites)), areas=today.areas,
                 places=today.places, version=version, committed_at=at, as_of=datetime.now(BEIJING), once=True)


def of_version(registry: Registry, version: int, committed_at: str | None, today: Atlas) -> Atlas | None:
    """Return the registry as `as_it_was` at one of its versions; None where it has none that was committed then."""
    with registry.view() as view:
        at = view.committed_at(version)
        if view.stamp_of(version) != committed_at:
            return None
    then = None if at is None else as_it_was(registry, at, today)
    return then if then is not None and then.version == version else None


def began(registry: Registry) -> datetime | None:
    """Return when the first version was committed; None while there is none."""
    with registry.view() as view:
        return view.committed_at(1)


def _is_past_of(view: View, atlas: Atlas) -> bool:
    """Return whether an atlas is an earlier version of what is viewed; not so after a restore."""
    return view.stamp_of(atlas.version) == atlas.committed_at


def beside(home: Path) -> tuple[int, ...]:
    """Return when each file beside the registry that an atlas is made from was last written; 0 where there is none.

    Other than the registry these have no version: a server compares, and reads anew what differs.
    """
    files = (areas.folder_of(home) / areas.TABLE, home / places.NAME, home / vocabulary.OWN)
    return tuple(file.stat().st_mtime_ns if file.exists() else 0 for file in files)


def table(view: View, words: Vocabulary, held: Table | None, name: str, home: Path | None) -> Table:
    """Return the sites of a view, reading as little as possible.

    Args:
        view: What to read.
        words: Its codes.
        held: What was read before, of the same registry.
        name: What the registry calls itself; a cache of another one is not used.
        home: Where a cache may be; None is nowhere.
    """
    base = held or (_kept(view, words, name, home) if home is not None else None)
    touched = None if base is None or base.version > view.version() else view.count_changed_since(base.version)
    if base is not None and touched == 0:
        return base._replace(version=view.version())
    if base is None or touched is None or touched > max(_WORTH_KEEPING, _FEW_SHARE * len(base.sites)):
        read, touched = _whole(view, words), view.count()
    else:
        read = _changed(view, words, base)
    if home is not None and touched >= _WORTH_KEEPING:
        _keep(read, view, name, home)
    return read


def forget(home: Path) -> None:
    """Delete what is kept of the registry's content outside it; after a restore, or when a field is redacted."""
    (home / CACHE).unlink(missing_ok=True)


def _whole(view: View, words: Vocabulary) -> Table:
    sites, read = SitesGathering(words), TextGathering()
    for block in view.blocks():
        sites.add(block)
        read.add(block["reading"])
    return Table(sites.sites(), read.column(), view.version())


def _changed(view: View, words: Vocabulary, base: Table) -> Table:
    changed, removed = view.changed_since(base.version)
    dropped = [*removed, *view.reinstated_since(base.version)]  # a reinstated site has moved to the end
    ids = [site.id for site in changed]
    read_as = view.readings_of(ids)
    rows = base.sites.rows_after(ids, dropped=dropped)
    read = base.readings.followed_by(TextColumn.of([read_as[i] for i in ids])).take(rows)
    return Table(base.sites.with_changes(changed, words, dropped=dropped), read, view.version())


# --- kept across processes --------------------------------------------------------------------------


def _key(words: Vocabulary, name: str) -> tuple[Any, ...]:
    return (*_FORMAT, tuple(words.terms("facility")), name)


def _kept(view: View, words: Vocabulary, name: str, home: Path) -> Table | None:
    try:
        with (home / CACHE).open("rb") as file:
            key, version, at = _Plain(file).load()
            if key != _key(words, name) or view.committed_at(version) != at:
                return None
            sites, read = _Plain(file).load()
    except Exception:  # noqa: BLE001 - whatever is wrong with a copy, the registry is the truth
        return None
    return Table(sites, read, version)


def _keep(read: Table, view: View, name: str, home: Path) -> None:
    key = (*_FORMAT, read.sites.facility_codes, name)
    with contextlib.suppress(OSError):  # a full or read-only disk must not keep anybody from an answer
        number, unfinished = tempfile.mkstemp(dir=home, prefix=CACHE)  # readable by its owner only
        try:
            with open(number, "wb") as file:  # noqa: PTH123 - a descriptor, not a path
                pickle.dump((key, read.version, view.committed_at(read.version)), file, protocol=5)
                pickle.dump((read.sites, read.readings), file, protocol=5)
                file.flush()
                os.fsync(file.fileno())
            Path(unfinished).replace(home / CACHE)
        except BaseException:
            Path(unfinished).unlink(missing_ok=True)
            raise


class _Plain(pickle.Unpickler):
    """Reads columns and nothing else: a file that names any other code is refused."""

    _ALLOWED = frozenset({
        ("locator.sites", "Sites"), ("locator.sites", "Slot"), ("locator.sites", "Timetable"),
        ("locator.columns", "TextColumn"), ("locator.columns", "CodedColumn"),
        ("datetime", "date"), ("datetime", "datetime"), ("datetime", "timezone"), ("datetime", "timedelta"),
        ("numpy", "ndarray"), ("numpy", "dtype"), ("numpy._core.numeric", "_frombuffer"),
        ("numpy._core.multiarray", "_reconstruct"),
    })

    def __init__(self, file: io.BufferedReader) -> None:
        super().__init__(file)

    def find_class(self, module: str, name: str) -> Any:
        """Return one of the few classes that columns are made of."""
        if (module, name) not in self._ALLOWED:
            raise pickle.UnpicklingError(f"{module}.{name} is no part of a table")
        return super().find_class(module, name)
