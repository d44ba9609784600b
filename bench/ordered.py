"""How long does an ordered funnel without a window take? The only kind of funnel that retentioneering counts.

Run as `python -m bench.journeys ordered`; see `bench/peers.py`.
"""

from __future__ import annotations

from functools import partial

from bench import funnel
from bench.funnel import drawn  # noqa: F401 - the log of this bench
from bench.peers import Foreign, Peer

FOREVER = 2 * funnel.DAYS * 86_400_000_000

PEERS = {
    "journey_lib": Peer(*(partial(call, window=FOREVER) for call in (funnel.prepared, funnel.whole))),
    "duckdb": Peer(
        *(partial(call, window=FOREVER) for call in (funnel.duckdb_prepared, funnel.duckdb_whole))
    ),
    "polars": Peer(
        *(partial(call, window=FOREVER) for call in (funnel.polars_prepared, funnel.polars_whole))
    ),
    "retentioneering": Foreign(list),
}
