"""What of the registry somebody may look through: their area's sites, filtered, searched, in order, and in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NamedTuple

import numpy as np
from werkzeug.datastructures import MultiDict

from locator import listing, permissions
from locator.answers import public
from locator.areas import AreaTree
from locator.arrays import Bits, Rows
from locator.atlas import Atlas
from locator.errors import BadTime, Refusal
from locator.filters import Filters
from locator.listing import Listing
from locator.permissions import Grant, Permission
from locator.sites import Sites
from web import cards, current, i18n, saving
from web.held import Held

MOST_FOUND = 1000
"""Of a search by words; the best of them."""
NAMES = ("q", "kind", "status", "area", "host", "facility", "visibility", "verified_before", "without_hours", "unlocated", "demo", "sort")
"""Everything that an address of the list may ask for, the page apart."""


def within_reach(held: Held, grant: Grant, permission: Permission = Permission.READ_INTERNAL) -> Bits:
    """Return (n,) which sites of any status a grant reaches; reckoned once for each grant and atlas."""
    return held.derived(("within_reach", grant, permission), lambda atlas: _within_reach(atlas, grant, permission))


def _within_reach(atlas: Atlas, grant: Grant, permission: Permission) -> Bits:
    sites, tree = atlas.sites, atlas.areas
    if not len(sites) or not grant.allows(permission):
        return np.zeros(len(sites), bool)
    district, street = sites.coded("district_code"), sites.coded("street_code")
    pairs, place = np.unique(np.column_stack([district.codes, street.codes]).astype(np.int64), axis=0, return_inverse=True)
    belongs = [permissions.areas_of(tree, district=district.values[d], street=street.values[s]) for d, s in pairs.tolist()]
    reached = np.array([grant.may_all(permission, areas, tree) for areas in belongs], bool)[place.reshape(-1)]
    # a site that states no area belongs to the one it lies in
    stateless = np.array([areas == (None,) for areas in belongs], bool)[place.reshape(-1)] & sites.located
    rows = np.flatnonzero(stateless)
    if len(rows):
        reached[rows] = _lie_in_reach(sites, rows, grant, permission, tree)
    return reached


def _lie_in_reach(sites: Sites, rows: Rows, grant: Grant, permission: Permission, tree: AreaTree) -> Bits:
    lies_in = saving.outlined().finest_of(sites.lonlat[rows])
    may = {code: grant.may_all(permission, permissions.areas_of(tree, district=None, street=None, lies_in=code), tree) for code in set(lies_in)}
    return np.array([may[code] for code in lies_in], bool)


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address of the list asks for."""

    listing: Listing
    text: str
    chosen: bool
    """Whether an order was chosen; else a search by words has its own."""


def read(given: MultiDict[str, str], atlas: Atlas) -> tuple[Asked, list[Refusal]]:
    """Return what an address asks for, and what of it cannot be read; that part is left out."""
    refusals: list[Refusal] = []
    vocabulary = atlas.vocabulary

    def codes(section: str, name: str) -> tuple[str, ...]:
        return tuple(filter(None, (_tried(lambda said=said: vocabulary.code(section, said), refusals)
                                   for said in given.getlist(name) if said.strip())))

    areas = [area for said in given.getlist("area") if said.strip()
             for area in _tried(lambda said=said: atlas.areas.subtree(atlas.areas.code(said)), refusals) or ()]
    before = given.get("verified_before", "").strip()
    wanted = Listing(
        Filters(kinds=codes("kind", "kind"), facilities=codes("facility", "facility"), areas=tuple(sorted(set(areas))), audience="internal"),
        statuses=codes("status", "status"), hosts=codes("host", "host"), visibility=next(iter(codes("visibility", "visibility")), None),
        verified_before=_tried(lambda: _day(before), refusals) if before else None, without_hours=bool(given.get("without_hours")),
        unlocated=bool(given.get("unlocated")), demo={"yes": True, "no": False}.get(given.get("demo", "")))
    sort = given.get("sort", "")
    if sort:
        wanted = _tried(lambda: replace(wanted, sort=sort), refusals) or wanted
    return Asked(wanted, given.get("q", "").strip()[:80], bool(sort)), refusals


