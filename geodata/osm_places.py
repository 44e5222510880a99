"""Places to search by out of an OpenStreetMap extract: what is named, whole streets, and crossings of two streets.

A street is its ways of one name that touch or come within 400 m of each other; it stands at its middle
and is as vague as it is long. A crossing is where two named streets share a node: the carriageways of
two wide roads share up to four, which are one crossing at their middle.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geodata import osm
from locator import earth
from locator.arrays import LonLat, Rows
from locator.names import Place
from locator.words import Words

NOT_ROADS: Final = frozenset({"platform", "bus_stop", "construction", "proposed", "FIXME", "fixme", "other", "bus_guideway", "abandoned", "razed"})
_STREET_GAP_M, _CROSSING_GAP_M = 400.0, 150.0
_LEAST_M = 30.0
"""How far OpenStreetMap itself may be off."""

# the first rule whose tag fits; "*" fits any value
_RULES: Final = (
    ("railway", "subway_entrance", "metro", 50.0), ("station", "subway", "metro", 150.0), ("subway", "yes", "metro", 150.0),
    ("railway", "station", "railway", 250.0), ("railway", "halt", "railway", 150.0), ("aeroway", "aerodrome", "airport", 1_500.0),
    ("amenity", "bus_station", "hub", 150.0), ("amenity", "hospital", "hospital", 200.0), ("shop", "mall", "mall", 150.0),
    ("shop", "department_store", "mall", 100.0), ("leisure", "park", "park", 400.0), ("leisure", "garden", "park", 200.0),
    ("place", "square", "landmark", 200.0), ("place", "*", "area", 600.0), ("tourism", "*", "landmark", 150.0),
    ("historic", "*", "landmark", 150.0), ("amenity", "*", "landmark", 100.0), ("leisure", "*", "landmark", 150.0), ("office", "*", "landmark", 80.0),
    ("shop", "*", "landmark", 60.0), ("building", "*", "landmark", 80.0), ("man_made", "*", "landmark", 100.0),
)
_BOTH = re.compile(r"(?P<zh>[^A-Za-zÀ-ɏ]*[\u3400-\u9fff])\s*[ (（](?P<en>[A-Za-zÀ-ɏ][^\u3400-\u9fff]*?)[)）]?\s*")


class _Roads(NamedTuple):
    """The points of every named road."""

    points: Mapping[str, list[tuple[int, float, float]]]
    """Name → (node, lon, lat), way after way."""
    begins: Mapping[str, list[int]]
    """Name → where in `points` each way begins."""
    english: Mapping[str, str]


def read(path: Path) -> list[Place]:
    """Return the places of an extract, without readings: what is named, then streets, then crossings.

    Raises:
        BadFile: If the file is missing or is no readable extract.
    """
    points: dict[str, list[tuple[int, float, float]]] = defaultdict(list)
    begins: dict[str, list[int]] = defaultdict(list)
    english: dict[str, str] = {}
    found = []
    for feature in osm.features(path, "name"):
        zh, en = _names(feature.tags)
        if not zh:
            continue
        if feature.is_way and feature.tags.get("highway"):
            if feature.tags["highway"] not in NOT_ROADS:
                begins[zh].append(len(points[zh]))
                points[zh] += zip(feature.nodes, *feature.lonlat.T.tolist(), strict=True)
                english.setdefault(zh, en)
        elif (rule := _rule(feature.tags)) is not None:
            category, accuracy_m = rule
            middle = feature.lonlat.mean(axis=0)
            reach_m = float(earth.geodesic_m(middle, feature.lonlat).max()) if feature.is_way else 0.0
            found.append(_place(category, zh, en, middle, max(accuracy_m, reach_m), aliases=_other_names(feature.tags, zh)))
    roads = _Roads(points, begins, english)
    return [*found, *_streets(roads), *_crossings(roads)]


def _names(tags: Mapping[str, str]) -> tuple[str, str]:
    name = _one_line(tags.get("name:zh-Hans") or tags.get("name:zh") or tags.get("name", ""))
    english = _one_line(tags.get("name:en", ""))
    both = _BOTH.fullmatch(name)
    if both:  # 幸福大街 Xingfu Dajie; 东经路 (dōngjīng lù)
        name, english = both["zh"].strip(" (（"), english or both["en"].strip()
    return name, english


def _other_names(tags: Mapping[str, str], name: str) -> tuple[str, ...]:
    said = (part for key in ("name", "alt_name", "old_name", "short_name", "official_name") for part in tags.get(key, "").split(";"))
    return tuple(dict.fromkeys(other for other in map(_one_line, said) if other and other != name and "|" not in other))


def _one_line(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).replace("|", "/").split())


def _rule(tags: Mapping[str, str]) -> tuple[str, float] | None:
    return next(((category, accuracy_m) for key, value, category, accuracy_m in _RULES
                 if key in tags and value in ("*", tags[key])), None)


def _streets(roads: _Roads) -> Iterator[Place]:
    for name, points in roads.points.items():
        lonlat = np.array([pair for _, *pair in points])
        joined = np.setdiff1d(np.arange(1, len(points)), roads.begins[name]) - 1  # each point and the next one of its way
        for rows in _clusters(lonlat, _STREET_GAP_M, joined):
            own = lonlat[rows]
            corners = (own.min(axis=0) + own.max(axis=0)) / 2
            middle = own[earth.geodesic_m(corners, own).argmin()]  # on the street itself
            yield _place("street", name, roads.english[name], middle, max(_LEAST_M, float(earth.geodesic_m(middle, own).max())))


def _crossings(roads: _Roads) -> Iterator[Place]:
    at: dict[int, dict[str, tuple[float, float]]] = defaultdict(dict)
    for name, points in roads.points.items():
        for node, lon, lat in points:
            at[node][name] = (lon, lat)
    met: dict[tuple[str, str], list[tuple[float, float]]] = defaultdict(list)
    for names in at.values():
        for pair in combinations(sorted(names), 2):
            met[pair].append(names[pair[0]])
    for (one, other), pairs in met.items():
        # the road with more points comes first: 长安街与某胡同路口
        a, b = sorted((one, other), key=lambda name: (-len(roads.points[name]), name))
        lonlat = np.array(pairs)
        for rows in _clusters(lonlat, _CROSSING_GAP_M, np.zeros(0, np.intp)):
            middle = lonlat[rows].mean(axis=0)
            spread_m = float(earth.geodesic_m(middle, lonlat[rows]).max())
            english = f"{roads.english[a] or a} and {roads.english[b] or b}"
            yield _place("crossing", f"{a}与{b}路口", english, middle, _LEAST_M + spread_m, aliases=(f"{b}与{a}路口",))


def _clusters(lonlat: LonLat, gap_m: float, joined: Rows) -> Iterable[Rows]:
    """Return the rows of points that hang together: by steps of at most `gap_m`, or joined to the next row."""
    if len(lonlat) == 1:
        return [np.zeros(1, np.intp)]
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components
    from scipy.spatial import cKDTree

    close: NDArray[np.intp] = cKDTree(earth.ecef(lonlat)).query_pairs(gap_m, output_type="ndarray")
    ends = np.concatenate([close, np.column_stack([joined, joined + 1])])
    count, label = connected_components(coo_array((np.ones(len(ends)), ends.T), shape=(len(lonlat),) * 2), directed=False)
    return [np.flatnonzero(label == one) for one in range(count)]


def _place(category: str, zh: str, en: str, at: NDArray[np.float64], accuracy_m: float, *, aliases: tuple[str, ...] = ()) -> Place:
    lon, lat = (round(float(x), 6) for x in at)
    # to 0.001 degrees, so that a newer extract with a moved node gives most places their old code
    digest = hashlib.sha256(f"{category}|{zh}|{lon:.3f}|{lat:.3f}".encode()).hexdigest()[:12]
    return Place(f"osm-{digest}", Words(zh, en or zh), lon, lat, float(np.ceil(accuracy_m)), category, aliases, source=osm.CREDIT)
