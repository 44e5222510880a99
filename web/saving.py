"""One change of one site, by a page or by a program: read, allowed, not somebody else's, committed."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from flask import current_app

from geodata import areas, site_actions
from geodata.areas import Areas
from geodata.editing import Edit, Editor
from geodata.said import Said
from locator.errors import BadValue, Conflict, NotThere, Refusal
from locator.permissions import Permission
from locator.sites import Site
from web import auth, current
from web.errors import Refused

LONGEST_REASON = 500


class Saved(NamedTuple):
    """What was written."""

    site: Site
    """As it is now, with its version."""
    warnings: list[Refusal]


def editor() -> Editor:
    """Return what reads one site under this atlas's vocabulary and this installation's areas."""
    return current.held().derived("editor", lambda atlas: Editor(atlas.vocabulary, outlined()))


def outlined() -> Areas:
    """Return this installation's areas with their outlines, read once as long as their table stays as it is."""
    home = current_app.extensions["settings"].home
    table = areas.folder_of(home) / areas.TABLE
    return _areas(home, table.stat().st_mtime_ns if table.exists() else 0)


@lru_cache(maxsize=4)
def _areas(home: Path, _written: int) -> Areas:
    return Areas.load(home)


def known(site_id: str, permission: Permission = Permission.EDIT_SITES) -> Site:
    """Return a site as the registry has it now, if whoever asks may do this with it.

    Raises:
        NotThere: If there is no such site, or it was removed.
        SignInNeeded, Forbidden: As `auth.check`.
    """
    site = current.registry().site(site_id)
    if site is None:
        raise NotThere("id", site_id, zh="没有这个站点", en="there is no such site")
    auth.check(permission, auth.areas_of_site(site))
    return site


def edit(said: Said, before: Site | None) -> Edit:
    """Return what is said of a site as a record; only those who accept sites in its area can make it active."""
    found = editor().edit(said, existing=before, may_accept=True)
    site = found.site
    if site is None or site.status != "active" or (before is not None and before.status == "active") or may(Permission.ACCEPT_SITES, site):
        return found
    return editor().edit(said, existing=before)


def may(permission: Permission, site: Site) -> bool:
    """Return whether whoever asks may do this with a site."""
    return all(auth.may(permission, area) for area in auth.areas_of_site(site))


def save(found: Edit, before: Site | None, *, why: str) -> Saved:
    """Commit a record that has no errors.

    Raises:
        Refused: If it has errors, or there is no reason.
        SignInNeeded, Forbidden: As `auth.check_site_write`.
        Conflict: If the site is not `before` any more, or another site has its station code or source number.
    """
    why = why.strip()
    errors = [*found.errors, *reason_refused(why)]
    if found.site is None or errors:
        raise Refused(errors)
    person = auth.check_site_write(before, found.site)
    check_keys(found.site, new=before is None)
    return Saved(_committed(found.site, before, person.name, why), found.warnings)


def act(site_id: str, action: str, *, why: str, version: int | None = None, **more: object) -> Saved:
    """Suspend, close, reinstate or verify a site; `more` as `site_actions.acted` takes it.

    Raises:
        NotThere: If there is no such site.
        Refused, BadValue: If there is no reason, or its state does not allow it.
        SignInNeeded, Forbidden: As `auth.check`.
        Conflict: If the site is not at `version` any more.
    """
    before = known(site_id)
    errors = reason_refused(why)
    if errors:
        raise Refused(errors)
    if version is not None and before.version != version:
        raise stale(before)
    person = auth.check_site_write(before, before)
    status = site_actions.status_before(current.registry().history(site_id)) if action == "reinstate" else "draft"
    after = site_actions.acted(before, action, who=person.name, today=current.now().date(), before=status, **more)  # type: ignore[arg-type]
    if site_actions.needs_acceptance(before, after):
        auth.check_site_write(before, after, permission=Permission.ACCEPT_SITES)
    return Saved(_committed(after, before, person.name, why.strip(), action=action), [])


def reason_refused(why: str) -> list[Refusal]:
    """Return what is wrong with a reason: it must be there, and short."""
    if not why.strip():
        return [BadValue("reason", None, zh="请写明改动的原因", en="needs the reason for the change")]
    if len(why) > LONGEST_REASON:
        return [BadValue("reason", why, zh=f"最多 {LONGEST_REASON} 个字", en=f"at most {LONGEST_REASON} characters")]
    return []


def stale(site: Site) -> Conflict:
    """Return the refusal of a change that was made from an older version."""
    return Conflict("version", site.version, at=site.id, zh=f"这条记录已被别人改动（现为第 {site.version} 版）",
                    en=f"somebody else has changed this record (now version {site.version})")


def check_keys(site: Site, *, new: bool = False) -> None:
    """Refuse an id that was used, a station code or a source's own number that another site has; the refusal names that site."""
    with current.registry().view() as view:
        if new and view.history(site.id):
            raise Conflict("id", site.id, at=site.id, zh=f"站点 {site.id} 已经登记过", en=f"site {site.id} was registered before")
        for name, value, ids in (("station_code", site.station_code, view.keyed(station_code=site.station_code)),
                                 ("source_id", site.source_id, view.keyed(source=site.source, source_id=site.source_id))):
            other = _other(ids, site.id)
            if other is not None:
                raise Conflict(name, value, at=other, zh=f"站点 {other} 已用这个编号", en=f"is that of site {other} already")


def _other(ids: Iterable[str], site_id: str) -> str | None:
    return next((other for other in ids if other != site_id), None)


def _committed(after: Site, before: Site | None, who: str, why: str, *, action: str = "change") -> Site:
    registry = current.registry()
    done = registry.commit([after], who=who, why=why, action=action, expected_versions={after.id: before.version if before else 0})
    current.keeper().catch_up(done.version)
    now = registry.site(after.id)
    if now is None:  # somebody removed it in the same moment
        raise NotThere("id", after.id, zh="没有这个站点", en="there is no such site")
    return now
