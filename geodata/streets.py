"""The walking network of an installation: read from an OpenStreetMap extract, kept in one file of the home, mapped into memory.

Walked is what `WALKABLE` names, in both directions whatever `oneway` says, unless `foot` or `access` forbid it. Of
what hangs together the longest part is the network; the rest is left out and reported, for nobody can walk there
from anywhere else. Ways that cross without a common node, as a bridge does, do not meet.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geodata import mapped, osm
from locator import earth
from locator.arrays import Bits, LonLat, Metres, Rows
from locator.errors import BadFile, Refusal
from locator.network import Network

NAME = "network.npy"
"""What the network is called in the home folder: its description and its columns, each as numpy writes an array."""

WALKABLE: Final = frozenset({
    "trunk", "trunk_link", "primary", "primary_link", "secondary", "secondary_link", "tertiary", "tertiary_link",
    "unclassified", "residential", "living_street", "service", "road", "track",
    "pedestrian", "footway", "path", "steps", "cycleway", "bridleway",
})
"""Values of `highway` that people walk along. Not motorways, platforms, what is being built or planned, or a value like FIXME."""
_FORBIDDEN: Final = frozenset({"no", "private", "military", "use_sidepath"})
_FORMAT = 1
_SHOWN_PARTS = 10
_MIXES_LESS = 0.002
"""Degrees of the squares by which nodes are sorted, so that what is near on the ground is near in memory."""


class Part(NamedTuple):
    """A part that hangs together, but not with the network."""

    km: float
    lon: float
    lat: float
    """Its middle."""


@dataclass(frozen=True, slots=True)
class About:
    """Where a network comes from, and what is in it."""

    source: str
    """The extract's file name."""
    sha256: str
    """Of that file."""
    version: str
    """A short name of exactly this network: of its columns."""
    dated: str | None
    """ISO day of the extract: as its header says, else the operator, else the newest change of a street in it; None where nothing says."""
    nodes: int
    edges: int
    km: float
    km_by_highway: Mapping[str, float]
    bounds: tuple[float, float, float, float]
    """West, south, east, north."""
    parts_left_out: int
    km_left_out: float
    largest_left_out: tuple[Part, ...]
    """At most `_SHOWN_PARTS`, the longest first."""
    credit: str = osm.CREDIT

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Self:
        """Return what `asdict` gave."""
        return cls(**{**said, "bounds": tuple(said["bounds"]), "largest_left_out": tuple(Part(*part) for part in said["largest_left_out"])})


class Built(NamedTuple):
    """A network and where it comes from."""

    network: Network
    about: About


def walkable(tags: Mapping[str, str]) -> bool:
    """Whether a way with these tags is walked along; what `foot` says goes before `access` and `motorroad`."""
    if tags.get("highway") not in WALKABLE:
        return False
    if (foot := tags.get("foot")) is not None:
        return foot not in _FORBIDDEN
    return tags.get("access") not in _FORBIDDEN and tags.get("motorroad") != "yes"


def read(path: Path, *, dated: date | None = None) -> Built:
    """Return the walking network of an OpenStreetMap extract; `dated` is its day where the file does not say.

    Raises:
        BadFile: If the file is missing, is no readable extract or not the whole of it, or holds no walkable way.
    """
    kinds: list[str] = []
    runs: list[NDArray[np.float64]] = []  # of id, lon, lat: a city's nodes as Python's own numbers would take gigabytes
    newest: date | None = None
    for way in osm.ways(path, "highway"):
        if walkable(way.tags):
            runs += map(np.array, way.runs)
            kinds += [way.tags["highway"]] * len(way.runs)
            newest = max(filter(None, (newest, way.changed_on)), default=None)
    if not any((run[1:, 0] != run[:-1, 0]).any() for run in runs):
        raise BadFile("file", path.name, zh="里面没有可步行的道路（highway=residential、footway 等），或文件不完整",
                      en="holds no walkable way (highway=residential, footway and the like), or is not the whole file")
    nodes, edges, kind = _joined(runs, kinds)
    length_m = earth.geodesic_m(nodes[edges[:, 0]], nodes[edges[:, 1]])
    part, parts = _parts(nodes, edges, length_m)
    network = _only(nodes, edges, length_m, part == 0)
    by_kind = {str(name): _km(length_m[(part == 0) & (kind == name)]) for name in np.unique(kind[part == 0])}
    day = osm.dated(path) or dated or newest
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    version = hashlib.sha256(network.nodes.tobytes() + network.edges.tobytes() + network.length_m.tobytes()).hexdigest()[:12]
    (west, south), (east, north) = network.nodes.min(axis=0).tolist(), network.nodes.max(axis=0).tolist()
    about = About(path.name, digest, version, None if day is None else day.isoformat(), len(network.nodes), len(network.edges), _km(network.length_m),
                  dict(sorted(by_kind.items(), key=lambda said: -said[1])), (west, south, east, north),
                  len(parts), _km(length_m[part > 0]), tuple(parts[:_SHOWN_PARTS]))
    return Built(network, about)


