# ruff: noqa: S608 - only our own names of columns are put into SQL
"""Is the registry sound? Findings for `nuanxin check`, never exceptions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import zip_longest
from typing import Any, NamedTuple

from geodata.registry import history, rows
from geodata.registry.history import Revision
from geodata.registry.view import View
from locator.areas import AreaTree
from locator.sites import LIMITED, NO, YES, Site
from locator.vocabulary import Vocabulary
from locator.words import Words

_SECTIONS = {"kind": "kind", "subtype": "subtype", "host": "host", "eligibility": "eligibility", "gender": "gender",
             "fee": "fee", "visibility": "visibility", "workday_rule": "workday_rule", "status": "status",
             "source_datum": "datum", "verified_how": "verified_how"}
_ACTIONS = {history.CREATED: (False, True), history.CHANGED: (True, True), history.REMOVED: (True, False),
            history.REINSTATED: (False, True), history.REDACTED: (True, True)}


class Finding(NamedTuple):
    """One thing that is wrong."""

    site_id: str
    """Empty if it is not about one site."""
    field: str
    value: object
    words: Words

    @property
    def zh(self) -> str:
        """The whole sentence in Chinese."""
        return f"{self._where()}：{self.words.zh}"

    @property
    def en(self) -> str:
        """The whole sentence in English."""
        return f"{self._where()}: {self.words.en}"

    def _where(self) -> str:
        return f"{self.site_id} {self.field} {self.value!r}".strip()


def findings(view: View, vocabulary: Vocabulary, areas: AreaTree | None) -> Iterator[Finding]:
    """Return what is wrong with the registry; without `areas` their codes are not judged."""
    for said in view.damage():
        yield Finding("", "database", said, Words("数据库文件已损坏", "the database file is damaged"))
    yield from _versions(view)
    yield from _histories(view)
    for row in view.raw(f"SELECT {', '.join(rows.COLUMNS)} FROM sites ORDER BY seq"):
        try:
            site, reading = rows.site_of(row), row[-1]
        except (ValueError, TypeError) as error:
            yield Finding(row[0], "site", str(error), Words("记录读不出来", "the record cannot be read"))
            continue
        yield from _place_of(site, areas)
        yield from _codes_of(site, vocabulary)
        if site.name.strip() and any(map(str.isalnum, site.name)) and not reading:
            yield Finding(site.id, "reading", site.name, Words("名称没有读音", "the name has no reading"))


def _versions(view: View) -> Iterator[Finding]:
    last_at = ""
    for expected, (version, at) in enumerate(view.raw("SELECT version, at FROM commits ORDER BY version"), 1):
        if version != expected:
            yield Finding("", "version", version, Words(f"版本号不连续：应为 {expected}", f"versions have a hole: {expected} is missing"))
            break
        if at < last_at:
            yield Finding("", "at", at, Words("改动时间倒退", "commits go back in time"))
        last_at = at
    for (site_id,) in view.raw("SELECT r.site_id FROM revisions r LEFT JOIN sites s ON s.id = r.site_id WHERE s.id IS NULL"):
        yield Finding(site_id, "id", site_id, Words("有历史而没有站点", "has a history but no site"))
    for site_id, version in view.raw("SELECT r.site_id, r.version FROM revisions r "
                                     "LEFT JOIN commits c ON c.version = r.version WHERE c.version IS NULL"):
        yield Finding(site_id, "version", version, Words("改动没有提交记录", "the revision has no commit"))
    for site_id, parent in view.raw("SELECT s.id, s.parent_id FROM sites s LEFT JOIN sites p ON p.id = s.parent_id "
                                    "WHERE s.parent_id IS NOT NULL AND p.id IS NULL ORDER BY s.seq"):
        yield Finding(site_id, "parent_id", parent, Words("没有这个上级站点", "there is no such parent site"))


def _histories(view: View) -> Iterator[Finding]:
    held = view.raw(f"SELECT id, removed, version, {', '.join(rows.CONTENT)} FROM sites ORDER BY id")
    # both in the order of ids, whatever the database's collation makes of it
    try:
        yield from _matched(held, view.histories())
    except ValueError as error:
        yield Finding("", "history", str(error), Words("历史里有读不出来的内容", "the history holds what cannot be read"))


def _matched(held: Iterator[tuple[Any, ...]], told: Iterator[tuple[str, list[Revision]]]) -> Iterator[Finding]:
    for site, found in zip_longest(held, told):
        if site is None or found is None or site[0] != found[0]:
            lonely = site[0] if site is not None else found[0] if found is not None else ""
            yield Finding(lonely, "history", None, Words("站点与历史对不上", "sites and histories do not match"))
            return
        yield from _of_history(site[0], found[1], removed=bool(site[1]), version=site[2], row=tuple(site[3:]))


def _of_history(site_id: str, revisions: list[Revision], *, removed: bool, version: int, row: rows.Row) -> Iterator[Finding]:
    record: Mapping[str, Any] | None = None
    for revision in revisions:
        sides = (revision.before is not None, revision.after is not None)
        if _ACTIONS.get(revision.action) != sides or not history.fits(record, revision.before):
            yield Finding(site_id, "history", revision.version,
                          Words("改动前的内容与上一次改动后的不符", "what was before differs from what the last change left"))
        record = history.laid_over(record, revision.before, revision.after)
    if revisions[-1].version != version:
        yield Finding(site_id, "version", version, Words(
            f"最后一次改动是第 {revisions[-1].version} 版", f"its last revision is version {revisions[-1].version}"))
    if removed != (record is None) or (record is not None and rows.row_said(record) != row):
        yield Finding(site_id, "history", version,
                      Words("站点内容与历史累计的不符", "the site differs from what its history adds up to"))


def _place_of(site: Site, areas: AreaTree | None) -> Iterator[Finding]:
    for lon, lat in (("lon", "lat"), ("entrance_lon", "entrance_lat")):
        pair = (getattr(site, lon), getattr(site, lat))
        if (pair[0] is None) != (pair[1] is None):
            yield Finding(site.id, lon, pair, Words("经纬度只有一半", "only half of a coordinate pair"))
        if any(value is not None and not -most <= value <= most for value, most in zip(pair, (180, 90), strict=True)):
            yield Finding(site.id, lon, pair, Words("坐标超出范围", "coordinates out of range"))
    if site.lon is None and site.status == "active":
        yield Finding(site.id, "lon", None, Words("启用的站点没有坐标", "an active site has no coordinates"))
    for name in ("district_code", "street_code"):
        code = getattr(site, name)
        if areas is not None and code is not None and code not in areas:
            yield Finding(site.id, name, code, Words("没有这个区域代码", "no area has this code"))


def _codes_of(site: Site, vocabulary: Vocabulary) -> Iterator[Finding]:
    said = [(name, section, getattr(site, name)) for name, section in _SECTIONS.items()]
    said += [("facilities", "facility", code) for code in site.facilities]
    said += [("basis", "basis", code) for code in site.basis.values()]
    said += [("slots", "mode", slot.mode) for slot in site.slots]
    for name, section, code in said:
        if code is not None and code not in vocabulary.terms(section):
            yield Finding(site.id, name, code, Words("词表里没有这个代码", "the vocabulary has no such code"))
    for code, answer in site.facilities.items():
        if answer not in (YES, NO, LIMITED):
            yield Finding(site.id, f"facilities.{code}", answer, Words("应为 yes、no 或 limited", "must be yes, no or limited"))
