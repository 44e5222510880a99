"""One function a question: question + atlas + now → a plain answer.

The command line, the API and the pages all ask here, so they cannot disagree. An answer holds no
pages and no JSON text: `as_dict` gives the public shape of `surface`, in one language.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from locator import datum, travel
from locator.arrays import Bits
from locator.atlas import Atlas
from locator.errors import NotBuilt, NotThere
from locator.hours import STATE_CODES, Opening, State, minute_of, moment_of
from locator.names import Place
from locator.quality import Judgement
from locator.questions import NearestQuestion, SearchQuestion
from locator.sites import FIELDS, INTERNAL_FIELDS, Sites
from locator.trust import Trust
from locator.typed import BEIJING
from locator.words import Words

if TYPE_CHECKING:
    from locator.network import Network
    from locator.walks import Walks

ESTIMATE, NETWORK = "estimate", "network"
"""What minutes are based on: the straight line, or the walking network."""
PUBLIC_STATUS = ("active", "suspended", "closed")
"""Of sites that anybody may see, if they are public: those that were accepted, also while out of service."""
PUBLIC_FIELDS = tuple(name for name in FIELDS if name not in INTERNAL_FIELDS)
"""The fields of a record that public answers carry, in the record's order."""


@dataclass(frozen=True, slots=True)
class NearSite:
    """One site of an answer, seen from where and when it was asked. Its record is read when it is shown."""

    sites: Sites
    row: int
    datum: str
    """The question's, which the answer's coordinates are in."""
    distance_m: float
    minutes: float
    opening: Opening
    """When it was asked."""
    arrival: State
    """When one gets there."""
    trust: Trust
    walk_m: float | None = None
    """Along the walking network; None where it was not asked for, or does not come near both ends."""
    minutes_basis: str = ESTIMATE

    @property
    def lonlat(self) -> tuple[float, float]:
        """Degrees in the question's datum."""
        lon, lat = self.sites.lonlat[self.row].tolist()
        return datum.point_from_wgs84(lon, lat, self.datum)

    @property
    def state(self) -> str:
        """open, closed or unknown, when it was asked."""
        return STATE_CODES[self.opening.state]

    @property
    def state_reason(self) -> Words | None:
        """Why, where there is something to say."""
        return self.opening.reason

    @property
    def state_on_arrival(self) -> str:
        """open, closed or unknown, when one gets there."""
        return STATE_CODES[self.arrival]

    @property
    def changes_at(self) -> datetime | None:
        """When the state next differs from the one asked about."""
        return None if self.opening.changes_at is None else moment_of(self.opening.changes_at)

    @property
    def mode(self) -> str | None:
        """Who may enter: staffed, code, unattended, staff_only."""
        return self.opening.mode

    @property
    def id(self) -> str:
        """The site's lasting name."""
        return str(self.sites.value("id", self.row))

    def value(self, name: str) -> Any:
        """Return one field of the site's record."""
        return self.sites.value(name, self.row)

    def as_dict(self, language: str) -> dict[str, Any]:
        """Return the public shape of one site of `nearest`."""
        value, row, opening = self.sites.value, self.row, self.opening
        lon, lat = self.lonlat
        return {
            "id": value("id", row), "name": value("name", row), "kind": value("kind", row),
            "lon": lon, "lat": lat,
            "distance_m": round(self.distance_m, 3), "walk_m": None if self.walk_m is None else round(self.walk_m, 1),
            "minutes": round(self.minutes, 1), "minutes_basis": self.minutes_basis,
            "state": STATE_CODES[opening.state],
            "state_reason": opening.reason.in_language(language) if opening.reason else None,
            "state_on_arrival": STATE_CODES[self.arrival],
            "changes_at": _clock_text(opening.changes_at),
            "mode": opening.mode,
            "facilities": self.sites.known_facilities(row),
            "eligibility": value("eligibility", row), "address": value("address", row),
            "accuracy_m": value("accuracy_m", row),
            "verified_on": _iso(value("verified_on", row)), **trusted(self.trust.of(row), language), "demo": value("demo", row),
        }


def trusted(judgement: Judgement, language: str) -> dict[str, Any]:
    """Return the public shape of a confidence: its code, why, and what several people or an administrator say."""
    return {"confidence": judgement.level.code, "confidence_reasons": [words.in_language(language) for words in judgement.reasons],
            "reported": [{"type": shown.type, "facility": shown.facility, "on": shown.on.isoformat(),
                          "message": shown.words.in_language(language)} for shown in judgement.reported]}


