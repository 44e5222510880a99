"""Where this installation keeps its data, and the language it speaks."""

from __future__ import annotations

import contextlib
import getpass
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from locator.errors import BadValue, Refusal

if TYPE_CHECKING:
    from geodata.areas import Areas
    from geodata.planning import Basis
    from geodata.registry import Registry
    from geodata.registry.database import Database
    from locator.atlas import Atlas
    from locator.trust import Trust


@dataclass(frozen=True, slots=True)
class Settings:
    """What the options before the command say."""

    home: Path
    database: str | None
    language: str

    def place(self) -> Database:
        """Return where the registry is, or would be; a restore that was killed is finished first.

        Raises:
            BadValue: If the home is a file, or the database's URL is not one.
        """
        from geodata.registry.database import Database

        self.check_home()
        place = Database(self.home, self.database)
        if (self.home / "restore.unfinished").exists():
            from geodata import restore

            restore.finish(self.home, place)
        return place

    def check_home(self) -> None:
        """Refuse a home that is a file.

        Raises:
            BadValue: If it is one.
        """
        if self.home.exists() and not self.home.is_dir():
            raise BadValue("--home", self.home, zh="应为目录，这是一个文件", en="must be a directory; this is a file")

    def registry(self, *, create: bool = False, upgrade: bool = False) -> Registry:
        """Open the registry.

        Args:
            create: Make it if there is none; includes `upgrade`.
            upgrade: Bring an older one to this program's schema, after a backup of which the path is told.

        Raises:
            NotBuilt: If there is none yet and `create` is not set, or it is of another schema.
            Unavailable: If it cannot be read, or made.
            BadValue: If the database's URL is not one.
        """
        from geodata.registry import Registry

        place = self.place()
        try:
            if create or upgrade:
                self._upgrade(place)
            return Registry.open(self.home, database=self.database, create=create)
        except Refusal:
            raise
        except Exception as fault:
            if self.database is None:
                raise
            scheme = self.database.partition(":")[0]  # the rest may hold a password
            raise BadValue("NUANXIN_DATABASE", f"{scheme}:…", zh=f"不能用这个地址打开登记库（{type(fault).__name__}）",
                           en=f"no registry can be opened at this URL ({type(fault).__name__})") from None

    def _upgrade(self, place: Database) -> None:
        from geodata.registry.database import SCHEMA

        found = place.schema()
        if found is None or found >= SCHEMA:
            return
        from geodata import upgrade

        kept = upgrade.upgrade(self.home, place)
        click.echo(f"登记库已从版式 {found} 升级到 {SCHEMA}" + (f"；升级前的备份：{kept}。" if kept else "（备份请用 pg_dump）。")
                   + f" The registry was upgraded from schema {found} to {SCHEMA}"
                   + (f"; the backup from before: {kept}." if kept else " (use pg_dump for backups)."), err=True)

    def atlas(self) -> Atlas:
        """Read the registry into an atlas that is asked once."""
        from geodata import snapshot

        return snapshot.atlas(self.registry(), once=True)

    def trust(self, atlas: Atlas, now: datetime) -> Trust:
        """Return the confidence in an atlas's sites under what was reported of them."""
        from locator.trust import Trust

        return Trust(atlas.sites, atlas.vocabulary, self.registry().reports.counted(now), now.date())

    def keep(self, registry: Registry) -> None:
        """Leave a copy of a much changed registry's table behind, so that the next question reads that.

        What was asked for is done by then: nothing that goes wrong here may be told as its failure.
        """
        from geodata import snapshot

        with contextlib.suppress(Refusal, OSError, KeyboardInterrupt):
            snapshot.atlas(registry, once=True)

    def planning(self, demand: str | None, *, on_foot: bool = False) -> Basis:
        """Return what coverage is figured from: see `geodata.planning`.

        Raises:
            NotThere: If there is no demand of this name.
        """
        from geodata.planning import Planning

        return Planning(self.home, self.registry()).basis(demand, on_foot=on_foot)

    def areas(self) -> Areas:
        """Read the shipped areas and this installation's own."""
        from geodata.areas import Areas

        return Areas.load(self.home)


def who() -> str:
    """Return who changes something on the command line: ``cli:`` and the system's user."""
    try:
        return f"cli:{getpass.getuser()}"
    except (KeyError, OSError):  # a container user without a name
        return "cli"
