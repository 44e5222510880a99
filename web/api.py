"""The API: for mini programs, map pages and other systems. Views read, ask the core, and reply."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Flask, Response, current_app, render_template, request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel

from locator import answers
from web import catalogue, clusters_contract, contract, current, i18n, params, reader, replies
from web import clusters as on_map
from web.i18n import language
from web.pairs import pairs_of

api = APIBlueprint(
    "api", __name__, url_prefix="/api/v1",
    abp_responses={400: contract.response(contract.Problem, "application/problem+json"),
                   503: contract.response(contract.Problem, "application/problem+json")})
docs = Blueprint("docs", __name__, url_prefix="/api")

View = Callable[..., Response]


def _route(rule: str, answer: type[BaseModel], *, takes: tuple[params.Param, ...] = params.PLAIN, tag: str,
           path: tuple[str, ...] = (), content_type: str = "application/json", post: bool = False,
           status: tuple[int, ...] = ()) -> Callable[[View], View]:
    """Register a view and describe it in the contract from the table its parser reads."""

    def register(view: View) -> View:
        responses: dict[Any, Any] = {200: contract.response(answer, content_type)}
        responses |= {code: contract.response(contract.Problem, "application/problem+json") for code in status}
        described = {"parameters": contract.parameters(takes, path=path)}
        api.get(rule, tags=[Tag(name=tag)], responses=responses, openapi_extensions=described)(view)
        if post:
            api.post(rule, tags=[Tag(name=tag)], responses=responses,
                     openapi_extensions={"requestBody": contract.body(takes)})(view)
        return view

    return register


@_route("/nearest", contract.NearestAnswer, takes=params.NEAREST, tag="questions", content_type=replies.GEOJSON,
        post=True, status=(501,))
def nearest() -> Response:
    """Which suitable sites are nearest, and will they be open on arrival?

    The position is neither stored nor logged; send it in the body of a POST to keep it out of addresses.
    """
    # every use of the proxy would look the request up again
    asked = request._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 - documented by werkzeug
    keeper = current.keeper()
    held = keeper.held
    pairs = pairs_of(asked)
    if asked.method == "POST":
        i18n.choose(dict(pairs).get("lang", ""))
        tongue = i18n.language()
    else:
        tongue = i18n.asked_for(asked)
    question = held.reader.nearest(pairs)
    now = keeper.now()
    network = keeper.network() if question.network else None
    answer = answers.nearest(question, held.atlas, now, held.trust(now), network)
    return replies.written(held.writer.collection(answer, tongue, held.atlas.version), replies.GEOJSON)


@_route("/clusters", clusters_contract.ClustersAnswer, takes=params.CLUSTERS, tag="questions")
def clusters() -> Response:
    """What does a map draw of a box: cells with their counts, and the single sites?

    Every suitable site of the box is counted once. The box is neither stored nor logged: it may be where somebody is.
    """
    return replies.personal(on_map.answer(current.held(), pairs_of(request), current.now()))


@_route("/search", contract.SearchAnswer, takes=params.SEARCH, tag="questions")
def search() -> Response:
    """Which sites and places go by these words: characters, pinyin, initials, a code, an address?"""
    question = reader.search(pairs_of(request))
    return replies.personal(answers.search(question, current.atlas()).as_dict(language()))


@_route("/sites", contract.SitesAnswer, takes=params.SITES, tag="catalogue")
def sites() -> Response:
    """The registry's public part, a page at a time; with `since`, what changed and what was taken away."""
    held = current.held()
    question = held.reader.sites(pairs_of(request))
    page = (catalogue.page(held, question) if question.since is None
            else catalogue.changes(held, question, current.registry()))
    return replies.catalogue(page)


@_route("/sites/<site_id>", contract.SiteRecord, takes=params.SITE, path=("site_id",), tag="catalogue", status=(404,))
def site(site_id: str) -> Response:
    """One site's public record: with its state now, or as it was on a day."""
    pairs = pairs_of(request)
    day = reader.on_day(pairs)
    if day is not None:
        return replies.catalogue(catalogue.as_it_was(site_id, day, current.registry()))
    held, now = current.held(), current.now()
    answer = answers.site(site_id, held.atlas, now, trust=held.trust(now)).as_dict(language())
    del answer["as_of"]  # it would make every answer a new one; the state changes a few times a day
    return replies.catalogue(answer, version=answer["version"])


@_route("/sites/<site_id>/history", contract.HistoryAnswer, path=("site_id",), tag="catalogue", status=(404,))
def history(site_id: str) -> Response:
    """Every public version of a site's record, oldest first, without who made it."""
    reader.only_known(pairs_of(request))
    return replies.catalogue(catalogue.history(site_id, current.registry()))


@_route("/vocabulary", contract.VocabularyAnswer, tag="catalogue")
def vocabulary() -> Response:
    """Every controlled word with its Chinese and English, and needs in plain words."""
    reader.only_known(pairs_of(request))
    return replies.tagged(current.held().derived("vocabulary", catalogue.vocabulary), "application/json")


@_route("/areas", contract.AreasAnswer, tag="catalogue")
def areas() -> Response:
    """Administrative areas, each with its parent."""
    reader.only_known(pairs_of(request))
    return replies.tagged(current.held().derived("areas", catalogue.areas), "application/json")


@_route("/places", contract.PlacesAnswer, tag="catalogue")
def places() -> Response:
    """Landmarks: somewhere to start from, and to find one's way on a map without a base layer."""
    reader.only_known(pairs_of(request))
    return replies.tagged(current.held().derived("places", catalogue.places), "application/json", max_age_s=3600, lasting=True)


@api.get("/areas/outlines", doc_ui=False)
def outlines() -> Response:
    """The districts' outlines, simplified for a phone's map."""
    body = catalogue.outlines(current.held(), current_app.extensions["settings"].home)
    return replies.tagged(body, replies.GEOJSON, max_age_s=3600, lasting=True)


@docs.get("/v1/openapi.json")
def openapi() -> Response:
    """The contract."""
    return replies.catalogue(published(current_app))


@docs.get("/docs")
def page() -> str:
    """The contract, for people."""
    return render_template("docs/contract.html", contract=published(current_app))


def published(app: Flask) -> dict[str, Any]:
    """Return the OpenAPI document of an app."""
    document: dict[str, Any] = app.api_doc  # type: ignore[attr-defined]
    return {**document, "servers": [{"url": app.extensions["settings"].path_prefix or "/"}]}
