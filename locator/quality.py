"""How far a record can be trusted today: four levels, each with its reasons in words.

First the record itself, from who looked at it and when (`standing`):

==================================================== ========
last verified                                        standing
==================================================== ========
by a visit, at most `FRESH_DAYS` ago                 high
any way, at most `KNOWN_DAYS` ago                    fair
longer ago, or never                                 low
==================================================== ========

A check that is overdue (`next_check_on` is past), and hours or facilities that were only inferred,
leave fair at most. Stated and inspected count alike: what makes an inspection worth more is its day.

Then what workers said since (`judged`). A report counts for the days of `COUNTS_DAYS` until an
administrator has rejected it, and longer once confirmed; a verification after it settles it.

==================================================== ==========================================
what counts                                          the level
==================================================== ==========================================
locked, moved or gone, agreed or confirmed           doubtful
wrong or without a facility, agreed or confirmed     two lower
any of these by one person alone                     one lower
rated poor by two people or more, more than rate it good  one lower
rated good, confirmed by an administrator            a low standing is fair
==================================================== ==========================================

Reductions do not add up: the greatest counts. Agreed: by two people on one day, their visits at
most 24 hours apart. People are told apart only within a day (`Told.person`), so a report at five to
midnight and one at five past never agree: the two may be the same phone's.

So an older verification or one more report of a problem never raises the level, and one more good
rating never lowers it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import IntEnum
from itertools import pairwise
from typing import NamedTuple

from locator.typed import BEIJING
from locator.vocabulary import Vocabulary
from locator.words import Words

FRESH_DAYS, KNOWN_DAYS = 183, 366
"""Half a year and a year, the last day included."""
COUNTS_DAYS: Mapping[str, int] = {"locked": 7, "moved": 30, "gone": 30, "wrong": 30, "missing_facility": 30, "rating": 90}
"""Every type of report, and for how many days an undecided one counts, the last included: a locked door says little of next week."""
TYPES = tuple(COUNTS_DAYS)
PROBLEMS = tuple(name for name in TYPES if name != "rating")
NO_WAY_IN = frozenset({"locked", "moved", "gone"})
POOR, GOOD = 2, 4
"""A rating up to the one is poor, from the other on good."""
AGREE_WITHIN = timedelta(hours=24)
_LEAST_POOR = 2

TYPE_WORDS: Mapping[str, Words] = {
    "locked": Words("锁门", "locked"), "moved": Words("已搬走", "moved"), "gone": Words("已不存在", "gone"),
    "wrong": Words("信息有误", "something is wrong"), "missing_facility": Words("缺少设施", "a facility is missing"),
    "rating": Words("评分", "rating")}


class Confidence(IntEnum):
    """How far a record can be trusted."""

    DOUBTFUL, LOW, FAIR, HIGH = range(4)

    @property
    def code(self) -> str:
        """Its name in answers: high, fair, low or doubtful."""
        return self.name.lower()

    @property
    def words(self) -> Words:
        """What people are told."""
        return _LEVELS[self]


_LEVELS = {Confidence.HIGH: Words("可信", "trustworthy"), Confidence.FAIR: Words("基本可信", "fairly trustworthy"),
           Confidence.LOW: Words("可能有变", "may have changed"), Confidence.DOUBTFUL: Words("存疑", "doubtful")}


class Recorded(NamedTuple):
    """What a record says of itself."""

    verified_on: date | None = None
    verified_how: str | None = None
    """A code of the vocabulary's; ``visit`` is the one that somebody was there."""
    next_check_on: date | None = None
    basis: Mapping[str, str] = {}
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """One report as the rule sees it: no text, no picture, nobody."""

    type: str
    """One of `TYPES`."""
    at: datetime
    """When it was seen, with an offset."""
    came: date
    """The day it came in, on which `person` can be compared."""
    person: str
    """The same for reports of one person on one day; empty for all that nobody can tell apart."""
    facility: str | None = None
    rating: int | None = None
    """1 to 5, of a rating."""
    confirmed_at: datetime | None = None
    """When an administrator confirmed it; None while it is undecided."""


class Shown(NamedTuple):
    """What several people, or an administrator, say of a site: what a card shows."""

    type: str
    facility: str | None
    on: date
    """When it was last seen so, in Beijing."""
    words: Words


@dataclass(frozen=True, slots=True)
class Judgement:
    """The confidence in a record, and why."""

    level: Confidence
    reasons: tuple[Words, ...]
    """The record's own first."""
    reported: tuple[Shown, ...]
    """In the order of `TYPES`; never what one person alone said."""

    @property
    def no_way_in(self) -> bool:
        """Whether several people, or an administrator, found it locked, moved or gone: it is to be asked first."""
        return any(shown.type in NO_WAY_IN for shown in self.reported)


