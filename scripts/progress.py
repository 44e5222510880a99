"""A progress bar on standard error for work that knows how much there is."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import click

Progress = Callable[[int, int], None]
"""Called with (done, total); total may change."""


@contextmanager
def bar(label: str) -> Iterator[Progress]:
    """Show a bar while the block runs; the block is given what to call with (done, total)."""
    with click.progressbar(length=1, label=label, file=sys.stderr) as shown:
        def progress(done: int, total: int) -> None:
            shown.length = max(1, total)
            shown.update(done - shown.pos)

        yield progress
        shown.update((shown.length or 1) - shown.pos)


@contextmanager
def bars(*labels: str) -> Iterator[list[Progress]]:
    """Show one bar after another; a bar begins when its progress is first called, which ends the one before."""
    shown: dict[str, Progress] = {}
    with ExitStack() as opened:
        def phase(label: str) -> Progress:
            def progress(done: int, total: int) -> None:
                if label not in shown:
                    opened.close()
                    shown[label] = opened.enter_context(bar(label))
                shown[label](done, total)

            return progress

        yield list(map(phase, labels))
