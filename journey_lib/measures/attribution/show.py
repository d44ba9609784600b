"""The parts of the attribution page: a figure with the table of its numbers, or why there is none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Literal, TypeAlias

from journey_lib.measures.attribution import pictures, terms
from journey_lib.measures.attribution.count import MODELS, RATE
from journey_lib.present import blocks
from journey_lib.present.tables import Cell, Row, table
from journey_lib.present.wording import Message, Quantity, message
from journey_lib.study import naming

if TYPE_CHECKING:
    from journey_lib.measures.attribution.result import AttributionResult
    from journey_lib.present.blocks import Block
    from journey_lib.present.numbers import Number

Kind: TypeAlias = Literal["channels", "effects", "costs", "groups"]
MOST_COLUMNS = 10
COSTED = ("last", "markov")


def part(result: AttributionResult, kind: str) -> Block:
    """Return figure and table of a kind as one block."""
    listers: dict[str, Callable[[AttributionResult], Block | None]] = {
        "channels": _models, "effects": _effects, "costs": _costs, "groups": _groups,
    }  # fmt: skip
    plot = pictures.channels(result) if kind == "channels" else None
    return blocks.together(
        [blocks.figure(plot) if plot else None, listers[kind](result)],
        _why_not(kind),
        result.context.language,
    )


def _why_not(kind: str) -> Message:
    return {
        "costs": message("The study holds no costs of channels, or none for this part of the customers."),
        "groups": message(
            "This run does not split the paths. Set `by` to a column, such as region, to compare groups."
        ),
    }.get(kind, message("Nobody met a channel, so there is nothing to credit."))


def _models(result: AttributionResult) -> Block | None:
    rows = [
        Row(
            _name(result, name),
            [_cell(result, result.number("credit_share", name, m), bounds=False) for m in MODELS],
        )
        for name in result.channels
    ]
    header = [message("Channel"), *(terms.short(m) for m in MODELS)]
    note = message(
        "Every column sums to 100. Non-direct: last touch that is not direct. Decay: touches count half "
        "after a while. Removal: share by removal effect. Shapley: equal parts for the distinct channels of "
        "a path. * fewer than {flag} customers. Hatched: masked.",
        flag=Quantity(result.context.flag_cell),
    )
    title = message("Share of conversions by channel and model")
    return _table(result, title, _base(result), header, rows, note)


def _effects(result: AttributionResult) -> Block | None:
    def cells(name: str) -> list[Cell | str]:
        share = result.number("credit_share", name, "markov")
        count = Cell(share.n, "count", masked=share.hidden, withheld=share.withheld)
        numbers = (
            result.number("removal_effect", name, "markov"), share,
            result.number("credit_share", name, "shapley"), result.number("gap", name, "last"),
            result.number("rate_gain", name, RATE),
        )  # fmt: skip
        lifts = [result.number("holdout_lift", name)] if tested else []
        return [count, *(_cell(result, number) for number in (*numbers, *lifts))]

    tested = any(result.number("holdout_lift", name).known for name in result.channels)
    header = [
        message("Channel"), message("Customers"), message("Effect, %"), message("Removal, %"),
        message("Shapley, %"), message("Gap, points"), message("Rate game, points"),
        *([message("Holdout, points")] if tested else []),
    ]  # fmt: skip
    note = message(
        "Second line: {level} interval. Effect: share of conversions the chain loses when every way into the "
        "channel fails; effects overlap, so Removal scales them to sum to 100. Gap: last touch less Removal. "
        "Rate game: by how much customers with the channel convert more or less often; it can be negative.",
        level=terms.level(result),
    )
    if tested:
        note = message(
            "{note} Holdout: what an experiment that held the channel back at random found; the only column "
            "that says what the channel causes.", note=note,
        )  # fmt: skip
    rows = [Row(_name(result, name), cells(name)) for name in result.channels]
    title = message("Effects and gaps by channel, with their uncertainty")
    return _table(result, title, _base(result), header, rows, note)


def _costs(result: AttributionResult) -> Block | None:
    names = [name for name in result.channels if result.number("cost", name).metric]
    if not names:
        return None
    valued = bool(result.number("return", names[0], "markov").metric)
    metrics = ["cost_per_conversion", *(["return"] if valued else [])]
    numbers = [(metric, model) for metric in metrics for model in COSTED]

    def cells(name: str) -> list[Cell | str]:
        cost = result.number("cost", name)
        found = [result.number(metric, name, model) for metric, model in numbers]
        return [
            Cell(cost.estimate, "currency", masked=cost.hidden, withheld=cost.withheld),
            *(_cell(result, number, bounds=number.weighting == "markov") for number in found),
        ]

    heads = [
        message("Cost: {model}", model=terms.short(model))
        if metric == "cost_per_conversion"
        else message("Return: {model}", model=terms.short(model))
        for metric, model in numbers
    ]
    header = [message("Channel"), message("All cost"), *heads]
    base = message(
        "In {currency}: all cost of a channel in the window, then cost of a credited conversion and value "
        "per unit of cost, by model. {label}",
        currency=result.study.currency or message("the study's currency"), label=terms.NOT_INCREMENTAL,
    )  # fmt: skip
    note = message(
        "Second line: {level} interval. En dash: no cost, or nothing credited. Cost holds touches that led "
        "to nothing and those after buying, too.",
        level=terms.level(result),
    )
    rows = [Row(_name(result, name), cells(name)) for name in names]
    return _table(
        result, message("What a credited conversion costs, and what comes back"), base, header, rows, note
    )


def _groups(result: AttributionResult) -> Block | None:
    if not result.groups:
        return None
    names = result.groups[:MOST_COLUMNS]

    def cells(channel: str) -> list[Cell | str]:
        return [
            _cell(result, result.number("credit_share", channel, "markov", group)) for group in ("", *names)
        ]

    header: list[Message | str] = [message("Channel"), message("Total")]
    header += [terms.group(result, name) for name in names]
    note = message(
        "Second line: {level} interval. * fewer than {flag} customers. Hatched: masked. Differences are not "
        "tested here. {shown} of {all} groups are shown.",
        level=terms.level(result), flag=Quantity(result.context.flag_cell), shown=len(names),
        all=len(result.groups),
    )  # fmt: skip
    rows = [Row(_name(result, name), cells(name)) for name in result.channels]
    title = message("Share by removal effect, by {by}", by=naming.column(result.study, result.by))
    return _table(result, title, _base(result), header, rows, note)


def _base(result: AttributionResult) -> Message:
    return message(
        "Shares in %. {base}. {label}", base=terms.conversions(result), label=terms.NOT_INCREMENTAL
    )


def _name(result: AttributionResult, name: str) -> str:
    return terms.channel(result.study, name).say(result.context.language)


def _cell(result: AttributionResult, number: Number, *, bounds: bool = True) -> Cell:
    low, high = (number.ci_low, number.ci_high) if bounds else (float("nan"), float("nan"))
    return Cell(
        number.estimate, number.unit, low, high, number.n, masked=number.hidden, withheld=number.withheld,
        thin=number.n < result.context.flag_cell, signed=number.unit == "share_points",
    )  # fmt: skip


def _table(
    result: AttributionResult,
    title: Message,
    base: Message,
    header: Sequence[Message | str],
    rows: Sequence[Row],
    note: Message,
) -> Block | None:
    lang = result.context.language
    words = [word if isinstance(word, str) else word.say(lang) for word in header]
    return table(title, base, words, rows, note, lang, result.context.min_cell) if rows else None
