"""Which rooms there are, and how they are furnished into one application."""

from __future__ import annotations

from flask import Blueprint, Flask, Response
from flask_compress import Compress
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.info import Info
from flask_openapi3.openapi import OpenAPI

from web import (
    account,
    admin,
    api,
    assets,
    auditing,
    auth,
    basemap,
    clusters_contract,
    contract,
    current,
    errors,
    field_words,
    finder,
    frame,
    health,
    hotline,
    i18n,
    import_api,
    import_commit,
    import_preview,
    import_reading,
    imports,
    jobs_api,
    logs,
    metrics,
    offline,
    offline_pages,
    people,
    planner,
    planner_compare,
    planner_files,
    planner_frames,
    planner_parts,
    planner_points,
    planner_study,
    planning_api,
    planning_contract,
    poster,
    privacy,
    proxies,
    replies,
    report_photos,
    reports_api,
    reports_contract,
    reports_pages,
    reports_queue,
    security,
    signin,
    site,
    site_history,
    site_pages,
    writes,
)
from web.settings import Settings

ROOMS: dict[str, tuple[Blueprint, ...]] = {
    "both": (health.bp, privacy.bp),
    "public": (finder.bp, site.bp, poster.bp, api.api, api.docs, offline.api, offline_pages.bp, reports_api.filing, reports_pages.bp),
    "internal": (planner.bp, planner_files.bp, signin.bp, account.bp, people.bp, auditing.bp, admin.bp, site_pages.bp, site_history.bp, writes.writes,
                 imports.bp, import_api.api, jobs_api.api, planning_api.api, reports_api.triage, reports_queue.bp, report_photos.bp, hotline.bp),
}
"""Each side's rooms; `Settings.only` leaves the other side out."""

STEPS = (import_reading, import_preview, import_commit, planner_study, planner_frames, planner_parts, planner_compare, planner_points)
"""Rooms whose views are part of `imports`, or of `planner`."""

_UNWRAPPED = tuple(f"{room.name}." for room in (
    api.api, writes.writes, import_api.api, jobs_api.api, planning_api.api, offline.api, reports_api.filing, reports_api.triage))

VERSION = "1"


def furnish(settings: Settings) -> Flask:
    """Return an application with every room that `settings` asks for."""
    app = OpenAPI(__name__, info=Info(title="暖心驿站定位器 · Warm station locator", version=VERSION,
                                      description="The nearest suitable place, open when you get there."),
                  security_schemes=contract.SECURITY, doc_ui=False, validation_error_status=400,
                  validation_error_model=contract.Problem, static_folder=None)
    app.extensions["settings"] = settings
    app.config.update(COMPRESS_MIMETYPES=[
        "text/html", "application/json", replies.GEOJSON, "application/problem+json", "image/svg+xml"])
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    i18n.init_app(app)
    assets.init_app(app)
    errors.init_app(app)
    field_words.init_app(app)
    frame.init_app(app, settings)
    basemap.init_app(app, settings)
    auth.init_app(app, settings)
    reports_pages.init_app(app)
    Compress(app)  # its after_request runs after `security`'s: Flask calls them in reverse
    security.init_app(app, settings)
    logs.init_app(app, settings)
    counts = metrics.init_app(app, settings)  # last, so that its before_request is nearest to the view and its after_request first
    for side, rooms in ROOMS.items():
        if settings.only in (None, side) or side == "both":
            for room in rooms:
                _register(app, room)
    for endpoint, view in app.view_functions.items():
        if endpoint.startswith(_UNWRAPPED):
            # flask-openapi3 wraps views to read requests, which `reader` does
            app.view_functions[endpoint] = getattr(view, "__wrapped__", view)
    if settings.only == "internal":
        app.add_url_rule("/", "start", frame.start)
    if settings.noop:
        app.add_url_rule("/api/v1/noop", view_func=_noop)
    app.components_schemas.update(contract.components((*clusters_contract.MODELS, *reports_contract.MODELS, *planning_contract.MODELS)))
    proxies.init_app(app, settings)
    current.init_app(app, settings, each_look=counts.look)
    return app


def _register(app: OpenAPI, room: Blueprint) -> None:
    """Let a room in; its operations join those that another has on the same address."""
    if not isinstance(room, APIBlueprint):
        app.register_blueprint(room)
        return
    earlier = dict(app.paths)
    app.register_api(room)
    for path, item in earlier.items():
        if app.paths[path] is not item:
            told = {name: getattr(item, name) for name in item.model_fields_set}
            app.paths[path] = app.paths[path].model_copy(update=told)


def _noop() -> Response:
    """Answer nothing, as fast as this server can: what benchmarks compare with."""
    return replies.personal({"ok": True})
