"""A progress bar on standard error for work that knows how much there is."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

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
