"""The parts of the experiment page, in the order an owner needs them, or why there is nothing to see."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup

from journey_lib.measures.experiment import pictures, terms, verdict, words
from journey_lib.present import blocks
from journey_lib.present.blocks import Block, sign
from journey_lib.present.numbers import Number
from journey_lib.present.tables import Cell, Row, table
from journey_lib.present.wording import DASH, Message, Names, Quantity, message, say

if TYPE_CHECKING:
    from journey_lib.measures.experiment.count import Contrast
    from journey_lib.measures.experiment.result import ExperimentResult
    from journey_lib.present.charts import Plot

MOST_ROWS = 40
EFFECTS = ("primary", "guardrails", "stages", "waiting", "secondary", "segments", "looks", "novelty")


@dataclass(frozen=True)
class Verdict(Cell):
    """A cell that says a status with its sign."""

    status: str = ""

    def html(self, lang: str, min_cell: int) -> Markup:
        """Return the cell."""
        del min_cell
        tone, word = _tone(self.status)
        text = word.say(lang)
        return Markup('<td><span class="jl-status jl-{}">{}{}</span></td>').format(
            tone, sign(tone), text[:1].upper() + text[1:]
        )


@dataclass(frozen=True)
class Grey(Cell):
    """A cell in the tone of what only describes."""

    def html(self, lang: str, min_cell: int) -> Markup:
        """Return the cell."""
        inner = str(super().html(lang, min_cell))
        return Markup(inner.replace("<td", '<td style="color:var(--ink-3)"', 1))  # noqa: S704 - our own cell


def part(result: ExperimentResult, kind: str) -> Block:
    """Return figures and tables of a kind as one block; folded and grey where the test is not valid."""
    lang = result.context.language
    if kind == "validity":
        return verdict.strip(result, lang)
    drawers = {
        "waiting": pictures.waiting, "segments": pictures.segments, "looks": pictures.looks,
        "novelty": pictures.novelty,
    }  # fmt: skip
    listers = {
        "primary": _primary, "guardrails": _guardrails, "stages": _stages, "waiting": _waiting,
        "secondary": _secondary, "segments": _segments, "looks": _looks, "appendix": _appendix,
    }  # fmt: skip
    plot: Plot | None = drawers[kind](result) if kind in drawers else None
    shown = [blocks.figure(plot) if plot else None, listers[kind](result) if kind in listers else None]
    found = blocks.together(shown, _why_not(kind), lang)
    return _folded(found, lang) if kind in EFFECTS and not result.valid and not found.empty else found


def _folded(block: Block, lang: str) -> Block:
    """Return effects of a test that is not valid: there for the owner, out of the reader's way."""
    label = message("Effects of a blocked test: not to be used").say(lang)
    inner = Markup(
        '<details><summary>{}</summary><div style="filter:grayscale(1);opacity:.6">{}</div></details>'
    ).format(label, block.inner)
    return Block(inner, lang, label)


def _why_not(kind: str) -> Message:
    return {
        "guardrails": message("The plan names no guardrail. Nothing says what must not get worse."),
        "stages": message("Without events there are no stages to follow."),
        "waiting": message("Without events there are no times to follow."),
        "secondary": message("The plan names no secondary metric."),
        "segments": message("The plan names no segment, or none is large enough."),
        "looks": message("There was one look, so there is no path to draw."),
        "novelty": message(
            "The effect cannot be followed by day: it needs a stage with ten events in both arms on several "
            "days."
        ),
    }.get(kind, message("Nothing to show."))


def _primary(result: ExperimentResult) -> Block | None:
    rows = [_effect_row(result, one, "primary_effect") for one in result.counted.of("primary")]
    note = message(
        "Second line: {level} interval of the plan's mode ({mode}). Relative: Fieller's interval, which "
        "excludes 0 exactly when the difference does. p: corrected by Holm over arms and metrics. {mde}",
        level=terms.confidence(result), mode=terms.mode(result.counted.plan.trial.mode), mde=_mde(result),
    )  # fmt: skip
    return _table(result, words.primary_title(result), _everybody(), _effect_head(result), rows, note)


