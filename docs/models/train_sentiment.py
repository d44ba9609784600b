"""Train the two small models that the comments report ships with, and write what they reach.

    python docs/models/train_sentiment.py reviews_train.csv.gz amazonReviewSnippets_GroundTruth.txt

Neither file is part of the repository; the cards in `docs/models/` say where they come from and under which
licence. What the models are measured on is never trained on: one Korean review in eight, and the English
snippets of one product in five.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd

from journey_lib.stats.text import sentiment

ROOT = Path(__file__).resolve().parents[2]
MODELS = ROOT / "journey_lib" / "stats" / "text"
CARDS = ROOT / "docs" / "models"
GOOD, BAD = 9, 4  # 9–10 sound content, 1–4 do not; what lies between is left out


def korean_reviews(path: Path) -> pd.DataFrame:
    """Read reviews with a clear rating: `text`, `content` and whether they are `held` out."""
    frame = pd.read_csv(path, dtype={"id": "str", "document": "str"}, keep_default_na=False)
    frame = frame[(frame["rating"] >= GOOD) | (frame["rating"] <= BAD)].drop_duplicates("document")
    held = [_one_in(8, name) for name in frame["id"]]
    return pd.DataFrame(
        {"text": frame["document"], "content": frame["rating"] >= GOOD, "held": held}
    ).reset_index(drop=True)


def english_snippets(path: Path) -> pd.DataFrame:
    """Read rated sentences of product reviews; the sentences of one review stay on one side."""
    lines = [line.split("\t") for line in path.read_text("utf-8", "replace").splitlines() if line]
    held = [_one_in(5, name.split("_")[0]) for name, _, _ in lines]
    content = [float(score) > 0 for _, score, _ in lines]
    return pd.DataFrame({"text": [text for *_, text in lines], "content": content, "held": held})


def _one_in(parts: int, name: str) -> bool:
    return int(hashlib.sha256(name.encode()).hexdigest()[:8], 16) % parts == 0


def balanced(frame: pd.DataFrame) -> pd.DataFrame:
    """Return as many content as other reviews, the first of each in the order of the file."""
    size = int(frame["content"].value_counts().min())
    return frame.groupby("content", group_keys=False).head(size)


def measured(model: sentiment.LinearModel, held: pd.DataFrame) -> dict[str, float]:
    """Return accuracy and confusion of a model on reviews it has not seen."""
    says = model.log_odds(held["text"].tolist()) > 0
    good = held["content"].to_numpy()
    return {
        "held_out_balanced": len(held),
        "accuracy": round(float((says == good).mean()), 4),
        "content_called_content": int((says & good).sum()),
        "content_called_other": int((~says & good).sum()),
        "other_called_content": int((says & ~good).sum()),
        "other_called_other": int((~says & ~good).sum()),
    }


def train(language: str, frame: pd.DataFrame) -> None:
    """Train, pack, measure the packed model, write the file and what its card quotes."""
    own, held = frame[~frame["held"]], balanced(frame[frame["held"]])
    model = sentiment.trained(own["text"].tolist(), own["content"].to_numpy(), language)
    arrays, place = sentiment.packed(model), MODELS / f"sentiment_{language}.npz"
    np.savez_compressed(place, **arrays)
    found = {"trained_on": len(own), "bytes": place.stat().st_size}
    found |= measured(sentiment.unpacked(arrays, language), held)
    card = CARDS / f"sentiment_{language}.json"
    card.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    sys.stdout.write(f"{language} {found}\n")


def main() -> None:
    """Train both models."""
    train("ko", korean_reviews(Path(sys.argv[1])))
    snippets = english_snippets(Path(sys.argv[2]))
    train("en", snippets)
    held = balanced(snippets[snippets["held"]])[["text", "content"]]
    held.to_csv(ROOT / "tests" / "references" / "english_snippets.csv", index=False)


if __name__ == "__main__":
    main()
