"""The API's main question, over HTTP."""

from __future__ import annotations

import json

import pytest

from locator import answers
from locator.filters import Filters
from locator.questions import NearestQuestion
from tests.web.conftest import HERE, WEDNESDAY_TEN
from web.contract import NearestAnswer


def nearest(client, expect=200, **query):
    response = client.get("/api/v1/nearest", query_string={**HERE, **query})
    assert response.status_code == expect, response.text
    return response.get_json()


def ids(answer):
    return [feature["id"] for feature in answer["features"]]


def test_the_api_answers_what_the_core_answers(client, few):
    answer = nearest(client, k=4)

    core = answers.nearest(NearestQuestion(**HERE, k=4), few, WEDNESDAY_TEN).as_dict("zh")
    assert [f["properties"] for f in answer["features"]] == core["sites"]
    assert answer["query"] == core["query"]
    assert (answer["as_of"], answer["datum"]) == (core["as_of"], "wgs84")


def test_the_answer_is_geojson_longitude_first_and_keeps_the_contract(client):
    answer = nearest(client, k=2)

    NearestAnswer.model_validate(answer)
    assert answer["type"] == "FeatureCollection"
    assert answer["features"][0]["geometry"] == {"type": "Point", "coordinates": pytest.approx([116.41, 39.9])}


def test_drafts_and_internal_and_closed_and_unlocated_sites_are_no_answer(client):
    assert ids(nearest(client, k=1000)) == ["s1", "s2", "s3", "s4", "s5"]


def test_no_internal_field_is_ever_told(client):
    for path in ("/api/v1/nearest?lon=116.4&lat=39.9", "/api/v1/sites", "/api/v1/sites/s1", "/sites/s1"):
        text = client.get(path).text
        for secret in ("张三", "13800000000", "李四", "manager", "verified_by", "updated_by"):
            assert secret not in text, (path, secret)


def test_repeated_kinds_mean_any_and_repeated_facilities_mean_all(client):
    assert ids(nearest(client, kind=["mother_baby_room", "warm_station"], k=3)) == ["s1", "s2", "s3"]
    assert ids(nearest(client, facility=["hot_water", "toilet"])) == ["s1"]


def test_filters_are_read_from_chinese_names_and_needs(client):
    assert ids(nearest(client, facility="热水")) == ["s1", "s4"]
    assert ids(nearest(client, kind="母婴室")) == ["s2"]
    assert ids(nearest(client, need=["hot_water", "toilet"])) == ["s1"]
    assert ids(nearest(client, need="24小时", k=2)) == ["s1", "s3"]  # unknown hours pass unless strict


def test_an_unescaped_chinese_query_is_read_as_utf8(client):
    raw = "lon=116.4&lat=39.9&facility=热水".encode().decode("latin-1")  # as WSGI hands bytes on

    response = client.get("/api/v1/nearest", environ_overrides={"QUERY_STRING": raw})

    assert ids(response.get_json()) == ["s1", "s4"]


def test_state_filters_and_strict_pass_through(client):
    assert ids(nearest(client, state="open")) == ["s1", "s2", "s3", "s5"]
    assert ids(nearest(client, state="open", strict="true")) == ["s1", "s2", "s5"]


def test_a_time_without_an_offset_is_beijings(client):
    evening = nearest(client, at="2026-03-04T20:30", k=4)
    same = nearest(client, at="2026-03-04T12:30Z", k=4)

    assert [f["properties"]["state"] for f in evening["features"]] == ["open", "closed", "unknown", "open"]
    assert [f["properties"] for f in same["features"]] == [f["properties"] for f in evening["features"]]


def test_an_area_is_asked_for_by_code_or_name(client):
    assert ids(nearest(client, area="110101")) == ids(nearest(client, area="东城区")) == ["s3"]
    assert ids(nearest(client, area=["东城区", "朝阳区"])) == ["s3", "s4"]


def test_coordinates_go_in_and_come_out_in_the_datum_named(client):
    plain = nearest(client, k=1)["features"][0]
    shifted = nearest(client, k=1, datum="gcj02")

    assert shifted["datum"] == "gcj02"
    assert shifted["features"][0]["geometry"]["coordinates"] != plain["geometry"]["coordinates"]


def test_a_post_takes_the_same_names_and_keeps_the_position_out_of_the_address(client):
    posted = client.post("/api/v1/nearest", json={**HERE, "k": 3, "facility": ["hot_water"], "strict": False, "within": None})
    form = client.post("/api/v1/nearest", data={**HERE, "k": 3, "facility": "hot_water"})

    assert posted.get_json() == form.get_json() == nearest(client, k=3, facility="hot_water")


def test_answers_to_a_position_are_kept_by_nobody(client):
    for response in (client.get("/api/v1/nearest", query_string=HERE), client.post("/api/v1/nearest", json=HERE),
                     client.get("/api/v1/search?q=x"), client.get("/api/v1/nearest")):
        assert "no-store" in response.headers["Cache-Control"]
        assert "ETag" not in response.headers


def test_what_is_remembered_of_questions_holds_no_position_and_no_time(client, few):
    keeper = client.application.extensions["atlas"]
    nearest(client, facility="hot_water")
    nearest(client, facility="hot_water", at="2026-03-04T20:30", accuracy_m=12.5)

    remembered = str(keeper.held.reader._remembered)

    assert "hot_water" in remembered
    for personal in ("116.4", "39.9", "20:30", "12.5"):
        assert personal not in remembered


def test_a_remembered_form_answers_as_the_first_time(client):
    first = nearest(client, facility="热水", k=2, within=5000)
    assert nearest(client, facility="热水", k=2, within=5000) == first
    assert nearest(client, expect=400, facility="热水", k=2, within=5000, lon="999")["errors"][0]["field"] == "lon"


def test_every_demonstration_record_says_so(client):
    answer = nearest(client)

    assert [f["properties"]["demo"] for f in answer["features"]] == [True, False, False, False, False]


@pytest.mark.parametrize("filters", [Filters(), Filters(facilities=("hot_water",))])
def test_the_language_follows_accept_language_chinese_by_default(client, filters):
    query = {**HERE, "k": 5, "facility": list(filters.facilities)}

    for tag, word in ((None, "未"), ("en-GB,en;q=0.8", " "), ("fr, zh;q=0.5", "未")):
        headers = {"Accept-Language": tag} if tag else {}
        answer = client.get("/api/v1/nearest", query_string=query, headers=headers).get_json()
        reasons = [f["properties"]["state_reason"] for f in answer["features"] if f["properties"]["state_reason"]]
        assert all(word in reason for reason in reasons)


def test_text_typed_by_others_travels_as_data(client):
    site = nearest(client, k=5)["features"][4]["properties"]

    assert "<script>" in site["name"]  # JSON is data; pages escape
    assert json.loads(json.dumps(site))["name"] == site["name"]


def test_a_post_may_name_its_language_in_its_body(client):
    told = client.post("/api/v1/nearest", json={"lon": 116.4, "lat": 39.9, "lang": "en"}).json
    refused = client.post("/api/v1/nearest", json={"lon": 116.4, "lat": 99, "lang": "en"}).json

    assert "hours not stated" in {f["properties"]["state_reason"] for f in told["features"]}
    assert refused["errors"][0]["message"].isascii()
