"""How long do the kernels of the touchpoint report take beside SQL that asks the same?

Run as `python -m bench.touchpoints`: one line for each size, in a process of its own. The log is in
order before the clock starts, and so is the table of DuckDB; both answer in memory.
"""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from bench.events import CHANNELS, NAMES, SIZES, shuffled, watched
from bench.peers import timed
from journey_lib.measures.touchpoints import touchpoints
from journey_lib.stats.kernels.touchpoints import Channels, Contacts
from journey_lib.study.engine import Observed, observe
from journey_lib.study.events import EventLog
from journey_lib.study.load import quick_study

POINTS, STAGES = 16, 7
ENTERING = range(STAGES)  # the first names enter the stages, the next ones belong to touchpoints
CALL_STAGES = ", ".join(f"('event_{at:02}', {at})" for at in ENTERING)
CALL_POINTS = ", ".join(f"('event_{STAGES + at:02}', {at}, {at % STAGES})" for at in range(POINTS))

PREPARE = f"""
create table stages as select * from (values {CALL_STAGES}) v(event, stage);
create table points as select * from (values {CALL_POINTS}) v(event, point, home);
create table log as select customer_id, event, channel, epoch_us(time) as t, row_number() over () as row
from frame order by customer_id, t, row;
"""
CONTACTS = """
with staged as (
  select l.customer_id, l.event, t, row, point,
    max(coalesce(stage, -1)) over (partition by customer_id order by t, row) as stay
  from log l left join stages using (event) left join points using (event)),
met as (
  select *, lag(point) over w as before,
    row_number() over (partition by customer_id, stay, event order by t, row) as again,
    row_number() over (partition by customer_id, stay, point order by t, row) as k
  from staged where point is not null window w as (partition by customer_id, stay order by t, row)),
each as (
  select point, customer_id, count(*) as n, sum((again > 1)::int) as repeats,
    sum((before is not null and before <> point and k > 1)::int) as loops from met group by all)
select point, count(*), sum(n), sum(n * n), quantile_disc(n, 0.5), sum(repeats), sum(loops)
from each group by all
"""
EFFORT = """
with staged as (
  select customer_id, t, row, (p.point is not null)::int as contact,
    max(coalesce(stage, -1)) over (partition by customer_id order by t, row) as stay
  from log l left join stages using (event) left join points p using (event)),
spells as (
  select customer_id, stay, min(t) as began, sum(contact) as steps,
    lead(min(t)) over (partition by customer_id order by stay) as left_at
  from staged group by customer_id, stay)
select stay, count(*), count(left_at), quantile_disc((left_at - began) // 1000000, 0.5), avg(steps)
from spells where stay >= 0 group by all
"""
SWITCHING = """
with marked as (
  select customer_id, channel, t, row,
    coalesce(channel <> lag(channel) over w or t - lag(t) over w > 1800000000, true) as new
  from log window w as (partition by customer_id order by t, row)),
numbered as (select *, sum(new::int) over (partition by customer_id order by t, row) as visit from marked),
visits as (select customer_id, visit, any_value(channel) as channel, min(t) as began, max(t) as ended
  from numbered group by all),
moves as (
  select customer_id, channel as origin, lead(channel) over w as target,
    lead(began) over w - ended <= 2592000000000 as near
  from visits window w as (partition by customer_id order by visit)),
each as (select customer_id, origin, target, count(*) as n from moves where near group by all)
select origin, target, sum(n), count(*), sum(n * n) from each group by all
"""


def kernels(log: EventLog) -> tuple[Contacts, Channels]:
    """Return the kernels of the same touchpoints and stages as the SQL."""
    stage = tuple(at if at in ENTERING else -1 for at in range(len(NAMES)))
    place = tuple(at - STAGES if STAGES <= at < STAGES + POINTS else -1 for at in range(len(NAMES)))
    assert log.names == tuple(NAMES)
    home = tuple(at % STAGES for at in range(POINTS))
    return Contacts(place, home, stage, STAGES), Channels(stage, STAGES, len(CHANNELS), "channel")


def agree(found: Any, moved: Any, answers: list[pd.DataFrame]) -> None:
    """Stop where kernel and SQL do not say the same."""
    contacts, effort, moves = answers
    by_point = contacts.sort_values("point")
    for column, name in enumerate(("contacts_n", "contacts_sum", "contacts_squares"), start=1):
        assert found[name][:, 0].tolist() == by_point.iloc[:, column].tolist(), name
    assert found["repeats_sum"][:, 0].tolist() == by_point.iloc[:, 5].tolist()
    assert found["loops_sum"][:, 0].tolist() == by_point.iloc[:, 6].tolist()
    by_stage = effort.sort_values("stay")
    assert found["entered"][:, 0].tolist() == by_stage.iloc[:, 1].tolist()
    assert found["moved"][:, 0].tolist() == by_stage.iloc[:, 2].tolist()
    table = moves.pivot_table(index="origin", columns="target", values=moves.columns[2], fill_value=0)
    assert np.array_equal(moved["moves"], table.to_numpy())


def measured(n: int) -> str:
    frame = shuffled(n)
    log, loading, _ = watched(lambda: EventLog.from_frame(frame))
    study, data = quick_study(events=log, journey=list(NAMES[:STAGES]))
    observed: Observed = observe(study, data)
    contacts, channels = kernels(log)
    (found, first), (moved, second) = (
        timed(lambda: observed.run(contacts)),
        timed(lambda: observed.run(channels)),
    )
    _, whole = timed(lambda: touchpoints(study, data), 1)
    _, _, above = watched(lambda: observed.run(contacts))
    base = duckdb.connect()
    base.execute("set enable_progress_bar = false")
    base.register("frame", frame)
    _, preparing = timed(lambda: base.execute(PREPARE), 1)
    answers, seconds = [], []
    for query in (CONTACTS, EFFORT, SWITCHING):
        answer, took = timed(lambda query=query: base.execute(query).df())
        answers.append(answer)
        seconds.append(took)
    agree(found, moved, answers)
    sql = seconds[0] + seconds[1]
    return (
        f"{n:>10,} events: contacts, repeats, loops, order, steps and time {first:.2f} s (SQL without order "
        f"{sql:.2f} s, {sql / first:.1f} times as long), peak {above / n:.0f} bytes an event; visits and "
        f"moves {second:.2f} s (SQL {seconds[2]:.2f} s, {seconds[2] / second:.1f} times as long); whole "
        f"report {whole:.2f} s; from an unordered frame {loading + first + second:.2f} s (SQL "
        f"{preparing + sql + seconds[2]:.2f} s)"
    )


def main() -> None:
    for n in SIZES:
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            print(pool.submit(measured, n).result())


if __name__ == "__main__":
    main()
