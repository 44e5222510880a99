"""A served crowd of sites for the finder's map, and what stands on a map."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.conftest import a_site

HERE = "/?lon=116.4&lat=39.9"
ASKED = re.compile("/api/v1/clusters")


def many_sites():
    """Return a near crowd for the list, a far one beside it, some that stand alone, and two at one spot."""
    return [
        *(a_site(i, lon=116.400 + i * 2e-4, lat=39.900) for i in range(25)),
        *(a_site(100 + i, lon=116.406 + i % 4 * 4e-4, lat=39.900 + i // 4 * 3e-4, opening_hours="24/7" if i else "off") for i in range(12)),
        a_site(201, name="独站<b>&", lon=116.4000, lat=39.9035, opening_hours=None), a_site(202, lon=116.4, lat=39.895, facilities={"toilet": "yes"}),
        a_site(203, lon=116.396, lat=39.9, facilities={"toilet": "yes"}), a_site(204, lon=116.396, lat=39.9),
    ]


@pytest.fixture(scope="package")
def address(serve, make_atlas, areas):
    return serve(make_atlas(many_sites(), areas=areas.tree))


def drawn(page):
    """Return a page when its map is drawn and the server's counts are on it."""
    page.locator("#map-side").scroll_into_view_if_needed()
    page.wait_for_selector("#map-side[data-drawn=yes]")
    page.wait_for_selector(".other", state="attached")
    return page


def counts(page):
    """Return how many sites the map's bubbles and dots stand for."""
    return page.evaluate("() => [...document.querySelectorAll('.other')].reduce((n, e) => n + Number(e.textContent || 1), 0)")


def numbers(page):
    """Return the list's numbers that stand on each pin, as whoever hears the map is told them."""
    labels = page.locator(".pin-target").evaluate_all("all => all.map(e => e.getAttribute('aria-label'))")
    return [[int(n) for n in re.findall(r"\d+", label.partition("：")[2] or label.partition(" ")[0])] for label in labels]


def asks(page):
    """Return the queries sent for clusters from now on, as they come."""
    sent = []
    page.on("request", lambda request: sent.append(parse_qs(urlsplit(request.url).query)) if ASKED.search(request.url) else None)
    return sent
