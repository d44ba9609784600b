"""The weighted pass: every item over all respondents, each wave and each group, weighted and unweighted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from journey_lib.measures.survey import careless, kinds, quality, response, waves
from journey_lib.measures.survey.design import INTERVAL, Block, Cells, Design, design_of, keys, why
from journey_lib.present.vocabulary import NUMBERS
from journey_lib.study.questions import Item, code_of, items

if TYPE_CHECKING:
    import numpy.typing as npt

    from journey_lib.study.data import Data
    from journey_lib.study.definition import Study

WEIGHTINGS = ("weighted", "unweighted")
NO_ANSWER = ("no_answer", "refused", "dont_know", "not_used")


@dataclass(frozen=True)
class Counted:
    """Rows of the table, and the arrays the checks look at again."""

    rows: pd.DataFrame
    design: Design
    mask: npt.NDArray[np.bool_] = field(repr=False)
    groups: tuple[str, ...] = ()
    frame: response.Frame | None = None
    flags: quality.Flags = field(default_factory=lambda: quality.Flags({}), repr=False)


def count(study: Study, data: Data, order: Sequence[str], *, by: str, wave: str, level: float) -> Counted:
    """Return every number of the survey report as tidy rows.

    Parameters
    ----------
    study, data : Study, Data
        The study and its loaded answers.
    order : sequence of str
        Wave names in order.
    by : str
        Column whose values split the result; "" for none.
    wave : str
        Wave the totals and groups are about; "" pools all waves. Wave rows are always given.
    level : float
        Confidence level.
    """
    frame = data.require("responses", by="survey")
    in_wave = frame["wave"].astype(str).to_numpy()
    mask = data.mask()
    here = mask & ((in_wave == wave) if wave else True)
    cuts = [Cells("", np.where(here, 0, -1), ("",))]
    if len(order) > 1:  # the wave of the totals has its rows already
        cuts.append(_cells("wave", in_wave, mask, [w for w in order if w != wave]))
    if by:
        values = np.asarray([code_of(v) for v in data.column(by)], dtype=object)
        cuts.append(_cells("group", values, here & (values != ""), sorted(set(values[here]) - {""})))
    design = design_of(study, data, level)
    blocks = [*_estimated(study, data, cuts, design, wave), *waves.compared(study, data, order, mask, design)]
    blocks += [*_medians(study, data, cuts, design, wave), *_unanswered(study, data, here, wave)]
    found = quality.flags(study, data)
    blocks += careless.rows(study, data, design, here, found, wave)
    asked = response.frame_of(study, data, here, level)
    blocks += response.rows(asked, level)
    groups = cuts[-1].names if by else ()
    return Counted(_stacked(blocks), design, here, groups, asked, found)


def _cells(column: str, values: npt.NDArray[Any], mask: npt.NDArray[np.bool_], names: Sequence[str]) -> Cells:
    codes = pd.Index(list(names)).get_indexer(pd.Index(values)).astype(np.int64)
    return Cells(column, np.where(mask, codes, -1), tuple(names))


def _estimated(study: Study, data: Data, cuts: Sequence[Cells], design: Design, wave: str) -> Iterator[Block]:
    for item in chain(items(study, data), kinds.items(study, data)):
        for cut in cuts:
            if item.metric in ("level", "bottom2") and cut.column:
                continue
            for weighting in WEIGHTINGS:
                if item.metric == "level" and weighting == "unweighted":
                    continue
                yield _rows(item, cut, weighting, design, wave)


def _medians(study: Study, data: Data, cuts: Sequence[Cells], design: Design, wave: str) -> Iterator[Block]:
    """Yield the median of every slider, in total and in every cell; a few far answers do not move it."""
    for item in items(study, data):
        if item.question.kind != "slider" or item.metric != "mean":
            continue
        for cut in cuts:
            found = [design.weighted.median(item.scores, cut.codes == at) for at in range(len(cut.names))]
            names = (*INTERVAL, "n", "n_effective")
            block = {name: np.array([getattr(f, name) for f in found]) for name in names}
            yield {
                **keys(item.question, "median", "score"), **block, "ci_level": design.level,
                "note": why(block["estimate"], block["std_error"], [f.method for f in found]),
                "weighting": "weighted",
                "wave": np.asarray(cut.names, object) if cut.column == "wave" else wave,
                "group": np.asarray(cut.names, object) if cut.column == "group" else "",
            }  # fmt: skip


def _rows(item: Item, cut: Cells, weighting: str, design: Design, wave: str) -> Block:
    found = design.sample(weighting).by_domain(item.kind, item.scores, cut.codes, len(cut.names))
    return {
        **keys(item.question, item.metric, item.unit),
        **{name: getattr(found, name) for name in (*INTERVAL, "n", "n_effective")},
        **kinds.finished(item, found),
        "ci_level": design.level,
        "note": why(found.estimate, found.std_error, found.method),
        "option": item.option,
        "weighting": weighting,
        "wave": np.asarray(cut.names, object) if cut.column == "wave" else wave,
        "group": np.asarray(cut.names, object) if cut.column == "group" else "",
    }


def _stacked(blocks: Sequence[Block]) -> pd.DataFrame:
    """Return blocks as one frame, column by column: a frame a block would cost more than the counting."""
    lengths = [len(block["estimate"]) for block in blocks]
    names = dict.fromkeys(name for block in blocks for name in block)
    blank = {name: np.nan if name in NUMBERS else "" for name in names}
    columns = {
        name: np.concatenate(
            [
                np.broadcast_to(np.asarray(block.get(name, blank[name])), n)
                for block, n in zip(blocks, lengths, strict=True)
            ]
        )
        for name in names
    }
    return pd.DataFrame(columns)


def _unanswered(study: Study, data: Data, here: npt.NDArray[np.bool_], wave: str) -> Iterator[Block]:
    """Give the share without a valid answer among those asked, by reason."""
    missing = pd.DataFrame() if data.missing is None else data.missing
    for question in study.questions:
        if question.id not in missing or question.kind == "text":
            continue
        reasons = missing[question.id].astype(str).to_numpy()[here]
        asked = int((reasons != "not_asked").sum())
        counts = {reason: int((reasons == reason).sum()) for reason in NO_ANSWER}
        counts = {"": counts["no_answer"] + counts["refused"], **{r: c for r, c in counts.items() if c}}
        yield {
            **keys(question, "item_nonresponse", "share"),
            "option": np.asarray(list(counts), object),
            "estimate": np.array([c / asked if asked else np.nan for c in counts.values()]),
            "n": asked,
            "n_effective": float(asked),
            "note": "" if asked else "no_answers",
            "weighting": "unweighted",
            "wave": wave,
        }
