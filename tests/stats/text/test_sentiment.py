"""Tone: bars on texts never trained on, the packed model, the refinement and its honest accuracy."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from journey_lib.stats.text import refining, sentiment
from journey_lib.stats.text.grams import grams
from journey_lib.stats.text.weighing import rarity, weighed


def balanced(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.groupby("content", group_keys=False).head(int(frame["content"].value_counts().min()))


def test_korean_reviews_never_trained_on_reach_the_bar(real_data: Callable[[str], Path], root: Path) -> None:
    raw = pd.read_csv(
        real_data("text_korean_reviews/reviews_train.csv.gz"), dtype={"id": "str"}, keep_default_na=False
    )
    raw = raw[(raw["rating"] >= 9) | (raw["rating"] <= 4)].drop_duplicates("document")
    held = [int(hashlib.sha256(name.encode()).hexdigest()[:8], 16) % 8 == 0 for name in raw["id"]]
    kept = balanced(raw[held].assign(content=raw["rating"] >= 9))
    right = (sentiment.shipped("ko").log_odds(kept["document"].tolist()) > 0) == kept["content"].to_numpy()
    assert len(kept) == 1530
    assert right.mean() >= 0.83
    card = json.loads((root / "docs" / "models" / "sentiment_ko.json").read_text("utf-8"))
    assert right.mean() == pytest.approx(card["accuracy"], abs=5e-5)


def test_english_product_snippets_never_trained_on_reach_the_bar(root: Path) -> None:
    # From the data of Hutto and Gilbert (2014), MIT licence: the reviews the model was not trained on.
    kept = pd.read_csv(root / "tests" / "references" / "english_snippets.csv", keep_default_na=False)
    right = (sentiment.shipped("en").log_odds(kept["text"].tolist()) > 0) == kept["content"].to_numpy()
    assert right.mean() >= 0.70
    card = json.loads((root / "docs" / "models" / "sentiment_en.json").read_text("utf-8"))
    assert right.mean() == pytest.approx(card["accuracy"], abs=5e-5)


def test_the_shipped_models_are_small_plain_arrays(root: Path) -> None:
    for language in ("ko", "en"):
        file = root / "journey_lib" / "stats" / "text" / f"sentiment_{language}.npz"
        assert file.stat().st_size < 1_000_000
        with np.load(file, allow_pickle=False) as arrays:
            assert {array: arrays[array].dtype.kind for array in arrays.files} == {
                "weights": "i", "idf": "u", "scale": "f",
            }  # fmt: skip


def test_packing_keeps_the_judgement() -> None:
    texts = [f"정말 좋아요 {n}" for n in range(30)] + [f"너무 별로예요 {n}" for n in range(30)]
    model = sentiment.trained(texts, [True] * 30 + [False] * 30, "ko")
    again = sentiment.unpacked(sentiment.packed(model), "ko")
    assert ((model.log_odds(texts) > 0) == (again.log_odds(texts) > 0)).all()
    assert (model.log_odds(["정말 좋아요", "별로예요"]) > 0).tolist() == [True, False]


def test_runs_of_characters_by_hand() -> None:
    counts = grams(["ab", "b"], [2], 12)  # " a", "ab", "b " and " b", "b "
    assert np.asarray(counts.sum(axis=1)).ravel().tolist() == [3, 2]
    assert (counts.toarray()[0] * counts.toarray()[1]).sum() == 1


def test_a_text_counts_alike_in_any_company() -> None:
    alone, beside = grams(["배송 좋아요"], [1, 2, 3], 14), grams(["x", "배송 좋아요", ""], [1, 2, 3], 14)
    assert (alone[0] != beside[1]).nnz == 0


def test_tfidf_is_that_of_scikit_learn() -> None:
    from sklearn.feature_extraction.text import TfidfTransformer

    counts = grams(["late box", "late late", "menu"], [1, 2, 3], 12)
    theirs = TfidfTransformer(sublinear_tf=True).fit(counts).transform(counts).toarray()
    assert np.allclose(weighed(counts, rarity(counts)).toarray(), theirs, atol=1e-6)


def test_own_scores_teach_words_the_prior_does_not_know() -> None:
    rng = np.random.default_rng(3)
    good = rng.random(600) < 0.5
    texts = [f"{'zorp' if g else 'blick'} {rng.integers(1000)}" for g in good]
    tone = refining.refined(texts, np.zeros(600), good.astype(float))
    assert tone.refined
    assert tone.agreement.accuracy > 0.95
    assert tone.agreement.prior == pytest.approx((~good).mean())


def test_scores_that_have_nothing_to_do_with_the_text_are_not_learned() -> None:
    rng = np.random.default_rng(4)
    good = (rng.random(600) < 0.5).astype(float)
    tone = refining.refined([f"{n} {rng.integers(10**6)}" for n in range(600)], np.zeros(600), good)
    assert 0.42 <= tone.agreement.accuracy <= 0.58


def test_equal_texts_are_never_on_both_sides() -> None:
    # One text said by many with a random score: a model that had seen it could only guess.
    rng = np.random.default_rng(5)
    texts = [f"pattern {n % 60}" for n in range(600)]
    luck = rng.random(60) < 0.5
    tone = refining.refined(texts, np.zeros(600), luck[np.arange(600) % 60].astype(float))
    assert tone.agreement.accuracy < 0.75


def test_few_scores_leave_the_prior_alone() -> None:
    prior = np.array([1.0, -1.0] * 15)
    tone = refining.refined([f"t{n}" for n in range(30)], prior, [1.0, 0.0] * 15)
    assert not tone.refined
    assert tone.log_odds.tolist() == prior.tolist()
    assert tone.agreement.accuracy == 1
