"""Where this installation keeps its data, and the language it speaks."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from geodata.registry import Registry
    from locator.atlas import Atlas


@dataclass(frozen=True, slots=True)
class Settings:
    """What the options before the command say."""

    home: Path
    database: str | None
    language: str

    def registry(self, *, create: bool = False) -> Registry:
        """Open the registry.

        Raises:
            NotBuilt: If there is none yet and `create` is not set.
        """
        from geodata.registry import Registry

        return Registry.open(self.home, database=self.database, create=create)

    def atlas(self) -> Atlas:
        """Read the registry into an atlas."""
        from geodata import snapshot

        return snapshot.atlas(self.registry(), home=self.home)
