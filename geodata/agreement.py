"""Is what is asked what is registered? An atlas beside the registry it was read from, row by row."""

from __future__ import annotations

from collections.abc import Iterator

from geodata import snapshot
from geodata.registry import Registry
from geodata.registry.checking import Finding
from locator.atlas import Atlas
from locator.sites import FIELDS
from locator.words import Words

_TRIES = 5


def findings(registry: Registry) -> Iterator[Finding]:
    """Return where the atlas that a process starting now would answer from differs from the registry.

    It is made as every process makes it: from the copy kept in the home, if there is one, and what changed since.
    """
    for _ in range(_TRIES):  # somebody may write between the two readings
        atlas = snapshot.atlas(registry, once=True)
        if registry.newest() == (atlas.version, atlas.committed_at):
            break
    yield from between(atlas, registry)


def between(atlas: Atlas, registry: Registry) -> Iterator[Finding]:
    """Return where an atlas differs from the registry: another version, order, row, field or reading."""
    with registry.view() as view:
        newest = view.newest()
        if newest != (atlas.version, atlas.committed_at):
            yield Finding("", "version", atlas.version, Words(f"登记库已是第 {newest[0]} 版", f"the registry is at version {newest[0]}"))
            return
        kept = view.raw("SELECT reading FROM sites WHERE NOT removed ORDER BY seq")
        count = view.count()
        if count != len(atlas.sites):
            yield Finding("", "sites", len(atlas.sites), Words(f"登记库有 {count} 个站点", f"the registry has {count} sites"))
            return
        for held, served, reading, (known,) in zip(view.sites(), atlas.sites, atlas.readings, kept, strict=True):
            if held != served:
                name = next((name for name in FIELDS if getattr(held, name) != getattr(served, name)), "id")
                yield Finding(held.id, name, getattr(served, name),
                              Words(f"登记库里是 {getattr(held, name)!r}", f"the registry has {getattr(held, name)!r}"))
            elif (reading or "") != (known or ""):
                yield Finding(held.id, "reading", reading, Words(f"登记库里是 {known!r}", f"the registry has {known!r}"))
