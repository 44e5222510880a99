"""Administrative areas: their tree, their names, their outlines, and in which one a point lies.

Shipped: Beijing, its 16 districts with outlines, the Economic-Technological Development Area
(110302, a body like a district, without an outline) and the 349 streets and townships by name only.
``files/README.md`` says where each comes from and how far off it is: a point within some 300 m of a
border may lie on its other side. An operator adds areas, or better outlines, with `load_file`.

Reading the tree is cheap; an outline is read when a question first needs it.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import orjson
from numpy.typing import NDArray

from geodata import overlay
from geodata.overlay import Drawn, Overlay, Sorted
from locator.areas import Area, AreaTree
from locator.arrays import Bits, LonLat
from locator.errors import NotThere
from locator.words import Words

if TYPE_CHECKING:
    from shapely import Geometry

    from geodata.area_files import Loaded

FILES = Path(__file__).parent / "files"
TABLE = "areas.csv"
COLUMNS = ("code", "parent", "tier", "zh", "en", "aliases", "lon", "lat", "outline")
"""Of an area table. `aliases` are separated by ``|``; `outline` names the GeoJSON file beside the table
that holds the outline, is ``parts`` for an area that is exactly the areas under it, or empty."""
PARTS = "parts"

DOUBT_M = 200.0


class Record(NamedTuple):
    """One line of an area table."""

    code: str
    parent: str | None
    tier: str
    zh: str
    en: str
    aliases: tuple[str, ...] = ()
    centre: tuple[float, float] | None = None
    outline: str | None = None
    """The file of its outline, or `PARTS`."""
    folder: Path = FILES


def records(folder: Path) -> Iterator[Record]:
    """Yield the lines of a folder's area table; none if there is no table."""
    table = folder / TABLE
    if not table.exists():
        return
    with table.open(encoding="utf-8", newline="") as lines:
        for line in csv.DictReader(lines):
            yield Record(line["code"], line["parent"] or None, line["tier"], line["zh"], line["en"],
                         tuple(filter(None, line["aliases"].split("|"))),
                         (float(line["lon"]), float(line["lat"])) if line["lon"] else None,
                         line["outline"] or None, folder)


def folder_of(home: Path) -> Path:
    """Return where a registry's own areas are kept."""
    return home / "areas"


def census() -> Mapping[str, int]:
    """Return the residents of each of the 16 districts, by code: census of 1 November 2020."""
    with (FILES / "census_2020.csv").open(encoding="utf-8", newline="") as lines:
        return {line["code"]: int(line["people"]) for line in csv.DictReader(lines)}


def load_file(path: Path, home: Path, *, parent: str | None = None, datum: str = "wgs84") -> Loaded:
    """Add the polygons of a file to a registry's areas; see `geodata.area_files.load_file`."""
    from geodata import area_files  # brings geopandas

    return area_files.load_file(path, home, Areas.load(home), parent=parent, datum=datum)


