"""The mini program's page under Node, before a real server: a tiny `wx` stands for WeChat, and for nothing of ours."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from locator.datum import point_from_wgs84
from tests.conftest import a_site
from tests.web.conftest import few_sites
from tests.web.offices import Quiet, office_over, served
from tests.web.test_offline_answers import node

PAGE = Path(__file__).parents[2] / "docs" / "mini-program" / "index.js"
ADDRESS = "https://example.org"
HERE = point_from_wgs84(116.40, 39.90, "gcj02")

# what WeChat gives a page: Page, storage, a position, requests over the network; each call of a map is noted
WECHAT = """
const noted = [], stored = {};
let page;
globalThis.Page = (made) => { page = made; page.setData = (more) => Object.assign(page.data, more); };
globalThis.wx = {
  getStorageSync: (name) => stored[name] || "", setStorageSync: (name, value) => { stored[name] = value; },
  openSetting: () => noted.push(["openSetting"]), openLocation: (where) => noted.push(["openLocation", where]),
  getFuzzyLocation: (asked) => { noted.push(["getFuzzyLocation", asked.type]);
    given.position ? asked.success(given.position) : asked.fail({ errMsg: given.refusal }); },
  chooseLocation: (asked) => given.position ? asked.success(given.position) : asked.fail({ errMsg: "chooseLocation:fail cancel" }),
  request: (asked) => { waiting += 1; fetch(asked.url, { method: asked.method, headers: asked.header, body: JSON.stringify(asked.data) })
    .then(async (response) => asked.success({ statusCode: response.status, data: JSON.parse(await response.text()) }),
          (error) => asked.fail({ errMsg: String(error) })).finally(() => { waiting -= 1; }); },
};
let waiting = 0;
const settled = async () => { while (waiting) await new Promise((go) => setTimeout(go, 5)); };
"""


class _Noted(Quiet):
    lines: list[str] = []  # noqa: RUF012 - one list for one server

    def log_request(self, *_: Any) -> None:
        self.lines.append(self.requestline)


@pytest.fixture(scope="module")
def service(make_atlas, tmp_path_factory):
    """A server over a few sites; gives its address and its application."""
    home = tmp_path_factory.mktemp("service")
    sites = [*few_sites(), a_site(20, name="远处驿站", lon=116.9)]
    with office_over(home, sites, atlas=make_atlas(sites, version=7)) as app, served(app, handler=_Noted) as address:
        yield address, app


@pytest.fixture
def act(service, tmp_path):
    """``act("page.onLocate();", position={...})``: the page's data afterwards, and what WeChat was asked for."""
    def run(steps: str, *, address: str = "", **given: Any) -> tuple[dict[str, Any], list[Any]]:
        text = PAGE.read_text("utf-8")
        assert text.count(ADDRESS) == 1
        (tmp_path / "index.js").write_text(text.replace(ADDRESS, address or service[0]), "utf-8")
        script = f"""const given = {json.dumps(given)};{WECHAT}require("./index.js");
            (async () => {{ {steps} await settled(); process.stdout.write(JSON.stringify([page.data, noted])); }})();"""
        (tmp_path / "run.js").write_text(script, "utf-8")
        done = subprocess.run([node(), "run.js"], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == 0, done.stderr
        data, noted = json.loads(done.stdout)
        return data, noted

    yield run
    shutil.rmtree(tmp_path, ignore_errors=True)


def position(lon_lat=HERE):
    return {"longitude": lon_lat[0], "latitude": lon_lat[1]}


def test_a_fuzzy_position_gives_the_sites_open_on_arrival_first_with_honest_ranges(act, service):
    data, noted = act("page.onLocate();", position=position())

    answer = service[1].test_client().post("/api/v1/nearest", json={"lon": HERE[0], "lat": HERE[1], "datum": "gcj02", "k": 20}).json
    assert noted == [["getFuzzyLocation", "gcj02"]]
    assert sorted(site["id"] for site in data["sites"]) == sorted(feature["id"] for feature in answer["features"])
    states = [site["state"] for site in data["sites"]]
    assert states == sorted(states, key=["open", "unknown", "closed"].index)
    assert data["sites"][0]["far"] == "3.9 公里以内"  # 860 m away, 3 km vague
    assert next(site["far"] for site in data["sites"] if site["id"] == "s20").startswith("39.")
    assert data["sites"][0]["name"].endswith("（演示数据）")
    assert data["message"] == ""


def test_markers_and_the_hand_over_are_in_gcj02(act):
    data, noted = act("page.onChoose(); await settled(); page.onGo({ currentTarget: { dataset: { index: 0 } } });", position=position())

    lon, lat = point_from_wgs84(116.41, 39.90, "gcj02")
    first = data["sites"][0]
    assert (first["longitude"], first["latitude"]) == pytest.approx((lon, lat), abs=1e-9)
    assert (data["markers"][0]["longitude"], data["markers"][0]["latitude"]) == pytest.approx((lon, lat), abs=1e-9)
    [(called, where)] = noted
    assert called == "openLocation"
    assert (where["longitude"], where["latitude"], where["address"]) == (first["longitude"], first["latitude"], "东城区某街 1 号")


def test_a_position_picked_on_the_map_gives_one_figure(act):
    data, _ = act("page.onChoose();", position=position())

    assert data["sites"][0]["far"] == "约 860 米"


def test_the_position_is_in_no_address(act):
    _Noted.lines.clear()

    act("page.onLocate();", position=position())

    assert _Noted.lines == ["POST /api/v1/nearest HTTP/1.1"]


def test_needs_narrow_the_list_and_nothing_left_is_said(act):
    data, _ = act('page.data.needs = ["hot_water"]; page.onLocate();', position=position())
    assert {site["id"] for site in data["sites"]} == {"s1", "s4"}

    data, _ = act('page.data.needs = ["mother_baby", "hot_water"]; page.onLocate();', position=position())
    assert (data["sites"], data["message"]) == ([], "没有符合条件的站点，请减少条件。")


def test_a_report_reaches_the_registry_and_sent_twice_by_one_phone_is_one(act, service):
    click = 'page.onReport({ currentTarget: { dataset: { index: 0, type: "locked" } } }); await settled();'

    data, _ = act(f"page.onLocate(); await settled(); {click}{click}", position=position())

    assert data["message"] == "已反映，谢谢。"
    [report] = service[1].extensions["atlas"].registry.reports.entries(site_id=data["sites"][0]["id"])
    assert (report.type, report.filed_by) == ("locked", None)


@pytest.mark.parametrize(("refusal", "denied"), [
    ("getFuzzyLocation:fail auth deny", True), ("getFuzzyLocation:fail authorize no response", True),
    ("getFuzzyLocation:fail:system permission denied", True), ("getFuzzyLocation:fail timeout", False)])
def test_without_a_position_it_is_said_why_and_what_else_can_be_done(act, refusal, denied):
    data, _ = act("page.onLocate();", refusal=refusal)

    assert data["denied"] is denied
    assert ("没有位置权限" if denied else "无法定位") in data["message"]
    assert "地图上选一个位置" in data["message"]


def test_no_network_and_a_refusal_are_told_in_words(act):
    data, _ = act("page.onLocate();", position=position(), address="http://127.0.0.1:9")
    assert data["message"] == "网络不通，请稍后再试。"

    data, _ = act('page.data.needs = ["gold"]; page.onLocate();', position=position())
    assert "没有这个需求" in data["message"]

    data, _ = act("page.onLocate(); await settled(); page.data.sites[0].id = 'nope'; "
                  'page.onReport({ currentTarget: { dataset: { index: 0, type: "gone" } } });', position=position())
    assert "没有这个站点" in data["message"]


def test_choosing_nothing_changes_nothing(act):
    data, _ = act("page.onChoose();")

    assert (data["message"], data["sites"]) == ("", [])
