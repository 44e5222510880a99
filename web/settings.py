"""What a web process is told when it starts: one frozen record, from a mapping or the environment."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

SIDES = ("public", "internal")
_TRUE = ("1", "true", "yes", "on")
_PREFIX = "NUANXIN_"
_PASSED_ON = ("home", "database", "demo", "only", "public_url", "cors_origins", "noop")
"""Settings that travel to worker processes; the others are objects, for tests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that may differ between two running web processes."""

    home: Path = Path("var")
    """Where the registry lives."""
    database: str | None = None
    """Another registry, by URL."""
    demo: bool = True
    """False: refuse to serve a registry that holds demonstration records."""
    only: str | None = None
    """public or internal: serve that side's pages only; None: both."""
    public_url: str | None = None
    """What visitors type, e.g. ``https://example.org``; QR codes lead there. None: the host asked for."""
    cors_origins: tuple[str, ...] = ()
    """Origins whose scripts may read the API."""
    noop: bool = False
    """True: add a route that answers nothing, which benchmarks compare with."""
    poll_s: float = 1.0
    """Seconds between two looks at the registry's version."""
    clock: Callable[[], datetime] | None = None
    """Tests stop the clock; None is the real one."""
    atlas: Any = None
    """Tests pass a finished atlas; then no registry is opened."""
    registry: Any = None
    """Tests pass an open registry."""
    secret_key: str | None = None
    """Signs sessions; none are used by the public pages."""

    def __post_init__(self) -> None:
        if self.only is not None and self.only not in SIDES:
            raise ValueError(f"only must be one of {', '.join(SIDES)}, got {self.only!r}")
        object.__setattr__(self, "home", Path(self.home))
        if self.public_url:
            object.__setattr__(self, "public_url", self.public_url.rstrip("/"))

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Read ``NUANXIN_HOME``, ``NUANXIN_DATABASE``, ``NUANXIN_DEMO``, ``NUANXIN_ONLY``, ... ; absent is the default."""
        environ = os.environ if environ is None else environ
        types = {f.name: f.type for f in dataclasses.fields(cls)}
        given: dict[str, Any] = {}
        for name in _PASSED_ON:
            text = environ.get(_PREFIX + name.upper(), "")
            if text:
                given[name] = (text.lower() in _TRUE if types[name] == "bool"
                               else tuple(text.split()) if name == "cors_origins" else text)
        return cls(**given)

    def as_environment(self) -> dict[str, str]:
        """Return the variables from which `from_environment` makes equal settings again."""
        shown = {True: "1", False: "0", None: ""}
        environment = {}
        for name in _PASSED_ON:
            value = getattr(self, name)
            environment[_PREFIX + name.upper()] = (" ".join(value) if isinstance(value, tuple) else
                                                   shown[value] if isinstance(value, bool) or value is None else str(value))
        return environment
