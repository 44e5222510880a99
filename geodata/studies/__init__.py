"""Studies: one question of planning, pinned to what it is answered from, made once and kept in the home.

`asked` is the question, `pins` what it was answered from and the name that both make, `store` where answers are kept,
`running` the job that makes one. Every page, file, picture and API answer reads a study from here.
"""

from __future__ import annotations

from geodata.studies.asked import COMPARE, COVERAGE, DAY, GAPS, STUDY, WHATS, Asked
from geodata.studies.pins import Pins, key, pinned
from geodata.studies.store import Studies, Study

__all__ = ["COMPARE", "COVERAGE", "DAY", "GAPS", "STUDY", "WHATS", "Asked", "Pins", "Studies", "Study", "key", "pinned"]
