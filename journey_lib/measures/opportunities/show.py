"""The parts of the page: ranking, ideas that lack something, what counts once, what the order hangs on."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING
from urllib.parse import quote

from markupsafe import Markup

from journey_lib.measures.opportunities import checks, pictures
from journey_lib.measures.opportunities.weigh import shared
from journey_lib.present import blocks
from journey_lib.present.numbers import Number
from journey_lib.present.tables import Cell, Row, table
from journey_lib.present.wording import DASH, Message, Quantity, day, interval, message
from journey_lib.study.definition.columns import OWNER

if TYPE_CHECKING:
    from journey_lib.measures.opportunities.measured import Outcome
    from journey_lib.measures.opportunities.result import OpportunitiesResult
    from journey_lib.present.blocks import Block
    from journey_lib.study.map_notes import Idea

ORDERS = ("published", "feasibility_aside", "severity_aside", "least_recovered", "most_recovered")


def part(result: OpportunitiesResult, kind: str) -> Block:
    """Return a part of the page."""
    lang = result.context.language
    apart = {"unranked": _unranked, "findings": _findings, "measured": _measured}
    if kind in apart:
        return apart[kind](result)
    if not result.order:
        return blocks.together([], message("No idea can be ranked yet; see what is missing below."), lang)
    if kind in ("impact", "quadrant"):
        return blocks.figure(result.plot(kind=kind))
    return {"ranking": _ranking, "once": _once, "order": _order}[kind](result)


def home_fragment(result: OpportunitiesResult, page: str) -> Markup:
    """Return the first ideas with what each would bring, for the study's home page; nothing without any."""
    lang = result.context.language
    first = result.order[: int(str(result.settings["first"]))]
    if not first:
        return Markup("")
    items = Markup("").join(
        Markup("<li><b>{}</b><small>{}</small></li>").format(
            idea.label.say(lang), _told(result, idea).say(lang)
        )
        for idea in first
    )
    return Markup('<section><h2><a href="{}">{}</a></h2><p>{}</p><ol>{}</ol></section>').format(
        page, message("What to do first").say(lang), pictures.unit_words(result).say(lang), items
    )


def _told(result: OpportunitiesResult, idea: Idea) -> Message:
    """Return where an idea helps, what it would bring, and how sure its place is."""
    gain, chance = result.number("impact", idea.id), result.number("first", idea.id)
    return message(
        "{stage}: {gain} ({bounds}); among the first {first} in {share} of draws",
        stage=result.study.stage(idea.stage).label,
        gain=Quantity(gain.estimate, gain.unit, signed=True),
        bounds=interval(gain.ci_low, gain.ci_high, gain.unit, result.context.language),
        first=int(str(result.settings["first"])),
        share=Quantity(chance.estimate, "share"),
    )


def _ranking(result: OpportunitiesResult) -> Block:
    lang = result.context.language
    heads = (
        message("Opportunity"), message("In first {k}, %", k=int(str(result.settings["first"]))),
        message("Gain"), message("Feasible, 1–5"), message("Score"),
        message("Stage"), message("Owner, status"),
    )  # fmt: skip
    rows = [_idea_row(result, idea, at) for at, idea in enumerate(result.order, 1)]
    note = message(
        "Sorted by score: expected gain over the largest, times feasibility over 5. In first: share of "
        "draws. Second "
        "line: 95% interval."
    )
    return table(
        pictures.title(result), pictures.unit_words(result), [h.say(lang) for h in heads], rows, note, lang,
        result.context.min_cell,
    )  # fmt: skip


def _idea_row(result: OpportunitiesResult, idea: Idea, at: int) -> Row:
    lang = result.context.language

    def cell(metric: str, unit: str, decimals: int | None = None) -> Cell:
        number = result.number(metric, idea.id)
        return Cell(number.estimate, unit, number.ci_low, number.ci_high, decimals=decimals)

    owner = result.study.value_label(OWNER, idea.owner).say(lang)
    cells: list[Cell | str] = [
        cell("first", "share", 0), cell("impact", "count"), cell("feasibility", "score", 1),
        cell("score", "score", 2), result.study.stage(idea.stage).label.say(lang),
        ", ".join(word for word in (owner, status_words(idea.status).say(lang)) if word),
    ]  # fmt: skip
    return Row(f"{at}  {idea.label.say(lang)}", cells)


def status_words(status: str) -> Message:
    """Return how far an idea is."""
    words = {
        "idea": message("idea"),
        "planned": message("planned"),
        "running": message("in test"),
        "done": message("done"),
        "dropped": message("dropped"),
    }
    return words[status]


def _unranked(result: OpportunitiesResult) -> Block:
    """Return ideas that lack an input, each with what is missing."""
    lang = result.context.language
    if not result.unranked:
        return blocks.together([], message("Every idea is ranked."), lang)
    reasons = checks.notes()
    pairs = [
        (one.idea.label, " ".join(reasons[code].say(lang) for code in one.missing or ("no_gain",)))
        for one in result.unranked
    ]
    return blocks.facts(pairs, lang)


def _measured(result: OpportunitiesResult) -> Block:
    """Return what came of each idea that was tested or changed, and whether that can be called an effect."""
    lang = result.context.language
    if not result.outcomes:
        return blocks.together([], message("No idea has an experiment or a day of change yet."), lang)
    sides = any(o.kind == "before_after" for o in result.outcomes)
    heads = [message("Idea"), message("Difference")]
    heads += [message("Before"), message("After")] if sides else []
    heads += [message("Measured how"), message("Status")]
    rows = [_measured_row(result, outcome, sides=sides) for outcome in result.outcomes]
    note = message(
        "Before and after: up to 12 whole periods, or one wave, either side of the change, whose own period "
        "is left out. Anything else that changed then is in the difference too."
    )
    return table(
        message("What came of the ideas"),
        message("Shares in %, differences in points or on the question's scale; second line: 95% interval"),
        [h.say(lang) for h in heads], rows, note, lang, result.context.min_cell,
    )  # fmt: skip


