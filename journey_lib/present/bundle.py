"""The last cell of a notebook: provenance for the reader; for the publisher, what index and ledger need."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from journey_lib.present import blocks
from journey_lib.present.result import STATUSES, Result
from journey_lib.present.wording import Message, message

if TYPE_CHECKING:
    import pandas as pd

MIME = "application/vnd.journey.report+json"
ITS_PAGE = "{page}"  # stands for the report's address, which only the publisher knows


@dataclass(frozen=True)
class Provenance:
    """Where a result comes from; it shows itself as HTML and hands the publisher its bundle.

    Attributes
    ----------
    result : Result
        What was found.
    params : mapping
        Names and values of the run's parameters.
    version : str
        Version of the package.
    """

    result: Result
    params: Mapping[str, object]
    version: str

    def block(self) -> blocks.Block:
        """Return the facts a reader needs to repeat the run."""
        context = self.result.context
        given = ", ".join(f"{k}={v}" for k, v in self.params.items() if v not in ("", []) and k != "lang")
        pairs: list[tuple[Message, object]] = [
            (
                message("Study"),
                message("{study}, fingerprint {hash}", study=context.study, hash=context.fingerprint),
            ),
            *((message("Data"), line) for line in context.sources),
            (message("Parameters"), given),
            (message("Segment version"), context.domain.reference if context.domain else ""),
            (message("Definition"), f"{self.result.stem} {self.result.definition_hash}"),
            (message("Window"), ", ".join(p for p in (context.period, context.time_zone) if p)),
            (message("Version"), f"journey_lib {self.version}"),
        ]
        return blocks.facts([pair for pair in pairs if pair[1]], context.language, code=True)

    def bundle(self) -> dict[str, Any]:
        """Return what index and ledger read; masked like everything shown."""
        result, lang = self.result, self.result.context.language
        headlines = result.headlines()
        return {
            "stem": result.stem,
            "lang": lang,
            "study": result.context.study,
            "title": result.context.title.say(lang),
            "fingerprint": result.context.fingerprint,
            "synthetic": result.context.synthetic,
            "segment": result.context.segment,
            "segment_version": result.context.domain.reference if result.context.domain else "",
            "min_cell": result.context.min_cell,
            "stages": list(result.stages),
            "n": result.basis.n,
            "headline": headlines[0].sentence.say(lang) if headlines else "",
            "headline_html": str(headlines[0].sentence.html(lang)) if headlines else "",
            "checks": {s: sum(c.status == s for c in result.checks) for s in STATUSES},
            "evidence": result.evidence,
            "definition_hash": result.definition_hash,
            "as_of": str(self.params.get("as_of", "")),
            "params": dict(self.params),
            "read": None if result.context.read is None else sorted(result.context.read),
            "findings": _records(result.findings()),
            "picture": result.picture(),
            "home": str(result.home_fragment(ITS_PAGE)),
        }

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        return {"text/html": self.block()._repr_html_(), "text/plain": "Provenance", MIME: self.bundle()}


def _records(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows as plain values; a missing number is None, because JSON has no NaN."""
    plain = rows.astype(object).where(rows.notna(), None)
    records: list[dict[str, Any]] = json.loads(json.dumps(plain.to_dict("records"), default=_plain))
    return records


def _plain(value: object) -> object:
    return value.item() if isinstance(value, np.generic) else str(value)
