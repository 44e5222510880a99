"""What makes the public pages an app: the service worker, the manifest, and the page about the copy on the phone."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Blueprint, Response, current_app, render_template, url_for

from geodata.registry.history import MARK
from locator import datum, travel
from web import assets, current, handoff, i18n, qr, reports_pages
from web.i18n import gettext
from web.replies import tagged
from web.timeline_bars import Bar

bp = Blueprint("offline_pages", __name__)

SHORTCUTS = 4
"""Needs offered where a phone lists what an app can do."""
THEME, PAPER = "#b23b12", "#fff5ea"
ICONS = (("icons/192.png", "192x192", "any"), ("icons/512.png", "512x512", "any"), ("icons/maskable-512.png", "512x512", "maskable"))
"""Made from ``static/icon.svg`` by ``python -m scripts.make_icons``."""
_FOLDERS = ("", "icons", "map", "offline", "reports", "site", "vendor/leaflet")
"""Folders of ``static`` that public pages read from."""
_SUFFIXES = (".css", ".js", ".svg", ".png")
_POLICY = "default-src 'none'; script-src 'self'; connect-src 'self'"
"""A worker asks the server by the policy its own script came with, not by the page's."""

_ANY: dict[str, Any] = {"id": "-id-", "name": "-", "kind": "", "address": "-", "floor": None, "directions": None, "phone": "-", "lon": 0.0,
                        "accuracy_m": None}
"""A site that has all a copy may know of one, for marks that the phone fills."""
_EVERY_WAY = "iPhone"
"""An agent for whom there is a link into every app, and every scheme."""


@bp.get("/sw.js")
def worker() -> Response:
    """The service worker: our script, after what the server knows of itself."""
    script = b"const KEPT = " + orjson.dumps(_kept()) + b";\n" + assets.content("offline/worker.js")
    response = tagged(script, "text/javascript; charset=utf-8")
    response.headers["Content-Security-Policy"] = _POLICY
    return response


def _kept() -> dict[str, Any]:
    root = url_for("finder.nearest")
    pages = {"": "finder.nearest", "offline": "offline_pages.page", "privacy": "privacy.page"}
    views = current_app.view_functions
    drawn = [name for name in ("api.outlines", "api.places") if name in views]
    return {
        "edition": assets.version(), "root": root, "language": i18n.DEFAULT, "index": url_for("offline.index"),
        "outbox": assets.address("reports/outbox.js"),
        "parts": url_for("offline.block", digest="x").removesuffix("x"), "map": [url_for(name) for name in drawn],
        "shells": {f"{path}?lang={tag}": url_for(endpoint, lang=tag) for path, endpoint in pages.items() for tag in i18n.languages()},
        "files": [assets.address(name) for name in assets.names() if name.rpartition("/")[0] in _FOLDERS and name.endswith(_SUFFIXES)
                  and name != "offline/worker.js"]}


@bp.get("/manifest.webmanifest")
def manifest() -> Response:
    """What a phone needs to know to put the finder among its apps."""
    root, words = url_for("finder.nearest"), list(current.held().atlas.vocabulary.needs.values())[:SHORTCUTS]
    told = {
        "id": root, "start_url": root, "scope": root, "display": "standalone", "lang": i18n.language(), "dir": "ltr",
        "name": gettext("Warm station locator"), "short_name": gettext("Warm stations"),
        "description": gettext("Where to sit down, warm up, drink and wash, near you, now."),
        "theme_color": THEME, "background_color": PAPER, "categories": ["navigation", "utilities"],
        "icons": [{"src": assets.address(name), "sizes": sizes, "type": "image/png", "purpose": purpose} for name, sizes, purpose in ICONS],
        "shortcuts": [{"name": need.words.in_language(i18n.language()), "url": url_for("finder.nearest", need=need.code)} for need in words]}
    return tagged(orjson.dumps(told), "application/manifest+json")


@bp.get("/offline")
def page() -> Response:
    """What is kept on the phone, since when, and how to be rid of it; and the words and cards that a phone without a network shows."""
    shown = render_template(
        "offline/page.html", site=_ANY, ways_by={by: handoff.links("-", 0, 0, by=by, agent=_EVERY_WAY) for by in travel.WAYS},
        address=qr.lasting_address(_ANY["id"]), redacted=MARK, in_wechat=False, speeds=travel.SPEED_M_PER_MIN, detour=travel.DETOUR_FACTOR,
        datums=[(name, "") for name in datum.NAMES.values()], word=lambda *_: None, any_day=Bar((), "0%", "0%", ""),
        form=reports_pages.unsealed(_ANY["id"]))
    return tagged(shown.encode(), "text/html; charset=utf-8", lasting=True)
