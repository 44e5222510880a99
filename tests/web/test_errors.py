"""One shape for every refusal, wherever it is raised."""

from __future__ import annotations

import pytest

from tests.web.conftest import HERE
from web.contract import Problem


def refusal(client, path, expect=400, method="get", headers=None, **given):
    response = getattr(client, method)(path, headers=headers, **given)
    assert response.status_code == expect, response.text
    assert response.content_type == "application/problem+json"
    return Problem.model_validate(response.get_json())


def fields(problem):
    return [error.field for error in problem.errors]


@pytest.mark.parametrize(("query", "field"), [
    ({"lon": "116.4"}, "lat"), ({"lat": "39.9"}, "lon"), ({}, "lon"),
    ({"lon": "39.9", "lat": "116.4"}, "lat"), ({"lon": "nan", "lat": "39.9"}, "lon"), ({"lon": "inf", "lat": "39.9"}, "lon"),
    ({"lon": "181", "lat": "39.9"}, "lon"), ({"lon": "abc", "lat": "39.9"}, "lon"), ({"lon": "", "lat": "39.9"}, "lon"),
    ({**HERE, "k": "0"}, "k"), ({**HERE, "k": "-1"}, "k"), ({**HERE, "k": "1000000000"}, "k"), ({**HERE, "k": "1e9"}, "k"),
    ({**HERE, "k": "2.5"}, "k"), ({**HERE, "k": "9" * 5000}, "k"), ({**HERE, "k": ""}, "k"),
    ({**HERE, "within": "0"}, "within"), ({**HERE, "within": "-5"}, "within"), ({**HERE, "within": "nan"}, "within"),
    ({**HERE, "accuracy_m": "-1"}, "accuracy_m"), ({**HERE, "kind": "warm_statoin"}, "kind"), ({**HERE, "kind": ""}, "kind"),
    ({**HERE, "facility": "hot_watr"}, "facility"), ({**HERE, "eligibility": "nobody"}, "eligibility"),
    ({**HERE, "state": "closed"}, "state"), ({**HERE, "strict": "maybe"}, "strict"), ({**HERE, "by": "car"}, "by"),
    ({**HERE, "datum": "wgs85"}, "datum"), ({**HERE, "at": "2026-02-30T10:00"}, "at"), ({**HERE, "at": "25:00"}, "at"),
    ({**HERE, "at": "2026-03-04T24:01"}, "at"), ({**HERE, "area": "nowhere"}, "area"), ({**HERE, "need": "gold"}, "need"),
    ({**HERE, "facilty": "water"}, "facilty"), ({**HERE, "k": ["1", "2"]}, "k"),
])
def test_a_bad_parameter_is_refused_by_its_name_with_its_value(client, query, field):
    problem = refusal(client, "/api/v1/nearest", query_string=query)

    assert field in fields(problem)
    assert problem.status == 400
    error = problem.errors[fields(problem).index(field)]
    assert error.message
    given = query.get(field)
    if given is not None:
        assert error.value is not None
        assert len(error.value) <= 80


def test_a_name_of_several_areas_is_refused_with_their_codes(client):
    problem = refusal(client, "/api/v1/nearest", query_string={**HERE, "area": "八里庄街道"})

    assert fields(problem) == ["area"]
    assert "110105015" in problem.errors[0].message
    assert "110108005" in problem.errors[0].message


def test_a_name_of_a_district_and_a_street_is_the_districts(client):
    assert client.get("/api/v1/nearest", query_string={**HERE, "area": "北京经济技术开发区"}).get_json()["query"]["area"] == ["110302"]


def test_everything_that_is_wrong_is_told_at_once(client):
    problem = refusal(client, "/api/v1/nearest", query_string={
        "lon": "x", "lat": "99", "k": "0", "within": "-1", "kind": ["warm", "nope"], "datum": "moon", "colour": "red"})

    assert sorted(fields(problem)) == ["colour", "datum", "k", "kind", "kind", "lat", "lon", "within"] or \
        sorted(fields(problem)) == ["colour", "datum", "k", "kind", "kind", "lon", "within"]


