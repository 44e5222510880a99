"""One site's page and its poster in a real browser: by touch, inside WeChat, without a clipboard, without scripts, on paper."""

from __future__ import annotations

import re
import shutil
import subprocess
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from geodata import places
from locator.sites import Slot
from tests.browser.barriers import NIGHT, SIDEWAYS, barriers
from tests.browser.conftest import DESK, PHONE
from tests.conftest import a_site
from tests.web.conftest import HOSTILE
from tests.web.test_handoff import ANDROID, WECHAT

LONG = "北京市东城区东华门街道王府井地区金融与商业服务业工会联合会户外劳动者暖心驿站（二十四小时自助分站）"
EVERYTHING = {"water": "yes", "hot_water": "yes", "rest": "yes", "cooling": "yes", "heating": "yes", "toilet": "yes", "microwave": "yes",
              "charging": "yes", "wifi": "yes", "table": "yes", "first_aid": "limited", "umbrella": "no"}
SMALL = """() => [...document.querySelectorAll('.go a, .go button, .go summary, .trust a, .trust button')].filter((e) => e.offsetParent
    && Math.min(e.getBoundingClientRect().width, e.getBoundingClientRect().height) < 47.9).map((e) => e.outerHTML)"""
BEYOND = """() => { const sheet = document.querySelector('.sheet');
    return [sheet.scrollHeight - sheet.clientHeight, sheet.scrollWidth - sheet.clientWidth]; }"""
COPIED = "() => { window.__copied = []; document.addEventListener('copy', () => window.__copied.push(getSelection().toString())); }"


def no_clipboard(page):
    """Take the Clipboard API away, as http and WeChat do, and note what is copied the older way."""
    page.add_init_script(f"Object.defineProperty(navigator, 'clipboard', {{ value: undefined }}); ({COPIED})();")


def no_copying_at_all(page):
    """Take the older way too."""
    no_clipboard(page)
    page.add_init_script("document.execCommand = () => false;")


@pytest.fixture(scope="module")
def address(serve, make_atlas, areas):
    """Serve a plain site, one with all there is to say, one with a hostile name, under an address that visitors can open."""
    sites = [a_site(1, address="东城区某街 1 号", phone="010-1234 5678"),
             a_site(2, name=LONG, address=LONG, floor="B2 层", directions=LONG, entry_note=LONG[:60],
                    facilities=EVERYTHING, eligibility="outdoor_workers",
                    opening_hours="Mo,We 07:30-11:30,13:00-17:30; Tu 08:00-20:00; Th 08:30-12:00; Fr 09:00-23:00; Sa 10:00-16:00; Su 11:00-15:00",
                    slots=(Slot("24/7", "staffed"),), phone="010-12345678", station_code="D110101003-017",
                    entrance_lon=116.3922, entrance_lat=39.9054, season_from="03-01", season_to="11-30",
                    lon=116.3914, lat=39.9050, district_code="110101", street_code="110101001"),
             a_site(3, name=HOSTILE, address=HOSTILE, directions=HOSTILE, entry_note=HOSTILE, opening_hours=None), a_site(4, lon=None, lat=None)]
    return serve(make_atlas(sites, areas=areas.tree, places=places.load()), public_url="https://nuanxin.example")


# --- getting there ------------------------------------------------------------------------------------------


def test_one_tap_hands_the_way_over_and_that_app_is_first_the_next_time(address, open_page):
    page = open_page(f"{address}/sites/s1", has_touch=True, user_agent=ANDROID)
    page.context.route("https://api.map.baidu.com/**", lambda route: route.fulfill(body="Baidu"))
    expect(page.locator("#apps a").first).to_contain_text("高德地图")
    page.evaluate("document.querySelector('[data-app=baidu] a').addEventListener('click', (event) => event.preventDefault())")

    page.get_by_role("link", name="百度地图").tap()

    assert page.evaluate("localStorage.getItem('nuanxin.app')") == "baidu"
    page.goto(f"{address}/sites/s2")
    expect(page.locator("#apps a").first).to_contain_text("百度地图")


def test_inside_wechat_tencent_stays_first_and_the_way_out_is_told(address, open_page):
    page = open_page(f"{address}/sites/s1", has_touch=True, user_agent=WECHAT,
                     before=lambda page: page.add_init_script("localStorage.setItem('nuanxin.app', 'baidu')"))

    expect(page.locator("#apps a").first).to_contain_text("腾讯地图")
    expect(page.get_by_text("在浏览器打开")).to_be_visible()
    assert page.evaluate("[...document.links].map((a) => a.protocol).filter((p) => !['http:', 'https:', 'tel:'].includes(p))") == []


