"""The weighted pass: shares of commenters, scores of those who mention a theme, tone, and changes by wave."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from journey_lib.measures.comments.reading import FOUND, rating_of
from journey_lib.stats import multiplicity
from journey_lib.stats.estimate import Sample
from journey_lib.stats.inference import two_sided_p
from journey_lib.study.surveyed import sample_of

if TYPE_CHECKING:
    import numpy.typing as npt

    from journey_lib.measures.comments.reading import Reading, Theme
    from journey_lib.stats.estimate.cells import Estimate
    from journey_lib.study.data import Data
    from journey_lib.study.definition import Question, Study

    Bools = npt.NDArray[np.bool_]
    Floats = npt.NDArray[np.float64]

Row = dict[str, Any]
SURVEY, FEEDBACK = "survey", "feedback"
_INTERVAL = ("estimate", "std_error", "ci_low", "ci_high", "n", "n_effective")


@dataclass(frozen=True, eq=False)
class Plan:
    """What is counted: who, in which waves, at which level, against which score."""

    study: Study
    data: Data
    reading: Reading
    score: Question | None
    waves: tuple[str, ...]
    wave: str
    level: float
    weighted: Sample | None = field(repr=False)
    unweighted: Sample | None = field(repr=False)

    @property
    def said(self) -> Bools:
        """The survey's commenters the totals are about."""
        assert self.reading.survey is not None  # noqa: S101 - only asked where there is a survey
        return self.reading.survey.said & self.here

    @property
    def here(self) -> Bools:
        """Rows of the wave the totals are about."""
        return (self.in_wave == self.wave) if self.wave else np.ones(len(self.in_wave), dtype=bool)

    @property
    def in_wave(self) -> npt.NDArray[Any]:
        """The wave of each answer."""
        return self.data.require("responses", by="comments")["wave"].astype(str).to_numpy()


def plan_of(
    study: Study, data: Data, reading: Reading, score: Question | None, waves: Sequence[str], wave: str,
    level: float,
) -> Plan:  # fmt: skip
    """Return the plan with the design of the survey read once."""
    samples: list[Sample | None] = [None, None]
    if reading.survey is not None:
        samples = [sample_of(study, data, level, weighted=use) for use in (True, False)]
    return Plan(study, data, reading, score, tuple(waves), wave, level, samples[0], samples[1])


def rows(plan: Plan) -> pd.DataFrame:
    """Return every number of the report as tidy rows."""
    found: list[Row] = []
    if plan.weighted is not None:
        found += [*_wrote(plan), *_shares(plan), *_tones(plan), *_changes(plan), *_scores(plan)]
    if plan.reading.feedback is not None:
        found += _feedback(plan)
    return pd.DataFrame(found)


def counts(plan: Plan) -> dict[tuple[str, str, str], int]:
    """Return how many people mention each theme: (theme, wave, channel) → unweighted count."""
    found: dict[tuple[str, str, str], int] = {}
    for theme in plan.reading.themes:
        if plan.weighted is not None:
            found[theme.id, plan.wave, ""] = int((theme.survey & plan.said).sum())
            for wave in plan.waves:
                found[theme.id, wave, ""] = int((theme.survey & (plan.in_wave == wave)).sum())
        for channel, own in channels(plan):
            found[theme.id, "", channel] = int((theme.feedback & own).sum())
    return found


def channels(plan: Plan) -> list[tuple[str, Bools]]:
    """Return the channels of feedback with the texts that came through each, the largest first."""
    frame, feedback = plan.data.feedback, plan.reading.feedback
    if frame is None or feedback is None:
        return []
    kind, channel = (
        frame[name].fillna("").astype(str) if name in frame else pd.Series("", index=frame.index)
        for name in ("kind", "channel")
    )
    named = (kind + " · " + channel).str.strip(" ·").replace("", FEEDBACK).to_numpy()
    found = [(str(name), feedback.said & (named == name)) for name in sorted(set(named[feedback.said]))]
    return sorted(found, key=lambda pair: -int(pair[1].sum()))