def _mde(result: ExperimentResult) -> Message:
    """Say how the interval compares with the smallest effect that was planned to be found."""
    one = words.primary(result)
    planned = result.counted.mde.get(one.name, math.nan) if one else math.nan
    if one is None or not math.isfinite(planned) or not math.isfinite(one.effect.ci_low):
        return message("The plan gives no smallest effect.")
    half = (one.effect.ci_high - one.effect.ci_low) / 2 / abs(one.effect.control)
    facts = {"mde": terms.percent(planned, signed=False), "half": terms.percent(half, signed=False)}
    if half <= planned:
        return message(
            "Planned to find {mde} of the control; the interval reaches {half} to each side.", **facts
        )
    return message(
        "Planned to find {mde} of the control, but the interval reaches {half} to each side: too wide.",
        **facts,
    )


def _guardrails(result: ExperimentResult) -> Block | None:
    found = result.counted.of("guardrail")
    if not found:
        return None
    rows = []
    for one in found:
        effect = result.number("guardrail_effect", one.name, group=result.named(one.arm))
        limit = (
            one.margin
            * abs(one.effect.control)
            * (-1 if result.counted.sums.outcomes[one.name].better else 1)
        )
        rows.append(Row(_name(result, one), [
            _status(one.status), _value(result, one.name, result.counted.plan.control),
            _value(result, one.name, one.arm), _cell(effect, signed=True),
            _plain(terms.quantity(limit, effect.unit, signed=True, bare=True), result),
            _plain(terms.percent(one.margin, signed=False), result),
        ]))  # fmt: skip
    note = message(
        "Second line: one-sided 95% bounds. Safe: a loss of the margin is ruled out. Harmed: the interval "
        "lies on the side of harm, and the estimate beyond the margin; or an always-valid bound at 1% does. "
        "Undecided: neither. Not significant is not safe."
    )
    header = [message("Metric"), message("Verdict"), _arm(result, result.counted.plan.control),
              message("New arm"), message("Difference"), message("Margin"),
              message("Relative margin")]  # fmt: skip
    return _table(result, _guard_title(result), _everybody(), header, rows, note)


def _guard_title(result: ExperimentResult) -> Message:
    worst = words.guard(result)
    if worst is None or worst.status == "not_estimable":
        return message("Guardrails could not be judged")
    metric = terms.metric(result.counted, worst.name)
    return {
        "harmed": message("{metric} is harmed", metric=metric),
        "safe": message("All guardrails are safe"),
    }.get(worst.status, message("{metric} is not shown to be safe", metric=metric))


def _stages(result: ExperimentResult) -> Block | None:
    if not result.counted.stages:
        return None
    rows = []
    for name in result.counted.stages:
        for arm in result.counted.plan.treatments:
            one = _stage_contrast(result, name, arm)
            kind = "primary_effect" if one and one.role == "primary" else "stage_effect"
            effect = result.number(kind, name, group=result.named(arm))
            given = result.number("conditional_difference", name, group=result.named(arm))
            wait = result.number("wait_difference", name, group=result.named(arm))
            rows.append(Row(_stage(result, name, arm), [
                _value(result, name, result.counted.plan.control), _value(result, name, arm),
                _cell(effect, signed=True),
                _plain(terms.p_value(one.p_adjusted if one else math.nan), result),
                _cell(given, signed=True, grey=True), _cell(wait, signed=True),
            ]))  # fmt: skip
    header = [message("Stage"), _arm(result, result.counted.plan.control), message("New arm"),
              message("Difference"), "p", message("Given the stage before"),
              message("Days")]  # fmt: skip
    note = message(
        "Difference: share of all exposed, in order and inside the windows (intention to treat). "
        "p: stages that are neither primary nor guardrail, corrected by Holm. Given the stage before: grey, "
        "it only describes; a change that brings other people to the stage before changes this rate without "
        "helping or harming anybody. Days: difference of restricted means, below 0 is sooner."
    )
    return _table(result, message("What changed at each stage"), _everybody(), header, rows, note)


