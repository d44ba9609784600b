"""What the comments say in sentences: at most three findings and four actions, all from its table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from journey_lib.measures.comments import terms
from journey_lib.present.result import Finding
from journey_lib.present.wording import Message, Names, Quantity, Says, WaveName, message
from journey_lib.study import naming

if TYPE_CHECKING:
    from journey_lib.measures.comments.result import CommentsResult
    from journey_lib.present.numbers import Number

_ALPHA = 0.05
_NOTABLE_UNMAPPED = 0.2


def headlines(result: CommentsResult) -> tuple[Finding, ...]:
    """Return the theme that moved most, the one that goes with a lower score or tone, and the commonest."""
    if any(check.status == "failed" and check.name == "unmapped" for check in result.checks):
        return ()
    found = (_moved(result), _lower(result) or _discontent(result), _commonest(result))
    return tuple(finding for finding in found if finding)


def meanings(result: CommentsResult) -> tuple[Message, ...]:
    """Return what to read and to look into first."""
    actions = []
    change, low = moved(result), lowest(result)
    if change is not None and change.estimate > 0:
        actions.append(
            message(
                "**Look into {name} first.** More people write about it since {wave}; read what they say "
                "before "
                "changing anything.",
                name=_name(result, change.option), wave=WaveName(change.wave),
            )
        )  # fmt: skip
    if low is not None and (change is None or low.option != change.option):
        actions.append(
            message(
                "**Read the comments on {name}.** They stand out for the worse; find what they have in "
                "common.",
                name=_name(result, low.option),
            )
        )
    found = [theme for theme in result.ranked if theme.label is None]
    if found:
        actions.append(
            message(
                "**Name what nobody declared.** Add the words of what people also write about to the study's "
                "themes: {names}.",
                names=Names(tuple(terms.name(theme) for theme in found), limit=3),
            )
        )
    if result.contradictions:
        actions.append(
            message(
                "**Read the comments that contradict their score.** Irony, politeness and slips of the "
                "pointer "
                "hide there."
            )
        )
    return tuple(actions)


def moved(result: CommentsResult) -> Number | None:
    """Return the change between neighbouring waves that stands out among all themes, or None.

    Words found in the data of all waves are no test of one of them, while the study declares its own.
    """
    changes = [
        n
        for n in result.shown.values()
        if n.metric == "change" and n.known and n.p_value < _ALPHA
        if result.theme(n.option).label or not result.study.themes
    ]
    return max(changes, key=lambda n: abs(n.estimate) / n.std_error, default=None)


def lowest(result: CommentsResult) -> Number | None:
    """Return the theme whose people score lower, or sound less positive, beyond doubt."""
    return _clear(result, "gap", result.score) or _clear(result, "positive_gap")


def _clear(result: CommentsResult, metric: str, question: str = "survey") -> Number | None:
    found = [
        n
        for n in result.shown.values()
        if n.metric == metric and n.question == question and n.known and n.p_value < _ALPHA and n.estimate < 0
        if result.theme(n.option).label or not result.study.themes
    ]
    return min(found, key=lambda n: n.estimate / n.std_error, default=None)


def _moved(result: CommentsResult) -> Finding | None:
    change = moved(result)
    if change is None:
        return None
    before = result.number("share", change.option, wave=change.comparison)
    after = result.number("share", change.option, wave=change.wave)
    waves = {"first": WaveName(change.comparison), "second": WaveName(change.wave)}
    facts = {"name": _full(result, change.option), "before": before.amount, "after": after.amount, **waves}
    if change.estimate > 0:
        sentence = message(
            "More comments are about **{name}**: {before} in {first}, {after} in {second}.", **facts
        )
    else:
        sentence = message(
            "Fewer comments are about **{name}**: {before} in {first}, {after} in {second}.", **facts
        )
    base = message(
        "n = {before} / {after} commenters, weighted; Holm over all themes and waves",
        before=Quantity(before.n), after=Quantity(after.n),
    )  # fmt: skip
    reach = 1.25 * max(abs(change.ci_low), abs(change.ci_high))
    return result.finding(
        change, sentence, base, (-reach, reach), reference=0.0, alert=change.estimate > 0, signed=True
    )


def _lower(result: CommentsResult) -> Finding | None:
    gap = _clear(result, "gap", result.score) if result.score else None
    if gap is None:
        return None
    here, rest = (
        result.number(metric, gap.option, question=result.score) for metric in ("mean_mentioned", "mean_rest")
    )
    sentence = message(
        "People who mention **{name}** score lower on {score}: {here} against {rest}.",
        name=_full(result, gap.option), score=naming.name(result.study, result.study.item(result.score)),
        here=here.amount, rest=rest.amount,
    )  # fmt: skip
    base = message(
        "n = {here} / {rest}, weighted; Holm over all themes", here=Quantity(here.n), rest=Quantity(rest.n)
    )
    reach = 1.25 * max(abs(gap.ci_low), abs(gap.ci_high))
    return result.finding(gap, sentence, base, (-reach, reach), reference=0.0, alert=True, signed=True)


def _discontent(result: CommentsResult) -> Finding | None:
    gap = _clear(result, "positive_gap")
    if gap is None:
        return None
    share, everybody = result.number("positive", gap.option), result.number("positive")
    sentence = message(
        "Comments on **{name}** sound positive less often than others: {share}, against {all} of "
        "all comments.",
        name=_full(result, gap.option), share=share.amount, all=everybody.amount,
    )  # fmt: skip
    base = message(
        "n = {n} comments on it, weighted; tone read by a model, Holm over all themes", n=Quantity(share.n)
    )
    reach = 1.25 * max(abs(gap.ci_low), abs(gap.ci_high))
    return result.finding(gap, sentence, base, (-reach, reach), reference=0.0, signed=True)


def _commonest(result: CommentsResult) -> Finding | None:
    themes = [theme for theme in result.ranked if result.number("share", theme.id).known]
    if not themes:
        return None
    share = result.number("share", themes[0].id)
    sentence = message("**{name}** is what most people write about.", name=_full(result, themes[0].id))
    base = message("n = {n} commenters, weighted", n=Quantity(share.n))
    return result.finding(share, sentence, base, (0, 1))


def _name(result: CommentsResult, theme: str) -> Says:
    return terms.name(result.theme(theme))


def _full(result: CommentsResult, theme: str) -> Says:
    return terms.full(result.theme(theme))
