"""Every public page and state for everyone: by night, in high contrast, enlarged, by keyboard, without motion, without scripts.

Each state is visited once on a phone in Chinese (and looked at in English) and once at a desk in English; what is found there is judged
rule by rule.
"""

from __future__ import annotations

import functools

import pytest

from tests.browser.barriers import NIGHT, PLAIN, SIDEWAYS, barriers
from tests.browser.conftest import DESK, PHONE, office_of
from tests.conftest import a_site
from tests.web.conftest import few_sites, sign_in
from web.cookies import COOKIE

HERE = "/?lon=116.4&lat=39.9"
STATES = {
    "welcome": "/", "answer": HERE, "needs": HERE + "&need=hot_water&by=ride", "empty": HERE + "&need=hot_water&need=mother_baby",
    "vague": HERE + "&accuracy_m=900", "outside": "/?lon=121.5&lat=31.2", "choices": "/?q=什刹", "nothing found": "/?q=zzzzqqqq",
    "district": "/?area=110101", "refused": "/?lon=x&lat=1", "site": "/sites/s1", "hostile site": "/sites/s5", "closed site": "/sites/s8",
    "not there": "/sites/nope", "privacy": "/privacy",
    "poster": "/sites/s1/poster", "contract": "/api/docs", "login": "/login", "hotline": "/hotline",
    **{name: f"/?trouble={name}&need=hot_water" for name in ("denied", "dismissed", "timeout", "unavailable", "unsupported", "insecure")},
    "where": "/?need=hot_water", "empty by two": HERE + "&need=wifi&need=books", "tomorrow": HERE + "&at=2026-03-05T08:00",
    "all filters": HERE + "&kind=warm_station&state=open-on-arrival&within=5000&by=ride", "trouble beside a list": HERE + "&trouble=timeout",
}
OFFICE = {"contract", "hotline", "poster"}
"""Not for a phone in the street: the width is a desk's."""

MEDIA = (NIGHT, {"contrast": "more"}, {**NIGHT, "contrast": "more"}, {"forced_colors": "active"})

EXCEPTIONS = ", ".join([
    ".skip",  # seen only when the keyboard reaches it, and then as large as the others
    ".sr, .sr *",  # seen by nobody: its label is what one taps
    ".leaflet-control-attribution a",  # words in a line of words: WCAG 2.5.8, inline
    "p a:not(.button), dd a:not(.tel), li a:not([class]), td a, small a",  # links in sentences, likewise
])

_SMALL = """([exceptions, narrowest]) => [...document.querySelectorAll(
        "a[href], button, input:not([type=hidden]), select, textarea, summary, [role=button]")]
    .filter((e) => e.getClientRects().length && !e.matches(exceptions) && getComputedStyle(e).visibility !== "hidden")
    .map((e) => (e.matches("input[type=checkbox], input[type=radio]") && e.closest("label")) || e)
    .filter((e) => !(e.tagName === "A" && getComputedStyle(e).display === "inline" && e.parentElement.textContent.trim() !== e.textContent.trim()))
    .map((e) => [e.outerHTML.slice(0, 90), e.getBoundingClientRect()])
    .filter(([, box]) => box.height < 47.5 || box.width < narrowest).map(([html, box]) => `${html} ${box.width.toFixed()}x${box.height.toFixed()}`)"""

_MOVING = """() => [...document.querySelectorAll("*")]
    .flatMap((e) => [null, "::before", "::after"].map((part) => [e, getComputedStyle(e, part)]))
    .filter(([, style]) => style.animationName !== "none" || style.transitionDuration.split(", ").some((time) => parseFloat(time) > 0))
    .map(([e]) => e.outerHTML.slice(0, 90)).concat(document.getAnimations().map(String))"""

# after a Tab the browser shows the focus of whatever a script focuses too
_UNSEEN_FOCUS = """() => {
  const of = (s) => [s.outlineStyle === "none" ? "" : s.outlineWidth + s.outlineColor, s.boxShadow, s.stroke + s.strokeWidth, s.borderColor,
    s.backgroundColor].join();
  const look = (e) => [e, e.nextElementSibling, e.parentElement, e.closest("label")].filter(Boolean)
    .map((one) => of(getComputedStyle(one))).join("|");
  const all = [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']")]
    .filter((e) => e.getClientRects().length && !e.disabled);
  const told = [];
  for (const e of all) {
    document.activeElement.blur();
    const before = look(e);
    e.focus({ preventScroll: true });
    if (document.activeElement === e && look(e) === before) told.push(e.outerHTML.slice(0, 90));
  }
  return told;
}"""