def _stage_contrast(result: ExperimentResult, name: str, arm: int) -> Contrast | None:
    mine = (one for one in result.counted.contrasts if one.name == name and one.arm == arm)
    return next((one for one in mine if one.role in ("primary", "stage", "plain")), None)


def _waiting(result: ExperimentResult) -> Block | None:
    if not result.waits:
        return None
    marks = ("1", "7", "14", "28")
    rows = []
    for wait in result.waits:
        for arm in result.counted.plan.trial.arms:
            label = result.study.stage(wait.stage).label.say(result.context.language)
            cells = [_cell(result.number("reached_by", wait.stage, group=arm, wave=day)) for day in marks]
            median = result.number("median_wait", wait.stage, group=arm)
            shown: Cell | str = (
                _cell(median) if median.known or math.isfinite(median.estimate) else _unreached(result)
            )
            rows.append(Row(f"{label}, {arm}", [*cells, shown]))
    header = [
        message("Stage, arm"),
        *(message("by day {k}, %", k=day) for day in marks),
        message("Median, days"),
    ]
    note = message(
        "Kaplan–Meier from exposure; second line: interval. Those who have not got there yet are censored at "
        "the end of the window. A mean of those who got there is not offered: it would compare other people."
    )
    return _table(result, message("Who had got how far, by day"), _everybody(), header, rows, note)


def _unreached(result: ExperimentResult) -> str:
    return message("not reached").say(result.context.language)


def _secondary(result: ExperimentResult) -> Block | None:
    found = result.counted.of("secondary")
    if not found:
        return None
    rows = []
    for one in found:
        rows.append(_effect_row(result, one, "secondary_effect"))
        if one.uncut is not None:
            rows.append(_variant(result, one, "uncut_effect", message("{metric}, uncut",
                                 metric=terms.metric(result.counted, one.name))))  # fmt: skip
    for one in (*result.counted.of("primary"), *found):
        if one.cuped is not None:
            label = message("{metric}, CUPED", metric=terms.metric(result.counted, one.name))
            rows.append(_variant(result, one, "cuped_effect", label))
    clear = [one for one in found if one.rejected]
    title = (
        message("Clear beside the question: {metrics}",
                metrics=Names(tuple(terms.metric(result.counted, one.name) for one in clear)))
        if clear
        else message("Nothing clear among the secondary metrics")
    )  # fmt: skip
    note = message(
        "p: raw, then corrected (Benjamini–Hochberg, 10%). Amounts: the largest 0.1% of those above 0 are "
        "cut at one value for all arms, and shown uncut beside it. CUPED: what was known before is taken "
        "out; its relative change divides by the raw control."
    )
    return _table(result, title, _everybody(), _effect_head(result), rows, note)


def _segments(result: ExperimentResult) -> Block | None:
    if not result.splits:
        return None
    rows = []
    for split in result.splits:
        named = message("{metric} by {segment}", metric=terms.metric(result.counted, split.name),
                        segment=terms.segment(result.study, split.rule))  # fmt: skip
        label = named.say(result.context.language)
        if len(result.counted.plan.treatments) > 1:
            label = f"{label}, {result.counted.plan.trial.arms[split.arm]}"
        verdict_ = message("differs") if split.flagged else message("no evidence")
        rows.append(Row(label, [
            verdict_.say(result.context.language), _plain(terms.p_value(split.told.p_value), result),
            _plain(terms.p_value(split.q_value), result),
            _plain(Quantity(sum(e is not None for e in split.effects)), result),
        ]))  # fmt: skip
    header = [message("Metric and segment"), message("Does the effect differ?"), "p", "q", message("Levels")]
    note = message(
        "p: Cochran's Q over the levels. q: Benjamini–Hochberg at 10% over this whole table. Levels under "
        "100 units or 10 events in an arm are left out. Exploratory: a segment found here is a question for "
        "the next test."
    )
    title = message("Every segment that was looked at")
    return _table(result, title, message("Known before exposure"), header, rows[:MOST_ROWS], note)


