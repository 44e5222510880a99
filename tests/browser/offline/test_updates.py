"""A copy on the phone grows old, is brought up to date block by block, and is replaced whole with a new edition."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from playwright.sync_api import Page, expect
from werkzeug.serving import WSGIRequestHandler

from geodata.registry import Registry
from tests.browser.offline.conftest import CACHES, HERE, SAVED, cut, many, saved, until
from tests.web.conftest import few_sites
from tests.web.offices import WEDNESDAY_TEN
from web import assets
from web.compact_copy import DAYS


def shells(page: Page) -> list[str]:
    return [name for name in page.evaluate("caches.keys()") if name.startswith("shell-")]


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
