"""The log: one JSON object a line, and never whom the site served."""

from __future__ import annotations

import io
import json
import logging

import pytest

from tests.web.conftest import WEDNESDAY_TEN
from web import create_app, logs

SECRETS = {"query": "116.41357", "place": "张三家", "cookie": "c00kie", "body": "b0dy", "address": "198.51.100.7", "id": "zhangsan"}


@pytest.fixture
def lines():
    """Return the lines logged so far, read as JSON."""
    stream, root = io.StringIO(), logging.getLogger()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.formatter())
    level = root.level
    root.addHandler(handler)
    root.setLevel("INFO")
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.removeHandler(handler)
    root.setLevel(level)


def client_of(atlas, **settings):
    return create_app({"atlas": atlas, "clock": lambda: WEDNESDAY_TEN, **settings}).test_client()


def ask_everything(client):
    client.set_cookie("session", SECRETS["cookie"])
    peer = {"REMOTE_ADDR": SECRETS["address"]}
    client.get("/api/v1/nearest?lon=116.41357&lat=39.9", environ_base=peer)
    client.get("/?lon=116.41357&lat=39.9&place=张三家", environ_base=peer)
    client.post("/api/v1/nearest", json={"lon": 116.41357, "lat": 39.9, "note": "b0dy"}, environ_base=peer)
    client.get("/sites/zhangsan?q=116.41357", environ_base=peer)
    client.get("/nothing/zhangsan", environ_base=peer)
    client.open("/healthz", method="ZHANGSAN-116.41357", environ_base=peer)


def test_a_request_is_one_line_with_its_id_method_route_status_and_milliseconds(few, lines):
    client = client_of(few, log_requests=True)

    answer = client.get("/sites/s1?x=1")

    (line,) = lines()
    assert {k: line[k] for k in ("event", "level", "method", "route", "status")} == {
        "event": "request", "level": "info", "method": "GET", "route": "/sites/<site_id>", "status": 200}
    assert line["ms"] > 0
    assert line["request_id"] == answer.headers["X-Request-ID"]
    assert line["timestamp"].endswith("Z")
    assert set(line) == {"event", "level", "logger", "timestamp", "request_id", "method", "route", "status", "ms"}


def test_no_line_says_whom_it_was_about(few, lines):
    ask_everything(client_of(few, log_requests=True))

    found = lines()
    assert len(found) == 6
    for secret in SECRETS.values():
        assert secret not in json.dumps(found, ensure_ascii=False), secret


def test_unless_asked_for_requests_leave_no_line(few, lines):
    ask_everything(client_of(few))

    assert lines() == []


def test_a_fault_is_its_kind_its_route_and_its_frames_and_the_visitor_has_its_id(few, lines, monkeypatch):
    def breaks(*_):
        raise ValueError("at 116.41357 张三家")

    monkeypatch.setattr("web.api.answers.nearest", breaks)

    answer = client_of(few).get("/api/v1/nearest?lon=116.41357&lat=39.9")

    (line,) = lines()
    assert line["fault"] == "ValueError"
    assert line["route"] == "/api/v1/nearest"
    assert any("test_logs.py" in frame for frame in line["frames"])
    assert line["request_id"] == answer.headers["X-Request-ID"]
    assert "116.41357" not in json.dumps(line)
    assert "张三" not in json.dumps(line, ensure_ascii=False)


def test_what_any_library_logs_of_an_exception_is_cut_to_its_frames(lines):
    try:
        raise ValueError("at 116.41357")
    except ValueError:
        logging.getLogger("some.library").exception("it failed")

    (line,) = lines()
    assert line["event"] == "it failed"
    assert line["fault"] == "ValueError"
    assert "116.41357" not in json.dumps(line)
    assert line["frames"]


@pytest.mark.parametrize(("trusted", "said", "kept"), [
    ((), "abc-123", False), (("127.0.0.1",), "abc-123", True), (("127.0.0.1",), "a b\n", False), (("127.0.0.1",), "x" * 65, False)])
def test_a_request_keeps_the_id_that_a_trusted_proxy_gave_it(few, lines, trusted, said, kept):
    client = client_of(few, log_requests=True, trusted_proxies=trusted)

    client.get("/healthz", environ_overrides={"HTTP_X_REQUEST_ID": said})

    assert (lines()[0]["request_id"] == said) == kept
