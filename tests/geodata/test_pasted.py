"""A position as people paste it: in either order, in degrees and minutes, as a link of a map."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata import pasted
from locator.errors import BadCoordinate, Refusal

LON, LAT = 116 + 23 / 60 + 29 / 3600, 39 + 54 / 60 + 27 / 3600


@pytest.mark.parametrize("text", [
    "116.4,39.9", "116.4, 39.9",
    "116.4,39.9,12", "39.9,116.4", "39.9 116.4", "116.4\t39.9", "116.4；39.9", "（116.4，39.9）", "[116.4, 39.9]", "１１６．４，３９．９",
    "经度：116.4 纬度：39.9", "纬度39.9，经度116.4", "lat=39.9, lng=116.4", '{"lng":116.4,"lat":39.9}', "116.4E 39.9N", "N39.9 E116.4",
    "东经116.4 北纬39.9", "北纬39.9度，东经116.4度"])
def test_a_pair_is_read_in_whatever_order_it_is_written(text):
    assert pasted.read(text) == (116.4, 39.9, None)


@pytest.mark.parametrize("text", [
    "39°54'27\"N 116°23'29\"E", "39° 54' 27\" N, 116° 23' 29\" E", "39° 54' 27\" N 116° 23' 29\" E", "E116°23′29″ N39°54′27″",
    "东经116度23分29秒 北纬39度54分27秒", "东经116°23′29″北纬39°54′27″", "北纬39°54′27″，东经116°23′29″", "116°23'29\", 39°54'27\""])
def test_degrees_minutes_and_seconds_are_read(text):
    lon, lat, datum = pasted.read(text)

    assert (lon, lat) == pytest.approx((LON, LAT), abs=1e-9)
    assert datum is None


@pytest.mark.parametrize(("link", "datum"), [
    ("https://uri.amap.com/marker?position=116.4,39.9&name=某站", "gcj02"),
    ("https://uri.amap.com/marker?position=116.4,39.9&coordinate=wgs84", "wgs84"),
    ("https://uri.amap.com/navigation?to=116.4,39.9,某站&mode=walk", "gcj02"),
    ("https://www.amap.com/?q=39.9,116.4,某站", "gcj02"),
    ("https://wb.amap.com/?p=B000A83M61,39.9,116.4,某站,某街5号", "gcj02"),
    ("https://wb.amap.com/?p=B0FFG7,39.9,116.4,某站", "gcj02"),
    ("https://www.amap.com/regeo?lng=116.4&lat=39.9", "gcj02"),
    ("amapuri://route/plan/?sourceApplication=x&dlat=39.9&dlon=116.4&dev=0", "gcj02"),
    ("http://api.map.baidu.com/marker?location=39.9,116.4&title=x&output=html", "bd09"),
    ("http://api.map.baidu.com/marker?location=39.9,116.4&coord_type=gcj02", "gcj02"),
    ("https://api.map.baidu.com/direction?origin=x&destination=latlng:39.9,116.4|name:某站&coord_type=wgs84", "wgs84"),
    ("baidumap://map/direction?destination=39.9,116.4&coord_type=gcj02", "gcj02"),
    ("https://apis.map.qq.com/uri/v1/marker?marker=coord:39.9,116.4;title:某站;addr:x", "gcj02"),
    ("https://apis.map.qq.com/uri/v1/routeplan?type=walk&to=x&tocoord=39.9,116.4&coord_type=1", "wgs84"),
    ("https://map.qq.com/?type=marker&pointx=116.4&pointy=39.9", "gcj02"),
    ("https://maps.apple.com/?ll=39.9,116.4&q=x", "gcj02"), ("https://maps.apple.com/?daddr=39.9,116.4&dirflg=w", "gcj02"),
    ("https://maps.apple.com/place?coordinate=39.9,116.4", "gcj02"),
    ("https://www.openstreetmap.org/?mlat=39.9&mlon=116.4#map=5/1/2", "wgs84"),
    ("https://www.openstreetmap.org/#map=17/39.9/116.4", "wgs84"), ("geo:39.9,116.4", "wgs84"),
    ("【高德地图】某站，某街5号 https://uri.amap.com/marker?position=116.4,39.9 点击查看", "gcj02")])
def test_a_link_of_a_map_gives_its_position_and_its_datum(link, datum):
    assert pasted.read(link) == (116.4, 39.9, datum)


@pytest.mark.parametrize(("text", "words"), [
    ("https://surl.amap.com/abc", "短链接"), ("https://j.map.baidu.com/7f/abc", "短链接"), ("https://example.org/?ll=1,2", "不认识"),
    ("https://map.baidu.com/poi/x/@12957000.1,4825000.2,19z", "没有经纬度"), ("https://map.baidu.com.evil.example/?location=1,2", "不认识"),
    ("王府井大街5号", "经度,纬度"), ("116.4", "经度,纬度"), ("", "经度,纬度"),
    ("abc,def", "读不出"), ("116.4E 39.9E", "读不出"), ("200,39.9", "180"), ("116°70'00\", 39.9", "读不出")])
def test_what_is_no_position_is_refused_with_what_would_do(text, words):
    with pytest.raises(BadCoordinate) as refused:
        pasted.read(text)

    assert refused.value.field == "coordinates"
    assert words in refused.value.words.zh
    assert refused.value.words.en


def test_far_from_china_longitude_comes_first():
    assert pasted.read("2.35,48.85") == (2.35, 48.85, None)


@given(st.floats(73.1, 135.9).map(lambda x: round(x, 6)), st.floats(3.1, 53.9).map(lambda x: round(x, 6)), st.booleans(),
       st.sampled_from([",", ", ", " ", "，", "\t"]))
def test_any_place_in_china_is_read_from_either_order(lon, lat, swapped, between):
    pair = (lat, lon) if swapped else (lon, lat)

    assert pasted.read(between.join(f"{degrees:.6f}" for degrees in pair)) == (lon, lat, None)


@given(st.text(max_size=80))
def test_no_text_is_more_than_refused(text):
    try:
        lon, lat, _ = pasted.read(text)
    except Refusal:
        return
    assert -180 <= lon <= 180
    assert -90 <= lat <= 90
