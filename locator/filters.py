"""Which sites suit a question, whatever the hour: the part of a filter that only an edit can change."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from locator.arrays import Bits
from locator.errors import BadValue
from locator.sites import Sites
from locator.vocabulary import Vocabulary

STATES = ("open", "open-on-arrival", "all-day")
EVERYONE = "everyone"
"""The eligibility that turns nobody away."""


@dataclass(frozen=True, slots=True)
class Filters:
    """Which sites suit. Nothing set: every active public site, whatever its state."""

    kinds: tuple[str, ...] = ()
    """Any of these kinds."""
    facilities: tuple[str, ...] = ()
    """All of these facilities; `limited` passes, unknown does not."""
    eligibility: tuple[str, ...] = ()
    """Any of these."""
    state: str | None = None
    """open (now), open-on-arrival, all-day (24 hours on the day asked about)."""
    strict: bool = False
    """True: a state of unknown no longer passes `state`."""
    verified_only: bool = False
    areas: tuple[str, ...] = ()
    """Any of these district or street codes, as recorded on the site."""
    admits: tuple[str, ...] = ()
    """What the asker is: sites for everybody pass, those for one of these, and those that do not state for whom."""
    audience: str = "public"
    """public: public sites only; internal: internal ones too (signed-in callers)."""

    @classmethod
    def of(cls, vocabulary: Vocabulary, *, kinds: tuple[str, ...] = (), facilities: tuple[str, ...] = (),
           eligibility: tuple[str, ...] = (), state: str | None = None, strict: bool = False,
           verified_only: bool = False, areas: tuple[str, ...] = ()) -> Filters:
        """Make filters from what people write: codes, Chinese or English names, synonyms.

        Raises:
            UnknownCode: If a kind, facility or eligibility is not in the vocabulary.
            BadValue: If `state` is not one of `STATES`.
        """
        if state is not None and state not in STATES:
            raise BadValue("state", state, zh=f"应为 {'、'.join(STATES)} 之一", en=f"must be one of {', '.join(STATES)}")
        return cls(
            kinds=tuple(sorted({vocabulary.code("kind", s) for s in kinds})),
            facilities=tuple(sorted({vocabulary.code("facility", s) for s in facilities})),
            eligibility=tuple(sorted({vocabulary.code("eligibility", s) for s in eligibility})),
            state=state, strict=strict, verified_only=verified_only, areas=tuple(sorted(set(areas))))

    def lasting(self) -> Filters:
        """Return the same filters without what depends on the clock."""
        return replace(self, state=None, strict=False)


def suitable(filters: Filters, sites: Sites) -> Bits:
    """Return (n,) which sites pass everything in `filters` but the state.

    Only active, located sites ever pass, and only those that the audience may see; otherwise `matching`.
    """
    passes = sites.has("status", ("active",)) & sites.located & matching(filters, sites)
    if filters.audience == "public":
        passes &= sites.has("visibility", ("public",))
    return passes


def matching(filters: Filters, sites: Sites) -> Bits:
    """Return (n,) which sites are of the sort that is asked for, whoever may see them.

    Several kinds mean any of them, several facilities mean all of them; a facility passes when it is
    `yes` or `limited` and not only inferred. An area matches the district or the street recorded on the site.
    """
    passes: Bits = np.ones(len(sites), bool)
    if filters.kinds:
        passes &= sites.has("kind", filters.kinds)
    if filters.eligibility:
        passes &= sites.has("eligibility", filters.eligibility)
    if filters.admits:
        passes &= sites.has("eligibility", (EVERYONE, None, *filters.admits))
    for facility in filters.facilities:
        passes &= sites.offers(facility)
    if filters.areas:
        passes &= sites.has("district_code", filters.areas) | sites.has("street_code", filters.areas)
    if filters.verified_only:
        verified_on = sites.coded("verified_on")
        dated = np.array([v is not None for v in verified_on.values], bool)
        passes &= dated[verified_on.codes] if len(dated) else False
    return passes
