"""No public answer, page or export carries an internal field: every route there is, asked by a stranger."""

from __future__ import annotations

import re
import zipfile
from datetime import datetime

import pytest

from geodata import export, vocabulary
from geodata.photos import Photo
from geodata.registry import Registry
from geodata.reporting import NewReport
from locator.sites import INTERNAL_FIELDS
from locator.typed import BEIJING
from tests.conftest import a_site
from tests.web.conftest import HERE
from web import create_app

SECRETS = {"manager": "张秘密", "manager_phone": "13800001111", "verified_by": "李秘密", "updated_by": "王秘密", "reason": "为秘密"}
SAID = "门卫小赵说的秘密"
"""What a worker wrote in a report, and an administrator in deciding it: no public field, and in no export whatever is asked for."""
ASKED = {"/": [HERE, {"q": "驿站"}, {"area": "110101"}, {}], "/api/v1/nearest": [HERE], "/api/v1/search": [{"q": "驿站"}, {"q": "张秘密"},
         {"q": "13800001111"}], "/api/v1/sites": [{}, {"since": 0}, {"since": 1}], "/api/v1/sites/<site_id>": [{}, {"on": "2026-03-05"}]}
"""Questions of the routes that take some; the others are asked plainly."""


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    at = datetime(2026, 3, 4, 10, tzinfo=BEIJING)
    with Registry.open(home, create=True) as registry:
        people = {name: SECRETS[name] for name in ("manager", "manager_phone", "verified_by")}
        registry.commit([a_site(1, district_code="110101", **people), a_site(2, **people)], who="王秘密", why="为秘密", at=at)
        registry.commit([a_site(1, district_code="110101", address="改了", **{**people, "manager": "张秘密二"})], who="王秘密", why="为秘密", at=at)
        registry.remove(["s2"], who="王秘密", why="为秘密", at=at)
        registry.commit([a_site(3, visibility="internal", name="内部站点", **people)], who="王秘密", why="为秘密", at=at)
        registry.redact("s1", "verified_by", who="王秘密", why="为秘密")
        for phone in "ab":
            new = NewReport("locked", datetime.now(BEIJING), note=SAID, token=phone * 20, photo=Photo(SAID.encode(), SAID.encode()))
            registry.reports.file("s1", new, now=datetime.now(BEIJING))
        registry.reports.decide([1], "confirmed", who="王秘密", why=SAID, now=datetime.now(BEIJING))
    app = create_app({"home": home, "exposed": True})
    assert app.extensions["atlas"].wait(30)
    yield app
    app.extensions["atlas"].stop()


def addresses(app) -> list[tuple[str, str]]:
    """Return every route that can be got, and an address of it."""
    filled = {"site_id": "s1", "version": "5", "row": "0", "edition": "0", "name": "page.css", "area": "110101", "id": "1"}
    return [(rule.rule, re.sub(r"<(?:\w+:)?(\w+)>", lambda m: filled.get(m[1], "1"), rule.rule))
            for rule in app.url_map.iter_rules() if "GET" in rule.methods]


def test_no_route_tells_a_stranger_an_internal_field(served):
    client, answered = served.test_client(), 0
    for rule, address in addresses(served):
        for query in ASKED.get(rule, [{}]):
            text = client.get(address, query_string=query).get_data().decode("utf-8", "replace")
            asked = "".join(query.values() if rule.endswith("search") else ())
            said = [value for value in (*SECRETS.values(), SAID) if value in text.replace(asked, "")]
            assert said == [], (rule, query)
            if rule not in ("/api/docs", "/api/v1/openapi.json"):  # the contract names what those who signed in may write
                assert not re.search(rf'"(?:{"|".join(INTERNAL_FIELDS)})":', text.replace('"reason":null', "")), (rule, query)
            answered += 1
    assert answered > 20
    assert set(SECRETS) == set(INTERNAL_FIELDS)


def test_the_fields_are_there_to_be_told(served):
    with Registry.open(served.extensions["settings"].home) as registry:
        site = registry.site("s3")

    assert {name: getattr(site, name) for name in SECRETS} == SECRETS


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".geojson", ".gpkg"])
@pytest.mark.parametrize("internal", [False, True])
def test_an_export_holds_them_only_when_the_whole_registry_is_asked_for(served, tmp_path, suffix, internal):
    file = tmp_path / f"out{suffix}"
    with Registry.open(served.extensions["settings"].home) as registry:
        export.write(file, list(registry.sites()), datum="wgs84", vocabulary=vocabulary.load(), internal=internal)

    if suffix == ".xlsx":
        with zipfile.ZipFile(file) as archive:
            content = b"".join(map(archive.read, archive.namelist()))
    else:
        content = file.read_bytes()

    assert SAID.encode() not in content
    assert [name for name in ("manager", "manager_phone") if (SECRETS[name].encode() in content) is not internal] == []
