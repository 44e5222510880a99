"""Without a network, in a real Chromium with a real service worker: the second visit, cold starts, updates, and what is never kept."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask, Response, request
from playwright.sync_api import Browser, BrowserContext, Page, expect
from werkzeug.serving import WSGIRequestHandler

from geodata.registry import Registry
from locator.answers import public
from tests.browser.conftest import PHONE, office_of
from tests.browser.test_map import numbers
from tests.conftest import a_site
from tests.web.conftest import WEDNESDAY_TEN, few_sites
from web import assets
from web.offline import DAYS

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


def many(changed: dict[int, str] | None = None) -> list[Any]:
    named = changed or {}
    more: dict[str, dict[str, Any]] = {
        "s1": {"entry_note": "从东门进，按门铃", "entrance_lon": 116.4105, "entrance_lat": 39.9003}, "s2": {"phone": "010-1"},
        "s4": {"basis": {"hours": "inferred"}, "verified_on": date(2025, 1, 2), "verified_how": "visit"}}
    few = (replace(site, **more.get(site.id, {})) for site in few_sites())
    return [*few, *(a_site(100 + i, id=f"t{i:05d}", lon=116.2 + i % 89 / 200, lat=39.8 + i % 97 / 300, district_code="110105",
                                   **({"name": named[i]} if i in named else {})) for i in range(3000))]


@pytest.fixture(scope="module")
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


def shells(page: Page) -> list[str]:
    return [name for name in page.evaluate("caches.keys()") if name.startswith("shell-")]


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


def told(page: Page) -> list[tuple[str | None, ...]]:
    return [(card.get_attribute("data-id"), card.get_attribute("data-state"), card.locator(".far").inner_text(),
             card.locator(".state").get_attribute("class"), card.locator(".state").inner_text(), card.locator(".name").inner_text(),
             card.locator(".trust-line").get_attribute("class"), card.locator(".trust-line").inner_text(), card.locator(".signs").inner_text(),
             card.locator(".timeline").get_attribute("aria-label"), card.locator(".has, .vague:not(li)").first.inner_text())
            for card in page.locator(".card").all()]


@pytest.mark.parametrize("address", [
    HERE, HERE + "&need=hot_water", HERE + "&facility=water&by=ride", HERE + "&state=open-on-arrival&strict=1", "/?area=110101",
    HERE + "&kind=mother_baby_room", HERE + "&within=900"])
def test_a_cold_start_without_a_network_shows_what_the_server_would(server, phone, address):
    context = phone()
    page = saved(context, server.address)
    page.goto(server.address + address)
    online = told(page)
    cut(context, server)

    page = context.new_page()
    page.goto(server.address + address)

    expect(page.locator(".offline-banner")).to_contain_text("没有网络")
    assert told(page) == online
    assert online


@pytest.mark.parametrize("address", [HERE, HERE + "&facility=hot_water&by=ride&accuracy_m=400", "/?area=110101", "/?q=王府井", "/?place=东单"])
def test_a_card_without_a_network_is_the_servers_mark_for_mark(server, phone, address):
    context = phone()
    page = saved(context, server.address)
    page.goto(server.address + address)
    online = [(card.evaluate(MARKS), card.evaluate(LAYOUT)) for card in page.locator(".card").all()]
    cut(context, server)

    page.goto(server.address + address)

    expect(page.locator(".offline-banner")).to_be_visible()
    page.evaluate(NO_TELLING)
    for card, there in zip(page.locator(".card").all(), online, strict=True):
        assert (card.evaluate(MARKS), card.evaluate(LAYOUT)) == there


PARTS = ".column .empty, .column .sure, .column .position, .column .told, .ask .needs, .ask .ways, .counted"


@pytest.mark.parametrize("address", [
    HERE + "&need=hot_water&within=100", HERE + "&kind=mother_baby_room&facility=hot_water", HERE + "&facility=water&facility=hot_water&strict=1",
    "/?area=110101&need=hot_water&state=open&verified_only=1", HERE + "&need=mother_baby&need=heating&by=ride",
    "/?lon=116.42&lat=39.9&k=1&at=2026-03-04T07:00", "/?lon=121.4&lat=31.2", HERE + "&accuracy_m=900&state=open-on-arrival", "/?area=110105"])
def test_counts_offers_the_surely_open_and_what_is_said_of_a_position_are_as_online(server, phone, address):
    context = phone()
    page = saved(context, server.address)
    page.goto(server.address + address)
    page.locator(".column .card, .column .empty").first.wait_for()
    online = [(part.get_attribute("class"), part.evaluate(MARKS)) for part in page.locator(PARTS).all()]
    cut(context, server)

    page.goto(server.address + address)

    expect(page.locator(".offline-banner")).to_be_visible()
    page.evaluate(NO_TELLING)
    assert [(part.get_attribute("class"), part.evaluate(MARKS)) for part in page.locator(PARTS).all()] == online


def test_a_copy_that_has_grown_old_says_so_and_tells_no_state(server, phone):
    context = phone()
    page = saved(context, server.address)
    page.goto(server.address + HERE)
    cut(context, server)
    page.goto(server.address + HERE)
    expect(page.locator(".offline-banner")).to_be_visible()
    expect(page.locator(".offline-banner")).not_to_contain_text("太旧")
    last = WEDNESDAY_TEN.date() + timedelta(days=DAYS - 1)
    for moved, old in ((timedelta(days=DAYS - 1, hours=13, minutes=59), False), (timedelta(days=DAYS - 1, hours=14), True)):
        context.clock.set_fixed_time(WEDNESDAY_TEN + moved)

        page.reload()

        expect(page.locator(".offline-banner")).to_be_visible()
        assert (f"{last}" in page.locator(".offline-banner").inner_text()) is old
        assert (page.locator(".card .state.open").count() == 0) is old


@pytest.mark.parametrize(("off", "said"), [(timedelta(hours=2, seconds=30), "2 小时 [01] 分"), (timedelta(minutes=-19, seconds=-30), "(20|19) 分"),
                                            (timedelta(minutes=2), None)])
def test_a_phone_whose_clock_is_wrong_is_told_by_how_much(server, phone, monkeypatch, off, said):
    monkeypatch.setattr(WSGIRequestHandler, "date_time_string", lambda *_: format_datetime(datetime.now(UTC) + off, usegmt=True))
    context = phone(own_clock=True)  # a worker always has it
    page = saved(context, server.address)
    cut(context, server)

    page.goto(server.address + HERE)

    expect(page.locator(".offline-banner")).to_be_visible()
    told = page.locator(".offline-banner").inner_text()
    if said is None:
        assert "时钟" not in told
    else:
        assert re.search(f"手机时钟差了 {said}", told), told


@pytest.mark.parametrize("by", ["", "?by=ride"])
@pytest.mark.parametrize("agent", ["Mozilla/5.0 (Linux; Android 10) Chrome/86 Mobile", "Mozilla/5.0 (iPhone; CPU iPhone OS 14_0 like Mac OS X)", "X"])
def test_directions_lead_into_map_apps_without_a_network_as_with_one(server, phone, agent, by):
    context = phone(user_agent=agent, permissions=["clipboard-read", "clipboard-write"])
    page = saved(context, server.address)
    online = {}
    for site in ("s1", "s2", "s5"):
        page.goto(f"{server.address}/sites/{site}{by}#go")
        page.locator("#share").wait_for()
        page.evaluate("document.querySelectorAll('.directions').forEach((one) => one.remove())")  # does not travel
        online[site] = page.locator("#go").evaluate(MARKS)
    cut(context, server)

    page.goto(server.address + HERE + by.replace("?", "&"))
    page.locator(".card[data-id=s1] .act a").first.click()
    for site, there in online.items():
        if site != "s1":
            page.goto(f"{server.address}/sites/{site}{by}#go")
        expect(page.locator("#share")).to_be_visible()
        assert page.locator("#go").evaluate(MARKS) == there
        expect(page.locator("#go")).to_be_in_viewport()

    page.goto(server.address + "/sites/s1#go")
    page.locator("[data-copy=address]").click()
    expect(page.locator("#said")).not_to_be_empty()
    assert page.evaluate("navigator.clipboard.readText()") == "东城区某街 1 号"


def test_a_server_that_is_out_of_order_is_as_good_as_none(server, phone):
    context = phone()
    page = saved(context, server.address)
    server.fails = lambda path: True

    page.goto(server.address + HERE)

    expect(page.locator(".offline-banner")).to_be_visible()


def test_the_second_visit_works_with_the_network_cut(server, phone):
    context = phone()
    page = saved(context, server.address)
    cut(context, server)

    page.reload()

    expect(page.locator("h1")).to_be_visible()
    expect(page.locator("#offline-line")).to_have_text(SAVED)
    page.locator("footer.bottom a", has_text="隐私说明").click()
    expect(page.locator("h1")).to_have_text("隐私说明")


def test_filters_districts_and_words_work_without_a_network(server, phone):
    context = phone()
    page = saved(context, server.address)
    cut(context, server)
    page.goto(server.address + HERE)
    expect(page.locator(".offline-banner")).to_be_visible()
    every = page.locator(".card").count()

    page.locator(".need", has_text="热水").first.click()
    expect(page.locator(".card")).to_have_count(2)
    assert "need=hot_water" in page.url
    page.locator(".need", has_text="热水").first.click()
    expect(page.locator(".card")).to_have_count(every)

    page.locator("#q").fill("shichahai")
    page.locator("#q").press("Enter")
    page.locator(".choices a").first.click()
    expect(page.locator(".from")).to_contain_text("什刹海")
    expect(page.locator(".card").first).to_be_visible()


def test_the_map_shows_districts_and_pins_without_a_network(server, phone):
    context = phone()
    page = saved(context, server.address)
    cut(context, server)

    page.goto(server.address + HERE)

    expect(page.locator(".offline-banner")).to_be_visible()
    if page.locator("#show-map").count():
        page.locator("#show-map").click()
    expect(page.locator("#map .pin").first).to_be_attached()
    expect(page.locator("#map path.district").first).to_be_attached()
    assert sorted(number for pin in numbers(page) for number in pin) == list(range(1, page.locator(".card").count() + 1))


def test_a_sites_own_address_is_about_that_site_without_a_network_too(server, phone):
    context = phone()
    page = saved(context, server.address)
    online = {}
    for site in ("s1", "s2", "s3"):
        page.goto(f"{server.address}/sites/{site}")
        online[site] = [page.locator(f".site {part}").first.inner_text() for part in ("h1", ".state", ".trust-line span", ".kind")]
    cut(context, server)

    told = {}
    for site in online:
        page.goto(f"{server.address}/sites/{site}")
        article = page.locator("article.site")
        expect(article).to_be_visible()
        told[site] = article.inner_text()
        assert page.locator("h1:visible").all_inner_texts() == [online[site][0]]
        assert page.title().startswith(online[site][0])
        for part, words in zip((".state", ".trust-line span", ".kind"), online[site][1:], strict=True):
            # of hours that nobody stated the phone says in the state what the server says below it
            assert article.locator(part).first.inner_text() == (words if words != "现在是否开放不明" else "开放时间未注明")
        expect(page.locator("#go")).to_be_visible()
        assert page.locator(".card h3").count() == 4  # others nearby, and not itself
        assert page.locator(f".card[data-id={site}]").count() == 0

    for words in ("东城区某街 1 号", "010-1234 5678", "从东门进，按门铃", "00:00–24:00", "热水", "所有人"):
        assert words in told["s1"], words
    assert "09:00–10:30" in told["s2"]
    assert "不开放" in told["s2"].partition("开放时间")[2]  # at the weekend
    assert "未注明" in told["s3"].partition("开放时间")[2].partition("设施")[0]
    page.goto(server.address + "/sites/s8")  # out of service: not in the copy
    expect(page.locator("h1:visible")).to_have_text("手机里保存的数据没有这个站点")
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


def test_english_stays_english_without_a_network(server, phone):
    context = phone(locale="en-GB")
    page = context.new_page()
    page.goto(server.address + "/")
    expect(page.locator("#offline-line")).to_contain_text("Saved for offline", timeout=20_000)
    cut(context, server)

    page.goto(server.address + HERE)

    expect(page.locator(".offline-banner")).to_contain_text("No network: computed on your phone")
    assert page.evaluate("document.documentElement.lang") == "en"


def test_the_hour_is_beijings_wherever_the_phone_thinks_it_is(server, phone):
    context = phone(timezone_id="America/New_York")
    page = saved(context, server.address)
    cut(context, server)

    page.goto(server.address + HERE + "&kind=mother_baby_room")

    expect(page.locator(".from")).to_contain_text("10:00")
    expect(page.locator(".card[data-id=s2] .when")).to_contain_text("30 分钟")


def test_an_update_fetches_only_the_block_that_changed(server, phone):
    context = phone()
    page = saved(context, server.address)
    whole = server.blocks()
    server.paths.clear()
    registry: Registry = server.app.extensions["atlas"].registry
    version = registry.commit([many({1234: "改了名的驿站"})[len(few_sites()) + 1234]], who="test", why="rename")
    server.app.extensions["atlas"].catch_up(version if isinstance(version, int) else version.version, 10)

    page.reload()
    until(page, lambda: server.blocks() != [])
    expect(page.locator("#offline-line")).to_have_text(SAVED, timeout=20_000)

    assert len(whole) == len(set(whole)) > 5
    assert len(set(server.blocks()) - set(whole)) == len(server.blocks()) == 1
    cut(context, server)
    page.goto(server.address + "/?q=改了名")
    expect(page.locator(".choices")).to_contain_text("改了名的驿站")


def test_an_interrupted_download_goes_on_where_it_was(server, phone):
    context = phone()
    server.fails = lambda path: "/offline/blocks/" in path and len(server.blocks()) > 4
    page = context.new_page()
    page.goto(server.address + "/")
    expect(page.locator("#offline-line")).to_contain_text("中断", timeout=20_000)
    kept = {url.rpartition("/")[2] for url in page.evaluate(CACHES) if "/blocks/" in url}
    server.paths.clear()
    server.fails = lambda path: False

    page.locator("#offline-line button").click()

    expect(page.locator("#offline-line")).to_have_text(SAVED, timeout=20_000)
    assert len(kept) >= 4
    assert kept.isdisjoint(server.blocks())


def test_inside_wechat_nothing_is_registered_and_the_page_says_how(server, phone):
    context = phone(user_agent="Mozilla/5.0 (Linux; Android 10) AppleWebKit/537.36 Chrome/86.0 Mobile Safari/537.36 MicroMessenger/8.0.49")
    page = context.new_page()
    page.goto(server.address + "/")

    expect(page.locator("#offline-line")).to_contain_text("在浏览器打开")
    assert page.evaluate("navigator.serviceWorker.getRegistrations().then((all) => all.length)") == 0
    assert "/sw.js" not in server.paths


def test_where_data_is_to_be_saved_nothing_is_fetched_unasked(server, phone):
    context = phone()
    context.add_init_script("Object.defineProperty(navigator, 'connection', { value: { saveData: true } })")
    page = context.new_page()
    page.goto(server.address + "/")
    expect(page.locator("#offline-line")).to_contain_text("尚未离线保存", timeout=20_000)
    assert server.blocks() == []

    page.locator("#offline-line button").click()

    expect(page.locator("#offline-line")).to_have_text(SAVED, timeout=20_000)


def test_what_is_kept_can_be_removed_and_stays_removed(server, phone):
    context = phone()
    page = saved(context, server.address)

    page.locator("#offline-line button").click()

    expect(page.locator("#offline-line")).to_contain_text("尚未离线保存")
    server.paths.clear()
    page.reload()
    expect(page.locator("#offline-line")).to_contain_text("尚未离线保存")
    assert server.blocks() == []


def test_no_position_no_internal_page_and_no_answer_to_a_position_is_ever_kept(server, phone):
    context = phone()
    page = saved(context, server.address)
    for path in (HERE, "/login", "/admin", "/api/v1/nearest?lon=116.4&lat=39.9", "/sites/s1", "/offline"):
        page.goto(server.address + path)
    page.goto(server.address + "/")

    kept = page.evaluate(CACHES)

    assert len(kept) > 10
    for url in kept:
        path = url.removeprefix(server.address)
        assert re.fullmatch(r"/\?lang=[\w-]+|/(?:offline|privacy)\?lang=[\w-]+|/offline/state|/static/\w+/[\w./-]+|/api/v1/offline/blocks/\w+"
                            r"|/api/v1/areas/outlines|/api/v1/places", path), path


def test_a_new_edition_replaces_the_old_one_whole(server, phone, monkeypatch):
    context = phone()
    page = saved(context, server.address)
    [before] = shells(page)
    page.wait_for_timeout(1500)  # a browser that is watched replaces no worker that is at something
    monkeypatch.setattr(assets, "version", lambda: "0123456789ab")

    page.evaluate("navigator.serviceWorker.ready.then((registration) => registration.update())")

    until(page, lambda: shells(page) == ["shell-0123456789ab"] != [before])
    cut(context, server)
    page.goto(server.address + HERE)
    expect(page.locator(".offline-banner")).to_be_visible()


def test_an_edition_that_does_not_come_whole_changes_nothing(server, phone, monkeypatch):
    context = phone()
    page = saved(context, server.address)
    monkeypatch.setattr(assets, "version", lambda: "ba9876543210")
    server.fails = lambda path: path.endswith("leaflet.js")

    page.goto(server.address + "/")
    until(page, lambda: any(path.endswith("ba9876543210/vendor/leaflet/leaflet.js") for path in server.paths))
    until(page, lambda: page.evaluate("navigator.serviceWorker.ready.then(({ installing }) => installing === null)"))

    cut(context, server)
    page.goto(server.address + HERE)
    expect(page.locator(".offline-banner")).to_be_visible()


def test_a_phone_without_a_copy_says_so_instead_of_showing_nothing(server, phone):
    context = phone()
    page = saved(context, server.address)
    page.locator("#offline-line button").click()
    expect(page.locator("#offline-line")).to_contain_text("尚未离线保存")
    cut(context, server)

    page.goto(server.address + HERE)

    expect(page.locator("h1").first).to_be_attached()
    expect(page.locator("#message")).not_to_be_empty()


def test_under_a_path_prefix_the_worker_keeps_to_its_own_part(tmp_path: Path, phone, serve, make_atlas):
    address = serve(make_atlas(few_sites()), path_prefix="/nuanxin") + "/nuanxin"
    context = phone()
    page = saved(context, address)

    context.set_offline(True)
    page.goto(address + HERE)

    expect(page.locator(".offline-banner")).to_be_visible()
    assert page.evaluate("navigator.serviceWorker.ready.then(({ scope }) => scope)") == address + "/"


def test_the_manifest_makes_an_app_of_the_finder(server, phone):
    page = phone().new_page()
    page.goto(server.address + "/")
    address = page.locator("link[rel=manifest]").get_attribute("href")
    manifest = page.request.get(server.address + str(address)).json()

    assert (manifest["start_url"], manifest["display"], manifest["id"], manifest["name"]) == ("/", "standalone", "/", "暖心驿站")
    assert {(icon["sizes"], icon["purpose"]) for icon in manifest["icons"]} == {("192x192", "any"), ("512x512", "any"), ("512x512", "maskable")}
    for icon in manifest["icons"]:
        picture = page.request.get(server.address + icon["src"]).body()
        assert picture[:8] == b"\x89PNG\r\n\x1a\n"
        assert f"{int.from_bytes(picture[16:20])}x{int.from_bytes(picture[20:24])}" == icon["sizes"]
    assert [shortcut["url"] for shortcut in manifest["shortcuts"]][:1] == ["/?need=" + manifest["shortcuts"][0]["url"].partition("=")[2]]


def test_a_report_made_without_a_network_goes_out_by_the_worker_when_there_is_one(server, phone):
    context = phone(own_clock=True)  # a worker always does
    saved(context, server.address)
    page = context.new_page()
    page.goto(server.address + "/sites/s1")
    worker = context.service_workers[0]
    cut(context, server)
    page.locator("#report button[type=submit]").first.click()
    expect(page.locator(".report-said.kept")).to_be_visible()
    page.close()
    context.set_offline(False)
    server.fails = lambda path: False
    server.paths.clear()

    # what the browser does by itself when it finds a network; not something a test can wait for
    worker.evaluate("self.dispatchEvent(Object.assign(new ExtendableEvent('sync'), { tag: 'reports' }))")

    until(context.pages[0], lambda: any(path.endswith("/reports") for path in server.paths))


def test_any_site_can_be_reported_without_a_network_in_one_tap_and_it_goes_out_from_the_next_page(server, phone):
    context = phone()
    # as in Safari: no worker sends it by itself
    context.add_init_script("if (self.ServiceWorkerRegistration) delete ServiceWorkerRegistration.prototype.sync")
    page = saved(context, server.address)
    cut(context, server)
    page.goto(server.address + HERE)
    card = page.locator(".card[data-id=s1]")
    card.locator(".tell summary").click()
    assert card.locator(".tell button").all_inner_texts() == ["锁着门", "搬走了", "已不存在", "没有热水"]

    card.get_by_role("button", name="锁着门").click()
    expect(card.locator(".report-said.kept")).to_be_visible()
    card.get_by_role("button", name="撤回").click()
    expect(card.locator(".report-said")).to_contain_text("已撤回")
    card.get_by_role("button", name="没有热水").click()
    expect(card.locator(".report-said.kept")).to_be_visible()
    page.goto(server.address + "/sites/s2")
    page.locator("#report").get_by_role("button", name="搬走了").click()
    expect(page.locator("#report .report-said.kept")).to_be_visible()
    context.set_offline(False)
    server.fails = lambda path: False
    reports = server.app.extensions["atlas"].registry.reports
    before = len(reports.entries())

    page.goto(server.address + "/")

    until(page, lambda: len(reports.entries()) == before + 2)
    assert {(r.site_id, r.type, r.facility) for r in reports.entries()} >= {("s1", "missing_facility", "hot_water"), ("s2", "moved", None)}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_is_shown_without_a_network_has_no_barrier(server, phone, scheme):
    context = phone(color_scheme=scheme)
    page = saved(context, server.address)
    cut(context, server)

    for address in (HERE + "&need=hot_water", "/?q=什刹", "/offline", "/sites/s1"):
        page.goto(server.address + address)
        expect(page.locator(".offline-banner, .offline-page").first).to_be_visible()
        if page.locator(".tell").count():
            page.locator(".tell summary").first.click()
        found = Axe().run(page).response["violations"]
        assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == [], address


def test_only_public_sites_are_on_the_phone(server, phone):
    context = phone()
    page = saved(context, server.address)
    cut(context, server)
    sites = server.app.extensions["atlas"].held.atlas.sites
    page.goto(server.address + "/?lon=116.46&lat=39.9&k=200")
    expect(page.locator(".offline-banner")).to_be_visible()

    shown = {card.get_attribute("data-id") for card in page.locator(".card").all()}

    assert len(shown) == 200
    assert all(public(sites)[sites.row_of(str(site_id))] for site_id in shown)
    assert shown.isdisjoint({"s6", "s7", "s8", "s9"})
