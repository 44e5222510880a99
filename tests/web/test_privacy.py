"""Each promise of the privacy page, held to what the code does."""

from __future__ import annotations

import io
import logging
import re
from pathlib import Path

import pytest

from web import assets, create_app, logs, privacy

PAGES = ("/", "/?lon=116.4&lat=39.9", "/?q=什刹", "/sites/s1", "/nothing", "/api/docs", "/login", "/privacy")


def test_it_is_told_in_both_languages_what_is_kept(client):
    chinese, english = (client.get("/privacy", headers={"Accept-Language": tag}).text for tag in ("zh-CN", "en"))

    for words in ("从不保存", "180 天后删除", "留在您自己手机上的", "不告诉它您在哪里"):
        assert words in chinese, words
    for words in ("never stored", "deleted after 180 days", "On your own phone", "not where you are"):
        assert words in english, words


@pytest.mark.parametrize("path", PAGES)
def test_every_page_leads_there(client, path):
    assert 'href="/privacy"' in client.get(path).text


@pytest.mark.parametrize("only", ["public", "internal"])
def test_it_is_there_on_either_side(few, only):
    assert create_app({"atlas": few, "only": only}).test_client().get("/privacy").status_code == 200


def test_a_position_asked_about_is_in_no_file_and_in_no_log(few, empty_home):
    # digits that stand nowhere else
    lon, lat = "116.4273519", "39.9184627"
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(logs.formatter())
    root = logging.getLogger()
    root.addHandler(handler)
    level = root.level
    root.setLevel(logging.DEBUG)
    try:
        client = create_app({"atlas": few, "home": empty_home, "log_requests": True, "log_level": "debug"}).test_client()
        for path in ("/", "/api/v1/nearest", "/sites/s1", "/nothing"):
            client.get(path, query_string={"lon": lon, "lat": lat}, headers={"Referer": f"http://localhost/?lon={lon}&lat={lat}"})
        client.post("/api/v1/nearest", json={"lon": float(lon), "lat": float(lat)})
    finally:
        root.removeHandler(handler)
        root.setLevel(level)

    kept = [path for path in empty_home.rglob("*") if path.is_file()]
    assert kept
    assert "/api/v1/nearest" in written.getvalue()
    for digits in (lon[:9], lat[:8]):
        assert digits not in written.getvalue()
        assert [path for path in kept if digits.encode() in path.read_bytes()] == []


def test_whatever_a_script_leaves_on_the_phone_is_told(client):
    told = privacy.keys()
    used: dict[str, str] = {}
    for file in Path(assets.STATIC).rglob("*.js"):
        if "vendor" not in file.parts:
            text = file.read_text("utf-8")
            for key in re.findall(r"[\"'`](nuanxin[.\-][\w.\-]+)", text):
                used[key] = file.name
            assert "localStorage" not in text or re.search(r"[\"'`]nuanxin[.\-]", text), f"{file}: a key must begin with nuanxin."

    assert {key: file for key, file in used.items() if not any(_tells(name, key) for name in told)} == {}
    page = client.get("/privacy").text
    assert [key for key in told if key not in page] == []


def _tells(name: str, key: str) -> bool:
    return key.startswith(name[:-1]) if name.endswith("*") else key == name


def test_the_cookies_it_names_are_all_that_are_ever_set(client):
    found = set()
    for path in (*PAGES, "/?lang=en", "/sites/s1?by=ride"):
        found |= {cookie.partition("=")[0] for cookie in client.get(path).headers.getlist("Set-Cookie")}

    assert found == {"lang", "nuanxin_session"}  # the latter by /login alone, for its form
    assert found <= privacy.keys()


def test_an_operators_tile_server_is_named_for_what_it_sees(few):
    tiles = {"base_map": "https://tiles.example/{z}/{x}/{y}.png", "base_map_datum": "gcj02",
             "base_map_attribution": "某图", "base_map_approval": "GS(2024)0650号"}

    assert "tiles.example" in create_app({"atlas": few, **tiles}).test_client().get("/privacy").text
    assert "tiles.example" not in create_app({"atlas": few}).test_client().get("/privacy").text
