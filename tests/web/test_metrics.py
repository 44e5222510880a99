"""/metrics: what is counted, who may read it, and that it never names anybody."""

from __future__ import annotations

import re

import pytest

from tests.web.conftest import HERE, WEDNESDAY_TEN
from web import create_app


def client_of(atlas, **settings):
    return create_app({"atlas": atlas, "clock": lambda: WEDNESDAY_TEN, **settings}).test_client()


def counted(text: str) -> dict[str, float]:
    """Return every sample by its name and labels."""
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in text.splitlines() if not line.startswith("#")}


def test_requests_are_counted_by_route_and_status(few):
    client = client_of(few)
    for _ in range(3):
        client.get("/api/v1/nearest", query_string=HERE)
    client.get("/api/v1/nearest?lon=x&lat=1&k=0")
    client.get("/sites/s1")
    client.get("/sites/s2")

    found = counted(client.get("/metrics").text)

    assert found['nuanxin_requests_total{route="/api/v1/nearest",status="200"}'] == 3
    assert found['nuanxin_requests_total{route="/api/v1/nearest",status="400"}'] == 1
    assert found['nuanxin_requests_total{route="/sites/<site_id>",status="200"}'] == 2
    assert found['nuanxin_request_seconds_count{route="/api/v1/nearest"}'] == 4
    assert found['nuanxin_request_seconds_bucket{le="+Inf",route="/api/v1/nearest"}'] == 4
    assert found['nuanxin_refusals_total{kind="BadCoordinate"}'] == 1
    assert found['nuanxin_refusals_total{kind="BadCount"}'] == 1
    assert found["nuanxin_atlas_version"] == few.version == found["nuanxin_registry_version"]
    assert found["nuanxin_atlas_sites"] == len(few.sites)
    assert found["nuanxin_worker_resident_bytes"] > 10_000_000


def test_no_address_that_somebody_tries_makes_a_row_and_none_holds_a_position_or_a_name(few):
    client = client_of(few)

    def try_addresses(first):
        for n in range(first, first + 25):
            client.get(f"/try/{n}?lon=116.41357")
            client.get("/", query_string={"lon": 116.41357, "lat": 39.9, "place": "张三家"})
            client.get(f"/sites/secret{n}")
        client.get("/metrics")
        return client.get("/metrics").text

    once, text = try_addresses(0), try_addresses(25)

    assert set(counted(text)) == set(counted(once))
    assert "116.41357" not in text
    assert "张三" not in text
    assert "secret" not in text
    assert counted(text)['nuanxin_requests_total{route="other",status="404"}'] == 50


@pytest.mark.parametrize(("settings", "peer", "headers", "status"), [
    ({}, "127.0.0.1", {}, 200), ({}, "::1", {}, 200), ({}, "198.51.100.7", {}, 403), ({}, "", {}, 403),
    ({}, "127.0.0.1", {"X-Forwarded-For": "127.0.0.1"}, 403),  # a proxy here that nobody told us of: anybody may be behind it
    ({"trusted_proxies": ("127.0.0.1",)}, "127.0.0.1", {"X-Forwarded-For": "198.51.100.7"}, 403),
    ({"trusted_proxies": ("127.0.0.1",)}, "127.0.0.1", {"X-Forwarded-For": "127.0.0.1, 198.51.100.7"}, 403),
    ({"trusted_proxies": ("127.0.0.1",), "metrics_from": ("10.0.0.5",)}, "127.0.0.1", {"X-Forwarded-For": "10.0.0.5"}, 200),
    ({"metrics_from": ("10.0.0.0/8",)}, "10.0.0.5", {}, 200), ({"metrics_from": ("10.0.0.5",)}, "127.0.0.1", {}, 403),
    ({"metrics_token": "t0ken"}, "198.51.100.7", {"Authorization": "Bearer t0ken"}, 200),
    ({"metrics_token": "t0ken"}, "198.51.100.7", {"Authorization": "Bearer token"}, 403),
    ({"metrics_token": "t0ken"}, "198.51.100.7", {"Authorization": "Basic t0ken"}, 403),
    ({}, "198.51.100.7", {"Authorization": "Bearer "}, 403), ({}, "198.51.100.7", {"Authorization": "Bearer None"}, 403)])
def test_only_the_operators_machines_or_the_operators_token_read_it(few, settings, peer, headers, status):
    answer = client_of(few, **settings).get("/metrics", headers=headers, environ_base={"REMOTE_ADDR": peer})

    assert answer.status_code == status
    assert ("nuanxin_requests" in answer.text) == (status == 200)


def test_its_text_is_what_prometheus_reads(few):
    from prometheus_client.parser import text_string_to_metric_families

    client = client_of(few)
    client.get("/")
    answer = client.get("/metrics")

    assert re.match(r"text/plain; version=", answer.content_type)
    families = {family.name for family in text_string_to_metric_families(answer.text)}
    assert {"nuanxin_requests", "nuanxin_request_seconds", "nuanxin_atlas_version", "nuanxin_registry_looked_timestamp_seconds"} <= families