@dataclass(frozen=True, slots=True)
class NearestAnswer:
    """The nearest suitable sites, ascending by distance, by column; `sites` are the same one by one."""

    question: NearestQuestion
    as_of: datetime
    table: Sites
    """Where the rows are."""
    rows: list[int]
    distances_m: list[float]
    minutes: list[float]
    """To each site: estimated, or along the walking network."""
    openings: list[Opening]
    """Of each site, when it was asked."""
    arrivals: list[State]
    """Of each site, when one gets there."""
    trust: Trust
    walks_m: list[float | None] | None = None
    """Along the walking network to each site, None where it does not come near both ends; None where it was not asked for."""

    def near(self, place: int) -> NearSite:
        """Return the site at one place of the answer, 0 the nearest."""
        walk_m = None if self.walks_m is None else self.walks_m[place]
        return NearSite(self.table, self.rows[place], self.question.datum, self.distances_m[place], self.minutes[place],
                        self.openings[place], self.arrivals[place], self.trust, walk_m,
                        ESTIMATE if walk_m is None or self.question.by != "walk" else NETWORK)

    @property
    def sites(self) -> tuple[NearSite, ...]:
        """Every site, nearest first; made anew each time it is asked for."""
        return tuple(map(self.near, range(len(self.rows))))

    def query(self) -> dict[str, Any]:
        """Return the question as it was understood."""
        question, filters = self.question, self.question.filters
        return {
            "lon": question.lon, "lat": question.lat, "k": question.k, "within": question.within_m,
            "kind": list(filters.kinds), "facility": list(filters.facilities),
            "eligibility": list(filters.eligibility), "area": list(filters.areas), "state": filters.state, "strict": filters.strict,
            "verified_only": filters.verified_only, "at": question.at.isoformat() if question.at else None,
            "by": question.by, "network": question.network, "datum": question.datum,
            "accuracy_m": question.accuracy_m,
        }

    def as_dict(self, language: str = "zh") -> dict[str, Any]:
        """Return the public shape of `nearest`."""
        return {"query": self.query(), "as_of": self.as_of.isoformat(), "datum": self.question.datum,
                "sites": [site.as_dict(language) for site in self.sites]}


def nearest(question: NearestQuestion, atlas: Atlas, now: datetime, trust: Trust | None = None,
            network: Network | None = None) -> NearestAnswer:
    """Return the k suitable sites nearest to a place, with their state now and on arrival.

    Nearest is by the straight line, over a network too; the network tells how long it takes to walk there.

    Args:
        question: What is asked; `question.at` overrides `now`.
        atlas: What is known.
        now: The present, with an offset.
        trust: The confidence in the atlas's sites; None is that in their records alone, as if nobody had reported anything.
        network: The walking network; only looked at where the question asks for it.

    Raises:
        NotBuilt: If walking distances over a network are asked for and there is none.
    """
    as_of = question.at or now
    minute, second = minute_of(as_of), as_of.second + as_of.microsecond / 1e6
    lon, lat = datum.point_to_wgs84(question.lon, question.lat, question.datum)
    within_m = math.inf if question.within_m is None else question.within_m
    walks = _walks(lon, lat, question, atlas, network) if question.network else None
    rows, metres = atlas.finder.nearest(lon, lat, filters=question.filters, minute=minute, second=second,
                                        k=question.k, within_m=within_m, by=question.by, minutes=None if walks is None else walks.minutes)
    codes, hours = atlas.sites.timetables.codes[rows].tolist(), atlas.hours
    distances_m, pace, started = metres.tolist(), travel.minutes_a_metre(question.by), minute + second / 60
    minutes = [metre * pace for metre in distances_m] if walks is None else walks.minutes(rows, metres).tolist()
    openings = hours.openings(codes, minute)
    # between now and the next change the state is the same, so only a later arrival is looked up
    arrivals = [opening.state if opening.changes_at is None or started + later < opening.changes_at
                else hours.state_at(code, math.floor(started + later))
                for opening, later, code in zip(openings, minutes, codes, strict=True)]
    return NearestAnswer(question, as_of, atlas.sites, rows.tolist(), distances_m, minutes, openings, arrivals,
                         trust or unreported(atlas, now), None if walks is None else walks.known(rows, metres))


def _walks(lon: float, lat: float, question: NearestQuestion, atlas: Atlas, network: Network | None) -> Walks:
    if network is None:
        raise NotBuilt("network", True, zh="这里没有可用的步行路网（用 nuanxin network build 生成）；去掉 network 即按直线估算",
                       en="no walking network is at hand here (nuanxin network build makes one); without network the straight line is used")
    from locator.walks import Walks  # here: whoever asks for no network never waits for it

    return Walks(network, lon, lat, atlas.sites.lonlat, by=question.by)


def unreported(atlas: Atlas, now: datetime) -> Trust:
    """Return the confidence in an atlas's records alone."""
    return Trust(atlas.sites, atlas.vocabulary, {}, now.astimezone(BEIJING).date())


