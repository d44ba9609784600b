"""The parts of the retention page: figures with the tables of their numbers, or why there are none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup

from journey_lib.measures.retention import pictures, terms, words
from journey_lib.present import blocks
from journey_lib.present.blocks import Block
from journey_lib.present.numbers import Number
from journey_lib.present.tables import Cell, Row, table
from journey_lib.present.wording import Inside, Message, Quantity, Says, message, say
from journey_lib.study import naming

if TYPE_CHECKING:
    from journey_lib.measures.retention.result import RetentionResult

MOST_COLUMNS, MOST_ROWS = 12, 20
_ALPHA = 0.05


@dataclass(frozen=True)
class Open(Cell):
    """A cell whose period is not over."""

    def html(self, lang: str, min_cell: int) -> Markup:
        """Return the cell, hatched, with the word."""
        del min_cell
        return Markup('<td class="jl-masked"><span>{}</span></td>').format(message("open").say(lang))


def part(result: RetentionResult, kind: str) -> Block:
    """Return figure and table of a kind as one block."""
    drawers = {"triangle": pictures.triangle, "curve": pictures.curve, "groups": pictures.groups}
    listers = {
        "triangle": _triangle, "curve": _means, "groups": _groups, "cohorts": _cohorts, "active": _active,
        "value": _value, "readings": _readings,
    }  # fmt: skip
    plot = drawers[kind](result) if kind in drawers else None
    shown = [blocks.figure(plot) if plot else None, listers[kind](result)]
    return blocks.together(shown, _why_not(kind), result.context.language)


def _why_not(kind: str) -> Message:
    return {
        "groups": message("This run does not split the customers. Set `by` to a column, such as region."),
        "value": message("This run adds up no value. Set `value` to a column of numbers, such as revenue."),
        "active": message("Brackets are no single periods, so nobody's active periods can be counted."),
        "cohorts": message("Fewer than two cohorts are complete and large enough to be compared."),
    }.get(kind, message("No period after the first one was over for a whole cohort."))


def _triangle(result: RetentionResult) -> Block | None:
    plan = result.plan
    places, windows = pictures.cohorts_shown(result), pictures.windows_shown(result)[:MOST_COLUMNS]
    rows = []
    for place in reversed(places):
        name = plan.cohorts[place]
        cells = [result.number("retained", wave=name, option=plan.options[w]) for w in windows]
        shown = [
            _in_triangle(result, number, place, window) for number, window in zip(cells, windows, strict=True)
        ]
        rows.append(
            Row(_say(result, terms.CohortName(name)), [_base(result.number("members", wave=name)), *shown])
        )
    means = [_share(result.number("retained", option=plan.options[w]), result) for w in windows]
    rows.insert(0, Row(_say(result, message("Mean")), [_base(result.number("members")), *means]))
    if not places:
        return None
    note = message(
        "Second line: {level} interval. Newest cohort first. Hatched: the period is not over, or n below "
        "{cell}; * n {cell} to {last}. Empty periods have not begun.",
        **_thresholds(result),
    )
    return _table(result, message("Every cohort with its intervals"), _came(result),
                  [message("Cohort"), "n", *_periods(result, windows)], rows, note)  # fmt: skip


def _means(result: RetentionResult) -> Block | None:
    plan, rows = result.plan, []
    for window in pictures.windows_shown(result):
        share = result.number("retained", option=plan.options[window])
        k = int(result.counted.complete[:, window].sum())
        if share.known or share.hidden:
            rows.append(Row(_say(result, terms.Sentence(terms.period(plan, plan.options[window]))),
                            [_base(share), Cell(k, "count"), _share(share, result)]))  # fmt: skip
    if not rows:
        return None
    note = message(
        "Second line: {level} interval (Wilson). n: members of the cohorts whose period is over.",
        **_thresholds(result, "level"),
    )
    header = [message("Period"), "n", message("Cohorts"), message("Came back, %")]
    return _table(
        result, message("The mean of each period"), terms.since(result.study, plan), header, rows, note
    )


def _cohorts(result: RetentionResult) -> Block | None:
    plan = result.plan
    found = result.of("cohort_difference")
    if not found:
        return None
    ranked = sorted(found, key=lambda number: number.estimate if number.known else 9)
    cut = len(ranked) > MOST_ROWS
    rows = []
    for gap in (*ranked[: MOST_ROWS // 2], *ranked[-MOST_ROWS // 2 :]) if cut else ranked:
        share = result.number("retained", wave=gap.wave, option=gap.option)
        rows.append(Row(_say(result, terms.CohortName(gap.wave)),
                        [_base(share), _share(share, result), _gap(gap), _p(result, gap)]))  # fmt: skip
    odd = words.standing_out(result)
    title = words.triangle_title(result) if odd else message("No cohort differs clearly from the others")
    note = message(
        "Difference: the cohort less all others, with {level} interval. p: adjusted for {k} comparisons "
        "(Holm). Left out: cohorts below {last}, and a first one that may hold old customers. Order: from "
        "the fewest who came back.",
        k=Quantity(len(found)), last=Quantity(result.context.flag_cell), level=terms.confidence(result),
    )  # fmt: skip
    if cut:
        note = message(
            "{note} Shown are the {few} cohorts at either end of {all}.",
            note=note, few=Quantity(MOST_ROWS // 2), all=Quantity(len(found)),
        )  # fmt: skip
    header = [message("Cohort"), "n", message("Came back, %"), message("Difference, points"), "p"]
    base = message("Share that came back {when}", when=terms.when(plan, plan.options[plan.focal]))
    return _table(result, title, base, header, rows, note)


def _groups(result: RetentionResult) -> Block | None:
    plan = result.plan
    names = [n.group for n in result.of("members") if n.group]
    if not names:
        return None
    windows = pictures.windows_shown(result)[:MOST_COLUMNS]
    rows = []
    for name in names:
        gap = next((n for n in result.of("group_difference") if n.group == name), Number())
        means = [
            _share(result.number("retained", group=name, option=plan.options[w]), result) for w in windows
        ]
        label = _say(result, terms.group(result.study, plan.asked.by, name))
        rows.append(Row(label, [_base(result.number("members", group=name)), _p(result, gap), *means]))
    note = message(
        "Second line: {level} interval. p: against the largest group {when}, Holm-corrected; en dash: the "
        "largest group itself, or too few. Groups may differ in their cohorts too.",
        level=terms.confidence(result), when=terms.when(plan, plan.options[plan.focal]),
    )  # fmt: skip
    header = [result.study.column_label(plan.asked.by), "n", "p", *_periods(result, windows)]
    return _table(result, message("Every group with its intervals"), _came(result), header, rows, note)


def _active(result: RetentionResult) -> Block | None:
    found = result.of("active_periods")
    if not found:
        return None
    plan, last = result.plan, len(found) - 1
    rows = [Row(n.option, [_share(n, result)]) for n in found]
    never, always = found[0], found[-1]
    title = (
        message("{never} never came back in the first {k}, {always} in every one", never=never.amount,
                always=always.amount, k=terms.units(plan.asked.unit, last))
        if never.known
        else message("How steadily customers came back")
    )  # fmt: skip
    base = message(
        "Customers by the number of the first {k} after the entry period in which they came back; n = {n}, "
        "those observed through all of them",
        k=terms.units(plan.asked.unit, last), n=Quantity(never.n),
    )  # fmt: skip
    note = message(
        "Second line: {level} interval (Wilson). The shares add up to 100.", **_thresholds(result, "level")
    )
    return _table(
        result, title, base, [message("Periods with a return"), message("Customers, %")], rows, note
    )


def _value(result: RetentionResult) -> Block | None:
    plan = result.plan
    if not plan.asked.value:
        return None
    windows = list(range(len(plan.options)))[:MOST_COLUMNS]
    groups = ["", *(n.group for n in result.of("members") if n.group)]
    rows = []
    for name in groups:
        label = terms.group(result.study, plan.asked.by, name) if name else message("Everybody")
        found = [result.number("value_per_member", group=name, option=plan.options[w]) for w in windows]
        rows.append(
            Row(_say(result, label), [_base(result.number("members", group=name)), *map(_money, found)])
        )
    note = message(
        "Second line: {level} interval (t). Members who brought nothing count as 0. Values of events that "
        "count as coming back, and of the entry.",
        **_thresholds(result, "level"),
    )
    base = message(
        "Sum of {value} per member in each period, {currency}; complete cells only",
        value=naming.column(result.study, plan.asked.value),
        currency=result.study.currency or message("in its own unit"),
    )  # fmt: skip
    return _table(result, message("What a member brought in each period"), base,
                  [message("Customers"), "n", *_periods(result, windows)], rows, note)  # fmt: skip


def _readings(result: RetentionResult) -> Block | None:
    asked = words.early(result)
    found = result.of("other_reading")
    if not asked.known or not found:
        return None
    rows = [Row(_say(result, terms.reading("asked")), [_base(asked), _share(asked, result)])]
    rows += [Row(_say(result, terms.reading(n.comparison)), [_base(n), _share(n, result)]) for n in found]
    known = [n.estimate for n in (asked, *found) if n.known]
    title = message(
        "Depending on the definition, {low} to {high} came back {when}",
        low=Quantity(min(known), "share", bare=True), high=Quantity(max(known), "share"),
        when=terms.when(result.plan, asked.option),
    )  # fmt: skip
    note = message(
        "Second line: {level} interval (Wilson). Complete cells of each definition.",
        **_thresholds(result, "level"),
    )
    return _table(result, title, message("The same log, read in other ways"),
                  [message("Definition"), "n", message("Came back, %")], rows, note)  # fmt: skip


def _came(result: RetentionResult) -> Message:
    plan = result.plan
    return message("Share that came back ({events}), in %; {since}", events=terms.returning(plan),
                   since=Inside(terms.since(result.study, plan)))  # fmt: skip


def _periods(result: RetentionResult, windows: Sequence[int]) -> list[Says]:
    return [terms.Sentence(terms.period(result.plan, result.plan.options[w])) for w in windows]


def _in_triangle(result: RetentionResult, number: Number, place: int, window: int) -> Cell | str:
    if number.note == "incomplete":
        return Open(number.estimate, "share") if result.counted.running[place, window] else ""
    return _share(number, result)


def _share(number: Number, result: RetentionResult) -> Cell:
    return Cell(
        number.estimate, "share", number.ci_low, number.ci_high, number.n, masked=number.hidden,
        withheld=number.withheld, thin=0 < number.n < result.context.flag_cell,
    )  # fmt: skip


def _base(number: Number) -> Cell:
    return Cell(number.n, "count", masked=number.hidden, withheld=number.withheld)


def _gap(number: Number) -> Cell:
    return Cell(number.estimate, "share_points", number.ci_low, number.ci_high, number.n,
                masked=number.hidden, withheld=number.withheld, signed=True)  # fmt: skip


def _money(number: Number) -> Cell:
    return Cell(number.estimate, "currency", number.ci_low, number.ci_high, number.n, masked=number.hidden,
                withheld=number.withheld)  # fmt: skip


def _p(result: RetentionResult, number: Number) -> str:
    if not number.known:
        return "–"
    if number.p_value < 0.001:
        return "< 0.001"
    return Quantity(number.p_value, "none", 3).say(result.context.language)


def _thresholds(result: RetentionResult, *names: str) -> dict[str, object]:
    context = result.context
    every = {
        "level": terms.confidence(result), "cell": Quantity(context.min_cell),
        "last": Quantity(context.flag_cell - 1),
    }  # fmt: skip
    return {name: value for name, value in every.items() if not names or name in names}


def _say(result: RetentionResult, words_: object) -> str:
    return say(words_, result.context.language)


def _table(
    result: RetentionResult,
    title: Message,
    base: Message,
    header: Sequence[object],
    rows: Sequence[Row],
    note: Message,
) -> Block:
    lang = result.context.language
    return table(title, base, [say(name, lang) for name in header], rows, note, lang, result.context.min_cell)
