"""pandana's part of `scripts.bench_network`: run by file name with the Python of an environment in which pandana is installed.

python scripts/bench_pandana.py FOLDER

Reads `nodes.npy` (n, 2) metres, `edges.npy` (e, 2), `length_m.npy` (e,) and `sites.npy` (s, 2) metres from the folder, writes
`site_nodes.npy`, the node that each site is taken to, and `nearest_m.npy`, how far the nearest of them is from each node, and prints
seconds as JSON. Nothing of this project is imported, and nothing of pandana (AGPL) is shipped with it or imported by it.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pandas as pd

LIMIT_M = 1_250.0
ROUNDS = 5


def timed(act: Callable[[], Any], rounds: int) -> tuple[float, Any]:
    """Return the median seconds of an act, and what it returned last."""
    taken, found = [], None
    for _ in range(rounds):
        began = time.perf_counter()
        found = act()
        taken.append(time.perf_counter() - began)
    return median(taken), found


def main(folder: Path) -> None:
    """Time it all."""
    import pandana

    spots, edges, length_m, sites = (np.load(folder / f"{name}.npy") for name in ("nodes", "edges", "length_m", "sites"))
    x, y = pd.Series(sites[:, 0]), pd.Series(sites[:, 1])
    began = time.perf_counter()
    network = pandana.Network(pd.Series(spots[:, 0]), pd.Series(spots[:, 1]), pd.Series(edges[:, 0]), pd.Series(edges[:, 1]),
                              pd.DataFrame({"m": length_m}))
    network.precompute(LIMIT_M)
    made = time.perf_counter() - began
    posed, _ = timed(lambda: network.set_pois("site", LIMIT_M, 1, x, y), ROUNDS)
    asked, found = timed(lambda: network.nearest_pois(LIMIT_M, "site", num_pois=1), ROUNDS)
    np.save(folder / "site_nodes.npy", np.asarray(network.get_node_ids(x, y), np.int64))
    np.save(folder / "nearest_m.npy", np.asarray(found[1], np.float64))
    print(json.dumps({"version": pandana.__version__, "made": made, "posed": posed, "asked": asked}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