def _looks(result: ExperimentResult) -> Block | None:
    one = words.primary(result)
    path = result.counted.paths.get((one.name, one.arm)) if one else None
    if one is None or not path or one.looks is None:
        return None
    rows = []
    for k, (effect, size) in enumerate(zip(path, one.looks.sizes, strict=True), 1):
        number = result.number("look_effect", one.name, wave=str(k))
        z = abs(effect.z) if math.isfinite(effect.z) else math.nan
        rows.append(Row(Quantity(k).say(result.context.language), [
            _plain(Quantity(size), result), _plain(Quantity(effect.information, "share"), result),
            _cell(number, signed=True), _plain(Quantity(z, "none", 2), result),
            _plain(Quantity(effect.bound, "none", 2), result),
            _status(effect.status),
        ]))  # fmt: skip
    header = [message("Look"), "n", message("Part of the plan"), message("Difference"), "|z|",
              message("Boundary"), message("Verdict")]  # fmt: skip
    note = message(
        "The boundary spends the error rate as the customers come in; looks that fell out cost nothing."
    )
    return _table(result, message("Every look and its boundary"), _everybody(), header, rows, note)


def _appendix(result: ExperimentResult) -> Block:
    """Return the plan as registered, deviations, formulas and the aggregate by arm."""
    lang, trial = result.context.language, result.counted.plan.trial
    plan = next((check for check in result.checks if check.name == "plan"), None)
    written = trial.model_dump(mode="json", include=trial.model_fields_set)
    pairs: list[tuple[object, object]] = [
        (message("Plan"), f"{trial.id}, {result.plan_hash}"),
        (message("Deviations"), plan.title if plan and plan.status != "passed" else message("none")),
        *((name, _written(value)) for name, value in written.items() if name not in ("id", "label")),
        (message("Formulas"), message(
            "difference: Welch (1947); rare shares: Miettinen–Nurminen (1985), Boschloo (1970); relative: "
            "Fieller (1954); ratios: delta method; clusters: CR1; looks: Lan–DeMets (1983), per side; "
            "sequences: Waudby-Smith et al. (2024); sizes: chi-square and a Dirichlet monitor; waiting: "
            "Kaplan–Meier, log-rank, restricted means; segments: Cochran (1954), DerSimonian–Laird (1986)")),
        (message("Version"), _version()),
    ]  # fmt: skip
    facts = blocks.facts(pairs, lang)
    return blocks.together([facts, _aggregate(result)], message("Nothing to show."), lang)


def _aggregate(result: ExperimentResult) -> Block:
    rows = []
    for name, found in ((n, result.counted.sums.by_arm(n)) for n in result.counted.sums.parts):
        for at, arm in enumerate(result.counted.plan.trial.arms):
            n = float(found.n[at])
            hidden = 0 < n < result.context.min_cell
            mean, var = float(found.mean[at, 0]), float(found.cov[at, 0, 0])
            rows.append(Row(f"{say(terms.metric(result.counted, name), result.context.language)}, {arm}", [
                Cell(n, "count", masked=hidden), Cell(mean, "none", decimals=5, masked=hidden),
                Cell(var, "none", decimals=5, masked=hidden),
            ]))  # fmt: skip
    note = message(
        "Everything above can be computed again from these and their cells by segment and day, "
        "`result.aggregate`. Of clusters: sums of a cluster in the place of values."
    )
    header = [message("Metric, arm"), "n", message("Mean"), message("Variance")]
    return _table(
        result, message("The aggregate by arm"), message("As counted, before any cut"), header, rows, note
    )


