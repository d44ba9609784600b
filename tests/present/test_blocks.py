"""Parts of a page: escaped, without scripts, and with marks the style sheet knows."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from journey_lib.present import blocks, style, tables
from journey_lib.present.charts import Plot
from journey_lib.present.result import Basis, Check
from journey_lib.present.tables import Cell, Row
from journey_lib.present.wording import Message
from tests.present.pages import GROUPS, Label, context, finding, plain, small
from tests.present.test_charts import dots

EVIL = "<script>alert('x')</script><img src=x onerror=alert(1)>\"'&새봄 \N{ROCKET}"
VOID = {"img", "source", "br", "path", "circle"}


class Page(HTMLParser):
    """Every tag, attribute and text of a page; refuses tags that are left open."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(html)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data if self._open[-1:] != ["style"] else ""

    def names(self) -> set[str]:
        return {tag for tag, _ in self.tags}

    def attributes(self, name: str) -> list[str]:
        return [attrs[name] for _, attrs in self.tags if name in attrs]


def evil_result(lang: str = "en") -> object:
    rows = GROUPS.assign(group=["", EVIL, f"{EVIL}2", f"{EVIL}3"], question=EVIL, n=[100, 30, 30, 40])
    return small(
        rows,
        basis=Basis(((plain(EVIL), plain(EVIL)),), 100, 88.5, plain(EVIL)),
        checks=(Check("a", "failed", plain(EVIL), plain(EVIL)),),
        context=context(lang, segment=EVIL, period=EVIL, sources=(EVIL,), time_zone=EVIL),
        found=(finding(Message("**{a}**", {"a": EVIL})),),
        actions=(plain(EVIL),),
    )


def evil_plot() -> Plot:
    return Plot(dots((EVIL, "b")), plain(EVIL), plain(EVIL), plain(EVIL), plain(EVIL))


def every_block(lang: str = "en") -> dict[str, str]:
    result = evil_result(lang)
    row = Row(EVIL, [EVIL, Cell(0.5, "share")], EVIL, 1)
    table = tables.table(plain(EVIL), plain(EVIL), [EVIL], [row], plain(EVIL), lang, 10)
    made = {
        "opening": result.opening(), "who": result.who(), "doubts": result.doubts(),
        "meaning": result.meaning(), "bare": result, "figure": blocks.figure(evil_plot()), "table": table,
        "facts": blocks.facts([(EVIL, EVIL)], lang, code=True),
    }  # fmt: skip
    return {name: block._repr_html_() for name, block in made.items()}


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_whatever_a_person_wrote_is_escaped_everywhere(lang: str) -> None:
    for name, html in every_block(lang).items():
        page = Page(html)
        assert "script" not in page.names(), name
        assert not any(key.startswith("on") for _, attrs in page.tags for key in attrs), name
        assert all(source.startswith("data:image/png") for source in page.attributes("src")), name
        assert EVIL in page.text, name


def test_a_figure_has_words_around_it_and_a_twin_for_the_phone() -> None:
    page = Page(blocks.figure(evil_plot())._repr_html_())
    image = next(attrs for tag, attrs in page.tags if tag == "img")
    assert image["alt"] == EVIL
    assert (image["width"], int(image["height"]) > 50) == ("720", True)
    assert page.names() >= {"figure", "figcaption", "picture", "source", "h3"}
    assert next(attrs for tag, attrs in page.tags if tag == "source")["srcset"] != image["src"]


def test_every_mark_has_a_style_and_blocks_carry_the_sheet() -> None:
    known = set(re.findall(r"\.(jl-[a-z-]+)", style.sheet().replace("_", "-")))
    for name, html in every_block().items():
        assert html.startswith(style.element()), name
        used = {word for value in Page(html).attributes("class") for word in value.split() if word != "jl"}
        assert used - known == set(), name


def test_a_block_says_its_language_and_its_text() -> None:
    block = small(found=(finding(),)).opening("ko")
    assert 'lang="ko"' in block._repr_html_()
    assert repr(block) == "Many like it."
    assert repr(small().who()) == "Block (shown as HTML in a notebook)"


def test_the_opening_shows_base_stages_and_findings() -> None:
    page = Page(small(found=(finding(alert=True),) * 4).opening()._repr_html_())
    assert "n = 100" in page.text
    assert "41%" in page.text
    assert "95% interval 38 to 44" in page.text
    assert page.text.count("Many like it.") == 3  # never more than three findings
    assert [attrs.get("class") for tag, attrs in page.tags if tag == "li"][:2] == [None, "jl-on"]
    assert "1 check to look at" in page.text


def test_without_findings_or_actions_the_page_says_so() -> None:
    assert "No finding passed its checks" in small().opening().inner
    assert "Nothing here asks for action yet" in small().meaning().inner


def test_checks_are_counted_and_listed_failed_first() -> None:
    given = tuple(
        Check(s, s, plain(f"title {s}"), plain(f"text {s}")) for s in ("passed", "failed", "passed")
    )
    block = small(checks=given).doubts()
    assert "3 checks: 1 failed, 0 to watch, 2 passed, 0 not assessable." in block.inner
    assert block.inner.index("title failed") < block.inner.index("title passed")


def test_a_bare_result_shows_table_base_reasons_and_failed_checks_masked() -> None:
    rows = GROUPS.assign(note=["", "", "", "no_answers"], n=[100, 4, 36, 0])
    rows.loc[3, ["estimate", "ci_low", "ci_high"]] = None
    checks = (
        Check("a", "failed", plain("Bad."), plain("Very.")),
        Check("b", "watch", plain("Odd."), plain("So.")),
    )
    page = Page(small(rows, checks=checks)._repr_html_())
    assert "Unit: a person" in page.text
    assert "Nobody in this cell answered the question." in page.text
    assert ("Bad. Very." in page.text, "Odd." in page.text) == (True, False)
    assert "n < 10" in page.text
    assert "masked" in page.text
    assert not {"25.0", "61.0", "36"} & set(re.findall(r"[\d.]+", page.text))


def test_labels_speak_the_language_of_the_block() -> None:
    facts = blocks.facts([(Label("Data", "자료"), 3)], "ko")
    assert facts.inner == '<dl class="jl-facts"><dt>자료</dt><dd>3</dd></dl>'
