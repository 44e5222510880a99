"""What a browser may do with our answers: headers on everything, a cap on what is sent to us."""

from __future__ import annotations

from flask import Flask, Response, request

from web.basemap import BaseMap
from web.settings import Settings

LARGEST_REQUEST = 256 * 1024
"""Bytes; rooms that take files raise it for their own routes."""

_ALWAYS = (
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Content-Type-Options", "nosniff"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
)
_PAGE = (
    ("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
                                "connect-src 'self'; font-src 'self'; manifest-src 'self'; worker-src 'self'; frame-src 'self'; "
                                "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Permissions-Policy", "geolocation=(self), clipboard-write=(self), camera=(), microphone=(), payment=(), usb=(), "
                           "accelerometer=(), gyroscope=(), magnetometer=(), browsing-topics=()"),
    *_ALWAYS,
)
_DATA = (("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"), *_ALWAYS)
"""What is no page has no window and asks for no device: a policy on those would be bytes and nothing else, a few kB in a first visit."""


def pictures_from(policy: str, tiles: BaseMap | None) -> str:
    """Return a Content-Security-Policy that lets a page load a base map's pictures, from its hosts alone.

    And ``data:``: Leaflet empties a tile it no longer needs with a picture of one pixel.
    """
    if tiles is None:
        return policy
    more = () if "img-src 'self' data:" in policy else ("data:",)
    return policy.replace("img-src 'self'", " ".join(("img-src 'self'", *tiles.hosts, *more)))


def _with_pictures(headers: tuple[tuple[str, str], ...], tiles: BaseMap | None) -> tuple[tuple[str, str], ...]:
    return tuple((name, pictures_from(value, tiles)) for name, value in headers)


def init_app(app: Flask, settings: Settings) -> None:
    """Put the headers on every answer. A view that sets its own policy keeps it."""
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_REQUEST
    https = (("Strict-Transport-Security", "max-age=31536000"),) if (settings.public_url or "").startswith("https:") else ()
    page, data = (_with_pictures(_PAGE, BaseMap.of(settings)) + https, _DATA + https)
    origins = frozenset(settings.cors_origins)

    @app.after_request
    def guard(response: Response) -> Response:
        headers = response.headers
        ours = page if (response.content_type or "").startswith("text/html") else data
        if "Content-Security-Policy" in headers:  # a map frame brings its own policy and frame rule
            ours = tuple(h for h in ours if h[0] not in headers and h[0] != "X-Frame-Options")
        headers.extend(ours)
        if origins and request.path.startswith("/api/"):
            headers.add("Vary", "Origin")
            origin = request.headers.get("Origin")
            if origin in origins:
                headers["Access-Control-Allow-Origin"] = origin
                headers["Access-Control-Allow-Headers"] = "Content-Type, Accept-Language"
        return response