def _written(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{k}: {_written(v)}" for k, v in value.items())
    return ", ".join(map(_written, value)) if isinstance(value, list) else str(value)


def _version() -> str:
    from journey_lib import __version__

    return f"journey_lib {__version__}"


def _effect_head(result: ExperimentResult) -> list[object]:
    control = _arm(result, result.counted.plan.control)
    names = [message("Metric"), message("Verdict"), control, message("New arm"), message("Difference")]
    return [*names, message("Relative, %"), "p", message("adj. p")]


def _effect_row(result: ExperimentResult, one: Contrast, kind: str) -> Row:
    effect = result.number(kind, one.name, group=result.named(one.arm))
    lift = result.number("lift", one.name, group=result.named(one.arm))
    return Row(_name(result, one), [
        _status(one.status), _value(result, one.name, result.counted.plan.control),
        _value(result, one.name, one.arm), _cell(effect, signed=True), _lift(lift),
        _plain(terms.p_value(effect.p_value), result), _plain(terms.p_value(one.p_adjusted), result),
    ])  # fmt: skip


def _variant(result: ExperimentResult, one: Contrast, kind: str, label: Message) -> Row:
    effect = result.number(kind, one.name, group=result.named(one.arm))
    return Row(label.say(result.context.language), [
        "", "", "", _cell(effect, signed=True), "", _plain(terms.p_value(effect.p_value), result), "",
    ])  # fmt: skip


def _name(result: ExperimentResult, one: Contrast) -> str:
    label = say(terms.metric(result.counted, one.name), result.context.language)
    many = len(result.counted.plan.treatments) > 1
    return f"{label}, {result.counted.plan.trial.arms[one.arm]}" if many else label


def _stage(result: ExperimentResult, name: str, arm: int) -> str:
    label = result.study.stage(name).label.say(result.context.language)
    many = len(result.counted.plan.treatments) > 1
    return f"{label}, {result.counted.plan.trial.arms[arm]}" if many else label


def _value(result: ExperimentResult, name: str, arm: int) -> Cell:
    number = result.number("value", name, group=result.named(arm))
    return Cell(number.estimate, number.unit or "none", masked=number.hidden, withheld=number.withheld,
                decimals=terms.DECIMALS.get(number.unit, 2))  # fmt: skip


def _cell(number: Number, *, signed: bool = False, grey: bool = False) -> Cell:
    return (Grey if grey else Cell)(
        number.estimate, number.unit or "none", number.ci_low, number.ci_high, number.n, masked=number.hidden,
        withheld=number.withheld, signed=signed, decimals=terms.DECIMALS.get(number.unit, 2),
    )  # fmt: skip


def _lift(number: Number) -> Cell:
    """Return a relative change, in per cent like a share but beyond 0 and 100."""
    return Cell(number.estimate, "share", number.ci_low, number.ci_high, number.n, masked=number.hidden,
                withheld=number.withheld, signed=True, decimals=1)  # fmt: skip


def _plain(value: object, result: ExperimentResult) -> str:
    return say(value, result.context.language) if value is not None else DASH


def _status(status: str) -> Verdict:
    return Verdict(math.nan, "none", status=status)


def _tone(status: str) -> tuple[str, Message]:
    words_ = {
        "positive": message("Better"), "negative": message("Worse"), "undecided": message("undecided"),
        "safe": message("Safe"), "harmed": message("Harmed"),
    }.get(status, message("Not estimable"))  # fmt: skip
    tones = {"positive": "passed", "safe": "passed", "negative": "failed", "harmed": "failed"}
    return tones.get(status, "watch" if status == "undecided" else "not_assessable"), words_


def _arm(result: ExperimentResult, arm: int) -> Message:
    return message("{arm}", arm=result.counted.plan.trial.arms[arm])


def _everybody() -> Message:
    return message("Everybody exposed whose window is over; shares in %, differences in points")


def _table(
    result: ExperimentResult,
    title: Message,
    base: Message,
    header: Sequence[object],
    rows: Sequence[Row],
    note: Message,
) -> Block:
    lang = result.context.language
    return table(title, base, [say(name, lang) for name in header], rows, note, lang, result.context.min_cell)