def test_e_bike_is_one_tap_and_back_is_another(address, open_page):
    page = open_page(f"{address}/sites/s1", has_touch=True)

    page.locator(".by").get_by_role("link", name="电动车").tap()

    expect(page.locator(".by [aria-current]")).to_have_text("电动车")
    expect(page.locator("[data-app=amap] a")).to_have_attribute("href", re.compile("mode=ride"))
    assert urlsplit(page.url).fragment == "go"
    page.locator(".by").get_by_role("link", name="步行").tap()
    expect(page.locator("[data-app=amap] a")).to_have_attribute("href", re.compile("mode=walk"))


# --- copying and sharing ----------------------------------------------------------------------------------


def test_the_address_is_copied_by_the_clipboard_where_there_is_one(address, open_page):
    page = open_page(f"{address}/sites/s1", permissions=["clipboard-read", "clipboard-write"])

    page.get_by_role("button", name="复制地址").click()

    expect(page.get_by_role("status").filter(has_text="已复制")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "东城区某街 1 号"


@pytest.mark.parametrize(("button", "text"), [("复制地址", "东城区某街 1 号"), ("复制 GCJ-02 坐标", "116.416241,39.901402")])
def test_it_is_copied_the_older_way_where_there_is_no_clipboard(address, open_page, button, text):
    page = open_page(f"{address}/sites/s1", before=no_clipboard, user_agent=WECHAT)
    if "坐标" in button:
        page.get_by_text("复制坐标", exact=True).click()

    page.get_by_role("button", name=button).click()

    expect(page.get_by_role("status").filter(has_text="已复制")).to_be_visible()
    assert page.evaluate("window.__copied") == [text]


def test_where_nothing_copies_the_words_stay_selected_for_the_hand(address, open_page):
    page = open_page(f"{address}/sites/s1", before=no_copying_at_all)

    page.get_by_role("button", name="复制地址").click()

    expect(page.get_by_role("status").filter(has_text="长按")).to_be_visible()
    assert page.evaluate("getSelection().toString()") == "东城区某街 1 号"


def test_a_phone_that_can_share_is_asked_to_and_another_copies_the_lasting_address(address, open_page):
    page = open_page(f"{address}/sites/s1", before=lambda page: page.add_init_script(
        "window.__shared = []; navigator.share = async (what) => { window.__shared.push(what); };"))
    page.get_by_role("button", name="分享").click()
    assert page.evaluate("window.__shared") == [
        {"title": "第1暖心驿站", "text": "暖心驿站 · 东城区某街 1 号", "url": "https://nuanxin.example/sites/s1"}]

    other = open_page(f"{address}/sites/s1", before=no_clipboard)
    other.evaluate("delete Navigator.prototype.share")
    other.get_by_role("button", name="分享").click()

    expect(other.locator("#link")).to_have_text("第1暖心驿站 https://nuanxin.example/sites/s1")
    assert other.evaluate("window.__copied") == ["第1暖心驿站 https://nuanxin.example/sites/s1"]
    expect(other.locator("#said-below")).not_to_be_empty()
    expect(other.locator("#said-below")).to_be_in_viewport()


# --- everyone -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/sites/s2", "/sites/s3", "/sites/s4", "/sites/s2?lang=en&by=ride", "/sites/s2/poster",
                                  "/privacy", "/privacy?lang=en"])
def test_axe_finds_nothing_to_object_to(address, open_page, path):
    page = open_page(address + path)
    for summary in page.locator(".go summary").all():
        summary.click()

    assert barriers(page, NIGHT) == {}


@pytest.mark.parametrize("path", ["/sites/s1", "/sites/s2", "/sites/s2?lang=en&by=ride", "/sites/s3", "/sites/s2/poster", "/privacy"])
def test_nothing_scrolls_sideways_however_long_the_words_are(address, open_page, path):
    page = open_page(address + path)
    for width in (1280, 360, 320):
        page.set_viewport_size({"width": width, "height": 740})

        assert page.evaluate(SIDEWAYS) <= 0, width


@pytest.mark.parametrize("agent", [ANDROID, WECHAT])
def test_everything_one_taps_on_the_way_is_at_least_48_pixels_high(address, open_page, agent):
    page = open_page(f"{address}/sites/s2", user_agent=agent)
    for summary in page.locator(".go summary").all():
        summary.click()

    assert page.evaluate(SMALL) == []


