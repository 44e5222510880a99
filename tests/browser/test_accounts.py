"""Signing in, one's account and the pages of administrators in a real Chromium, without JavaScript."""

from __future__ import annotations

import re
from datetime import datetime

import pyotp
import pytest
from playwright.sync_api import expect

from geodata.registry import Registry
from locator.typed import BEIJING
from tests.browser.barriers import NIGHT, barriers
from tests.browser.conftest import DESK, PHONE
from tests.web.offices import QUICK, WEDNESDAY_TEN
from tests.web.test_signin import PASSWORD


@pytest.fixture
def office(serve, few, tmp_path):
    with Registry.open(tmp_path, create=True) as registry:
        for name, role in (("wang", "city"), ("shen", "auditor")):
            registry.accounts.add(name, display=name, role=role, area="110000", by="test", at=WEDNESDAY_TEN)
            registry.accounts.choose_password(registry.accounts.named(name), QUICK.hash(PASSWORD), WEDNESDAY_TEN)
        yield serve(few, registry=registry, home=tmp_path, passwords=QUICK)


def sign_in(page, name):
    page.fill("#f-name", name)
    page.fill("#f-password", PASSWORD)
    enter(page)


def enter(page):
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_an_administrator_signs_in_makes_an_account_and_its_owner_chooses_a_password(office, open_page):
    page = open_page(f"{office}/admin/accounts", java_script_enabled=False, viewport=DESK)
    sign_in(page, "wang")
    expect(page).to_have_url(f"{office}/admin/accounts")

    page.fill("#f-name", "clerk")
    page.fill("#f-display", "东华门 赵")
    page.select_option("#f-role", "street")
    page.fill("#f-area", "东华门街道")
    page.get_by_role("button", name="建立账号").click()
    link = page.locator(".once a").get_attribute("href")
    page.get_by_role("button", name="退出").click()
    expect(page).to_have_url(f"{office}/login")

    clerk = open_page(link, java_script_enabled=False, viewport=PHONE)
    clerk.fill("#f-password", PASSWORD + "!")
    clerk.fill("#f-again", PASSWORD + "!")
    clerk.get_by_role("button", name="使用这个密码").click()
    clerk.fill("#f-name", "clerk")
    clerk.fill("#f-password", PASSWORD + "!")
    enter(clerk)

    assert "东华门 赵" in clerk.locator("h1").inner_text()


def test_a_second_step_is_set_up_and_used_without_javascript(office, open_page):
    page = open_page(f"{office}/account", java_script_enabled=False)
    sign_in(page, "wang")
    page.get_by_role("link", name="设置验证器").click()
    totp = pyotp.TOTP(re.sub(r"\s", "", page.locator(".once code").inner_text()))
    page.fill("#f-code", totp.at(int(datetime(2026, 3, 4, 10, 0, tzinfo=BEIJING).timestamp())))
    enter(page)
    recovery = page.locator(".codes li").first.inner_text()
    page.get_by_role("button", name="退出").click()

    sign_in(page, "wang")
    page.fill("#f-code", recovery)
    enter(page)

    assert page.locator("h1").inner_text() == "wang"


@pytest.mark.parametrize(("name", "paths"), [
    ("wang", ("/account", "/admin/accounts", "/account/second-factor", "/planner/sites")), ("shen", ("/admin/audit",)), ("", ("/login", "/invite"))])
def test_no_accessibility_fault_and_every_target_is_big(office, open_page, name, paths):
    page = open_page(f"{office}/login")
    if name:
        sign_in(page, name)
    for path in paths:
        page.goto(office + path)
        for summary in page.locator("summary").all():
            summary.click()

        assert barriers(page, NIGHT) == {}, path
        small = page.evaluate("""() => [...document.querySelectorAll('a, button, input, select, summary')]
            .map(e => [e, e.getBoundingClientRect()])
            .filter(([e, r]) => r.height && r.height < 47.5 && !e.classList.contains('skip') && !e.closest('label'))
            .map(([e, r]) => `${e.outerHTML.slice(0, 80)} ${r.height}`)""")
        assert small == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
