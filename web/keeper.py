"""Keeps the newest atlas of one registry: made from it, replaced whole when it has changed.

A daemon thread asks the registry for its version about once a second, makes a new atlas from the one
before, and swaps it in with one assignment: a question holds the atlas it began with until it is
answered. What workers report changes no atlas: it is looked at likewise, and changes only the
confidence in the sites it is about. The same thread computes the coming minute's opening states ahead, so that no question pays.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from locator.atlas import Atlas
from locator.errors import Refusal, Unavailable
from locator.hours import minute_of
from locator.trust import Reports
from locator.typed import BEIJING
from locator.words import Words
from web.errors import UNREADABLE, NotReady
from web.held import Held
from web.settings import Settings

if TYPE_CHECKING:
    from geodata.registry import Registry
    from locator.network import Network

_AHEAD = timedelta(seconds=20)
_PRUNED_EVERY = timedelta(hours=1)
_PATIENCE_MS = 200
"""How long forgetting waits for a writer: whoever looks for a new version must not wait with it."""
_DEMONSTRATION = Words("登记库里有演示数据，本服务未获准提供", "the registry holds demonstration records, which this server was not told to serve")
_log = logging.getLogger(__name__)


class Keeper:
    """Keeps the newest atlas of one registry."""

    def __init__(self, settings: Settings, each_look: Callable[[Keeper], object] = lambda _: None) -> None:
        """Hold nothing yet; `start` begins looking, and calls `each_look` after each."""
        self._each_look = each_look
        self._settings = settings
        self._clock = settings.clock or _real_clock
        self._held: Held | None = None
        self._registry: Registry | None = settings.registry
        self._reason: Words | None = None
        self._looked_at: datetime | None = None
        self._newest = settings.atlas.version if settings.atlas is not None else 0
        self._beside: tuple[int, ...] | None = None
        self._withheld: tuple[int, str | None] | None = None
        self._prepared: tuple[int, int] | None = None
        self._reports: Reports = {}
        self._reported: tuple[int, str | None] = (0, None)
        self._reporting = threading.Lock()
        self._pruned_at: datetime | None = None
        self._stop = threading.Event()
        self._wake = threading.Event()
        self._ready = threading.Event()
        self._thread: threading.Thread | None = None
        if settings.atlas is not None:
            self._swap(settings.atlas)

    def start(self) -> None:
        """Look at the registry from now on, in a thread of its own; a given atlas stays."""
        if self._settings.atlas is None and self._thread is None:
            self._thread = threading.Thread(target=self._watch, name="atlas", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Look no more; what is held stays."""
        self._stop.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join()

    def wait(self, seconds: float) -> bool:
        """Wait for the first atlas; say whether it came in time."""
        return self._ready.wait(seconds)

    def catch_up(self, version: int, seconds: float = 1.0) -> None:
        """Look at the registry now, and wait a little until what is held is of a version or newer.

        For whoever has just written: the page they see next should know. Other processes look by themselves.
        """
        until = time.monotonic() + seconds
        while self._thread is not None and self._held is not None and self._held.atlas.version < version and time.monotonic() < until:
            self._wake.set()
            self._stop.wait(0.02)

    @property
    def ready(self) -> bool:
        """Whether there is an atlas."""
        return self._held is not None

    @property
    def newest(self) -> int:
        """The newest version seen in the registry; 0 before the first look."""
        return self._newest

    @property
    def held(self) -> Held:
        """The newest atlas; take it once a request.

        Raises:
            NotReady: While there is none.
        """
        if self._held is None:
            raise NotReady(self._reason)
        return self._held

    @property
    def registry(self) -> Registry:
        """The registry, for what the atlas does not hold: history, days past.

        Raises:
            NotReady: While it is not open.
        """
        if self._registry is None:
            raise NotReady(self._reason)
        return self._registry

    def network(self) -> Network | None:
        """Return the walking network beside the registry, mapped into memory; None where none was built.

        Raises:
            BadFile: If its file is damaged.
        """
        from geodata import streets  # here: most answers need none

        return None if self._registry is None else streets.load(self._registry.home)

    def now(self) -> datetime:
        """Return the present on Beijing's clock."""
        return self._clock()

    def age_s(self) -> float | None:
        """Return the seconds since the registry was last seen to hold nothing newer; None before that."""
        if self._settings.atlas is not None:
            return 0.0
        return None if self._looked_at is None else (_real_clock() - self._looked_at).total_seconds()

    def hear(self) -> bool:
        """Take in what workers have reported since, at once; say whether there was anything.

        For whoever has just written a report: what they see next should know. Other processes hear by themselves.
        """
        registry = self.registry
        with self._reporting:
            newest = registry.reports.newest()
            if newest == self._reported:
                return False
            self._reports, self._reported = registry.reports.counted(self.now()), newest
            if self._held is not None:
                self._held.report(self._reports)
        return True

    def _prune(self) -> None:
        """Let the registry forget what it has kept long enough, when this process begins and every hour."""
        if self._pruned_at is None or _real_clock() - self._pruned_at >= _PRUNED_EVERY:
            with contextlib.suppress(Unavailable):  # somebody is writing: at the next look
                self.registry.reports.prune(now=self.now(), patience_ms=_PATIENCE_MS)
                self._pruned_at = _real_clock()

    def _watch(self) -> None:
        while not self._stop.is_set():
            try:
                fresh = self.look()
                self.hear()
                self._prune()
                self._prepare()
                if fresh:
                    _settle()
            except Unavailable as refusal:
                if self._say(UNREADABLE):
                    _log.error("%s", refusal.sentence("en"))
            except Refusal as refusal:
                self._say(refusal.words)
            except Exception:  # noqa: BLE001 - the old atlas answers on while a registry cannot be read
                if self._say(UNREADABLE):
                    _log.exception("the registry cannot be read")
            with contextlib.suppress(OSError):  # what is told of a look must not end the looking
                self._each_look(self)
            self._wake.wait(self._settings.poll_s)
            self._wake.clear()

    def _say(self, reason: Words) -> bool:
        """Keep, and log once, why there is no newer atlas; return whether it is news."""
        if reason == self._reason:
            return False
        self._reason = reason
        _log.error("%s", reason.en)
        return True

    def look(self) -> bool:
        """Take in the registry's newest version; say whether it was new."""
        from geodata import snapshot  # here, so that tests with a finished atlas need no registry

        if self._registry is None:
            from geodata.registry import Registry

            self._registry = Registry.open(self._settings.home, database=self._settings.database)
        looked_at = _real_clock()
        newest = self._registry.newest()
        self._newest = newest[0]
        held = self._held
        if newest == self._withheld:  # seen already: a second look costs as much as the first
            return False
        beside = snapshot.beside(self._registry.home)
        same_files = beside == self._beside
        fresh = held is None or (held.atlas.version, held.atlas.committed_at) != newest or not same_files
        if fresh:
            self._beside = beside
            atlas = snapshot.atlas(self._registry, previous=held.atlas if held and same_files else None)
            if atlas.has_demo and not self._settings.demo:
                self._say(_DEMONSTRATION)
                self._withheld = newest
                return False
            self._swap(atlas)
        self._reason = None
        self._looked_at = looked_at
        return fresh

    def _swap(self, atlas: Atlas) -> None:
        atlas.hours.prepare(minute_of(self.now()))
        with self._reporting:
            self._held = Held(atlas, self.now(), self._reports)
        self._ready.set()

    def _prepare(self) -> None:
        if self._held is None:
            return
        atlas, minute = self._held.atlas, minute_of(self.now() + _AHEAD)
        if self._prepared != (id(atlas), minute):
            atlas.hours.prepare(minute)
            self._prepared = (id(atlas), minute)
        # the first search would otherwise pay for building these
        _ = atlas.place_names, atlas.site_names


def _settle() -> None:
    """Let the collector forget what stays: walking an atlas at every full collection would delay questions.

    And return what making it took.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()
    # reading a registry takes more memory than keeping it; glibc gives the difference back only when told
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def _real_clock() -> datetime:
    return datetime.now(BEIJING)
