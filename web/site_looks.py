"""What a form comes to before it is saved: where it lies, when it is open, what it may be a duplicate of.

The same panels are drawn when the page is loaded, when "check" is pressed, and while somebody types.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from geodata import duplicates
from geodata.profiles import Profiles
from locator.answers import public
from locator.atlas import Atlas
from locator.datum import NAMES, point_from_wgs84
from locator.errors import Refusal
from locator.permissions import Permission
from locator.sites import Site
from web import cards, current, hours_preview, i18n, phrases, saving, site_form
from web.hours_preview import Preview
from web.i18n import gettext
from web.site_form import Values

SURE = ("same", "likely")
"""Verdicts that somebody has to answer before a site is registered beside another."""
_TOLD_APART_BY = ("name", "aliases", "kind", "address", "phone", "station_code", "source", "source_id", "floor", "parent_id")
_SHOWN_IN = ("wgs84", "gcj02", "bd09")


class Place(NamedTuple):
    """Where a form's coordinates lie."""

    lon: float
    lat: float
    """WGS-84."""
    pairs: tuple[tuple[str, str], ...]
    """The same place in each datum."""
    district: str | None
    outside: bool
    """Outside the area of whoever fills in the form."""


class Alike(NamedTuple):
    """A site that the form's may be."""

    id: str
    name: str
    address: str
    distance: str
    reasons: str
    verdict: str
    """In words."""
    code: str
    """same, likely or possible"""
    distance_m: float | None
    sure: bool
    readable: bool
    """False: somebody else's internal site, told of without its name."""
    lon: float | None
    lat: float | None


class Looks(NamedTuple):
    """Everything there is to say of a form that may be half filled in."""

    place: Place | None
    hours: Preview | None
    alike: tuple[Alike, ...]
    errors: tuple[Refusal, ...]
    """Of the coordinates and the hours only: what is not filled in yet is no error."""
    warnings: tuple[Refusal, ...]


def looks(values: Values, existing: Site | None) -> Looks:
    """Return what a form comes to."""
    atlas = current.atlas()
    said = site_form.said(values, atlas.vocabulary.terms("facility"))
    stands_for = {"name": said["name"] or "-", "kind": next(iter(atlas.vocabulary.terms("kind"))), "address": "-"}
    where = saving.editor().edit({**stands_for, **{name: said[name] for name in ("coordinates", "datum", "district_code")}})
    when = saving.editor().edit({**stands_for, **{name: said[name] for name in (
        "opening_hours", "hours_text", "workday_rule", "season_from", "season_to", "slots", "basis")}})
    place = _place(where.site, where.lies_in, atlas)
    errors = [refusal for edit in (where, when) for refusal in edit.errors if refusal.field not in stands_for]
    warnings = [refusal for refusal in where.warnings if place is not None]
    hours = hours_preview.preview(when.site.timetable, atlas, current.now().date()) if when.site else None
    lonlat = None if place is None else (place.lon, place.lat)
    return Looks(place, hours, _alike(said, lonlat, existing.id if existing else None, atlas), tuple(errors), tuple(warnings))


def alike(site: Site) -> tuple[Alike, ...]:
    """Return the other sites that a record may be."""
    lonlat = None if site.lon is None or site.lat is None else (site.lon, site.lat)
    return _alike({name: getattr(site, name) for name in _TOLD_APART_BY}, lonlat, site.id, current.atlas())


def _place(site: Site | None, lies_in: str | None, atlas: Atlas) -> Place | None:
    if site is None or site.lon is None or site.lat is None:
        return None
    lon, lat = site.lon, site.lat
    pairs = tuple((NAMES[datum], "{:.6f}, {:.6f}".format(*point_from_wgs84(lon, lat, datum))) for datum in _SHOWN_IN)
    named = atlas.areas[lies_in].words.in_language(i18n.language()) if lies_in is not None else None
    mine = saving.may(Permission.EDIT_SITES, site)
    return Place(lon, lat, pairs, named, outside=not mine)


def _alike(said: Mapping[str, object], lonlat: tuple[float, float] | None, site_id: str | None, atlas: Atlas) -> tuple[Alike, ...]:
    if not said["kind"] or not (said["name"] or lonlat):
        return ()
    profiles = current.held().derived("profiles", lambda atlas: Profiles(atlas.vocabulary, atlas.areas))
    record = profiles.of_values({**{name: said[name] or None for name in _TOLD_APART_BY}, "id": site_id}, lonlat)
    return tuple(_told(match, atlas) for match in duplicates.of_record(record, atlas, profiles))


def _told(match: duplicates.Match, atlas: Atlas) -> Alike:
    site = atlas.sites.site(match.other)
    readable = bool(public(atlas.sites)[match.other]) or saving.may(Permission.READ_INTERNAL, site)
    reasons = [reason.words.in_language(i18n.language()) for reason in match.reasons if reason.bits > 0]
    verdicts = {"same": gettext("Almost certainly the same"), "likely": gettext("Probably the same"), "possible": gettext("Perhaps the same")}
    where = None if match.distance_m is None else phrases.distance(match.distance_m)
    name = site.name if readable else gettext("an internal site of another area")
    kind = cards.word(atlas.vocabulary, "kind", site.kind) or ""
    return Alike(site.id if readable else "", name, (site.address or kind) if readable else kind, where or gettext("not located"),
                 gettext(", ").join(reasons), verdicts[match.verdict], match.verdict, match.distance_m, match.verdict in SURE, readable,
                 site.lon if readable else None, site.lat if readable else None)


