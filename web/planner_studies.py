"""The studies behind the planner's pages: which one an address means, found among those that are kept, or begun."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from flask import current_app

from geodata import studies
from geodata.areas import Areas
from geodata.jobs import DONE, Job, Jobs
from geodata.studies import Pins, Studies, Study, running
from locator.errors import NotThere
from locator.permissions import Permission
from web import auth, current
from web.planner_asked import Asked

WAIT_S = 2.5
"""How long a page waits for its study before it shows how far that is."""


class Found(NamedTuple):
    """What there is of a study."""

    study: Study | None
    job: Job | None
    """The work on it; None where it is there, or nobody has begun it."""
    newer: bool
    """Whether it would be another one today."""


def home() -> Path:
    """Return where this installation keeps its studies."""
    found: Path = current_app.extensions["settings"].home
    return found


def jobs() -> Jobs:
    """Return this installation's jobs."""
    settings = current_app.extensions["settings"]
    return Jobs(settings.home, settings.database)


def of(asked: Asked, what: str = studies.STUDY, **more: Any) -> studies.Asked:
    """Return what a study of an address is asked: `studies.STUDY` with everything, or another one of the same question."""
    return studies.Asked.at(current.now(), what, asked.question, demand=asked.demand, **more)


def pins_of(question: studies.Asked, asked: Asked) -> Pins | None:
    """Return what a question is answered from: as the address is pinned, else today's; None where that cannot be had again."""
    today = pins_today(question)
    if asked.people not in (None, today.demand):
        return None
    if asked.version in (None, today.version):
        return today
    with current.registry().view() as view:
        committed = view.stamp_of(asked.version)
    return None if committed is None else today._replace(version=asked.version, committed_at=committed)


def pins_today(question: studies.Asked) -> Pins:
    """Return what a question is answered from just now."""
    held = current.held()
    areas: Areas = held.derived("outlined_areas", lambda _: Areas.load(home()))
    return studies.pinned(question, home(), held.atlas, areas, held.trust(current.now()).no_way_in)


def kept(key: str) -> Study:
    """Return a study that is kept.

    Raises:
        NotThere: If there is none of this name.
    """
    found = Studies(home()).find(key)
    if found is None:
        raise NotThere("study", key, zh="没有这次分析，或它已被清理，请重新计算", en="there is no such study, or it was cleared away: ask again")
    return found


def find(asked: Asked, question: studies.Asked, *, begin: bool, again: bool = False, wait_s: float = WAIT_S) -> Found | None:
    """Return the study that an address means; None where it is not kept and cannot be made any longer.

    Args:
        asked: The address.
        question: What is asked of its study.
        begin: Whether whoever asks may have work begun.
        again: Begin it once more, whatever became of it before.
        wait_s: So long it may take to be there at once.
    """
    today = pins_today(question)
    named = Studies(home()).find(asked.study) if asked.study else None
    if named is not None and (named.asked.question, named.asked.demand, named.asked.what) == (question.question, question.demand, question.what):
        return Found(named, None, named.key != studies.key(question, today))
    pins = pins_of(question, asked)
    if pins is None:
        return None
    key = studies.key(question, pins)
    study = Studies(home()).find(key)
    job = None if study is not None else jobs().find(key)
    if study is None and begin and (job is None or again or job.state == DONE):
        job = start(question, pins)
    if job is not None and job.alive:
        job = jobs().wait(job.id, wait_s)
        study = Studies(home()).find(key)
    return Found(study, None if study is not None else job, pins != today)


def start(question: studies.Asked, pins: Pins) -> Job:
    """Begin the work on a study; one that is under way already is returned."""
    person = auth.user()
    owner, area = (person.name, person.account.area) if person is not None else ("", "")
    return running.start(jobs(), question, pins, now=current.now(), owner=owner, area=area)


def may_stop(job: Job) -> bool:
    """Return whether whoever asks may stop a piece of work: their own, or that of somebody whose area lies in theirs."""
    person = auth.user()
    if person is None:
        return auth.is_open()
    return job.owner == person.name or (person.account.area != job.area and auth.may(Permission.PLAN, job.area))
