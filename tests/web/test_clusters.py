"""What a map asks of its visible box, over HTTP."""

from __future__ import annotations

import logging
import re
from collections import Counter

import pytest

from locator import datum
from locator.quality import Told
from locator.sites import Slot
from tests.conftest import a_site
from tests.web.conftest import WEDNESDAY_TEN
from web import create_app
from web.clusters_contract import ClustersAnswer

CITY = {"bbox": "115,39,118,42", "zoom": 8}


def ask(client, expect=200, **query):
    response = client.get("/api/v1/clusters", query_string={**CITY, **query})
    assert response.status_code == expect, response.text
    return response.get_json()


def drawn(answer):
    return sum(cell["count"] for cell in answer["cells"]), sorted(site["id"] for site in answer["sites"])


def test_a_far_view_counts_and_a_near_one_names(client):
    far, near = ask(client), ask(client, bbox="116.405,39.8,116.425,40", zoom=16)

    ClustersAnswer.model_validate(far)
    assert (far["total"], far["sites"], [c["count"] for c in far["cells"]]) == (5, [], [5])
    assert far["cells"][0]["states"] == {"unknown": 1, "closed": 1, "open": 3}
    assert drawn(near) == (0, ["s1", "s2"])
    assert near["sites"][0] == {"id": "s1", "name": "第1暖心驿站", "kind": "warm_station", "lon": pytest.approx(116.41), "lat": 39.9, "state": "open"}


@pytest.mark.parametrize("filters", [
    {}, {"kind": "母婴室"}, {"facility": "热水"}, {"facility": ["hot_water", "toilet"]}, {"need": "24小时"}, {"area": ["东城区", "朝阳区"]},
    {"state": "open"}, {"state": "open", "strict": "true"}, {"verified_only": "true"}, {"eligibility": "everyone"},
    {"at": "2026-03-04T20:30", "state": "open"}])
def test_filters_mean_what_they_mean_in_the_list(client, filters):
    listed = client.get("/api/v1/nearest", query_string={"lon": 116.4, "lat": 39.9, "k": 100, **filters}).get_json()

    assert drawn(ask(client, zoom=16, bbox="116.40,39.89,116.46,39.91", **filters)) == (0, sorted(f["id"] for f in listed["features"]))


def test_the_box_and_the_answer_are_in_the_datum_named(client, few):
    [[lon, lat]] = datum.from_wgs84(few.sites.lonlat[:1], "gcj02").tolist()

    answer = ask(client, bbox=f"{lon},{lat},{lon},{lat}", zoom=18, datum="gcj02")

    assert answer["datum"] == "gcj02"
    assert [(s["id"], s["lon"], s["lat"]) for s in answer["sites"]] == [("s1", lon, lat)]
    assert ask(client, bbox=f"{lon},{lat},{lon},{lat}", zoom=18)["total"] == 0


def test_what_the_map_draws_already_is_left_out(client):
    assert ask(client, without=["s1", "s2", "no-such"])["total"] == 3


@pytest.mark.parametrize(("query", "field", "words"), [
    ({"bbox": ""}, "bbox", "four degrees"), ({"bbox": "1,2,3"}, "bbox", "four degrees"), ({"bbox": "179,0,-179,1"}, "bbox", "halves"),
    ({"bbox": "0,2,1,1"}, "bbox", "south-west corner"), ({"bbox": "0,-91,1,1"}, "bbox", "within -90 to 90"), ({"zoom": "23"}, "zoom", "0 to 22"),
    ({"zoom": "-1"}, "zoom", "0 to 22"), ({"zoom": "x"}, "zoom", "whole number"), ({"zoom": "16"}, "bbox", "smaller box"),
    ({"datum": "x"}, "datum", "one of"), ({"kind": "x"}, "kind", ""), ({"at": "x"}, "at", ""), ({"lon": "1"}, "lon", "no such parameter"),
    ({"without": ["x"] * 61}, "without", "at most 60")])
