"""`nuanxin network`: built whole or not at all, told of, and asked by `nearest --network`."""

from __future__ import annotations

import json
from pathlib import Path

import osmium
import pytest

from geodata import snapshot, streets
from web import create_app

HERE = ("116.4", "39.9")


@pytest.fixture
def extract(tmp_path: Path) -> Path:
    """One street past two of the stations of `own`, a bridge-less detour between them, and a yard that is not joined to it."""
    path = tmp_path / "city.osm.pbf"
    spots = ((116.399, 39.9), (116.401, 39.9), (116.401, 39.91), (116.42, 39.91), (116.42, 39.9), (116.45, 39.9), (116.451, 39.9))
    writer = osmium.SimpleWriter(str(path))
    for number, spot in enumerate(spots, 1):
        writer.add_node(osmium.osm.mutable.Node(id=number, location=spot))
    writer.add_way(osmium.osm.mutable.Way(id=1, nodes=[1, 2, 3, 4, 5], tags={"highway": "residential", "oneway": "yes"}))
    writer.add_way(osmium.osm.mutable.Way(id=2, nodes=[6, 7], tags={"highway": "service"}))
    writer.close()
    return path


def test_a_build_tells_where_the_network_is_from_and_what_was_left_out(own, extract):
    built = own("--language", "en", "network", "build", str(extract), "--dated", "2026-03-01")
    told = own("--language", "en", "network", "info")

    assert (built.exit_code, told.exit_code) == (0, 0)
    assert built.stdout == told.stdout
    for said in ("city.osm.pbf", "2026-03-01", "© OpenStreetMap contributors", "0.1 km in 1 parts", "116.45050, 39.90000"):
        assert said in told.stdout
    about = json.loads(own("network", "info", "--format", "json").stdout)
    assert (about["nodes"], about["edges"], about["parts_left_out"]) == (5, 4, 1)


def test_the_nearest_are_told_the_way_on_foot_where_the_network_comes_near(own, extract):
    own("network", "build", str(extract))

    walked, straight = ({site["address"]: site for site in own.answer("nearest", *HERE, *option)["sites"]} for option in (("--network",), ()))
    near, far = "第一行\n第二行", "望京街4号"

    assert walked[near]["distance_m"] == straight[near]["distance_m"] == pytest.approx(1_711, abs=2)
    assert walked[near]["walk_m"] == pytest.approx(85 + 1_110 + 1_623 + 1_110, abs=10)
    assert (walked[near]["minutes_basis"], straight[near]["minutes_basis"], straight[near]["walk_m"]) == ("network", "estimate", None)
    assert walked[near]["minutes"] == pytest.approx(walked[near]["walk_m"] / 5_000 * 60, abs=0.06)
    assert (walked[far]["walk_m"], walked[far]["minutes_basis"]) == (None, "estimate")  # kilometres from any street of it


def test_the_table_says_what_the_minutes_are_based_on(own, extract):
    own("network", "build", str(extract))

    told = own("--language", "en", "nearest", *HERE, "--network")
    said = told.stderr

    assert "on foot" in told.stdout.splitlines()[0]
    assert "on foot" not in own("--language", "en", "nearest", *HERE).stdout
    assert "along the walking network (city.osm.pbf; © OpenStreetMap contributors" in said
    assert "2 of them are not near it: straight line × 1.25" in said
    assert "Minutes are estimated: straight line × 1.25." in own("--language", "en", "nearest", *HERE).stderr


def test_the_api_answers_over_the_same_network(own, extract):
    own("network", "build", str(extract))
    told = own.answer("nearest", *HERE, "--network")["sites"]
    with own.registry as registry:
        client = create_app({"atlas": snapshot.atlas(registry), "registry": registry, "home": own.home}).test_client()
        answer = client.get("/api/v1/nearest", query_string={"lon": HERE[0], "lat": HERE[1], "network": 1}).get_json()

    assert [(f["id"], f["properties"]["walk_m"], f["properties"]["minutes_basis"], f["properties"]["minutes"]) for f in answer["features"]] == [
        (site["id"], site["walk_m"], site["minutes_basis"], site["minutes"]) for site in told]


def test_without_a_network_both_commands_say_how_to_make_one(own):
    for words in (("network", "info"), ("nearest", *HERE, "--network")):
        done = own(*words)

        assert done.exit_code == 1
        assert "步行路网" in done.stderr
        assert "nuanxin network build" in done.stderr


@pytest.mark.parametrize(("name", "content"), [("none.osm.pbf", None), ("empty.osm.pbf", b""), ("cut.osm.pbf", "cut"), ("page.osm.pbf", b"<html>")])
def test_a_file_that_cannot_be_used_leaves_the_network_there_was(own, extract, tmp_path, name, content):
    own("network", "build", str(extract))
    kept = (own.home / streets.NAME).read_bytes()
    if content is not None:
        (tmp_path / name).write_bytes(extract.read_bytes()[:-20] if content == "cut" else content)

    done = own("network", "build", str(tmp_path / name))

    assert (done.exit_code, done.stdout) == (1, "")
    assert f"file '{name}'" in done.stderr
    assert (own.home / streets.NAME).read_bytes() == kept
    assert not [p for p in own.home.iterdir() if p.name.startswith(".")]


def test_a_day_that_does_not_exist_is_refused_before_anything_is_read(own, tmp_path):
    done = own("network", "build", str(tmp_path / "none.osm.pbf"), "--dated", "2026-02-30")

    assert done.exit_code == 1
    assert "dated '2026-02-30'" in done.stderr
