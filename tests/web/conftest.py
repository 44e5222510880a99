"""An application over a small atlas, its clock stopped; and one over a registry."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer

from geodata import places
from geodata.areas import Areas
from geodata.registry import Registry
from locator.atlas import Atlas
from locator.sites import Site
from tests.conftest import a_site
from tests.web.offices import QUICK, WEDNESDAY_TEN, Clock
from web import create_app
from web.keeper import Keeper

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


@pytest.fixture
def client_of(make_atlas: Callable[..., Atlas], areas: Areas) -> Callable[..., FlaskClient]:
    """Return a maker of browsers: over some sites, at an instant, under some settings."""

    def make(*sites: Site, now: datetime = WEDNESDAY_TEN, **config: object) -> FlaskClient:
        atlas = make_atlas(list(sites), areas=areas.tree, places=places.load())
        return create_app({"atlas": atlas, "clock": lambda: now, **config}).test_client()

    return make


# --- people -------------------------------------------------------------------------------------------


def sign_in(app: Flask, role: str, area: str, *, name: str = "") -> FlaskClient:
    """Return a browser in which an account of a role at an area is signed in; made if there is none.

    Every request of it carries the CSRF token as a header; drop ``HTTP_X_CSRFTOKEN`` from its
    ``environ_base`` to be a forged form.
    """
    registry, now = current_of(app).registry, current_of(app).now()
    name = name or f"{role}-{area}"
    if registry.accounts.find(name) is None:
        registry.accounts.add(name, display=name, role=role, area=area, by="test", at=now)
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["_user_id"] = registry.sessions.open(registry.accounts.named(name), now)
        cookie["csrf_token"] = "0" * 40
    key = app.session_interface.key(app)
    client.environ_base["HTTP_X_CSRFTOKEN"] = URLSafeTimedSerializer(key, salt="wtf-csrf-token").dumps("0" * 40)
    return client


def current_of(app: Flask) -> Keeper:
    """Return what keeps an app's atlas, clock and registry."""
    return app.extensions["atlas"]


@pytest.fixture(scope="session")
def _made_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("made") / "home"
    Registry.open(home, create=True).close()
    return home


@pytest.fixture
def empty_home(_made_home: Path, tmp_path: Path) -> Path:
    """A registry without sites or accounts, of this test alone."""
    shutil.copytree(_made_home, tmp_path / "home")
    return tmp_path / "home"


@pytest.fixture
def office(few: Atlas, empty_home: Path) -> Iterator[Flask]:
    """An application over the few sites whose registry keeps real accounts; its clock is `Clock.now`."""
    with Registry.open(empty_home) as registry:
        yield create_app({"atlas": few, "home": empty_home, "registry": registry, "clock": Clock(), "passwords": QUICK})


@pytest.fixture
def signed_in(office: Flask) -> Callable[..., FlaskClient]:
    """``signed_in("district", "110101")``: a browser of `office` in which such an account is signed in."""
    return lambda role, area, **kwargs: sign_in(office, role, area, **kwargs)
