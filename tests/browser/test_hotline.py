"""The hotline in a real browser, by keys alone: from signing in to the next call; with an input method; for everyone."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from geodata.passwords import Passwords
from tests.browser.conftest import DESK, PHONE, office_of
from tests.web.conftest import QUICK, sign_in
from tests.web.test_hotline import SPEECH, sites
from web.cookies import COOKIE

SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
PASSWORD = "cold hands, warm tea 12351"


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    with office_of(tmp_path_factory.mktemp("hotline"), sites(), who="李四", why="a few sites") as served:
        yield served


@pytest.fixture
def go(office, open_page):
    """``go()``: the page, an operator signed in."""
    address, app = office

    def start(**options):
        value = sign_in(app, "hotline", "110000").get_cookie(COOKIE).value
        cookie = {"name": COOKIE, "value": value, "url": address}
        page = open_page(address + "/hotline", **{"viewport": DESK, "before": lambda page: page.context.add_cookies([cookie]), **options})
        if options.get("java_script_enabled", True):
            expect(page.locator("#tools")).to_be_visible()
        return page

    return start


def typed(page, words):
    """Type words and wait for their answer."""
    page.locator("#words").focus()
    with page.expect_response("**/hotline/look"):
        page.keyboard.type(words)
    expect(page.locator("#said")).to_contain_text("个地点")
    return page


def first(page):
    return page.locator("#alouds .aloud:not([hidden]) .speech").first


def test_a_call_is_taken_by_keys_alone_from_signing_in_to_the_next_call(office, open_page):
    address, app = office
    registry = app.extensions["atlas"].registry
    code = registry.accounts.add("operator", display="坐席一", role="hotline", area="110000", by="test", at=app.extensions["atlas"].now())
    registry.accounts.set_password(registry.accounts.named("operator"), QUICK.hash(PASSWORD)) if code is None else None
    page = open_page(address + "/hotline", viewport=DESK)
    if not isinstance(QUICK, Passwords) or page.locator("#password").count() == 0:
        pytest.fail("the sign-in page is not there")
