"""The planner's map: the whole registry, by kind, from local files, every name escaped."""

from __future__ import annotations

import base64
import hashlib
import json
import re

import pytest

from tests.conftest import a_site
from tests.web.conftest import HOSTILE, WEDNESDAY_TEN
from web import create_app

MAP = "/planner/sites/map"


def drawn(page: str) -> list[str]:
    """Return the names on a map page, decoded as its script does."""
    blocks = re.findall(r'<script type="application/json"[^>]*>(.*?)</script>', page, re.DOTALL)
    return [name for block in blocks for name in json.loads(block)["name"]]


def test_the_map_draws_every_public_site_in_use(client):
    names = drawn(client.get(MAP).text)

    assert sorted(names) == sorted([*(f"第{n}暖心驿站" for n in (1, 2, 3, 4)), HOSTILE])


def test_internal_sites_are_drawn_only_where_strangers_do_not_come(few):
    inside = create_app({"atlas": few, "clock": lambda: WEDNESDAY_TEN, "only": "internal"}).test_client()

    assert "第7暖心驿站" in drawn(inside.get(MAP).text)


def test_a_card_leads_to_a_page_only_where_there_is_one(few):
    both = create_app({"atlas": few, "clock": lambda: WEDNESDAY_TEN}).test_client()
    inside = create_app({"atlas": few, "clock": lambda: WEDNESDAY_TEN, "only": "internal"}).test_client()
    public, internal = (f"/planner/sites/card/{few.version}/{few.sites.row_of(site_id)}" for site_id in ("s1", "s7"))

    assert both.get(public).get_json()["url"] == "/sites/s1"
    assert both.get(internal).status_code == 404
    assert inside.get(public).get_json()["url"] is None
    assert inside.get(internal).get_json()["id"] == "s7"


def test_every_link_around_an_internal_page_leads_somewhere(few):
    inside = create_app({"atlas": few, "clock": lambda: WEDNESDAY_TEN, "only": "internal"}).test_client()

    links = re.findall(r'<a [^>]*href="(/[^"]*)"', inside.get("/planner/sites").text)

    assert links
    assert [link for link in links if inside.get(link).status_code != 200] == []


def test_a_map_can_be_asked_for_some_kinds_only(client):
    assert drawn(client.get(MAP + "?kind=mother_baby_room").text) == ["第2暖心驿站"]
    assert "checked" in client.get("/planner/sites?kind=母婴室").text
    assert client.get(MAP + "?kind=nonsense").status_code == 400


def test_no_name_is_part_of_the_markup(client):
    page = client.get(MAP).text

    assert "<script>alert" not in page
    assert "alert('x')</" not in page
    assert HOSTILE in drawn(page)


def test_every_address_of_the_map_is_local_and_answers(client):
    page = client.get(MAP).text
    addresses = re.findall(r'(?:src|href)="([^"]+)"', page)

    assert len(addresses) >= 8
    for address in addresses:
        assert address.startswith("/static/"), address
        assert client.get(address).status_code == 200, address


def test_the_maps_own_policy_allows_its_own_blocks_and_nothing_else(client):
    answer = client.get(MAP)
    policy = answer.headers["Content-Security-Policy"]

    assert "unsafe" not in policy
    assert "frame-ancestors 'self'" in policy
    for block in re.findall(r"<script>(.*?)</script>", answer.text, re.DOTALL):
        digest = base64.b64encode(hashlib.sha256(block.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy


def test_a_card_tells_a_point_in_a_few_lines(client):
    card = client.get("/planner/sites/card/7/0", headers={"Accept-Language": "en"}).json

    assert card["id"] == "s1"
    assert card["url"] == "/sites/s1"
    assert card["lines"][0] == "warm station"


@pytest.mark.parametrize("point", ["6/0", "7/999", "7/5", "7/6"])
def test_a_card_of_an_older_map_or_of_a_hidden_site_is_not_there(client, point):
    assert client.get(f"/planner/sites/card/{point}").status_code == 404


def test_ten_thousand_sites_are_less_than_a_megabyte(make_atlas, areas):
    many = [a_site(i, name=f"东华门街道王府井大街第{i}号邮政支行暖心驿站", lon=116.2 + i % 173 / 400, lat=39.8 + i % 149 / 400)
            for i in range(10_000)]
    inside = create_app({"atlas": make_atlas(many, areas=areas.tree)}).test_client()

    page = inside.get(MAP)
    scripts = [len(inside.get(a).data) for a in re.findall(r'(?:src|href)="([^"]+)"', page.text)]

    assert len(page.data) + sum(scripts) <= 1_200_000  # uncompressed, scripts and styles included
    assert len(page.data) <= 1_000_000


def test_an_empty_registry_says_what_to_do(make_atlas):
    empty = create_app({"atlas": make_atlas([])}).test_client()

    text = empty.get("/planner/sites").text

    assert "nuanxin import" in text
    assert "<iframe" not in text
