"""Who is counted in the report on paths, and what could be wrong with it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from journey_lib.measures.paths import terms
from journey_lib.present.result import Basis, Check, Status
from journey_lib.present.wording import Message, Quantity, message, plural
from journey_lib.stats import transitions
from journey_lib.study.engine import told

if TYPE_CHECKING:
    from journey_lib.measures.paths.count import Walked
    from journey_lib.measures.paths.drivers import Drivers
    from journey_lib.study.definition import Study
    from journey_lib.study.engine import Observed

MANY_OPEN, MANY_TIED, MANY_CUT, FEW_STEPS, FEW_CASES = 0.25, 0.02, 0.25, 0.02, 30


def notes() -> dict[str, Message]:
    """Return the sentence of every reason a number can be missing for."""
    return {
        "no_visit": message("Nobody of this group came to this step."),
        "no_ripe_visit": message("Every visit is younger than the horizon, so nothing can have ended yet."),
        "not_tested": message("Too few customers on one side, or nothing that varies: shown, not tested."),
        "empty_corner": message(
            "Nobody, or everybody, on one side had the outcome: there is no ratio of odds."
        ),
    }


def basis(study: Study, observed: Observed, walked: Walked, settings: Mapping[str, object]) -> Basis:
    """Return who is counted, what a path is, when it has ended, and by which method."""
    numbers = walked.counted.numbers
    lines = told.basis_lines(study, observed)
    lines += [
        (message("Path"), terms.unit_words(walked)),
        (message("Step"), _step_words(walked, settings)),
        (message("End"), _end_words(walked)),
        (
            message("Paths"),
            message(
                "{paths} paths of {walkers} customers with {steps} steps; {rest} customers or sessions took "
                "no step",
                paths=Quantity(numbers["paths"]), walkers=Quantity(numbers["walkers"]),
                steps=Quantity(numbers["steps"]), rest=Quantity(numbers["units"] - numbers["paths"]),
            ),
        ),
        (message("Repeats"), terms.repeat_words(str(settings["collapse"]))),
        (
            message("Intervals"),
            message(
                "{level}; shares with linearised variance, each customer one cluster; medians by Woodruff, "
                "the moves of one customer taken for one",
                level=Quantity(walked.level, "share"),
            ),
        ),
    ]  # fmt: skip
    if walked.groups:
        words = message(
            "Each group against everybody else, cell by cell; Benjamini–Hochberg; at least {n} customers on "
            "both sides",
            n=Quantity(walked.least),
        )
        lines.append((message("Groups"), words))
    return Basis(tuple(lines), numbers["walkers"], math.nan, whom=told.EVERYBODY)


def checks(study: Study, observed: Observed, walked: Walked, drivers: Drivers) -> tuple[Check, ...]:
    """Return what every log may suffer from, then open paths, order, thin cells, cut and unused steps."""
    return (
        *told.common_checks(study, observed),
        _open_check(walked),
        _tied_check(walked),
        _thin_check(study, walked),
        _cut_check(walked),
        _unused_check(walked),
        _drivers_check(drivers),
    )


def _step_words(walked: Walked, settings: Mapping[str, object]) -> Message:
    words = {
        "stages": message("The event that enters a stage"),
        "touchpoints": message("An event of a touchpoint"),
        "events": message("Every event"),
    }[walked.nodes.of]
    left = settings["ignore"]
    if not isinstance(left, list) or not left:
        return words
    return message("{step}; taken out: {names}", step=words, names=", ".join(left))


def _end_words(walked: Walked) -> Message:
    return message(
        "After {silence} without any event; younger paths are open and are no drop-off",
        silence=terms.Span(walked.plan.silence),
    )


def _open_check(walked: Walked) -> Check:
    paths, still = walked.paths, walked.counted.numbers["open"]
    share = still / paths if paths else 0.0
    status: Status = "watch" if share > MANY_OPEN else "passed"
    title = message("Many paths are open") if status == "watch" else message("Few paths are open")
    text = message(
        "{n} of {paths} paths ({share}) had an event in the last {silence} and may go on. They stand apart "
        "and are no drop-off.",
        n=Quantity(still), paths=Quantity(paths), share=Quantity(share, "share", 1),
        silence=terms.Span(walked.plan.silence),
    )  # fmt: skip
    return Check("open_paths", status, title, text)


def _tied_check(walked: Walked) -> Check:
    numbers = walked.counted.numbers
    inner = int(walked.counted.tables["counts"].sums.sum()) - 2 * numbers["paths"]
    tied = numbers["tied"]
    share = tied / inner if inner else 0.0
    status: Status = "watch" if share > MANY_TIED else "passed"
    title = (
        message("Some transitions hang on the rule for ties")
        if status == "watch"
        else message("Hardly any transition hangs on the rule for ties")
    )
    text = message(
        "{n} of {all} transitions ({share}) join two different steps of the same instant; another rule would "
        "turn them round.",
        n=Quantity(tied), all=Quantity(inner), share=Quantity(share, "share", 1),
    )  # fmt: skip
    return Check("tied_transitions", status, title, text)


def _thin_check(study: Study, walked: Walked) -> Check:
    taken = transitions.taken_cells(walked.counted, walked.plan)
    edges = transitions.edges(walked.counted, walked.plan, taken)
    flag = study.thresholds.flag_cell
    thin = int((edges.walkers < flag).sum())
    rest = len(taken) - len(walked.cells)
    status: Status = "watch" if thin or rest else "passed"
    title = message("Some transitions are thin") if thin else message("No transition is thin")
    text = message(
        "{n} of {all} different transitions leave a step that fewer than {flag} customers came to.",
        n=Quantity(thin), all=Quantity(len(taken)), flag=Quantity(flag),
    )  # fmt: skip
    if rest:
        more = message("The {n} rarest ones are in .transitions(), not in the table.", n=Quantity(rest))
        text = message("{a} {b}", a=text, b=more)
    return Check("thin_transitions", status, title, text)


def _cut_check(walked: Walked) -> Check:
    plan, table = walked.plan, walked.counted.tables["flows"]
    step, cell = np.divmod(table.keys, plan.cells)
    beyond = int(table.sums[(step == plan.steps - 1) & (cell % plan.columns < plan.nodes), 0].sum())
    share = beyond / walked.paths if walked.paths else 0.0
    status: Status = "watch" if share > MANY_CUT else "passed"
    title = (
        message("Many paths are longer than the steps shown")
        if status == "watch"
        else message("Few paths are longer than the steps shown")
    )
    text = plural(
        "{n} path ({share}) goes on after step {steps}. Transitions, drop-off and whole paths count every "
        "step.",
        "{n} paths ({share}) go on after step {steps}. Transitions, drop-off and whole paths count every "
        "step.",
        n=Quantity(beyond), share=Quantity(share, "share", 1), steps=Quantity(plan.steps),
    )  # fmt: skip
    return Check("cut_steps", status, title, text)


def _unused_check(walked: Walked) -> Check:
    numbers = walked.counted.numbers
    share = numbers["steps"] / numbers["events"] if numbers["events"] else 0.0
    status: Status = "watch" if share < FEW_STEPS else "passed"
    title = message("Few events are steps") if status == "watch" else message("Enough events are steps")
    text = message(
        "{share} of the {n} events are steps. The others show only that a customer is still there.",
        share=Quantity(share, "share", 1), n=Quantity(numbers["events"]),
    )  # fmt: skip
    return Check("unused_events", status, title, text)


def _drivers_check(drivers: Drivers) -> Check:
    numbers = drivers.marked.numbers
    facts = {
        "entered": Quantity(numbers["entered"]), "already": Quantity(numbers["already"]),
        "open": Quantity(numbers["open"]), "risk": Quantity(numbers["at_risk"]),
        "cases": Quantity(numbers["cases"]), "tested": Quantity(int(drivers.found.tested.sum())),
    }  # fmt: skip
    few = min(numbers["cases"], numbers["at_risk"] - numbers["cases"])
    status: Status = "watch" if few < FEW_CASES else "passed"
    title = (
        message("Too few cases for drivers")
        if status == "watch"
        else message("Drivers are read before the outcome")
    )
    text = message(
        "Of {entered} customers who entered, {already} had the outcome before the landmark and {open} were "
        "not observed long enough; {risk} were at risk, {cases} of them with the outcome. {tested} marks "
        "tested.",
        **facts,
    )
    return Check("drivers", status, title, text)