@pytest.fixture(scope="module")
def visit(chromium, tmp_path_factory):
    """Return what is found at a state: ``visit("answer", "phone")``; each is visited once."""
    sites = [*few_sites(), a_site(20, name="很长的名字" * 8, address="某区某街" * 20, lon=116.402)]
    with office_of(tmp_path_factory.mktemp("everyone"), sites, who="test", why="everyone") as (address, app):
        hotline = {"name": COOKIE, "value": sign_in(app, "hotline", "110000").get_cookie(COOKIE).value, "url": address}
        common = {"timezone_id": "Asia/Shanghai", "bypass_csp": True}  # for axe; that pages keep their policy is tested elsewhere
        contexts = {"phone": chromium.new_context(viewport=PHONE, locale="zh-CN", has_touch=True, **common),
                    "desk": chromium.new_context(viewport=DESK, locale="en-GB", **common)}
        pages = {name: context.new_page() for name, context in contexts.items()}
        complaints = []
        for page in pages.values():
            page.on("console", lambda told: complaints.append(told.text) if told.type in ("warning", "error") else None)

        @functools.cache
        def at(state, where):
            page, found = pages[where], {}
            complaints.clear()
            page.context.clear_cookies()
            page.context.add_cookies([hotline] if state == "hotline" else [])
            page.emulate_media(**PLAIN, reduced_motion="no-preference")
            page.set_viewport_size(PHONE if where == "phone" else DESK)
            answered = page.goto(address + STATES[state], wait_until="load")
            if page.locator("#map-side").count():
                if where == "phone" and state == "answer":
                    page.locator("#map-side").scroll_into_view_if_needed()
                page.wait_for_selector(f"#map-side[data-drawn{'=yes' if where == 'desk' or state == 'answer' else ''}]", state="attached")
            found["console"] = [words for words in complaints if answered.ok or not words.startswith("Failed to load resource")]
            # a desk's colours are a phone's, but for a map; the contract is long tables in colours that every page has
            found["axe"] = barriers(page, *(MEDIA if where == "phone" or state in ("answer", "hotline", "poster") else ()))
            found["language"] = page.evaluate("document.documentElement.lang")
            found["headings"] = page.locator("h1").count()
            found["small"] = page.evaluate(_SMALL, [EXCEPTIONS, 47.5])
            found["sideways"] = {}
            for width in (PHONE["width"], 320) if where == "phone" else (DESK["width"], DESK["width"] // 2):
                page.set_viewport_size({"width": width, "height": 450})
                found["sideways"][width] = page.evaluate(SIDEWAYS)
            page.keyboard.press("Tab")
            found["unseen focus"] = page.evaluate(_UNSEEN_FOCUS)
            page.emulate_media(**PLAIN, reduced_motion="reduce")
            found["moving"] = page.evaluate(_MOVING)
            if where == "phone":  # longer words
                page.goto(address + STATES[state] + ("&" if "?" in STATES[state] else "?") + "lang=en")
                found["sideways"]["320, English"] = page.evaluate(SIDEWAYS)
                found["small"] += page.evaluate(_SMALL, [EXCEPTIONS, 47.5])
            return found

        yield at
        for context in contexts.values():
            context.close()


@pytest.fixture(scope="module")
def unscripted(chromium, site_address):
    """Return a page in which no script runs, and the address of a server."""
    context = chromium.new_context(viewport=PHONE, locale="zh-CN", java_script_enabled=False)
    yield context.new_page(), site_address
    context.close()


everywhere = pytest.mark.parametrize(("state", "where"), [(state, where) for state in STATES for where in ("phone", "desk")
                                                          if where == "desk" or state not in OFFICE])


@everywhere
def test_axe_finds_nothing_by_day_by_night_and_in_high_contrast(visit, state, where):
    assert visit(state, where)["axe"] == {}


@everywhere
def test_no_page_has_the_browsers_console_complain(visit, state, where):
    assert visit(state, where)["console"] == []


@everywhere
def test_nothing_scrolls_sideways_at_320_pixels_or_enlarged_to_twice_the_size(visit, state, where):
    assert {width: over for width, over in visit(state, where)["sideways"].items() if over} == {}


@everywhere
def test_every_target_is_48_pixels(visit, state, where):
    assert visit(state, where)["small"] == []


@everywhere
def test_the_keyboards_focus_is_seen_wherever_it_goes(visit, state, where):
    assert visit(state, where)["unseen focus"] == []


@everywhere
def test_nothing_moves_where_no_motion_is_wanted(visit, state, where):
    assert visit(state, where)["moving"] == []


@everywhere
def test_every_page_has_one_first_heading_and_says_its_language(visit, state, where):
    found = visit(state, where)

    assert (found["headings"], found["language"]) == (1, "zh-CN" if where == "phone" else "en")


@pytest.mark.parametrize("state", [state for state in STATES if state not in OFFICE])
def test_every_page_says_what_it_has_to_say_without_scripts(unscripted, state):
    page, address = unscripted
    page.goto(address + STATES[state])

    assert page.locator("h1").count() == 1
    assert page.locator("main").inner_text().strip()
    assert page.locator("#map-side:visible, [aria-busy=true]").count() == 0
    assert page.evaluate(SIDEWAYS) == 0
    sends = "button:not([type=button]), input[type=submit]"
    assert page.locator("form:visible").evaluate_all(f"forms => forms.filter((f) => !f.querySelector('{sends}')).length") == 0
    dead = page.locator("button:visible").evaluate_all("all => all.filter((b) => b.type === 'button').map((b) => b.outerHTML.slice(0, 90))")
    assert dead == []  # a button that only a script could answer
