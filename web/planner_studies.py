"""The studies behind the planner's pages: which one an address means, found among those that are kept, or begun."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple, cast

from flask import Response, redirect, request

from geodata import studies
from geodata.jobs import CANCELLED, DONE, Job
from geodata.studies import Pins, Studies, Study
from locator.errors import NotThere
from locator.permissions import Permission
from web import auth, current, replies, studying
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


def of(asked: Asked, what: str = studies.STUDY, **more: Any) -> studies.Asked:
    """Return what a study of an address is asked: `studies.STUDY` with everything, or another one of the same question."""
    return studies.Asked.at(current.now(), what, asked.question, areas=current.atlas().areas, demand=asked.demand, **more)


def pins_of(question: studies.Asked, asked: Asked) -> Pins | None:
    """Return what a question is answered from: as the address is pinned, else today's; None where that cannot be had again."""
    today = studying.pins_today(question)
    if asked.people not in (None, today.demand):
        return None
    if asked.version in (None, today.version):
        return today
    with current.registry().view() as view:
        committed = view.stamp_of(asked.version)
    return None if committed is None else today._replace(version=asked.version, committed_at=committed)


def lost(asked: Asked, question: studies.Asked, *, again: bool) -> bool:
    """Return whether an address names a registry, people or a study that cannot be had: nothing else may be shown in their place.

    Args:
        asked: The address.
        question: What is asked of its study.
        again: Whether it is to be made once more, so that its name may become another.
    """
    pins = pins_of(question, asked)
    if asked.study is None or again:
        return pins is None
    named = Studies(studying.home()).find(asked.study)
    if named is not None:
        return (named.asked.question, named.asked.demand, named.asked.what) != (question.question, question.demand, question.what)
    return pins is None or asked.study != studies.key(question, pins)


def to_pinned(asked: Asked, question: studies.Asked, *, again: bool) -> Asked:
    """Return an address's question pinned to what answers it today; work on it that was stopped begins anew, for it is asked anew.

    Args:
        asked: The address.
        question: What is asked of its study.
        again: Begin it once more, whatever became of it before.

    Raises:
        SignInNeeded: If it would have to be begun, and whoever asks may only read.
    """
    pins = pins_of(question, asked) or studying.pins_today(question)
    key = studies.key(question, pins)
    if again or _stopped(key):
        studying.start(question, pins)
    return replace(asked, question=question.question).pinned_to(pins.version, pins.demand, key)  # the present it asks of is now said


def _stopped(key: str) -> bool:
    jobs = studying.jobs()
    job = jobs.find(key)
    if job is not None and job.cancelling and job.alive:
        job = jobs.wait(key, WAIT_S)
    return job is not None and job.state == CANCELLED


def led_to(address: str) -> Response:
    """Return the way to an address: by itself, or said to a script, which then knows what it has begun before it begins."""
    if request.accept_mimetypes.best == "application/json":
        return replies.personal({"address": address})
    answer = cast(Response, redirect(address, 303))
    answer.headers.update(replies.PRIVATE)
    return answer


def kept(key: str) -> Study:
    """Return a study that is kept.

    Raises:
        NotThere: If there is none of this name.
    """
    found = Studies(studying.home()).find(key)
    if found is None:
        raise NotThere("study", key, zh="没有这次分析，或它已被清理，请重新计算", en="there is no such study, or it was cleared away: ask again")
    return found


def find(asked: Asked, question: studies.Asked, *, again: bool = False) -> Found | None:
    """Return the study that an address means; None where it is not kept and cannot be made any longer.

    Args:
        asked: The address.
        question: What is asked of its study.
        again: Begin it once more, whatever became of it before.

    Raises:
        SignInNeeded: If it would have to be made, and whoever asks may only read.
    """
    today = studying.pins_today(question)
    named = Studies(studying.home()).find(asked.study) if asked.study else None
    if named is not None and (named.asked.question, named.asked.demand, named.asked.what) == (question.question, question.demand, question.what):
        return Found(named, None, named.key != studies.key(question, today))
    pins = pins_of(question, asked)
    if pins is None:
        return None
    key = studies.key(question, pins)
    study = Studies(studying.home()).find(key)
    job = None if study is not None else studying.jobs().find(key)
    if study is None and (job is None or again or job.state == DONE):
        job = studying.start(question, pins)
    if job is not None and job.alive:
        job = studying.jobs().wait(job.id, WAIT_S)
        study = Studies(studying.home()).find(key)
    return Found(study, None if study is not None else job, pins != today)


def may_stop(job: Job) -> bool:
    """Return whether whoever asks may stop a piece of work: their own, or that of somebody whose area lies in theirs."""
    person = auth.user()
    if person is None:
        return auth.is_open()
    return job.owner == person.name or (person.account.area != job.area and auth.may(Permission.PLAN, job.area))
