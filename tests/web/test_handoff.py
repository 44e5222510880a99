"""Links into map apps: every byte of every format, the datum, the entrance, and what WeChat follows."""

from __future__ import annotations

import csv
from itertools import islice
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata import pasted
from locator import datum, earth
from locator.errors import BadValue
from tests.real.conftest import shared
from web import handoff

ANDROID = "Mozilla/5.0 (Linux; Android 10; PCT-AL10) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/86.0.4240.99 Mobile Safari/537.36"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 14_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/14.0 Mobile/15E148 Safari/604.1"
WECHAT = ANDROID + " MicroMessenger/8.0.2.1860(0x28000234) WeChat/arm64 Weixin NetType/4G Language/zh_CN"
CHANGPING = 116.415123, 40.215029
THERE = "116.421401", "40.216452"
"""The same in GCJ-02, as both libraries of the shared vectors have it: 116.421400736, 40.216451899."""
STATION = "%E6%98%8C%E5%B9%B3%E6%9A%96%E5%BF%83%E9%A9%BF%E7%AB%99"


def ways(by="walk", agent="", name="昌平暖心驿站", **more):
    return {one.app: one for one in handoff.links(name, *CHANGPING, by=by, agent=agent, **more)}


@pytest.mark.parametrize(("app", "by", "address"), [
    ("amap", "walk", "https://uri.amap.com/navigation?to=116.421401,40.216452,{}&mode=walk&src=nuanxin&callnative=1"),
    ("amap", "ride", "https://uri.amap.com/navigation?to=116.421401,40.216452,{}&mode=ride&src=nuanxin&callnative=1"),
    ("baidu", "walk", "https://api.map.baidu.com/direction?origin=%E6%88%91%E7%9A%84%E4%BD%8D%E7%BD%AE&destination=latlng:40.216452,116.421401"
                      "%7Cname:{}&mode=walking&coord_type=gcj02&region=%E5%8C%97%E4%BA%AC&output=html&src=webapp.nuanxin.nuanxin"),
    ("baidu", "ride", "https://api.map.baidu.com/direction?origin=%E6%88%91%E7%9A%84%E4%BD%8D%E7%BD%AE&destination=latlng:40.216452,116.421401"
                      "%7Cname:{}&mode=riding&coord_type=gcj02&region=%E5%8C%97%E4%BA%AC&output=html&src=webapp.nuanxin.nuanxin"),
    ("tencent", "walk", "https://apis.map.qq.com/uri/v1/routeplan?type=walk&to={}&tocoord=40.216452,116.421401&coord_type=2&referer=nuanxin"),
    ("tencent", "ride", "https://apis.map.qq.com/uri/v1/routeplan?type=bike&to={}&tocoord=40.216452,116.421401&coord_type=2&referer=nuanxin"),
    ("apple", "walk", "https://maps.apple.com/?daddr=40.216452,116.421401&dirflg=w"),
])
def test_every_address_is_its_apps_own_format_to_the_byte(app, by, address):
    assert ways(by)[app].address == address.format(STATION)


@pytest.mark.parametrize(("app", "agent", "by", "address"), [
    ("amap", ANDROID, "walk", "amapuri://route/plan/?sourceApplication=nuanxin&dlat=40.216452&dlon=116.421401&dname={}&dev=0&t=2"),
    ("amap", ANDROID, "ride", "amapuri://route/plan/?sourceApplication=nuanxin&dlat=40.216452&dlon=116.421401&dname={}&dev=0&t=3"),
    ("amap", IPHONE, "walk", "iosamap://path?sourceApplication=nuanxin&dlat=40.216452&dlon=116.421401&dname={}&dev=0&t=2"),
    ("baidu", ANDROID, "walk", "bdapp://map/direction?destination=latlng:40.216452,116.421401%7Cname:{}&mode=walking&coord_type=gcj02"
                               "&src=andr.nuanxin.nuanxin"),
    ("baidu", IPHONE, "ride", "baidumap://map/direction?destination=latlng:40.216452,116.421401%7Cname:{}&mode=riding&coord_type=gcj02"
                              "&src=ios.nuanxin.nuanxin"),
    ("tencent", ANDROID, "walk", None),
    ("amap", "", "walk", None),
])
def test_an_apps_own_scheme_is_that_of_the_phone_that_asks(app, agent, by, address):
    assert ways(by, agent)[app].own == (address.format(STATION) if address else None)


