"""What leaves the screen of a study: files, charts, maps and the report, as browsers are given them."""

from __future__ import annotations

import io
import re
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from html import unescape
from urllib.parse import unquote
from xml.etree import ElementTree

import openpyxl
import pytest
from matplotlib import font_manager
from PIL import Image

from geodata.registry import Registry
from geodata.study_pictures import fonts
from tests.web.conftest import WEDNESDAY_TEN, sign_in
from tests.web.offices import do_jobs_at_once, office_over
from tests.web.planning import HERE, SITES, give_people, planned

SVG = "{http://www.w3.org/2000/svg}"
ASKED = f"/planner?area={HERE}&by=none&radius=500&at=2026-03-04T12:00"
WEEK = f"/planner?area={HERE}&by=none&radius=500&at=2026-03-04T12:00&week=1"


@pytest.fixture(autouse=True)
def _here(monkeypatch):
    """Do the work of jobs in this process, at once."""
    do_jobs_at_once(monkeypatch)


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    with planned(tmp_path_factory.mktemp("planning") / "home") as app:
        yield app


@pytest.fixture
def planner(app):
    return sign_in(app, "planner", "110000")


@pytest.fixture
def study(app, planner):
    return made(app, planner, ASKED)


def made(app, client, address):
    """Return the address of the study that a page shows."""
    studies = app.extensions["settings"].home / "studies"
    before = {*studies.glob("*")}
    shown = re.search(r'data-key="([0-9a-f]{32})"', client.get(address, follow_redirects=True).text)
    key = shown[1] if shown else next(iter({*studies.glob("*")} - before)).name  # the API names none
    return f"/planner/studies/{key}"


def called(answer):
    return unquote(re.search(r"filename\*=UTF-8''(\S+)", answer.headers["Content-Disposition"])[1])


def test_a_workbook_is_saved_under_a_chinese_name_that_says_what_it_is_of(planner, study):
    answer = planner.get(f"{study}/download.xlsx")

    assert answer.headers["Content-Disposition"].startswith("attachment; filename=nuanxin-study-")
    assert called(answer) == "东城区-全部站点-服务半径-500-米-2026-03-04-12-00-周三-覆盖率与服务盲区.xlsx"
    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    assert book.sheetnames[0] == "区域 areas"
    assert book["站点 sites"].max_row == len(SITES) + 1


def test_a_geopackage_brings_its_styles(planner, study, tmp_path):
    (tmp_path / "study.gpkg").write_bytes(planner.get(f"{study}/download.gpkg").data)

    with closing(sqlite3.connect(tmp_path / "study.gpkg")) as base:
        assert {name for name, in base.execute("SELECT f_table_name FROM layer_styles WHERE useAsDefault")} >= {"areas", "gaps", "sites"}


def test_geojson_is_one_collection_of_that_study(planner, study):
    answer = planner.get(f"{study}/download.geojson")

    assert answer.content_type == "application/geo+json"
    assert study.endswith(answer.get_json(force=True)["key"])


@pytest.mark.parametrize("name", ["areas", "map"])
def test_a_chart_is_an_svg_in_the_readers_language_that_may_run_nothing(planner, study, name):
    answer = planner.get(f"{study}/chart/{name}.svg")
    english = planner.get(f"{study}/chart/{name}.svg?lang=en")

    assert answer.content_type.startswith("image/svg+xml")
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'"
    assert [ElementTree.fromstring(one.data).get("lang") for one in (answer, english)] == ["zh-CN", "en"]
    assert "prefers-color-scheme: dark" in answer.text
    assert "prefers-color-scheme" not in planner.get(f"{study}/chart/{name}.svg?size=print").text


@pytest.mark.parametrize(("query", "pixels"), [("", (1920, 1080)), ("?size=print", (3508, 2480))])
def test_the_map_is_a_picture_for_a_slide_or_for_paper(planner, study, query, pixels):
    answer = planner.get(f"{study}/map.png{query}")
    picture = Image.open(io.BytesIO(answer.data))

    assert picture.size == pixels
    assert called(answer).endswith("-地图.png")
    if pixels[0] > 2000:
        assert picture.info["dpi"] == pytest.approx((300, 300), abs=0.1)