def _measured_row(result: OpportunitiesResult, outcome: Outcome, *, sides: bool) -> Row:
    lang, idea = result.context.language, outcome.idea
    numbers = {n.metric: n for n in result.measured(idea.id)}
    gap = numbers.get("effect") or numbers.get("shift") or Number()
    cells: list[Cell | str] = [
        Cell(gap.estimate, gap.unit, gap.ci_low, gap.ci_high, gap.n, masked=gap.hidden, signed=True),
        *(_side(numbers.get(name, Number()), result) for name in ("before", "after") if sides),
        _linked(_how(outcome, gap).say(lang), outcome.report), _since(idea, lang),
    ]  # fmt: skip
    return Row(idea.label.say(lang), cells)


def _linked(words: str, report: str) -> str:
    return Markup('<a href="{}">{}</a>').format(quote(report), words) if report else words


def _side(number: Number, result: OpportunitiesResult) -> Cell | str:
    if not math.isfinite(number.estimate):
        return DASH
    n = message("n = {n}", n=Quantity(number.n)).say(result.context.language)
    return f"{Quantity(number.estimate, number.unit, 1).say(result.context.language)} · {n}"


def _how(outcome: Outcome, gap: Number) -> Message:
    """Return whether the difference is an effect, only a change in time, or why there is none."""
    if not math.isfinite(gap.estimate):
        return checks.notes().get(gap.note, message("masked"))
    if outcome.kind == "experiment":
        return message("experiment, {arm} against {control}", arm=gap.group, control=gap.comparison)
    return message("before/after, not causal")


def _since(idea: Idea, lang: str) -> str:
    status = status_words(idea.status)
    if not idea.changed_on:
        return status.say(lang)
    return message("{status} since {day}", status=status, day=day(idea.changed_on, lang)).say(lang)


def _once(result: OpportunitiesResult) -> Block:
    """Return pains that several ideas would take away: their gains do not add up."""
    lang = result.context.language
    rows = []
    for pain, places in shared(list(result.ranked)).items():
        ideas = [result.ranked[at].idea for at in places]
        names = "+".join(i.id for i in ideas)
        least, most = (
            result.number(m, comparison=names, question=pain).estimate
            for m in ("together_least", "together_most")
        )
        bounds = message("{least} to {most}", least=Quantity(least), most=Quantity(most)).say(lang)
        rows.append(Row(_pain_name(result, pain), (", ".join(i.label.say(lang) for i in ideas), bounds)))
    if not rows:
        return blocks.together([], message("No pain is named by two ranked ideas."), lang)
    heads = [w.say(lang) for w in (message("Pain"), message("Ideas"), message("Together"))]
    return table(
        message("Ideas for one pain cannot be added up"), pictures.unit_words(result), heads, rows,
        message("Together: at least the larger gain, at most the sum."), lang, result.context.min_cell,
    )  # fmt: skip


def _pain_name(result: OpportunitiesResult, pain: str) -> str:
    known = next((q for q in result.study.questions if q.id == pain), None)
    return known.label.say(result.context.language) if known else pain


def _order(result: OpportunitiesResult) -> Block:
    """Return the place of each idea under each assumption; a place that moved is marked."""
    lang = result.context.language
    rows = [Row(idea.label.say(lang), _places(result, idea)) for idea in result.order]
    first = result.order[0].id
    moved = any(result.number("place_if", first, name).estimate != 1 for name in ORDERS)
    head = message("The first place holds under every assumption tried")
    if moved:
        head = message("The first place hangs on the assumptions")
    heads = [message("Opportunity").say(lang), *(_assumption(name).say(lang) for name in ORDERS)]
    note = message(
        "Feasibility aside: only the gain counts. Least and most recovered: the ends people gave. * place "
        "differs "
        "from the published one."
    )
    return table(
        head, message("Place of each idea when one assumption changes"), heads, rows, note, lang,
        result.context.min_cell,
    )  # fmt: skip


def _places(result: OpportunitiesResult, idea: Idea) -> list[str]:
    """Return the places of one idea as words, starred where an assumption moves it."""
    lang = result.context.language
    places = [result.number("place_if", idea.id, name).estimate for name in ORDERS]
    return [Quantity(p).say(lang) + ("*" if p != places[0] else "") for p in places]


def _assumption(name: str) -> Message:
    words = {
        "published": message("As published"),
        "feasibility_aside": message("Feasibility aside"),
        "severity_aside": message("Every pain equally severe"),
        "least_recovered": message("Least recovered"),
        "most_recovered": message("Most recovered"),
    }
    return words[name]


def _findings(result: OpportunitiesResult) -> Block:
    """Return bad news without an idea, each linked to its report."""
    lang = result.context.language
    if not result.open_findings:
        return blocks.together([], message("Every finding has an idea that speaks to it."), lang)
    items = Markup("").join(
        Markup('<li>{}: <a href="{}">{}</a></li>').format(
            result.study.stage(s.stage).label.say(lang), quote(s.fact.report), s.words.say(lang)
        )
        for s in result.open_findings
    )
    words = message("{n} findings without an idea", n=Quantity(len(result.open_findings))).say(lang)
    return blocks.Block(Markup('<ul class="jl-actions">{}</ul>').format(items), lang, words)
