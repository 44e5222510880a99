"""What the finder's address says, and how the page's links say it again."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Request, url_for

from web import frame
from web.pairs import Pairs, pairs_of
from web.values import LONGEST_TEXT

START = ("lon", "lat", "accuracy_m", "place", "area", "datum")
"""Where one starts from."""
CARRIED = (*START, "need", "kind", "facility", "eligibility", "state", "strict", "verified_only", "at", "by", "within", "k")
"""What links and forms of the page pass on; the rest of an address is left behind."""
FILTERS = ("need", "kind", "facility", "eligibility", "state", "strict", "verified_only", "within")
TROUBLES = ("denied", "dismissed", "timeout", "unavailable", "unsupported", "insecure")
"""Why a phone did not tell where it is; each has its own screen."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the page's address says, beside the question itself."""

    pairs: Pairs
    text: str
    place: str
    trouble: str

    @classmethod
    def of(cls, request: Request) -> Asked:
        """Read a request; blank values and names the page does not know are passed over."""
        pairs = [(name, value[:LONGEST_TEXT]) for name, value in pairs_of(request) if value.strip()]
        told = dict(reversed(pairs))
        trouble = told.get("trouble", "")
        return cls([p for p in pairs if p[0] in CARRIED], told.get("q", "").strip(), told.get("place", ""),
                   trouble if trouble in TROUBLES else "")

    def value(self, name: str) -> str:
        """Return the first value of a name; empty when there is none."""
        return next((v for n, v in self.pairs if n == name), "")

    def values(self, name: str) -> list[str]:
        """Return every value of a name."""
        return [v for n, v in self.pairs if n == name]

    def address(self, *without: str, also: Pairs = (), less: Pairs = ()) -> str:
        """Return the page's address again, without some names or pairs and with others."""
        kept = [p for p in self.pairs if p[0] in CARRIED and p[0] not in without and p not in less]
        return frame.with_query(url_for("finder.nearest"), [*kept, *also])

    def elsewhere(self, also: Pairs) -> str:
        """Return the page's address from another place to start."""
        return self.address(*START, "k", also=also)

    def kept(self, *without: str) -> Pairs:
        """Return what a form of the page has to pass on beside its own fields."""
        return [p for p in self.pairs if p[0] not in without]
