"""A short set of questions that puts a new person into a segment, and how often it is right."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from journey_lib.errors import DataError, ParamError, Problem, nearest
from journey_lib.stats.clusters.table import Bools, Floats, Ints, child, sample_rows

FORMAT = 1
FOLDS, INNER, BINS = 5, 3, 10
STRENGTHS = (0.1, 1.0, 10.0)  # of the ridge penalty's inverse, chosen inside the folds
MOST_ROWS = 2_000  # people the cross-validation looks at
MOST_QUESTIONS = 12  # up to which the best next one is searched for
THRESHOLD = 0.6
FILLED = 0.5  # share of the questions that may be unanswered


@dataclass(frozen=True)
class Column:
    """One question of the tool.

    Attributes
    ----------
    name : str
        The column it is read from.
    middle, unit : float
        Zero and unit of a number.
    levels : tuple of str
        Allowed answers of a category; empty for a number.
    """

    name: str
    middle: float = 0.0
    unit: float = 1.0
    levels: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Judged:
    """How often the tool is right about people it did not learn from.

    Attributes
    ----------
    accuracy, kappa : float
    recall, precision : ndarray of float
        By segment.
    confusion : ndarray of float, true segments by said segments
    calibration : float
        Expected calibration error: how far the probabilities it states lie from the truth.
    unclassified : float
        Share of people whose highest probability is below the threshold.
    accuracy_classified : float
        Accuracy among the others.
    curve : tuple of (int, str, float)
        Number of questions, the one that comes at this place in the mean of the folds, and accuracy.
    n : int
        People looked at.
    """

    accuracy: float
    kappa: float
    recall: Floats
    precision: Floats
    confusion: Floats
    calibration: float
    unclassified: float
    accuracy_classified: float
    curve: tuple[tuple[int, str, float], ...]
    n: int


def columns_of(frame: pd.DataFrame) -> tuple[Column, ...]:
    """Return the questions of a frame: numbers with their scale, anything else with its answers."""
    found = []
    for name in frame:
        values = frame[name]
        if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
            numbers = values.to_numpy(float)
            spread = float(np.nanstd(numbers, ddof=1)) or 1.0
            found.append(Column(str(name), float(np.nanmean(numbers)), spread))
        else:
            words = sorted(values.dropna().astype("str").unique())
            found.append(Column(str(name), levels=tuple(words)))
    return tuple(found)


def coded(columns: Sequence[Column], frame: pd.DataFrame) -> tuple[Floats, Floats]:
    """Return one block of numbers for a model, and the share of questions each row leaves open.

    Raises
    ------
    DataError
        A column is missing or no number, or holds an answer the tool has never seen; all at once.
    """
    problems, blocks = [], []
    open_ = np.zeros(len(frame))
    for column in columns:
        if column.name not in frame:
            known = [str(name) for name in frame]
            problems.append(
                Problem(column.name, "the table lacks this column", nearest=nearest(column.name, known))
            )
            continue
        block = (_ticks if column.levels else _numbers)(column, frame[column.name])
        if isinstance(block, Problem):
            problems.append(block)
            continue
        open_ += np.isnan(block).any(axis=1)
        blocks.append(np.nan_to_num(block, nan=0.0))
    if problems:
        raise DataError(problems)
    return np.concatenate(blocks, axis=1), open_ / max(len(columns), 1)


def _numbers(column: Column, values: pd.Series) -> Floats | Problem:
    try:
        found = values.to_numpy(dtype=float, na_value=np.nan)
    except (TypeError, ValueError):
        return Problem(column.name, "holds something that is not a number", "numbers, empty where missing")
    if np.isinf(found).any():
        return Problem(column.name, f"{int(np.isinf(found).sum())} rows are infinite", "finite numbers")
    return np.asarray((found - column.middle) / column.unit, dtype=np.float64)[:, None]


def _ticks(column: Column, values: pd.Series) -> Floats | Problem:
    words = values.astype("str").where(values.notna())
    place = {word: at for at, word in enumerate(column.levels)}
    at = words.map(place)
    strange = int((at.isna() & words.notna()).sum())
    if strange:
        given = f"{strange} rows hold an answer the tool has never seen"
        return Problem(column.name, given, f"the {len(place)} answers it was built on")
    codes = at.to_numpy(dtype=float, na_value=np.nan)
    block = (codes[:, None] == np.arange(len(place))).astype(float)
    block[np.isnan(codes)] = np.nan
    return np.asarray(block, dtype=np.float64)


def _widths(columns: Sequence[Column]) -> list[Ints]:
    """Return which numbers of the block each question stands for."""
    sizes = [len(column.levels) or 1 for column in columns]
    ends = np.cumsum(sizes)
    return [np.arange(end - size, end) for end, size in zip(ends, sizes, strict=True)]


def build(
    frame: pd.DataFrame,
    labels: Ints,
    names: Sequence[str],
    seed: int,
    *,
    threshold: float = THRESHOLD,
) -> tuple[str, Judged]:
    """Return a typing tool as JSON, and how good it is.

    Parameters
    ----------
    frame : DataFrame
        One row a person, one column a question.
    labels : ndarray of int
        The segment of each row, -1 for none. The segments are taken as given.
    names : sequence of str
        Names of the segments.
    seed : int
        Where folds are drawn from.
    threshold : float
        Below this highest probability a person stays unclassified.

    Returns
    -------
    (str, Judged)
        Multinomial logistic regression with scaling and allowed answers, in one text.

    Raises
    ------
    ParamError
        Fewer than two segments with five people, or a threshold outside 0 to 1.

    Definition
    ----------
    Five folds; in each, the penalty is chosen by three inner folds. The curve adds question after question,
    each time the one that helps most inside the fold. At most 2,000 people, drawn once. High accuracy says
    that the questions repeat the segments; it does not prove that the segments are real.

    Source
    ------
    Varma and Simon (2006), BMC Bioinformatics 7, for nested folds. Naeini, Cooper and Hauskrecht (2015) for
    calibration.
    """
    if not 0 <= threshold <= 1:
        raise ParamError(Problem("threshold", f"{threshold}", "a probability from 0 to 1"))
    inside = np.flatnonzero(labels >= 0)
    sizes = np.bincount(labels[inside], minlength=len(names))
    if (sizes >= FOLDS).sum() < 2:
        raise ParamError(Problem("segments", "fewer than two have five people", "two or more to tell apart"))
    columns = columns_of(frame.iloc[inside])
    values, _ = coded(columns, frame.iloc[inside])
    rows = sample_rows(len(inside), MOST_ROWS, seed, 40)
    judged = _judged(values[rows], labels[inside][rows], columns, len(names), seed, threshold)
    model = _logistic(values, labels[inside], _strength(values[rows], labels[inside][rows], seed, 41))
    return _written(columns, names, model, threshold, judged), judged


def classify(model_json: str, frame: pd.DataFrame, *, threshold: float | None = None) -> pd.DataFrame:
    """Put people into the segments of a typing tool.

    Parameters
    ----------
    model_json : str
        The tool, as `build` returned it.
    frame : DataFrame
        One row a person with the tool's columns; others are ignored.
    threshold : float, optional
        Instead of the tool's own.

    Returns
    -------
    DataFrame
        `segment` ("" where unclassified), `probability` of it, and `open`, the share of questions without an
        answer; a person who leaves more than half of them open is not classified.

    Raises
    ------
    DataError
        The text is no typing tool, a column is missing, or an answer was never seen; all at once.

    Examples
    --------
    >>> people = pd.DataFrame({"visits": [1.0, 2, 1, 2, 1, 8, 9, 8, 9, 8]})
    >>> tool, _ = build(people, np.repeat([0, 1], 5), ["rare", "often"], 1)
    >>> classify(tool, pd.DataFrame({"visits": [1.5, 8.5]}))["segment"].tolist()
    ['rare', 'often']
    """
    tool = _read(model_json)
    columns = [Column(c["name"], c["middle"], c["unit"], tuple(c["levels"])) for c in tool["columns"]]
    values, open_ = coded(columns, frame)
    scores = values @ np.array(tool["slopes"]).T + np.array(tool["intercepts"])
    scores -= scores.max(axis=1, keepdims=True)
    chances = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    best, at = chances.max(axis=1), chances.argmax(axis=1)
    limit = tool["threshold"] if threshold is None else threshold
    names = np.array([*tool["segments"], ""], dtype=object)
    said = names[np.where((best >= limit) & (open_ <= FILLED), at, len(tool["segments"]))]
    return pd.DataFrame(
        {"segment": pd.Series(said, dtype="str").array, "probability": best, "open": open_}, index=frame.index
    )


def _read(text: str) -> dict[str, Any]:
    wanted = {"columns", "segments", "slopes", "intercepts", "threshold"}
    try:
        found = json.loads(text)
    except (TypeError, json.JSONDecodeError):
        found = None
    if not isinstance(found, dict) or found.get("format") != FORMAT or wanted - set(found):
        action = "Use the text that .typing_tool gives"
        raise DataError(Problem("model", "is no typing tool of this version", action=action))
    return found


def _written(
    columns: Sequence[Column],
    names: Sequence[str],
    model: Any,  # noqa: ANN401 - scikit-learn has no types
    threshold: float,
    judged: Judged,
) -> str:
    slopes, intercepts = _coefficients(model, len(names))
    told = {
        "format": FORMAT,
        "segments": list(names),
        "columns": [
            {"name": c.name, "middle": c.middle, "unit": c.unit, "levels": list(c.levels)} for c in columns
        ],
        "slopes": slopes.tolist(),
        "intercepts": intercepts.tolist(),
        "threshold": threshold,
        "accuracy": round(judged.accuracy, 6),
        "kappa": round(judged.kappa, 6),
        "people": judged.n,
    }
    return json.dumps(told, ensure_ascii=False)


def _coefficients(model: Any, k: int) -> tuple[Floats, Floats]:  # noqa: ANN401 - scikit-learn has no types
    """Return one row a segment; a segment the model never saw can never be said."""
    slopes, intercepts = np.zeros((k, model.coef_.shape[1])), np.full(k, -1e9)
    if len(model.classes_) == 2:
        slopes[model.classes_[1]], intercepts[model.classes_] = model.coef_[0], [0.0, model.intercept_[0]]
    else:
        slopes[model.classes_], intercepts[model.classes_] = model.coef_, model.intercept_
    return slopes, intercepts


def _logistic(values: Floats, labels: Ints, strength: float) -> Any:  # noqa: ANN401 - scikit-learn has no types
    import warnings

    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # separated groups have no finite optimum
        model = LogisticRegression(C=strength, max_iter=100, solver="newton-cholesky")
        return model.fit(values, labels)


def _folds(labels: Ints, count: int, seed: int, *key: int) -> list[tuple[Ints, Ints]]:
    """Return learning and test rows, every segment spread evenly over the folds."""
    order = child(seed, 42, *key).permutation(len(labels))
    order = order[np.argsort(labels[order], kind="stable")]
    fold = np.empty(len(labels), dtype=np.intp)
    fold[order] = np.arange(len(labels)) % count
    return [(np.flatnonzero(fold != at), np.flatnonzero(fold == at)) for at in range(count)]


def _strength(values: Floats, labels: Ints, seed: int, *key: int) -> float:
    found = []
    for strength in STRENGTHS:
        right = [
            float((_logistic(values[a], labels[a], strength).predict(values[b]) == labels[b]).mean())
            for a, b in _folds(labels, INNER, seed, *key)
        ]
        found.append(float(np.mean(right)))
    return STRENGTHS[int(np.argmax(found))]


def _judged(
    values: Floats, labels: Ints, columns: Sequence[Column], k: int, seed: int, threshold: float
) -> Judged:
    chances = np.zeros((len(labels), k))
    widths = _widths(columns)
    steps: list[list[int]] = []
    right = np.zeros((len(columns), len(labels)), dtype=bool)
    for fold, (learn, test) in enumerate(_folds(labels, FOLDS, seed)):
        strength = _strength(values[learn], labels[learn], seed, 43, fold)
        model = _logistic(values[learn], labels[learn], strength)
        chances[np.ix_(test, model.classes_)] = model.predict_proba(values[test])
        steps.append(_forward(values[learn], labels[learn], widths, seed, fold))
        for at in range(min(len(columns), MOST_QUESTIONS)):
            used = np.concatenate([widths[c] for c in steps[-1][: at + 1]])
            short = _logistic(values[np.ix_(learn, used)], labels[learn], strength)
            right[at, test] = short.predict(values[np.ix_(test, used)]) == labels[test]
    curve = tuple(
        (at + 1, columns[place].name, float(right[at].mean()))
        for at, place in enumerate(_usual(steps)[:MOST_QUESTIONS])
    )
    return _scored(chances, labels, k, threshold, curve)


def _usual(steps: list[list[int]]) -> list[int]:
    """Return the questions by their mean place over the folds."""
    places = np.array([np.argsort(step) for step in steps]).mean(axis=0)
    return [int(at) for at in np.argsort(places, kind="stable")]


def _forward(values: Floats, labels: Ints, widths: list[Ints], seed: int, fold: int) -> list[int]:
    """Return the questions in the order in which they help most, judged by inner folds alone."""
    folds = _folds(labels, INNER, seed, 44, fold)
    order: list[int] = []
    while len(order) < len(widths):
        rest = [at for at in range(len(widths)) if at not in order]
        if len(rest) == 1 or len(order) == MOST_QUESTIONS:
            return [*order, *rest]
        gains = []
        for at in rest:
            used = np.concatenate([widths[c] for c in [*order, at]])
            some = values[:, used]
            right = [(_discriminant(some[a], labels[a], some[b]) == labels[b]).mean() for a, b in folds]
            gains.append(float(np.mean(right)))
        order.append(rest[int(np.argmax(gains))])
    return order


def _discriminant(learn: Floats, labels: Ints, test: Floats) -> Ints:
    """Return the segment whose mean lies nearest in the spread within segments: fast enough for a search."""
    kinds, group = np.unique(labels, return_inverse=True)
    sizes = np.bincount(group)
    means = np.stack([np.bincount(group, column) / sizes for column in learn.T], axis=1)
    inside = (learn - means[group]).T @ (learn - means[group]) / max(len(learn) - len(kinds), 1)
    inverse = np.linalg.pinv(inside, hermitian=True)
    level = np.log(sizes / len(learn)) - 0.5 * ((means @ inverse) * means).sum(axis=1)
    scores = test @ inverse @ means.T + level
    return np.asarray(kinds[scores.argmax(axis=1)], dtype=np.intp)


def _scored(
    chances: Floats, labels: Ints, k: int, threshold: float, curve: tuple[tuple[int, str, float], ...]
) -> Judged:
    said, sure = chances.argmax(axis=1), chances.max(axis=1)
    right = said == labels
    counts = np.bincount(labels * k + said, minlength=k * k).reshape(k, k).astype(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        recall, precision = np.diag(counts) / counts.sum(axis=1), np.diag(counts) / counts.sum(axis=0)
    n = len(labels)
    chance = float((counts.sum(axis=0) * counts.sum(axis=1)).sum() / n**2)
    accuracy = float(right.mean())
    kept = sure >= threshold
    return Judged(
        accuracy, (accuracy - chance) / (1 - chance) if chance < 1 else math.nan, recall, precision, counts,
        _calibration(sure, right), float(1 - kept.mean()),
        float(right[kept].mean()) if kept.any() else math.nan, curve, n,
    )  # fmt: skip


def _calibration(sure: Floats, right: Bools) -> float:
    place = np.minimum((sure * BINS).astype(int), BINS - 1)
    n = np.bincount(place, minlength=BINS)
    gap = np.abs(np.bincount(place, sure, minlength=BINS) - np.bincount(place, right, minlength=BINS))
    return float((gap[n > 0]).sum() / len(sure))


def shown(judged: Judged, names: Sequence[str]) -> Mapping[str, pd.DataFrame]:
    """Return the judgement as frames: `confusion`, `segments` and `curve`."""
    confusion = pd.DataFrame(judged.confusion.astype(int), index=list(names), columns=list(names))
    segments = pd.DataFrame({"segment": list(names), "recall": judged.recall, "precision": judged.precision})
    curve = pd.DataFrame(list(judged.curve), columns=["questions", "added", "accuracy"])
    return {"confusion": confusion, "segments": segments, "curve": curve}
