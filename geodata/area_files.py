"""An operator's own areas: polygons of any city, or finer ones, read from a file into a registry.

They are kept in the folder ``areas`` of the registry's home: one table, and beside it the outlines of
each file that was read. The table is replaced last and whole, so a load that is killed has not
happened; outlines no longer named by it stay, because a serving process may still read them.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import orjson
import shapely
from shapely import Geometry

from geodata import polygon_files, whole
from geodata.areas import COLUMNS, TABLE, Areas, Record, centre, folder_of, records, small
from locator.errors import BadFile
from locator.questions import check_datum
from locator.words import Words

MOST_PROBLEMS_TOLD = 20
TIER_UNDER = {"city": "district", "district": "street", "street": "community"}
"""Which tier stands under which, where a file does not say; an area under nothing is a district."""
LOWEST_TIER = "community"
_LEAST_INSIDE = 0.5
"""Of an area in its parent: borders are approximate, and a small street may lie half across one."""
_LOOKED_AT = 1000
"""Corners, before what an area shares with its parent is figured: of a million that is dear, and nearly all lie inside."""

_SMALL_GRID_DEG = 1e-5
_SMALL_TOLERANCE_DEG = 5e-4


class Loaded(NamedTuple):
    """What a load did."""

    added: tuple[str, ...]
    """Codes that were not known before."""
    replaced: tuple[str, ...]
    """Codes that were."""
    repaired: tuple[str, ...]
    """Codes, among both, whose outline was not valid and was made so."""
    outside: tuple[tuple[str, str, float], ...] = ()
    """Codes, among both, of which most lies outside the area they are said to lie in, with that area's and the share inside it."""

    def __str__(self) -> str:
        counts = (f"新增 {len(self.added)} 个区域，替换 {len(self.replaced)} 个，修复边界 {len(self.repaired)} 个 / "
                  f"areas added: {len(self.added)}, replaced: {len(self.replaced)}, outlines repaired: {len(self.repaired)}")
        repaired = [f"边界自相交，已修复：{_listed(self.repaired)} / outlines that crossed themselves were repaired: {_listed(self.repaired)}"]
        doubts = [f"{code} 只有 {share:.0%} 在所写的上级 {parent} 之内，请核对 / only {share:.0%} of {code} lies in {parent}, its parent: check it"
                  for code, parent, share in self.outside[:MOST_PROBLEMS_TOLD]]
        return "\n".join([counts, *(repaired if self.repaired else []), *doubts])


def _listed(codes: Sequence[str]) -> str:
    return ", ".join(codes[:MOST_PROBLEMS_TOLD]) + (", ..." if len(codes) > MOST_PROBLEMS_TOLD else "")


class _Row(NamedTuple):
    number: int
    code: str
    name: str
    english: str
    parent: str | None
    tier: str
    outline: Geometry | None


def load_file(path: Path, home: Path, known: Areas, *, parent: str | None = None, datum: str = "wgs84") -> Loaded:
    """Add the polygons of a GeoJSON, GeoPackage or Shapefile to a registry's areas: all of them, or none.

    The file has a column `code` and a column `name`; `parent`, `tier` and `name_en` are optional. An area
    whose code is known is replaced: it keeps the names it had, and its parent and tier unless the file
    gives others. Coordinates are converted from the file's own reference system (longitude and latitude
    if it names none), then from `datum`. An outline that crosses itself is made valid. Outlines may
    overlap; a point in several of one tier belongs to the first.

    Args:
        path: The file; its first layer is read.
        home: The registry's folder.
        known: The areas this registry has so far.
        parent: The area that those without a parent in the file lie in, as `Areas.code` understands it.
        datum: One of `questions.DATUMS`: what the coordinates really are.

    Raises:
        NotThere: If `parent` is not a known area.
        BadDatum: If `datum` is not one of them.
        BadFile: If the file cannot be read, lacks a column, or has a row that cannot be used; the words
            list the rows, from 1.
    """
    check_datum(datum)
    above = known.code(parent) if parent is not None else None
    rows = _read(path, above)
    problems = _problems(rows, known)
    outlines: dict[str, Geometry] = {}
    repaired = []
    for row in rows:
        outline, crossed = _outline(row, datum, problems)
        if outline is not None:
            outlines[row.code] = outline
            repaired += [row.code] if crossed else []
    if problems:
        raise _refusal(path, problems)
    lines = _as_records(rows, outlines, known)
    _store(lines, outlines, folder_of(home))
    return Loaded(tuple(r.code for r in rows if r.code not in known.tree),
                  tuple(r.code for r in rows if r.code in known.tree), tuple(repaired), _outside(lines, outlines, Areas.load(home)))