@dataclass(frozen=True, slots=True)
class FoundSite:
    """A site found by name."""

    row: int
    sites: Sites
    matched: str

    def as_dict(self, language: str) -> dict[str, Any]:  # noqa: ARG002 - a name has one language
        """Return the public shape of one site of `search`."""
        value, row = self.sites.value, self.row
        return {"type": "site", "id": value("id", row), "name": value("name", row), "kind": value("kind", row),
                "lon": value("lon", row), "lat": value("lat", row), "address": value("address", row),
                "district_code": value("district_code", row), "matched": self.matched, "demo": value("demo", row)}


@dataclass(frozen=True, slots=True)
class FoundPlace:
    """A place found by name."""

    place: Place
    matched: str

    def as_dict(self, language: str) -> dict[str, Any]:
        """Return the public shape of one place of `search`."""
        place = self.place
        return {"type": "place", "code": place.code, "name": place.words.in_language(language),
                "category": place.category, "lon": place.lon, "lat": place.lat, "accuracy_m": place.accuracy_m,
                "matched": self.matched}


@dataclass(frozen=True, slots=True)
class SearchAnswer:
    """Sites and places by name, best first; a place precedes a site that matches as well."""

    question: SearchQuestion
    found: tuple[FoundSite | FoundPlace, ...]

    def as_dict(self, language: str = "zh") -> dict[str, Any]:
        """Return the public shape of `search`; coordinates are WGS-84."""
        return {"query": {"q": self.question.text, "k": self.question.k}, "datum": "wgs84",
                "results": [found.as_dict(language) for found in self.found]}


def search(question: SearchQuestion, atlas: Atlas) -> SearchAnswer:
    """Return the sites and places that go by some words: characters, pinyin, initials, code, address."""
    sites = atlas.sites
    shown = sites.has("status", ("active",))
    if question.audience == "public":
        shown = shown & sites.has("visibility", ("public",))
    by_place: list[tuple[int, int, FoundSite | FoundPlace]] = [(found.rank, 0, FoundPlace(atlas.places[found.row], found.matched))
                for found in atlas.place_names.search(question.text, question.k)]
    by_site: list[tuple[int, int, FoundSite | FoundPlace]] = [(found.rank, 1, FoundSite(found.row, sites, found.matched))
               for found in atlas.site_names.search(question.text, question.k, among=shown)]
    merged = sorted([*by_place, *by_site], key=lambda ranked: ranked[:2])
    return SearchAnswer(question, tuple(found for _, _, found in merged[:question.k]))


@dataclass(frozen=True, slots=True)
class SiteAnswer:
    """One site, its state, and its public record."""

    row: int
    sites: Sites
    as_of: datetime
    state: str
    state_reason: Words | None
    changes_at: datetime | None
    mode: str | None
    judgement: Judgement

    def as_dict(self, language: str = "zh") -> dict[str, Any]:
        """Return the public record, WGS-84, with its state."""
        record = {name: _plain(self.sites.value(name, self.row)) for name in PUBLIC_FIELDS}
        return {**record, "state": self.state,
                "state_reason": self.state_reason.in_language(language) if self.state_reason else None,
                "changes_at": self.changes_at.isoformat() if self.changes_at else None, "mode": self.mode,
                **trusted(self.judgement, language),
                "as_of": self.as_of.isoformat(), "datum": "wgs84"}


def site(site_id: str, atlas: Atlas, now: datetime, *, audience: str = "public", trust: Trust | None = None) -> SiteAnswer:
    """Return one site by id; `trust` as `nearest` takes it.

    Raises:
        NotThere: If there is no such site, or it is not for this audience.
    """
    row = atlas.sites.row_of(site_id)
    if row is None or (audience == "public" and not public(atlas.sites)[row]):
        raise NotThere("id", site_id, zh="没有这个站点，或它不对外公开", en="there is no such site, or it is not public")
    minute = minute_of(now)
    opening = atlas.hours.opening(int(atlas.sites.timetables.codes[row]), minute)
    return SiteAnswer(row, atlas.sites, now, STATE_CODES[opening.state], opening.reason,
                      None if opening.changes_at is None else moment_of(opening.changes_at), opening.mode,
                      (trust or unreported(atlas, now)).of(row))


def public(sites: Sites) -> Bits:
    """Return (n,) which sites anybody may see: public ones that were accepted, also while suspended or closed."""
    return sites.has("visibility", ("public",)) & sites.has("status", PUBLIC_STATUS)


@lru_cache(maxsize=4096)
def _clock_text(minute: int | None) -> str | None:
    return None if minute is None else moment_of(minute).isoformat()


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _plain(value: Any) -> Any:
    if isinstance(value, date):  # and datetime
        return value.isoformat()
    if isinstance(value, tuple):
        return [v._asdict() if hasattr(v, "_asdict") else v for v in value]
    return value
