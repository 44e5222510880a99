"""What an operator reads to a caller of one site: which way, how far, open or not, who gets in and how.

Both languages at once: the caller's Chinese does not depend on the page's language, so the sentences
stand here and not among the page's messages. Times are spoken by the 24-hour clock: 22 点, 22 点半.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil, floor, isnan

from locator import travel
from locator.answers import NearSite
from locator.atlas import Atlas
from locator.hours import Opening, State, minute_of, moment_of
from locator.words import Words
from web import cards, spoken
from web.phrases import FARTHEST_MIN
from web.vagueness import Reach, reach
from web.visitors import STAFF_ONLY

TIGHT_MIN = 30
"""Whoever arrives with less than this left before it closes is told how much."""
SMS_CHARACTERS = 70
"""Of one part of a text message in Chinese."""
_SURE, _ROUGHLY = 0.25, 0.5
"""A direction is told where the error is at most this share of the distance: it may be 14° off, or 30°."""
_CODE = re.compile(r"(?:(?:密码|口令|门禁码|开门码|暗号|pass ?code|password|pin)[^0-9a-z]{0,6}[0-9a-z#*]{3,12}|(?<!\d)\d{4,8}#)", re.IGNORECASE)
_WINDS = (Words("北", "north"), Words("东北", "north-east"), Words("东", "east"), Words("东南", "south-east"),
          Words("南", "south"), Words("西南", "south-west"), Words("西", "west"), Words("西北", "north-west"))


@dataclass(frozen=True, slots=True)
class Seen:
    """A near site, and in which direction it lies."""

    near: NearSite
    azimuth_deg: float
    """Clockwise from north; NaN where one stands on it."""


@dataclass(frozen=True, slots=True)
class Aloud:
    """Speaks of sites to one caller."""

    atlas: Atlas
    now: datetime
    by: str = "walk"
    accuracy_m: float = 0.0
    """How far the caller may be from where we think."""
    rough: bool = False
    """Whether where the caller is is not known well enough to measure from: then no distance is told."""
    needed: tuple[str, ...] = ()
    """Facilities asked for."""

    def site(self, seen: Seen, *, second: Seen | None = None, nearest: bool = False) -> Words:
        """Return everything to say of one site; `second` is offered after it, `nearest` begins with saying so."""
        near = seen.near
        named = self._name(near)
        if nearest:
            named = _join(Words("最近的开放站点是", "The nearest open site is ") if near.arrival == State.OPEN
                          else Words("最近的站点是", "The nearest site is "), named)
        sentences = [named, _clauses([*self._way(seen), *self._state(near), *self._entering(near)]),
                     _clauses(shown.words for shown in near.trust.of(near.row).reported),
                     _clauses(self._facilities(near)), _clauses(self._where(near)), self._calling(near)]
        if second is not None:
            sentences.append(_clauses([_join(Words("如果不方便，第二近的是", "If that does not suit, the next is "), self._name(second.near)),
                                       *self._way(second), *self._state(second.near)]))
        return _sentences(sentences)

    def message(self, seen: Seen, language: str) -> tuple[str, ...]:
        """Return the text message about a site: as few parts as it takes, of `SMS_CHARACTERS` where a piece is not longer."""
        near, chinese = seen.near, not language.startswith("en")
        address, phone = _text(near, "address"), _text(near, "phone")
        pieces = [self._name(near), *([_plain(address)] if address else []), *self._way(seen)[:1], *self._until(near),
                  *([Words(f"电话{phone}", f"tel {phone}")] if phone else [])]
        comma = "，" if chinese else ", "
        parts: list[str] = []
        for piece in filter(None, (p.in_language(language).replace(" ", "" if chinese else " ") for p in pieces)):
            if parts and len(parts[-1]) + len(comma) + len(piece) <= SMS_CHARACTERS:
                parts[-1] += comma + piece
            else:
                parts.append(piece)
        return tuple(parts)

    def way(self, seen: Seen) -> Words:
        """Return how far a site is and how long that takes; nothing where the caller's place is rough."""
        return _clauses(self._way(seen))

    # --- the pieces ---------------------------------------------------------------------------------------

    def _name(self, near: NearSite) -> Words:
        named = _plain(near.value("name"))
        return _join(Words("演示数据：", "Demonstration: "), named) if near.value("demo") else named

    def _way(self, seen: Seen) -> list[Words]:
        """Return direction with distance, and minutes; as ranges where the position is vague, none where it is rough."""
        if self.rough:
            return []
        metres, range_m = seen.near.distance_m, self._reach(seen.near)
        least, most = range_m
        wind = self._wind(seen, range_m)
        if not range_m.ranged:
            far = (Words("就在您所在的位置", "right where you are") if metres < 10
                   else _join(wind, _about(spoken.distance(metres))))
            minutes = spoken.duration(travel.minutes(metres, by=self.by))
            took = _about(minutes)
        elif not least:
            far = Words(f"在您附近，{spoken.distance(most, ceil).zh}以内", f"near you, within {spoken.distance(most, ceil).en}")
            took = _most(spoken.duration(travel.minutes(most, by=self.by)))
        else:
            far = _join(wind, spoken.between(spoken.distance(least, floor), spoken.distance(most, ceil)))
            took = spoken.between(spoken.minutes(travel.minutes(least, by=self.by), floor), spoken.minutes(travel.minutes(most, by=self.by), ceil))
        if travel.minutes(most, by=self.by) > FARTHEST_MIN:
            return [far]
        return [far, _join(Words("步行", "on foot ") if self.by == "walk" else Words("骑电动车", "by e-bike "), took)]

    def _wind(self, seen: Seen, range_m: Reach) -> Words:
        azimuth, metres = seen.azimuth_deg, seen.near.distance_m
        error_m = range_m.far_m - metres
        if isnan(azimuth) or error_m > _ROUGHLY * metres:
            return Words("离您的位置", "from where you are ")
        wind = _WINDS[int((azimuth + 22.5) // 45) % 8]
        if error_m > _SURE * metres:
            return Words(f"从您的位置大致向{wind.zh}", f"from where you are, roughly {wind.en}, ")
        return Words(f"从您的位置向{wind.zh}", f"from where you are, {wind.en}, ")

    def _reach(self, near: NearSite) -> Reach:
        """Return how near and how far it may be: both the caller's position and the site's may be off."""
        return reach(near.distance_m, self.accuracy_m + (near.value("accuracy_m") or 0.0))

    def _minutes(self, near: NearSite) -> tuple[float, float]:
        """Return how soon and how late one may get there, minutes from now; alike where the position is good."""
        least, most = self._reach(near)
        return travel.minutes(least, by=self.by), travel.minutes(most, by=self.by)

    def _left(self, opening: Opening) -> int:
        """Return the minutes until the state changes, begun ones counted."""
        assert opening.changes_at is not None
        return ceil((moment_of(opening.changes_at) - self.now).total_seconds() / 60)

    def _state(self, near: NearSite) -> list[Words]:
        """Return whether it is open now, until when, and what that means for whoever sets out now."""
        opening = near.opening
        said = {State.OPEN: self._open, State.CLOSED: self._closed, State.UNKNOWN: self._unknown}[opening.state](near, opening)
        return [words for words in said if words.zh]

    def _open(self, near: NearSite, opening: Opening) -> Iterator[Words]:
        changes = opening.changes_at
        if changes is None:
            yield Words("现在开放，全天不关门", "open now, round the clock")
            return
        clock, left = spoken.clock(moment_of(changes), self.now), self._left(opening)
        if opening.next_state != State.CLOSED:
            yield Words("现在开放", "open now")
            yield Words(f"{clock.zh}以后是否开放未注明", f"from {clock.en} on it is not stated whether it is open")
            return
        soonest, latest = self._minutes(near)
        slack = floor(left - latest)
        if self.rough or slack >= 0:
            yield Words("现在开放", "open now")
            yield Words(f"{clock.zh}关门", f"closes {clock.en}")
            if slack <= TIGHT_MIN and not self.rough:
                least = ("约", "about") if soonest == latest else ("最少", "at least")
                yield Words(f"您到时离关门只剩{least[0]} {slack} 分钟", f"you will have {least[1]} {slack} min before it closes")
            return
        yield (Words(f"现在开放，但还有 {left} 分钟关门", f"open now, but it closes in {left} min") if left < 60
               else Words(f"现在开放，但 {clock.zh}关门", f"open now, but it closes {clock.en}"))
        back = near.arrival == State.OPEN and soonest > left
        if not back:
            yield Words("您到时可能已关门", "it may be closed when you get there")
        again = self.atlas.hours.opening(_timetable(near), changes)
        if again.next_state == State.OPEN and again.changes_at is not None:
            clock = spoken.clock(moment_of(again.changes_at), self.now)
            yield Words(f"{clock.zh}再开门", f"it opens again {clock.en}")
        if back:
            yield Words("您到时已经再开门", "it will have opened again when you get there")

    def _closed(self, near: NearSite, opening: Opening) -> Iterator[Words]:
        reason = opening.reason
        yield _join(Words("现在没有开放", "closed now"), Words(f"（{reason.zh}）", f" ({reason.en})") if reason else Words("", ""))
        if opening.changes_at is None:
            yield Words("什么时候开放没有登记", "when it opens is not on record")
            return
        clock = spoken.clock(moment_of(opening.changes_at), self.now)
        if opening.next_state != State.OPEN:
            yield Words(f"{clock.zh}以后是否开放未注明", f"from {clock.en} on it is not stated whether it is open")
            return
        yield Words(f"{clock.zh}开门", f"opens {clock.en}")
        until, (soonest, latest) = self._left(opening), self._minutes(near)
        if near.arrival == State.OPEN and soonest >= until - 1 and not self.rough:
            yield Words("您到时已经开门", "it will be open when you get there")
        elif latest >= until and not self.rough:
            yield Words("您到时可能已经开门", "it may be open when you get there")

    def _unknown(self, _near: NearSite, opening: Opening) -> Iterator[Words]:
        reason = opening.reason
        yield (Words(f"现在是否开放不能确定：{reason.zh}", f"not certain whether it is open now: {reason.en}") if reason
               else Words("现在是否开放不能确定", "not certain whether it is open now"))
        if opening.next_state == State.OPEN and opening.changes_at is not None:
            clock = spoken.clock(moment_of(opening.changes_at), self.now)
            yield Words(f"{clock.zh}起开放", f"open from {clock.en}")

    def _until(self, near: NearSite) -> list[Words]:
        """Return the state in the few words of a message."""
        opening, changes = near.opening, near.opening.changes_at
        clock = None if changes is None else spoken.clock(moment_of(changes), self.now)
        if opening.state == State.OPEN and clock is None:
            return [Words("全天开放", "open 24 h")]
        if opening.state == State.OPEN and clock is not None and opening.next_state == State.CLOSED:
            late = Words("", "") if near.arrival == State.OPEN else Words("，到时可能已关", ", may be closed by then")
            return [_join(Words(f"{clock.zh}关门", f"closes {clock.en}"), late)]
        if opening.state == State.CLOSED and clock is not None and opening.next_state == State.OPEN:
            return [Words(f"{clock.zh}开门", f"opens {clock.en}")]
        return [Words("是否开放请先问", "ask first whether it is open")]

    def _entering(self, near: NearSite) -> list[Words]:
        """Return who may enter, and how; a door code that slipped into a note is never told."""
        eligibility, note, mode = near.value("eligibility"), _text(near, "entry_note"), mode_on_arrival(near, self.atlas, self.now)
        if eligibility is None:
            said = [Words("谁可以进没有注明，请先问一下", "who may enter is not stated: ask first")]
        else:
            people = self._word("eligibility", eligibility)
            said = [_WHO.get(eligibility) or Words(f"面向{people.zh}", f"for {people.en}")]
        if mode == STAFF_ONLY:
            said.append(_MODES[mode])
        elif note:
            said.append(_plain(_CODE.sub("（密码请现场询问 ask for the code there）", note).rstrip("。.；;，, ")))
        elif mode:
            said.append(_MODES.get(mode) or self._word("mode", mode))
        return said

    def _facilities(self, near: NearSite) -> list[Words]:
        known = near.sites.known_facilities(near.row)
        return [Words(zh.format(word.zh), en.format(word.en)) for word, (zh, en) in (
            (self._word("facility", code), _LEVELS[known.get(code, "unknown")]) for code in self.needed)]

    def _where(self, near: NearSite) -> list[Words]:
        address, floor_, directions = _text(near, "address"), _text(near, "floor"), _text(near, "directions")
        return [*([Words(f"地址：{address}", f"address: {address}")] if address else []),
                *([Words(f"楼层 {floor_}", f"floor {floor_}")] if floor_ else []), *([_plain(directions.rstrip("。"))] if directions else [])]

    def _calling(self, near: NearSite) -> Words:
        """Return the telephone; what is not certain is to be asked there first."""
        phone = _text(near, "phone")
        ask = near.opening.state == State.UNKNOWN or near.arrival == State.UNKNOWN or near.value("eligibility") is None
        if phone:
            return Words(f"去之前请先打电话 {phone}", f"Please call first: {phone}") if ask else Words(f"电话 {phone}", f"Telephone {phone}")
        return Words("没有登记电话", "No telephone is on record") if ask else Words("", "")

    def _word(self, section: str, code: str) -> Words:
        term = self.atlas.vocabulary.terms(section).get(code)
        return _plain(code) if term is None else term.words


_WHO = {"everyone": Words("所有人都可以进", "everyone may enter"), "staff_only": Words("仅限本单位职工", "own staff only")}
_MODES = {"staffed": Words("有人值守，跟工作人员说一声", "staffed: tell the staff"),
          "code": Words("要扫码、刷卡或用门禁码进门", "one needs a card or a code to get in"),
          "unattended": Words("无人值守，自己进去", "unattended: just walk in"),
          STAFF_ONLY: Words("您到的时候只让内部人员进", "at that hour for staff only")}
_LEVELS = {"yes": ("有{}", "has: {}"), "limited": ("{}有限", "limited: {}"), "no": ("没有{}", "does not have: {}"),
           "unknown": ("有没有{}没有注明", "not stated whether it has: {}")}


def mode_on_arrival(near: NearSite, atlas: Atlas, now: datetime) -> str | None:
    """Return who may enter when one gets there: staffed, code, unattended, staff_only; None when not stated, or closed."""
    if near.arrival == State.CLOSED or not atlas.hours.timetables[_timetable(near)].slots:
        return None
    return atlas.hours.opening(_timetable(near), minute_of(now) + floor(near.minutes)).mode


def _text(near: NearSite, name: str) -> str | None:
    """Return a text of the record; None for one that was taken out of it."""
    return cards.told(near.value(name))


def _timetable(near: NearSite) -> int:
    return int(near.sites.timetables.codes[near.row])


def _plain(text: str) -> Words:
    return Words(text, text)


def _join(*words: Words) -> Words:
    return Words("".join(w.zh for w in words), "".join(w.en for w in words))


def _about(words: Words) -> Words:
    return Words(f"约 {words.zh}", f"about {words.en}")


def _most(words: Words) -> Words:
    return Words(f"最多约 {words.zh}", f"at most about {words.en}")


def _clauses(words: Iterable[Words]) -> Words:
    kept: Sequence[Words] = [w for w in words if w.zh]
    return Words("，".join(w.zh for w in kept), ", ".join(w.en for w in kept))


def _sentences(words: Iterable[Words]) -> Words:
    kept = [w for w in words if w.zh]
    return Words("".join(f"{w.zh}。" for w in kept), " ".join(f"{w.en[:1].upper()}{w.en[1:]}." for w in kept))