def _tried(read: Any, refusals: list[Refusal]) -> Any:
    try:
        return read()
    except Refusal as refusal:
        refusals.append(refusal)
        return None


def _day(said: str) -> date:
    try:
        return date.fromisoformat(said)
    except ValueError:
        raise BadTime("verified_before", said, zh="没有这一天；写法如 2026-03-04", en="no such day; write it like 2026-03-04") from None


def rows_of(asked: Asked, held: Held, grant: Grant) -> Rows:
    """Return (m,) the rows that are asked for, in order: of a search by words the best first unless an order was chosen."""
    atlas = held.atlas
    passing = listing.listed(asked.listing, atlas.sites) & within_reach(held, grant)
    if asked.text:
        row = atlas.sites.row_of(asked.text)  # an id says exactly which
        found = [hit.row for hit in atlas.site_names.search(asked.text, MOST_FOUND, among=passing)]
        found = [row, *(r for r in found if r != row)] if row is not None and passing[row] else found
        if not asked.chosen:
            return np.array(found, np.intp)
        passing = np.isin(np.arange(len(passing)), found)
    order = held.derived(("order", asked.listing.sort), lambda atlas: listing.order(atlas.sites, atlas.readings, asked.listing.sort))
    return order[passing[order]]


class Line(NamedTuple):
    """One site of the list, in words."""

    id: str
    name: str
    kind: str
    colour: str
    status: str
    status_words: str
    internal: bool
    area: str
    address: str | None
    code: str | None
    hours: str | None
    verified_on: date | None
    demo: bool
    public: bool
    lon: float | None
    lat: float | None


def lines(rows: Iterable[int], atlas: Atlas) -> list[Line]:
    """Return some sites in words."""
    return [_line(row, atlas) for row in rows]


def _line(row: int, atlas: Atlas) -> Line:
    value, vocabulary = atlas.sites.value, atlas.vocabulary
    kind = vocabulary.terms("kind").get(value("kind", row))
    areas = [atlas.areas[code].words.in_language(i18n.language()) for name in ("district_code", "street_code")
             if (code := value(name, row)) in atlas.areas]
    return Line(
        value("id", row), value("name", row), cards.word(vocabulary, "kind", value("kind", row)) or "",
        (kind.colour if kind else None) or cards.PLAIN_COLOUR, value("status", row), cards.word(vocabulary, "status", value("status", row)) or "",
        value("visibility", row) == "internal", " · ".join(areas), value("address", row), value("station_code", row),
        value("opening_hours", row) or value("hours_text", row), value("verified_on", row), bool(value("demo", row)),
        bool(public(atlas.sites)[row]), value("lon", row), value("lat", row))


def found(text: str, grant: Grant, most: int) -> list[Mapping[str, Any]]:
    """Return landmarks and sites within reach to start from: name, address, WGS-84 pair; only what has a place."""
    held = current.held()
    atlas, text = held.atlas, text.strip()[:80]
    if not text:
        return []
    language = i18n.language()
    places = [(hit.rank, 0, {"name": place.words.in_language(language), "address": "", "lon": place.lon, "lat": place.lat})
              for hit in atlas.place_names.search(text, most) if (place := atlas.places[hit.row])]
    among = within_reach(held, grant) & atlas.sites.located
    value = atlas.sites.value
    sites = [(hit.rank, 1, {"name": value("name", hit.row), "address": value("address", hit.row) or "", "lon": value("lon", hit.row),
                            "lat": value("lat", hit.row)}) for hit in atlas.site_names.search(text, most, among=among)]
    return [one for _, _, one in sorted([*places, *sites], key=lambda ranked: ranked[:2])[:most]]
