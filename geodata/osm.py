"""OpenStreetMap extracts (.osm.pbf and its kin): tagged nodes and ways with their points, read through osmium.

Relations are passed over. Points are WGS-84, as all of OpenStreetMap is; the data is © OpenStreetMap
contributors, under the ODbL: whoever shows it says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from locator.arrays import LonLat
from locator.errors import BadFile

SUFFIXES = (".pbf", ".osm", ".osm.bz2", ".osm.gz")
CREDIT = "© OpenStreetMap contributors (ODbL)"
_UNSTATED = 1970
"""The year of a change whose time a file does not hold."""


class Feature(NamedTuple):
    """One node or way."""

    id: int
    tags: Mapping[str, str]
    nodes: tuple[int, ...]
    """The ids of a way's nodes; () for a node."""
    lonlat: LonLat
    """(m, 2): of a way its nodes' points, of a node its own."""

    @property
    def is_way(self) -> bool:
        """Whether it is a way."""
        return bool(self.nodes)


class Way(NamedTuple):
    """One way, with the nodes that lie within the extract."""

    tags: Mapping[str, str]
    runs: tuple[list[tuple[int, float, float]], ...]
    """Stretches of two nodes or more, each (id, lon, lat), that follow each other without one missing."""
    changed_on: date | None
    """When it was last changed, where the file says."""


def is_extract(path: Path) -> bool:
    """Whether a file is named like an extract of OpenStreetMap."""
    return path.name.lower().endswith(SUFFIXES)


def features(path: Path, *keys: str) -> Iterator[Feature]:
    """Yield the nodes and ways that have any of some tags, in the file's order.

    A way's node that lies outside the extract is left out; a way with none left, too.

    Raises:
        BadFile: If the file is missing or is no readable extract.
    """
    import osmium

    spots = _Spots(path)
    for held in _held(path, *keys):
        tags = {tag.k: tag.v for tag in held.tags}
        if isinstance(held, osmium.osm.Node) and held.location.valid():
            yield Feature(held.id, tags, (), np.array([[held.location.lon, held.location.lat]]))
        elif isinstance(held, osmium.osm.Way):
            there = [found for node in held.nodes if (found := spots.of(node))]
            if there:
                yield Feature(held.id, tags, tuple(ref for ref, _, _ in there), np.array([pair for _, *pair in there]))


def ways(path: Path, *keys: str) -> Iterator[Way]:
    """Yield the ways that have any of some tags, in the file's order, in one piece or, where they leave the extract, in several.

    Raises:
        BadFile: If the file is missing or is no readable extract.
    """
    import osmium

    spots = _Spots(path)
    for held in _held(path, *keys):
        if isinstance(held, osmium.osm.Way):
            runs: list[list[tuple[int, float, float]]] = [[]]
            for node in held.nodes:
                if found := spots.of(node):
                    runs[-1].append(found)
                elif runs[-1]:
                    runs.append([])
            yield Way({tag.k: tag.v for tag in held.tags}, tuple(run for run in runs if len(run) > 1), _day(held.timestamp))


def dated(path: Path) -> date | None:
    """Return the day up to which an extract says it holds OpenStreetMap's changes; None where it does not say.

    Raises:
        BadFile: If the file is missing or is no readable extract.
    """
    with _read(path):
        import osmium

        said = osmium.FileProcessor(str(path)).header.get("osmosis_replication_timestamp")
        try:
            return date.fromisoformat(said[:10])
        except ValueError:
            return None


class _Spots:
    """Where the nodes of ways are. osmium keeps that of the map's own nodes alone, whose numbers are above 0."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def of(self, node: Any) -> tuple[int, float, float] | None:
        """Return (id, lon, lat) of a way's node; None where it lies outside the extract."""
        if node.location.valid():
            return node.ref, node.location.lon, node.location.lat
        return self._unnumbered.get(node.ref) if node.ref < 0 else None

    @cached_property
    def _unnumbered(self) -> dict[int, tuple[int, float, float]]:
        """Nodes below 0, as editors number what is new; read once, where a file has any."""
        import osmium

        with _read(self._path):
            nodes = osmium.FileProcessor(str(self._path), osmium.osm.NODE)
            return {node.id: (node.id, node.location.lon, node.location.lat) for node in nodes
                    if isinstance(node, osmium.osm.Node) and node.id < 0 and node.location.valid()}


def _day(moment: datetime) -> date | None:
    return moment.date() if moment.year > _UNSTATED else None


def _held(path: Path, *keys: str) -> Iterator[Any]:
    """Yield osmium's own nodes and ways that have any of some tags; each may be looked at until the next one comes."""
    with _read(path):
        import osmium

        yield from osmium.FileProcessor(str(path)).with_locations().with_filter(osmium.filter.KeyFilter(*keys))


@contextmanager
def _read(path: Path) -> Iterator[None]:
    if not path.is_file():
        raise BadFile("file", path.name, zh="没有这个文件", en="there is no such file")
    try:
        yield
    except RuntimeError as fault:
        raise BadFile("file", path.name, zh=f"不是可读的 OpenStreetMap 数据，或文件不完整：{fault}",
                      en=f"is no readable extract of OpenStreetMap, or not the whole file: {fault}") from None