class Areas:
    """Areas by code, with names and outlines; immutable."""

    def __init__(self, lines: Iterable[Record]) -> None:
        """Take the lines of one or more tables; a later line replaces an earlier one of its code, in its place."""
        self._records: Mapping[str, Record] = {record.code: record for record in lines}

    @classmethod
    def load(cls, home: Path | None = None) -> Areas:
        """Read the shipped areas, and those a registry at `home` was given with `load_file`."""
        lines = [*records(FILES), *(records(folder_of(home)) if home is not None else ())]
        return cls(lines)

    @cached_property
    def tree(self) -> AreaTree:
        """All areas, the shipped ones first."""
        return AreaTree(Area(r.code, Words(r.zh, r.en), r.parent, r.tier, r.centre, r.outline is not None, r.aliases)
                        for r in self._records.values())

    @property
    def records(self) -> tuple[Record, ...]:
        """The lines of the tables, in the order of `tree`."""
        return tuple(self._records.values())

    # outlines

    def polygon(self, code: str) -> Geometry:
        """Return an area's outline, WGS-84 degrees: a valid polygon or multipolygon.

        Raises:
            NotThere: If no area has this code, or it has no outline.
        """
        area = self.tree[code]
        record = self._records[area.code]
        if record.outline == PARTS:
            import shapely

            return shapely.union_all([self.polygon(a.code) for a in self.tree.children(code) if a.has_outline])
        if record.outline is None:
            raise NotThere("area", code, zh=f"{record.zh}没有边界数据", en=f"{record.en} has no outline")
        return self._outline_of(code)

    @cached_property
    def _outline_of(self) -> Callable[[str], Geometry]:
        import shapely

        def read(code: str) -> Geometry:
            record = self._records[code]
            return shapely.from_geojson(orjson.dumps(self._geometries_in(record.folder / str(record.outline))[code]))

        return cache(read)

    @cached_property
    def _geometries_in(self) -> Callable[[Path], Mapping[str, Any]]:
        return cache(_geometries)

    def shape(self, code: str) -> dict[str, Any] | None:
        """Return an area's outline as GeoJSON; None where it has none."""
        from shapely.geometry import mapping

        return mapping(self.polygon(code)) if self.tree[code].has_outline else None

    def doubt_m(self, code: str) -> float:
        """Return how far outside an area's outline a point may lie and the outline still be what is wrong.

        Four fifths of the shipped borders are within it (``files/README.md``); an operator's own may be
        generalised too, and sites are located by address, within as much.
        """
        return DOUBT_M if self.tree[code].has_outline else math.inf

    def outlines(self, *, tier: str = "district", detailed: bool = False) -> dict[str, Any]:
        """Return the outlines of one tier as a GeoJSON FeatureCollection for maps.

        Each feature has `code`, `zh`, `en`, `tier`, `parent`. Unless `detailed`, borders are simplified for
        a phone: neighbours still share theirs, but where a point lies is not to be read off them.
        """
        features = []
        for record in self._records.values():
            if record.tier != tier or record.outline in (None, PARTS):
                continue
            name = str(record.outline)
            path = record.folder / (name if detailed else small(name))
            features.append({
                "type": "Feature", "id": record.code, "geometry": self._geometries_in(path)[record.code],
                "properties": {"code": record.code, "zh": record.zh, "en": record.en, "tier": record.tier,
                               "parent": record.parent}})
        return {"type": "FeatureCollection", "features": features}

    # where a point lies

    def district_of(self, lonlat: LonLat) -> list[str | None]:
        """Return the district of each point.

        Args:
            lonlat: (n, 2) WGS-84 degrees.

        Returns:
            n codes of areas of tier ``district``; None outside all of them and for NaN. A point
            exactly on a border belongs to the district that stands first in `tree`.
        """
        codes = [r.code for r in self._with_outline if r.tier == "district"]
        return _named(codes, self._containing(lonlat, codes))

    def finest_of(self, lonlat: LonLat) -> list[str | None]:
        """Return the deepest area with an outline that holds each point; otherwise as `district_of`."""
        return _named(self.finest_codes, self._containing(lonlat, self.finest_codes))

    @cached_property
    def finest_codes(self) -> tuple[str, ...]:
        """The areas with an outline of their own, the deepest first."""
        depth = {r.code: len(self.path(r.code)) for r in self._with_outline}
        return tuple(sorted(depth, key=lambda code: -depth[code]))

    def overlay(self, lonlat: LonLat) -> Overlay:
        """Return all areas with an outline that each point lies in: first the one that `finest_of` says, behind all those made up of parts.

        A point on an edge of an area lies in it if none before it of its tier holds the point; one inside of several lies in each.
        """
        found = overlay.overlay(lonlat, (Drawn(code, self.tree[code].tier, self.polygon(code)) for code in self.finest_codes))
        made_up = sorted((r.code for r in self._records.values() if r.outline == PARTS), key=lambda code: -len(self.path(code)))
        sets = []
        for held in found.sets:
            own = list(held)
            for code in made_up:
                own += [code] if any(part.code in own for part in self.tree.children(code)) else []
            sets.append(tuple(own))
        return Overlay(found.rows, tuple(sets))

    def in_any(self, lonlat: LonLat) -> Bits:
        """Return (n,) which points lie in any area with an outline, edges included."""
        return self._containing(lonlat, self.finest_codes) >= 0

    def path(self, code: str) -> list[str]:
        """Return the codes from the root down to an area, itself included."""
        return self.tree.path(code)

    @cached_property
    def _with_outline(self) -> list[Record]:
        return [r for r in self._records.values() if r.outline not in (None, PARTS)]

    def _containing(self, lonlat: LonLat, codes: Sequence[str]) -> NDArray[np.int32]:
        """Return (n,) positions of the first of `codes` whose outline holds each point, edges included; -1: none does."""
        spots = Sorted.of(lonlat)
        found = np.full(len(lonlat), -1, np.int32)
        for i, code in enumerate(codes):
            outline = self.polygon(code)
            near = spots.near(outline)
            found[spots.on(outline, near[found[near] < 0])] = i
        return spots.restored(found)

    # names

    def code(self, said: str) -> str:
        """Return the code of the area somebody names: `AreaTree.code`."""
        return self.tree.code(said)


def _named(codes: Sequence[str], rows: NDArray[np.int32]) -> list[str | None]:
    answer: list[str | None] = np.array([*codes, None], object)[rows].tolist()  # -1 is the last: None
    return answer


def centre(outline: Geometry) -> tuple[float, float]:
    """Return the centroid, or where that lies outside, the middle of the largest circle inside; 5 decimals."""
    import shapely

    point = outline.centroid
    if not outline.contains(point):
        point = shapely.Point(shapely.maximum_inscribed_circle(outline, 0.001).coords[0])
    return round(point.x, 5), round(point.y, 5)


def small(outline: str) -> str:
    """Return the file of simplified outlines that belongs to a file of outlines."""
    return outline.removesuffix(".geojson") + ".small.geojson"


def _geometries(path: Path) -> dict[str, Any]:
    return {str(f["properties"]["code"]): f["geometry"] for f in orjson.loads(path.read_bytes())["features"]}
