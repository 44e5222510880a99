"""Say an opening in a sentence a person would say: 20 分钟后关门 / closes in 20 min."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from locator.hours import Opening, Span, State, moment_of
from locator.words import Words

SOON_MIN = 60
"""A change this near or nearer is told in minutes from now."""
_DAY = 1440
_WEEKDAYS_ZH = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
_WEEKDAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS_EN = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_STATES = {State.OPEN: Words("开放", "open"), State.CLOSED: Words("未开放", "closed"),
           State.UNKNOWN: Words("是否开放不详", "not known whether open")}


class Told(NamedTuple):
    """An opening in words."""

    state: Words
    until: Words | None
    """What changes next, and when; None when nothing does, or nobody knows."""
    reason: Words | None


def told(opening: Opening, minute: int) -> Told:
    """Return an opening in words, as seen at `minute`."""
    return Told(_STATES[opening.state], until(opening, minute), opening.reason)


def until(opening: Opening, minute: int) -> Words | None:
    """Return what changes next: 22:00 关门 / closes 22:00; 明天 09:00 开门 / opens tomorrow 09:00.

    Within `SOON_MIN` minutes: 20 分钟后关门 / closes in 20 min. None when nothing changes. What becomes
    unknown is said as such, and what is unknown now only by when it is known again.
    """
    if opening.changes_at is None or opening.next_state is None:
        return None
    left = opening.changes_at - minute
    verb = _verb(opening.state, opening.next_state)
    if left <= SOON_MIN:
        return Words(f"{left} 分钟后{verb.zh}", f"{verb.en} in {left} min")
    when = _when(opening.changes_at, minute)
    return Words(f"{when.zh} {verb.zh}", f"{verb.en} {when.en}")


def _verb(now: State, then: State) -> Words:
    if then is State.OPEN:
        return Words("开门", "opens") if now is State.CLOSED else Words("确定开放", "open for certain")
    if then is State.CLOSED:
        return Words("关门", "closes") if now is State.OPEN else Words("确定不开放", "closed for certain")
    return Words("起不一定开放", "may close") if now is State.OPEN else Words("可能开门", "may open")


def _when(change: int, minute: int) -> Words:
    moment = moment_of(change)
    clock = f"{moment:%H:%M}"
    days = change // _DAY - minute // _DAY
    if days == 1 and clock == "00:00":
        return Words("24:00", "24:00")
    if days == 0:
        return Words(clock, clock)
    if days == 1:
        return Words(f"明天 {clock}", f"tomorrow {clock}")
    if days == 2:
        return Words(f"后天 {clock}", f"{_WEEKDAYS_EN[moment.weekday()]} {clock}")
    if days < 7:
        return Words(f"{_WEEKDAYS_ZH[moment.weekday()]} {clock}", f"{_WEEKDAYS_EN[moment.weekday()]} {clock}")
    day = f"{moment.month} 月 {moment.day} 日"
    if moment.year != moment_of(minute).year:
        return Words(f"{moment.year} 年 {day} {clock}", f"{moment:%Y-%m-%d} {clock}")
    return Words(f"{day} {clock}", f"{moment.day} {_MONTHS_EN[moment.month - 1]} {clock}")


def day_words(spans: Sequence[Span], following: Sequence[Span] = ()) -> Words:
    """Return one day of a week table: 09:00-12:00、13:00-17:30 / 休息 / 24 小时.

    A span that goes on over midnight into `following`, the next day's spans, and ends there before
    noon is told whole: 20:00-次日 02:00. The caller tells the next day without it, if it likes.
    Unknown spans are told with a question mark.
    """
    if not spans:
        return Words("不开放", "closed")
    joined = _without_modes(spans)
    if len(joined) == 1 and joined[0][:2] == (0, _DAY):
        return (Words("24 小时", "24 hours") if joined[0].state is State.OPEN
                else Words("不详", "not known"))
    zh, en = [], []
    for span in joined:
        end_zh = end_en = _clock(span.end)
        after = _without_modes(following)
        if span.end == _DAY and after and after[0].start == 0 and after[0].end < _DAY // 2 and after[0].state is span.state:
            end_en = _clock(after[0].end)
            end_zh = f"次日 {end_en}"
            end_en += " (next day)"
        doubt = "?" if span.state is State.UNKNOWN else ""
        zh.append(f"{_clock(span.start)}-{end_zh}{doubt}")
        en.append(f"{_clock(span.start)}-{end_en}{doubt}")
    return Words("、".join(zh), ", ".join(en))


def _without_modes(spans: Sequence[Span]) -> list[Span]:
    joined: list[Span] = []
    for span in spans:
        if joined and joined[-1].end == span.start and joined[-1].state is span.state:
            joined[-1] = joined[-1]._replace(end=span.end)
        else:
            joined.append(span._replace(mode=None))
    return joined


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
