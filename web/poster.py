"""A sheet for a site's door: one page of A4, Chinese with English beneath, and the code as a file.

Both lead back to the site's page, so neither is made without an address that visitors can open.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, current_app, render_template

from locator import answers
from locator.answers import SiteAnswer
from locator.atlas import Atlas
from locator.errors import NotBuilt
from locator.words import Words
from web import basemap, cards, current, i18n, qr, regular, whereabouts
from web.held import Held
from web.replies import PRIVATE

bp = Blueprint("poster", __name__)

LANGUAGES = ("zh-CN", "en")
MOST_FACILITIES = 8
_NOT_SET = 409
"""The request is right; how this server was set up is in its way."""


@dataclass(frozen=True, slots=True)
class Told:
    """What the sheet says of a site, in one language."""

    kind: str
    area: str
    hours: tuple[regular.Line, ...]
    holidays: str
    who: str | None
    modes: tuple[str, ...]
    facilities: tuple[str, ...]
    where: whereabouts.Whereabouts | None
    source: str


@bp.get("/sites/<site_id>/poster")
def page(site_id: str) -> tuple[str, int, dict[str, str]]:
    """Show the sheet, ready to print."""
    held = current.held()
    found = _in_service(site_id, held.atlas)
    record = {name: found.sites.value(name, found.row) for name in answers.PUBLIC_FIELDS}
    try:
        address = qr.printed_address(site_id)
    except NotBuilt as refusal:
        return render_template("site/unprintable.html", refusal=refusal, site=record), _NOT_SET, PRIVATE
    zh, en = (_told(tag, held, found, record) for tag in LANGUAGES)
    shown = render_template("site/poster.html", site=record, zh=zh, en=en, address=address, code=qr.drawn(address),
                            today=current.now().date(), N_=_in_both)
    return shown, 200, {"Cache-Control": "private, no-cache"}


@bp.get("/sites/<site_id>/qr.svg")
def qr_file(site_id: str) -> Response | tuple[str, int, dict[str, str]]:
    """Return the code as a file, black on white."""
    found = _in_service(site_id, current.held().atlas)
    try:
        address = qr.printed_address(site_id)
    except NotBuilt as refusal:
        site = {"id": site_id, "name": found.sites.value("name", found.row)}
        return render_template("site/unprintable.html", refusal=refusal, site=site), _NOT_SET, PRIVATE
    return Response(qr.file(address), 200, {"Cache-Control": "public, no-cache", "Content-Disposition": 'attachment; filename="qr.svg"'},
                    content_type="image/svg+xml")


def _in_service(site_id: str, atlas: Atlas) -> SiteAnswer:
    """Return a site that a stranger who scans the code will find.

    Raises:
        NotThere: If there is none, or it is not public.
    """
    return answers.site(site_id, atlas, current.now())


def _told(tag: str, held: Held, found: SiteAnswer, record: dict[str, Any]) -> Told:
    atlas, row, today = held.atlas, found.row, current.now().date()
    with i18n.speaking(tag):
        codes = [code for code in (record["district_code"], record["street_code"]) if code in atlas.areas]
        has = [fact.name for fact in cards.facts(found.sites.known_facilities(row), atlas.vocabulary) if fact.level == "yes"]
        return Told(
            kind=cards.word(atlas.vocabulary, "kind", record["kind"]) or "",
            area=" ".join(atlas.areas[code].words.in_language(tag) for code in codes),
            hours=regular.week(row, atlas, today), holidays=regular.holidays(row, atlas, today),
            who=cards.word(atlas.vocabulary, "eligibility", record["eligibility"]),
            modes=tuple(cards.word(atlas.vocabulary, "mode", mode) or mode for mode in regular.modes(row, atlas, today)),
            facilities=tuple(has[:MOST_FACILITIES]), where=whereabouts.of_record(held, record, row, width=760, height=230),
            source=basemap.under(current_app).words_of_drawing())


def _in_both(message: str) -> Words:
    """Return a message in both languages; `N_` in templates, so that it is collected for translators."""
    return Words(i18n.translations(LANGUAGES[0]).gettext(message), message)
