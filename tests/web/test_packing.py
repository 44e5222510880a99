"""How few bytes the files and the catalogue's answers travel in."""

from __future__ import annotations

import gzip
import re

import brotli
import pytest

from web import assets, packing

MAP_BUDGET = 64_000
"""Beside a list of 38 kB, within the 110 kB of a first view with its map.

Bytes that a phone's first look at the map adds to its list, headers and counts not among them.
"""
LASTING = ("/api/v1/areas/outlines", "/api/v1/places")


@pytest.mark.parametrize("path", [*LASTING, "vendor/leaflet/leaflet.css", "map/drawing.js"])
def test_what_seldom_changes_travels_as_small_as_it_gets(client, path):
    if not path.startswith("/"):
        with client.application.test_request_context():
            path = assets.address(path)
    plain = client.get(path)

    small, smaller = (client.get(path, headers={"Accept-Encoding": taken}) for taken in ("gzip", "gzip, deflate, br"))

    assert "Content-Encoding" not in plain.headers
    assert (small.headers["Content-Encoding"], smaller.headers["Content-Encoding"]) == ("gzip", "br")
    assert gzip.decompress(small.data) == brotli.decompress(smaller.data) == plain.data
    assert len(smaller.data) <= len(brotli.compress(plain.data, quality=11))
    assert len(smaller.data) < 0.92 * len(brotli.compress(plain.data, quality=5))
    assert all("Accept-Encoding" in answer.headers["Vary"] for answer in (plain, small, smaller))


@pytest.mark.parametrize("path", LASTING)
def test_whoever_has_it_in_an_encoding_need_not_fetch_it_again(client, path):
    taken = {"Accept-Encoding": "br"}
    tag = client.get(path, headers=taken).headers["ETag"]

    assert client.get(path, headers={**taken, "If-None-Match": tag}).status_code == 304
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 200  # in another encoding it is another answer


def test_equal_content_is_compressed_once():
    content, again = b"the same" * 99, b"the same" * 99

    assert packing.packed(content, "br") is packing.packed(again, "br")


def test_the_first_look_at_the_map_leaves_room_for_the_list(client):
    side = re.search(r'<section class="map-side".*?>', client.get("/").text, re.DOTALL)[0]
    data = dict(re.findall(r'data-([a-z-]+)="([^"]*)"', side))
    names = [address.split("/", 3)[3] for address in (data["script"], *data["style"].split())]
    names += ["map/drawing.js"]
    for name in names:  # and what those import, and so on
        if name.startswith("map/") and name.endswith(".js"):
            for other in re.findall(r'from "(\.[^"]+)"', assets.content(name).decode()):
                path = other.removeprefix("../") if other.startswith("../") else f"map/{other.removeprefix('./')}"
                if path not in names:
                    names.append(path)

    bodies = [packing.packed(assets.content(name), "br") for name in names]
    bodies += [client.get(data[name], headers={"Accept-Encoding": "br"}).data for name in ("outlines", "places")]

    assert {"vendor/leaflet/leaflet.js", "basemap.js", "map/clusters.js"} <= set(names)
    assert sum(map(len, bodies)) <= MAP_BUDGET
