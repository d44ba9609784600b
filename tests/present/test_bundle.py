"""The last cell hands over plain JSON, masked, and everything a reader needs to repeat the run."""

from __future__ import annotations

import json

from journey_lib.present.bundle import MIME, Provenance
from tests.present.pages import Label, context, finding, small

KEYS = {
    "as_of", "checks", "definition_hash", "evidence", "findings", "fingerprint", "headline", "headline_html",
    "home", "lang", "min_cell", "n", "params", "picture", "read", "segment", "segment_version", "stages",
    "stem", "study", "synthetic", "title",
}  # fmt: skip
RUN = {"study": "data/shop", "lang": "ko", "segment": "", "as_of": "2026-01-31"}
PARAMS = RUN | {"by": "region", "level": 0.95}


def handed(lang: str = "en") -> dict:
    result = small(found=(finding(),), context=context(lang, synthetic=True))
    return Provenance(result, PARAMS, "1.2.3")._repr_mimebundle_()


def test_the_bundle_is_json_without_nan() -> None:
    bundle = handed()[MIME]
    assert set(bundle) == KEYS
    assert json.loads(json.dumps(bundle, allow_nan=False)) == bundle
    assert bundle["checks"] == {"failed": 0, "watch": 1, "passed": 0, "not_assessable": 0}
    assert (bundle["stem"], bundle["stages"], bundle["synthetic"]) == ("small", ["buy"], True)
    assert (bundle["headline"], bundle["headline_html"]) == ("Many like it.", "Many like it.")
    assert bundle["as_of"] == "2026-01-31"


def test_the_bundle_holds_only_masked_numbers() -> None:
    findings = handed()[MIME]["findings"]
    assert [row["estimate"] for row in findings] == [0.5, None, None, 0.47]
    assert [row["n"] for row in findings] == [100.0, None, None, 60.0]
    assert [row["note"] for row in findings] == ["", "masked", "withheld", ""]
    assert not {0.25, 0.61, 4.0, 36.0} & {v for row in findings for v in row.values() if isinstance(v, float)}


def test_a_result_without_findings_has_no_headline() -> None:
    bundle = Provenance(small(), {}, "1")._repr_mimebundle_()[MIME]
    assert (bundle["headline"], bundle["picture"], bundle["as_of"]) == ("", "", "")


def test_provenance_repeats_study_parameters_and_definition() -> None:
    html = handed()["text/html"]
    for words in ("shop, fingerprint f00", "study=data/shop", "by=region", "level=0.95", "journey_lib 1.2.3"):
        assert words in html
    assert "segment=" not in html
    assert "lang=ko" not in html
    assert f"small {small().definition_hash}" in html


def test_title_and_terms_follow_the_language() -> None:
    korean = handed("ko")
    assert korean[MIME]["title"] == Label("A shop", "가게").say("ko")
    assert "<dt>매개변수</dt>" in korean["text/html"]
