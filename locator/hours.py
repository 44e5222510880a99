"""Say whether a site is open at an instant, why, and until when: `hours.md` of the design.

Every distinct timetable is evaluated once over a block of days (`timelines`) and asked by its code,
its position in the sequence given; n sites are answered by gathering through their codes. Times are
whole minutes since 1970-01-01 00:00 on Beijing's clock (UTC+8); the machine's time zone never counts.
A span includes its first minute and not its end: at 17:00 sharp a site that closes at 17:00 is closed.
"""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta, timezone
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from locator.arrays import Codes, Minutes, States
from locator.calendar import Calendar
from locator.errors import BadTime
from locator.expressions import DAY, STATE_CODES, State, check_expression
from locator.segments import Piece
from locator.sites import Timetable
from locator.timelines import SUN_AT, Timelines
from locator.windows import BLOCK_DAYS
from locator.words import Words

__all__ = ["CLOCK", "DAY", "STATE_CODES", "Hours", "Opening", "Span", "State", "check_expression", "minute_of", "moment_of"]

CLOCK = timezone(timedelta(hours=8), "UTC+8")
"""Beijing's clock, which all of China keeps."""
FARTHEST_CHANGE_DAYS = 400
"""How far ahead the next change of state is looked for: a little more than a year."""

_EPOCH = datetime(1970, 1, 1, tzinfo=CLOCK)
_OFFSET_MIN = 480
_STATES = tuple(sorted(State))
_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
_BLOCK = BLOCK_DAYS * DAY
_READY_BEFORE = 7 * DAY
"""From so long before a block's end, questions evaluate a little of the next one each minute."""
_A_LITTLE = 2
_MINUTES_KEPT = 128
_BLOCKS_KEPT = 4


class Opening(NamedTuple):
    """The state of one timetable at an instant."""

    state: State
    reason: Words | None
    changes_at: int | None
    """The minute at which the state next differs; None when it does not within `FARTHEST_CHANGE_DAYS`."""
    next_state: State | None
    mode: str | None
    """Who may enter: staffed, code, unattended or staff_only; None when not stated, or closed."""


class Span(NamedTuple):
    """A part of one day: minutes from its midnight, `end` not included, at most 1440."""

    start: int
    end: int
    state: State
    mode: str | None


class _Block(NamedTuple):
    """All timetables over one block, one after another: (s,) code * minutes of a block + minute, sorted."""

    starts: NDArray[np.int64]
    states: States


