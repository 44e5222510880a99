"""The registry of sites: the one truth, with its whole history."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Self

from geodata.registry.database import Database
from geodata.registry.history import Revision
from geodata.registry.view import Changes, Committed, View
from locator.sites import Site

if TYPE_CHECKING:
    from geodata.registry.accounts import Accounts
    from geodata.registry.audit import Audit
    from geodata.registry.checking import Finding
    from geodata.registry.redacting import Redacted
    from geodata.registry.reports import Reports
    from geodata.registry.signing import Attempts, Sessions, Tokens
    from geodata.registry.undoing import Undone
    from geodata.registry.writing import Commit, Progress
    from locator.areas import AreaTree
    from locator.vocabulary import Vocabulary


class Registry:
    """Sites with who, when and why of every change. Nothing is ever deleted.

    Every commit makes one new version of the whole registry, counting up from 1. Readers see whole
    versions only, and never wait for a writer; writers wait for each other (10 s, then a refusal).
    Safe to use from several threads and processes. Everything raises `Unavailable` when the database
    cannot be reached, is locked, full or damaged; then nothing has been written.
    """

    def __init__(self, home: Path, database: Database) -> None:
        """Take a database; use `Registry.open`."""
        self.home = home
        """The directory of this installation; what belongs to the registry may be kept there."""
        self._database = database

    def __str__(self) -> str:
        return str(self._database)

    @classmethod
    def open(cls, home: Path, *, database: str | None = None, create: bool = False) -> Registry:
        """Open the registry of a home directory.

        Args:
            home: Where ``registry.sqlite`` is.
            database: Another place by URL: ``postgresql+psycopg://...``, ``sqlite:///FILE``.
            create: Make it, or bring it to this program's schema, if it is not there yet; idempotent.

        Raises:
            NotBuilt: If there is none, or its schema is older or newer than this program.
        """
        place = Database(home, database)
        if create:
            place.migrate()
        place.check_schema()
        return cls(home, place)

    def close(self) -> None:
        """Let go of the database; a later use opens it again."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- reading ------------------------------------------------------------------------------------

    @contextmanager
    def view(self) -> Iterator[View]:
        """Read several things of one and the same version."""
        with self._database.reading() as reading:
            yield View(reading)

    def version(self, on: date | datetime | None = None) -> int:
        """Return the newest version, or that of a day's end or an instant; 0 while nothing was committed."""
        with self.view() as view:
            return view.version(on)

    def newest(self) -> tuple[int, str | None]:
        """Return the newest version and when it was committed: what tells one state from every other."""
        with self.view() as view:
            return view.newest()

    def sites(self, on: date | datetime | None = None) -> Iterator[Site]:
        """Return every site that is not removed, in the registry's order.

        Args:
            on: As it was at the end of that day in Beijing, or at that instant (Beijing's clock if it
                has no offset); None is now.
        """
        with self.view() as view:
            yield from view.sites(on)

    def site(self, site_id: str, on: date | datetime | None = None) -> Site | None:
        """Return one site, None if there is (or was then) none."""
        with self.view() as view:
            return view.site(site_id, on)

    def history(self, site_id: str) -> list[Revision]:
        """Return all that happened to a site, oldest first; empty if no site ever had this id."""
        with self.view() as view:
            return view.history(site_id)

    def commits(self, *, most: int = 20, before: int | None = None) -> list[Committed]:
        """Return the newest versions, newest first; with `before`, those older than that version."""
        with self.view() as view:
            return view.commits(most=most, before=before)

    def changed_since(self, version: int) -> Changes:
        """Return (sites changed or added after a version, ids removed after it)."""
        with self.view() as view:
            return view.changed_since(version)

    def has_demo(self) -> bool:
        """Say whether any site is a demonstration record."""
        with self.view() as view:
            return view.has_demo()

    def check(self, vocabulary: Vocabulary, areas: AreaTree | None = None) -> list[Finding]:
        """Return what is wrong: history, keys, coordinates, codes, areas, readings; empty if all is well."""
        from geodata.registry import checking

        with self.view() as view:
            return list(checking.findings(view, vocabulary, areas))

    # --- writing ------------------------------------------------------------------------------------

    def commit(self, sites: Iterable[Site], *, who: str, why: str, at: datetime | None = None, action: str = "change",
               expected_versions: Mapping[str, int] | None = None, progress: Progress | None = None) -> Commit:
        """Add or change sites by id, all in one commit or none.

        A record equal to the one held is unchanged and makes no revision; if none is new there is no
        new version. A record whose site was removed reinstates it. The records' own version,
        updated_at, updated_by and reason do not count: the commit writes them.

        Args:
            sites: Whole records; read to the end before anything is locked.
            who: Who changes; must not be blank.
            why: Why; must not be blank.
            at: When; now if None. Never before the last commit.
            action: What is being done, for the list of commits: change, import, ...
            expected_versions: By site id, the version the change was made from; 0 is a new site.
            progress: Called with (records done, records in all) now and then; the last time with all.

        Raises:
            Conflict: If a site is not at its expected version any more.
            BadValue: If one id occurs twice with different content, `who` or `why` is blank, or a value
                cannot be stored.
            BadCoordinate: If a coordinate is out of range.
            BadTime: If `at` is before the last commit.
        """
        from geodata.registry import writing

        return writing.commit(self._database, sites, who=who, why=why, at=at, action=action,
                              expected_versions=expected_versions or {}, progress=progress)

    def remove(self, ids: Iterable[str], *, who: str, why: str, at: datetime | None = None,
               expected_versions: Mapping[str, int] | None = None) -> int:
        """Take sites out, in one commit; return how many. They leave a tombstone, their id and history stay.

        Sites removed already are passed over.

        Raises:
            NotThere: If no site ever had one of the ids; then none is removed.
            Conflict: If a site is not at its expected version any more.
        """
        from geodata.registry import writing

        return writing.remove(self._database, ids, who=who, why=why, at=at, expected_versions=expected_versions or {})

    def reinstate(self, ids: Iterable[str], *, who: str, why: str, at: datetime | None = None) -> int:
        """Bring removed sites back as they last were, in one commit; return how many.

        Raises:
            NotThere: If no site ever had one of the ids; then none is reinstated.
        """
        from geodata.registry import writing

        return writing.reinstate(self._database, ids, who=who, why=why, at=at)

    def undo(self, version: int, *, who: str, why: str, at: datetime | None = None,
             progress: Progress | None = None) -> Undone:
        """Take a whole commit back, in one new commit: every site it touched is what it was before.

        What it created or reinstated is removed, what it changed has its old values, what it removed
        comes back (last in the registry's order, as any reinstated site). Commits since do not stand
        in the way unless they changed the same fields of a site, or anything of a site the commit
        created; `undoing` gives the rule. An undo is a commit like any other and can be undone.

        Args:
            version: Which commit.
            who: Who takes it back; must not be blank.
            why: Why; must not be blank.
            at: When; now if None.
            progress: Called with (sites done, sites in all) now and then; the last time with all.

        Raises:
            NotThere: If there is no such version.
            Conflict: If what it did was changed again since, naming the sites; then nothing is written.
            BadValue, BadTime: As `commit`.
        """
        from geodata.registry import undoing

        return undoing.undo(self._database, version, who=who, why=why, at=at, progress=progress)

    def redact(self, site_id: str, field: str, *, who: str, why: str, at: datetime | None = None) -> Redacted:
        """Take a personal field out of a site's whole history, in one commit that cannot be undone.

        Its value becomes `redacting.MARK` in every revision and in the record as it is now; the commit
        says who, when, why, which field and which revisions. `updated_by` and `reason` are taken out of
        every commit that touched the site. Backups made before still hold the value.

        Raises:
            NotThere: If there is no such site, or it never had anything there.
            BadValue: If the field is not a personal one, or `who` or `why` is blank.
        """
        from geodata.registry import redacting

        done = redacting.redact(self._database, site_id, field, who=who, why=why, at=at)
        self.audit.record(at=at or datetime.now(UTC), who=who, action="redact", object=f"{site_id} {field}")
        return done

    def revert(self, site_id: str, version: int, *, who: str, why: str, at: datetime | None = None,
               expected_version: int | None = None) -> Commit:
        """Give one site again the record it had at a version of the registry, whole, in one new commit.

        A removed site comes back by it. If the site is that already, there is no new version. A field
        whose value was redacted is empty afterwards, or as marked as it was.

        Args:
            site_id: Which site.
            version: Any version; the record is the one the site's last revision up to it left.
            who: Who reverts; must not be blank.
            why: Why; must not be blank.
            at: When; now if None.
            expected_version: The version of the site this was decided on; None is the one it has now.

        Raises:
            NotThere: If there was no such site at that version.
            Conflict: If the site is not at its expected version any more.
            BadValue, BadTime: As `commit`.
        """
        from geodata.registry import undoing

        return undoing.revert(self._database, site_id, version, who=who, why=why, at=at, expected_version=expected_version)

    # --- who may --------------------------------------------------------------------------------------

    @property
    def accounts(self) -> Accounts:
        """Who may sign in."""
        from geodata.registry.accounts import Accounts

        return Accounts(self._database)

    @property
    def sessions(self) -> Sessions:
        """Who is signed in."""
        from geodata.registry.signing import Sessions

        return Sessions(self._database)

    @property
    def tokens(self) -> Tokens:
        """Keys of programs."""
        from geodata.registry.signing import Tokens

        return Tokens(self._database)

    @property
    def attempts(self) -> Attempts:
        """Failed sign-ins."""
        from geodata.registry.signing import Attempts

        return Attempts(self._database)

    @property
    def audit(self) -> Audit:
        """The audit log."""
        from geodata.registry.audit import Audit

        return Audit(self._database)

    # --- what workers say -----------------------------------------------------------------------------

    @property
    def reports(self) -> Reports:
        """What workers report of sites."""
        from geodata.registry.reports import Reports

        return Reports(self._database, self.home)
