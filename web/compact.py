"""The offline file: what a card and a filter need of every public site, in blocks that an edit leaves alone.

Everything is little-endian. A file is six sorts of parts, each known by its digest (BLAKE2b of its bytes, 16 bytes, hex):

    words    JSON  every code of the sites in Chinese and English; needs; areas with the point a list of each begins at
    places   JSON  landmarks to start from, with their readings
    hours    JSON  every distinct timetable evaluated for the coming days; see `compact_hours`
    trust    JSON  the confidence in each site today; see `compact_trust`
    block    about 1,024 sites; see `block`
    index    JSON  version, dates, and the digests, sizes and counts of all the others

    whole file = "NXF1", u32 bytes of the index, index, words, places, hours, trust, blocks in their order

Sites stand in the registry's order, which decides between equal distances. A block ends behind a site
whose id says so (`cut`), so that to change a site changes its block and no other, and to add or remove
one moves the edges of its own, or at worst of a few after it, until two edges meet again.

A block is "NXB1", u32 n sites, u32 step, i32 longitude and i32 latitude of the first site in steps, then
columns, each u32 bytes and content:

    tables        JSON: {"kind", "eligibility", "district", "street": [codes], "facility": [codes]}; null is not stated
    timetables    8 bytes each: the digest of a timetable
    uuids, ids    ids that are UUIDs as 16 bytes each; all others as text, empty where the id is a UUID
    names, addresses, phones                   texts; empty where there is none
    lon, lat      differences to the site before, 0 for the first, in steps, modulo 2^32, zigzag (0, -1, 1, -2, ...), as u32
    kind, eligibility, district, street, timetable    places in the tables, as u16
    verified      days since 1999-12-31, 0 where never, as u16; days before 2000 and after 2179 are told as those
    demo          u8, 1 for a demonstration record
    facility      of each facility in the table, n levels (0 unknown, 1 no, 2 limited, 3 yes) of two bits, lowest first
    entry_notes   texts; empty where there is none
    entrance lon, entrance lat    the entrance's differences to its site, in 1e-7 degrees, zigzag, as u32; 0 where none is known

A column behind those that a reader knows is passed over; blocks kept from before may lack the last three.
Texts are UTF-8, each followed by 0xFF, which UTF-8 never holds. Numbers of two and four bytes are sent
as planes: the lowest byte of every site, then the next one of every site; high planes are nearly empty
and compress to nothing. Coordinates are WGS-84 in 1e-7 degrees (1.1 cm; finer ones are rounded), divided
by what they all share: sites entered with six decimals cost six decimals (`step` is 10).

Compressed by HTTP alone (brotli where the browser takes it): old phones have nothing to unpack with.
"""

from __future__ import annotations

import struct
import uuid
from collections.abc import Callable, Iterator
from datetime import date
from functools import lru_cache
from hashlib import blake2b
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from geodata.registry.history import MARK
from locator.arrays import Rows
from locator.atlas import Atlas
from locator.columns import CodedColumn
from locator.filters import Filters, suitable
from locator.sites import UNKNOWN_LEVEL, Sites, Timetable

FORMAT = 1
UNITS_A_DEGREE = 10_000_000
_VERIFIED_FROM = date(1999, 12, 31).toordinal()
_ENDS = 512
"""A block ends behind an id whose digest is a multiple of this,"""
_SHORTEST, _LONGEST = 512, 2048
"""when it holds so many at least; and at so many in any case."""


def digest(part: bytes) -> str:
    """Return what a part is known by."""
    return blake2b(part, digest_size=16).hexdigest()


def told(sites: Sites) -> Rows:
    """Return which sites travel, ascending: those that `nearest` answers without a filter, public, active and located."""
    return np.flatnonzero(suitable(Filters(), sites))


def cut(sites: Sites, rows: Rows) -> Iterator[Rows]:
    """Yield rows block by block."""
    ids, start = sites.text("id"), 0
    for end, row in enumerate(rows.tolist(), 1):
        if end - start >= _SHORTEST and (end - start == _LONGEST or _says_end(ids[row] or "")):
            yield rows[start:end]
            start = end
    if start < len(rows):
        yield rows[start:]


def _says_end(site_id: str) -> bool:
    return int.from_bytes(blake2b(site_id.encode(), digest_size=4).digest(), "little") % _ENDS == 0


def block(sites: Sites, rows: Rows) -> bytes:
    """Return some sites as a block.

    Args:
        sites: The table.
        rows: (n,) rows of it, ascending; n >= 1.
    """
    tables: dict[str, list[Any]] = {}
    codes = []
    for name, column in (("kind", "kind"), ("eligibility", "eligibility"), ("district", "district_code"), ("street", "street_code")):
        places, tables[name] = _table(sites.coded(column), rows, lambda value: value or "")
        codes.append(_planes(places, 2))
    timetable, timetables = _table(sites.timetables, rows, known_as)
    levels = np.where(sites.facilities_inferred[rows], UNKNOWN_LEVEL, sites.all_levels(rows)).astype(np.uint8)
    stated = np.flatnonzero(levels.any(axis=1))
    tables["facility"] = [sites.facility_codes[place] for place in stated.tolist()]
    units = np.round(sites.lonlat[rows] * UNITS_A_DEGREE).astype(np.int64)
    step = max(1, int(np.gcd.reduce(units, axis=None)))
    units //= step
    ids = [sites.text("id")[row] or "" for row in rows.tolist()]
    packed = [_uuid(site_id) for site_id in ids]
    columns = [
        orjson.dumps(tables), b"".join(known_as(t) for t in timetables),
        b"".join(filter(None, packed)), _texts("" if known else site_id for site_id, known in zip(ids, packed, strict=True)),
        *(_texts(_stated(sites.text(name)[row]) for row in rows.tolist()) for name in ("name", "address", "phone")),
        *(_planes(_zigzag(np.diff(units[:, axis], prepend=units[:1, axis])), 4) for axis in (0, 1)),
        *codes, _planes(timetable, 2), _planes(_verified(sites, rows), 2),
        sites.has("demo", (True,))[rows].astype(np.uint8).tobytes(), _levels(levels[stated]),
        _texts(_stated(sites.text("entry_note")[row]) for row in rows.tolist()), *_entrances(sites, rows)]
    head = struct.pack("<4sIIii", b"NXB1", len(rows), step, *units[0].tolist())
    return head + b"".join(len(column).to_bytes(4, "little") + column for column in columns)