def _row(found: Estimate, plan: Plan, **keys: object) -> Row:
    note = ""
    if np.isnan(found.estimate):
        note = "no_comments"
    elif np.isnan(found.std_error):
        note = "too_few"
    values = {name: getattr(found, name) for name in _INTERVAL}
    return {
        **values,
        "ci_level": plan.level,
        "note": note,
        "weighting": "weighted",
        "question": SURVEY,
        **keys,
    }


def _cuts(plan: Plan) -> Iterator[tuple[str, Bools]]:
    yield plan.wave, plan.here
    if len(plan.waves) > 1:
        for wave in plan.waves:
            if wave != plan.wave:
                yield wave, plan.in_wave == wave


def _wrote(plan: Plan) -> Iterator[Row]:
    """Yield the share of those asked who said something, and of commenters no theme covers."""
    survey = plan.reading.survey
    assert plan.weighted is not None and survey is not None  # noqa: S101, PT018 - asked by rows()
    for wave, rows_ in _cuts(plan):
        wrote = plan.weighted.one("proportion", survey.said.astype(float), survey.inside & rows_)
        yield _row(wrote, plan, metric="commented", unit="share", wave=wave)
        rest = plan.weighted.one("proportion", plan.reading.unmapped.astype(float), survey.said & rows_)
        yield _row(rest, plan, metric="unmapped", unit="share", wave=wave)


def _shares(plan: Plan) -> Iterator[Row]:
    survey = plan.reading.survey
    assert plan.weighted is not None and plan.unweighted is not None and survey is not None  # noqa: S101, PT018
    for theme in plan.reading.themes:
        for wave, rows_ in _cuts(plan):
            found = plan.weighted.one("proportion", theme.survey.astype(float), survey.said & rows_)
            yield _row(found, plan, **_keys(theme), metric="share", unit="share", wave=wave)
        raw = plan.unweighted.one("proportion", theme.survey.astype(float), plan.said)
        keys = {**_keys(theme), "metric": "share", "unit": "share", "weighting": "unweighted"}
        yield _row(raw, plan, **keys, wave=plan.wave)


def _tones(plan: Plan) -> Iterator[Row]:
    """Yield the share of comments that sound positive, of all and of each theme."""
    assert plan.weighted is not None  # noqa: S101 - asked by rows()
    sounds = (plan.reading.survey_tone > 0).astype(float)
    heard = plan.said & ~np.isnan(plan.reading.survey_tone)
    for theme in (None, *plan.reading.themes):
        own = heard if theme is None else heard & theme.survey
        found = plan.weighted.one("proportion", sounds, own)
        yield _row(found, plan, **_keys(theme), metric="positive", unit="share", wave=plan.wave)
    yield from _adjusted([_tone_gap(plan, theme, sounds, heard) for theme in plan.reading.themes])


def _tone_gap(plan: Plan, theme: Theme, sounds: Floats, heard: Bools) -> tuple[Row, Estimate]:
    """Return how much less positive the comments of a theme sound than the others."""
    assert plan.weighted is not None  # noqa: S101 - asked by rows()
    sides = heard & theme.survey, heard & ~theme.survey
    found = plan.weighted.difference(sounds, *sides, kind="proportion", degrees="equivalent")
    keys = {**_keys(theme), "metric": "positive_gap", "unit": "share_points", "wave": plan.wave}
    return _row(found, plan, **keys, comparison="rest"), found