def test_the_week_of_a_study_has_its_heat_and_another_study_says_it_has_none(app, planner, study):
    assert planner.get(f"{made(app, planner, WEEK)}/chart/hours.svg").status_code == 200
    none = planner.get(f"{study}/chart/hours.svg")

    assert none.status_code == 404
    assert "这次分析没有这张图" in none.text


def test_whoever_has_a_picture_is_not_sent_it_again_and_it_is_made_once(app, planner, study):
    first = planner.get(f"{study}/chart/areas.png")
    shutil.rmtree(app.extensions["settings"].home / "jobs", ignore_errors=True)
    again = planner.get(f"{study}/chart/areas.png")
    unchanged = planner.get(f"{study}/chart/areas.png", headers={"If-None-Match": first.headers["ETag"]})

    assert again.data == first.data
    assert not list((app.extensions["settings"].home / "jobs").glob("*/job.json"))
    assert (unchanged.status_code, unchanged.data) == (304, b"")
    assert study[-32:] in first.headers["ETag"]
    assert planner.get(f"{study}/chart/areas.png?size=print").headers["ETag"] != first.headers["ETag"]


@pytest.mark.parametrize(("address", "status", "said"), [
    ("download.pdf", 404, "没有这种文件"), ("chart/areas.pdf", 404, "没有这种文件"), ("chart/no-such.svg", 404, "没有这张图"),
    ("chart/hours-110101.svg", 404, "没有这张图"), ("map.png?size=huge", 400, "screen"), ("map.png?hours=12", 400, "12,23"),
    ("map.png?hours=12,24", 400, "12,23")])
def test_what_there_is_not_is_refused_in_words(planner, study, address, status, said):
    answer = planner.get(f"{study}/{address}")

    assert answer.status_code == status
    assert said in unescape(answer.text)


def test_a_study_that_is_not_kept_has_no_files(planner):
    for part in ("download.xlsx", "chart/areas.svg", "map.png", "report"):
        assert planner.get(f"/planner/studies/{'0' * 32}/{part}").status_code == 404


def test_without_a_typeface_a_picture_is_refused_with_what_to_do(planner, study, monkeypatch):
    fonts.ready.cache_clear()
    monkeypatch.setattr(font_manager, "findSystemFonts", list)

    answer = planner.get(f"{study}/chart/distances.png?size=print")

    fonts.ready.cache_clear()
    assert answer.status_code == 501
    assert "fonts-noto-cjk" in unescape(answer.text)


def test_the_report_has_map_figures_areas_gaps_charts_and_every_input(planner, study):
    text = unescape(planner.get(f"{study}/report").text)

    assert "服务布局分析报告" in text
    assert "东城区 · 全部站点 · 服务半径 500 米 · 2026-03-04 12:00 周三" in text
    assert f"{study}/chart/map.png?size=print" in text
    for said in ("分区域", "服务盲区，按人口从多到少", "最空旷处", "图表", "方法与数据", "开放时间未知", "登记库版本", "人口分布", "并列两个数时"):
        assert said in text, said
    assert "未覆盖" not in re.findall(r"<h1>(.*?)</h1>", text)[0]
    assert "style=" not in text


def test_a_gap_across_a_border_tells_its_people_by_area_on_the_page_in_the_report_and_in_the_workbook(planner):
    text = unescape(planner.get("/planner?area=110000&by=none&radius=300", follow_redirects=True).text)
    study = f"/planner/studies/{re.search(r'data-key=.([0-9a-f]{32})', text)[1]}"
    gap = next(gap for gap in planner.get(f"{study}/gaps.json").get_json()["gaps"] if len(gap["areas"]) > 1)
    named = [f"{area['name']} {area['people']:,.0f} 人" for area in gap["areas"]]

    assert f"人口所在区域：{'、'.join(named)}" in text
    report = unescape(planner.get(f"{study}/report").text)
    assert "".join(f"<span>{one}</span>" for one in named) in report
    page = openpyxl.load_workbook(io.BytesIO(planner.get(f"{study}/download.xlsx").data))["服务盲区 gaps"]
    column = next(cell.column for cell in page[1] if cell.value.endswith("people_in"))
    assert page.cell(1 + gap["rank"], column).value == "、".join(named)


