"""Every route, every role, every area: one table. A route without a row here fails."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from geodata.photos import Photo
from geodata.registry import Registry
from geodata.reporting import NewReport
from locator.permissions import ROLES
from tests.web.conftest import QUICK, WEDNESDAY_TEN, sign_in
from web import create_app

EVERYBODY, STRANGERS_TOO = frozenset(ROLES), frozenset({*ROLES, "stranger"})
ADMINISTRATORS = frozenset({"city", "district"})
PLANNERS = ADMINISTRATORS | {"planner"}
READERS = PLANNERS | {"street"}
IMPORTERS = ADMINISTRATORS | {"street"}
EDITORS = ADMINISTRATORS | {"street"}
OPERATORS = ADMINISTRATORS | {"street", "hotline"}

DONGCHENG, CHAOYANG = "110101", "110105"
PEOPLE = (("stranger", ""), ("city", "110000"), ("district", DONGCHENG), ("district", CHAOYANG), ("street", "110101001"),
          ("street", "110105001"), ("planner", "110000"), ("planner", DONGCHENG), ("planner", CHAOYANG), ("hotline", "110000"),
          ("hotline", DONGCHENG), ("auditor", "110000"))


class Row(NamedTuple):
    """One request: who may make it. `about` is the area of what it touches; None where it touches none."""

    path: str
    may: frozenset[str]
    about: str | None = None
    hidden: bool = False
    """Whoever may not is told that there is nothing, not that it is forbidden."""
    anonymous: bool = False
    """A form that has no session to hold it to: refused where it comes from another site's page (`web.origins`)."""


def row(path: str, may: frozenset[str] = STRANGERS_TOO, **more: object) -> Row:
    return Row(path, may, **more)  # type: ignore[arg-type]


def about(path: str, may: frozenset[str]) -> list[Row]:
    """Return the rows of a route about one site: each of the areas', and one of no known area."""
    return [row(path.format("in-dongcheng"), may, about=DONGCHENG), row(path.format("in-chaoyang"), may, about=CHAOYANG),
            row(path.format("unlocated"), may, about="")]


