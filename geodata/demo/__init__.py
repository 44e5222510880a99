"""The demonstration registry: the reported network of 2018 at full size, and every record marked.

Which figure on record is where is one table, `files/demo_counts.toml` (`facts`); the places that
reports name are in `files/demo_reported.toml`. All other sites are invented: names, hosts,
eligibility, hours and facilities are drawn from `demo_names.toml` and `demo_service.toml`, and
places are drawn around the points of `demo_streets.csv`, by census population between districts and
denser near a few centres. Street codes are by assignment: no outlines of streets exist.

Who sees what follows the record: of the warm stations 7,362 in 25,987 serve outdoor workers, of the
mother-baby rooms 411 in 6,359 are in public places; all others are for members, and say so. They are
public too, and every site is active, so that anybody can count the figures on record; only a
studio for its own staff is internal.

No record has a phone or photos. The same seed gives the same records, whatever the machine.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from random import Random
from typing import Any, NamedTuple

from geodata.areas import FILES, Areas, census
from geodata.demo import service
from geodata.demo.figures import Fact, Share, facts, record
from geodata.demo.ground import DISTRICT_DIGITS, Ground
from geodata.demo.naming import Called, Namer, Whereabouts, parts
from geodata.demo.quotas import Cell, cells
from locator.sites import Site, Slot
from locator.vocabulary import Vocabulary

__all__ = ["AS_OF", "SEED", "SOURCE", "Fact", "Share", "facts", "named", "record", "sites"]

SEED = 20181231
SOURCE = "demo"
AS_OF = date(2026, 6, 30)
"""The last day a demonstration record was verified on; the first is within two years before."""

_VERIFIED_WITHIN_DAYS = 730
_CHECK_AFTER_DAYS = 365
_NEVER_VERIFIED = 0.04
_ACCURACIES_M = (20.0, 30.0, 50.0, 100.0)
_STATIONS = "union_service_station"
_AREAS_M2 = {"warm_station": (5, 60), "workers_home": (40, 800), "mother_baby_room": (4, 25), _STATIONS: (8, 120),
             "service_centre": (600, 4000), "reading_room": (30, 200), "childcare_class": (40, 160)}
_SEATS = {"warm_station": (3, 24), "workers_home": (20, 200), "reading_room": (10, 60), "childcare_class": (20, 40)}
_FREE = ("warm_station", "mother_baby_room", "water_point", "service_centre", "mediation_room")


class _Seat(NamedTuple):
    """A place in the registry that is still to be furnished."""

    cell: Cell
    eligibility: str
    host: str
    lon: float
    lat: float
    around: str
    parent_id: str | None = None


def sites(vocabulary: Vocabulary, areas: Areas, *, seed: int = SEED) -> Iterator[Site]:
    """Yield the whole demonstration registry: the places reports name, then the invented ones.

    About 14,000 records, ids ``demo-000001`` onwards, all `demo`, `source` "demo", active, WGS-84;
    each lies inside its district by `Areas.district_of`. The same seed yields the same records.

    Raises:
        UnknownCode: If the vocabulary lacks a code the demonstration uses.
    """
    _check_codes(vocabulary)
    places = named(areas)
    yield from places
    ground = Ground.load(areas)
    wanted = cells(record(), census(), ground.streets, places, _random(seed, "cells"))
    namer = Namer((site.name for site in places), _random(seed, "names"))
    stations = {site.street_code: site for site in places if site.kind == _STATIONS}
    serials: Counter[str] = Counter()
    number = len(places)
    for kind in dict.fromkeys(cell.kind for cell in wanted):
        of_kind = [cell for cell, count in wanted.items() if cell.kind == kind for _ in range(count)]
        rng = _random(seed, kind)
        for seat in _seats(kind, of_kind, places, ground, stations, rng):
            number += 1
            serials[seat.cell.street] += 1
            where = Whereabouts(areas.tree[seat.cell.street[:DISTRICT_DIGITS]].words.zh,
                                areas.tree[seat.cell.street].words.zh, seat.around)
            closed = seat.eligibility not in service.OPEN_TO_ALL_COMERS
            called = namer.call(kind, seat.host, where, closed=closed)
            site = _site(number, serials[seat.cell.street], seat, called, rng)
            if kind == _STATIONS:
                stations.setdefault(site.street_code, site)
            yield site


def named(areas: Areas) -> list[Site]:
    """Return the places the reports name, with what the reports give of them and nothing more.

    Raises:
        NotThere: If `areas` lacks a street one of them is in.
    """
    found = []
    for number, line in enumerate(tomllib.loads((FILES / "demo_reported.toml").read_text("utf-8"))["site"], 1):
        street = areas.tree[line["street"]]
        given: dict[str, Any] = {name: value for name, value in line.items() if name not in ("street", "slots", "aliases")}
        basis = {"hours": "stated"} if "opening_hours" in line else {}
        basis |= {"facilities": "stated"} if line.get("facilities") else {}
        found.append(Site(id=_id(number), aliases=tuple(line.get("aliases", ())), street_code=street.code,
                          district_code=street.parent, slots=tuple(Slot(**slot) for slot in line.get("slots", ())),
                          basis=basis, source=SOURCE, source_datum="wgs84", demo=True, **given))
    return found


def _seats(kind: str, of_kind: list[Cell], places: Iterable[Site], ground: Ground, stations: dict[str | None, Site],
           rng: Random) -> Iterator[_Seat]:
    """Yield who may use each site, in whose premises it is and where it stands."""
    share = next((s for s in record().shares if s.kind == kind), None)
    already = sum(site.kind == kind and site.eligibility in share.eligibility for site in places) if share else 0
    eligible = service.eligibilities(kind, [cell.subtype for cell in of_kind], share, already, rng)
    hosts = [service.host(kind, eligibility, rng) for eligibility in eligible]
    lonlat, around = ground.draw([cell.street for cell in of_kind], rng)
    in_stations = any(fact.in_stations for fact in record().of(kind))
    housed: set[str] = set()
    for cell, eligibility, host, (lon, lat), near in zip(of_kind, eligible, hosts, lonlat.tolist(), around, strict=True):
        station = stations.get(cell.street)
        first = in_stations and cell.street not in housed
        if station is not None and station.lon is not None and station.lat is not None and (
                first or (kind == "mother_baby_room" and host == "union")):
            housed.add(cell.street)
            yield _Seat(cell, eligibility, "union", station.lon, station.lat, near, station.id)
        else:
            yield _Seat(cell, eligibility, host, lon, lat, near)


def _site(number: int, serial: int, seat: _Seat, called: Called, rng: Random) -> Site:
    """Furnish one invented site."""
    kind, subtype, street = seat.cell
    unsaid = service.table()["unsaid"]
    staff_only = seat.eligibility == "staff_only"
    season = service.season(kind, rng) or (None, None)
    told = rng.random() >= unsaid["none_staff_only" if staff_only else "none"]
    inferred = told and season == (None, None) and rng.random() < unsaid["inferred"]
    times = service.times(kind, subtype, seat.host, rng, commonest=inferred or season != (None, None))
    facilities = service.facilities(kind, seat.host, rng)
    basis = {"facilities": "inspected" if rng.random() < 0.3 else "stated"} if facilities else {}
    if told:
        basis["hours"] = "inferred" if inferred else "inspected" if rng.random() < 0.2 else "stated"
    notes = parts()["notes"]
    floor_m2, seats = _AREAS_M2.get(kind), _SEATS.get(kind)
    verified_on = None
    if rng.random() >= _NEVER_VERIFIED:
        verified_on = AS_OF - timedelta(days=rng.randrange(_VERIFIED_WITHIN_DAYS))
    return Site(
        id=_id(number), name=called.name, kind=kind, station_code=f"D{street}-{serial:03d}", aliases=called.aliases,
        subtype=subtype, host=seat.host, parent_id=seat.parent_id, source=SOURCE,
        lon=seat.lon, lat=seat.lat, source_datum="wgs84", accuracy_m=rng.choice(_ACCURACIES_M),
        address=called.address, district_code=street[:DISTRICT_DIGITS], street_code=street,
        floor=rng.choice(("1层", "1层", "1层", "2层", "B1层")) if rng.random() < 0.3 else None,
        directions=rng.choice(notes["directions"]) if rng.random() < 0.25 else None,
        opening_hours=times.opening_hours if told else None, season_from=season[0], season_to=season[1],
        slots=times.slots if told else (), eligibility=seat.eligibility,
        fee="free" if kind in _FREE and not staff_only and rng.random() < 0.8 else None,
        capacity=rng.randint(*seats) if seats and rng.random() < 0.4 else None,
        area_m2=float(rng.randint(*floor_m2)) if floor_m2 and rng.random() < 0.6 else None,
        facilities=facilities, visibility="internal" if staff_only else "public",
        entry_note=_entry_note(seat.eligibility, times.slots if told else (), rng),
        hours_text=None if told or rng.random() < 0.5 else rng.choice(notes["no_hours"]),
        workday_rule=times.workday_rule if told else "unstated", basis=basis, status="active", verified_on=verified_on,
        verified_how=rng.choice(("visit", "visit", "visit", "phone", "photo", "host")) if verified_on else None,
        next_check_on=verified_on + timedelta(days=_CHECK_AFTER_DAYS) if verified_on else None, demo=True)


def _entry_note(eligibility: str, slots: tuple[Slot, ...], rng: Random) -> str | None:
    """Return how to get in: at the hardest hour if it differs by hour, otherwise sometimes."""
    notes: dict[str, list[str]] = parts()["notes"]
    if slots:
        return rng.choice(notes[slots[-1].mode])
    if eligibility in notes and rng.random() < 0.4:
        return rng.choice(notes[eligibility])
    return None


def _check_codes(vocabulary: Vocabulary) -> None:
    """Refuse a vocabulary without a code the demonstration uses."""
    table = service.table()
    for kind in table["host"]["open"].keys() | table["host"]["closed"].keys():
        vocabulary.term("kind", kind)
    for codes in (*table["facility"].values(), *table["host_facility"].values()):
        for code in codes:
            vocabulary.term("facility", code)
    for hosts in (*table["host"]["open"].values(), *table["host"]["closed"].values()):
        for code in hosts:
            vocabulary.term("host", code)


def _id(number: int) -> str:
    return f"{SOURCE}-{number:06d}"


def _random(seed: int, part: str) -> Random:
    """Return a generator of its own for each part, so that a change in one leaves the others as they were."""
    return Random(f"{seed}:{part}")