def store(built: Built, home: Path) -> None:
    """Make this the installation's network: all of it or nothing.

    Raises:
        BadFile: If it cannot be written.
    """
    home.mkdir(parents=True, exist_ok=True)
    columns = (built.network.nodes, built.network.edges, built.network.length_m)
    mapped.write(home / NAME, {"format": _FORMAT, **asdict(built.about)}, columns)


def load(home: Path) -> Network | None:
    """Return the installation's network, mapped into memory; None where none was built. The same object until another is built.

    Raises:
        BadFile: If the file is not one that `store` wrote, whole.
    """
    held = _held(home)
    return None if held is None else held.network


def about(home: Path) -> About | None:
    """Return what is known of the installation's network; None where none was built.

    Raises:
        BadFile: If the file is not one that `store` wrote, whole.
    """
    held = _held(home)
    return None if held is None else held.about


def _held(home: Path) -> Built | None:
    try:
        found = (home / NAME).stat()
    except FileNotFoundError:
        return None
    return _loaded(home / NAME, found.st_mtime_ns, found.st_size)


@lru_cache(maxsize=1)
def _loaded(path: Path, written_ns: int, size: int) -> Built:  # noqa: ARG001 - another file is another network
    try:
        said, (nodes, edges, length_m) = mapped.read(path, 3)
        if said.pop("format", None) != _FORMAT:
            raise ValueError("another format")
        return Built(Network(nodes, edges, length_m), About.of(said))
    except (ValueError, KeyError, TypeError, EOFError, Refusal) as fault:
        raise BadFile("network", path.name, zh=f"步行路网文件损坏或版本不符，请重新运行 nuanxin network build（{fault}）",
                      en=f"the walking network's file is damaged or of another version; run nuanxin network build again ({fault})") from None


def _joined(runs: Sequence[NDArray[np.float64]], kinds: Sequence[str]) -> tuple[LonLat, NDArray[np.int32], NDArray[np.str_]]:
    """Return (m, 2) nodes, (e, 2) edges and (e,) kinds: one edge between two neighbours of any way, and only one."""
    sizes = np.array([len(run) for run in runs])
    drawn = np.concatenate(runs)
    _, first, row = np.unique(drawn[:, 0], return_index=True, return_inverse=True)  # ids are whole numbers far below 2**53
    nodes = drawn[first, 1:]
    order = np.lexsort((nodes[:, 0], *np.floor(nodes.T / _MIXES_LESS)))
    place = np.empty(len(order), np.int32)
    place[order] = np.arange(len(order))
    at = place[row]
    last = np.cumsum(sizes) - 1
    begins = np.setdiff1d(np.arange(len(at)), last, assume_unique=True)
    edges = np.sort(np.column_stack([at[begins], at[begins + 1]]), axis=1)
    kind = np.repeat(np.array(kinds), sizes - 1)
    apart = edges[:, 0] != edges[:, 1]
    edges, one = np.unique(edges[apart], axis=0, return_index=True)
    return nodes[order], edges.astype(np.int32), kind[apart][one]


def _parts(nodes: LonLat, edges: NDArray[np.int32], length_m: Metres) -> tuple[Rows, list[Part]]:
    """Return (e,) the number of the part that each edge is of, 0 the longest, and all parts but that one, the longest first."""
    graph = coo_array((np.ones(len(edges), np.int8), edges.T), shape=(len(nodes),) * 2)
    _, label = connected_components(graph, directed=False)
    number = np.unique(label[edges[:, 0]], return_inverse=True)[1]
    metres = np.bincount(number, length_m)
    order = np.argsort(-metres, kind="stable")
    part: Rows = np.argsort(order)[number]
    middle = (nodes[edges[:, 0]] + nodes[edges[:, 1]]) / 2
    lon, lat = (np.bincount(part, middle[:, axis]) / np.bincount(part) for axis in (0, 1))
    each = zip((metres[order] / 1000).round(2).tolist(), lon.round(5).tolist(), lat.round(5).tolist(), strict=True)
    return part, [Part(*one) for one in each][1:]


def _only(nodes: LonLat, edges: NDArray[np.int32], length_m: Metres, kept: Bits) -> Network:
    """Return the network of some edges, and of the nodes they join."""
    used, ends = np.unique(edges[kept], return_inverse=True)
    return Network(nodes[used], ends.reshape(-1, 2).astype(np.int32), length_m[kept])


def _km(length_m: Metres) -> float:
    return round(float(length_m.sum()) / 1000, 1)
