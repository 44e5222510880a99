"""One version of everything: where the list of an area begins."""

from __future__ import annotations

import pytest

from locator.areas import Area, AreaTree
from locator.words import Words
from tests.conftest import a_site

STREET = "110118002"
AREAS = AreaTree([Area("110000", Words("北京市", "Beijing"), None, "city"),
                  Area("110118", Words("密云区", "Miyun"), "110000", "district", (116.84, 40.38)),
                  Area(STREET, Words("果园街道", "Guoyuan"), "110118", "street")])
PUBLIC = [a_site(n, lon=116.80 + n / 100, lat=40.30 + n / 100, street_code=STREET) for n in (1, 2, 3)]


@pytest.fixture
def middle(make_atlas):
    return lambda sites, code=STREET: make_atlas(sites, areas=AREAS).middle(code)


def test_the_list_of_an_area_begins_at_its_centre_and_without_one_in_the_middle_of_its_sites(middle):
    assert middle(PUBLIC, "110118") == (116.84, 40.38)
    assert middle(PUBLIC) == pytest.approx((116.82, 40.32))


@pytest.mark.parametrize("fields", [{"visibility": "internal"}, {"status": "draft"}, {"status": "closed"}, {"lon": None, "lat": None}])
def test_no_site_that_is_not_shown_can_be_read_off_the_middle_of_an_area(middle, fields):
    hidden = a_site(9, **{"lon": 117.0, "lat": 40.6, "street_code": STREET, **fields})

    assert middle([*PUBLIC, hidden]) == middle(PUBLIC)
    assert middle([hidden]) is None


def test_an_area_without_sites_and_without_a_centre_has_no_middle(middle):
    assert middle([]) is None
