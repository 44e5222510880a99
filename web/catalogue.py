"""The registry's public part as plain JSON: pages of sites, changes, history, codes, areas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import orjson
from numpy.typing import NDArray

from locator.answers import PUBLIC_FIELDS, PUBLIC_STATUS, public
from locator.arrays import Bits, Rows
from locator.atlas import Atlas
from locator.errors import NotThere
from locator.filters import Filters, matching
from locator.sites import FIELDS, Site, Sites
from locator.vocabulary import Vocabulary
from web.held import Held
from web.reader import SitesQuestion

if TYPE_CHECKING:
    from geodata.registry import Registry, Revision

_Fields = Mapping[str, Any]
_UNTOLD = ("version", "updated_at")
"""Fields of a revision that say when, not what."""


class _ById(NamedTuple):
    ids: NDArray[np.bytes_]
    rows: Rows


def _by_id(atlas: Atlas) -> _ById:
    rows = np.flatnonzero(public(atlas.sites))
    ids = atlas.sites.text("id")
    named = np.array([(ids[row] or "").encode() for row in rows.tolist()], dtype=np.bytes_)
    order = np.argsort(named, kind="stable")
    return _ById(named[order], rows[order])


def page(held: Held, question: SitesQuestion) -> dict[str, Any]:
    """Return one page of the public sites that suit, by id; sites not located are among them."""
    sites, by_id = held.atlas.sites, held.derived("by_id", _by_id)
    rows = by_id.rows
    start = 0 if question.cursor is None else int(np.searchsorted(by_id.ids, np.bytes_(question.cursor.encode()), "right"))
    passing = rows[start:][_passes(question, sites)[rows[start:]]]
    shown = passing[:question.limit].tolist()
    more = len(passing) > question.limit
    records = [record(sites, row) for row in shown]
    return {"version": held.atlas.version, "datum": "wgs84", "sites": records, "removed": [],
            "next": records[-1]["id"] if more else None}


def _passes(question: SitesQuestion, sites: Sites) -> Bits:
    passes = matching(question.filters, sites)
    if question.bbox is not None:
        west, south, east, north = question.bbox
        lon, lat = sites.number("lon"), sites.number("lat")
        passes &= (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)  # NaN is in no box
    return passes


def changes(held: Held, question: SitesQuestion, registry: Registry) -> dict[str, Any]:
    """Return what changed after a version, by id: public records, and ids that anybody could see and cannot any longer."""
    assert question.since is not None
    changed, gone = registry.changed_since(question.since)
    visible = {s.id: s for s in changed if is_public(s) and _suits(s, question.filters, question.bbox)}
    hidden = {*gone, *(s.id for s in changed if s.id not in visible)}
    ids = (i for i in sorted([*visible, *hidden]) if question.cursor is None or i > question.cursor)
    told = (i for i in ids if i in visible or _was_public(i, registry))  # a history is read for what a page shows only
    shown = list(islice(told, question.limit))
    more = next(told, None) is not None
    return {"version": held.atlas.version, "datum": "wgs84",
            "sites": [plain_record(visible[i]) for i in shown if i in visible],
            "removed": [i for i in shown if i not in visible],
            "next": shown[-1] if more else None}


def _suits(site: Site, filters: Filters, bbox: tuple[float, float, float, float] | None) -> bool:
    if filters.kinds and site.kind not in filters.kinds:
        return False
    inferred = site.basis.get("facilities") == "inferred"
    if any(inferred or site.facilities.get(f) not in ("yes", "limited") for f in filters.facilities):
        return False
    if filters.areas and site.district_code not in filters.areas and site.street_code not in filters.areas:
        return False
    if bbox is None:
        return True
    west, south, east, north = bbox
    return site.lon is not None and site.lat is not None and west <= site.lon <= east and south <= site.lat <= north


def _was_public(site_id: str, registry: Registry) -> bool:
    return any(before or after for _, before, after in _public_versions(site_id, registry))


def _public_versions(site_id: str, registry: Registry) -> Iterator[tuple[Revision, _Fields | None, _Fields | None]]:
    """Give every revision of a site with its public fields before and after; None where it was not public."""
    from geodata.registry import history as registry_history

    record: dict[str, Any] | None = None
    before: _Fields | None = None
    for revision in registry.history(site_id):
        record = registry_history.laid_over(record, revision.before, revision.after)
        after = _public_fields(record)
        yield revision, before, after
        before = after


def is_public(site: Site) -> bool:
    """Return whether anybody may see a site: the rule of `answers.public`, for one record."""
    return site.visibility == "public" and site.status in PUBLIC_STATUS


def record(sites: Sites, row: int) -> dict[str, Any]:
    """Return the public fields of one row."""
    return {name: _plain(sites.value(name, row)) for name in PUBLIC_FIELDS}


def plain_record(site: Site) -> dict[str, Any]:
    """Return the public fields of one record."""
    return {name: _plain(getattr(site, name)) for name in PUBLIC_FIELDS}


def full_record(site: Site) -> dict[str, Any]:
    """Return every field of a record, internal ones too: for those who may read them."""
    return {**{name: _plain(getattr(site, name)) for name in FIELDS}, "datum": "wgs84"}


def as_it_was(site_id: str, day: date, registry: Registry) -> dict[str, Any]:
    """Return a site's public record at the end of a day.

    Raises:
        NotThere: If there was no such public site on that day.
    """
    site = registry.site(site_id, on=day)
    if site is None or not is_public(site):
        raise NotThere("id", site_id, zh=f"{day} 没有这个公开站点", en=f"there was no such public site on {day}")
    return {**plain_record(site), "on": day.isoformat(), "datum": "wgs84"}


def history(site_id: str, registry: Registry) -> dict[str, Any]:
    """Return the public versions of a site, oldest first, field by field.

    What a record said while it was not public is not told; nor who changed it, nor their remarks.

    Raises:
        NotThere: If the site was never public.
    """
    told = []
    for revision, before, after in _public_versions(site_id, registry):
        if before is None and after is None:
            continue
        was, now = before or {}, after or {}
        changed = [{"field": name, "before": was.get(name), "after": now.get(name)}
                   for name in PUBLIC_FIELDS if name not in _UNTOLD and was.get(name) != now.get(name)]
        action = "published" if before is None else "withdrawn" if after is None else "changed"
        if changed:
            told.append({"version": revision.version, "at": revision.at.isoformat(), "action": action, "changes": changed})
    if not told:
        raise NotThere("id", site_id, zh="没有这个站点，或它从未对外公开", en="there is no such site, or it was never public")
    return {"id": site_id, "revisions": told}


def _public_fields(said: _Fields | None) -> _Fields | None:
    if not said or said.get("visibility", "public") != "public" or said.get("status", "active") not in PUBLIC_STATUS:
        return None
    return {name: _plain(said[name]) for name in PUBLIC_FIELDS if name in said}


def vocabulary(atlas: Atlas) -> bytes:
    """Return every controlled word, as JSON bytes."""
    known: Vocabulary = atlas.vocabulary
    return orjson.dumps({
        "sections": {section: [{"code": t.code, "zh": t.words.zh, "en": t.words.en, "synonyms": t.synonyms,
                                "osm": t.osm, "of": t.of, "colour": t.colour} for t in known.terms(section).values()]
                     for section in known.sections},
        "needs": [{"code": n.code, "zh": n.words.zh, "en": n.words.en, "filters": dict(n.filters)}
                  for n in known.needs.values()]})


def areas(atlas: Atlas) -> bytes:
    """Return every administrative area, as JSON bytes."""
    return orjson.dumps({"areas": [
        {"code": a.code, "zh": a.words.zh, "en": a.words.en, "parent": a.parent, "tier": a.tier,
         "centre": a.centre, "has_outline": a.has_outline} for a in atlas.areas]})


def places(atlas: Atlas) -> bytes:
    """Return every landmark, as JSON bytes."""
    return orjson.dumps({"places": [{"code": p.code, "zh": p.words.zh, "en": p.words.en, "lon": p.lon, "lat": p.lat,
                                     "accuracy_m": p.accuracy_m, "category": p.category} for p in atlas.places]})


def outlines(held: Held, home: Path) -> bytes:
    """Return the outlines that a map draws, as GeoJSON bytes; read once an atlas."""

    def read(_: Atlas) -> bytes:
        from geodata.areas import Areas  # polygons are read only by those who draw

        return orjson.dumps(Areas.load(home).outlines(), option=orjson.OPT_SERIALIZE_NUMPY)

    return held.derived("outlines", read)


def _plain(value: Any) -> Any:
    if isinstance(value, date):  # and datetime
        return value.isoformat()
    if isinstance(value, tuple):
        return [v._asdict() if hasattr(v, "_asdict") else v for v in value]
    if isinstance(value, Mapping):
        return dict(value)
    return value
