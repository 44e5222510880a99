"""Who may do what, where."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.areas import Areas
from locator.areas import Area, AreaTree
from locator.errors import BadValue, NotThere
from locator.permissions import ROLES, SCOPES, Grant, Permission, areas_of, check_post
from locator.words import Words

BEIJING, DONGCHENG, CHAOYANG, DONGHUAMEN = "110000", "110101", "110105", "110101001"
TREE = Areas.load().tree
EVERY_AREA = st.sampled_from([None, "999999", *(area.code for area in TREE)])


def test_each_role_may_do_this_and_nothing_else():
    may = {code: {p.value for p in role.permissions} for code, role in ROLES.items()}

    assert may == {
        "city": {"read_internal", "read_history", "plan", "edit_sites", "import", "accept_sites", "file_reports", "manage_accounts"},
        "district": {"read_internal", "read_history", "plan", "edit_sites", "import", "accept_sites", "file_reports", "manage_accounts"},
        "street": {"read_internal", "read_history", "edit_sites", "import", "file_reports"},
        "planner": {"read_internal", "read_history", "plan"},
        "hotline": {"file_reports"},
        "auditor": {"read_history", "read_audit"},
    }


@given(holder=st.sampled_from([area.code for area in TREE]), area=EVERY_AREA)
def test_a_grant_reaches_the_areas_at_and_below_its_own_and_a_root_also_what_lies_in_none(holder, area):
    def lies_under(code):  # the slow way: up from the area, one step at a time
        while code in TREE:
            if code == holder:
                return True
            code = TREE[code].parent
        return False

    expected = lies_under(area) if area in TREE else TREE[holder].parent is None

    assert Grant("street", holder).reaches(area, TREE) is expected


@given(role=st.sampled_from(list(ROLES)), scope=st.sampled_from(list(SCOPES)), permission=st.sampled_from(list(Permission)),
       within=st.sampled_from([None, DONGCHENG, CHAOYANG, DONGHUAMEN]), area=EVERY_AREA)
def test_a_token_never_may_what_its_owner_may_not(role, scope, permission, within, area):
    owner, token = Grant(role, DONGCHENG), Grant(role, DONGCHENG, scope, within)

    if token.may(permission, area, TREE):
        assert owner.may(permission, area, TREE)
        assert permission in SCOPES[scope]
    assert not token.allows(Permission.MANAGE_ACCOUNTS)


def test_an_account_whose_area_is_gone_reaches_nothing():
    assert not Grant("city", "gone").reaches(None, TREE)
    assert not Grant("city", "gone").reaches("gone", TREE)


def test_a_change_needs_the_area_it_leaves_and_the_area_it_goes_to():
    grant = Grant("district", DONGCHENG)

    assert grant.may_all(Permission.EDIT_SITES, [DONGCHENG, DONGHUAMEN], TREE)
    assert not grant.may_all(Permission.EDIT_SITES, [DONGCHENG, CHAOYANG], TREE)
    assert not grant.may_all(Permission.READ_AUDIT, [DONGCHENG], TREE)


@pytest.mark.parametrize(("district", "street", "lies_in", "belongs"), [
    (DONGCHENG, DONGHUAMEN, CHAOYANG, (DONGHUAMEN,)), (None, DONGHUAMEN, None, (DONGHUAMEN,)),
    (CHAOYANG, DONGHUAMEN, None, (DONGHUAMEN, CHAOYANG)), (CHAOYANG, None, DONGCHENG, (CHAOYANG,)),
    (None, None, DONGCHENG, (DONGCHENG,)), ("999999", "888888", DONGCHENG, (DONGCHENG,)), (None, None, None, (None,)),
    (None, None, "999999", (None,))])
def test_a_site_belongs_to_its_street_else_its_district_else_where_it_lies(district, street, lies_in, belongs):
    assert areas_of(TREE, district=district, street=street, lies_in=lies_in) == belongs


def test_everything_is_the_reach_of_the_only_root_and_of_nobody_else():
    two_roots = AreaTree([Area("a", Words("甲", "A"), None, "city"), Area("b", Words("乙", "B"), None, "city")])

    assert Grant("planner", BEIJING).codes(TREE) is None
    assert Grant("planner", DONGCHENG).codes(TREE) == TREE.subtree(DONGCHENG)
    assert Grant("planner", "a").codes(two_roots) == {"a"}


@pytest.mark.parametrize(("grant", "may"), [
    (Grant("city", BEIJING), {("city", DONGCHENG), ("district", DONGCHENG), ("street", DONGHUAMEN), ("auditor", BEIJING), ("planner", BEIJING)}),
    (Grant("district", DONGCHENG), {("district", DONGHUAMEN), ("street", DONGHUAMEN), ("planner", DONGCHENG), ("hotline", DONGCHENG)}),
    (Grant("street", DONGHUAMEN), set()), (Grant("auditor", BEIJING), set()), (Grant("planner", BEIJING), set())])
def test_an_administrator_manages_the_accounts_below_never_their_equals(grant, may):
    asked = {("city", BEIJING), ("city", DONGCHENG), ("district", DONGCHENG), ("district", CHAOYANG), ("district", DONGHUAMEN),
             ("street", DONGHUAMEN), ("auditor", BEIJING), ("planner", BEIJING), ("planner", DONGCHENG), ("hotline", DONGCHENG)}

    allowed = {(role, area) for role, area in asked if grant.may_manage(role, area, TREE)}

    assert may <= allowed
    assert (grant.role, grant.area) not in allowed
    if grant.role == "district":
        assert allowed == may


def test_a_post_is_refused_where_it_cannot_be():
    check_post("city", BEIJING, TREE)
    check_post("street", DONGHUAMEN, TREE)
    with pytest.raises(BadValue):
        check_post("emperor", BEIJING, TREE)
    with pytest.raises(BadValue):
        check_post("district", BEIJING, TREE)
    with pytest.raises(NotThere):
        check_post("city", "999999", TREE)