def _outside(lines: Sequence[Record], outlines: Mapping[str, Geometry], areas: Areas) -> tuple[tuple[str, str, float], ...]:
    found = []
    for code, parent in ((line.code, line.parent) for line in lines):
        if parent is not None and parent in areas.tree and areas.tree[parent].has_outline:
            around, corners = areas.polygon(parent), shapely.get_coordinates(outlines[code])
            shapely.prepare(around)
            if shapely.intersects_xy(around, corners[::max(len(corners) // _LOOKED_AT, 1)]).all():
                continue
            share = shapely.intersection(outlines[code], around).area / outlines[code].area
            found += [(code, parent, share)] if share < _LEAST_INSIDE else []
    return tuple(found)


def _read(path: Path, parent: str | None) -> list[_Row]:
    """Return the rows of a file with outlines in degrees."""
    frame = polygon_files.frame(path, "areas")
    named = {str(column).lower(): column for column in frame.columns}
    missing = [name for name in ("code", "name") if name not in named]
    if missing:
        lacks = "、".join(missing)
        raise _bad(path, f"缺少 {lacks}，现有：{'、'.join(named)}", f"has no {lacks}; it has: {', '.join(named)}")

    def texts(name: str) -> list[str]:
        return [_text(v) for v in frame[named[name]]] if name in named else [""] * len(frame)

    columns = zip(texts("code"), texts("name"), texts("name_en"), texts("parent"), texts("tier"), frame.geometry, strict=True)
    return [_Row(number, code, name, english, up or parent, tier, outline)
            for number, (code, name, english, up, tier, outline) in enumerate(columns, 1)]


def _text(value: Any) -> str:
    """Return a cell as text; a code that was read as a number keeps no decimal point."""
    if value is None or value != value:  # NaN is not itself
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip()


def _problems(rows: Sequence[_Row], known: Areas) -> list[Words]:
    """Return what is wrong with the codes, names and parents of rows."""
    problems = []
    times = Counter(row.code for row in rows)
    up = {a.code: a.parent for a in known.tree} | {row.code: row.parent for row in rows if row.parent or row.code not in known.tree}
    for row in rows:
        if not row.code:
            problems.append(_at(row, "code 为空", "no code"))
        elif times[row.code] > 1:
            problems.append(_at(row, "code 重复", "a code that occurs twice"))
        if not row.name:
            problems.append(_at(row, "name 为空", "no name"))
        if row.parent and row.parent not in up:
            problems.append(_at(row, f"没有上级 {row.parent}", f"no area has the parent's code {row.parent}"))
        elif _loops(row.code, up):
            problems.append(_at(row, f"上级 {row.parent} 在它自己之内", f"its parent {row.parent} lies inside it"))
    return problems


def _loops(code: str, up: Mapping[str, str | None]) -> bool:
    seen, at = {code}, up.get(code)
    while at is not None and at not in seen:
        seen.add(at)
        at = up.get(at)
    return at is not None


def _outline(row: _Row, datum: str, problems: list[Words]) -> tuple[Geometry | None, bool]:
    """Return a row's outline as a valid (multi)polygon in WGS-84, and whether it had to be made valid."""
    read = polygon_files.outline(row.outline, datum)
    if isinstance(read, Words):
        problems.append(_at(row, read.zh, read.en))
        return None, False
    return read


def _as_records(rows: Sequence[_Row], outlines: Mapping[str, Geometry], known: Areas) -> list[Record]:
    had = {record.code: record for record in known.records}
    given = {row.code: row for row in rows}
    tiers: dict[str, str] = {record.code: record.tier for record in known.records}

    def tier(code: str) -> str:
        row = given.get(code)
        if row is None or (code in had and not row.tier and not row.parent):
            return tiers[code]
        return row.tier or (TIER_UNDER.get(tier(row.parent), LOWEST_TIER) if row.parent else "district")

    done = []
    for row in rows:
        old = had.get(row.code)
        names = dict.fromkeys([*old.aliases, old.zh] if old else [])
        names.pop(row.name, None)
        done.append(Record(row.code, row.parent or (old.parent if old else None), tier(row.code), row.name,
                           row.english or (old.en if old else row.name), tuple(names), centre(outlines[row.code])))
    return done


def _store(lines: Sequence[Record], outlines: Mapping[str, Geometry], folder: Path) -> None:
    detailed = _geojson(lines, outlines)
    name = f"outlines-{hashlib.sha256(detailed).hexdigest()[:12]}.geojson"
    folder.mkdir(parents=True, exist_ok=True)
    whole.write(folder / name, detailed)
    whole.write(folder / small(name), _geojson(lines, _simplified(outlines)))
    table = {record.code: record for record in records(folder)} | {r.code: r._replace(outline=name) for r in lines}
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for r in table.values():
        lon, lat = r.centre or ("", "")
        writer.writerow([r.code, r.parent or "", r.tier, r.zh, r.en, "|".join(r.aliases), lon, lat, r.outline or ""])
    whole.write(folder / TABLE, text.getvalue().encode())


def _simplified(outlines: Mapping[str, Geometry]) -> dict[str, Geometry]:
    """Return outlines for a phone's map: borders that are shared stay shared."""
    every = list(outlines.values())
    fewer = (shapely.coverage_simplify(every, _SMALL_TOLERANCE_DEG) if len(every) > 1 and shapely.coverage_is_valid(every)
             else shapely.simplify(every, _SMALL_TOLERANCE_DEG))
    rounded = shapely.set_precision(fewer, _SMALL_GRID_DEG)
    return {code: exact if simple.is_empty else simple
            for (code, exact), simple in zip(outlines.items(), rounded, strict=True)}


def _geojson(lines: Sequence[Record], outlines: Mapping[str, Geometry]) -> bytes:
    written = shapely.to_geojson([shapely.orient_polygons(outlines[r.code]) for r in lines]).tolist()  # a million corners take seconds otherwise
    features = [{"type": "Feature", "id": r.code, "geometry": orjson.Fragment(geometry),
                 "properties": {"code": r.code, "zh": r.zh, "en": r.en}} for r, geometry in zip(lines, written, strict=True)]
    return orjson.dumps({"type": "FeatureCollection", "features": features})


def _at(row: _Row, zh: str, en: str) -> Words:
    return Words(f"第 {row.number} 行（{row.code or '—'}）{zh}", f"row {row.number} ({row.code or '-'}): {en}")


def _refusal(path: Path, problems: Sequence[Words]) -> BadFile:
    told, more = problems[:MOST_PROBLEMS_TOLD], len(problems) - MOST_PROBLEMS_TOLD
    return _bad(path, "没有载入任何区域：" + "；".join(p.zh for p in told) + (f"；另有 {more} 处" if more > 0 else ""),
                "nothing was loaded: " + "; ".join(p.en for p in told) + (f"; and {more} more" if more > 0 else ""))


def _bad(path: Path, zh: str, en: str) -> BadFile:
    return BadFile("areas", path.name, zh=zh, en=en)