def minute_of(moment: datetime) -> int:
    """Return the whole minute an instant lies in.

    Raises:
        BadTime: If it carries no offset: its instant would depend on the machine.
    """
    if moment.utcoffset() is None:
        raise BadTime("at", moment, zh="时间缺少时区，例如 +08:00", en="the time must carry an offset, e.g. +08:00")
    return int(moment.timestamp() // 60) + _OFFSET_MIN


def moment_of(minute: int) -> datetime:
    """Return the instant a minute begins at, on Beijing's clock."""
    return _EPOCH + timedelta(minutes=int(minute))


class Hours:
    """The opening of every distinct timetable, by code. Immutable from outside and safe between threads."""

    def __init__(self, timetables: Sequence[Timetable], calendar: Calendar, *, previous: Hours | None = None,
                 sun_at: tuple[float, float] = SUN_AT) -> None:
        """Take the distinct timetables; position is code.

        With `previous` of an equal calendar, what it has evaluated is used again. `sun_at` is the
        longitude and latitude whose sunrise counts.
        """
        self.timetables = tuple(timetables)
        self.calendar = calendar
        self._timelines: Timelines = Timelines(calendar, sun_at)
        self._blocks: dict[int, _Block] = {}
        if previous is not None and previous.calendar == calendar:
            theirs, blocks = previous._timelines, previous._blocks  # noqa: SLF001 - of the same class
            if theirs.sun_at == sun_at:
                self._timelines = theirs
                if previous.timetables == self.timetables:
                    self._blocks.update(blocks)
        self._at_minute: dict[int, States] = {}
        self._on_day: dict[date, States] = {}
        self._openings: list[tuple[int, int, Opening] | None] = [None] * len(self.timetables)
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self.timetables)

    def states(self, minute: int) -> States:
        """Return (t,) the state of every timetable at `minute`; kept for the minutes last asked about."""
        minute = int(minute)
        found = self._at_minute.get(minute)
        if found is None:
            block = minute // _BLOCK
            keys = np.arange(len(self.timetables), dtype=np.int64) * _BLOCK + (minute - block * _BLOCK)
            found = _read(self._block(block), keys)
            found.flags.writeable = False
            with self._lock:
                while len(self._at_minute) >= _MINUTES_KEPT:
                    del self._at_minute[next(iter(self._at_minute))]
                self._at_minute[minute] = found
            if (block + 1) * _BLOCK - minute <= _READY_BEFORE and block + 1 not in self._blocks:
                self._get_ready(block + 1)
        return found

    def states_at(self, codes: Codes, minutes: Minutes) -> States:
        """Return (m,) the state of timetable codes[i] at minutes[i]."""
        minutes = np.asarray(minutes, np.int64)
        if not len(minutes):
            return np.empty(0, np.uint8)
        soonest, latest = int(minutes.min()), int(minutes.max())
        if latest - soonest < _MINUTES_KEPT // 2 and len(minutes) > (latest - soonest + 1) * 64:
            # many sites, few minutes: gather from the states of each minute instead of searching for each site
            each = np.stack([self.states(minute) for minute in range(soonest, latest + 1)])
            return each[minutes - soonest, codes]
        codes = np.asarray(codes, np.int64)
        blocks = minutes // _BLOCK
        keys = codes * _BLOCK + (minutes - blocks * _BLOCK)
        first, last = int(blocks.min()), int(blocks.max())
        if first == last:
            return _read(self._block(first), keys)
        result = np.empty(len(keys), np.uint8)
        for block in np.unique(blocks).tolist():
            here = blocks == block
            result[here] = _read(self._block(block), keys[here])
        return result

    def all_day(self, day: date) -> States:
        """Return (t,) OPEN if open all 24 hours of `day`, CLOSED if closed at any minute of it, else UNKNOWN."""
        found = self._on_day.get(day)
        if found is None:
            midnight = (day.toordinal() - _EPOCH_ORDINAL) * DAY
            number = midnight // _BLOCK
            block = self._block(number)
            keys = np.arange(len(self.timetables), dtype=np.int64) * _BLOCK + (midnight - number * _BLOCK)
            first = np.searchsorted(block.starts, keys, "right") - 1
            end = np.searchsorted(block.starts, keys + DAY, "left")
            closed = np.concatenate([[0], np.cumsum(block.states == State.CLOSED)])
            opened = np.concatenate([[0], np.cumsum(block.states == State.OPEN)])
            found = np.full(len(keys), State.UNKNOWN, np.uint8)
            found[closed[end] > closed[first]] = State.CLOSED
            found[opened[end] - opened[first] == end - first] = State.OPEN
            found.flags.writeable = False
            with self._lock:
                while len(self._on_day) >= _MINUTES_KEPT:
                    del self._on_day[next(iter(self._on_day))]
                self._on_day[day] = found
        return found

    def opening(self, code: int, minute: int) -> Opening:
        """Return state, reason, next change and mode of one timetable; microseconds after first use."""
        kept = self._openings[code]
        if kept is not None and kept[0] <= minute < kept[1]:
            return kept[2]
        kept = self._look(self.timetables[code], int(minute))
        self._openings[code] = kept
        return kept[2]

    def openings(self, codes: Iterable[int], minute: int) -> list[Opening]:
        """Return `opening` of several timetables."""
        held = self._openings
        return [kept[2] if (kept := held[code]) is not None and kept[0] <= minute < kept[1] else self.opening(code, minute)
                for code in codes]

    def state_at(self, code: int, minute: int) -> State:
        """Return `states_at` of one timetable, without the cost of arrays."""
        number, into = divmod(minute, _BLOCK)
        block = self._block(number)
        return _STATES[block.states.item(block.starts.searchsorted(code * _BLOCK + into, "right") - 1)]

    def week(self, code: int, day: date, days: int = 7, *, probable: bool = False) -> list[list[Span]]:
        """Return, for `days` days from `day` on, the spans that are open or unknown; a closed day is empty.

        Spans are cut at midnight and where the mode of entry changes. With `probable`, hours that were
        only inferred are read as though somebody had stated them.
        """
        timetable = self.timetables[code]
        if probable:
            timetable = timetable._replace(inferred=False)
        first = day.toordinal() - _EPOCH_ORDINAL
        return [self._spans(timetable, number) for number in range(first, first + days)]

    def stretches(self, code: int, start: int, end: int) -> list[tuple[int, Opening]]:
        """Return what is said of one timetable from minute `start` to `end`, not included: what it says and since when.

        The first begins at `start`. Neighbours differ in state, reason or mode; an opening's next change is that of its first minute.
        """
        told: list[tuple[int, Opening]] = []
        minute = start
        while minute < end:
            _, until, opening = self._look(self.timetables[code], minute)
            if not told or (told[-1][1].state, told[-1][1].reason, told[-1][1].mode) != (opening.state, opening.reason, opening.mode):
                told.append((minute, opening))
            minute = until
        return told

    def prepare(self, minute: int) -> None:
        """Evaluate what questions near `minute` need, and its next days, so that no question pays for it."""
        block = int(minute) // _BLOCK
        self._block(block)
        self._block(block + 1)
        self.states(minute)

    def _spans(self, timetable: Timetable, number: int) -> list[Span]:
        midnight = number * DAY
        segments = self._timelines.segments(timetable, number)
        starts = {s.start for s in segments}
        for slot in _slots(timetable):
            starts.update(s.start for s in self._timelines.segments(slot, number))
        cuts = [*sorted(starts), DAY]
        spans: list[Span] = []
        for start, end in pairwise(cuts):
            state = next(s.state for s in reversed(segments) if s.start <= start)
            if state is State.CLOSED:
                continue
            mode = self._mode(timetable, midnight + start)[0]
            if spans and spans[-1][1:] == (start, state, mode):
                spans[-1] = spans[-1]._replace(end=end)
            else:
                spans.append(Span(start, end, state, mode))
        return spans

    def _look(self, timetable: Timetable, minute: int) -> tuple[int, int, Opening]:
        """Return the opening at `minute`, and from when until when it is exactly that."""
        number = minute // _BLOCK
        piece = self._timelines.piece(timetable, number)
        at = bisect_right(piece.starts, minute) - 1
        since = piece.starts[at]
        until = piece.starts[at + 1] if at + 1 < len(piece.starts) else piece.end
        state = State(piece.states[at])
        changes_at, next_state = self._next_change(timetable, piece, at, number, minute)
        mode: str | None = None
        if timetable.slots and state is not State.CLOSED:
            mode, slots_since, slots_until = self._mode(timetable, minute)
            since, until = max(since, slots_since), min(until, slots_until)
        # a change not found within the bound may come into it later
        if changes_at is None:
            until = min(until, minute + DAY)
        return since if changes_at is not None else minute, until, Opening(
            state, piece.reason(at), changes_at, next_state, mode)

    def _next_change(self, timetable: Timetable, piece: Piece, at: int, number: int,
                     minute: int) -> tuple[int | None, State | None]:
        state = piece.states[at]
        farthest = minute + FARTHEST_CHANGE_DAYS * DAY
        at += 1
        while True:
            for i in range(at, len(piece.starts)):
                if piece.states[i] != state:
                    return (piece.starts[i], State(piece.states[i])) if piece.starts[i] <= farthest else (None, None)
            if piece.end > farthest:
                return None, None
            number, at = number + 1, 0
            piece = self._timelines.piece(timetable, number)

    def _mode(self, timetable: Timetable, minute: int) -> tuple[str | None, int, int]:
        """Return the mode of the first slot that covers `minute`, from when and until when."""
        since, until = minute // _BLOCK * _BLOCK, (minute // _BLOCK + 1) * _BLOCK
        for slot, (_, mode) in zip(_slots(timetable), timetable.slots, strict=True):
            piece = self._timelines.piece(slot, minute // _BLOCK)
            at = bisect_right(piece.starts, minute) - 1
            since = max(since, piece.starts[at])
            until = min(until, piece.starts[at + 1] if at + 1 < len(piece.starts) else piece.end)
            if piece.states[at] == State.OPEN:
                return mode, since, until
            if piece.states[at] == State.UNKNOWN:
                break  # this slot may be the one: a later slot would be a guess
        return None, since, until

    def _block(self, number: int) -> _Block:
        found = self._blocks.get(number)
        if found is None:
            with self._lock:
                found = self._blocks.get(number)
                if found is None:
                    pieces = [self._timelines.piece(timetable, number) for timetable in self.timetables]
                    found = _concatenated(pieces, number)
                    while len(self._blocks) >= _BLOCKS_KEPT:
                        del self._blocks[next(iter(self._blocks))]
                    self._blocks[number] = found
        return found

    def _get_ready(self, block: int) -> None:
        missing = [t for t in self.timetables if not self._timelines.has(t, block)]
        for timetable in missing[:_A_LITTLE]:
            self._timelines.piece(timetable, block)
        if not missing:
            self._block(block)


def _slots(timetable: Timetable) -> list[Timetable]:
    return [Timetable(slot.hours, workday_rule=timetable.workday_rule) for slot in timetable.slots]


def _read(block: _Block, keys: NDArray[np.int64]) -> States:
    if not len(keys):
        return np.empty(0, np.uint8)
    return block.states[np.searchsorted(block.starts, keys, "right") - 1]


def _concatenated(pieces: Sequence[Piece], number: int) -> _Block:
    if not pieces:
        return _Block(np.empty(0, np.int64), np.empty(0, np.uint8))
    lengths = [len(p.starts) for p in pieces]
    shift = np.repeat(np.arange(len(pieces), dtype=np.int64) * _BLOCK - number * _BLOCK, lengths)
    starts = np.concatenate([np.frombuffer(p.starts, np.int64) for p in pieces]) + shift
    states = np.frombuffer(b"".join(p.states for p in pieces), np.uint8)
    # neighbours that differ only in their reason are one here
    firsts = np.zeros(len(starts), bool)
    firsts[np.concatenate([[0], np.cumsum(lengths)[:-1]])] = True
    keep = firsts | np.concatenate([[True], states[1:] != states[:-1]])
    return _Block(starts[keep], states[keep])
