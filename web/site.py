"""One site's page: everything known of it, what is unknown marked so, how to get there, and what else is near."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request

from geodata.registry.history import MARK
from locator import answers, datum, permissions, travel
from locator.answers import SiteAnswer
from locator.atlas import Atlas
from locator.errors import BadValue
from locator.filters import Filters
from locator.permissions import Permission
from locator.questions import NearestQuestion
from web import agents, ahead, auth, cards, current, handoff, i18n, qr, timeline_bars, whereabouts
from web.held import Held
from web.replies import PRIVATE

bp = Blueprint("site", __name__)

NEARBY = 4
_OF_ITS_KIND, _KIND_WITHIN_M = 2, 5_000.0
"""How many of those are of the site's own kind, where there are any that near: whoever needs a nursing room is not helped by a warm station."""
_LOOKED_AT = 30
"""Sites looked at for those that are open on arrival, before nearer ones of which that is not known."""


@bp.get("/sites/<site_id>")
def page(site_id: str) -> tuple[str, int, dict[str, str]]:
    """Show everything known of one site, what is unknown marked so, how to get there, and what else is near."""
    held, now, by = current.held(), current.now(), asked_by()
    atlas = held.atlas
    found = answers.site(site_id, atlas, now, audience=_audience(atlas, site_id))
    sites, row = found.sites, found.row
    record = {name: sites.value(name, row) for name in answers.PUBLIC_FIELDS}
    internal, agent = not answers.public(sites)[row], request.user_agent.string
    address = None if internal else qr.lasting_address(site_id)
    shown = render_template(
        "site/page.html", site=record, redacted=MARK, internal=internal, found=found, now=now, by=by, address=address,
        code=qr.drawn(address) if address else None, near=_near(found, held, by),
        ways=_ways(record, atlas, by, agent), in_wechat=agents.in_wechat(agent),
        picture=whereabouts.of_record(held, record, row, width=480, height=340), speeds=travel.SPEED_M_PER_MIN,
        detour=travel.DETOUR_FACTOR, datums=_datums(record),
        door=cards.door(row, atlas, now, held.trust(now).of(row)), colour=atlas.vocabulary.term("kind", record["kind"]).colour or cards.PLAIN_COLOUR,
        week=list(zip(cards.week(row, sites, atlas, now), timeline_bars.week(row, atlas, now), strict=True)),
        ahead=ahead.holidays(row, atlas, now) if record["opening_hours"] else (),
        facts=cards.facts(record["facilities"], atlas.vocabulary, first=atlas.vocabulary.leads_of(record["kind"]), unknown=True),
        word=lambda section, code: cards.word(atlas.vocabulary, section, code),
        area=lambda code: atlas.areas[code].words.in_language(i18n.language()) if code in atlas.areas else code)
    return shown, 200, PRIVATE if internal else {"Cache-Control": "private, no-cache"}


def asked_by() -> str:
    """Return how one goes there, as the address says: walk unless it says ride.

    Raises:
        BadValue: If it says anything else.
    """
    by = request.args.get("by") or "walk"
    if by not in travel.WAYS:
        raise BadValue("by", by, zh="应为 walk（步行）或 ride（电动车）", en="must be walk or ride")
    return by


def _ways(record: dict[str, Any], atlas: Atlas, by: str, agent: str) -> tuple[handoff.HandOff, ...]:
    """Return the links into map apps; none to a place that is out of service."""
    if record["status"] != "active":
        return ()
    code = record["district_code"]
    city = atlas.areas[atlas.areas.path(code)[0]].words.zh if code in atlas.areas else None
    return handoff.links(record["name"], record["lon"], record["lat"], by=by, agent=agent,
                         entrance=(record["entrance_lon"], record["entrance_lat"]), **({"region": city} if city else {}))


def _datums(record: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the coordinates in every datum that somebody may need them in, as text."""
    if record["lon"] is None:
        return []
    pairs = ((name, datum.point_from_wgs84(record["lon"], record["lat"], code)) for code, name in datum.NAMES.items())
    return [(name, f"{lon:.6f},{lat:.6f}") for name, (lon, lat) in pairs]


def _near(found: SiteAnswer, held: Held, by: str) -> tuple[cards.Card, ...]:
    """Return what else is near and not closed to a visitor who comes from here: of the same kind first, then the others.

    Of both the surely open come first, then what may be; each nearest first.
    """
    lon, lat, kind = (found.sites.value(name, found.row) for name in ("lon", "lat", "kind"))
    if lon is None:
        return ()
    leads = held.atlas.vocabulary.leads_of(kind)

    def there(filters: Filters, within_m: float | None = None) -> list[cards.Card]:
        question = NearestQuestion(lon, lat, _LOOKED_AT, filters, by=by, within_m=within_m)
        near = answers.nearest(question, held.atlas, found.as_of, held.trust(found.as_of)).sites
        others = [cards.card(one, held.atlas, found.as_of, leads, by=by) for one in near if one.row != found.row]
        others = [card for card in others if card.on_arrival != "closed"]  # time for staff only
        return sorted(others, key=lambda card: card.on_arrival != "open")  # stable: nearest first within each

    alike = there(Filters(state="open-on-arrival", kinds=(kind,)), _KIND_WITHIN_M)[:_OF_ITS_KIND]
    rows = {card.row for card in alike}
    return (*alike, *(card for card in there(Filters(state="open-on-arrival")) if card.row not in rows))[:NEARBY]


def _audience(atlas: Atlas, site_id: str) -> str:
    """Say for whom a site is shown: internal, to those signed in who may read the internal sites of its area."""
    person, row = auth.user(), atlas.sites.row_of(site_id)
    if person is None or row is None:
        return "public"
    district, street = (atlas.sites.value(name, row) for name in ("district_code", "street_code"))
    areas = permissions.areas_of(atlas.areas, district=district, street=street)
    return "internal" if person.grant.may_all(Permission.READ_INTERNAL, areas, atlas.areas) else "public"