def test_apple_has_no_bicycle_and_says_so():
    assert ways("ride")["apple"].address == ways("walk")["apple"].address
    assert {one.app: one.by for one in ways("ride").values()} == {"amap": "ride", "baidu": "ride", "tencent": "ride", "apple": "walk"}


@pytest.mark.parametrize(("agent", "order"), [
    ("", ["amap", "baidu", "tencent", "apple"]), (IPHONE, ["amap", "baidu", "tencent", "apple"]), (ANDROID, ["amap", "baidu", "tencent"]),
    (WECHAT, ["tencent", "amap", "baidu"]), (IPHONE + " MicroMessenger/8.0.50", ["tencent", "amap", "baidu", "apple"])])
def test_tencent_is_first_inside_wechat_and_apple_is_nowhere_on_android(agent, order):
    assert list(ways(agent=agent)) == order


@pytest.mark.parametrize("agent", [WECHAT, IPHONE + " MicroMessenger/8.0.50"])
def test_inside_wechat_no_link_is_a_scheme(agent):
    for one in ways(agent=agent).values():
        assert one.address.startswith("https://")
        assert one.own is None


def test_the_way_leads_to_the_entrance_where_there_is_one():
    east, north = datum.point_from_wgs84(116.40, 39.91, "gcj02")

    for one in ways(entrance=(116.40, 39.91)).values():
        assert (one.lon, one.lat) == (round(east, 6), round(north, 6))
        assert f"{north:.6f}" in one.address
    assert ways(entrance=(116.40, None)) == ways()


def test_a_site_without_coordinates_has_no_link():
    assert handoff.links("某站", None, None) == ()
    assert handoff.links("某站", 116.4, None) == ()


def test_another_way_of_going_is_refused():
    with pytest.raises(BadValue) as refused:
        handoff.links("某站", *CHANGPING, by="drive")

    assert (refused.value.field, refused.value.value) == ("by", "drive")


def test_every_link_stands_where_both_public_libraries_put_the_place():
    with shared("coord_vectors/coord_vectors.csv").open(encoding="utf-8") as lines:
        rows = list(islice((row for row in csv.DictReader(lines) if row["area"] == "beijing"), 200))
    assert len(rows) > 50

    for row in rows:
        wanted = round(float(row["gcj02_lon_gcoord"]), 6), round(float(row["gcj02_lat_gcoord"]), 6)
        for one in handoff.links("站", float(row["wgs84_lon"]), float(row["wgs84_lat"]), agent=ANDROID):
            for link in filter(None, (one.address, one.own)):
                read = pasted.read(link)
                assert read.datum == "gcj02"
                assert (read.lon, read.lat) == pytest.approx(wanted, abs=1.01e-6), link


@given(name=st.text(min_size=1, max_size=40) | st.sampled_from(["他说\"来\",坐|歇", "a&to=0,0,b#c?d=e", "100% 暖心", "<b>", "\u202e\x07", "\ud800"]),
       by=st.sampled_from(["walk", "ride"]), agent=st.sampled_from(["", ANDROID, IPHONE, WECHAT]))
def test_no_name_can_become_anything_but_the_goals_name(name, by, agent):
    whole = name.encode("utf-8", "replace").decode()
    for one in handoff.links(name, *CHANGPING, by=by, agent=agent):
        for link in filter(None, (one.address, one.own)):
            assert link.isascii()
            assert not set(link) & set(' "\'<>|\\^`{}#\n\r')
            parts = urlsplit(link)
            query = parse_qs(parts.query, keep_blank_values=True)
            assert all(len(values) == 1 for values in query.values())
            said = {"amap": query.get("dname", query.get("to", [""]))[0], "baidu": query.get("destination", [""])[0],
                    "tencent": query.get("to", [""])[0], "apple": whole}[one.app]
            assert said.endswith(whole)
            if one.app == "amap" and one.own != link:
                assert said.split(",", 2) == [*THERE, whole]
            if one.app == "baidu":
                assert said == f"latlng:{THERE[1]},{THERE[0]}|name:{whole}"


@given(lon=st.floats(115.4, 117.5), lat=st.floats(39.4, 41.1))
def test_every_app_is_given_the_same_place_to_a_metre(lon, lat):
    here = None
    for one in handoff.links("站", lon, lat):
        read = pasted.read(one.address)
        back = datum.point_to_wgs84(read.lon, read.lat, read.datum)
        assert earth.geodesic_m(np.array([lon, lat]), np.array([back]))[0] < 0.2
        here = here or back
        assert back == here