TABLE: dict[str, list[Row]] = {
    # the public's
    "GET /": [row("/")],
    "GET /sites/<site_id>": [
        row("/sites/s1"), row("/sites/in-dongcheng", READERS, about=DONGCHENG, hidden=True),
        row("/sites/in-chaoyang", READERS, about=CHAOYANG, hidden=True), row("/sites/nowhere", READERS, about="", hidden=True)],
    "GET /sites/<site_id>/poster": [row("/sites/s1/poster")],
    "GET /sites/<site_id>/qr.svg": [row("/sites/s1/qr.svg")],
    "GET /privacy": [row("/privacy")],
    "GET /healthz": [row("/healthz")],
    "GET /readyz": [row("/readyz")],
    "GET /metrics": [row("/metrics")],
    "GET /static/<edition>/<path:name>": [row("/static/0/page.css")],
    "GET /api/docs": [row("/api/docs")],
    "GET /api/v1/openapi.json": [row("/api/v1/openapi.json")],
    "GET /api/v1/nearest": [row("/api/v1/nearest?lon=116.4&lat=39.9")],
    "POST /api/v1/nearest": [row("/api/v1/nearest?lon=116.4&lat=39.9")],
    "GET /api/v1/clusters": [row("/api/v1/clusters?bbox=115,39,118,42&zoom=8")],
    "GET /api/v1/search": [row("/api/v1/search?q=a")],
    "GET /api/v1/sites": [row("/api/v1/sites")],
    "GET /api/v1/sites/<site_id>": [row("/api/v1/sites/s1")],
    "GET /api/v1/sites/<site_id>/history": [row("/api/v1/sites/s1/history")],
    "GET /api/v1/vocabulary": [row("/api/v1/vocabulary")],
    "GET /api/v1/areas": [row("/api/v1/areas")],
    "GET /api/v1/areas/outlines": [row("/api/v1/areas/outlines")],
    "GET /api/v1/places": [row("/api/v1/places")],
    "GET /sw.js": [row("/sw.js")],
    "GET /manifest.webmanifest": [row("/manifest.webmanifest")],
    "GET /offline": [row("/offline")],
    "GET /api/v1/offline": [row("/api/v1/offline")],
    "GET /api/v1/offline/index": [row("/api/v1/offline/index")],
    "GET /api/v1/offline/blocks/<digest>": [row("/api/v1/offline/blocks/0")],
    "POST /api/v1/sites/<site_id>/reports": [row("/api/v1/sites/s1/reports")],
    "GET /sites/<site_id>/report": [row("/sites/s1/report")],
    "POST /sites/<site_id>/report": [row("/sites/s1/report", anonymous=True)],
    "GET /sites/<site_id>/report/undo": [row("/sites/s1/report/undo")],
    "POST /sites/<site_id>/report/undo": [row("/sites/s1/report/undo", anonymous=True)],
    # the planner's
    "GET /planner": [row("/planner?radius=0", PLANNERS)],
    **{f"GET /planner/studies/<key>/{part}": [row(f"/planner/studies/0/{part}", PLANNERS)]
       for part in ("map", "map.json", "gaps.json", "day.json", "work", "map.png", "report")},
    "GET /planner/compare": [row("/planner/compare?radius=0", PLANNERS)],
    "POST /planner/compare/points": [row("/planner/compare/points", PLANNERS)],
    "GET /planner/compare/points.csv": [row("/planner/compare/points.csv", PLANNERS)],
    "GET /planner/compare/map": [row("/planner/compare/map", PLANNERS)],
    "GET /planner/compare/map.json": [row("/planner/compare/map.json", PLANNERS)],
    "GET /planner/studies/<key>/download.<suffix>": [row("/planner/studies/0/download.xlsx", PLANNERS)],
    "GET /planner/studies/<key>/chart/<name>.<suffix>": [row("/planner/studies/0/chart/areas.svg", PLANNERS)],
    "POST /planner/studies/<key>/stop": [row("/planner/studies/0/stop", PLANNERS)],
    "GET /planner/sites": [row("/planner/sites", PLANNERS)],
    "GET /planner/sites/map": [row("/planner/sites/map", PLANNERS)],
    "GET /planner/sites/card/<int:version>/<int:row>": [row("/planner/sites/card/7/0", PLANNERS)],
    "GET /api/v1/coverage": [row("/api/v1/coverage", PLANNERS)],
    "GET /api/v1/gaps": [row("/api/v1/gaps", PLANNERS)],
    "GET /api/v1/compare": [row("/api/v1/compare", PLANNERS)],
    # the hotline's
    "GET /hotline": [row("/hotline", OPERATORS)],
    "POST /hotline": [row("/hotline", OPERATORS)],
    "POST /hotline/look": [row("/hotline/look", OPERATORS)],
    "POST /hotline/report": [row("/hotline/report", OPERATORS)],
    # the registry's writing half: about sites of one area
    "GET /api/v1/sites/<site_id>/record": about("/api/v1/sites/{}/record", READERS),
    "POST /api/v1/sites": [row("/api/v1/sites", EDITORS)],
    "PATCH /api/v1/sites/<site_id>": about("/api/v1/sites/{}", EDITORS),
    **{f"POST /api/v1/sites/<site_id>/{action}": about(f"/api/v1/sites/{{}}/{action}", EDITORS)
       for action in ("suspend", "close", "reinstate", "verify")},
    # workers' reports: those of one's area
    "GET /api/v1/reports": [row("/api/v1/reports", EDITORS)],
    **{f"POST /api/v1/reports/<report_id>/{decision}": [
        row(f"/api/v1/reports/1/{decision}", EDITORS, about=DONGCHENG), row(f"/api/v1/reports/2/{decision}", EDITORS, about=CHAOYANG)]
       for decision in ("confirm", "reject")},
    "GET /admin/reports": [row("/admin/reports", EDITORS)],
    "POST /admin/reports": [row("/admin/reports", EDITORS)],
    "GET /admin/reports/<report_id>/photo": [
        row("/admin/reports/1/photo", EDITORS, about=DONGCHENG), row("/admin/reports/2/photo", EDITORS, about=CHAOYANG)],
    "POST /admin/reports/<report_id>/photo/delete": [
        row("/admin/reports/1/photo/delete", EDITORS, about=DONGCHENG), row("/admin/reports/2/photo/delete", EDITORS, about=CHAOYANG)],
    # the administrators' pages
    "GET /admin": [row("/admin", READERS)],
    "GET /admin/download.<any(csv, xlsx):suffix>": [row("/admin/download.csv", READERS)],
    "GET /admin/search": [row("/admin/search?q=a", READERS)],
    "GET /admin/outlines": [row("/admin/outlines", READERS)],
    "GET /admin/places": [row("/admin/places", READERS)],
    "GET /admin/sites/new": [row("/admin/sites/new", EDITORS)],
    "POST /admin/sites/new": [row("/admin/sites/new", EDITORS)],
    "POST /admin/sites/look": [row("/admin/sites/look", EDITORS)],
    "GET /admin/sites/<site_id>": about("/admin/sites/{}", EDITORS),
    "POST /admin/sites/<site_id>": about("/admin/sites/{}", EDITORS),
    "POST /admin/sites/<site_id>/undo": about("/admin/sites/{}/undo", EDITORS),
    "POST /admin/sites/<site_id>/do/<any(suspend, close, reinstate, verify):action>": about("/admin/sites/{}/do/verify", EDITORS),
    "GET /admin/sites/<site_id>/history": about("/admin/sites/{}/history", READERS | {"auditor"}),
    "POST /admin/sites/<site_id>/revert": about("/admin/sites/{}/revert", EDITORS),
    # signing in
    "GET /login": [row("/login")],
    "POST /login": [row("/login")],
    "GET /login/code": [row("/login/code")],
    "POST /login/code": [row("/login/code")],
    "POST /logout": [row("/logout")],
    "GET /invite": [row("/invite")],
    "POST /invite": [row("/invite")],
    # one's own account
    "GET /account": [row("/account", EVERYBODY)],
    "POST /account/password": [row("/account/password", EVERYBODY)],
    "GET /account/second-factor": [row("/account/second-factor", EVERYBODY)],
    "POST /account/second-factor": [row("/account/second-factor", EVERYBODY)],
    "POST /account/second-factor/off": [row("/account/second-factor/off", EVERYBODY)],
    "POST /account/sessions/end": [row("/account/sessions/end", EVERYBODY)],
    "POST /account/tokens": [row("/account/tokens", EVERYBODY)],
    "POST /account/tokens/<int:number>/revoke": [row("/account/tokens/999/revoke", EVERYBODY)],
    # the accounts of an area
    "GET /admin/accounts": [row("/admin/accounts", ADMINISTRATORS)],
    "POST /admin/accounts": [row("/admin/accounts", ADMINISTRATORS)],
    **{f"POST /admin/accounts/<name>/{change}": [
        row(f"/admin/accounts/clerk-dongcheng/{change}?display=x", ADMINISTRATORS, about=DONGCHENG),
        row(f"/admin/accounts/clerk-chaoyang/{change}?display=x", ADMINISTRATORS, about=CHAOYANG),
        row(f"/admin/accounts/first/{change}?display=x", frozenset()),
    ] for change in ("disable", "enable", "reset", "hand-over")},
    # the auditor's
    "GET /admin/audit": [row("/admin/audit", frozenset({"auditor"}))],
    "GET /admin/audit/file.csv": [row("/admin/audit/file.csv", frozenset({"auditor"}))],
    # importing: one's own uploads alone; `imports/test_whose` tells who may look at whose
    "GET /admin/import": [row("/admin/import", IMPORTERS)],
    "POST /admin/import": [row("/admin/import", IMPORTERS)],
    "GET /admin/import/template.xlsx": [row("/admin/import/template.xlsx", IMPORTERS)],
    "GET /admin/import/<upload_id>": [row("/admin/import/0", IMPORTERS)],
    "GET /admin/import/<upload_id>/progress": [row("/admin/import/0/progress", IMPORTERS)],
    "POST /admin/import/<upload_id>/cancel": [row("/admin/import/0/cancel", IMPORTERS)],
    "POST /admin/import/<upload_id>/again": [row("/admin/import/0/again", IMPORTERS)],
    "POST /admin/import/<upload_id>/delete": [row("/admin/import/0/delete", IMPORTERS)],
    "GET /admin/import/<upload_id>/mapping": [row("/admin/import/0/mapping", IMPORTERS)],
    "POST /admin/import/<upload_id>/mapping": [row("/admin/import/0/mapping", IMPORTERS)],
    "GET /admin/import/<upload_id>/mapping.toml": [row("/admin/import/0/mapping.toml", IMPORTERS)],
    "GET /admin/import/<upload_id>/evidence": [row("/admin/import/0/evidence", IMPORTERS)],
    "POST /admin/import/<upload_id>/evidence": [row("/admin/import/0/evidence", IMPORTERS)],
    "GET /admin/import/<upload_id>/preview": [row("/admin/import/0/preview", IMPORTERS)],
    "POST /admin/import/<upload_id>/preview": [row("/admin/import/0/preview", IMPORTERS)],
    "GET /admin/import/<upload_id>/points.json": [row("/admin/import/0/points.json", IMPORTERS)],
    "GET /admin/import/<upload_id>/rows/<int:number>": [row("/admin/import/0/rows/0", IMPORTERS)],
    "GET /admin/import/<upload_id>/errors.xlsx": [row("/admin/import/0/errors.xlsx", IMPORTERS)],
    "GET /admin/import/<upload_id>/commit": [row("/admin/import/0/commit", IMPORTERS)],
    "POST /admin/import/<upload_id>/commit": [row("/admin/import/0/commit", IMPORTERS)],
    "GET /admin/import/<upload_id>/result": [row("/admin/import/0/result", IMPORTERS)],
    "POST /admin/import/<upload_id>/undo": [row("/admin/import/0/undo", IMPORTERS)],
    "POST /api/v1/import": [row("/api/v1/import", IMPORTERS)],
    "GET /api/v1/jobs/<job_id>": [row("/api/v1/jobs/0", READERS)],
    "DELETE /api/v1/jobs/<job_id>": [row("/api/v1/jobs/0", READERS)],
}


