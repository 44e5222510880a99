"""What a browser may do with our answers."""

from __future__ import annotations

import re

import pytest

from tests.web.conftest import WEDNESDAY_TEN
from web import assets, create_app

EVERYTHING = ("/", "/?lon=116.4&lat=39.9", "/sites/s1", "/nothing", "/api/docs", "/api/v1/nearest?lon=116.4&lat=39.9",
              "/api/v1/nearest", "/api/v1/sites", "/api/v1/openapi.json", "/healthz", "/readyz")


@pytest.mark.parametrize("path", EVERYTHING)
def test_every_answer_carries_the_headers(client, path):
    headers = client.get(path).headers

    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    if headers["Content-Type"].startswith("text/html"):  # what is no page has neither a window nor devices
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        for allowed in ("geolocation=(self)", "clipboard-write=(self)", "camera=()"):
            assert allowed in headers["Permissions-Policy"]
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


def test_headers_of_what_is_no_page_are_few(client):
    with client.application.test_request_context():
        script = assets.address("map.js")
    for path in (script, "/api/v1/places", "/api/v1/nearest?lon=116.4&lat=39.9"):
        headers = client.get(path, headers={"Accept-Encoding": "br"}).headers
        assert sum(len(name) + len(value) + 4 for name, value in headers) <= 480


@pytest.mark.parametrize("path", ["/", "/?lon=116.4&lat=39.9", "/?q=什刹", "/?area=110101", "/?lon=x", "/sites/s1", "/sites/s5",
                                  "/sites/s1?by=ride", "/sites/s1/poster", "/privacy", "/nothing", "/api/docs"])
def test_no_page_has_an_inline_script_a_style_or_an_outside_address(client, path):
    text = client.get(path).text
    # what a reader may follow is no request of ours, and tells nobody where it came from
    text = re.sub(r'<a [^>]*href="https://[^"]*" rel="noreferrer"[^>]*>', "<a>", text)

    assert not re.search(r"<script(?![^>]*\bsrc=)", text)
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=", text)
    assert not re.findall(r'(?:src|href|action|data-[a-z]+)="(?:https?:)?//(?!localhost)[^"]*"', text)


def test_the_only_cookie_is_a_chosen_language(client):
    for path in EVERYTHING:
        assert "Set-Cookie" not in client.get(path).headers

    chosen = client.get("/?lang=en")

    assert chosen.headers["Set-Cookie"].startswith("lang=en;")
    assert "SameSite=Lax" in chosen.headers["Set-Cookie"]


def test_other_origins_read_the_api_only_when_listed(few):
    app = create_app({"atlas": few, "clock": lambda: WEDNESDAY_TEN, "cors_origins": ("https://a.example",)}).test_client()

    listed = app.get("/api/v1/vocabulary", headers={"Origin": "https://a.example"})
    other = app.get("/api/v1/vocabulary", headers={"Origin": "https://b.example"})
    page = app.get("/", headers={"Origin": "https://a.example"})

    assert listed.headers["Access-Control-Allow-Origin"] == "https://a.example"
    assert "Access-Control-Allow-Origin" not in other.headers
    assert "Access-Control-Allow-Origin" not in page.headers


def test_behind_https_browsers_are_told_to_stay_there(few):
    app = create_app({"atlas": few, "public_url": "https://nuanxin.example"}).test_client()

    assert "max-age" in app.get("/").headers["Strict-Transport-Security"]
    assert "Strict-Transport-Security" not in create_app({"atlas": few}).test_client().get("/").headers


def test_assets_are_kept_for_a_year_under_an_address_that_changes_with_them(client):
    page = client.get("/").text
    address = re.search(r'href="(/static/[0-9a-f]+/page\.css)"', page)[1]

    kept = client.get(address, headers={"Accept-Encoding": "br"})
    old = client.get(re.sub(r"/static/[0-9a-f]+/", "/static/000000/", address))

    assert "immutable" in kept.headers["Cache-Control"]
    assert kept.headers["Content-Encoding"] == "br"
    assert old.status_code == 200
    assert old.headers["Cache-Control"] == "no-cache"
    assert client.get("/static/0/../page.css").status_code == 404
    assert client.get("/static/0/nothing.js").status_code == 404
