"""The parts of the comments page: figures, numbers, quotes, feedback by channel, and tone tested."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from markupsafe import Markup

from journey_lib.measures.comments import pictures, terms
from journey_lib.measures.comments.count import FEEDBACK
from journey_lib.present import blocks
from journey_lib.present.blocks import Block
from journey_lib.present.cells import wrapped
from journey_lib.present.personal import said
from journey_lib.present.tables import Cell, Row, table
from journey_lib.present.wording import Inside, Message, Quantity, message, say
from journey_lib.stats.text.refining import Agreement

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from journey_lib.measures.comments.quotes import Quote
    from journey_lib.measures.comments.reading import Theme
    from journey_lib.measures.comments.result import CommentsResult
    from journey_lib.present.numbers import Number
    from journey_lib.study.definition import Study

MOST_COLUMNS = 8


def part(result: CommentsResult, kind: str) -> Block:
    """Return a part of the page, or a sentence why there is none."""
    lang = result.context.language
    if kind in ("themes", "scores", "waves"):
        drawn = {"themes": pictures.themes, "scores": pictures.scores, "waves": pictures.waves}[kind](result)
        return blocks.together([blocks.figure(drawn) if drawn else None], _why_not(kind), lang)
    made: dict[str, Callable[[CommentsResult], Block | None]] = {
        "numbers": _numbers, "quotes": _quotes, "feedback": _feedback, "tone": _tone,
        "contradictions": _contradictions,
    }  # fmt: skip
    return blocks.together([made[kind](result)], _why_not(kind), lang)


def _why_not(kind: str) -> Message:
    words = {
        "themes": message(
            "No theme has a share that may be shown: the study has only feedback, or nobody "
            "mentions one."
        ),
        "scores": message("The study asks nothing with a scale beside its comments."),
        "waves": message("There are no comments in two waves."),
        "numbers": message("No theme is mentioned in a comment of the survey."),
        "quotes": message("No theme is shared by five people, so nobody is quoted."),
        "feedback": message("The study has no feedback source."),
        "tone": message("No comment has a clear score beside it, so the tone cannot be tested."),
        "contradictions": message(
            "Fewer than five comments sound positive beside a low score; none is "
            "shown."
        ),
    }  # fmt: skip
    return words[kind]


def _numbers(result: CommentsResult) -> Block | None:
    lang = result.context.language
    rows = []
    for theme in result.ranked:
        found = [
            result.number("share", theme.id), result.number("share", theme.id, weighting="unweighted"),
            result.number("positive", theme.id), result.number("positive_gap", theme.id),
            _own_gap(result, theme),
        ]  # fmt: skip
        cells: list[Cell | str] = [
            _cell(found[0]), _cell(found[1], bounds=False), _cell(found[2]), _cell(found[3], signed=True),
            _cell(found[4], signed=True),
        ]  # fmt: skip
        people = result.mentions.get((theme.id, result.wave, ""), 0)
        label = wrapped(terms.full(theme).say(lang))
        rows.append(
            Row(label, [*cells, Cell(people, "count", n=people, masked=people < result.context.min_cell)])
        )
    if not rows:
        return None
    header = [
        message("Theme"), message("Share, %"), message("Unweighted, %"), message("Sounds positive, %"),
        message("Against the others"), message("Own rating"), message("People"),
    ]  # fmt: skip
    base = message("Of people who said something, {period}; weighted", period=terms.period(result))
    note = message(
        "Sorted by share. Second line: {level} interval. In brackets: the words that set the "
        "theme's comments "
        "apart. Sounds positive: of those who mention it, read by a model. Against the others: difference to "
        "comments that do not mention it, in points. Own rating: how much lower or higher those who mention "
        "the theme rate its touchpoint than other commenters.",
        level=terms.level(result),
    )
    return _tabled(result, message("The same themes, number by number"), base, header, rows, note)


def _own_gap(result: CommentsResult, theme: Theme) -> Number:
    """Return the difference on the touchpoint's own rating."""
    asked = [q.id for q in result.study.questions if theme.touchpoint and q.touchpoint == theme.touchpoint]
    found = [result.number("gap", theme.id, question=name) for name in asked]
    return next((number for number in found if number.metric), result.number("none"))


def _quotes(result: CommentsResult) -> Block | None:
    lang = result.context.language
    pieces = [
        Markup('<div class="jl-caption"><h3>{}</h3><p>{}</p></div>{}').format(
            terms.full(theme).say(lang), _told(result, theme).say(lang), _list(result.quotes[theme.id], lang)
        )
        for theme in result.ranked
        if result.quotes.get(theme.id)
    ]
    note = message(
        "The most typical comments of each theme, in the language they were written in. Names, numbers and "
        "addresses are masked; the sign behind a comment stands for its author and nothing else. Nobody is "
        "quoted on a theme that fewer than five people share."
    )
    if not pieces:
        return None
    inner = Markup('{}<p class="jl-note">{}</p>').format(Markup("").join(pieces), note.say(lang))
    return Block(inner, lang, note.say(lang))


def _told(result: CommentsResult, theme: Theme) -> Message:
    share, content = result.number("share", theme.id), result.number("positive", theme.id)
    return message(
        "{share} of commenters; {content} of their comments sound positive",
        share=terms.share(share), content=content.amount,
    )  # fmt: skip


def _list(quotes: Sequence[Quote], lang: str) -> Markup:
    items = Markup("").join(
        Markup('<li lang="{}">{} <span class="jl-range">{}</span></li>').format(
            quote.language if quote.language in ("en", "ko") else "", said(quote.text, lang), quote.author
        )
        for quote in quotes
    )
    return Markup('<ul class="jl-quotes">{}</ul>').format(items)