def test_the_report_speaks_english_too_and_tells_the_same_figures(planner, study):
    zh, en = (unescape(planner.get(f"{study}/report?lang={tag}").text) for tag in ("zh-CN", "en"))

    assert "Report of the planner" in en
    figures = [re.findall(r"<dd>([\d.,%/ ]+)</dd>", text) for text in (zh, en)]
    assert figures[0] == figures[1]
    assert len(figures[0]) >= 5


@pytest.mark.parametrize(("address", "least"), [(ASKED, 2), (ASKED.replace("by=none", "by=street"), 2), ("/api/v1/gaps?radius=500&area=110101", 1),
                                                ("/api/v1/coverage?radius=500&area=110101", 0),
                                                ("/api/v1/compare?radius=500&area=110101&before=now&after=without:s1,s2", 2)])
def test_every_address_that_a_report_leads_to_for_a_picture_answers(app, planner, address, least):
    study = made(app, planner, address)
    text = unescape(planner.get(f"{study}/report").text)
    pictures = re.findall(r'<img src="(/planner/[^"]+)"', text)

    assert len(pictures) >= least
    for address in pictures:
        assert planner.get(address).status_code == 200, address


def test_a_report_of_a_week_says_what_served_means_and_puts_the_readings_in_their_order(app, planner):
    text = unescape(planner.get(f"{made(app, planner, WEEK)}/report?lang=zh-CN").text)

    assert re.search(r'<p class="readings">一周里至少有一个小时，够得着的站点开放，就算覆盖', text)
    figures = dict(re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", text))
    bare = next(value for words, value in figures.items() if "盲区" in words)
    sure, maybe = (float(one.replace(",", "")) for one in bare.split(" / "))
    assert sure > maybe > 0
    assert not [value for value in figures.values() if " – " in value]


def test_a_comparison_of_two_instants_is_named_by_both_and_by_no_other(app, planner):
    study = made(app, planner, "/api/v1/compare?radius=500&area=110101&before=at:2026-03-04T12:00&after=at:2026-03-04T23:00")
    text = unescape(planner.get(f"{study}/report?lang=zh-CN").text)

    assert re.search(r'<p class="about">(.*?)</p>', text)[1] == "东城区 · 全部站点 · 服务半径 500 米 · 2026-03-04 12:00 → 2026-03-04 23:00"
    assert "所问时刻" not in text
    assert "2026-03-04-12-00-2026-03-04-23-00" in called(planner.get(f"{study}/map.png?lang=zh-CN"))


def test_beyond_the_table_of_holidays_the_report_and_every_file_say_so(app, planner):
    study = made(app, planner, ASKED.replace("2026-03-04", "2035-03-07"))
    note = planner.get(f"{study}/gaps.json?lang=zh-CN").get_json()["notes"][0]

    assert "节假日" in note
    assert f'<p class="readings">{note}。</p>' in unescape(planner.get(f"{study}/report?lang=zh-CN").text)
    book = openpyxl.load_workbook(io.BytesIO(planner.get(f"{study}/download.xlsx?lang=zh-CN").data))
    assert ("注意 note", note) in book["方法 method"].iter_rows(values_only=True)
    assert note in planner.get(f"{study}/download.geojson?lang=zh-CN").get_json(force=True)["notes"]


def test_an_emptiest_circle_over_the_border_says_so_on_the_map_in_the_report_and_in_the_method(app, planner, study):
    share = planner.get(f"{study}/gaps.json").get_json()["emptiest_circle"]["outside_share"]
    said = f"其中约 {share:.0%} 在区域之外"
    texts = [one.text or "" for one in ElementTree.fromstring(planner.get(f"{study}/chart/map.svg?lang=zh-CN").data).iter(f"{SVG}text")]

    assert share > 0.01
    assert said.replace(" ", "") in "".join(texts).replace(" ", "")
    assert f"{said}。" in unescape(planner.get(f"{study}/report?lang=zh-CN").text)
    book = openpyxl.load_workbook(io.BytesIO(planner.get(f"{study}/download.xlsx?lang=zh-CN").data))
    assert ("最空旷处 emptiest circle", said) in book["方法 method"].iter_rows(values_only=True)


@pytest.fixture(scope="module", params=[9, 2], ids=["all", "two"])
def demonstration(request, tmp_path_factory):
    """An office where all sites, or two of them, are demonstration records: how that is said, the office, what it is asked with."""
    home = tmp_path_factory.mktemp("demonstration") / "home"
    sites = [replace(site, demo=number < request.param) for number, site in enumerate(SITES)]
    said = {9: ("9 个站点都是虚构或近似的演示记录", "all 9 sites are invented"),
            2: ("9 个站点中有 2 个是虚构或近似的演示记录", "2 of 9 sites are invented")}
    with office_over(home, sites, at=WEDNESDAY_TEN.replace(day=1)) as app:
        give_people(home)
        yield said[request.param], app


@pytest.mark.parametrize("address", [ASKED, WEEK, "/api/v1/compare?radius=500&area=110101&before=now&after=without:s1,s2"],
                         ids=["instant", "week", "compare"])
def test_nothing_leaves_a_demonstration_without_saying_that_its_sites_are_invented(demonstration, address, tmp_path):
    (zh, en), app = demonstration
    planner = sign_in(app, "planner", "110000")
    study = made(app, planner, address)

    book = openpyxl.load_workbook(io.BytesIO(planner.get(f"{study}/download.xlsx").data))
    method = {row[0]: row[1] for row in book["方法 method"].iter_rows(values_only=True)}
    assert zh in method["站点 sites"]
    assert {page.oddHeader.center.text for page in book} == {method["站点 sites"]}
    geojson = planner.get(f"{study}/download.geojson").get_json(force=True)
    assert zh in geojson["demonstration"]["note"]
    (tmp_path / "study.gpkg").write_bytes(planner.get(f"{study}/download.gpkg").data)
    with closing(sqlite3.connect(tmp_path / "study.gpkg")) as base:
        assert zh in base.execute("SELECT value FROM method WHERE item_en = 'sites'").fetchone()[0]
        described = {said for said, in base.execute("SELECT description FROM gpkg_contents WHERE data_type = 'features'")}
        assert all(zh in said for said in described)
    for language, words in (("zh-CN", zh), ("en", en)):
        report = planner.get(f"{study}/report?lang={language}").text
        assert unescape(re.search(r'<p class="mark">(.*?)</p>', report)[1]).count(words) == 1
        for picture in re.findall(r'<img src="([^"]+)\.(?:svg|png)\?', report):
            texts = "".join(one.text or "" for one in ElementTree.fromstring(planner.get(f"{picture}.svg?lang={language}").data).iter(f"{SVG}text"))
            assert words.replace(" ", "") in texts.replace(" ", ""), picture
            assert "演示数据 Demonstration data" in texts
    assert called(planner.get(f"{study}/map.png?lang=zh-CN")).startswith("演示数据-")


def test_a_workbook_marks_each_demonstration_site(demonstration):
    _, app = demonstration
    planner = sign_in(app, "planner", "110000")
    book = openpyxl.load_workbook(io.BytesIO(planner.get(f"{made(app, planner, ASKED)}/download.xlsx").data))
    headers, *rows = book["站点 sites"].iter_rows(values_only=True)
    record = headers.index("记录 record")

    with Registry.open(app.extensions["settings"].home) as registry, registry.view() as view:
        invented = {row[0] for row in rows if view.site(row[0]).demo}
    assert {row[0] for row in rows if row[record] == "演示数据 Demonstration data"} == invented != set()


def test_what_leaves_a_registry_without_demonstration_records_does_not_speak_of_them(planner, study):
    book = openpyxl.load_workbook(io.BytesIO(planner.get(f"{study}/download.xlsx").data))

    assert not [cell for page in book for row in page.iter_rows(values_only=True) for cell in row if "演示" in str(cell)]
    assert planner.get(f"{study}/download.geojson").get_json(force=True)["demonstration"] == {"sites": 0, "of": 9, "note": None}
    assert "演示" not in planner.get(f"{study}/report").text.partition("<article")[2].partition("</article")[0]
    assert "演示" not in planner.get(f"{study}/chart/map.svg").text


def test_readers_of_an_opened_planner_may_take_everything_of_a_kept_study(app, study, monkeypatch):
    assert app.test_client().get(f"{study}/report").status_code == 303  # to the sign-in

    monkeypatch.setitem(app.extensions, "settings", replace(app.extensions["settings"], planner_public=True))
    for part in ("download.xlsx", "chart/areas.svg", "map.png", "report"):
        assert app.test_client().get(f"{study}/{part}").status_code == 200, part