def judged(record: Recorded, reports: Iterable[Told], today: date, vocabulary: Vocabulary) -> Judgement:
    """Return the confidence in a record today; see the table above.

    Args:
        record: The record's own fields.
        reports: Those on its site, rejected ones left out, in any order.
        today: The day in Beijing.
        vocabulary: Names the facilities and the ways of verifying.
    """
    level, reasons = standing(record, today, vocabulary)
    counted = [told for told in reports if counts(told, record, today)]
    if level == Confidence.LOW and any(_is_good(told) and told.confirmed_at for told in counted):
        level = Confidence.FAIR
        reasons = (*reasons, Words("好评经管理员确认", "rated good, and confirmed by an administrator"))
    about: dict[tuple[str, str | None], list[Told]] = {}
    for told in counted:
        if told.type in PROBLEMS:
            about.setdefault((told.type, told.facility), []).append(told)
    lower, shown = 0, []
    for (kind, facility), told_of in sorted(about.items(), key=lambda item: (TYPES.index(item[0][0]), item[0][1] or "")):
        confirmed, agree = any(told.confirmed_at for told in told_of), agreed(told_of)
        on = max(told.at for told in told_of).astimezone(BEIJING).date()
        what = _what(kind, facility, vocabulary)
        if confirmed or agree:
            lower = max(lower, 3 if kind in NO_WAY_IN else 2)
            words = (Words(f"管理员已确认：{what.zh}（{on}）", f"confirmed by an administrator: {what.en} ({on})") if confirmed else
                     Words(f"多人反映：{what.zh}（{on}）", f"reported {what.en} by others ({on})"))
            shown.append(Shown(kind, facility, on, words))
        else:
            lower = max(lower, 1)
            words = Words(f"有一人反映：{what.zh}（{on}）", f"reported {what.en} by one person ({on})")
        reasons = (*reasons, words)
    if _rated_poor(counted):
        lower = max(lower, 1)
        reasons = (*reasons, Words("多人评分较低", "rated poor by several people"))
    return Judgement(Confidence(max(0, level - lower)), reasons, tuple(shown))


def standing(record: Recorded, today: date, vocabulary: Vocabulary) -> tuple[Confidence, tuple[Words, ...]]:
    """Return the confidence in a record that nobody has reported anything of, and why."""
    on = record.verified_on
    if on is None:
        level, reasons = Confidence.LOW, [Words("从未核实", "never verified")]
    else:
        term = vocabulary.terms("verified_how").get(record.verified_how or "")
        how = term.words if term else Words("方式未注明", "how is not stated")
        age_days = (today - on).days
        old = age_days > KNOWN_DAYS
        level = (Confidence.LOW if old else
                 Confidence.HIGH if age_days <= FRESH_DAYS and record.verified_how == "visit" else Confidence.FAIR)
        reasons = [Words(f"{on} 核实（{how.zh}）" + ("，已超过一年" if old else ""),
                         f"verified on {on} ({how.en})" + (", more than a year ago" if old else ""))]
    if record.next_check_on is not None and record.next_check_on < today:
        level = min(level, Confidence.FAIR)
        reasons.append(Words(f"应于 {record.next_check_on} 前复核，已逾期", f"the check due on {record.next_check_on} is overdue"))
    for part, words in (("hours", Words("开放时间是推测的", "its hours are guessed")),
                        ("facilities", Words("设施是推测的", "what it has is guessed"))):
        if record.basis.get(part) == "inferred":
            level = min(level, Confidence.FAIR)
            reasons.append(words)
    return level, tuple(reasons)


def counts(told: Told, record: Recorded, today: date) -> bool:
    """Return whether a report still says something today: young enough or confirmed, and not settled by a verification.

    A verification settles what was seen (of a confirmed report: decided) before it. Of the same day
    only the record's last change tells which came first.
    """
    since = told.confirmed_at or told.at
    day = since.astimezone(BEIJING).date()
    if (told.confirmed_at is None or told.type == "rating") and (today - day).days > COUNTS_DAYS[told.type]:
        return False
    if told.type == "rating" or record.verified_on is None:
        return True
    if record.verified_on == day:
        return record.updated_at is None or record.updated_at <= since
    return record.verified_on < day


def agreed(reports: Sequence[Told]) -> bool:
    """Return whether two people on one day say the same, of visits at most `AGREE_WITHIN` apart."""
    # of two that agree, some two neighbours between them in the order of their visits differ and lie no farther apart
    ordered = sorted(reports, key=lambda told: (told.came, told.at))
    return any(one.came == other.came and one.person != other.person and other.at - one.at <= AGREE_WITHIN
               for one, other in pairwise(ordered))


def _is_good(told: Told) -> bool:
    return told.type == "rating" and (told.rating or 0) >= GOOD


def _rated_poor(counted: Sequence[Told]) -> bool:
    poor = {(told.came, told.person) for told in counted if told.type == "rating" and (told.rating or 0) <= POOR}
    good = {(told.came, told.person) for told in counted if _is_good(told)}
    return len(poor) >= _LEAST_POOR and len(poor) > len(good)


def _what(kind: str, facility: str | None, vocabulary: Vocabulary) -> Words:
    """Return what a report says, as it stands in the middle of a sentence."""
    if kind != "missing_facility":
        return TYPE_WORDS[kind] if kind != "wrong" else Words("信息有误", "wrong")
    term = vocabulary.terms("facility").get(facility or "")
    named = term.words if term else Words(facility or "设施", facility or "a facility")
    return Words(f"没有{named.zh}", f"without {named.en.lower()}")