def test_what_cannot_be_answered_is_refused_field_by_field(client, query, field, words):
    answer = client.get("/api/v1/clusters", query_string={**CITY, **query}, headers={"Accept-Language": "en"})

    assert (answer.status_code, [e["field"] for e in answer.json["errors"]]) == (400, [field])
    assert words in answer.json["errors"][0]["message"]


def test_box_and_zoom_are_both_missed(client):
    answer = client.get("/api/v1/clusters")

    assert [e["field"] for e in answer.get_json()["errors"]] == ["bbox", "zoom"]


def test_a_box_around_a_phone_is_kept_by_nobody_and_logged_nowhere(few, caplog):
    with caplog.at_level(logging.DEBUG):
        client = create_app({"atlas": few, "clock": lambda: WEDNESDAY_TEN, "log_requests": True}).test_client()
        answers = [client.get("/api/v1/clusters", query_string={**CITY, "bbox": "116.4011,39.9011,116.4012,39.9012", **more})
                   for more in ({}, {"zoom": "99"})]

    for answer in answers:
        assert "no-store" in answer.headers["Cache-Control"]
        assert "ETag" not in answer.headers
    said = [str(vars(record)) for record in caplog.records]
    assert any("/api/v1/clusters" in line for line in said)
    assert not any("116.40" in line for line in said)
    remembered = client.application.extensions["atlas"].held.reader._remembered
    assert "116.40" not in str(remembered)


# --- doors that others found locked, and time for staff only ------------------------------------------

STAFF_NOW = (Slot("09:00-12:00", "staff_only"), Slot("12:00-18:00", "staffed"))


@pytest.fixture
def doors(client_of):
    """Return a browser over one site of each sort of door; s1, s2 and s6 were found locked by two people, s4 by one."""
    client = client_of(*(a_site(n, lon=116.41 + n * 1e-3, district_code="110101", **fields) for n, fields in enumerate((
        {}, {"opening_hours": "off"}, {"opening_hours": None}, {}, {"slots": STAFF_NOW}, {"slots": STAFF_NOW}, {"opening_hours": "09:00-11:00"}), 1)))
    told = {f"s{n}": [Told("locked", WEDNESDAY_TEN, WEDNESDAY_TEN.date(), person) for person in people]
            for n, people in ((1, "ab"), (2, "ab"), (4, "a"), (6, "ab"))}
    client.application.extensions["atlas"].held.report(told)
    return client


@pytest.mark.parametrize(("zoom", "box"), [(18, "116.41,39.89,116.42,39.91"), (9, "115,39,118,42")])
@pytest.mark.parametrize("filters", [{}, {"state": "open"}, {"state": "open", "strict": "1"}, {"strict": "1"}, {"verified_only": "1"},
                                     {"at": "2026-03-04T12:30"}, {"at": "2026-03-04T12:30", "state": "open"}])
def test_doors_stand_on_the_map_as_in_the_list(doors, filters, zoom, box):
    text = doors.get("/", query_string={"area": "110101", **filters}).text
    listed = dict(re.findall(r'data-id="(\w+)"[^>]*data-state="(\w+)"', text))
    answer = ask(doors, bbox=box, zoom=zoom, **filters)

    if zoom == 18:
        assert {site["id"]: site["state"] for site in answer["sites"]} == listed
    else:
        states = Counter(listed.values())
        drawn_states = sum((Counter(cell["states"]) for cell in answer["cells"]), Counter(site["state"] for site in answer["sites"]))
        assert answer["total"] == len(listed)
        assert drawn_states == states


def test_a_door_that_two_people_found_locked_counts_as_not_certain_at_once(doors):
    states = {site["id"]: site["state"] for site in ask(doors, bbox="116.41,39.89,116.42,39.91", zoom=18)["sites"]}

    assert states == {"s1": "unknown", "s2": "closed", "s3": "unknown", "s4": "open", "s5": "closed", "s6": "closed", "s7": "open"}
    doors.application.extensions["atlas"].held.report({})
    assert ask(doors, bbox="116.41,39.89,116.42,39.91", zoom=18)["sites"][0]["state"] == "open"
