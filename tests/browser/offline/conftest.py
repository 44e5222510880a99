"""A registry of three thousand sites served to phones whose network is cut, every request to it counted."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from flask import Flask, Response, request
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import PHONE, office_of
from tests.conftest import a_site
from tests.web.conftest import WEDNESDAY_TEN, few_sites

SAVED = re.compile("已离线保存")
HERE = "/?lon=116.4&lat=39.9"
CACHES = """async () => (await Promise.all((await caches.keys()).map(async (name) => (
    await (await caches.open(name)).keys()).map(({ url }) => url)))).flat()"""


class Server:
    """One registry served, every request counted, and faults on demand."""

    def __init__(self, address: str, app: Flask) -> None:
        self.address, self.app = address, app
        self.paths: list[str] = []
        self.fails: Callable[[str], bool] = lambda path: False
        app.before_request_funcs.setdefault(None, []).insert(0, self._seen)

    def _seen(self) -> Response | None:
        self.paths.append(request.path)
        return Response("", 503) if self.fails(request.path) else None

    def blocks(self) -> list[str]:
        return [path.rpartition("/")[2] for path in self.paths if "/offline/blocks/" in path]


EVENING: dict[str, Any] = {"facilities": {"books": "yes"}, "opening_hours": "Mo-Fr 20:00-21:00"}
"""Of the one site with books: an hour's walk from its district's middle."""


def many(changed: dict[int, str] | None = None) -> list[Any]:
    named = changed or {}
    more: dict[str, dict[str, Any]] = {
        "s1": {"entry_note": "从东门进，按门铃", "entrance_lon": 116.4105, "entrance_lat": 39.9003,
               "verified_on": date(2025, 1, 2), "verified_how": "visit"}, "s2": {"phone": "010-1"},
        "s4": {"basis": {"hours": "inferred"}}}
    few = (replace(site, **more.get(site.id, {})) for site in few_sites())
    return [*few, *(a_site(100 + i, id=f"t{i:05d}", lon=116.2 + i % 89 / 200, lat=39.8 + i % 97 / 300, district_code="110105",
                                   **({"name": named[i]} if i in named else {}), **(EVENING if i == 50 else {})) for i in range(3000))]


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with office_of(tmp_path_factory.mktemp("offline") / "home", many(), who="test", why="test") as (address, app):
        yield Server(address, app)


@pytest.fixture(autouse=True)
def _nothing_seen_or_failing(server: Server) -> None:
    server.paths.clear()
    server.fails = lambda path: False


@pytest.fixture
def phone(chromium: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Return a maker of phones; each stands at the server's hour, unless told to go by its own, and throws nothing."""
    made: list[BrowserContext] = []
    faults: list[str] = []

    def make(*, own_clock: bool = False, **options: Any) -> BrowserContext:
        context = chromium.new_context(**{"viewport": PHONE, "locale": "zh-CN", "timezone_id": "Asia/Shanghai", **options})
        if not own_clock:
            context.clock.set_fixed_time(WEDNESDAY_TEN)
        context.on("weberror", lambda error: faults.append(str(error.error)))
        made.append(context)
        return context

    yield make
    for context in made:
        context.close()
    assert faults == []


@pytest.fixture(scope="package")
def _kept(chromium: Browser, server: Server) -> Iterator[BrowserContext]:
    context = chromium.new_context(viewport=PHONE, locale="zh-CN", timezone_id="Asia/Shanghai")
    context.clock.set_fixed_time(WEDNESDAY_TEN)
    server.fails = lambda path: False  # whatever the test before this one left
    saved(context, server.address).close()
    yield context
    context.close()


@pytest.fixture
def away(_kept: BrowserContext, server: Server) -> Iterator[Page]:
    """A page of a phone that visited once and has no network now; for tests that only look."""
    faults: list[str] = []
    cut(_kept, server)
    page = _kept.new_page()
    page.on("pageerror", lambda error: faults.append(str(error)))
    yield page
    page.close()
    assert faults == []


def saved(context: BrowserContext, address: str) -> Page:
    """Visit once with a network, until the copy is there."""
    page = context.new_page()
    page.goto(address + "/")
    expect(page.locator("#offline-line")).to_have_text(SAVED, timeout=20_000)
    return page


def cut(context: BrowserContext, server: Server) -> None:
    """Take the network away; whoever gets through to the server all the same finds it out of order."""
    context.set_offline(True)
    server.fails = lambda path: True


def until(page: Page, holds: Callable[[], bool]) -> None:
    """Wait for what no element shows, half a minute at most."""
    for _ in range(300):
        if holds():
            return
        page.wait_for_timeout(100)
    pytest.fail("waited in vain")


LAYOUT = """(card) => ['.name', '.far'].map((one) => {
    const { left, top, width } = card.querySelector(one).getBoundingClientRect();
    return [left, top - card.getBoundingClientRect().top, width].map(Math.round);
})"""
"""Where a card's name and distance stand."""
NO_TELLING = "document.querySelectorAll('.tell').forEach((one) => one.remove())"
"""Reporting from a card is there without a network only: with one, its site's page does that."""

MARKS = """(element) => {
    const marks = (node) => [...node.childNodes].flatMap((child) => {
        if (child.nodeType === Node.TEXT_NODE) return child.textContent.trim() ? [child.textContent.trim().replace(/\\s+/g, " ")] : [];
        const plain = child.localName === "span" && !child.attributes.length;
        const told = [...child.attributes].filter(({ name, value }) => value !== "" && !["data-number", "id", "data-wechat"].includes(name))
            .map(({ name, value }) => `${name}=${value.trim()}`).sort();
        return plain ? marks(child) : [[child.localName, told, ...marks(child)]];
    });
    const joined = (all) => all.reduce((found, one) => {
        const last = found.length - 1;
        if (typeof one === "string" && typeof found[last] === "string") return [...found.slice(0, last), `${found[last]} ${one}`];
        return [...found, typeof one === "string" || !Array.isArray(one) ? one : [one[0], one[1], ...joined(one.slice(2))]];
    }, []);
    const lines = (all, depth) => all.flatMap((one) => (typeof one === "string" ? [`${depth}${one}`]
        : [`${depth}<${one[0]} ${one[1].join(" ")}>`, ...lines(one.slice(2), `${depth} `)]));
    return lines(joined(marks(element)), "");
}"""
"""Everything in an element, but blanks and spans that mean nothing."""


_TOLD = """(cards) => cards.map((card) => {
    const of = (part) => card.querySelector(part);
    const words = [".far", ".state", ".name", ".trust-line", ".signs", ".has, .vague:not(li)"].map((part) => of(part).innerText);
    return [card.dataset.id, card.dataset.state, of(".state").className, of(".trust-line").className,
        of(".timeline").getAttribute("aria-label"), ...words];
})"""


def told(page: Page) -> list[list[str | None]]:
    """Return what a list's cards tell."""
    return page.locator(".card").evaluate_all(_TOLD)  # type: ignore[no-any-return]


def marks(page: Page, parts: str) -> list[list[Any]]:
    """Return class and marks of every such part of a page."""
    return page.locator(parts).evaluate_all(f"(all) => all.map((one) => [one.className, ({MARKS})(one)])")  # type: ignore[no-any-return]