def _changes(plan: Plan) -> Iterator[Row]:
    """Compare each wave with the one before; Holm over all themes and waves together."""
    survey = plan.reading.survey
    assert plan.weighted is not None and survey is not None  # noqa: S101, PT018 - asked by rows()
    found: list[tuple[Row, Estimate]] = []
    written = [wave for wave in plan.waves if (survey.said & (plan.in_wave == wave)).any()]
    for theme in plan.reading.themes:
        for before, after in pairwise(written):
            sides = [survey.said & (plan.in_wave == wave) for wave in (after, before)]
            change = plan.weighted.difference(
                theme.survey.astype(float), *sides, kind="proportion", degrees="equivalent"
            )
            keys = {**_keys(theme), "metric": "change", "unit": "share_points", "wave": after}
            found.append((_row(change, plan, **keys, comparison=before), change))
    yield from _adjusted(found)


def _scores(plan: Plan) -> Iterator[Row]:
    """Yield the score of those who mention a theme, of the other commenters, and the difference."""
    found: list[tuple[Row, Estimate]] = []
    for theme in plan.reading.themes:
        own = rating_of(plan.study, plan.data, theme.touchpoint)
        for question in dict.fromkeys(q.id for q in (plan.score, own) if q):
            yield from _means(plan, theme, question)
            gap = _gap(plan, theme, question)
            keys = {**_keys(theme), "metric": "gap", "unit": "score", "wave": plan.wave, "question": question}
            if plan.score is not None and question == plan.score.id:
                found.append((_row(gap, plan, **keys, comparison="rest"), gap))
            else:
                yield {**_row(gap, plan, **keys, comparison="rest"), "p_value": _p(gap)}
    yield from _adjusted(found)


def _means(plan: Plan, theme: Theme, question: str) -> Iterator[Row]:
    assert plan.weighted is not None  # noqa: S101 - asked by rows()
    scores = plan.data.require("responses", by="comments")[question].to_numpy(float)
    for metric, own in (("mean_mentioned", theme.survey), ("mean_rest", ~theme.survey)):
        found = plan.weighted.one("mean", scores, plan.said & own)
        yield _row(
            found, plan, **_keys(theme), metric=metric, unit="score", wave=plan.wave, question=question
        )


def _gap(plan: Plan, theme: Theme, question: str) -> Estimate:
    assert plan.weighted is not None  # noqa: S101 - asked by rows()
    scores = plan.data.require("responses", by="comments")[question].to_numpy(float)
    return plan.weighted.difference(
        scores, plan.said & theme.survey, plan.said & ~theme.survey, degrees="equivalent"
    )


def _feedback(plan: Plan) -> Iterator[Row]:
    """Yield shares and tones of feedback, channel by channel, every text counting once."""
    feedback = plan.reading.feedback
    assert feedback is not None  # noqa: S101 - asked by rows()
    who = pd.factorize(feedback.author)[0]
    sample = Sample(len(who), psu=who, level=plan.level)
    sounds = (plan.reading.feedback_tone > 0).astype(float)
    for channel, own in channels(plan):
        keys = {"question": FEEDBACK, "group": channel, "weighting": "unweighted", "unit": "share"}
        for theme in plan.reading.themes:
            if theme.label is not None:
                found = sample.one("proportion", theme.feedback.astype(float), own)
                yield _row(found, plan, **{**_keys(theme), **keys}, metric="share")
        heard = own & ~np.isnan(plan.reading.feedback_tone)
        yield _row(sample.one("proportion", sounds, heard), plan, **keys, metric="positive")


def _keys(theme: Theme | None) -> Row:
    if theme is None:
        return {}
    return {"option": theme.id, "touchpoint": theme.touchpoint, "stage": theme.stage}


def _p(found: Estimate) -> float:
    return float(two_sided_p(found.estimate, found.std_error, found.df))


def _adjusted(found: Sequence[tuple[Row, Estimate]]) -> Iterator[Row]:
    """Yield rows with p-values, Holm over all declared themes; found ones are a family of their own."""
    for family in (False, True):
        own = [(row, one) for row, one in found if str(row["option"]).startswith(FOUND) == family]
        if own:
            for (row, _), p in zip(own, multiplicity.holm([_p(one) for _, one in own]), strict=True):
                yield {**row, "p_value": float(p)}
