"""The service worker in a real Chromium: the second visit, cold starts, and what is never kept."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.offline.conftest import CACHES, HERE, SAVED, cut, saved, until
from tests.web.conftest import few_sites


def test_the_second_visit_works_with_the_network_cut(server, phone):
    context = phone()
    page = saved(context, server.address)
    cut(context, server)

    page.reload()

    expect(page.locator("h1")).to_be_visible()
    expect(page.locator("#offline-line")).to_have_text(SAVED)
    page.goto(server.address + page.locator("footer.bottom a", has_text="隐私说明").get_attribute("href"))
    expect(page.locator("h1")).to_have_text("隐私说明")


def test_a_server_that_is_out_of_order_is_as_good_as_none(server, away):
    away.context.set_offline(False)

    away.goto(server.address + HERE)

    expect(away.locator(".offline-banner")).to_be_visible()
    assert "/" in server.paths


def test_inside_wechat_nothing_is_registered_and_the_page_says_how(server, phone):
    context = phone(user_agent="Mozilla/5.0 (Linux; Android 10) AppleWebKit/537.36 Chrome/86.0 Mobile Safari/537.36 MicroMessenger/8.0.49")
    page = context.new_page()
    page.goto(server.address + "/")

    expect(page.locator("#offline-line")).to_contain_text("在浏览器打开")
    assert page.evaluate("navigator.serviceWorker.getRegistrations().then((all) => all.length)") == 0
    assert context.service_workers == []  # the server may still hear of another phone's


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


def test_a_phone_without_a_copy_says_so_instead_of_showing_nothing(server, phone):
    context = phone()
    page = saved(context, server.address)
    page.locator("#offline-line button").click()
    expect(page.locator("#offline-line")).to_contain_text("尚未离线保存")
    cut(context, server)

    page.goto(server.address + HERE)

    expect(page.locator("h1").first).to_be_attached()
    expect(page.locator("#message")).not_to_be_empty()


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