@lru_cache(maxsize=1 << 14)
def known_as(timetable: Timetable) -> bytes:
    """Return the 8 bytes that name a timetable in blocks and in `timelines`, whatever its place in a table."""
    return bytes(blake2b(orjson.dumps([*timetable[:-1], [list(slot) for slot in timetable.slots]]), digest_size=8).digest())


def words(atlas: Atlas) -> bytes:
    """Return what the codes of sites mean, as JSON.

    ``kind`` maps codes to [Chinese, English, colour]; ``facility``, ``eligibility`` and ``mode`` to [Chinese, English], in the
    order of display; ``need`` to [Chinese, English, filters, facilities that lead]; ``area`` to [Chinese, English, tier, code of the area above,
    longitude, latitude] of where a list of it begins, null where nobody knows.
    """
    vocabulary = atlas.vocabulary
    said: dict[str, Any] = {"kind": {t.code: [*t.words, t.colour] for t in vocabulary.terms("kind").values()}}
    said |= {section: {t.code: list(t.words) for t in vocabulary.terms(section).values()} for section in ("facility", "eligibility", "mode")}
    said["need"] = {need.code: [*need.words, dict(need.filters), need.leads] for need in vocabulary.needs.values()}
    said["area"] = {area.code: [*area.words, area.tier, area.parent, *(atlas.middle(area.code) or (None, None))] for area in atlas.areas}
    return orjson.dumps(said)


def places(atlas: Atlas, most: int) -> bytes:
    """Return landmarks as JSON: [Chinese, English, longitude, latitude, reading, other names, metres its point may be off]; none of over `most`."""
    return orjson.dumps([[*p.words, p.lon, p.lat, p.reading, p.aliases, p.accuracy_m] for p in atlas.places] if len(atlas.places) <= most else [])


def _table(column: CodedColumn[Any], rows: Rows, key: Callable[[Any], Any]) -> tuple[NDArray[np.intp], list[Any]]:
    """Return the values that some rows have, in an order that other rows do not change, and each row's place among them."""
    used, inverse = np.unique(column.codes[rows], return_inverse=True)
    values = [column.values[code] for code in used.tolist()]
    order = sorted(range(len(values)), key=lambda place: key(values[place]))
    place_of = np.empty(len(order), np.intp)
    place_of[order] = np.arange(len(order))
    return place_of[inverse], [values[place] for place in order]


def _stated(text: str | None) -> str:
    """Return a text of a record; nothing for one that was taken out of it."""
    return "" if text is None or text == MARK else text


def _entrances(sites: Sites, rows: Rows) -> Iterator[bytes]:
    entrances = np.column_stack([sites.number("entrance_lon")[rows], sites.number("entrance_lat")[rows]])
    known = np.isfinite(entrances).all(axis=1, keepdims=True)
    units = [np.round(lonlat * UNITS_A_DEGREE) for lonlat in (np.where(known, entrances, 0.0), sites.lonlat[rows])]
    apart = np.where(known, units[0] - units[1], 0).astype(np.int64)
    return (_planes(_zigzag(apart[:, axis]), 4) for axis in (0, 1))


def _texts(texts: Iterator[str]) -> bytes:
    return b"".join(text.encode("utf-8", "replace") + b"\xff" for text in texts)


def _uuid(site_id: str) -> bytes:
    """Return the 16 bytes of a UUID as we write them; nothing of any other id."""
    if len(site_id) != 36:
        return b""
    try:
        made = uuid.UUID(site_id)
    except ValueError:
        return b""
    return made.bytes if str(made) == site_id else b""


def _zigzag(differences: NDArray[np.int64]) -> NDArray[np.uint32]:
    wrapped = differences.astype(np.int32)
    return ((wrapped << 1) ^ (wrapped >> 31)).view(np.uint32)


def _planes(numbers: NDArray[np.integer[Any]], width: int) -> bytes:
    """Return (n,) unsigned numbers as `width` planes of n bytes, the lowest first."""
    return np.ascontiguousarray(numbers.astype("<u8").view(np.uint8).reshape(-1, 8)[:, :width].T).tobytes()


def _verified(sites: Sites, rows: Rows) -> NDArray[np.int64]:
    column = sites.coded("verified_on")
    days = np.array([0 if day is None else min(max(day.toordinal() - _VERIFIED_FROM, 1), 65535) for day in column.values], np.int64)
    return days[column.codes[rows]]


def _levels(levels: NDArray[np.uint8]) -> bytes:
    """Return (f, n) levels as f rows of two bits each, padded to whole bytes."""
    facilities, count = levels.shape
    filled = -(-count // 4)
    padded = np.zeros((facilities, filled * 4), np.uint8)
    padded[:, :count] = levels
    four = padded.reshape(facilities, filled, 4) << np.array([0, 2, 4, 6], np.uint8)
    return bytes(np.bitwise_or.reduce(four, axis=2).astype(np.uint8))
