"""What an operator reads to a caller of one site: which way, how far, open or not, who gets in and how.

Both languages at once: the caller's Chinese does not depend on the page's language, so the sentences
stand here and not among the page's messages. Times are spoken by the 24-hour clock: 22 点, 22 点半.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from locator.answers import NearSite
from locator.doors import STAFF_ONLY
from locator.hours import State
from locator.words import Words
from web import cards, spoken, spoken_door, spoken_way, visitors
from web.caller import Caller, Seen

SMS_CHARACTERS = 70
"""Of one part of a text message in Chinese."""
_CODE = re.compile(r"(?:(?:密码|口令|门禁码|开门码|暗号|pass ?code|password|pin)[^0-9a-z]{0,6}[0-9a-z#*]{3,12}|(?<!\d)\d{4,8}#)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Aloud(Caller):
    """Speaks of sites to one caller."""

    needed: tuple[str, ...] = ()
    """Facilities asked for."""

    def site(self, seen: Seen, *, second: Seen | None = None, nearest: bool = False) -> Words:
        """Return everything to say of one site; `second` is offered after it, `nearest` begins with saying so."""
        near = seen.near
        named = self._name(near)
        if nearest:
            named = spoken.join(Words("最近的开放站点是", "The nearest open site is ") if self._is_surely_open(near)
                                else Words("最近的站点是", "The nearest site is "), named)
        sentences = [named, spoken.clauses([*spoken_way.way(seen, self), *spoken_door.state(near, self), *self._entering(near)]),
                     spoken.clauses(shown.words for shown in near.trust.of(near.row).reported),
                     spoken.clauses(self._facilities(near)), spoken.clauses(self._where(near)), self._calling(near)]
        if second is not None:
            offered = spoken.join(Words("如果不方便，第二近的是", "If that does not suit, the next is "), self._name(second.near))
            sentences.append(spoken.clauses([offered, *spoken_way.way(second, self), *spoken_door.state(second.near, self)]))
        return spoken.sentences(sentences)

    def message(self, seen: Seen, language: str) -> tuple[str, ...]:
        """Return the text message about a site: as few parts as it takes, of `SMS_CHARACTERS` where a piece is not longer."""
        near, chinese = seen.near, not language.startswith("en")
        address, phone = _text(near, "address"), _text(near, "phone")
        pieces = [self._name(near), *([spoken.same(address)] if address else []), *spoken_way.way(seen, self)[:1], *spoken_door.until(near, self),
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
        return spoken.clauses(spoken_way.way(seen, self))

    # --- the pieces ---------------------------------------------------------------------------------------

    def _is_surely_open(self, near: NearSite) -> bool:
        """Return whether a visitor gets in on arrival, as far as hours and other people can tell."""
        return (self.arrival(near) is State.OPEN and near.value("eligibility") != STAFF_ONLY
                and not near.trust.of(near.row).no_way_in)

    def _name(self, near: NearSite) -> Words:
        named = spoken.same(near.value("name"))
        return spoken.join(Words("演示数据：", "Demonstration: "), named) if near.value("demo") else named

    def _entering(self, near: NearSite) -> list[Words]:
        """Return who may enter, and how; a door code that slipped into a note is never told."""
        eligibility, note, mode = near.value("eligibility"), _text(near, "entry_note"), visitors.mode_on_arrival(near, self.atlas, self.now)
        if eligibility is None:
            said = [Words("谁可以进没有注明，请先问一下", "who may enter is not stated: ask first")]
        else:
            people = self._word("eligibility", eligibility)
            said = [_WHO.get(eligibility) or Words(f"面向{people.zh}", f"for {people.en}")]
        if mode == STAFF_ONLY:
            said.append(_MODES[mode])
        elif note:
            said.append(spoken.same(_CODE.sub("（密码请现场询问 ask for the code there）", note).rstrip("。.；;，, ")))
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
                *([Words(f"楼层 {floor_}", f"floor {floor_}")] if floor_ else []), *([spoken.same(directions.rstrip("。"))] if directions else [])]

    def _calling(self, near: NearSite) -> Words:
        """Return the telephone; what is not certain is to be asked there first."""
        phone = _text(near, "phone")
        ask = State.UNKNOWN in (self.opening(near).state, self.arrival(near)) or near.value("eligibility") is None
        if phone:
            return Words(f"去之前请先打电话 {phone}", f"Please call first: {phone}") if ask else Words(f"电话 {phone}", f"Telephone {phone}")
        return Words("没有登记电话", "No telephone is on record") if ask else Words("", "")

    def _word(self, section: str, code: str) -> Words:
        term = self.atlas.vocabulary.terms(section).get(code)
        return spoken.same(code) if term is None else term.words


_WHO = {"everyone": Words("所有人都可以进", "everyone may enter"), STAFF_ONLY: spoken_door.OWN_STAFF}
_MODES = {"staffed": Words("有人值守，跟工作人员说一声", "staffed: tell the staff"),
          "code": Words("要扫码、刷卡或用门禁码进门", "one needs a card or a code to get in"),
          "unattended": Words("无人值守，自己进去", "unattended: just walk in"),
          STAFF_ONLY: Words("您到的时候只让内部人员进", "at that hour for staff only")}
_LEVELS = {"yes": ("有{}", "has: {}"), "limited": ("{}有限", "limited: {}"), "no": ("没有{}", "does not have: {}"),
           "unknown": ("有没有{}没有注明", "not stated whether it has: {}")}


def _text(near: NearSite, name: str) -> str | None:
    """Return a text of the record; None for one that was taken out of it."""
    return cards.told(near.value(name))
