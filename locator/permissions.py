"""Who may do what, where: roles attached to nodes of the area tree.

A grant is a role at an area; it reaches the whole tree under that area and nothing else. Tiers go by
depth, not by name: the names are the area table's. Whoever reaches a root also reaches what lies in
no known area. A token narrows its owner's grant, and never widens it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from locator.areas import AreaTree
from locator.errors import BadValue, NotThere
from locator.words import Words


class Permission(StrEnum):
    """One thing that not everybody may do."""

    READ_INTERNAL = "read_internal"
    """See internal sites, drafts and internal fields of the area."""
    PLAN = "plan"
    """Use the planner's pages."""
    EDIT_SITES = "edit_sites"
    """Register, change, suspend, close and reinstate sites."""
    ACCEPT_SITES = "accept_sites"
    """Make a submitted site active."""
    IMPORT = "import"
    """Change many sites from a file, and undo that."""
    FILE_REPORTS = "file_reports"
    """File a report in a worker's name."""
    MANAGE_ACCOUNTS = "manage_accounts"
    READ_HISTORY = "read_history"
    """Read who changed what, and why."""
    READ_AUDIT = "read_audit"


_P = Permission

PERMITTED: Mapping[Permission, Words] = {
    _P.READ_INTERNAL: Words("查看内部站点", "see internal sites"),
    _P.PLAN: Words("使用规划页面", "use the planner's pages"),
    _P.EDIT_SITES: Words("登记和修改站点、处理反馈", "register or change sites, or decide on reports"),
    _P.ACCEPT_SITES: Words("验收站点", "accept sites"),
    _P.IMPORT: Words("用表格批量导入", "import sites from a file"),
    _P.FILE_REPORTS: Words("替来电人查询和反馈", "answer callers and report for them"),
    _P.MANAGE_ACCOUNTS: Words("管理账号", "manage accounts"),
    _P.READ_HISTORY: Words("查看修改记录", "read who changed what"),
    _P.READ_AUDIT: Words("查看审计日志", "read the audit log"),
}
"""What each permission lets somebody do, to end the sentence "this account may not ..."."""


@dataclass(frozen=True, slots=True)
class Role:
    """What the accounts of one sort may do in their area."""

    code: str
    words: Words
    permissions: frozenset[Permission]
    appoints: tuple[str, ...] = ()
    """Roles whose accounts it manages; accounts of its own role only strictly below its area."""
    least_depth: int = 0
    """How far below a root its area must lie at least: 0 is the root itself."""


_EDITS = frozenset({_P.READ_INTERNAL, _P.READ_HISTORY, _P.EDIT_SITES, _P.IMPORT})
_ADMINISTERS = _EDITS | {_P.PLAN, _P.ACCEPT_SITES, _P.FILE_REPORTS, _P.MANAGE_ACCOUNTS}

ROLES: Mapping[str, Role] = {role.code: role for role in (
    Role("city", Words("市级管理员", "city administrator"), _ADMINISTERS,
         appoints=("city", "district", "street", "planner", "hotline", "auditor")),
    Role("district", Words("区级管理员", "district administrator"), _ADMINISTERS,
         appoints=("district", "street", "planner", "hotline"), least_depth=1),
    Role("street", Words("街道经办人", "street clerk"), _EDITS | {_P.FILE_REPORTS}, least_depth=1),
    Role("planner", Words("规划人员", "planner"), frozenset({_P.READ_INTERNAL, _P.READ_HISTORY, _P.PLAN})),
    Role("hotline", Words("热线坐席", "hotline operator"), frozenset({_P.FILE_REPORTS})),
    Role("auditor", Words("审计员", "auditor"), frozenset({_P.READ_HISTORY, _P.READ_AUDIT})),
)}

