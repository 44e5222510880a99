"""An application over a small atlas, its clock stopped; and one over a registry."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from flask.testing import FlaskClient

from geodata import places
from geodata.areas import Areas
from locator.atlas import Atlas
from locator.typed import BEIJING
from tests.conftest import a_site
from web import create_app

WEDNESDAY_TEN = datetime(2026, 3, 4, 10, 0, tzinfo=BEIJING)
HERE = {"lon": 116.40, "lat": 39.90}
HOSTILE = "<script>alert('x')</script>\"'&<b>\x07\u202e名"


def few_sites():
    """Return one site of each sort that a page or an answer must tell apart, at growing distance."""
    return [
        a_site(1, facilities={"hot_water": "yes", "toilet": "limited", "wifi": "no"}, address="东城区某街 1 号", demo=True,
               phone="010-1234 5678", manager="张三", manager_phone="13800000000", verified_by="李四", eligibility="everyone"),
        a_site(2, opening_hours="Mo-Fr 09:00-10:30", facilities={"water": "yes"}, kind="mother_baby_room"),
        a_site(3, opening_hours=None, district_code="110101"),
        a_site(4, opening_hours="Mo-Fr 20:00-21:00", facilities={"hot_water": "limited"}, district_code="110105"),
        a_site(5, name=HOSTILE, address=HOSTILE, directions=HOSTILE, entry_note=HOSTILE, aliases=(HOSTILE,)),
        a_site(6, status="draft"), a_site(7, visibility="internal"), a_site(8, status="closed"),
        a_site(9, lon=None, lat=None, address="未定位"),
    ]


@pytest.fixture(scope="session")
def areas() -> Areas:
    return Areas.load()


@pytest.fixture(scope="session")
def few(make_atlas: Callable[..., Atlas], areas: Areas) -> Atlas:
    return make_atlas(few_sites(), areas=areas.tree, places=places.load(), version=7)


@pytest.fixture
def client(few: Atlas) -> FlaskClient:
    return create_app({"atlas": few, "clock": lambda: WEDNESDAY_TEN}).test_client()
