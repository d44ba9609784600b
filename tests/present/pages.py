"""A small result that shows itself, so that each test types only what it is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from journey_lib.present.result import Basis, Check, Context, Finding, Result, StageLabel
from journey_lib.present.wording import Message, Quantity, message

NOTES = {"no_answers": message("Nobody in this cell answered the question.")}


@dataclass(frozen=True)
class Label:
    """A name in both languages."""

    en: str
    ko: str = ""

    def say(self, lang: str) -> str:
        return (self.ko or self.en) if lang == "ko" else self.en


def plain(text: str) -> Message:
    """Return a sentence that is not in the catalogue."""
    return Message("{text}", {"text": text})


def context(language: str = "en", **more: Any) -> Context:
    stages = (StageLabel("see", Label("See", "보기"), 0), StageLabel("buy", Label("Buy", "사기"), 1))
    return Context("shop", Label("A shop", "가게"), stages, language, "f00", **more)


@dataclass(frozen=True, eq=False, kw_only=True)
class Small(Result):
    """A result whose findings and actions are given."""

    found: tuple[Finding, ...] = ()
    actions: tuple[Message, ...] = ()
    stem = "small"

    def headlines(self) -> tuple[Finding, ...]:
        return self.found

    def meanings(self) -> tuple[Message, ...]:
        return self.actions


def small(rows: pd.DataFrame | None = None, **more: Any) -> Small:
    """Return a result of three groups, one of them of four people."""
    given = {
        "rows": GROUPS if rows is None else rows,
        "basis": Basis(((plain("Unit"), plain("a person")),), 100, 88.5),
        "checks": (Check("thin", "watch", plain("Thin"), plain("One group has few people.")),),
        "notes": NOTES,
        "context": context(),
        "settings": {"by": "region"},
    }
    return Small(**(given | more))


def finding(sentence: Message | None = None, **more: Any) -> Finding:
    values = {"estimate": 0.41, "low": 0.38, "high": 0.44, "unit": "share", "axis": (0.0, 1.0)} | more
    words = sentence or plain("Many like it.")
    return Finding(**values, sentence=words, base=message("n = {n}, weighted", n=Quantity(100)))


GROUPS = pd.DataFrame(
    {
        "metric": "top2",
        "question": "q1",
        "stage": "buy",
        "group": ["", "A", "B", "C"],
        "estimate": [0.50, 0.25, 0.61, 0.47],
        "ci_low": [0.40, 0.01, 0.44, 0.35],
        "ci_high": [0.60, 0.81, 0.77, 0.59],
        "n": [100, 4, 36, 60],
        "unit": "share",
    }
)
