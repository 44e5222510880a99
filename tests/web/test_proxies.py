"""Behind a proxy: whom a request's origin is believed from, and a whole site under a path of its own."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
from flask import request

from locator.errors import BadValue
from tests.web.conftest import WEDNESDAY_TEN
from web import create_app

PREFIX = "/nuanxin"
SAID = {"X-Forwarded-For": "198.51.100.7", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "nuanxin.example", "X-Forwarded-Prefix": "/evil"}


def client_of(atlas, **settings):
    return create_app({"atlas": atlas, "clock": lambda: WEDNESDAY_TEN, **settings}).test_client()


def asked(client, peer: str):
    return client.get("/sites/s1", headers=SAID, environ_base={"REMOTE_ADDR": peer})


def asked_as(client, peer: str) -> str:
    """Return the address that a request is taken to have been sent to."""
    with client:
        asked(client, peer)
        return request.url


@pytest.mark.parametrize(("trusted", "peer"), [(("127.0.0.1",), "127.0.0.1"), (("10.0.0.0/8",), "10.9.8.7"), (("::1",), "::1"),
                                               (("10.0.0.0/8",), "::ffff:10.0.0.1")])
def test_a_trusted_proxy_is_believed(few, trusted, peer):
    assert asked_as(client_of(few, trusted_proxies=trusted), peer) == "https://nuanxin.example/sites/s1"


@pytest.mark.parametrize(("trusted", "peer"), [((), "127.0.0.1"), (("127.0.0.1",), "198.51.100.7"), (("10.0.0.0/8",), "11.0.0.1"),
                                               (("127.0.0.1",), ""), (("127.0.0.1",), "nonsense")])
def test_nobody_else_is(few, trusted, peer):
    assert asked_as(client_of(few, trusted_proxies=trusted), peer) == "http://localhost/sites/s1"


def test_what_a_refused_request_brought_is_read_out_for_the_proxy_that_still_sends_it(few):
    brought = BytesIO(b"x" * 600_000)

    answer = client_of(few, trusted_proxies=("127.0.0.1",)).post("/api/v1/import", input_stream=brought, content_length=600_000)

    assert answer.status_code == 401
    assert brought.read() == b""


def test_no_proxy_names_the_prefix(few):
    page = asked(client_of(few, trusted_proxies=("127.0.0.1",)), "127.0.0.1").text

    assert "/evil" not in page


def test_a_public_address_is_above_what_anybody_says(few):
    page = asked(client_of(few, trusted_proxies=("127.0.0.1",), public_url="https://warm.example", path_prefix=PREFIX), "127.0.0.1").text

    assert '<meta property="og:url" content="https://warm.example/nuanxin/sites/s1">' in page


def test_the_language_cookie_is_for_https_where_a_trusted_proxy_speaks_it(few):
    client = client_of(few, trusted_proxies=("127.0.0.1",))

    assert "Secure" in client.get("/?lang=en", headers=SAID).headers["Set-Cookie"]
    assert "Secure" not in client_of(few).get("/?lang=en", headers=SAID).headers["Set-Cookie"]


def addresses(text: str) -> set[str]:
    return {address.replace("&amp;", "&") for told in
            re.findall(r'\s(?:href|src|action|data-(?:script|style|outlines|places))="(/[^"]*)"', text) for address in told.split(" ")}


@pytest.mark.parametrize("start", ["/", "/?lon=116.4&lat=39.9", "/?q=什刹", "/?area=110101", "/?lon=x", "/sites/s1", "/planner/sites",
                                   "/planner/sites/map", "/api/docs", "/nothing"])
def test_under_a_prefix_every_address_of_every_page_leads_somewhere_under_it(few, start):
    client = client_of(few, path_prefix=PREFIX)
    page = client.get(PREFIX + start)
    found = addresses(page.text)

    if start != "/planner/sites/map":
        assert len(found) >= 4
    for address in found:
        assert address.startswith(PREFIX + "/"), address
        assert client.get(address).status_code in (200, page.status_code), address  # a refused page leads to itself in English


def test_a_proxy_may_strip_the_prefix_or_pass_it_on(few):
    client = client_of(few, path_prefix=PREFIX)

    assert addresses(client.get("/sites/s1").text) == addresses(client.get(PREFIX + "/sites/s1").text)
    assert client.get(PREFIX).status_code == 200
    assert client.get("/healthz").status_code == 200
    assert client.get(PREFIX + "x/healthz").status_code == 404


def test_programs_find_their_way_under_a_prefix(few):
    client = client_of(few, path_prefix=PREFIX)

    assert client.get(PREFIX + "/api/v1/openapi.json").get_json()["servers"] == [{"url": PREFIX}]
    assert client_of(few).get("/api/v1/openapi.json").get_json()["servers"] == [{"url": "/"}]
    card = client.get(f"{PREFIX}/planner/sites/card/{few.version}/{few.sites.row_of('s1')}").get_json()
    assert card["url"] == PREFIX + "/sites/s1"
    assert client.get(PREFIX + "/api/v1/nearest").content_type == "application/problem+json"
    assert client.get(PREFIX + "/api/v1/nothing").content_type == "application/problem+json"


def test_cookies_are_for_the_prefix_alone(few):
    client = client_of(few, path_prefix=PREFIX)

    assert "Path=/nuanxin" in client.get(PREFIX + "/?lang=en").headers["Set-Cookie"]
    assert client.get(PREFIX + "/?lang=en").text.count('href="/nuanxin/?lang=zh-CN"') == 1


@pytest.mark.parametrize("prefix", ["/api", "/sites", "/static", "/planner"])
def test_a_prefix_that_is_a_path_of_ours_is_refused(few, prefix):
    with pytest.raises(BadValue):
        client_of(few, path_prefix=prefix)


@pytest.mark.parametrize("path", ["/admin", "/account", "/planner/sites"])
def test_under_a_prefix_who_has_to_sign_in_is_led_there_and_back_under_it(few, path):
    client = client_of(few, path_prefix=PREFIX, exposed=True)

    answer = client.get(PREFIX + path, headers={"Accept": "text/html"})

    assert answer.status_code == 303
    assert answer.headers["Location"].startswith(f"{PREFIX}/login?")
    assert f"next={PREFIX}{path}".replace("/", "%2F") in answer.headers["Location"].replace("/", "%2F")