def _contradictions(result: CommentsResult) -> Block | None:
    if not result.contradictions:
        return None
    lang = result.context.language
    title = message("Comments that sound positive beside a low score")
    base = message(
        "The {n} clearest, masked; each judged by a model that had not seen its score",
        n=Quantity(len(result.contradictions)),
    )
    inner = Markup('<div class="jl-caption"><h3>{}</h3><p>{}</p></div>{}').format(
        title.say(lang), base.say(lang), _list(result.contradictions, lang)
    )
    return Block(inner, lang, title.say(lang))


def _feedback(result: CommentsResult) -> Block | None:
    if not result.channels:
        return None
    lang, shown = result.context.language, result.channels[:MOST_COLUMNS]
    rows = [
        Row(terms.name(theme).say(lang), [_of_channel(result, "share", theme.id, name) for name in shown])
        for theme in result.reading.themes
        if theme.label is not None
    ]
    rows.append(
        Row(
            message("Sounds positive").say(lang),
            [_of_channel(result, "positive", "", name) for name in shown],
        )
    )
    header = [
        message("Theme").say(lang),
        *(wrapped(_channel(result.study, name).say(lang)) for name in shown),
    ]
    title = message("What feedback is about, channel by channel")
    base = message("Share of the texts of each channel that mention a theme, in %; unweighted")
    note = message(
        "Second line: {level} interval, a customer's texts taken together. Who writes a review "
        "or opens a ticket "
        "chose to: these shares stand beside those of the survey and are never added to them. Hatched: fewer "
        "than {cell} texts.",
        level=terms.level(result), cell=Quantity(result.context.min_cell),
    )  # fmt: skip
    if len(shown) < len(result.channels):
        more = message(
            "{shown} of {all} columns are shown.",
            shown=len(shown),
            all=len(result.channels),
        )
        note = message("{a} {b}", a=note, b=more)
    return _tabled(result, title, base, header, rows, note)


def _of_channel(result: CommentsResult, metric: str, theme: str, channel: str) -> Cell:
    return _cell(
        result.number(metric, theme, question=FEEDBACK, wave="", group=channel, weighting="unweighted")
    )


def _channel(study: Study, name: str) -> Message:
    """Return a channel of feedback in the reader's words, where it is one of the usual ones."""
    known = {
        "review": message("review"), "ticket": message("ticket"), "chat": message("chat"),
        "interview": message("interview"), "social": message("social post"), "feedback": message("feedback"),
    }  # fmt: skip
    kind, _, place = name.partition(" · ")
    if not place:
        return message("{kind}", kind=known.get(kind, kind))
    where = Inside(study.channel_label(place))
    return message("{kind}, {place}", kind=known.get(kind, kind), place=where)


def _tone(result: CommentsResult) -> Block | None:
    lang, agreement = result.context.language, result.reading.agreement
    if not any(table.sum() for table in agreement.values()):
        return None
    names = {
        "en": message("Comments in English"), "ko": message("Comments in Korean"),
        "mixed": message("Comments in both"), "feedback": message("Feedback with a rating"),
    }  # fmt: skip
    rows = [Row(names[key].say(lang), _confusion(result, table)) for key, table in agreement.items()]
    header = [
        message("Texts"), message("Agree, %"), message("Low, negative"), message("Low, positive"),
        message("High, negative"), message("High, positive"), "n",
    ]  # fmt: skip
    whole = result.reading.tone.agreement
    title = message("Tone and score agree in {share} of comments", share=Quantity(whole.accuracy, "share"))
    base = message(
        "Comments with a clear score beside them, each judged by a model that never saw it; n = {n}",
        n=Quantity(whole.n),
    )
    note = message(
        "Low and high: the score; negative and positive: how the text sounds. A clear score is "
        "one in the upper or lower quarter of the scale (recommendation: 9–10, 0–6), of the "
        "touchpoint the comment is about, else of the whole. Guessing the commoner score would "
        "reach {guess}, "
        "the shipped models alone {prior}. Counts under {cell} are masked.",
        guess=Quantity(whole.guessing, "share"), prior=Quantity(whole.prior, "share"),
        cell=Quantity(result.context.min_cell),
    )  # fmt: skip
    return _tabled(result, title, base, header, rows, note)


def _confusion(result: CommentsResult, counts: object) -> list[Cell | str]:
    import numpy as np

    cells, least = np.asarray(counts), result.context.min_cell
    found = Agreement(cells)
    small = (cells < least) & (cells > 0)
    hidden = small if small.sum() != 1 else np.ones_like(small)
    accuracy = Cell(found.accuracy, "share", n=found.n, masked=found.n < least)
    return [
        accuracy,
        *(
            Cell(float(n), "count", n=float(n), masked=bool(mask), withheld=bool(mask and n >= least))
            for n, mask in zip(cells.ravel(), hidden.ravel(), strict=True)
        ),
        Cell(found.n, "count", n=found.n, masked=found.n < least),
    ]


def _cell(number: Number, *, bounds: bool = True, signed: bool = False) -> Cell:
    low, high = (number.ci_low, number.ci_high) if bounds else (math.nan, math.nan)
    return Cell(
        number.estimate, number.unit or "share", low, high, number.n, masked=number.hidden,
        withheld=number.withheld, signed=signed,
    )  # fmt: skip


def _tabled(
    result: CommentsResult,
    title: Message,
    base: Message,
    header: Sequence[object],
    rows: list[Row],
    note: Message,
) -> Block:
    lang = result.context.language
    heads = [one if isinstance(one, Markup) else say(one, lang) for one in header]
    return table(title, base, heads, rows, note, lang, result.context.min_cell)
