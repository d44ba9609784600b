"""Whose words are counted, and what could be wrong with reading them by machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from journey_lib.present.personal import FALSE_MASKS, RECALL, kind_words
from journey_lib.present.result import Basis, Check, Status
from journey_lib.present.wording import Message, Names, Quantity, WaveName, message
from journey_lib.stats.text.refining import ENOUGH, Agreement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from journey_lib.measures.comments.count import Plan

FEW_WRITE = 0.3  # of those asked
MUCH_UNMAPPED, MOST_UNMAPPED = 0.2, 0.5
POOR, FAIR = 0.7, 0.8  # agreement of tone and score
SMALL_LANGUAGE = 0.05  # of comments


def notes() -> dict[str, Message]:
    """Return the sentence of every reason a number or its interval can be missing for."""
    return {
        "no_comments": message("Nobody in this cell said anything."),
        "too_few": message("Too few people said anything for an interval."),
    }


def basis(plan: Plan, questions: Sequence[str]) -> Basis:
    """Return who is counted, how they are weighted, and by which method."""
    survey, feedback = plan.reading.survey, plan.reading.feedback
    lines = [(message("Unit"), message("One person's comment in one wave; feedback: one text"))]
    n, effective, level = 0, np.nan, Quantity(plan.level, "share")
    if survey is not None and plan.weighted is not None:
        n = int(plan.said.sum())
        weights = plan.weighted.weights[plan.said]
        asked = Names(tuple(plan.study.item(question).label for question in questions))
        effective = float(weights.sum() ** 2 / np.square(weights).sum()) if n else np.nan
        lines += [
            (message("Questions"), message("{names}", names=asked)),
            (message("Counted"), message("{n} people who said something", n=Quantity(n))),
            (message("Left out"), _left_out(plan)),
            (message("Waves"), _waves(plan)),
        ]  # fmt: skip
    if feedback is not None:
        said = Quantity(int(feedback.said.sum()))
        lines.append((message("Feedback"), message("{n} texts, unweighted, by channel", n=said)))
    lines += [
        (message("Themes"), message(
            "Words the study declares; for the rest, groups of words that go "
            "together"
        )),
        (message("Words"), _words(plan)),
        (message("Tone"), message(
            "Small shipped models for Korean and English, refined on the study's own "
            "scores"
        )),
        (message("Intervals"), message("{level}, linearised under the design", level=level)),
    ]  # fmt: skip
    raked = plan.weighted is not None and np.ptp(plan.weighted.weights) > 0
    return Basis(tuple(lines), n or int(feedback.said.sum() if feedback else 0), effective,
                 message("Survey weights") if raked else None)  # fmt: skip


def checks(plan: Plan) -> tuple[Check, ...]:
    """Return what was checked: who wrote, languages, what no theme covers, tone, masking, words."""
    found = [_empty(plan), _languages(plan), _unmapped(plan), _seeds(plan), _tone(plan), _by_language(plan)]
    return tuple(check for check in (*found, _masked(plan), _cut(plan)) if check)


def _left_out(plan: Plan) -> Message:
    survey = plan.reading.survey
    assert survey is not None  # noqa: S101 - asked by basis()
    empty = survey.inside & plan.here & (survey.language == "")
    again = survey.inside & plan.here & survey.repeated
    return message(
        "{empty} answers without content; {again} that repeat their author word for word",
        empty=Quantity(int(empty.sum())), again=Quantity(int(again.sum())),
    )  # fmt: skip


def _waves(plan: Plan) -> Message:
    if plan.wave:
        return message("{waves}", waves=WaveName(plan.wave))
    if not plan.waves:
        return message("One")
    return message("{waves}", waves=Names(tuple(WaveName(w) for w in plan.waves), limit=8))


def _words(plan: Plan) -> Message:
    if plan.reading.kiwi:
        return message("English words; Korean morphemes (Kiwi)")
    return message("English words; Korean runs of characters, because Kiwi is not used")


def _empty(plan: Plan) -> Check | None:
    survey = plan.reading.survey
    if survey is None or plan.weighted is None:
        return None
    wrote = plan.weighted.one("proportion", survey.said.astype(float), survey.inside & plan.here).estimate
    status: Status = "watch" if not wrote >= FEW_WRITE else "passed"
    title = message("Few people write") if status == "watch" else message("Enough people write")
    text = message(
        "{share} of those asked said something. People who write are seldom like those who do "
        "not: a share of "
        "commenters is no share of customers.",
        share=Quantity(wrote, "share"),
    )  # fmt: skip
    return Check("commented", status, title, text)


def _languages(plan: Plan) -> Check | None:
    survey = plan.reading.survey
    if survey is None or not plan.said.any():
        return None
    spoken = survey.language[plan.said]
    share = {lang: float((spoken == lang).mean()) for lang in ("ko", "en", "mixed", "other")}
    status: Status = "watch" if share["other"] > SMALL_LANGUAGE else "passed"
    title = (
        message("Languages are read")
        if status == "passed"
        else message("Some comments are in another language")
    )
    text = message(
        "Korean {ko}, English {en}, both {mixed}, other {other}; only Korean and English are read.",
        **{lang: Quantity(value, "share") for lang, value in share.items()},
    )
    return Check("languages", status, title, text)


def _unmapped(plan: Plan) -> Check | None:
    if plan.weighted is None or not plan.said.any():
        return None
    rest = plan.weighted.one("proportion", plan.reading.unmapped.astype(float), plan.said).estimate
    status: Status = "passed" if rest < MUCH_UNMAPPED else "watch" if rest < MOST_UNMAPPED else "failed"
    title = (
        message("Themes cover the comments")
        if status == "passed"
        else message("Themes leave comments uncovered")
    )
    text = message(
        "{share} of the comments belong to no theme. A theme is found by its words: what is said in "
        "other words, "
        "or meant and not said, is missed.",
        share=Quantity(rest, "share"),
    )  # fmt: skip
    return Check("unmapped", status, title, text)


def _seeds(plan: Plan) -> Check | None:
    """Watch themes that have words in one language only while comments come in both."""
    survey = plan.reading.survey
    if survey is None or not plan.said.any() or not plan.study.themes:
        return None
    spoken = [lang for lang in ("en", "ko") if (survey.language[plan.said] == lang).mean() > SMALL_LANGUAGE]
    lacking = [theme for theme in plan.study.themes if any(not getattr(theme.terms, lang) for lang in spoken)]
    if not lacking:
        return None
    text = message(
        "{names}: no words in one of the languages people write in, so their share is too small.",
        names=Names(tuple(theme.label for theme in lacking), limit=6),
    )
    return Check("seeds", "watch", message("Some themes lack words in a language"), text)


def _tone(plan: Plan) -> Check:
    agreement = plan.reading.tone.agreement
    title = message("Tone agrees with scores")
    if not agreement.n:
        text = message(
            "No comment has a clear score beside it, so the tone cannot be tested: it is indicative."
        )
        return Check("tone", "not_assessable", message("Tone is not tested"), text)
    facts = {
        "accuracy": Quantity(agreement.accuracy, "share"), "n": Quantity(agreement.n),
        "guess": Quantity(agreement.guessing, "share"), "prior": Quantity(agreement.prior, "share"),
    }  # fmt: skip
    if agreement.n < ENOUGH:
        text = message(
            "Tone and score agree in {accuracy} of {n} comments kept out of the learning; guessing "
            "the commoner "
            "score reaches {guess}. With fewer than {enough} scores every share of tones is indicative.",
            **facts, enough=Quantity(ENOUGH),
        )  # fmt: skip
        return Check("tone", "watch", message("Tone is indicative"), text)
    good = agreement.accuracy > agreement.guessing
    status: Status = "passed" if agreement.accuracy >= FAIR and good else "watch"
    status = "failed" if agreement.accuracy < POOR else status
    text = message(
        "Tone and score agree in {accuracy} of {n} comments kept out of the learning; the "
        "shipped models alone "
        "reach {prior}, guessing the commoner score {guess}.",
        **facts,
    )
    return Check(
        "tone", status, title if status == "passed" else message("Tone often contradicts scores"), text
    )


def _by_language(plan: Plan) -> Check | None:
    """Compare the languages: a model may read one much better than another."""
    known = {
        lang: Agreement(plan.reading.agreement[lang])
        for lang in ("en", "ko")
        if lang in plan.reading.agreement
    }
    if len(known) < 2:
        return None
    gap = abs(known["en"].accuracy - known["ko"].accuracy)
    status: Status = "passed" if gap < 0.1 else "watch"
    title = message("Tone is read alike in both languages") if status == "passed" else message(
        "Tone is read worse in one language"
    )  # fmt: skip
    text = message(
        "Agreement with the score: Korean {ko} of {n_ko}, English {en} of {n_en} comments.",
        ko=Quantity(known["ko"].accuracy, "share"), en=Quantity(known["en"].accuracy, "share"),
        n_ko=Quantity(known["ko"].n), n_en=Quantity(known["en"].n),
    )  # fmt: skip
    return Check("tone_by_language", status, title, text)


def _masked(plan: Plan) -> Check:
    found: dict[str, int] = {}
    for part in (plan.reading.survey, plan.reading.feedback):
        for kind, n in (part.passages if part else {}).items():
            found[kind] = found.get(kind, 0) + n
    least, words = plan.study.thresholds.min_cell, kind_words()
    told = [
        message("{kind} {n}", kind=words[kind], n=Quantity(n))
        if n >= least
        else message("{kind} under {n}", kind=words[kind], n=Quantity(least))
        for kind, n in found.items()
    ]
    facts = {
        "recall": Quantity(RECALL, "share"), "wrong": Quantity(FALSE_MASKS, "share", 1),
    }  # fmt: skip
    if not told:
        text = message(
            "Nothing that identifies people was found. On planted cases at least {recall} are found, "
            "and under "
            "{wrong} of harmless comments lose a word.",
            **facts,
        )
    else:
        text = message(
            "Masked before anything was read: {kinds}. On planted cases at least {recall} are found, "
            "and under "
            "{wrong} of harmless comments lose a word; a name without a title can stay.",
            kinds=Names(tuple(told), limit=9), **facts,
        )  # fmt: skip
    return Check("masking", "passed", message("What identifies people is masked"), text)


def _cut(plan: Plan) -> Check | None:
    survey = plan.reading.survey
    if plan.reading.kiwi or survey is None or not (survey.language == "ko").any():
        return None
    text = message(
        "Korean words are runs of characters, so the words a theme is named by may be cut oddly. Shares of "
        "declared themes do not change; the extra `korean` brings Kiwi."
    )
    return Check("words", "watch", message("Korean is cut by characters"), text)
