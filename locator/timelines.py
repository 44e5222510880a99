"""Evaluate timetables over whole blocks of days, on demand, and keep what was evaluated."""

from __future__ import annotations

import threading
from array import array
from datetime import date

import numpy as np
from numpy.typing import NDArray

from locator.calendar import Calendar
from locator.errors import BadHours
from locator.expressions import DAY, State, read_expression
from locator.painting import NOT_STATED, Painter
from locator.segments import Piece, Segment, Segments, cut, probably
from locator.sites import Timetable
from locator.windows import BLOCK_DAYS, EPOCH, Window
from locator.words import Words

FIRST_DAY, END_DAY = date(1900, 1, 1).toordinal() - EPOCH, date(9000, 1, 1).toordinal() - EPOCH
"""Days since 1970-01-01 between which expressions are evaluated; outside every state is unknown."""
SUN_AT = (116.4, 39.9)
_BLOCKS_KEPT = 12

_NOT_READABLE = Words("开放时间无法识别", "hours cannot be read")
_BEYOND = Words("超出可查日期", "beyond the dates that can be asked about")


class Timelines:
    """Pieces of timetables, evaluated on demand and kept. Safe to share between threads and `Hours`."""

    def __init__(self, calendar: Calendar, sun_at: tuple[float, float] = SUN_AT) -> None:
        """Take the table of holidays and the longitude and latitude for sunrise and sunset."""
        self.calendar = calendar
        self.sun_at = sun_at
        self._pieces: dict[int, dict[Timetable, Piece]] = {}
        self._windows: dict[int, Window] = {}
        self._painters: dict[str, Painter] = {}
        self._lock = threading.Lock()

    def piece(self, timetable: Timetable, block: int) -> Piece:
        """Return one timetable over one block; evaluated once."""
        pieces = self._pieces.get(block)
        if pieces is None:
            pieces = self._room_for(block)
        found = pieces.get(timetable)
        if found is None:
            # two threads may both evaluate it: they get equal pieces, and one is kept
            found = pieces.setdefault(timetable, self._evaluated(timetable, block))
        return found

    def has(self, timetable: Timetable, block: int) -> bool:
        """Return whether a piece has been evaluated."""
        return timetable in self._pieces.get(block, ())

    def segments(self, timetable: Timetable, day: int) -> Segments:
        """Return the segments of one day; `day` counts from 1970-01-01."""
        piece = self.piece(timetable, day // BLOCK_DAYS)
        return tuple(cut(piece, day * DAY, (day + 1) * DAY))

    def _room_for(self, block: int) -> dict[Timetable, Piece]:
        with self._lock:
            pieces = self._pieces.setdefault(block, {})
            while len(self._pieces) > _BLOCKS_KEPT:
                # the first made is the oldest; never the one just asked for
                oldest = next(b for b in self._pieces if b != block)
                del self._pieces[oldest]
                self._windows.pop(oldest, None)
            return pieces

    def _evaluated(self, timetable: Timetable, block: int) -> Piece:
        first = block * BLOCK_DAYS
        if first < FIRST_DAY or first + BLOCK_DAYS > END_DAY:
            return Piece(array("q", [first * DAY]), bytes([State.UNKNOWN]), array("h", [0]), (_BEYOND,),
                         (first + BLOCK_DAYS) * DAY)
        window = self._windows.get(block)
        if window is None:
            window = self._windows.setdefault(block, Window(self.calendar, self.sun_at, first))
        which, kinds = self._stated(timetable, window)
        if timetable.season_from or timetable.season_to:
            start, end = timetable.season_from or "01-01", timetable.season_to or "12-31"
            which = np.where(window.season(start, end), which, len(kinds))
            kinds = [*kinds, (Segment(0, State.CLOSED, Words(f"不在开放季节（{start} 至 {end}）",
                                                             f"out of season (open {start} to {end})")),)]
        if timetable.inferred:
            kinds = [(Segment(0, State.UNKNOWN, probably(day)),) for day in kinds]
        return window.piece(which, kinds)

    def _stated(self, timetable: Timetable, window: Window) -> tuple[NDArray[np.int64], list[Segments]]:
        """Return (days,) which of the listed kinds of day each day is."""
        text = timetable.opening_hours
        if text is None or not text.strip():
            return np.zeros(BLOCK_DAYS, np.int64), [(Segment(0, State.UNKNOWN, NOT_STATED),)]
        painter = self._painters.get(text)
        if painter is None:
            try:
                painter = Painter(read_expression(text))
            except BadHours:
                return np.zeros(BLOCK_DAYS, np.int64), [(Segment(0, State.UNKNOWN, _NOT_READABLE),)]
            painter = self._painters.setdefault(text, painter)
        return painter.days(window, timetable.workday_rule)
