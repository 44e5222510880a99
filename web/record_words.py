"""A record's fields and values in words, for those who keep it: what a field is called, what a value says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from geodata.registry import Revision, history
from locator.atlas import Atlas
from locator.sites import INTERNAL_FIELDS
from web import cards, i18n
from web.i18n import gettext

_SECTIONS = {"kind": "kind", "subtype": "subtype", "host": "host", "eligibility": "eligibility", "gender": "gender", "fee": "fee",
             "visibility": "visibility", "workday_rule": "workday_rule", "status": "status", "source_datum": "datum", "datum": "datum",
             "verified_how": "verified_how"}
_PLACES = ("lon", "lat", "entrance_lon", "entrance_lat", "source_lon", "source_lat")
_HIDDEN = ("manager", "manager_phone")


def label(name: str, atlas: Atlas | None = None) -> str:
    """Return what a field is called; of ``facilities.CODE`` the facility's name."""
    section, _, code = name.partition(".")
    if section == "facilities" and code and atlas is not None:
        return cards.word(atlas.vocabulary, "facility", code) or code
    if section == "slots":
        return _labels()["slots"]
    return _labels().get(name, name)


def known(name: str) -> str:
    """Return what a field of a record is called; empty for what is none."""
    return _labels().get(name, "")


def _labels() -> Mapping[str, str]:
    return {
        "id": gettext("Id"), "name": gettext("Name"), "kind": gettext("Kind"), "subtype": gettext("Sub-type"), "host": gettext("Host"),
        "host_brand": gettext("Brand of the host"), "station_code": gettext("Station code"), "aliases": gettext("Other names"),
        "parent_id": gettext("Inside which site (id)"), "source": gettext("Source"), "source_id": gettext("Number at the source"),
        "coordinates": gettext("Coordinates"), "datum": gettext("Datum"), "lon": gettext("Longitude"), "lat": gettext("Latitude"),
        "source_lon": gettext("Longitude as given"), "source_lat": gettext("Latitude as given"), "source_datum": gettext("Datum as given"),
        "entrance": gettext("Entrance"), "entrance_lon": gettext("Longitude of the entrance"), "entrance_lat": gettext("Latitude of the entrance"),
        "accuracy_m": gettext("Accuracy (metres)"), "address": gettext("Address"), "district_code": gettext("District"),
        "street_code": gettext("Street or township"), "floor": gettext("Floor"), "directions": gettext("How to find it"),
        "opening_hours": gettext("Opening hours"), "hours_text": gettext("Hours in words"), "season_from": gettext("First day of the season"),
        "season_to": gettext("Last day of the season"), "slots": gettext("Who may enter when"), "eligibility": gettext("Who may use it"),
        "gender": gettext("Men and women"), "fee": gettext("Price"), "capacity": gettext("Seats"), "area_m2": gettext("Area (m²)"),
        "facilities": gettext("What it has"), "phone": gettext("Telephone"), "photos": gettext("Photos"), "visibility": gettext("Visibility"),
        "entry_note": gettext("How one gets in"), "workday_rule": gettext("Holidays and make-up days"), "basis": gettext("Basis"),
        "basis.hours": gettext("Basis of the hours"), "basis.facilities": gettext("Basis of the facilities"), "manager": gettext("Manager"),
        "manager_phone": gettext("Manager's telephone"), "status": gettext("Status"), "verified_on": gettext("Verified on"),
        "verified_by": gettext("Verified by"), "verified_how": gettext("Verified how"), "next_check_on": gettext("Next check on"),
        "award": gettext("Award"), "demo": gettext("demonstration"), "reason": gettext("Reason for the change"),
        "anyway": gettext("Possible duplicates"), "version": gettext("Version"),
    }


def level(said: str | None) -> str:
    """Return what is known of a facility, in a word."""
    return {"yes": gettext("Has"), "no": gettext("Has not"), "limited": gettext("Limited")}.get(said or "", gettext("Not stated"))


def value(name: str, said: Any, atlas: Atlas) -> str:
    """Return a field's value in words; what is absent is a dash."""
    if said in (None, "", [], {}, ()):
        return level(None) if name.startswith("facilities.") else "—"
    vocabulary = atlas.vocabulary
    if name.startswith("facilities."):
        return level(str(said))
    if name.startswith("basis."):
        return cards.word(vocabulary, "basis", str(said)) or str(said)
    if name in _SECTIONS:
        return cards.word(vocabulary, _SECTIONS[name], str(said)) or str(said)
    if name in ("district_code", "street_code"):
        return atlas.areas[said].words.in_language(i18n.language()) if said in atlas.areas else str(said)
    if name == "demo":
        return gettext("yes") if said else gettext("no")
    if name in _PLACES:
        return f"{float(said):.6f}"
    if name == "slots":
        return "；".join(f"{hours} {cards.word(vocabulary, 'mode', mode)}" for hours, mode in map(_slot, said))
    if isinstance(said, list | tuple):
        return " · ".join(map(str, said))
    return f"{said:g}" if isinstance(said, float) else str(said)


def _slot(said: Any) -> tuple[str, str]:
    hours, mode = said.values() if isinstance(said, Mapping) else said
    return str(hours), str(mode)


class Change(NamedTuple):
    """One field before and after, in words."""

    label: str
    before: str
    after: str


class Told(NamedTuple):
    """One revision of a record, in words."""

    version: int
    at: datetime
    who: str
    why: str
    action: str
    changes: tuple[Change, ...]
    demo: bool
    removed: bool


def revisions(found: Sequence[Revision], atlas: Atlas, *, internal: bool) -> list[Told]:
    """Return a site's revisions in words, newest first; without `internal` those fields are left out."""
    told = []
    record: dict[str, Any] | None = None
    actions = {history.CREATED: gettext("registered"), history.CHANGED: gettext("changed"), history.REMOVED: gettext("removed"),
               history.REINSTATED: gettext("brought back")}
    for revision in found:
        before, record = record, history.laid_over(record, revision.before, revision.after)
        changes = [] if record is None else [
            change for change in _changes(before or {}, record, atlas) if internal or change[0] not in (*_HIDDEN, *INTERNAL_FIELDS)]
        told.append(Told(revision.version, revision.at, revision.who, revision.why, actions.get(revision.action, revision.action),
                         tuple(change for _, change in changes), bool((record or before or {}).get("demo")), record is None))
    return told[::-1]


def _changes(before: Mapping[str, Any], after: Mapping[str, Any], atlas: Atlas) -> list[tuple[str, Change]]:
    was, now = _flat(before), _flat(after)
    names = dict.fromkeys((*was, *now))
    return [(name, Change(label(name, atlas), value(name, was.get(name), atlas), value(name, now.get(name), atlas)))
            for name in names if was.get(name) != now.get(name) and name != "id"]


def _flat(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record with each facility and each basis as a field of its own."""
    flat = {name: said for name, said in record.items() if name not in ("facilities", "basis")}
    return flat | {f"{name}.{key}": said for name in ("facilities", "basis") for key, said in (record.get(name) or {}).items()}


def rows(record: Mapping[str, Any], atlas: Atlas, *, internal: bool) -> list[tuple[str, str]]:
    """Return all that a record states, as (label, words)."""
    return [(label(name, atlas), value(name, said, atlas)) for name, said in _flat(record).items()
            if said not in (None, "", [], {}, ()) and (internal or name not in INTERNAL_FIELDS)]
