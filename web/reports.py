"""A worker's report of a site: filed, heard by this process at once, taken back. For every page and program that files one."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple, cast

from flask import current_app, request

from geodata import photos, reporting
from geodata.registry.reports import Filed
from locator import answers
from locator.permissions import Permission
from locator.quality import Judgement
from web import auth, current, overview
from web.auth import Person
from web.errors import Refused
from web.held import Held
from web.report_limits import ReportLimits


class Heard(NamedTuple):
    """What became of a report, and the confidence in its site now."""

    filed: Filed
    judgement: Judgement


def file(site_id: str, said: Mapping[str, Any], *, photo: bytes | None = None, person: Person | None = None) -> Heard:
    """File a report on a public site.

    Args:
        site_id: Which site.
        said: Fields of `geodata.reporting.SAID`; texts do.
        photo: A file as it was sent; read last, for that is dear.
        person: Who files it for a caller; None, and whoever may not do that in the site's area, is a stranger.

    Raises:
        NotThere: If there is no such public site.
        Refused: With everything that is wrong with it.
        BadFile, Busy: If the photo will not do, or cannot be read just now.
        TooMany: If this phone, this site or this address has had too many.
        Unavailable, NotReady: If it cannot be kept just now.
    """
    held, now = current.held(), current.now()
    site = answers.site(site_id, held.atlas, now)
    new, refusals = reporting.read(said, held.atlas.vocabulary, now)
    if new is None:
        raise Refused(refusals)
    filed_by = person.name if person is not None and _may_file(person, held, site.row) else None
    if filed_by is None:
        _limits().check(request.remote_addr or "", new.token, time.monotonic())
    if photo is not None:
        new = replace(new, photo=photos.read(photo))
    filed = current.registry().reports.file(site_id, new, now=now, filed_by=filed_by)
    if filed_by is not None and not filed.repeated:
        auth.record("report", f"{site_id} {new.type}")
    current.keeper().hear()
    return Heard(filed, judgement(site_id))


def take_back(site_id: str, key: str) -> None:
    """Take a report of a site back by the key it came with.

    Raises:
        NotThere: If there is none that still can be.
        Unavailable, NotReady: As `file`.
    """
    current.registry().reports.take_back(site_id, key, now=current.now())
    current.keeper().hear()


def judgement(site_id: str) -> Judgement:
    """Return the confidence in a site of any audience, as this process knows it.

    Raises:
        NotThere: If there is no such site.
    """
    held, now = current.held(), current.now()
    return answers.site(site_id, held.atlas, now, audience="internal", trust=held.trust(now)).judgement


def _may_file(person: Person, held: Held, row: int) -> bool:
    return bool(overview.within_reach(held, person.grant, Permission.FILE_REPORTS)[row])


def _limits() -> ReportLimits:
    return cast(ReportLimits, current_app.extensions.setdefault("report_limits", ReportLimits()))
