"""What is kept of a visitor and what is not, told in plain words; tests hold each promise to the code."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urlsplit

from flask import Blueprint, current_app, render_template

from geodata.registry.reports import KEPT
from web import basemap, cookies, i18n
from web.i18n import gettext

bp = Blueprint("privacy", __name__)

REPORTS_KEPT_DAYS = KEPT.days


class Kept(NamedTuple):
    """Something that stays on a visitor's own phone."""

    keys: tuple[str, ...]
    """What a page's script calls it; one that ends in * begins so."""
    what: str
    why: str


def on_the_phone() -> tuple[Kept, ...]:
    """Return everything that our pages may leave on a visitor's device."""
    return (
        Kept((i18n.COOKIE,), gettext("the language you chose"), gettext("a cookie, for a year; set only by the language link")),
        Kept(("nuanxin.app",), gettext("the map app you used last"), gettext("stays on the phone; it is shown first the next time")),
        Kept(("nuanxin.last",), gettext("what you looked for last: needs, walking or riding, a place or district by its name"),
             gettext("stays on the phone; offered the next time, never a position; one tap forgets it")),
        Kept(("nuanxin.phone", "nuanxin.reports"),
             gettext("a random number that tells your reports of one day from other phones', and reports that wait for a network, with their photos"),
             gettext("the number is made up here and says nothing of you; what waits goes when it is sent")),
        Kept(("nuanxin.offline", "copy", "shell-*"), gettext("the list of public places, with its date, and the frame of the pages"),
             gettext("so that you find one without a network; the same for everybody, never where you are")),
        Kept((cookies.COOKIE,), gettext("that a member of staff is signed in"),
             gettext("a cookie of the internal pages, until the browser is closed; never on a public page")),
    )


def keys() -> frozenset[str]:
    """Return what all of it is called."""
    return frozenset(key for one in on_the_phone() for key in one.keys)


@bp.get("/privacy")
def page() -> tuple[str, int, dict[str, str]]:
    """Show what is kept and what is not."""
    tiles = basemap.under(current_app).tiles
    shown = render_template("site/privacy.html", kept=on_the_phone(), days=REPORTS_KEPT_DAYS,
                            hosts=[urlsplit(host).hostname for host in tiles.hosts] if tiles else [])
    return shown, 200, {"Cache-Control": "private, no-cache"}