SCOPES: Mapping[str, frozenset[Permission]] = {
    "read": frozenset({_P.READ_INTERNAL, _P.PLAN, _P.READ_HISTORY, _P.READ_AUDIT}),
    "write": frozenset({_P.READ_INTERNAL, _P.PLAN, _P.READ_HISTORY, _P.EDIT_SITES, _P.ACCEPT_SITES, _P.FILE_REPORTS}),
    "import": frozenset({_P.READ_INTERNAL, _P.READ_HISTORY, _P.IMPORT}),
}
"""What a token of each scope may at most be used for; accounts are managed by people alone."""


@dataclass(frozen=True, slots=True)
class Grant:
    """A role at an area, perhaps narrowed by a token."""

    role: str
    area: str
    scope: str | None = None
    """A token's scope; None for a person."""
    within: str | None = None
    """A token's own area, inside `area`; None: all of it."""

    def allows(self, permission: Permission) -> bool:
        """Return whether the role may do this at all, wherever it may be."""
        return permission in ROLES[self.role].permissions and (self.scope is None or permission in SCOPES[self.scope])

    def reaches(self, area: str | None, tree: AreaTree) -> bool:
        """Return whether an area lies in this grant's; None, or a code that is not in the tree, is no known area."""
        holders = (self.area,) if self.within is None else (self.area, self.within)
        if any(holder not in tree for holder in holders):
            return False
        if area is None or area not in tree:
            return all(len(tree.path(holder)) == 1 for holder in holders)
        return set(holders) <= set(tree.path(area))

    def may(self, permission: Permission, area: str | None, tree: AreaTree) -> bool:
        """Return whether this may be done in an area."""
        return self.allows(permission) and self.reaches(area, tree)

    def may_all(self, permission: Permission, areas: Iterable[str | None], tree: AreaTree) -> bool:
        """Return whether this may be done in every one of some areas: those a change leaves, and those it goes to."""
        return self.allows(permission) and all(self.reaches(area, tree) for area in areas)

    def codes(self, tree: AreaTree) -> frozenset[str] | None:
        """Return every area within reach; None where that is everything, sites of no known area too."""
        return None if self.reaches(None, tree) and len(tree.children(None)) == 1 else frozenset(
            area.code for area in tree if self.reaches(area.code, tree))

    def may_manage(self, role: str, area: str, tree: AreaTree) -> bool:
        """Return whether accounts of a role at an area may be made, stopped and handed over."""
        return (self.may(Permission.MANAGE_ACCOUNTS, area, tree) and area in tree and role in ROLES[self.role].appoints
                and (role != self.role or area != self.area))


def check_post(role: str, area: str, tree: AreaTree) -> None:
    """Refuse a role that there is not, or at an area where it cannot be.

    Raises:
        BadValue: If there is no such role, or its area must lie deeper.
        NotThere: If no area has this code.
    """
    if role not in ROLES:
        raise BadValue("role", role, zh=f"应为 {'、'.join(ROLES)} 之一", en=f"must be one of {', '.join(ROLES)}")
    if area not in tree:
        raise NotThere("area", area, zh="没有这个区域代码", en="no area has this code")
    if len(tree.path(area)) - 1 < ROLES[role].least_depth:
        raise BadValue("area", area, zh=f"{ROLES[role].words.zh}的区域应在它之下一级或更低",
                       en=f"the area of a {ROLES[role].words.en} must lie below this one")


def areas_of(tree: AreaTree, *, district: str | None, street: str | None, lies_in: str | None = None) -> tuple[str | None, ...]:
    """Return the areas that a site belongs to: whoever changes it must reach all of them.

    ======== ============================ ===========================
    street   district                     belongs to
    ======== ============================ ===========================
    known    absent, or above the street  the street
    known    another                      both: the record contradicts itself
    unknown  known                        the district
    unknown  unknown                      where it lies, else no known area
    ======== ============================ ===========================
    """
    street = street if street in tree else None  # type: ignore[operator]
    district = district if district in tree else None  # type: ignore[operator]
    if street is not None:
        return (street,) if district is None or district in tree.path(street) else (street, district)
    return (district if district is not None else lies_in if lies_in in tree else None,)  # type: ignore[operator]