def test_on_a_desk_where_it_is_and_what_is_near_stand_beside_what_when_and_how_and_on_paper_beneath(address, open_page):
    page = open_page(f"{address}/sites/s1", viewport=DESK)

    def lies(selector):
        box = page.locator(selector).first.bounding_box()
        return box["x"], box["y"], box["width"]

    (_, top, width), (right, where, _) = lies(".going"), lies(".where")
    assert right > width
    assert where < top + 120
    assert lies(".around-it .cards")[0] >= right
    badge, line = (page.locator(f".around-it .card {part}").first.evaluate("""part => {
        const text = document.createRange(); text.selectNodeContents(part);
        const { top, height } = text.getClientRects()[0]; return top + height / 2; }""") for part in (".number", ".name a"))
    assert abs(badge - line) <= 3
    page.emulate_media(media="print")
    assert lies(".going")[0] == lies(".where")[0]


def test_without_scripts_the_page_is_whole(address, open_page):
    page = open_page(f"{address}/sites/s2", java_script_enabled=False)

    for name in ("高德地图", "百度地图", "腾讯地图"):
        expect(page.get_by_role("link", name=name)).to_be_visible()
    expect(page.locator("svg.whereabouts")).to_be_visible()
    expect(page.locator(".week tr")).to_have_count(7)
    expect(page.get_by_role("button", name="复制地址")).to_be_hidden()
    expect(page.locator("#address")).to_contain_text(LONG)
    page.get_by_text("复制坐标", exact=True).click()
    expect(page.locator("#pair-2")).to_be_visible()


# --- on paper -------------------------------------------------------------------------------------------------


def printed(page, tmp_path, **options):
    """Return the number of pages of a page's print, and its text."""
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not on this machine; Debian: apt-get install poppler-utils")
    file = tmp_path / "printed.pdf"
    file.write_bytes(page.pdf(prefer_css_page_size=True, print_background=True, **options))
    told = subprocess.run(["pdfinfo", str(file)], capture_output=True, text=True, check=True).stdout
    words = subprocess.run(["pdftotext", str(file), "-"], capture_output=True, text=True, check=True).stdout
    return int(re.search(r"Pages:\s+(\d+)", told)[1]), re.search(r"Page size:\s+(\S+ x \S+)", told)[1], "".join(words.split())


@pytest.mark.parametrize(("site", "words"), [
    ("s1", ["第1暖心驿站", "每天", "24小时", "Everyday", "东城区某街1号", "12351", "示意图", "china-geojson",
            "nuanxin.example/sites/s1"]),
    ("s2", ["户外劳动者", "周二", "08:00–20:00", "周日", "12351", "示意图", "Unionhotline", "D110101003-017"]),
    ("s3", ["未注明，请扫码或询问", "Notstated", "12351", "示意图"]),
])
@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
def test_the_poster_is_exactly_one_page_of_a4_with_all_its_words_on_it(address, open_page, tmp_path, site, words, viewport):
    page = open_page(f"{address}/sites/{site}/poster", viewport=viewport)

    pages, size, text = printed(page, tmp_path)

    assert pages == 1
    assert size in ("594.96 x 841.92", "595.2 x 841.92", "595.28 x 841.89", "595 x 842", "594.95996 x 841.91998")
    assert [one for one in words if one not in text] == []
    page.emulate_media(media="print")
    # nothing of the sheet is cut off
    page.set_viewport_size({"width": 794, "height": 1123})
    assert page.evaluate(BEYOND) == [0, 0]
    foot = page.locator(".foot").bounding_box()
    assert foot["y"] + foot["height"] <= 1123
    chart = page.locator(".chart svg").bounding_box()
    assert chart["height"] > 60


def test_the_page_itself_prints_what_is_known_without_its_buttons(address, open_page, tmp_path):
    page = open_page(f"{address}/sites/s1")
    pages, _, text = printed(page, tmp_path, format="A4")

    assert pages <= 2
    page.emulate_media(media="print")
    assert page.locator("form:visible, button:visible, .report:visible").count() == 0
    for words in ("第1暖心驿站", "东城区某街1号", "示意图", "https://nuanxin.example/sites/s1"):
        assert words in text
    for words in ("高德地图", "复制", "分享"):
        assert words not in text
