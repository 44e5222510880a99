"""Query strings become questions."""

from __future__ import annotations

import difflib
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.web.conftest import HERE
from web.fields import LONGEST_VALUE, MOST_TOLD
from web.pairs import pairs_in
from web.reader import Reader


@given(st.text(st.sampled_from("ab=&;%+2F 中"), max_size=12))
def test_a_query_string_is_read_as_the_standard_library_reads_it(query):
    assert pairs_in(query) == parse_qsl(query, keep_blank_values=True, errors="replace")


@given(lon=st.floats(-180, 180), lat=st.floats(-90, 90), k=st.integers(1, 1000))
def test_a_question_asked_again_reads_as_the_first_time(few, lon, lat, k):
    reader = Reader(few.vocabulary, few.areas)
    pairs = pairs_in(urlencode({"lon": lon, "lat": lat, "k": k, "facility": "热水"}))

    first, again = reader.nearest(pairs), reader.nearest(pairs)

    assert first == again
    assert (first.lon, first.lat, first.k, first.filters.facilities) == (lon, lat, k, ("hot_water",))


def test_a_page_and_the_api_never_share_what_is_remembered(few):
    reader = Reader(few.vocabulary, few.areas)
    pairs = [*((name, str(value)) for name, value in HERE.items()), ("utm_source", "x")]

    reader.nearest(pairs, lenient=True)

    assert not reader._remembered


@pytest.mark.parametrize("wrong", [
    {"area": [f"x{n}" for n in range(20_000)]}, {"kind": [f"x{n}" for n in range(20_000)]}, {f"x{n}": "" for n in range(10_000)},
    {"area": "x" * 200_000}, {"kind": "x" * 200_000}, {"x" * 200_000: ""}])
def test_a_request_is_refused_without_looking_for_the_nearest_of_each_of_its_faults(client, monkeypatch, wrong):
    compared = []
    nearest = difflib.get_close_matches
    monkeypatch.setattr(difflib, "get_close_matches", lambda said, *a, **b: compared.append(said) or nearest(said, *a, **b))

    response = client.post("/api/v1/nearest", json={**HERE, **wrong})

    assert response.status_code == 400
    assert response.get_json()["errors"]
    assert len(compared) <= MOST_TOLD
    assert all(len(said) <= LONGEST_VALUE for said in compared)


@pytest.mark.parametrize("query", ["&".join(f"area=x{n}" for n in range(150)), "&".join(f"x{n}=" for n in range(150))])
def test_the_first_faults_of_a_request_are_told(client, query):
    problem = client.get(f"/api/v1/nearest?lon=116.4&lat=39.9&{query}").get_json()

    assert len(problem["errors"]) == MOST_TOLD


def test_what_is_remembered_of_requests_stays_small(few):
    reader = Reader(few.vocabulary, few.areas)

    reader.nearest([*((name, str(value)) for name, value in HERE.items()), *[("kind", " " * 900 + "warm_station")] * 150])

    assert not reader._remembered


def test_degrees_minutes_and_seconds_are_read(client):
    shown = client.get("/api/v1/nearest", query_string={"lon": "116°24′0″E", "lat": "39°54′0″N", "k": 1}).get_json()

    assert shown["query"]["lon"] == 116.4
    assert shown["query"]["lat"] == 39.9
