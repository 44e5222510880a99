"""The offline file: what travels, how large, and that an edit changes one block. Judged by a slow decoder."""

from __future__ import annotations

import json
import struct
import uuid
from datetime import date, timedelta

import brotli
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata import demo, places
from geodata.registry.history import MARK
from locator.answers import public, unreported
from locator.arrays import Rows
from locator.atlas import Atlas
from locator.hours import State, moment_of
from locator.quality import Told
from locator.sites import Sites
from tests import strategies
from tests.conftest import a_site
from tests.web.conftest import WEDNESDAY_TEN
from web import compact, compact_hours, compact_trust, create_app
from web.compact_copy import Copy, Offline
from web.compact_keys import Keys

MOST_BYTES_A_SITE = 40


# --- the slow decoder ---------------------------------------------------------------------------------


def unpack(block: bytes) -> list[dict[str, object]]:
    """Return the sites of a block, byte by byte as `web.compact` says."""
    magic, count, step, lon, lat = struct.unpack_from("<4sIIii", block)
    assert magic == b"NXB1"
    at, columns = struct.calcsize("<4sIIii"), []
    while at < len(block):
        size = int.from_bytes(block[at:at + 4], "little")
        columns.append(block[at + 4:at + 4 + size])
        at += 4 + size
    tables_text, timetables, uuids, ids, names, addresses, phones, lons, lats, *coded, verified, demos, facilities = columns[:-3]
    notes, entrance_lons, entrance_lats = columns[-3:]
    tables = json.loads(tables_text)

    def texts(column: bytes) -> list[str]:
        return [part.decode() for part in column.split(b"\xff")[:-1]]

    def numbers(column: bytes, width: int) -> list[int]:
        return [sum(column[plane * count + i] << 8 * plane for plane in range(width)) for i in range(count)]

    def signed(zigzag: int) -> int:
        return zigzag // 2 if zigzag % 2 == 0 else -(zigzag + 1) // 2

    def entrance(i: int) -> tuple[float, float] | None:
        apart = [signed(numbers(column, 4)[i]) for column in (entrance_lons, entrance_lats)]
        return (walked(lons, lon)[i] + apart[0] / 1e7, walked(lats, lat)[i] + apart[1] / 1e7) if any(apart) else None

    def walked(column: bytes, start: int) -> list[float]:
        found, here = [], start
        for zigzag in numbers(column, 4):
            here = (here + signed(zigzag) + 2**31) % 2**32 - 2**31
            found.append(here * step / 1e7)
        return found

    waiting = [str(uuid.UUID(bytes=uuids[i:i + 16])) for i in range(0, len(uuids), 16)]
    known = [site_id or waiting.pop(0) for site_id in texts(ids)]
    places_of = [numbers(column, 2) for column in coded]
    row_bytes = -(-count // 4)
    return [{
        "id": known[i], "name": texts(names)[i], "address": texts(addresses)[i], "phone": texts(phones)[i],
        "lon": walked(lons, lon)[i], "lat": walked(lats, lat)[i], "entry_note": texts(notes)[i], "entrance": entrance(i),
        **{name: tables[name][places_of[j][i]] for j, name in enumerate(("kind", "eligibility", "district", "street"))},
        "timetable": timetables[places_of[4][i] * 8:places_of[4][i] * 8 + 8],
        "verified_on": date(1999, 12, 31) + timedelta(numbers(verified, 2)[i]) if numbers(verified, 2)[i] else None,
        "demo": bool(demos[i]),
        "facilities": {code: level for j, code in enumerate(tables["facility"])
                       if (level := (None, "no", "limited", "yes")[facilities[j * row_bytes + i // 4] >> 2 * (i % 4) & 3])},
    } for i in range(count)]


def expected(sites: Sites, row: int) -> dict[str, object]:
    """Return what the registry holds of a row, as a copy should say it."""
    record = sites.site(row)
    entrance = (record.entrance_lon, record.entrance_lat)
    told_apart = None not in entrance and any(round(e * 1e7) != round(s * 1e7) for e, s in zip(entrance, (record.lon, record.lat), strict=True))
    return {"id": record.id, "name": record.name, "address": record.address or "", "phone": record.phone or "",
            "lon": pytest.approx(record.lon, abs=6e-8), "lat": pytest.approx(record.lat, abs=6e-8), "kind": record.kind,
            "eligibility": record.eligibility, "district": record.district_code, "street": record.street_code,
            "entry_note": record.entry_note or "", "entrance": pytest.approx(entrance, abs=6e-8) if told_apart else None,
            "timetable": compact.known_as(record.timetable), "verified_on": record.verified_on, "demo": record.demo,
            "facilities": {} if record.basis.get("facilities") == "inferred" else dict(record.facilities)}


def kept(answer_of, path="/api/v1/offline") -> tuple[dict[str, object], list[bytes]]:
    """Return the index of a whole file and its parts, in their order."""
    file = answer_of(path)
    assert file[:4] == b"NXF1"
    size = int.from_bytes(file[4:8], "little")
    index, at, parts = json.loads(file[8:8 + size]), 8 + size, []
    for told in (index["words"], index["places"], index["hours"], index["trust"], *index["blocks"]):
        parts.append(file[at:at + told[1]])
        assert compact.digest(parts[-1]) == told[0]
        at += told[1]
    assert at == len(file)
    return index, parts


# --- what travels -------------------------------------------------------------------------------------


@settings(max_examples=60)
@given(strategies.site_lists(most=8), st.data())
def test_a_block_says_of_every_site_what_the_registry_holds(vocabulary, records, data):
    located = [r for r in records if r.lon is not None and r.lat is not None and not r.id.count("\xff")]
    if located:
        sites = Sites.of(located, vocabulary)

        told = unpack(compact.block(sites, np.arange(len(sites))))

        assert told == [expected(sites, row) for row in range(len(sites))]


def test_ids_that_are_uuids_come_back_as_they_were(vocabulary):
    ids = [str(uuid.uuid5(uuid.NAMESPACE_URL, "1")), "s2", str(uuid.uuid5(uuid.NAMESPACE_URL, "3")).upper(), "x" * 36]
    sites = Sites.of([a_site(i, id=site_id) for i, site_id in enumerate(ids)], vocabulary)

    assert [site["id"] for site in unpack(compact.block(sites, np.arange(4)))] == ids


def test_how_to_get_in_and_where_travel_with_a_site(vocabulary):
    sites = Sites.of([a_site(1, entry_note="按门铃", entrance_lon=116.4101234, entrance_lat=39.8998766), a_site(2, entrance_lon=116.5),
                      a_site(3, entry_note=MARK, address=MARK, phone=MARK)], vocabulary)

    first, second, third = unpack(compact.block(sites, np.arange(3)))

    assert (first["entry_note"], first["entrance"]) == ("按门铃", pytest.approx((116.4101234, 39.8998766), abs=1e-9))
    assert second["entrance"] is None  # half of one is none
    assert (third["entry_note"], third["address"], third["phone"]) == ("", "", "")  # what was taken out of a record is not told as its text


def test_only_public_active_located_sites_travel(few, client):
    index, parts = kept(lambda path: client.get(path).data)
    told = {site["id"] for part in parts[4:] for site in unpack(part)}
    sites = few.sites

    assert told == {"s1", "s2", "s3", "s4", "s5"}
    assert all(public(sites)[sites.row_of(site_id)] and sites.value("status", sites.row_of(site_id)) == "active" for site_id in told)
    assert index["sites"] == 5


def test_nothing_internal_is_in_the_file(client):
    file = client.get("/api/v1/offline").data.decode("latin-1").encode("latin-1")

    for secret in ("张三", "13800000000", "李四", "s6", "s7"):
        assert secret.encode() not in file


def test_the_hours_of_a_copy_are_those_of_the_server_to_the_minute(few: Atlas):
    first, days = date(2026, 9, 28), 12  # over a holiday and its make-up days
    told = json.loads(compact_hours.timelines(few.hours, list(range(len(few.hours))), first, days))
    start = told["first"] * 1440

    for code, timetable in enumerate(few.hours.timetables):
        week, changes_at, next_state = told["timetables"][compact.known_as(timetable).hex()]
        for minute in range(start, start + days * 1440, 30):
            flat = told["kinds"][told["weeks"][week][(minute - start) // 1440]]
            since, state, reason, mode = max(flat[i:i + 4] for i in range(0, len(flat), 4) if flat[i] <= minute % 1440)
            opening = few.hours.opening(code, minute)
            assert (state, told["modes"][mode]) == (opening.state, opening.mode), (timetable, moment_of(minute), since)
            assert told["reasons"][reason] == (list(opening.reason) if opening.reason else None)
        last = few.hours.opening(code, start + days * 1440 - 1)
        assert (changes_at, next_state) == (last.changes_at, last.next_state)
    assert {state for kind in told["kinds"] for state in kind[1::4]} == set(State)


def test_inferred_hours_travel_as_they_would_be_had_somebody_stated_them(make_atlas):
    hours = make_atlas([a_site(1, opening_hours="Mo-Fr 09:00-12:00,13:00-02:00", basis={"hours": "inferred"}), a_site(2)]).hours
    told = json.loads(compact_hours.timelines(hours, [0, 1], date(2026, 9, 28), 12))
    [code] = [code for code, timetable in enumerate(hours.timetables) if timetable.inferred]

    assert [*told["probable"]] == [compact.known_as(hours.timetables[code]).hex()]
    week = told["weeks"][told["probable"][compact.known_as(hours.timetables[code]).hex()]]
    for kind, spans in zip(week, hours.week(code, date(2026, 9, 28), 12, probable=True), strict=True):
        flat = told["kinds"][kind]
        ends = [*flat[4::4], 1440]
        drawn = [(flat[i], ends[i // 4], flat[i + 1]) for i in range(0, len(flat), 4) if flat[i + 1] != State.CLOSED]
        assert flat[0] == 0
        assert drawn == [(span.start, span.end, span.state) for span in spans]
    assert State.OPEN in {state for kind in week for state in told["kinds"][kind][1::4]}


# --- blocks -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def town(make_atlas):
    """Seven thousand sites: enough for several blocks."""
    return [a_site(i, id=f"t{i:05d}", lon=116.2 + i % 89 / 200, lat=39.8 + i % 97 / 300) for i in range(7000)]


def blocks_of(atlas: Atlas) -> dict[str, int]:
    return {digest: count for digest, _, count in json.loads(Offline(atlas).on(unreported(atlas, WEDNESDAY_TEN)).index)["blocks"]}


def test_an_edit_changes_one_block(make_atlas, town):
    before = blocks_of(make_atlas(town))
    edited = [*town[:3000], a_site(3000, id="t03000", name="改了名"), *town[3001:]]

    after = blocks_of(make_atlas(edited))

    assert len(before) >= 5
    assert len(before.keys() - after.keys()) == len(after.keys() - before.keys()) == 1


def test_after_an_edit_only_the_block_that_changed_is_encoded_again(make_atlas, town, monkeypatch):
    before = Offline(make_atlas(town))
    encoded = []
    block = compact.block
    monkeypatch.setattr(compact, "block", lambda sites, rows: encoded.append(len(rows)) or block(sites, rows))
    # another table: a first site of other codes, so that every code after it is another number
    edited = make_atlas([*town[:3000], a_site(3000, id="t03000", name="改了名", opening_hours="Tu off"), *town[3001:]])

    again = Offline(edited, before.made)

    assert len(encoded) == 1
    assert [digest for digest, *_ in json.loads(again.on(unreported(edited, WEDNESDAY_TEN)).index)["blocks"]] == [*blocks_of(edited)]


@pytest.mark.parametrize("changed", [
    {"name": "别的"}, {"address": "别处"}, {"phone": "010-9"}, {"entry_note": "按铃"}, {"lon": 116.51}, {"lat": 39.91}, {"kind": "water_point"},
    {"eligibility": "members"}, {"district_code": "110105"}, {"street_code": "110105001"}, {"opening_hours": "Tu off"},
    {"verified_on": date(2026, 1, 2)}, {"demo": True}, {"facilities": {"water": "limited"}}, {"facilities": {"toilet": "yes"}},
    {"facilities": {"water": "yes"}, "basis": {"facilities": "inferred"}}, {"basis": {"hours": "inferred"}},
    {"entrance_lon": 116.4002, "entrance_lat": 39.9002}, {"id": "other"}, {"season_from": "11-01", "season_to": "03-31"}])
def test_whatever_changes_a_block_changes_its_key(make_atlas, changed):
    rest = [a_site(i) for i in range(2, 5)]
    plain, other = (make_atlas([a_site(1, **{"facilities": {"water": "yes"}, **more}), *rest]).sites for more in ({}, changed))
    rows: Rows = np.arange(4)

    assert compact.block(plain, rows) != compact.block(other, rows)
    assert Keys(plain).of(rows) != Keys(other).of(rows)
    assert Keys(plain).of(rows[1:]) == Keys(other).of(rows[1:])


def test_a_site_added_or_removed_changes_the_blocks_round_it_alone(make_atlas, town):
    before = blocks_of(make_atlas(town))

    for changed in ([*town[:1500], *town[1501:]], [*town, a_site(1, id="new")]):
        after = blocks_of(make_atlas(changed))
        assert 1 <= len(after.keys() - before.keys()) <= 2


def test_blocks_are_of_bounded_size_and_in_the_registrys_order(make_atlas, town):
    sites = make_atlas(town).sites
    cut = list(compact.cut(sites, compact.told(sites)))

    assert all(512 <= len(rows) <= 2048 for rows in cut[:-1])
    np.testing.assert_array_equal(np.concatenate(cut), np.arange(7000))


def test_a_block_does_not_depend_on_the_rest_of_the_registry(make_atlas, town):
    whole, part = make_atlas([a_site(9, id="z", opening_hours="Tu off", kind="water_point"), *town[:300]]), make_atlas(town[:300])
    rows: Rows = np.arange(300)

    assert compact.block(whole.sites, rows + 1) == compact.block(part.sites, rows)


# --- size ---------------------------------------------------------------------------------------------


def test_the_demonstration_registry_takes_at_most_forty_bytes_a_site(make_atlas, vocabulary, areas):
    atlas = make_atlas(list(demo.sites(vocabulary, areas)), areas=areas.tree, places=places.load())
    copy: Copy = Offline(atlas).on(unreported(atlas, WEDNESDAY_TEN))
    index = json.loads(copy.index)
    parts = [copy.part(digest) for digest, *_ in (index["words"], index["places"], index["hours"], index["trust"], *index["blocks"])]

    in_parts = (len(copy.index) + sum(len(part.packed) for part in parts)) / index["sites"]
    whole = len(copy.whole().packed) / index["sites"]

    print(f"{index['sites']} sites: {whole:.1f} bytes a site in one file, {in_parts:.1f} in {len(parts)} parts")  # noqa: T201
    assert index["sites"] > 13_000
    assert whole < in_parts <= MOST_BYTES_A_SITE


# --- over HTTP ----------------------------------------------------------------------------------------


def test_parts_are_kept_for_ever_and_the_index_is_asked_for_again(client):
    index = client.get("/api/v1/offline/index")
    digest = index.get_json()["blocks"][0][0]
    part = client.get(f"/api/v1/offline/blocks/{digest}")

    assert index.headers["Cache-Control"] == "public, no-cache"
    assert client.get("/api/v1/offline/index", headers={"If-None-Match": index.headers["ETag"]}).status_code == 304
    assert part.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert compact.digest(part.data) == digest


@pytest.mark.parametrize("path", ["/api/v1/offline", "/api/v1/offline/index"])
def test_an_asker_gets_the_compression_that_they_take(client, path):
    plain = client.get(path)
    packed = client.get(path, headers={"Accept-Encoding": "gzip, br"})

    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "br"
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert brotli.decompress(packed.data) == plain.data
    assert client.get(path, headers={"Accept-Encoding": "gzip"}).headers["Content-Encoding"] == "gzip"


def test_a_part_that_is_no_longer_there_is_said_to_be_gone(client):
    answer = client.get("/api/v1/offline/blocks/" + "0" * 32)

    assert answer.status_code == 404
    assert answer.get_json()["errors"][0]["field"] == "digest"


def test_the_confidence_in_every_site_travels_and_falls_with_a_report(make_atlas, vocabulary, areas):
    atlas = make_atlas(list(demo.sites(vocabulary, areas))[:4000])
    rows = compact.told(atlas.sites)
    told = [Told("locked", WEDNESDAY_TEN, WEDNESDAY_TEN.date(), person) for person in ("a", "b")]
    trust = unreported(atlas, WEDNESDAY_TEN).under({"demo-000007": told, "nobody": told})

    part = json.loads(compact_trust.confidence(trust, atlas.sites, rows))

    assert [part["levels"][int(level)][0] for level in part["of"]] == [trust.of(row).level.code for row in rows.tolist()]
    assert len(set(part["of"])) >= 3
    row = atlas.sites.row_of("demo-000007")
    assert part["no_way_in"] == [rows.tolist().index(atlas.sites.row_of("demo-000007"))]
    for place, one in enumerate(rows.tolist()):
        why = part["whys"][part["because"][place]]
        assert why == [list(words) for words in compact_trust.why_low(trust.of(one))]
        assert len(why) <= 3
    assert part["reported"] == {str(rows.tolist().index(row)): [list(shown.words) for shown in trust.of(row).reported]}
    assert part["levels"][int(part["of"][rows.tolist().index(row)])][0] == "doubtful"


def test_at_midnight_only_the_hours_are_new(few):
    clock = [WEDNESDAY_TEN]
    client = create_app({"atlas": few, "clock": lambda: clock[0]}).test_client()
    before = client.get("/api/v1/offline/index").get_json()
    clock[0] += timedelta(hours=14)

    after = client.get("/api/v1/offline/index").get_json()

    assert {name for name in before if before[name] != after[name]} - {"weight"} == {"day", "hours"}
