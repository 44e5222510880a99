"""What stands around every page: the language link, the banner, the date of the data."""

from __future__ import annotations

from typing import Any, NamedTuple
from urllib.parse import urlencode

from flask import Flask, Response, current_app, request, url_for

from locator.errors import Refusal
from locator.permissions import Permission
from locator.typed import BEIJING
from web import auth, i18n, phrases
from web.errors import NotReady
from web.pairs import Pairs
from web.replies import PRIVATE
from web.settings import Settings

_YEAR_S = 31_536_000
_PUBLIC = ("finder", "site", "poster", "reports", "privacy", "docs", "offline_pages")


def with_query(path: str, pairs: Pairs) -> str:
    """Return an address with a query, or the path alone when there is none."""
    return f"{path}?{urlencode(pairs)}" if pairs else path


def in_language(tag: str) -> str:
    """Return the address asked for, in another language."""
    kept = [(name, value) for name, value in request.args.items(multi=True) if name != "lang"]
    return with_query(request.script_root + _page_of(request.path), [*kept, ("lang", tag)])


def _page_of(path: str) -> str:
    """Return the path itself; of one that only takes forms, the page above it."""
    if request.method != "POST":
        return path
    adapter = current_app.create_url_adapter(request)
    while adapter is not None and path != "/" and not adapter.test(path, "GET"):
        path = path.rpartition("/")[0] or "/"
    return path


class Filing(NamedTuple):
    """A number that the law wants in the footer, and where it has to lead."""

    number: str
    address: str


def _filings(settings: Settings) -> tuple[Filing, ...]:
    found = []
    if settings.icp:
        found.append(Filing(settings.icp, "https://beian.miit.gov.cn/"))
    if settings.police:
        digits = "".join(c for c in settings.police if c.isdigit())
        found.append(Filing(settings.police, f"https://beian.mps.gov.cn/#/query/webSearch?code={digits}"))
    return tuple(found)


def who() -> auth.Person | None:
    """Return who is signed in, for the head of an internal page; public pages do not ask."""
    if request.blueprint in _PUBLIC:
        return None
    try:
        return auth.user()
    except (Refusal, NotReady):  # a page that says what is wrong must not fail for the same reason
        return None


class Link(NamedTuple):
    """A page of the internal side."""

    address: str
    words: str
    here: bool


def pages() -> list[Link]:
    """Return the internal pages that whoever is signed in may use, in the order of the head's menu."""
    person = who()
    offered = (("admin.sites", Permission.READ_INTERNAL, i18n.gettext("Sites")),
               ("sitework.new", Permission.EDIT_SITES, i18n.gettext("Register a site")),
               ("hotline.page", Permission.FILE_REPORTS, i18n.gettext("Hotline")),
               ("queue.queue", Permission.EDIT_SITES, i18n.gettext("Reports")),
               ("planner.study", Permission.PLAN, i18n.gettext("Who is served")),
               ("planner.sites", Permission.PLAN, i18n.gettext("Map of all sites")),
               ("imports.upload", Permission.IMPORT, i18n.gettext("Import a spreadsheet")),
               ("people.accounts", Permission.MANAGE_ACCOUNTS, i18n.gettext("Accounts")),
               ("auditing.log", Permission.READ_AUDIT, i18n.gettext("Audit log")))
    return [Link(url_for(endpoint), words, request.endpoint == endpoint) for endpoint, permission, words in offered
            if person is not None and person.grant.allows(permission) and endpoint in current_app.view_functions]


def home() -> str:
    """Return where the site's name leads: the finder; without it, the first internal page that whoever asks may use."""
    if "finder.nearest" in current_app.view_functions:
        return url_for("finder.nearest")
    offered = pages()
    if offered:
        return offered[0].address
    return url_for("account.mine" if who() else "planner.sites")


def start() -> Response:
    """Lead from the bare address of a server without the finder to its first page."""
    return Response("", 303, {"Location": home(), **PRIVATE})


def _area_name(code: str) -> str:
    keeper = current_app.extensions["atlas"]
    areas = keeper.held.atlas.areas if keeper.wait(0) else {}
    return areas[code].words.in_language(i18n.language()) if code in areas else code


def _around() -> dict[str, Any]:
    keeper = current_app.extensions["atlas"]
    held = keeper.held if keeper.wait(0) else None
    return {"phrases": phrases, "endpoints": current_app.view_functions, "in_language": in_language,
            "filings": current_app.extensions["filings"],
            "who": who, "pages": pages, "home": home, "area_name": _area_name,
            "demo": held is not None and held.atlas.has_demo,
            "as_of": held.atlas.as_of.astimezone(BEIJING) if held else None}


def _remember_language(response: Response) -> Response:
    """Keep a language that was chosen by its link; nothing else is ever kept."""
    if "lang=" in request.environ.get("QUERY_STRING", "") and (response.content_type or "").startswith("text/html"):
        chosen = i18n.known(request.args.get("lang", ""))
        if chosen:
            response.set_cookie(i18n.COOKIE, chosen, max_age=_YEAR_S, samesite="Lax", httponly=True, secure=request.is_secure,
                                path=current_app.config["APPLICATION_ROOT"])
    return response


def init_app(app: Flask, settings: Settings) -> None:
    """Give every page of an app its frame."""
    app.extensions["filings"] = _filings(settings)
    app.context_processor(_around)
    app.after_request(_remember_language)