@pytest.fixture(scope="module")
def app(make_atlas, areas, tmp_path_factory):
    from tests.conftest import a_site

    home = tmp_path_factory.mktemp("office")
    sites = [a_site(1, district_code=DONGCHENG),
             a_site(2, id="in-dongcheng", visibility="internal", district_code=DONGCHENG, street_code="110101001"),
             a_site(3, id="in-chaoyang", visibility="internal", district_code=CHAOYANG, street_code="110105001"),
             a_site(4, id="nowhere", visibility="internal"), a_site(5, id="unlocated", status="draft", lon=None, lat=None)]
    with Registry.open(home, create=True) as registry:
        registry.commit(sites, who="test", why="test")
        for site_id in ("in-dongcheng", "in-chaoyang"):
            registry.reports.file(site_id, NewReport("locked", WEDNESDAY_TEN, photo=Photo(b"whole", b"small")), now=WEDNESDAY_TEN)
        for name, area in (("clerk-dongcheng", "110101001"), ("clerk-chaoyang", "110105001")):
            registry.accounts.add(name, display="", role="street", area=area, by="test", at=WEDNESDAY_TEN)
        registry.accounts.add("first", display="", role="city", area="110000", by="test", at=WEDNESDAY_TEN)
        yield create_app({"atlas": make_atlas(sites, areas=areas.tree, version=7), "registry": registry, "home": home,
                          "clock": lambda: WEDNESDAY_TEN, "passwords": QUICK})


