"""What a phone works out from its copy is what the server answers: the same modules, run by Node."""

from __future__ import annotations

import json
import random
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from geodata import demo, places
from locator import answers, datum, earth, tallies
from locator.atlas import Atlas
from locator.filters import Filters
from locator.hours import minute_of
from locator.quality import Told
from locator.questions import NearestQuestion
from locator.tallies import Part
from locator.typed import BEIJING
from tests.conftest import a_site
from web import compact, create_app, handoff, i18n, phrases, vagueness
from web.assets import STATIC
from web.compact_copy import DAYS, Copy, Offline

SEED = 20261125
DATED = datetime(2026, 9, 20, 9, 0, tzinfo=BEIJING)
"""The copies of these tests are of this day: National Day and its make-up days lie within."""
STEP_M = 0.02
"""What two roundings to 1e-7 degrees can do to a distance: under 16 mm."""


def node() -> str:
    found = shutil.which("node")
    if found is None:
        pytest.importorskip("playwright", reason="there is no Node on this machine")
        from playwright._impl._driver import compute_driver_executable

        found = compute_driver_executable()[0]
    return found


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Callable[[bytes, str, list[Any]], list[Any]]:
    """Return what runs a function of the phone's modules over a list: `ask(file, "module.js: expression of one", list)`."""
    folder = tmp_path_factory.mktemp("phone")
    shutil.copytree(STATIC / "offline", folder / "offline")
    (folder / "package.json").write_text('{"type": "module"}')

    def run(file: bytes, expression: str, given: list[Any]) -> list[Any]:
        (folder / "file").write_bytes(file)
        (folder / "given.json").write_text(json.dumps(given))
        (folder / "run.js").write_text(f"""
            import {{ readFileSync }} from "node:fs";
            import {{ decodeFile }} from "./offline/decode.js";
            import {{ Copy }} from "./offline/nearest.js";
            import * as datum from "./offline/datum.js";
            import * as earth from "./offline/earth.js";
            import * as handoff from "./offline/handoff.js";
            import * as decode from "./offline/decode.js";
            import * as tallies from "./offline/tallies.js";
            import * as finding from "./offline/find.js";
            import * as visitors from "./offline/visitors.js";
            import {{ Phrases }} from "./offline/phrases.js";
            const bytes = readFileSync("file");
            const copy = bytes.length ? new Copy(decodeFile(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length))) : null;
            const one = {expression};
            process.stdout.write(JSON.stringify(JSON.parse(readFileSync("given.json", "utf8")).map((given) => one(given, copy))));
        """)
        done = subprocess.run([node(), "run.js"], cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


def copy_of(atlas: Atlas) -> Copy:
    return Offline(atlas).on(answers.unreported(atlas, DATED))


NEAREST = """(asked, copy) => copy.nearest(asked, asked.minute, asked.second).map(({ row, metres, minutes, opening, arrival }) => ({
    ...opening, row, metres, minutes, arrival, id: copy.site(row).id, name: copy.site(row).name, facilities: copy.site(row).facilities }))"""


@pytest.fixture(scope="module")
def city(make_atlas, vocabulary, areas) -> Atlas:
    return make_atlas(list(demo.sites(vocabulary, areas)), areas=areas.tree, places=places.load())


def questions(count: int, atlas: Atlas) -> list[tuple[NearestQuestion, datetime]]:
    """Return seeded questions: where, when, what for, on foot or by e-bike; whoever walks for days arrives within the copy's days."""
    rng = random.Random(SEED)
    kinds, eligibility = ([*atlas.vocabulary.terms(name)] for name in ("kind", "eligibility"))
    facilities = ["water", "hot_water", "toilet", "microwave", "charging", "heating"]
    districts = [area.code for area in atlas.areas if area.tier == "district"]
    made = []
    for _ in range(count):
        far = rng.random() < 0.05
        lon, lat = (rng.uniform(112, 121), rng.uniform(36, 44)) if far else (rng.uniform(115.9, 117.0), rng.uniform(39.6, 40.5))
        some = rng.random
        filters = Filters(
            kinds=tuple(sorted(rng.sample(kinds, rng.randint(1, 2)))) if some() < 0.3 else (),
            facilities=tuple(sorted(rng.sample(facilities, rng.randint(1, 2)))) if some() < 0.4 else (),
            eligibility=tuple(sorted(rng.sample(eligibility, 1))) if some() < 0.2 else (),
            state=rng.choice((None, "open", "open-on-arrival", "open-on-arrival", "all-day")), strict=some() < 0.3,
            verified_only=some() < 0.2, areas=tuple(rng.sample(districts, 1)) if some() < 0.15 else ())
        at = DATED + timedelta(seconds=rng.randrange((DAYS - 8) * 86400))
        made.append((NearestQuestion(lon, lat, rng.choice((1, 5, 20, 50)), filters, by=rng.choice(("walk", "ride")),
                                     within_m=rng.choice((None, None, None, 1500.0))), at))
    return made


def as_asked(question: NearestQuestion, at: datetime) -> dict[str, Any]:
    filters = question.filters
    return {"lon": question.lon, "lat": question.lat, "k": question.k, "by": question.by, "minute": minute_of(at), "second": at.second,
            "state": filters.state, "strict": filters.strict, **({"within": question.within_m} if question.within_m else {}),
            "filters": {"kinds": filters.kinds, "facilities": filters.facilities, "eligibility": filters.eligibility,
                        "areas": filters.areas, "verifiedOnly": filters.verified_only}}


def test_a_thousand_questions_are_answered_on_the_phone_as_by_the_server(city, ask):
    asked = questions(1000, city)
    file = copy_of(city).whole().content()

    told = ask(file, NEAREST, [as_asked(*one) for one in asked])

    swapped = compared = 0
    for (question, at), here in zip(asked, told, strict=True):
        there = answers.nearest(question, city, at)
        assert len(here) == len(there.rows)
        for near, site in zip(there.sites, here, strict=True):
            compared += 1
            assert abs(site["metres"] - near.distance_m) <= STEP_M
            if site["id"] != near.id:  # only where two are as near as the copy's step
                swapped += 1
                assert abs(near.distance_m - distance_of(site["id"], question, city)) <= STEP_M
                continue
            opening = near.opening
            assert site["name"] == near.value("name")
            assert site["facilities"] == near.sites.known_facilities(near.row)
            assert (site["state"], site["arrival"], site["mode"]) == (opening.state, near.arrival, opening.mode)
            assert site["reason"] == (list(opening.reason) if opening.reason else None)
            assert (site["changesAt"], site["nextState"]) == (opening.changes_at, opening.next_state)
            assert site["minutes"] == pytest.approx(near.minutes, abs=0.001)
    assert compared > 10_000
    print(f"{compared} sites of 1,000 answers; {swapped} stand the other way round, nearer to each other than {STEP_M} m")  # noqa: T201
    assert swapped < compared / 1000


def test_what_a_filter_leaves_around_a_place_is_counted_on_the_phone_as_by_the_server(city, ask):
    asked = questions(120, city)
    alternatives = [question.filters for question, _ in questions(30, city)]
    rng = random.Random(SEED)
    told = [Told("locked", DATED, DATED.date(), person) for person in ("a", "b")]
    trust = answers.unreported(city, DATED).under({city.sites.value("id", row): told for row in rng.sample(range(len(city.sites)), 3000)})
    file = Offline(city).on(trust).whole().content()
    drawn = [(question, at, rng.sample(alternatives, 5), None if question.filters.areas else rng.choice((800.0, 2000.0, 6000.0)))
             for question, at in asked]

    told = ask(file, "([asked, others, radius], copy) => tallies.tally(copy, asked, others, radius || Infinity, asked.minute, asked.second)",
               [[as_asked(question, at), [{**as_filter(one), "areas": []} for one in some], radius] for question, at, some, radius in drawn])

    for (question, at, some, radius), counts in zip(drawn, told, strict=True):
        assert counts == tallies.tally(question, some, city, at, radius_m=radius, trust=trust), question
    assert sum(map(sum, told)) > 1000


def test_which_filters_empty_a_list_is_found_on_the_phone_as_by_the_server(city, ask):
    rng = random.Random(SEED)
    drawn = []
    for question, at in questions(60, city):
        f = question.filters
        parts = [Part(Filters(facilities=(code,))) for code in f.facilities]
        parts += [Part(Filters(kinds=f.kinds)), Part(Filters(eligibility=f.eligibility))]
        parts += [Part(Filters(state=f.state)), Part(Filters(state=f.state), known=True)] if f.state else []
        parts += [Part(within_m=rng.choice((50.0, 300.0, 1500.0))), Part(Filters(verified_only=f.verified_only)), Part(Filters(areas=f.areas))]
        drawn.append((question, at, parts))
    file = copy_of(city).whole().content()

    told = ask(file, "([asked, parts], copy) => tallies.waysOut(copy, asked, parts, asked.minute, asked.second)", [
        [as_asked(question, at), [{"filters": as_filter(part.filters), "known": part.known, **({"within": part.within_m} if part.within_m else {})}
                                  for part in parts]] for question, at, parts in drawn])

    sizes = set()
    for (question, at, parts), here in zip(drawn, told, strict=True):
        there = tallies.ways_out(question, parts, city, at)
        assert [(tuple(way["parts"]), way["sites"]) for way in here] == [(way.parts, way.sites) for way in there]
        assert [way["metres"] for way in here] == pytest.approx([way.nearest_m for way in there], abs=STEP_M)
        sizes |= {len(way.parts) for way in there}
    assert sizes >= {1, 2}


def as_filter(filters: Filters) -> dict[str, Any]:
    return {"kinds": filters.kinds, "facilities": filters.facilities, "eligibility": filters.eligibility, "areas": filters.areas,
            "verifiedOnly": filters.verified_only, "state": filters.state, "strict": filters.strict}


def test_a_landmark_is_as_far_off_on_the_phone_as_by_the_server_and_distances_from_it_the_same_ranges(city, ask):
    file = copy_of(city).whole().content()
    drawn = [(random.Random(SEED + i).uniform(0, 3000), place.accuracy_m) for i, place in enumerate(city.places)]

    told = ask(file, """([metres, accuracy], copy) => copy.places.some((one) => one[6] === accuracy) && visitors.reach(metres, accuracy)""", drawn)

    there = [vagueness.reach(*one) for one in drawn]
    assert [(here["near"], here["far"], here["ranged"]) for here in told] == [(one.near_m, one.far_m, one.ranged) for one in there]
    assert any(one.ranged for one in there)


def test_distances_ranges_and_minutes_are_said_on_the_phone_as_by_the_server(city, ask):
    rng = random.Random(SEED)
    drawn = [(metres, rng.choice((50.0, 100.0, 200.0, 350.0, 900.0))) for metres in (rng.uniform(0, 10 ** rng.uniform(1, 5.3)) for _ in range(3000))]
    said = {"under": "under 10 m", "m": "{n} m", "km": "{n} km", "between_m": "about {near}–{far} m", "within_m": "within {far} m",
            "between_km": "about {near}–{far} km", "within_km": "within {far} km", "min": "{n} min", "h_min": "{h} h {m} min"}

    told = ask(b"", f"""([metres, accuracy]) => {{ const phrases = new Phrases({json.dumps(said)}, "en");
        const {{ near, far }} = visitors.reach(metres, accuracy);
        return [phrases.distance(metres), phrases.between(near, far), phrases.duration(metres / 60)]; }}""", drawn)

    with create_app({"atlas": city, "clock": lambda: DATED}).test_request_context("/"), i18n.speaking("en"):
        there = [[phrases.distance(metres), phrases.between(*vagueness.reach(metres, off)), phrases.duration(metres / 60)] for metres, off in drawn]
    assert told == there


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_words_that_are_one_landmarks_name_lead_where_the_server_leads(city, ask, language):
    client = create_app({"atlas": city, "clock": lambda: DATED}).test_client()
    named = [place.words.in_language(language) for place in random.Random(SEED).sample(list(city.places), 12)]
    asked = [f"{name}={text}&need=heating&k=50" for text in [*named, "什刹", "第1暖心驿站", "nowhere"] for name in ("q", "place")]

    told = ask(copy_of(city).whole().content(), f"""(asked, copy) => {{
        const {{ asked: from, text }} = finding.started(new URLSearchParams(asked), copy, {{ either: (pair) => pair[{int(language == "en")}] }});
        return [Object.fromEntries([...from].filter(([name]) => !["q", "need", "k"].includes(name))), text]; }}""", asked)

    for one, (pairs, text) in zip(asked, told, strict=True):
        shown = client.get(f"/?{one}&lang={language}").text
        answer = re.search(r'id="answer" data-view="(\w+)"', shown)
        assert answer is not None
        assert (answer[1] == "choices") == bool(text), one
        if not text:
            change = re.search(r'data-lon="([\d.]+)" data-lat="([\d.]+)"(?: data-accuracy="([\d.]+)")?', shown)
            assert change is not None
            assert [float(pairs[name]) if name in pairs else None for name in ("lon", "lat", "accuracy_m")] == [
                float(part) if part else None for part in change.groups()], one
    assert {bool(text) for _, text in told} == {True, False}
    assert any("accuracy_m" in pairs for pairs, _ in told)


def distance_of(site_id: str, question: NearestQuestion, atlas: Atlas) -> float:
    row = atlas.sites.row_of(site_id)
    assert row is not None
    return float(earth.geodesic_m(np.array([question.lon, question.lat]), atlas.sites.lonlat[row:row + 1])[0])


def test_past_its_days_a_copy_knows_no_state(make_atlas, ask):
    file = copy_of(make_atlas([a_site(1)])).whole().content()
    last = DATED.replace(hour=23, minute=59) + timedelta(days=DAYS - 1)

    [first], [second] = ask(file, NEAREST, [as_asked(NearestQuestion(116.4, 39.9), at) for at in (last, last + timedelta(minutes=1))])

    assert (first["state"], first["beyond"], second["state"], second["beyond"]) == (2, False, 0, True)


def test_equal_distances_go_by_the_registrys_order_on_the_phone_too(make_atlas, ask):
    mirrored = [a_site(i, id=f"z{9 - i}", lon=116.4 + (0.01 if i % 2 else -0.01)) for i in range(6)]
    file = copy_of(make_atlas(mirrored)).whole().content()

    [told] = ask(file, NEAREST, [as_asked(NearestQuestion(116.4, 39.9), DATED)])

    assert [site["row"] for site in told] == list(range(6))


def test_the_phones_geodesic_is_within_a_millimetre(ask):
    rng = random.Random(SEED)
    pairs = [[rng.uniform(-180, 180), rng.uniform(-89, 89), rng.uniform(73, 135), rng.uniform(18, 53)] for _ in range(2000)]

    told = ask(b"", "([a, b, c, d]) => earth.geodesic(a, b, c, d)", pairs)

    exact = earth.geodesic_m(np.array([p[:2] for p in pairs]), np.array([p[2:] for p in pairs]))
    settled = exact < 19_900_000  # near the antipode it does not settle
    assert np.abs(np.array(told) - exact)[settled].max() < 0.001
    assert (np.abs(np.array(told) / exact - 1)[~settled] < 0.006).all()


def test_the_phone_shifts_for_the_map_as_the_server_does(ask):
    rng = random.Random(SEED)
    pairs = [[rng.uniform(115.4, 117.5), rng.uniform(39.4, 41.1)] for _ in range(500)]

    told = ask(b"", "([lon, lat]) => datum.toGcj02(lon, lat)", pairs)

    for pair, shifted in zip(pairs, told, strict=True):
        assert shifted == pytest.approx(datum.point_from_wgs84(*pair, "gcj02"), abs=1e-10)

    for pair, shifted in zip(pairs, ask(b"", "([lon, lat]) => datum.toBd09(lon, lat)", pairs), strict=True):
        assert shifted == pytest.approx(datum.point_from_wgs84(*pair, "bd09"), abs=1e-10)


AGENTS = ("", "Mozilla/5.0 (X11; Linux x86_64) Chrome/120", "Mozilla/5.0 (Linux; Android 10; K) Chrome/120 Mobile",
          "Mozilla/5.0 (Phone; OpenHarmony 5.0) ArkWeb/4", "Mozilla/5.0 (iPhone; CPU iPhone OS 14_0 like Mac OS X) Safari/604.1",
          "Mozilla/5.0 (iPad; CPU OS 15_0 like Mac OS X)", "Mozilla/5.0 (Linux; Android 10) Chrome/86 MicroMessenger/8.0.49",
          "Mozilla/5.0 (iPhone; CPU iPhone OS 16_0 like Mac OS X) MicroMessenger/8.0.49")


def test_the_phone_leads_into_map_apps_by_the_servers_links_byte_for_byte(make_atlas, vocabulary, areas, ask):
    rng = random.Random(SEED)
    some = rng.sample(list(demo.sites(vocabulary, areas)), 400)
    odd = ["a&b=c,d;e|f", "100% (东门)!*'~", "<b>\"名\"</b> 驿站", "🚲 热水#1?/\\"]
    records = [replace(site, visibility="public", status="active", **({"name": odd[i]} if i < len(odd) else {}),
                       **({"entrance_lon": site.lon + rng.randint(-9999, 9999) / 1e7, "entrance_lat": site.lat + rng.randint(-9999, 9999) / 1e7}
                          if i % 3 else {"entrance_lon": site.lon} if i % 2 else {}))
               for i, site in enumerate(some)]
    atlas = make_atlas(records, areas=areas.tree)
    file = copy_of(atlas).whole().content()
    asked = [[site.id, agent, by] for site in records for agent in AGENTS for by in ("walk", "ride")]

    told = ask(file, """([id, agent, by], copy) => { const site = copy.site(copy.rowOf(id));
        return handoff.links(site.name, site.lon, site.lat, { entrance: site.entrance, by, agent, region: copy.city(site.district) }); }""", asked)

    by_id = {site.id: site for site in records}
    assert sum(copy_site.entrance_lat is not None for copy_site in records) > 200
    for (site_id, agent, by), ways in zip(asked, told, strict=True):
        site = by_id[site_id]
        city = atlas.areas[atlas.areas.path(site.district_code)[0]].words.zh if site.district_code in atlas.areas else "北京"
        there = handoff.links(site.name, site.lon, site.lat, entrance=(site.entrance_lon, site.entrance_lat), by=by, agent=agent, region=city)
        assert ways == [{name: value for name, value in asdict(way).items() if name != "datum"} for way in there], (site, agent)


def test_a_block_kept_from_before_entrances_travelled_is_read_as_having_none(make_atlas, ask):
    atlas = make_atlas([a_site(1, entry_note="按门铃", entrance_lon=116.41, entrance_lat=39.901)])
    whole = compact.block(atlas.sites, np.arange(1))
    columns, at = [], 20
    while at < len(whole):
        size = 4 + int.from_bytes(whole[at:at + 4], "little")
        columns.append(whole[at:at + size])
        at += size

    def read(*blocks: bytes) -> list[Any]:
        return ask(b"", """(bytes) => { const block = decode.decodeBlock(new Uint8Array(bytes).buffer);
            return [block.names.at(0), block.notes && block.notes.at(0), decode.entranceOf(block, 0)]; }""", [list(block) for block in blocks])

    assert read(whole[:20] + b"".join(columns[:-3]), whole, whole + b"\1\0\0\0?") == [
        ["第1暖心驿站", None, None], ["第1暖心驿站", "按门铃", [116.41, 39.901]], ["第1暖心驿站", "按门铃", [116.41, 39.901]]]


def test_a_file_is_read_by_the_phone_as_by_the_slow_decoder(few, ask):
    file = copy_of(few).whole().content()
    sites = few.sites

    told = ask(file, "(row, copy) => copy.site(row)", list(range(5)))

    for site in told:
        record = sites.site(sites.row_of(site["id"]))
        assert (site["name"], site["address"], site["phone"]) == (record.name, record.address, record.phone)
        assert (site["kind"], site["eligibility"], site["district"]) == (record.kind, record.eligibility, record.district_code)
        assert site["demo"] == record.demo
        assert site["facilities"] == dict(record.facilities)
        assert site["verifiedOn"] == (record.verified_on.isoformat() if record.verified_on else None)


def test_nothing_the_oldest_browsers_lack_is_used_on_the_phone():
    for file in (STATIC / "offline").glob("*.js"):
        text = Path(file).read_text("utf-8")
        for new in ("structuredClone", ".at(-", "findLast", "Object.hasOwn", "randomUUID", "DecompressionStream", "??=", "||=", "&&=", "replaceAll"):
            assert new not in text, (file.name, new)
