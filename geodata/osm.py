"""OpenStreetMap extracts (.osm.pbf and its kin): tagged nodes and ways with their points, read through osmium.

Relations are passed over. Points are WGS-84, as all of OpenStreetMap is; the data is © OpenStreetMap
contributors, under the ODbL: whoever shows it says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

from locator.arrays import LonLat
from locator.errors import BadFile

SUFFIXES = (".pbf", ".osm", ".osm.bz2", ".osm.gz")
CREDIT = "© OpenStreetMap contributors (ODbL)"


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

    if not path.is_file():
        raise BadFile("file", path.name, zh="没有这个文件", en="there is no such file")
    try:
        for held in osmium.FileProcessor(str(path)).with_locations().with_filter(osmium.filter.KeyFilter(*keys)):
            tags = {tag.k: tag.v for tag in held.tags}
            if isinstance(held, osmium.osm.Node) and held.location.valid():
                yield Feature(held.id, tags, (), np.array([[held.location.lon, held.location.lat]]))
            elif isinstance(held, osmium.osm.Way):
                there = [(node.ref, node.location.lon, node.location.lat) for node in held.nodes if node.location.valid()]
                if there:
                    yield Feature(held.id, tags, tuple(ref for ref, _, _ in there), np.array([pair for _, *pair in there]))
    except RuntimeError as fault:
        raise BadFile("file", path.name, zh=f"不是可读的 OpenStreetMap 数据：{fault}",
                      en=f"is no readable extract of OpenStreetMap: {fault}") from None
