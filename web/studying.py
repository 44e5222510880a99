"""The studies of this process: what a question is pinned to just now, what is kept of it, the work that makes it, who may have it made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import wraps
from pathlib import Path
from typing import ParamSpec, TypeVar

from flask import current_app

from geodata.areas import Areas
from geodata.jobs import Job, Jobs
from geodata.studies import COVERAGE, GAPS, STUDY, Asked, Pins, Studies, Study, key, pinned, running
from locator.errors import SignInNeeded
from locator.permissions import Permission
from locator.questions import CoverageQuestion
from web import auth, current
from web.held import Held

P = ParamSpec("P")
R = TypeVar("R")

_TIDIED_EVERY = timedelta(hours=1)
STANDING_M = 1000.0
"""The standing study is the whole city's, by district, within this radius: 双15."""


def home() -> Path:
    """Return where this installation keeps its studies."""
    found: Path = current_app.extensions["settings"].home
    return found


def jobs() -> Jobs:
    """Return this installation's jobs."""
    return Jobs(home(), current_app.extensions["settings"].database)


def pins_today(asked: Asked) -> Pins:
    """Return what a question is answered from just now.

    Raises:
        NotThere: If there is no demand of its name.
        BadFile: If the people's file, or the network's, is damaged.
    """
    held = current.held()
    return pinned(asked, home(), held.atlas, areas(held), held.trust(current.now()).no_way_in)


def areas(held: Held) -> Areas:
    """Return the areas with their outlines."""
    found: Areas = held.derived("outlined_areas", lambda _: Areas.load(home()))
    return found


def kept(asked: Asked, pins: Pins) -> Study | None:
    """Return the study of a question if it is kept: its own, or the whole one of the same question that has what is asked."""
    own = Studies(home()).find(key(asked, pins))
    if own is not None or asked.what not in (COVERAGE, GAPS):
        return own
    whole = Studies(home()).find(key(replace(asked, what=STUDY), pins))
    return whole if whole is not None and whole.has(asked.what) else None


def start(asked: Asked, pins: Pins) -> Job:
    """Begin the work on a study, or follow that which is under way; the standing question is made whole, once for pages and programs.

    Raises:
        SignInNeeded: If a stranger asks, who may only read what is there.
        Forbidden: If whoever asks may not plan.
    """
    standing = is_standing(asked)
    if not (may_work() or standing):
        if auth.user() is not None:
            raise auth.refused(Permission.PLAN)
        raise SignInNeeded("account", None, zh="这项分析还没有人算过；请登录后计算", en="nobody has had this computed yet; sign in to have it done")
    _tidy()
    if standing and current.atlas().areas[str(asked.question.area)].has_outline:  # or there would be no gaps in it
        asked = replace(asked, what=STUDY)
    person = auth.user()
    owner, area = (person.name, person.account.area) if person is not None else ("", "")
    return running.start(jobs(), asked, pins, now=current.now(), owner=owner, area=area)


def _tidy() -> None:
    """Clear away old jobs, once in a while: whoever plans makes many."""
    pruned: datetime | None = current_app.extensions.get("jobs_pruned")
    if pruned is None or current.now() - pruned > _TIDIED_EVERY:
        current_app.extensions["jobs_pruned"] = current.now()
        jobs().prune(current.now())


# --- who ----------------------------------------------------------------------------------------------


def readable(view: Callable[P, R]) -> Callable[P, R]:
    """Let a view be called by those who may plan, and by everybody where the operator opened the planner to readers.

    Such a view begins work by `start` alone, which a reader may not. Put it under the route's decorator.
    """
    guarded = auth.required(Permission.PLAN, before_accounts=True)(view)

    @wraps(view)
    def opened(*args: P.args, **kwargs: P.kwargs) -> R:
        return (view if current_app.extensions["settings"].planner_public else guarded)(*args, **kwargs)

    opened.access = guarded.access  # type: ignore[attr-defined]
    return opened


def may_work() -> bool:
    """Return whether whoever asks may have work done."""
    person = auth.user()
    return auth.is_open() if person is None else person.grant.allows(Permission.PLAN)


def is_standing(asked: Asked) -> bool:
    """Return whether a question, as `Asked.at` makes it, is the standing one, which is made for anybody who may read."""
    tree = current.atlas().areas
    whole = tree.children(None)[0].code
    below = tree.children(whole)
    return bool(below) and asked.what in (STUDY, COVERAGE, GAPS) and asked == Asked(
        asked.what, CoverageQuestion(radius_m=STANDING_M, area=whole, by=below[0].tier))
