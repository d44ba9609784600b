"""Comments per second, step by step, with Kiwi and without: `python -m bench.comments`."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from tempfile import TemporaryDirectory

import numpy as np

from journey_lib.present.personal import mask, unmarked
from journey_lib.stats.text import prepare, refining, sentiment, themes, tokens
from journey_lib.study.load import load_study
from journey_lib.study.sample import write

REPEATS = 3


def texts_of_sample() -> tuple[list[str], list[tuple[str, ...]]]:
    """Return the distinct comments of the sample study, and the words of its themes."""
    with TemporaryDirectory() as folder:
        from pathlib import Path

        write(Path(folder), "demo")
        study, data = load_study(folder)
        found = data.require("responses", by="bench")["comment"].dropna().unique().tolist()
    return [text for text in found if prepare.has_content(text)], [t.terms.all() for t in study.themes]


def seconds(work: Callable[[], object]) -> float:
    """Return the median of a few runs."""
    taken = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return float(np.median(taken))


def steps(texts: Sequence[str], terms: Sequence[Sequence[str]]) -> dict[str, Callable[[], object]]:
    """Return what a report does to every comment."""
    plain = [unmarked(mask(text).text) for text in texts]
    odds = sentiment.prior(plain)
    label = np.random.default_rng(1).integers(0, 2, len(plain)).astype(float)
    found: dict[str, Callable[[], object]] = {
        "masking": lambda: [mask(text) for text in texts],
        "languages": lambda: [prepare.language_of_comment(text) for text in plain],
        "tone, shipped models": lambda: sentiment.prior(plain),
        "tone, refined (nested)": lambda: refining.refined(plain, odds, label),
        "themes": lambda: themes.mentions(plain, terms),
        "words, characters": lambda: tokens.words(plain, kiwi=False),
    }
    if tokens.available():
        tokens.words(plain[:50], kiwi=True)  # reading its model is not counted
        found["words, Kiwi"] = lambda: tokens.words(plain, kiwi=True)
    return found


def main() -> None:
    texts, terms = texts_of_sample()
    print(f"{len(texts):,} distinct comments of the sample study, median of {REPEATS} runs")
    for name, work in steps(texts, terms).items():
        taken = seconds(work)
        print(f"{name:<24}{len(texts) / taken:>12,.0f} comments/s")


if __name__ == "__main__":
    main()
