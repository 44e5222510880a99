"""Importing in a real Chromium, with real jobs: a clerk's GB18030 sheet in GCJ-02 goes all the way and back."""

from __future__ import annotations

import csv
import io
import re

import numpy as np
import pytest
from playwright.sync_api import expect

from geodata import demo, private
from locator import datum
from locator.datum import point_from_wgs84
from tests.browser.barriers import NIGHT, SIDEWAYS, barriers
from tests.browser.conftest import DESK, PHONE, office_of
from tests.web.conftest import sign_in
from web.cookies import COOKIE

HEADERS = ("序号", "驿站名称", "类别", "所属区", "详细地址", "经度", "纬度", "开放时间", "设施", "联系人")
KNOWN, OURS = 40, 400
"""Sites that the registry has already, and rows of the sheet."""


@pytest.fixture(scope="module")
def sites(areas, vocabulary):
    """Demonstration warm stations: some that would lie in another district in another datum, and others of the whole city."""
    every = [site for site in demo.sites(vocabulary, areas) if site.kind == "warm_station" and site.lon is not None and site.address]
    shifted = areas.district_of(datum.from_wgs84(np.array([[site.lon, site.lat] for site in every]), "gcj02"))
    telling = [site for site, lies_in in zip(every, shifted, strict=True) if lies_in != site.district_code]
    few = [*every[::len(every) // 200][:200], *telling]
    return list({site.id: site for site in few}.values())[:KNOWN + OURS]


def row_of(number, site, areas):
    lon, lat = point_from_wgs84(site.lon, site.lat, "gcj02")
    return [number, site.name, "暖心驿站", areas.tree[site.district_code].words.zh, f"{site.address}{number}号", f"{lon:.6f}", f"{lat:.6f}",
            "周一至周日 8:00-20:00", "热水、微波炉", "张三"]


@pytest.fixture(scope="module")
def sheet(sites, areas):
    """The sheet: two faulty cells, two rows that are known sites under other names."""
    rows = [row_of(i, site, areas) for i, site in enumerate(sites[KNOWN:], 1)]
    rows[4][2] = "暖心易站x"
    rows[9][5] = "一百一十六"
    for known in sites[:2]:
        rows.append(row_of(len(rows) + 1, known, areas))
        rows[-1][1], rows[-1][4] = f"职工{known.name}", known.address
    text = io.StringIO()
    csv.writer(text).writerows([HEADERS, *rows])
    return text.getvalue().encode("gb18030")


@pytest.fixture(scope="module")
def office(tmp_path_factory, sites):
    """A city's office whose registry has some of the sites; gives its address and its application."""
    with office_of(tmp_path_factory.mktemp("imports"), sites[:KNOWN], who="test", why="known") as served:
        yield served


@pytest.fixture
def go(office, open_page):
    """Open a page of the office, signed in as the city's administrator."""
    address, app = office

    def start(path, **options):
        value = sign_in(app, "city", "110000").get_cookie(COOKIE).value
        cookie = {"name": COOKIE, "value": value, "url": address}
        page = open_page(address + path, cookies=[cookie], **options)
        page.set_default_timeout(60_000)
        return page

    return start


@pytest.fixture(autouse=True)
def _patient():
    """Expect patiently: the work of a form is a process of its own, on a machine that others use too."""
    expect.set_options(timeout=60_000)
    yield
    expect.set_options(timeout=5_000)


def small_targets(page):
    """Return what can be clicked and is lower than 48 px, links within sentences apart."""
    return page.evaluate("""() => [...document.querySelectorAll('main button, main .button, main select, main .tabs a, main .way a, main label.pick, '
        + 'main summary, main input:not([type=hidden]):not([type=radio]):not([type=checkbox])')]
        .filter(e => e.offsetParent !== null && !e.closest('.sr') && e.getBoundingClientRect().height < 47.5).map(e => e.outerHTML.slice(0, 90))""")


class Watcher:
    """Looks at every step as everybody must be able to use it."""

    def __init__(self, page, name):
        self.page, self.name = page, name

    def __call__(self, step, heading):
        expect(self.page.locator("h1")).to_contain_text(heading)
        self.page.wait_for_load_state("load")
        assert barriers(self.page) == {}, step
        assert self.page.evaluate(SIDEWAYS) <= 0, step
        assert small_targets(self.page) == [], step


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_a_sheet_in_gb18030_and_gcj02_goes_all_the_way_and_back(go, office, sheet, viewport):
    page = go("/admin/import", viewport=viewport)
    look = Watcher(page, viewport["width"])
    registry = office[1].extensions["atlas"].registry
    before = registry.version()

    look("upload", "导入表格")
    page.set_input_files("#file", {"name": "全市台账.csv", "mimeType": "text/csv", "buffer": sheet})
    page.fill("#source", f"市总工会 {look.name}")
    page.click("#send")

    look("mapping", "每一列是什么")
    expect(page.locator("#column-9")).to_have_value("manager")
    page.select_option("#column-9", "-")  # nobody's name belongs into this registry
    page.click("main .acts.main button[value=read]")

    look("evidence", "坐标系是 GCJ-02")
    expect(page.locator(".notes")).to_contain_text("判定：GCJ-02")
    page.get_by_role("link", name="下一步：预览").click()

    look("preview", "还有 2 行不能导入")
    page.locator("#whole[data-drawn=yes] canvas").wait_for()
    page.click(".tabs a.error")
    expect(page.locator(".row-card")).to_have_count(2)
    page.fill('input[aria-invalid="true"] >> nth=0', "暖心驿站")
    page.fill('input[aria-invalid="true"] >> nth=1', "116.404")
    look("errors", "还有 2 行不能导入")
    page.click("button[value=save]")

    look("duplicates", "行可能已经登记过")
    page.click(".tabs a.duplicate")
    cards = page.locator(".row-card.duplicate")
    expect(cards).to_have_count(2)
    cards.first.locator("input[type=radio]").first.check()  # it is that site; the other is new
    assert cards.first.locator("svg.picture .dots.duplicate").count() == 1  # where the two lie
    page.locator("input[name=alike][value=new]").check()
    look("deciding", "行可能已经登记过")
    page.click("button[value=save]")

    look("ready", "可以导入了")
    page.get_by_role("link", name="下一步：导入").click()
    look("commit", "导入：新增")
    page.fill("#reason", "十一月台账")
    page.get_by_role("button", name="确认导入").click()

    look("result", "导入完成")
    expect(page.locator(".figures dd").first).to_have_text(str(OURS + 1))
    assert registry.version() == before + 1
    page.fill("#reason", "演练")
    page.get_by_role("button", name="撤回这次导入").click()
    look("undone", "已撤回")
    assert len(list(registry.sites())) == KNOWN


def test_every_step_works_without_scripts(go, office, sheet):
    page = go("/admin/import", viewport=PHONE, java_script_enabled=False)
    registry = office[1].extensions["atlas"].registry

    page.set_input_files("#file", {"name": "全市台账.csv", "mimeType": "text/csv", "buffer": sheet})
    page.click("#send")
    expect(page.locator("h1")).to_contain_text("每一列是什么")
    page.click("main .acts.main button[value=read]")
    expect(page.locator("h1")).to_contain_text("坐标系是")
    assert page.locator("svg.picture").count() == 3
    page.get_by_role("link", name="下一步：预览").click()
    expect(page.locator("h1")).to_contain_text("还有 2 行不能导入")
    assert page.locator("#whole svg.picture").count() == 1
    page.click(".tabs a.error")
    expect(page.locator("input[name^=out-]")).to_have_count(2)
    for box in page.locator("input[name^=out-]").all():
        box.check()
    page.click("button[value=save]")
    expect(page.locator("h1")).to_contain_text("行可能已经登记过")
    page.click(".tabs a.duplicate")
    page.locator("input[name=alike][value=new]").check()
    page.click("button[value=save]")
    page.get_by_role("link", name="下一步：导入").click()
    page.fill("#reason", "没有脚本")
    page.get_by_role("button", name="确认导入").click()
    expect(page.locator("h1")).to_contain_text("导入完成")
    page.fill("#reason", "演练")
    page.get_by_role("button", name="撤回这次导入").click()
    expect(page.locator("h1")).to_contain_text("已撤回")
    assert len(list(registry.sites())) == KNOWN


def test_how_far_the_work_is_can_be_seen_and_it_can_be_stopped(go, office, areas, sites, monkeypatch):
    monkeypatch.setattr("web.import_flow.WAIT_S", 0.0)
    text = io.StringIO()
    few = [row_of(i, sites[i], areas) for i in range(100)]
    csv.writer(text).writerows([HEADERS, *([i, *few[i % 100][1:4], f"某街{i}号", *few[i % 100][5:]] for i in range(60_000))])
    page = go("/admin/import", viewport=DESK)
    look = Watcher(page, "long")
    page.set_input_files("#file", {"name": "很长.csv", "mimeType": "text/csv", "buffer": text.getvalue().encode()})
    page.click("#send")
    expect(page.locator("h1")).to_contain_text("每一列是什么")  # its page leads on by itself
    home = office[1].extensions["settings"].home
    with private.locked(home / "jobs" / "turn-0"), private.locked(home / "jobs" / "turn-1"):
        page.click("main .acts.main button[value=read]")
        expect(page.locator("#step")).to_contain_text("等待")
        look("working", "正在处理")

    page.locator("progress[value]").wait_for()
    page.get_by_role("button", name="停止").click()

    expect(page.locator("h1")).to_contain_text("已停止")
    page.get_by_role("button", name="删除这个文件").click()
    expect(page.locator("h1")).to_contain_text("导入表格")


def test_a_file_can_be_dropped_and_one_that_is_too_large_is_told_before_it_is_sent(go):
    page = go("/admin/import", viewport=DESK)
    drop = """(size) => { const data = new DataTransfer(); data.items.add(new File([new Uint8Array(size)], '拖进来.csv'));
        document.getElementById('drop').dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true })); }"""

    page.evaluate(drop, 10)
    assert page.evaluate("document.getElementById('file').files[0].name") == "拖进来.csv"
    page.evaluate(drop, 65 * 1024 * 1024)

    expect(page.locator("#drop-told")).to_contain_text("超过 64 MB")
    page.click("#send")
    assert re.fullmatch(r".*/admin/import", page.url)


def test_the_first_page_can_be_read_by_day_and_by_night(go):
    page = go("/admin/import", viewport=DESK)

    assert barriers(page, NIGHT) == {}
