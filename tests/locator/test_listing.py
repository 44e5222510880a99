"""The administrators' list holds every site, filtered and in order, as a slow reading of each record says."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from locator.columns import TextColumn
from locator.errors import BadValue
from locator.filters import Filters
from locator.listing import SORTS, Listing, counts, listed, order
from locator.sites import Sites
from tests.conftest import a_site

DAYS = [None, date(2024, 1, 1), date(2025, 6, 1), date(2026, 1, 1)]
some_site = st.fixed_dictionaries({
    "kind": st.sampled_from(["warm_station", "workers_home"]), "status": st.sampled_from(["draft", "active", "closed"]),
    "host": st.sampled_from([None, "bank", "post"]), "visibility": st.sampled_from(["public", "internal"]), "demo": st.booleans(),
    "verified_on": st.sampled_from(DAYS), "opening_hours": st.sampled_from([None, "24/7"]), "lon": st.sampled_from([None, 116.4]),
    "district_code": st.sampled_from([None, "110101", "110105"]), "street_code": st.sampled_from([None, "110101001"]),
    "station_code": st.sampled_from([None, "A1", "B2"]), "name": st.sampled_from(["东站", "安站", "站"]), "version": st.integers(1, 4)})
listings = st.builds(
    Listing, filters=st.builds(Filters, kinds=st.sampled_from([(), ("warm_station",)]), areas=st.sampled_from([(), ("110101",)])),
    statuses=st.sampled_from([(), ("draft", "closed")]), hosts=st.sampled_from([(), ("bank",)]),
    visibility=st.sampled_from([None, "internal"]), verified_before=st.sampled_from(DAYS), without_hours=st.booleans(),
    unlocated=st.booleans(), demo=st.sampled_from([None, True, False]))


def wanted(site, listing):
    f = listing.filters
    return all([
        not f.kinds or site.kind in f.kinds, not f.areas or site.district_code in f.areas or site.street_code in f.areas,
        not listing.statuses or site.status in listing.statuses, not listing.hosts or site.host in listing.hosts,
        listing.visibility in (None, site.visibility), listing.demo in (None, site.demo),
        listing.verified_before is None or site.verified_on is None or site.verified_on < listing.verified_before,
        not listing.without_hours or site.opening_hours is None, not listing.unlocated or site.lon is None])


@given(records=st.lists(some_site, max_size=12), listing=listings)
def test_a_site_is_listed_exactly_when_its_record_is_what_is_wanted(vocabulary, records, listing):
    sites = [a_site(i, **fields, lat=None if fields["lon"] is None else 39.9) for i, fields in enumerate(records)]

    assert listed(listing, Sites.of(sites, vocabulary)).tolist() == [wanted(site, listing) for site in sites]


READING = {"东站": "dong zhan", "安站": "an zhan", "站": ""}
KEYS = {"updated": lambda s: -s.version, "name": lambda s: f"{READING[s.name] or '~'} {s.name}",
        "code": lambda s: (s.station_code is None, s.station_code or ""),
        "kind": lambda s: s.kind, "status": lambda s: s.status,
        "area": lambda s: (s.district_code is None, s.district_code or "", s.street_code is None, s.street_code or ""),
        "verified": lambda s: (s.verified_on is not None, s.verified_on or date.min)}


@given(records=st.lists(some_site, max_size=12), sort=st.sampled_from(SORTS))
def test_the_order_is_that_of_sorting_the_records_one_by_one(vocabulary, records, sort):
    sites = [a_site(i, **fields, lat=None if fields["lon"] is None else 39.9) for i, fields in enumerate(records)]
    readings = TextColumn.of([READING[site.name] for site in sites])

    rows = order(Sites.of(sites, vocabulary), readings, sort).tolist()

    assert rows == sorted(range(len(sites)), key=lambda i: KEYS[sort](sites[i]))


def test_counts_leave_out_what_nobody_has(vocabulary):
    sites = Sites.of([a_site(1), a_site(2, status="draft"), a_site(3, status="closed")], vocabulary)

    assert counts(sites, "status", np.array([True, True, False])) == {"active": 1, "draft": 1}


def test_an_unknown_order_is_refused():
    with pytest.raises(BadValue, match="sort"):
        Listing(sort="colour")
