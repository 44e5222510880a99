"""Proposed sites from a file: what becomes the comparison's address, and what is refused, in the file's own places."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from html import unescape
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from openpyxl import Workbook

from geodata import spreadsheets
from geodata.areas import Areas
from geodata.studies import Studies
from locator.datum import point_from_wgs84
from tests.web.conftest import sign_in
from tests.web.offices import do_jobs_at_once
from tests.web.planning import HERE, planned
from web import planner_points

PLACE = f"area={HERE}&by=none&radius=500"
INSIDE = "116.404,39.905"


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    with planned(tmp_path_factory.mktemp("proposing") / "home") as app:
        yield app


@pytest.fixture
def planner(app, monkeypatch):
    do_jobs_at_once(monkeypatch)
    return sign_in(app, "planner", "110000")


def send(client, body, name="新点.csv", datum="wgs84", asked=PLACE):
    body = body.encode() if isinstance(body, str) else body
    sent = {"file": (io.BytesIO(body), name), "datum": datum}
    return client.post(f"/planner/compare/points?{asked}", data=sent, content_type="multipart/form-data")


def after(answer):
    assert answer.status_code == 303, answer.text
    said = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert said["before"] == ["now"]
    return said["after"][0]


def refused(answer, status=400):
    assert answer.status_code == status, answer.text
    assert answer.headers["Cache-Control"] == "private, no-store"
    return unescape(re.sub(r"<[^>]+>", "", re.search(r'id="refused">(.*?)</div>', answer.text, re.DOTALL)[1]))


def workbook(*rows):
    book, body = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(body)
    return body.getvalue()


def geojson(*points):
    return json.dumps({"type": "FeatureCollection", "features": [
        {"type": "Feature", "properties": {"name": name}, "geometry": {"type": "Point", "coordinates": pair}} for name, pair in points]})


@pytest.mark.parametrize(("name", "body"), [
    ("a.csv", "名称,经度,纬度\n天坛东门,116.404,39.905\n,116.41,39.91\n"),
    ("a.csv", "name,lon,lat\n天坛东门,116.404,39.905\n,116.41,39.91\n".encode("utf-16")),
    ("a.xlsx", workbook(("名称", "经度", "纬度"), ("天坛东门", 116.404, 39.905), (None, 116.41, 39.91))),
    ("a.geojson", geojson(("天坛东门", [116.404, 39.905]), (None, [116.41, 39.91]))),
])
def test_the_points_of_a_file_become_the_address_with_their_names(planner, name, body):
    assert after(send(planner, body, name)) == f"with:{INSIDE},天坛东门;116.41,39.91"


def test_the_address_asks_the_question_that_stood_beside_the_file_and_its_page_names_the_points(app, planner):
    answer = send(planner, f"name,lon,lat\n天坛 <b>,{INSIDE}\n", asked=f"{PLACE}&kind=warm_station&fold=2&at=2026-03-04T12:00")

    page = planner.get(answer.headers["Location"], follow_redirects=True).text
    study = Studies(app.extensions["settings"].home).find(re.search(r'data-key="([0-9a-f]{32})"', page)[1])

    question = study.asked.question
    assert (question.area, question.radius_m, question.filters.kinds, question.fold, question.at.hour) == (HERE, 500.0, ("warm_station",), 2, 12)
    assert study.asked.after == f"with:{INSIDE},天坛 <b>"
    assert "天坛 &lt;b&gt;</textarea>" in page
    drawn = planner.get(f"/planner/studies/{study.key}/map.json").json
    assert [one["name"] for one in drawn["proposed"]] == ["天坛 <b>"]


def test_the_report_says_what_is_compared_and_lists_every_proposed_point(planner):
    page = planner.get("/planner/compare", query_string={"area": HERE, "by": "none", "radius": 500, "before": "now",
                                                         "after": "with:116.42,39.95,新站;115.5,39.5"}, follow_redirects=True).text
    key = re.search(r'data-key="([0-9a-f]{32})"', page)[1]

    report = unescape(planner.get(f"/planner/studies/{key}/report").text)

    assert "东城区 · 现在 → 加上 2 个拟建点 · 全部站点" in report
    assert "116.42,39.95,新站；115.5,39.5" in report


def test_a_proposed_point_makes_its_difference_under_its_name(app, planner):
    found = planner.get("/api/v1/compare", query_string={"before": "now", "after": "with:116.42,39.95,新站", "radius": 500, "area": HERE}).json

    assert [one["name"] for one in found["total"]["gained_by"]] == ["新站"]


def test_a_file_in_gcj02_is_proposed_where_it_means(planner):
    lon, lat = point_from_wgs84(116.404, 39.905, "gcj02")

    pair = after(send(planner, f"lon,lat\n{lon:.7f},{lat:.7f}\n", datum="gcj02")).removeprefix("with:").split(",")

    assert [float(degrees) for degrees in pair] == pytest.approx([116.404, 39.905], abs=2e-6)


def test_a_file_that_does_not_say_its_datum_is_not_guessed_at_and_one_that_says_it_is_believed(planner):
    said = refused(send(planner, f"lon,lat\n{INSIDE}\n", datum=""))
    assert "请在“文件里的坐标系”中选一项：WGS-84、GCJ-02、BD-09、CGCS2000" in said
    assert "--datum" not in said
    assert after(send(planner, f"wgs84经度,wgs84纬度\n{INSIDE}\n", datum="")) == f"with:{INSIDE}"
    assert after(send(planner, geojson((None, [116.404, 39.905])), "a.geojson", datum="")) == f"with:{INSIDE}"


def test_a_choice_that_the_file_contradicts_is_refused_and_not_dropped(planner):
    says = f"lon,lat,坐标系\n{INSIDE},GCJ-02\n"

    assert "文件里写明是 GCJ-02，所选的却是 BD-09" in refused(send(planner, says, datum="bd09"))
    assert "文件里写明是 BD-09，所选的却是 GCJ-02" in refused(send(planner, says + f"{INSIDE},bd09\n", datum="gcj02"))
    assert "文件里写明是 WGS-84，所选的却是 BD-09" in refused(send(planner, f"wgs84经度,wgs84纬度\n{INSIDE}\n", datum="bd09"))
    assert after(send(planner, says, datum="gcj02")) == after(send(planner, says, datum=""))
    assert after(send(planner, f"lon,lat,坐标系\n{INSIDE},CGCS2000\n", datum="wgs84")) == f"with:{INSIDE}"
    assert after(send(planner, f"lon,lat,坐标系\n{INSIDE},\n", datum="gcj02")) == after(send(planner, f"lon,lat\n{INSIDE}\n", datum="gcj02"))


def test_a_datum_that_the_rows_speak_against_is_refused(planner):
    areas = Areas.load()
    true = np.array([(lon, lat) for lon in np.arange(116.2, 116.6, 0.03) for lat in np.arange(39.8, 40.1, 0.0025)])
    written = np.array([point_from_wgs84(*point, "bd09") for point in true.tolist()])
    lies_in, seems_in = areas.district_of(true), areas.district_of(written)
    by_a_border = [row for row in range(len(true)) if None not in (lies_in[row], seems_in[row]) and lies_in[row] != seems_in[row]][::2]
    table = "所在区,lon,lat\n" + "".join(f"{areas.tree[lies_in[row]].words.zh},{written[row, 0]:.6f},{written[row, 1]:.6f}\n" for row in by_a_border)

    assert "与证据不符" in refused(send(planner, table, datum="wgs84"))
    assert after(send(planner, table, datum="bd09")).count(";") == len(by_a_border) - 1
    assert after(send(planner, table, datum="")) == after(send(planner, table, datum="bd09"))


@pytest.mark.parametrize(("body", "told"), [
    ("name,lon,lat\na,116.4,39.9\nb,116.4,95\n", ("新点.csv:3", "lat", "95")),
    ("name,lon,lat\na,,39.9\n", ("新点.csv:2", "lon", "不能为空")),
    ("name,lon,lat\na,somewhere,39.9\n", ("新点.csv:2", "somewhere")),
    (f"id,lon,lat\ns1,{INSIDE}\n", ("新点.csv:2", "s1", "已有站点")),
    ("name,address\na,b\n", ("新点.csv", "经纬度")),
    ("name,lon,lat\n", ("新点.csv", "没有数据行")),
    ("name,lon,lat\n示例：某某,116.4,39.9\n", ("新点.csv", "没有一行数据")),
    ("", ("新点.csv", "空的")),
])
def test_what_cannot_be_used_is_named_by_row_column_and_value(planner, body, told):
    said = refused(send(planner, body))

    assert all(word in said for word in told), said


def test_every_wrong_row_is_told_up_to_twenty_and_how_many_more(planner):
    said = refused(send(planner, "lon,lat\n" + "116.4,95\n" * 25))

    assert "新点.csv:2 " in said
    assert "新点.csv:21 " in said
    assert "新点.csv:22 " not in said
    assert "另有 5 处" in said


@pytest.mark.parametrize(("name", "body"), [("a.xlsx", b"lon,lat\n1,2\n"), ("a.geojson", b"{"), ("a.csv", b"\x89PNG\r\n")])
def test_a_file_that_is_not_what_it_is_called_is_refused_by_its_name(planner, name, body):
    assert name in refused(send(planner, body, name))


def test_no_file_no_datum_of_that_name_and_a_question_that_cannot_be_are_each_told(planner):
    none = planner.post(f"/planner/compare/points?{PLACE}", data={"datum": "wgs84"}, content_type="multipart/form-data")

    assert "请选择一个文件" in refused(none)
    assert "wgs84、gcj02" in refused(send(planner, f"lon,lat\n{INSIDE}\n", datum="utm"))
    assert "0" in refused(send(planner, f"lon,lat\n{INSIDE}\n", asked=f"area={HERE}&radius=0"))


def test_two_hundred_points_fit_and_one_more_is_refused_with_what_to_do(planner):
    rows = [f"116.{400_000 + number},39.{900_000 + number}" for number in range(201)]

    whole = after(send(planner, "lon,lat\n" + "\n".join(rows[:200])))

    assert whole.count(";") == 199
    assert planner.get("/planner/compare", query_string={"area": HERE, "radius": 500, "before": "now", "after": whole}).status_code == 303
    assert planner.get("/api/v1/compare", query_string={"area": HERE, "radius": 500, "before": "now", "after": whole}).status_code == 200
    said = refused(send(planner, "lon,lat\n" + "\n".join(rows)))
    assert "更多；请分成几个文件" in said
    assert "200 个点" in said


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx", "a.geojson"])
def test_a_file_of_very_many_rows_is_told_how_many_points_may_be_and_not_how_many_rows_some_other_file_may_have(planner, name):
    pairs = [(116.4, 39.9)] * {"a.csv": 40_000, "a.xlsx": 30_000, "a.geojson": 4_000}[name]
    body = {"a.csv": lambda: "lon,lat\n" + "116.4,39.9\n" * len(pairs), "a.xlsx": lambda: workbook(("lon", "lat"), *pairs),
            "a.geojson": lambda: geojson(*((None, pair) for pair in pairs))}[name]()
    assert len(body) < planner_points.MOST_BYTES

    assert "最多 200 个点" in refused(send(planner, body, name))


@pytest.mark.parametrize(("name", "body"), [
    ("a.gpkg", b"SQLite format 3\x00" + bytes(52) + b"GPKG" + bytes(100)), ("a.zip", b"PK\x03\x04"), ("a.shp", b"\x00\x00\x27\x0a"),
    ("a.xls", b"\xd0\xcf\x11\xe0" + bytes(600)), ("a.pdf", b"%PDF-1.4"), ("none", b"lon,lat\n1,2\n"),
])
def test_only_sorts_that_are_light_to_read_are_taken_and_others_are_told_which(planner, name, body, monkeypatch):
    monkeypatch.setattr(spreadsheets, "read", pytest.fail)  # none of it may be looked at

    said = refused(send(planner, body, name))

    assert all(one in said for one in (name, ".csv", ".xlsx", ".geojson", "with:文件"))


def test_reading_points_brings_no_library_of_files_into_the_process_that_answers(planner, tmp_path):
    for name, body in (("a.csv", f"lon,lat\n{INSIDE}\n".encode()), ("a.xlsx", workbook(("lon", "lat"), (116.404, 39.905))),
                       ("a.geojson", geojson((None, [116.404, 39.905])).encode())):
        (tmp_path / name).write_bytes(body)
    reads = ("import sys; from pathlib import Path; from geodata import proposals, vocabulary; from geodata.areas import Areas\n"
             "import web.planner_points; from geodata.spreadsheets import LIGHT\n"
             f"read = [proposals.read(file, Areas.load(), vocabulary=vocabulary.load(), datum='wgs84', taken=(), most=200) for file in "
             f"Path({str(tmp_path)!r}).iterdir() if file.suffix in LIGHT]\n"
             "print(sum(len(one.proposals) for one in read), *sorted({'geopandas', 'pandas', 'pyogrio', 'openpyxl'} & set(sys.modules)))")

    assert subprocess.run([sys.executable, "-c", reads], capture_output=True, text=True, check=True).stdout.split() == ["3"]


def test_typed_points_have_names_and_bounds_too(app, planner):
    typed = {"area": HERE, "by": "none", "radius": 500, "way": "with", "points": "116.404 39.905 天坛 东门\n116.41，39.91；116.42,39.92,b;c"}

    answer = planner.get("/planner/compare", query_string=typed)

    assert 'role="alert"' in answer.text  # the c
    assert "116.404 39.905 天坛 东门" in re.search(r'<textarea id="points".*?</textarea>', answer.text, re.DOTALL)[0]
    assert re.search(r'value="with" checked', answer.text)
    answer = planner.get("/planner/compare", query_string=typed | {"points": typed["points"].removesuffix(";c")})
    assert parse_qs(urlsplit(answer.headers["Location"]).query)["after"] == [f"with:{INSIDE},天坛 东门;116.41,39.91;116.42,39.92,b"]
    many = planner.get("/planner/compare", query_string=typed | {"points": "116.4,39.9\n" * 201})
    assert many.status_code == 400
    assert "最多 200 个" in unescape(many.text)


def test_names_are_left_out_where_the_address_could_not_hold_them_all(planner):
    rows = "".join(f"{'很长的名称' * 6}{number},116.{400_000 + number},39.{900_000 + number}\n" for number in range(60))

    answer = send(planner, "name,lon,lat\n" + rows)

    assert "很长" not in after(answer)
    assert len(answer.headers["Location"]) < 7_000
    assert noted(planner, answer) == ["有些点的名称被省略或改动：网址只能容纳这么多。"]


def noted(client, answer):
    """Return what the result that an answer leads to says of its points."""
    page = unescape(client.get(answer.headers["Location"], follow_redirects=True).text)
    return re.findall(r'<p class="note-line of-points">(.*?)</p>', page)


@pytest.mark.parametrize("name", ["天坛;东门", "12.5", "站" * 61])
def test_a_name_that_the_address_cannot_hold_as_it_is_is_told_of_on_the_result(planner, name):
    assert "名称被省略或改动" in noted(planner, send(planner, f'name,lon,lat\n"{name}",{INSIDE}\n'))[0]
    assert noted(planner, send(planner, f"name,lon,lat\n天坛  东门,{INSIDE}\n,116.41,39.91\n")) == []


def test_rows_of_the_file_that_were_passed_over_are_told_of_on_the_result(planner):
    table = f"id,名称,lon,lat\n,示例：某站,116.4,39.9\np1,示例：真的站,{INSIDE}\n"
    answer = send(planner, table)

    assert after(answer) == f"with:{INSIDE},示例：真的站"  # a row with an id is somebody's own
    assert ["示例" in said for said in noted(planner, answer)] == [True]
    assert ["标题、合计" in said for said in noted(planner, send(planner, f"拟建点\n名称,lon,lat\na,{INSIDE}\n"))] == [True]


def test_a_geographic_files_rows_are_nobodys_examples(planner):
    assert after(send(planner, geojson(("示例：某站", [116.404, 39.905])), "a.geojson")) == f"with:{INSIDE},示例：某站"


def test_a_file_that_is_too_large_is_refused_before_it_is_read(planner):
    class Unread(io.RawIOBase):
        """Counts what is read of it."""

        asked = 0

        def readable(self):
            return True

        def readinto(self, _):
            Unread.asked += 1
            return 0

    answer = planner.post(f"/planner/compare/points?{PLACE}", environ_overrides={
        "CONTENT_LENGTH": str(600 << 10), "CONTENT_TYPE": "multipart/form-data; boundary=x", "wsgi.input": Unread()})

    assert answer.status_code == 413
    assert "512 kB" in answer.text
    assert Unread.asked == 0


def test_nothing_of_a_file_is_kept(app, planner):
    home = app.extensions["settings"].home
    send(planner, f"name,lon,lat\n留不下的名字,{INSIDE}\n")
    refused(send(planner, "name,lon,lat\n留不下的名字,116.4,95\n"))

    assert not [path for path in home.rglob("*") if path.is_file() and "留不下的名字".encode() in path.read_bytes()]


def test_a_form_without_its_token_is_refused_and_so_is_a_stranger(app, planner):
    planner.environ_base.pop("HTTP_X_CSRFTOKEN")

    assert send(planner, f"lon,lat\n{INSIDE}\n").status_code == 403
    assert send(app.test_client(), f"lon,lat\n{INSIDE}\n").status_code in (303, 401)


def test_the_template_is_read_back_and_its_example_is_passed_over(planner):
    table = planner.get("/planner/compare/points.csv")

    assert table.headers["Content-Disposition"].startswith("attachment")
    assert "没有一行数据" in refused(send(planner, table.data))
    assert "没有写明坐标系" in refused(send(planner, table.data + f"p1,新站,{INSIDE}\r\n".encode(), datum=""))
    assert after(send(planner, table.data + f"p1,新站,{INSIDE},WGS-84\r\n".encode(), datum="")) == f"with:{INSIDE},新站"
    assert after(send(planner, table.data + f"p1,新站,{INSIDE}\r\n".encode())) == f"with:{INSIDE},新站"


def test_the_page_offers_the_file_and_keeps_the_question_in_the_forms_address(planner):
    page = unescape(planner.get(f"/planner/compare?{PLACE}&way=with").text)

    action = re.search(r'action="(/planner/compare/points\?[^"]+)"', page)[1]
    assert {name: value[0] for name, value in parse_qs(urlsplit(action).query).items()} == {"area": HERE, "by": "none", "radius": "500"}
    assert 'type="file"' in page


@pytest.mark.parametrize("typed", ["radius=0", "radius=x&kind=warm_station&kind=x", "hours=at&date=2026-03-04&hour=99", "at=never&fold=0&week=x",
                                   "reach=minutes&minutes=-1", "preset=x&demand=x", "state=x&strict=x&verified_only=x&eligibility=x&facility=x"])
def test_after_a_refused_question_the_form_of_a_file_asks_what_was_typed_and_nothing_else(planner, typed):
    asked = f"area={HERE}&by=none&{typed}"
    refusals = [planner.get(f"/planner/compare?{asked}&way=with&version=1&people=x"), send(planner, f"lon,lat\n{INSIDE}\n", asked=asked)]

    for answer in refusals:
        action = re.search(r'action="(/planner/compare/points[^"]*)"', unescape(answer.text))[1]
        assert urlsplit(action).query == asked
        assert refused(send(planner, f"lon,lat\n{INSIDE}\n", asked=urlsplit(action).query)) == refused(answer)
