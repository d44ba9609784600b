"""Who may have answered carelessly: flags that are counted and shown, never acted on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from journey_lib.study.questions import SCALED

if TYPE_CHECKING:
    import numpy.typing as npt

    from journey_lib.study.data import Data
    from journey_lib.study.definition import Question, Study

    Flag = npt.NDArray[np.bool_]
    Floats = npt.NDArray[np.float64]

SPEED = 1 / 3  # of the median time of the same wave
RUN_SHARE = 0.8  # of the grid answered with one and the same level
FAILED = ("0", "0.0", "false", "failed")  # as files write a failed attention check
GRID = 8  # answered items below which a long run says nothing
EVEN = 0.1  # of the scale's width: a spread over the items smaller than that
BLANK = 0.5  # of the questions asked that got no answer
TEXT = 20  # characters below which two people may well write the same
RARE = 0.001  # of a normal population would lie farther out
STRONG = ("fast", "straight", "attention", "repeated")
KINDS = (*STRONG, "same_text", "even", "blank", "unusual")


@dataclass(frozen=True)
class Flags:
    """Flags by reason, each one entry a respondent; a reason is absent where the study cannot tell.

    Attributes
    ----------
    reasons : dict of str to ndarray of bool
        `fast`, `straight`, `attention` and `repeated`, each a sign of carelessness by itself; `same_text`,
        `even`, `blank` and `unusual`, which honest people raise, too.
    """

    reasons: dict[str, Flag]

    @property
    def any(self) -> Flag:
        """True where a flag is up that is a sign by itself."""
        strong = [self.reasons[name] for name in STRONG if name in self.reasons]
        rows = len(next(iter(self.reasons.values()))) if self.reasons else 0
        return np.logical_or.reduce(strong) if strong else np.zeros(rows, bool)

    @property
    def telling(self) -> bool:
        """Whether the study could raise a flag that is a sign by itself."""
        return any(name in self.reasons for name in STRONG)

    @property
    def number(self) -> npt.NDArray[np.int64]:
        """How many flags are up for each respondent."""
        if not self.reasons:
            return np.zeros(0, np.int64)
        return np.asarray(np.column_stack(list(self.reasons.values())).sum(axis=1), np.int64)


def flags(study: Study, data: Data) -> Flags:
    """Return who was much too fast, answered all alike, failed a check, or repeats another's answers.

    Definition
    ----------
    Fast: shorter than a third of the median time of the same wave. Straight: the longest run of one and the
    same answer covers at least 80 % of the answered rating items, with 8 items or more, in the order of the
    study file and before any reversal. Attention: the check was failed. Repeated: all scaled answers, 8 or
    more, are those of another respondent of the wave; same text: 20 characters or more are another's, too.
    Even: the spread of a respondent's rating answers (standard deviation, n − 1) is below a tenth of the
    scale's width, with 8 items or more. Blank: more than half of the questions asked have no answer. Unusual:
    the distance of the rating answers from the mean, in the metric of their covariance (Mahalanobis), is one
    that one in a thousand would pass; on items that four in five answered.

    Units and missing data
    ----------------------
    An unanswered item neither ends nor lengthens a run. A missing time or check raises no flag.

    Source
    ------
    Meade and Craig (2012), Identifying careless responses in survey data, Psychological Methods 17. Dunn,
    Heggestad, Shanock and Theilgard (2018), Intra-individual response variability, Journal of Business and
    Psychology 33.
    """
    frame, missing = data.require("responses", by="survey"), data.missing
    return data.once("flags", (study.questions, frame, missing), lambda: _flags(study, frame, missing))


def _flags(study: Study, frame: pd.DataFrame, missing: pd.DataFrame | None) -> Flags:
    found: dict[str, Flag] = {}
    if "duration_s" in frame and frame["duration_s"].notna().any():
        seconds = pd.to_numeric(frame["duration_s"], errors="coerce")
        median = seconds.groupby(frame["wave"]).transform("median")
        found["fast"] = (seconds < SPEED * median).to_numpy(bool)
    if "attention" in frame and frame["attention"].notna().any():
        found["attention"] = frame["attention"].astype(str).str.lower().isin(FAILED).to_numpy(bool)
    found |= _of_grid([q for q in study.questions if q.kind == "rating" and q.id in frame], frame)
    scaled = [q.id for q in study.questions if q.kind in (*SCALED, "nps") and q.id in frame]
    if len(scaled) >= GRID:
        found["repeated"] = repeated(frame, scaled)
    texts = [q.id for q in study.questions if q.kind == "text" and q.id in frame]
    if texts:
        found["same_text"] = np.logical_or.reduce([same_text(frame, name) for name in texts])
    if missing is not None and len(missing.columns):
        found["blank"] = _blank(missing)
    return Flags(found)


def _of_grid(rated: list[Question], frame: pd.DataFrame) -> dict[str, Flag]:
    """Return the flags that a grid of ratings can raise; none where it is short."""
    if len(rated) < GRID:
        return {}
    grid = frame[[q.id for q in rated]].to_numpy(float)
    widths = np.array([high - low for low, high in (q.scale or (1, 5) for q in rated)], float)
    found, far = {"straight": straight(grid), "even": even(grid / widths)}, unusual(grid)
    return found if far is None else found | {"unusual": far}


def straight(grid: Floats) -> Flag:
    """Tell which rows repeat one answer nearly all the way down.

    Examples
    --------
    >>> rows = np.array([[3.0] * 9, [1, 2, 3, 4, 5, 4, 3, 2, 1], [5, np.nan, 5, 5, 5, 5, 5, 5, 1]])
    >>> straight(rows).tolist()
    [True, False, True]
    """
    longest = np.zeros(len(grid), int)
    run = np.zeros(len(grid), int)
    last = np.full(len(grid), np.nan)
    for column in grid.T:
        known = ~np.isnan(column)
        run = np.where(known, np.where(column == last, run + 1, 1), run)
        last = np.where(known, column, last)
        longest = np.maximum(longest, run)
    answered = (~np.isnan(grid)).sum(axis=1)
    found: Flag = (answered >= GRID) & (longest >= RUN_SHARE * answered)
    return found


def even(grid: Floats) -> Flag:
    """Tell which rows hardly vary; answers are in widths of their scale.

    Examples
    --------
    >>> rows = np.array([[0.75, 1.0] * 4, [0.5] * 7 + [0.75], [0.5] * 7 + [np.nan]])
    >>> even(rows).tolist()
    [False, True, False]
    """
    known = ~np.isnan(grid)
    n = known.sum(axis=1)
    mean = np.where(known, grid, 0).sum(axis=1) / np.maximum(n, 1)
    squares = np.where(known, (grid - mean[:, None]) ** 2, 0).sum(axis=1)
    found: Flag = (n >= GRID) & (np.sqrt(squares / np.maximum(n - 1, 1)) < EVEN)
    return found


def repeated(frame: pd.DataFrame, names: list[str]) -> Flag:
    """Tell who gave every answer another respondent of the wave gave; those who never vary are left out.

    Examples
    --------
    >>> rows = [[1.0, 2] * 4, [1.0, 2] * 4, [1.0, 2] * 3 + [1, 3], [3.0] * 8, [3.0] * 8]
    >>> names = list("pqrstuvw")
    >>> made = pd.DataFrame(rows, columns=names).assign(wave="1", respondent_id=list("abcde"))
    >>> repeated(made, names).tolist()
    [True, True, False, False, False]
    """
    answers = frame[names]
    telling = (answers.notna().sum(axis=1) >= GRID) & (answers.max(axis=1) > answers.min(axis=1))
    key = pd.util.hash_pandas_object(answers, index=False)
    people = frame["respondent_id"].where(telling).groupby([frame["wave"].astype(str), key])
    return (telling & (people.transform("nunique") > 1)).to_numpy(bool)


def same_text(frame: pd.DataFrame, name: str) -> Flag:
    """Tell whose text another respondent wrote before or after, letter by letter.

    Examples
    --------
    >>> words = ["The box came late again.", "the box  came late again.", "Fine", "Fine"]
    >>> same_text(pd.DataFrame({"respondent_id": list("abcd"), "t": words}), "t").tolist()
    [True, True, False, False]
    """
    text = frame[name].fillna("").astype(str).str.casefold().str.split().str.join(" ")
    long = text.str.len() >= TEXT
    people = frame["respondent_id"].where(long).groupby(text).transform("nunique")
    return (long & (people > 1)).to_numpy(bool)


def unusual(grid: Floats) -> Flag | None:
    """Tell which complete rows lie far out; None where too few are complete or items say the same."""
    from scipy.special import chdtri

    common = (~np.isnan(grid)).mean(axis=0) >= 0.8 if len(grid) else np.zeros(grid.shape[1], bool)
    items = grid[:, common]
    complete = ~np.isnan(items).any(axis=1)
    width = items.shape[1]
    if width < 2 or complete.sum() <= 10 * width:
        return None
    covariance = np.cov(items[complete].T)
    if np.linalg.cond(covariance) > 1e10:
        return None
    centred = items[complete] - items[complete].mean(axis=0)
    distance = np.einsum("ij,ij->i", centred @ np.linalg.inv(covariance), centred)
    found = np.zeros(len(grid), bool)
    found[complete] = distance > chdtri(width, RARE)
    return found


def _blank(missing: pd.DataFrame) -> Flag:
    """Tell who left more than half of the questions asked without an answer."""
    asked = silent = np.zeros(len(missing), np.int64)
    for name in missing:
        asked = asked + ~missing[name].isin(("not_asked", "not_used")).to_numpy(bool)
        silent = silent + missing[name].isin(("no_answer", "refused")).to_numpy(bool)
    found: Flag = (asked > 0) & (silent > BLANK * asked)
    return found
