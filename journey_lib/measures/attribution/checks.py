"""Who is counted in the attribution report, and what could be wrong with it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import reduce
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from journey_lib.measures.attribution import terms
from journey_lib.measures.attribution.holdouts import said
from journey_lib.measures.attribution.models import estimates
from journey_lib.measures.attribution.plan import NO_CHANNEL
from journey_lib.present.result import Basis, Check, Status
from journey_lib.present.wording import Message, Names, Quantity, message
from journey_lib.stats.attribution.chains import foretold
from journey_lib.study.durations import length
from journey_lib.study.engine.told import EVERYBODY, basis_lines, common_checks

if TYPE_CHECKING:
    from journey_lib.measures.attribution.count import Counted
    from journey_lib.measures.attribution.holdouts import Held

MANY_OPEN, MANY_UNTOUCHED, MANY_CUT, MANY_UNNAMED = 0.05, 0.10, 0.10, 0.05  # shares from which to watch
MOVED = 0.03  # of a share, from which another lookback or order matters
ORDERS = (1, 2, 3)
_FOLDS, _SEED = 5, 0


def notes() -> dict[str, Message]:
    """Return the sentence of every reason a number can be missing for."""
    return {
        "no_conversions": message("No conversion has a touch before it, so there is nothing to credit."),
        "no_value": message("No conversion with a touch has a value."),
        "negative_value": message("Some values are negative, such as refunds, so they have no shares."),
        "not_met": message("Nobody in this group met the channel."),
        "too_many_channels": message("There are more channels than the rate game can tell apart."),
        "no_cost": message("The study has no cost of this channel."),
        "no_credit": message("The model credits this channel with nothing, so a conversion has no cost."),
        "unbounded": message("In some draws nothing is credited, so the interval has no end."),
    }


def basis(counted: Counted) -> Basis:
    """Return who is counted, what a touch and a conversion are, and by which method."""
    plan, tally = counted.plan, counted.touched.tally
    lookback = length(plan.kernel.lookback)
    lines = [
        *basis_lines(plan.study, plan.observed),
        (message("Touch"), _touch(counted)),
        (message("Conversion"), message("{names}; {n} in all", names=_called(counted, plan.conversions),
                                        n=Quantity(tally["conversions"]))),
        (message("Touch paths"), message(
            "Touches up to {lookback} before a conversion, cut at the conversion before; {sold} converted, "
            "{failed} did not, {open} still open and left out",
            lookback=lookback, sold=Quantity(counted.touched.sold.sum()),
            failed=Quantity(counted.touched.failed.sum()), open=Quantity(tally["open"]),
        )),
        (message("Intervals"), message(
            "{level}, percentiles of {draws} bootstrap draws of customers",
            level=Quantity(counted.level, "share"), draws=Quantity(plan.asked.draws),
        )),
    ]  # fmt: skip
    people = int(counted.touched.people[-1].sum())
    return Basis(tuple(lines), people, math.nan, whom=EVERYBODY)


def checks(counted: Counted, found: tuple[Held, ...] = ()) -> tuple[Check, ...]:
    """Return what may be wrong: no holdout, open paths, channels, lookback, order, costs, the log itself."""
    every = (
        _incremental(counted, found), _nulls(counted), _open(counted), _untouched(counted), _cut(counted),
        _unnamed(counted), _thin(counted), _lookback(counted), _order(counted), _costs(counted),
        *common_checks(counted.plan.study, counted.plan.observed),
    )  # fmt: skip
    return tuple(check for check in every if check)


def _touch(counted: Counted) -> Message:
    names = _called(counted, counted.plan.touches)
    if counted.plan.chosen:
        return message("{names}, as asked for", names=names)
    return message("{names}: always with a channel, begins a visit, is no step of the journey", names=names)


def _called(counted: Counted, events: Iterable[str]) -> Names:
    return Names(tuple(counted.plan.study.event_label(event) for event in events))


def _share(part: float, whole: float) -> Quantity:
    return Quantity(part / whole if whole else 0.0, "share", 1)


def _status(share: Quantity, limit: float) -> Status:
    return "watch" if share.value > limit else "passed"


def _incremental(counted: Counted, found: tuple[Held, ...]) -> Check:
    if found:
        words = reduce(
            lambda one, two: message("{a} {b}", a=one, b=two),
            [said(counted.plan.study, one) for one in found],
        )
        text = message("{holdouts} Every other share says where touches stand, not what they cause.",
                       holdouts=words)  # fmt: skip
        names = Names(tuple(counted.plan.study.channel_label(one.channel) for one in found))
        title = message("A holdout says what {channels} causes", channels=names)
        return Check("not_incremental", "passed", title, text)
    labels = tuple(experiment.label or experiment.id for experiment in counted.plan.study.experiments)
    text = (
        message(
            "No experiment holds a channel back ({names} does not), so no lift can stand beside these "
            "shares. They say where touches stand, not what they cause.",
            names=Names(labels),
        )
        if labels
        else message(
            "No experiment holds a channel back, so no lift can stand beside these shares. They say where "
            "touches stand, not what they cause."
        )
    )
    title = message("These shares are observational, not incremental")
    return Check("not_incremental", "not_assessable", title, text)


def _nulls(counted: Counted) -> Check:
    sold, failed = counted.touched.sold.sum(), counted.touched.failed.sum()
    if not sold:
        words = message("No conversion has a touch in the lookback before it.")
        return Check("paths", "failed", message("There is nothing to credit"), words)
    if not failed:
        words = message(
            "Without paths that failed, a removal effect says only on how many paths a channel is."
        )
        return Check("paths", "failed", message("No path failed"), words)
    words = message(
        "{share} of the closed paths convert; the chain of order {order} gives the same rate, as it must.",
        share=_share(sold, sold + failed), order=Quantity(counted.plan.asked.order),
    )  # fmt: skip
    return Check("paths", "passed", message("Paths that failed are counted"), words)


def _open(counted: Counted) -> Check:
    still, people = counted.touched.tally["open"], counted.touched.people[-1].sum()
    share = _share(still, still + people)
    text = message(
        "{n} customers with touches ({share}) could still convert within the lookback. They are left out, or "
        "recent channels would look bad.",
        n=Quantity(still), share=share,
    )  # fmt: skip
    status = _status(share, MANY_OPEN)
    title = message("Few paths are open") if status == "passed" else message("Many paths are open")
    return Check("open_paths", status, title, text)


def _untouched(counted: Counted) -> Check:
    tally = counted.touched.tally
    share = _share(tally["untouched"], tally["conversions"])
    status = _status(share, MANY_UNTOUCHED)
    title = (
        message("Few conversions have no touch")
        if status == "passed"
        else message("Many conversions have no touch")
    )
    text = message(
        "{n} conversions ({share}) have no touch in the lookback and are credited to nobody.",
        n=Quantity(tally["untouched"]), share=share,
    )  # fmt: skip
    return Check("untouched", status, title, text)


def _cut(counted: Counted) -> Check:
    tally = counted.touched.tally
    share = _share(tally["cut"], tally["conversions"])
    status = _status(share, MANY_CUT)
    title = (
        message("The log begins early enough")
        if status == "passed"
        else message("The log begins within many lookbacks")
    )
    text = message(
        "For {share} of conversions the lookback begins before the window: touches there are unknown, which "
        "favours channels that close.",
        share=share,
    )
    return Check("cut_lookbacks", status, title, text)


def _unnamed(counted: Counted) -> Check:
    touched = counted.touched
    taken = np.bincount(touched.paths.path, touched.paths.codes == touched.paths.n_channels - 1,
                        minlength=len(touched.paths))  # fmt: skip
    share = _share(float(taken @ (touched.sold + touched.failed)), touched.tally["touches"])
    status = _status(share, MANY_UNNAMED)
    title = (
        message("Touches name their channel")
        if status == "passed"
        else message("Many touches name no channel")
    )
    text = message(
        "{share} of touches carry no channel; they are a channel of their own, never dropped.", share=share
    )
    return Check("unknown_channel", status, title, text)


def _thin(counted: Counted) -> Check:
    met = dict(zip(counted.plan.channels, counted.touched.met[-1], strict=True))
    flag = counted.plan.study.thresholds.flag_cell
    thin = [name for name in counted.channels if met[name] < flag and name != NO_CHANNEL]
    if not thin:
        least = min((int(met[name]) for name in counted.channels), default=0)
        words = message("Every channel was met by at least {n} customers.", n=Quantity(least))
        return Check("thin_channels", "passed", message("No channel is thin"), words)
    text = message(
        "Fewer than {flag} customers met {names}; leave such channels out of any ranking.",
        flag=Quantity(flag), names=Names(tuple(terms.channel(counted.plan.study, name) for name in thin)),
    )  # fmt: skip
    return Check("thin_channels", "watch", message("Some channels are thin"), text)


def _lookback(counted: Counted) -> Check | None:
    """Compute the shares again with half and with double the lookback."""
    plan, here = counted.plan, counted.plan.kernel.lookback
    if not counted.channels:
        return None
    tables = {}
    for lookback in (here // 2, here, 2 * here):
        touched = plan.observed.run(plan.plain(lookback))
        seen = np.arange(touched.paths.n_channels)
        found = estimates(touched, seen, plan.asked.order, plan.kernel.direct)
        tables[lookback] = {m: np.nan_to_num(found.shares[m]) for m in ("last", "markov")}
    moved = {
        m: np.max([np.abs(t[m] - tables[here][m]) for t in tables.values()], axis=0)
        for m in ("last", "markov")
    }
    model = max(moved, key=lambda m: float(moved[m].max()))
    at = int(moved[model].argmax())
    most = float(moved[model][at])
    status: Status = "watch" if most > MOVED else "passed"
    title = message("The lookback hardly matters") if status == "passed" else message("The lookback matters")
    text = message(
        "With {half} or {double} instead of {whole} no share moves by more than {points} ({channel}, "
        "{model}).",
        half=length(here // 2), double=length(2 * here), whole=length(here),
        points=Quantity(most, "share_points", 1), channel=terms.channel(plan.study, plan.channels[at]),
        model=terms.model(model),
    )  # fmt: skip
    rows = [
        {"lookback": str(length(lookback)), "channel": name, "model": m, "share": float(found[m][place])}
        for lookback, found in tables.items() for m in found for place, name in enumerate(plan.channels)
    ]  # fmt: skip
    return Check("lookback", status, title, text, pd.DataFrame(rows))


def _order(counted: Counted) -> Check | None:
    """Ask which order foretells unseen paths best, and what it would change."""
    touched, plan = counted.touched, counted.plan
    if not touched.sold.sum() or not touched.failed.sum():
        return None
    orders = sorted({*ORDERS, plan.asked.order})
    scores = foretold(touched.paths, touched.sold, touched.failed, orders, _FOLDS, _SEED)
    best = orders[int(np.argmax([score for score, _ in scores]))]
    here = np.flatnonzero(touched.met[-1])
    other = estimates(touched, here, best, plan.kernel.direct).shares["markov"]
    most = float(np.abs(other - counted.total.shares["markov"]).max())
    status: Status = "watch" if best != plan.asked.order and most > MOVED else "passed"
    facts = {
        "best": Quantity(best),
        "order": Quantity(plan.asked.order),
        "points": Quantity(most, "share_points", 1),
    }
    text = (
        message("Paths not used for fitting are foretold best by order {order}, the one in use.", **facts)
        if best == plan.asked.order
        else message(
            "Order {best} foretells unseen paths better than order {order}, the one in use; with it no share "
            "by removal effect moves by more than {points}.",
            **facts,
        )
    )
    title = (
        message("The order of the chain matters")
        if status == "watch"
        else message("The order of the chain is enough")
    )
    table = pd.DataFrame(
        {"order": orders, "log_likelihood": [s for s, _ in scores], "states": [n for _, n in scores]}
    )
    return Check("order", status, title, text, table)


def _costs(counted: Counted) -> Check | None:
    costs = counted.costs
    if costs is None:
        return None
    study = counted.plan.study
    free = tuple(
        terms.channel(study, n) for n, c in zip(_named(counted), costs.cost, strict=True) if not c > 0
    )
    if costs.unmatched or free:
        text = message(
            "Channels with a cost that nobody met: {unmatched}. Channels without a cost: {free}.",
            unmatched=_listed(tuple(terms.channel(study, n) for n in costs.unmatched)), free=_listed(free),
        )  # fmt: skip
        return Check("costs", "watch", message("Costs and channels do not match"), text)
    if not costs.touches > 0:
        words = message("Every channel has a cost in the window.")
        return Check("costs", "passed", message("Costs match the channels"), words)
    text = message(
        "Every channel has a cost. {share} of the touches paid for stand on a counted path; the rest came "
        "after buying, or outside the lookback, and is in the cost all the same.",
        share=_share(counted.touched.tally["touches"], costs.touches),
    )
    return Check("costs", "passed", message("Costs match the channels"), text)


def _named(counted: Counted) -> list[str]:
    return [counted.plan.channels[at] for at in np.flatnonzero(counted.touched.met[-1])]


def _listed(names: tuple[object, ...]) -> object:
    return Names(names) if names else message("none")
