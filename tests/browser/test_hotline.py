"""The hotline in a real browser, by keys alone: from signing in to the next call; with an input method; for everyone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from geodata.reporting import NewReport
from tests.browser.barriers import NIGHT, SIDEWAYS, barriers
from tests.browser.conftest import DESK, PHONE, office_of
from tests.web.conftest import sign_in
from tests.web.offices import QUICK
from tests.web.test_hotline import SPEECH, sites
from web.cookies import COOKIE

PASSWORD = "cold hands, warm tea 12351"


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    with office_of(tmp_path_factory.mktemp("hotline"), sites(), who="李四", why="a few sites") as served:
        yield served


@pytest.fixture
def go(office, open_page):
    """``go()``: the page, an operator signed in."""
    address, app = office

    def start(**options):
        value = sign_in(app, "hotline", "110000").get_cookie(COOKIE).value
        page = open_page(address + "/hotline", cookies=[{"name": COOKIE, "value": value, "url": address}], **{"viewport": DESK, **options})
        if options.get("java_script_enabled", True):
            expect(page.locator("#tools")).to_be_visible()
        return page

    return start


def typed(page, words, outcome="个地点"):
    """Type words and wait for what is said of their answer."""
    page.locator("#words").focus()
    page.keyboard.type(words)
    expect(page.locator("#said")).to_contain_text(outcome)
    return page


def speech(page):
    """Return what is to be read aloud."""
    return page.locator("#alouds .aloud:not([hidden]) .speech").first


def focused(page):
    return page.evaluate("document.activeElement.id")


def test_a_call_is_taken_by_keys_alone_from_signing_in_to_the_next_call(office, open_page):
    address, app = office
    keeper = app.extensions["atlas"]
    accounts = keeper.registry.accounts
    accounts.add("operator", display="坐席一", role="hotline", area="110000", by="test", at=keeper.now())
    accounts.choose_password(accounts.named("operator"), QUICK.hash(PASSWORD), keeper.now())
    page = open_page(address + "/hotline", viewport=DESK)
    page.locator("input[name=name]").focus()
    page.keyboard.type("operator")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/hotline")
    expect(page.locator("#tools")).to_be_visible()
    assert focused(page) == "words"  # ready to type

    typed(page, SPEECH)
    expect(page.locator(".heard .lost")).to_contain_text("没听懂： 百货大楼")
    expect(speech(page)).to_contain_text("最近的开放站点是开门驿站")
    page.keyboard.press("Enter")
    assert focused(page) == "sites"
    page.keyboard.press("2")
    expect(speech(page)).to_contain_text("会员驿站")
    page.keyboard.press("ArrowUp")
    expect(speech(page)).to_contain_text("开门驿站")

    scrolled = page.evaluate("scrollY")
    page.keyboard.press("F4")
    expect(page.locator("#report")).to_contain_text("开门驿站")
    assert page.evaluate("scrollY") == scrolled  # nobody has to scroll back to what is read aloud
    assert page.evaluate("document.getElementById('report').getBoundingClientRect().bottom <= innerHeight")
    page.keyboard.press("4")
    page.locator("#report-facility").select_option("heating")
    page.keyboard.press("Tab")
    page.keyboard.type("暖气不热")
    now = keeper.now()
    keeper.registry.reports.file("s3", NewReport("missing_facility", now, facility="heating", token="p" * 20), now=now)
    page.keyboard.press("Enter")
    expect(page.locator("#said")).to_have_text("已上报： 开门驿站")
    expect(page.locator("#sites .chosen b")).to_have_text("开门驿站")
    expect(speech(page)).to_contain_text("多人反映")  # what is read aloud knows of the report at once
    expect(page.locator("#said")).to_have_text("已上报： 开门驿站")
    assert focused(page) == "sites"
    [report] = [one for one in keeper.registry.reports.entries(site_id="s3") if one.filed_by]
    assert (report.type, report.facility, report.note, report.filed_by) == ("missing_facility", "heating", "暖气不热", "operator")

    page.keyboard.press("F8")
    expect(page.locator("#said")).to_have_text("可以接下一个来电了。")
    expect(page.locator("#words")).to_have_value("")
    expect(page.locator("#sites")).to_have_count(0)
    assert focused(page) == "words"
    page.keyboard.type("王")
    expect(page.locator("#said")).not_to_contain_text("可以接下一个来电了。")  # it goes with the first key of the next call
    assert page.url == address + "/hotline"
    assert page.evaluate("history.length") <= 3  # the start, the sign-in and the page: no call adds to it


def test_arrows_choose_the_place_while_one_types_on(go):
    page = typed(go(), "东单 王府井")
    expect(page.locator("#places .chosen b")).to_have_text("东单")

    page.keyboard.press("ArrowDown")

    expect(page.locator("#places .chosen b")).to_have_text("王府井")
    expect(page.locator("#sites-title")).to_contain_text("王府井")
    assert focused(page) == "words"
    with page.expect_response("**/hotline/look"):
        page.keyboard.type(" 充电")
    expect(page.locator("#sites li")).to_have_count(1)
    expect(page.locator("#places .chosen b")).to_have_text("王府井")  # what was chosen stays chosen


def test_what_an_input_method_is_composing_is_neither_searched_nor_taken_for_a_key(go):
    page = go()
    asked = []
    page.on("request", lambda request: asked.append(request.post_data or "") if "/hotline/look" in request.url else None)
    page.locator("#words").focus()
    session = page.context.new_cdp_session(page)

    for so_far in ("w", "wang", "wang'fu"):
        session.send("Input.imeSetComposition", {"text": so_far, "selectionStart": len(so_far), "selectionEnd": len(so_far)})
    page.evaluate("""() => ["Enter", "ArrowDown", "F8"].forEach((key) => document.getElementById("words").dispatchEvent(
        new KeyboardEvent("keydown", { key, keyCode: 229, isComposing: true, bubbles: true, cancelable: true })))""")
    page.wait_for_timeout(200)  # nothing is to happen

    assert asked == []
    assert focused(page) == "words"
    session.send("Input.insertText", {"text": "王府井"})
    expect(page.locator("#sites-title")).to_contain_text("王府井")
    assert len(asked) == 1


def test_pinyin_typed_without_an_input_method_is_searched_letter_by_letter(go):
    page = typed(go(), "wfj cesuo")

    expect(page.locator("#places .chosen b")).to_have_text("王府井")
    expect(page.locator(".heard .want")).to_contain_text("厕所")


def test_letters_and_digits_are_keys_in_the_sites_and_text_in_the_words(go):
    page = typed(go(), "王府井")
    page.keyboard.type("c1r?n/")
    expect(page.locator("#words")).to_have_value("王府井c1r?n/")
    expect(page.locator("#keys")).to_be_hidden()
    page.locator("#words").fill("王府井")
    expect(page.locator("#sites li")).to_have_count(9)

    page.keyboard.press("Enter")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    for key in ("↑ ↓", "Enter", "F2, C", "F4, R", "F8, N", "Esc, /"):
        expect(page.locator("#keys")).to_contain_text(key)
    page.keyboard.press("/")

    assert focused(page) == "words"


def test_keys_with_a_modifier_stay_the_browsers_own(go):
    page = typed(go(), "王府井")
    page.keyboard.press("Enter")

    taken = page.evaluate("""() => ["c", "r", "n", "F2", "F8", "1"].flatMap((key) => ["ctrlKey", "altKey", "metaKey"].map((held) => {
        const event = new KeyboardEvent("keydown", { key, [held]: true, bubbles: true, cancelable: true });
        document.getElementById("sites").dispatchEvent(event); return event.defaultPrevented; }))""")

    assert not any(taken)


@pytest.mark.parametrize("clipboard", [True, False], ids=["clipboard", "without the Clipboard API"])
def test_one_key_copies_the_text_message(go, clipboard):
    took = "window.copied = null; document.addEventListener('copy', () => { window.copied = String(document.activeElement.value); });"
    new = "Object.defineProperty(navigator, 'clipboard', { value: { writeText: async (text) => { window.copied = text; } } });"
    old = "Object.defineProperty(navigator, 'clipboard', { value: undefined });"
    page = typed(go(before=lambda page: page.add_init_script(new if clipboard else took + old)), "王府井")

    page.keyboard.press("F2")

    expect(page.locator("#said")).to_have_text("短信已复制。")
    assert page.evaluate("window.copied").startswith("开门驿站，王府井大街5号，")
    assert focused(page) == "words"  # typing is never interrupted


def test_a_chip_taken_out_widens_the_answer_and_typing_goes_on(go):
    page = typed(go(), "王府井 充电")
    expect(page.locator("#sites li")).to_have_count(1)

    page.locator(".heard button", has_text="手机充电").click()

    expect(page.locator("#sites li")).to_have_count(9)
    assert focused(page) == "words"
    page.keyboard.press("F8")
    page.keyboard.type("王府井 充电")
    expect(page.locator("#sites li")).to_have_count(1)  # the next call begins with everything again


def test_the_outcome_is_announced_once_and_not_at_every_key(go):
    page = go()
    page.evaluate("""() => { window.heard = []; new MutationObserver(() => window.heard.push(document.getElementById("said").textContent))
        .observe(document.getElementById("said"), { childList: true, characterData: true, subtree: true }); }""")

    page.locator("#words").focus()
    page.keyboard.type("王府井 厕所", delay=60)
    expect(page.locator("#said")).to_contain_text("个地点")
    page.wait_for_timeout(900)  # nothing more is to be said

    told = [text for text in page.evaluate("window.heard") if "个地点" in text]
    assert len(set(told)) == len(told) == 1
    assert "开门驿站" in told[0]


def test_an_answer_that_comes_late_does_not_replace_a_newer_one(go):
    page = go()
    held = []
    page.route("**/hotline/look", lambda route: held.append(route) if "%E4%B8%9C%E5%8D%95" in (route.request.post_data or "") else route.continue_())
    page.locator("#words").fill("东单")
    page.wait_for_timeout(150)

    page.locator("#words").fill("王府井")
    expect(page.locator("#sites-title")).to_contain_text("王府井")
    for route in held:
        route.abort()
    page.wait_for_timeout(150)

    expect(page.locator("#sites-title")).to_contain_text("王府井")


def test_a_cut_network_is_told_and_what_was_there_stays(go):
    page = typed(go(), "王府井")
    page.context.set_offline(True)

    page.keyboard.type(" 厕所")

    expect(page.locator("#said")).to_contain_text("网络不通")
    expect(page.locator("#sites li")).to_have_count(9)
    page.context.set_offline(False)
    page.context.clear_cookies()
    for key in ("F4", "1", "Enter"):
        page.keyboard.press(key)
    expect(page.locator("#said")).to_contain_text("登录已失效")  # the session, not the network, is what is missing
    expect(page.locator("#said")).not_to_contain_text("网络不通")


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_axe_finds_nothing_in_any_state_by_day_and_by_night(go, language):
    page = go(locale=language)
    states = {"empty": lambda: None, "answer": lambda: typed(page, SPEECH, ""), "sites": lambda: page.keyboard.press("Enter"),
              "keys": lambda: page.keyboard.press("?"), "report": lambda: page.keyboard.press("F4")}
    for state, reach in states.items():
        reach()
        if state == "answer":
            expect(page.locator("#sites li")).to_have_count(9)
        assert barriers(page, NIGHT) == {}, state
        page.emulate_media(color_scheme="dark")
        framed = page.evaluate("[...document.querySelectorAll('.aloud, .panel')].map((e) => getComputedStyle(e).boxShadow)")
        assert "none" not in framed, f"{state}: a box without a frame at night"


@pytest.mark.parametrize("viewport", [PHONE, {"width": 320, "height": 640}, {"width": 640, "height": 450}], ids=["phone", "320", "zoomed to 200 %"])
def test_nothing_scrolls_sideways_and_every_target_is_big(go, viewport):
    page = typed(go(viewport=viewport), SPEECH)

    assert page.evaluate(SIDEWAYS) == 0
    small = page.evaluate("""() => [...document.querySelectorAll(
            "main a, main button, main input:not([type=hidden]):not([type=radio]), main select, [role=option]")]
        .filter((e) => e.offsetParent).map((e) => [e.outerHTML.slice(0, 90), e.getBoundingClientRect()])
        .filter(([, box]) => box.height < 47.5 || box.width < 44).map(([html, box]) => `${html} ${box.width}x${box.height}`)""")
    assert small == []


def test_without_scripts_it_is_a_form_from_the_words_to_the_report(go, office):
    page = go(java_script_enabled=False)
    page.locator("#words").fill("东单 王府井 厕所")
    page.get_by_role("button", name="查找").click()

    page.locator("#places button", has_text="王府井").first.click()
    expect(page.locator("#sites .speech").first).to_contain_text("最近的开放站点是开门驿站")
    page.locator(".heard button", has_text="厕所").click()
    expect(page.locator("#sites li")).to_have_count(9)
    page.locator("#answer").get_by_label(re.compile("门锁着")).check()
    page.locator("#plain-site").select_option("s4")
    page.locator("#answer").get_by_role("button", name="提交上报").click()

    expect(page.locator("#said")).to_have_text("已上报： 会员驿站")
    assert page.url.endswith("/hotline/report")
