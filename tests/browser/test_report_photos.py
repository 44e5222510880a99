"""A photo with a report in a real browser: chosen, made smaller, sent or kept for later, seen in the queue; without scripts too."""

from __future__ import annotations

from datetime import datetime, timedelta
from io import BytesIO

import pytest
from PIL import Image
from playwright.sync_api import expect

from geodata import photos
from geodata.reporting import NewReport
from locator.typed import BEIJING
from tests.browser.barriers import NIGHT, SIDEWAYS, barriers
from tests.browser.conftest import DESK, PHONE, office_of
from tests.browser.test_reporting import SMALL, reports_of, said
from tests.conftest import a_site
from tests.web.conftest import sign_in
from web.cookies import COOKIE

RED, BLUE = (200, 20, 20), (20, 20, 200)
PHOTOS = {"name": "IMG_0001.jpg", "mimeType": "image/jpeg"}


@pytest.fixture
def office(tmp_path):
    sites = [a_site(1, name="王府井暖心驿站", district_code="110101"), a_site(2, name="望京暖心驿站", district_code="110105")]
    with office_of(tmp_path, sites, who="t", why="t", clock=lambda: datetime.now(BEIJING)) as served:
        yield served


def picture(width=3000, height=2000) -> bytes:
    """What a camera held upright makes: it lies on its side, and says so. Its top is red, its bottom blue."""
    image, exif, stream = Image.new("RGB", (width, height), RED), Image.Exif(), BytesIO()
    image.paste(BLUE, (width // 2, 0, width, height))
    exif[0x0112] = 6
    image.save(stream, "JPEG", exif=exif)
    return stream.getvalue()


def choose(page, content, **more):
    page.get_by_label("先附一张照片").set_input_files({**PHOTOS, "buffer": content, **more})


def kept(office, number):
    return Image.open(BytesIO(office[1].extensions["atlas"].registry.reports.photo(number)))


def cookie_of(office, role="district", area="110101"):
    return {"name": COOKIE, "value": sign_in(office[1], role, area).get_cookie(COOKIE).value, "url": office[0]}


def is_upright(image):
    middle = image.width // 2
    top, bottom = image.getpixel((middle, 5)), image.getpixel((middle, image.height - 5))
    return image.height > image.width and top[0] > 150 > top[2] and bottom[2] > 150 > bottom[0]


def test_a_photo_is_made_smaller_on_the_phone_sent_upright_and_seen_in_the_queue(office, open_page):
    sizes = []
    page = open_page(f"{office[0]}/sites/s1", before=lambda page: page.on(
        "request", lambda request: sizes.append(int(request.header_value("content-length") or 0)) if request.method == "POST" else None))
    content = picture()
    choose(page, content)
    expect(page.get_by_role("img", name="您选的照片")).to_be_visible()

    page.get_by_role("button", name="锁着门").click()

    expect(said(page)).to_contain_text("谢谢")
    [report] = reports_of(office)
    image = kept(office, report.id)
    assert (image.size, is_upright(image)) == ((853, 1280), True)
    expect(page.get_by_role("img", name="您选的照片")).to_have_count(0)  # it went with that report, and not with the next
    page.get_by_role("button", name="搬走了").click()
    expect(said(page)).to_contain_text("谢谢")
    assert [r.has_photo for r in reports_of(office)] == [False, True]

    queue = open_page(f"{office[0]}/admin/reports", viewport=DESK, cookies=[cookie_of(office)])
    shown = queue.get_by_role("img", name=f"反馈 {report.id} 的照片")
    expect(shown).to_be_visible()
    queue.wait_for_function("image => image.complete && image.naturalWidth === 160 && image.naturalHeight === 240", arg=shown.element_handle())


def test_a_chosen_photo_can_be_left_out_again(office, open_page):
    page = open_page(f"{office[0]}/sites/s1")
    leave = page.get_by_role("button", name="不附这张照片")
    expect(leave).to_have_count(0)
    choose(page, picture(300, 200))

    leave.click()
    expect(leave).to_have_count(0)
    page.get_by_role("button", name="锁着门").click()

    expect(said(page)).to_contain_text("谢谢")
    assert [r.has_photo for r in reports_of(office)] == [False]


def test_a_photo_taken_offline_waits_on_the_phone_and_goes_out_with_its_report(office, open_page):
    page = open_page(f"{office[0]}/sites/s1")
    choose(page, picture(900, 600))
    page.context.set_offline(True)
    page.get_by_role("button", name="锁着门").click()
    expect(said(page)).to_contain_text("现在没有网络")
    page.context.set_offline(False)

    page.goto(f"{office[0]}/sites/s2")

    expect(said(page)).to_contain_text("已经发出")
    [report] = reports_of(office)
    assert (report.site_id, is_upright(kept(office, report.id))) == ("s1", True)


def test_five_photos_may_wait_and_a_report_beyond_them_goes_without_and_says_so(office, open_page):
    page = open_page(f"{office[0]}/sites/s1")
    page.context.set_offline(True)
    for n, name in enumerate(("锁着门", "搬走了", "已不存在", "没有热水", "锁着门", "搬走了")):
        choose(page, picture(90, 60))
        expect(page.get_by_role("img", name="您选的照片")).to_be_visible()
        page.get_by_role("button", name=name).click()
        expect(said(page)).to_contain_text("照片没有附上" if n == 5 else "现在没有网络")

    assert page.evaluate("""() => new Promise((resolve) => { const asked = indexedDB.open('nuanxin.reports', 1); asked.onsuccess = () => {
        const all = asked.result.transaction('waiting').objectStore('waiting').getAll();
        all.onsuccess = () => resolve(all.result.map((item) => Boolean(item.photo))); }; })""") == [True] * 5 + [False]


def test_what_no_browser_can_read_is_told_and_nothing_is_sent(office, open_page):
    page = open_page(f"{office[0]}/sites/s1")
    choose(page, b"\x00\x00\x00\x18ftypheic", name="IMG_2.heic", mimeType="image/heic")
    page.get_by_role("button", name="锁着门").click()
    expect(said(page)).to_contain_text("JPEG")

    choose(page, picture()[:5_000])  # the browser leaves it to the server, which refuses it in its words
    page.get_by_role("button", name="锁着门").click()
    expect(said(page)).to_contain_text("不完整")
    assert reports_of(office) == []


def test_a_browser_that_cannot_make_it_smaller_sends_it_as_it_is(office, open_page):
    page = open_page(f"{office[0]}/sites/s1", before=lambda page: page.add_init_script("delete window.createImageBitmap;"))
    choose(page, picture())
    page.get_by_role("button", name="锁着门").click()
    expect(said(page)).to_contain_text("谢谢")

    image = kept(office, reports_of(office)[0].id)
    assert (image.height, is_upright(image)) == (photos.EDGE_PX, True)


def test_without_scripts_the_form_sends_it_and_the_queue_shows_and_deletes_it(office, open_page):
    page = open_page(f"{office[0]}/sites/s1", java_script_enabled=False)
    choose(page, picture())
    page.get_by_role("button", name="锁着门").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("谢谢")
    [report] = reports_of(office)
    assert is_upright(kept(office, report.id))

    queue = open_page(f"{office[0]}/admin/reports", viewport=DESK, java_script_enabled=False, cookies=[cookie_of(office)])
    queue.get_by_role("button", name="删除照片").click()
    expect(queue.get_by_role("status")).to_contain_text("照片已删除")
    assert [(r.state, r.has_photo) for r in reports_of(office)] == [("open", False)]


def test_a_key_pressed_in_the_reason_deletes_no_photo(office, open_page):
    registry, now = office[1].extensions["atlas"].registry, datetime.now(BEIJING)
    registry.reports.file("s1", NewReport("locked", now, photo=photos.read(picture(300, 200))), now=now)
    page = open_page(f"{office[0]}/admin/reports", viewport=DESK, cookies=[cookie_of(office)])

    page.get_by_label("原因").fill("打电话问过")
    page.keyboard.press("Enter")
    page.wait_for_url("**done=*")

    assert [(r.state, r.has_photo) for r in reports_of(office)] == [("confirmed", True)]


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
def test_axe_finds_nothing_in_the_form_with_a_photo_and_in_the_queue_that_shows_it(office, open_page, viewport):
    registry, now = office[1].extensions["atlas"].registry, datetime.now(BEIJING)
    registry.reports.file("s1", NewReport("locked", now - timedelta(minutes=1), photo=photos.read(picture())), now=now)
    form = open_page(f"{office[0]}/sites/s1", viewport=viewport)
    choose(form, picture(900, 600))
    expect(form.get_by_role("img", name="您选的照片")).to_be_visible()
    queue = open_page(f"{office[0]}/admin/reports", viewport=viewport, cookies=[cookie_of(office)])
    for page in (form, queue):
        assert barriers(page, NIGHT) == {}
        assert page.evaluate(SIDEWAYS) == 0
    assert form.evaluate(SMALL) == []
    assert form.locator("#report-photo").bounding_box()["height"] >= 48
