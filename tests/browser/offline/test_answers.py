"""What a phone shows without a network is what the server would show: lists, cards, counts, directions."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from locator.answers import public
from tests.browser.barriers import NIGHT, barriers
from tests.browser.finder_map.conftest import numbers
from tests.browser.offline.conftest import HERE, LAYOUT, MARKS, NO_TELLING, cut, marks, saved, told, until

ADDRESSES = (
    HERE, HERE + "&need=hot_water", HERE + "&facility=water&by=ride", HERE + "&state=open-on-arrival&strict=1", "/?area=110101",
    HERE + "&kind=mother_baby_room", HERE + "&within=900")
CARDS = (
    HERE, HERE + "&facility=hot_water&by=ride&accuracy_m=400", "/?area=110101", "/?q=王府井", "/?place=东单",
    HERE + "&at=2026-03-04T23:30")
QUESTIONS = (
    HERE + "&need=hot_water&within=100", HERE + "&kind=mother_baby_room&facility=hot_water",
    HERE + "&facility=water&facility=hot_water&strict=1", "/?area=110101&need=hot_water&state=open&verified_only=1",
    HERE + "&need=mother_baby&need=heating&by=ride", "/?lon=116.42&lat=39.9&k=1&at=2026-03-04T07:00", "/?lon=121.4&lat=31.2",
    HERE + "&accuracy_m=900&state=open-on-arrival", "/?area=110105", "/?area=110105&facility=books&state=open-on-arrival&at=2026-03-04T19:30")
PARTS = ".column .empty, .column .sure h2, .column .sure .card, .column .position, .column .told, .ask .needs, .ask .ways, .counted"


def test_a_cold_start_without_a_network_shows_what_the_server_would(server, phone):
    context = phone()
    page, online = saved(context, server.address), {}
    for address in ADDRESSES:
        page.goto(server.address + address)
        online[address] = told(page)
    cut(context, server)

    page = context.new_page()
    for address, there in online.items():
        page.goto(server.address + address)

        expect(page.locator(".offline-banner")).to_contain_text("没有网络")
        assert told(page) == there, address
        assert there


def test_a_card_without_a_network_is_the_servers_mark_for_mark(server, phone):
    def cards():
        return list(zip(marks(page, ".card"), page.locator(".card").evaluate_all(f"(all) => all.map({LAYOUT})"), strict=True))

    context = phone()
    page, online = saved(context, server.address), {}
    for address in CARDS:
        page.goto(server.address + address)
        online[address] = cards()
    cut(context, server)

    for address, there in online.items():
        page.goto(server.address + address)

        expect(page.locator(".offline-banner")).to_be_visible()
        page.evaluate(NO_TELLING)
        for card, same in zip(cards(), there, strict=True):
            assert card == same, address


def test_counts_offers_the_surely_open_and_what_is_said_of_a_position_are_as_online(server, phone):
    context = phone()
    # one person's word: with a record that nobody verified it makes a doubtful one
    assert server.app.test_client().post("/api/v1/sites/t00128/reports", json={"type": "locked"}).status_code == 201
    page, online = saved(context, server.address), {}
    for address in (*QUESTIONS, HERE):
        page.goto(server.address + address)
        page.locator(".column .card, .column .empty").first.wait_for()
        online[address] = marks(page, PARTS)
    doubted = page.locator(".group.open .card").first
    assert doubted.get_attribute("data-id") == "t00128"
    expect(doubted.locator(".trust-line")).to_contain_text("存疑 · ")
    assert page.locator(".group.sure .card").get_attribute("data-id") not in (None, "t00128")
    cut(context, server)

    for address, there in online.items():
        page.goto(server.address + address)

        expect(page.locator(".offline-banner")).to_be_visible()
        page.evaluate(NO_TELLING)
        assert marks(page, PARTS) == there, address


@pytest.mark.parametrize("agent", ["Mozilla/5.0 (Linux; Android 10) Chrome/86 Mobile", "Mozilla/5.0 (iPhone; CPU iPhone OS 14_0 like Mac OS X)", "X"])
def test_directions_lead_into_map_apps_without_a_network_as_with_one(server, phone, agent):
    context = phone(user_agent=agent, permissions=["clipboard-read", "clipboard-write"])
    page = saved(context, server.address)
    online = {}
    for site in ("s1", "s2", "s5"):
        for by in ("", "?by=ride"):
            page.goto(f"{server.address}/sites/{site}{by}#go")
            page.locator("#share").wait_for()
            page.evaluate("document.querySelectorAll('.directions').forEach((one) => one.remove())")  # does not travel
            online[site, by] = page.locator("#go").evaluate(MARKS)
    cut(context, server)

    for (site, by), there in online.items():
        if site == "s1":
            page.goto(server.address + HERE + by.replace("?", "&"))
            page.locator(".card[data-id=s1] .act a").first.click()
        else:
            page.goto(f"{server.address}/sites/{site}{by}#go")
        expect(page.locator("#share")).to_be_visible()
        assert page.locator("#go").evaluate(MARKS) == there
        expect(page.locator("#go")).to_be_in_viewport()

    page.goto(server.address + "/sites/s1#go")
    page.locator("[data-copy=address]").click()
    expect(page.locator("#said")).not_to_be_empty()
    assert page.evaluate("navigator.clipboard.readText()") == "东城区某街 1 号"


def test_the_hour_is_beijings_wherever_the_phone_thinks_it_is(server, phone):
    context = phone(timezone_id="America/New_York")
    page = saved(context, server.address)
    cut(context, server)

    page.goto(server.address + HERE + "&kind=mother_baby_room")

    expect(page.locator(".from")).to_contain_text("10:00")
    expect(page.locator(".card[data-id=s2] .when")).to_contain_text("30 分钟")


def test_english_stays_english_without_a_network(server, phone):
    context = phone(locale="en-GB")
    page = context.new_page()
    page.goto(server.address + "/")
    expect(page.locator("#offline-line")).to_contain_text("Saved for offline", timeout=20_000)
    cut(context, server)

    page.goto(server.address + HERE)

    expect(page.locator(".offline-banner")).to_contain_text("No network: computed on your phone")
    assert page.evaluate("document.documentElement.lang") == "en"


def test_filters_districts_and_words_work_without_a_network(server, away):
    away.goto(server.address + HERE)
    expect(away.locator(".offline-banner")).to_be_visible()
    every = away.locator(".card").count()

    away.locator(".need", has_text="热水").first.click()
    expect(away.locator(".card")).to_have_count(2)
    assert "need=hot_water" in away.url
    away.locator(".need", has_text="热水").first.click()
    expect(away.locator(".card")).to_have_count(every)

    away.locator("#q").fill("shichahai")
    away.locator("#q").press("Enter")
    away.locator(".choices a").first.click()
    expect(away.locator(".from")).to_contain_text("什刹海")
    expect(away.locator(".card").first).to_be_visible()


def test_the_map_shows_districts_and_pins_without_a_network(server, away):
    away.goto(server.address + HERE)

    expect(away.locator(".offline-banner")).to_be_visible()
    away.evaluate("() => document.getElementById('show-map')?.click()")  # where there is room the map begins by itself
    expect(away.locator("#map .pin").first).to_be_attached()
    expect(away.locator("#map path.district").first).to_be_attached()
    cards = away.locator(".card[data-lon]").evaluate_all("(cards) => cards.map((card) => [card.dataset.number, card.dataset.id])")
    starred = {site for number, site in cards if number == "★"}  # stands on top and in its place, and is pinned once, as ★
    site_of = {int(number): site for number, site in cards if number != "★"}
    until(away, lambda: {site_of[number] for pin in numbers(away) for number in pin} == {*site_of.values()} - starred)


def test_a_sites_own_address_is_about_that_site_without_a_network_too(server, phone):
    context = phone()
    page = saved(context, server.address)
    online, nearby = {}, {}
    for site in ("s1", "s2", "s3"):
        page.goto(f"{server.address}/sites/{site}")
        nearby[site] = page.locator(".card").evaluate_all("(cards) => cards.map((card) => [card.dataset.id, card.innerText])")
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
        assert str(page.locator(".languages a").get_attribute("href")).endswith(f"/sites/{site}?lang=en")
        assert page.locator(".card h3").count() == 4  # others nearby, and not itself
        assert page.locator(f".card[data-id={site}]").count() == 0
        page.evaluate(NO_TELLING)
        assert page.locator(".card").evaluate_all("(cards) => cards.map((card) => [card.dataset.id, card.innerText])") == nearby[site]

    for words in ("东城区某街 1 号", "010-1234 5678", "从东门进，按门铃", "00:00–24:00", "热水", "所有人"):
        assert words in told["s1"], words
    assert "09:00–10:30" in told["s2"]
    assert "不开放" in told["s2"].partition("开放时间")[2]  # at the weekend
    assert "未注明" in told["s3"].partition("开放时间")[2].partition("设施")[0]
    page.goto(server.address + "/sites/s8")  # out of service: not in the copy
    expect(page.locator("h1:visible")).to_have_text("手机里保存的数据没有这个站点")
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


def test_only_public_sites_are_on_the_phone(server, away):
    sites = server.app.extensions["atlas"].held.atlas.sites
    away.goto(server.address + "/?lon=116.46&lat=39.9&k=200")
    expect(away.locator(".offline-banner")).to_be_visible()

    shown = {card.get_attribute("data-id") for card in away.locator(".card").all()}

    assert len(shown) == 200
    assert all(public(sites)[sites.row_of(str(site_id))] for site_id in shown)
    assert shown.isdisjoint({"s6", "s7", "s8", "s9"})


def test_what_is_shown_without_a_network_has_no_barrier(server, away):
    for address in (HERE + "&need=hot_water", "/?q=什刹", "/offline", "/sites/s1"):
        away.goto(server.address + address)
        expect(away.locator(".offline-banner, .offline-page").first).to_be_visible()
        if away.locator(".tell").count():
            away.locator(".tell summary").first.click()
        assert barriers(away, NIGHT) == {}, address
