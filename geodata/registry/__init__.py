"""The registry: the one truth about sites, with who, when and why of every change.

`Registry.open` is the way in. `rows` is a record as the database holds it, `schema` its tables,
`database` the place, `view` reading, `writing` commits, `undoing` taking them back, `history` what revisions add up to,
`checking` whether all of it is sound. Beside the sites it keeps who may change them: `accounts`, `signing` (sessions,
tokens, failed attempts), `secrets` and the `audit` log; and what workers say of them: `reports`
(`report_rows`, `report_filing`), `day_secrets`.
"""

from __future__ import annotations

from geodata.registry.history import Revision
from geodata.registry.registry import Registry
from geodata.registry.view import Changes, View

__all__ = ["Changes", "Registry", "Revision", "View"]
