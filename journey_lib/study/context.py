"""What a page needs to know of a study and its data, in the words of its language."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from journey_lib.present.domain import Domain
from journey_lib.present.result import Context, StageLabel
from journey_lib.present.wording import day
from journey_lib.study.segments.rule import fingerprint
from journey_lib.study.segments.words import chips_of

if TYPE_CHECKING:
    from journey_lib.study.data import Data
    from journey_lib.study.definition import Study
    from journey_lib.study.segments import Segment


def context_of(study: Study, data: Data) -> Context:
    """Return the study as results show it: stages, thresholds, period, segment, what was loaded.

    Examples
    --------
    >>> from journey_lib.study.load import quick_study
    >>> study, data = quick_study(responses=pd.DataFrame({"q1": [9, 10]}), questions={"q1": "nps"})
    >>> context_of(study, data).stages[0].label.say("ko")
    '인지'
    """
    return Context(
        study=study.id,
        title=study.title,
        stages=tuple(StageLabel(s.id, s.label, place) for place, s in enumerate(study.journey.stages)),
        language=study.language,
        fingerprint=study.fingerprint,
        min_cell=study.thresholds.min_cell,
        flag_cell=study.thresholds.flag_cell,
        synthetic=study.synthetic,
        segment=data.segment.name if data.segment else "",
        sources=data.sources(),
        read=data.read,
        period=_period(study, data),
        time_zone=study.time_zone,
        domain=_domain(study, data.segment) if data.segment else None,
    )


def _domain(study: Study, segment: Segment) -> Domain:
    saved = segment.saved
    return Domain(
        chips=chips_of(segment, study),
        n=segment.n,
        base=segment.base,
        unknown=segment.unknown,
        answers=int(segment.rows.sum()),
        level=segment.level,
        reference=saved.reference if saved else f"sha256 {fingerprint(segment.tree)[:12]}",
        version=saved.version if saved else 0,
        frozen=bool(saved and saved.frozen),
        snapshot=saved.snapshot if saved else "",
        drift=segment.drift,
    )


def _period(study: Study, data: Data) -> str:
    """Return first to last day: of the declared window, else of the answers."""
    first, last = study.window.start, study.window.end
    if first is None and data.responses is not None and "date" in data.responses:
        dates = pd.to_datetime(data.responses["date"], errors="coerce").dropna()
        first, last = (None, None) if dates.empty else (dates.min(), dates.max())
    words = [day(value, study.language) for value in (first, last)]
    return " – ".join(w for w in dict.fromkeys(words) if w)