def test_an_unknown_code_and_an_unknown_name_suggest_the_nearest(client):
    problem = refusal(client, "/api/v1/nearest", query_string={**HERE, "facility": "hot_watr", "facilty": "x"})

    messages = {error.field: error.message for error in problem.errors}
    assert "hot_water" in messages["facility"]
    assert "facility" in messages["facilty"]


def test_the_words_are_chinese_unless_english_is_asked_for(client):
    chinese = refusal(client, "/api/v1/nearest", query_string={**HERE, "k": "0"})
    english = refusal(client, "/api/v1/nearest", query_string={**HERE, "k": "0"}, headers={"Accept-Language": "en-US,en"})
    by_name = refusal(client, "/api/v1/nearest", query_string={**HERE, "k": "0", "lang": "en"})

    assert "整数" in chinese.errors[0].message
    assert "whole number" in english.errors[0].message
    assert by_name.errors == english.errors


@pytest.mark.parametrize(("method", "path", "status"), [
    ("get", "/api/v1/sites/nope", 404), ("get", "/api/v1/sites/s6", 404), ("get", "/api/v1/sites/s7", 404),
    ("get", "/api/v1/nothing", 404), ("delete", "/api/v1/nearest", 405),
    ("get", "/api/v1/sites?bbox=1,2,3", 400), ("get", "/api/v1/sites?bbox=120,40,110,39", 400), ("get", "/api/v1/sites?limit=0", 400),
    ("get", "/api/v1/sites?since=-1", 400), ("get", "/api/v1/sites?colour=red", 400), ("get", "/api/v1/search", 400),
    ("get", "/api/v1/search?q=%20", 400), ("get", "/api/v1/search?q=" + "x" * 300, 400), ("get", "/api/v1/vocabulary?x=1", 400),
    ("get", "/api/v1/sites/s1?on=2026-02-30", 400), ("get", "/api/v1/nearest?lon=116.4&lat=39.9&network=1", 501),
])
def test_every_route_refuses_in_the_same_shape(client, method, path, status):
    problem = refusal(client, path, expect=status, method=method)

    assert (problem.status, problem.type) == (status, "about:blank")


@pytest.mark.parametrize("body", [b"{", b"[1]", b"\xff\xfe", b'{"lon": {"a": 1}, "lat": 39}', b'{"lon": NaN, "lat": 39}', b"null"])
def test_a_body_that_is_no_object_of_plain_values_is_refused(client, body):
    problem = refusal(client, "/api/v1/nearest", method="post", data=body, content_type="application/json")

    assert problem.errors


def test_a_request_too_large_is_refused_before_it_is_read(client):
    refusal(client, "/api/v1/nearest", expect=413, method="post", data=b"x" * 2_000_000, content_type="application/json")


def test_too_many_parameters_are_refused(client):
    refusal(client, "/api/v1/nearest?" + "&".join(f"kind={i}" for i in range(1000)))


def test_a_fault_of_ours_is_told_without_its_details(client, monkeypatch):
    monkeypatch.setattr("web.api.answers.nearest", lambda *_: 1 / 0)

    problem = refusal(client, "/api/v1/nearest", expect=500, query_string=HERE)

    assert "ZeroDivision" not in problem.model_dump_json()


def test_a_fault_of_ours_is_logged_without_the_position(client, monkeypatch, caplog):
    monkeypatch.setattr("web.api.answers.nearest", lambda *_: 1 / 0)

    client.get("/api/v1/nearest?lon=116.41357&lat=39.91357")

    assert "/api/v1/nearest" in caplog.text
    assert "116.41357" not in caplog.text


def test_people_get_a_page_and_programs_a_problem(client):
    page = client.get("/nothing")

    assert page.status_code == 404
    assert page.content_type.startswith("text/html")
    assert "这里没有内容" in page.text


@pytest.mark.parametrize("said", ["东城", "东城区", "Dongcheng", "崇文区", "110101"])
def test_an_area_is_understood_over_http_as_on_the_command_line(client, said):
    answer = client.get("/api/v1/nearest", query_string={"lon": 116.4, "lat": 39.9, "area": said})

    assert answer.status_code == 200
    assert "110101" in answer.json["query"]["area"]