def served(app):
    return {f"{method} {rule.rule}" for rule in app.url_map.iter_rules() for method in rule.methods - {"HEAD", "OPTIONS"}}


def test_every_route_has_its_row_and_every_row_its_route(app):
    assert served(app) == set(TABLE)


def test_every_view_that_not_everybody_may_call_says_so_itself(app):
    guarded = {f"{method} {rule.rule}" for rule in app.url_map.iter_rules() for method in rule.methods - {"HEAD", "OPTIONS"}
               if hasattr(app.view_functions[rule.endpoint], "access")}

    assert guarded == {route for route, rows in TABLE.items() if all("stranger" not in r.may for r in rows)}


def test_nothing_that_only_some_may_read_is_kept_by_a_cache_others_use(app):
    clients = {role: sign_in(app, role, "110000") for role in ("city", "auditor")}
    kept_by_the_browser = {"/admin/outlines", "/admin/places"}  # the same for everybody, and public elsewhere

    for route, rows in TABLE.items():
        for asked in rows:
            if route.startswith("GET ") and "stranger" not in asked.may:
                answer = clients["city" if "city" in asked.may else "auditor"].get(asked.path)
                wanted = "private, max-age=3600" if asked.path in kept_by_the_browser else "no-store"
                assert wanted in answer.headers["Cache-Control"], asked


@pytest.mark.parametrize(("role", "area"), PEOPLE, ids=lambda value: value or "-")
@pytest.mark.parametrize("route", TABLE)
def test_who_may_call_a_route_and_about_which_area(app, areas, route, role, area):
    client = app.test_client() if role == "stranger" else sign_in(app, role, area)
    method = route.split()[0]

    for asked in TABLE[route]:
        given = {"headers": {"X-CSRFToken": ""}} if role == "stranger" and method == "POST" and not asked.path.startswith("/api/") else {}
        if asked.anonymous:
            given = {"headers": {"Sec-Fetch-Site": "cross-site", "Origin": "https://elsewhere.example"}}
        answer = client.open(asked.path, method=method, **given)
        may = role in asked.may and (role == "stranger" or asked.about is None or holds(area, asked, areas.tree))

        if asked.anonymous:
            assert answer.status_code == 403  # another site's form, whoever sends it
            assert client.open(asked.path, method=method).status_code in (400, 404)
        elif may and role == "stranger" and method == "POST" and given:
            assert answer.status_code == 403  # a form without its CSRF field, whoever sends it
        elif may:
            assert answer.status_code not in (401, 403, 500), (asked, answer.status_code)
            assert not asked.hidden or answer.status_code == 200
            assert "/login" not in answer.headers.get("Location", "") or asked.path.startswith(("/login", "/logout"))
        elif asked.hidden:
            assert answer.status_code == 404
        elif role == "stranger" and method == "GET" and not asked.path.startswith("/api/"):
            assert (answer.status_code, answer.headers["Location"].split("?")[0]) == (303, "/login")
        else:
            assert answer.status_code == (401 if role == "stranger" else 403), (asked, answer.status_code)


def holds(area, asked, tree):
    """Say whether somebody at `area` reaches what a row is about: an internal site of a street of `about`."""
    streets = {DONGCHENG: "110101001", CHAOYANG: "110105001", "": None}
    return area == "110000" or area in (asked.about, streets[asked.about])
