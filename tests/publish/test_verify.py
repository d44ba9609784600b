"""What may not be published, fault by fault, on notebooks that have run already."""

from __future__ import annotations

import re

import nbformat
import pytest

from journey_lib.errors import RunError
from journey_lib.publish.verify import NO_ALT, faults_of_page, verified
from tests.publish.mini import BUNDLE, executed

PIXEL = "data:image/png;base64,AA=="


@pytest.mark.parametrize(
    "html",
    [
        "<p>https://example.org is only text, and so is onerror=alert(1)</p>",
        f"<img src='{PIXEL}' alt='Two dots'>",
        f"<picture><source srcset='{PIXEL}'><img src='{PIXEL}' alt='Two dots'></picture>",
        "<a href='funnel.html#result'>the funnel</a> <a href='#top'>up</a>",
        "<style>.a { background: url(data:image/png;base64,AA==) }</style>",
        "<svg role='img' aria-label='x'><use href='#dot'/><path d='M0 0'/></svg>",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
    ],
)
def test_what_a_page_may_show(html: str) -> None:
    assert faults_of_page(html) == []
    assert verified(executed({"text/html": html}, bundle=BUNDLE), "mini.html") == BUNDLE


@pytest.mark.parametrize(
    ("html", "fault"),
    [
        ("<img src='https://example.org/x.png' alt='x'>", "an outward reference in 'src' of <img>"),
        ("<img src='x.png' alt='x'>", "an outward reference in 'src' of <img>"),
        (
            f"<img src='{PIXEL}' srcset='//example.org/x 2x' alt='x'>",
            "an outward reference in 'srcset' of <img>",
        ),
        ("<a href='https://example.org'>x</a>", "an outward reference in 'href' of <a>"),
        ("<a href=' javascript:alert(1)'>x</a>", "an outward reference in 'href' of <a>"),
        ("<A HREF='//example.org'>x</A>", "an outward reference in 'href' of <a>"),
        ("<p style='background: url(//example.org/x)'>x</p>", "an outward reference in 'style' of <p>"),
        ("<style>@import 'https://example.org/x.css'</style>", "an outward reference in a style sheet"),
        ("<style>p{background:URL( https://example.org/x)}</style>", "an outward reference in a style sheet"),
        ("<svg><image href='https://example.org/x.png'/></svg>", "an outward reference in 'href' of <image>"),
        ("<video poster='https://example.org/x'></video>", "an outward reference in 'poster' of <video>"),
        ("<link rel=stylesheet>", "an active element <link>"),
        ("<script>alert(1)</script>", "an active element <script>"),
        ("<ScRiPt >alert(1)</script>", "an active element <script>"),
        ("<iframe></iframe>", "an active element <iframe>"),
        ("<meta http-equiv=refresh>", "an active element <meta>"),
        ("<form></form>", "an active element <form>"),
        (f"<img src='{PIXEL}' onerror='alert(1)' alt='x'>", "code in 'onerror' of <img>"),
        (f"<img src='{PIXEL}'>", "a picture without alt text"),
        (f"<img src='{PIXEL}' alt='  '>", "a picture without alt text"),
        (f"<img src='{PIXEL}' alt='{NO_ALT}'>", "a picture without alt text"),
    ],
)
def test_what_a_page_may_not_show(html: str, fault: str) -> None:
    assert faults_of_page(html) == [fault]
    with pytest.raises(RunError, match=f"^{re.escape(f'mini.html: cell 1 shows {fault}.')}$"):
        verified(executed({"text/html": html}, bundle=BUNDLE), "mini.html")


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        ({"image/png": "AA==", "text/plain": "<Figure>"}, "a picture without alt text"),
        ({"image/svg+xml": "<svg/>"}, "a picture without alt text"),
        ({"application/vnd.jupyter.widget-view+json": {}, "text/plain": "IntSlider()"}, "a live control"),
        ({"application/javascript": "alert(1)"}, "a live control"),
    ],
)
def test_other_outputs_that_cannot_stand_on_a_page(data: dict, fault: str) -> None:
    with pytest.raises(RunError, match=f"cell 1 shows {fault}"):
        verified(executed(data, bundle=BUNDLE), "mini.html")


def test_nbconvert_still_fills_a_missing_alt_text_with_these_words() -> None:
    """If it ever says something else, the rule above would let its words through."""
    from nbconvert.exporters.html import HTMLExporter

    notebook = executed({"text/html": f"<img src='{PIXEL}'>"}, bundle=BUNDLE)
    assert NO_ALT in HTMLExporter().from_notebook_node(notebook)[0]


def test_a_cell_that_did_not_run_or_failed_is_a_fault() -> None:
    notebook = executed(bundle=BUNDLE)
    notebook.cells[-1].execution_count = None
    notebook.cells[-3].outputs = [nbformat.v4.new_output("error", ename="KeyError", evalue="x", traceback=[])]
    with pytest.raises(RunError) as caught:
        verified(notebook, "mini.html")
    assert str(caught.value).splitlines() == [
        "2 problems:",
        "- mini.html: cell 1 ended with KeyError.",
        "- mini.html: cell 2 was not executed.",
    ]


@pytest.mark.parametrize("bundle", [None, {}, {"title": "without a stem"}, "text", ["list"]])
def test_a_notebook_without_bundle_is_a_fault(bundle: object) -> None:
    with pytest.raises(
        RunError, match=r"^mini\.html: its last cell gives no report bundle\. End the notebook"
    ):
        verified(executed(bundle=bundle), "mini.html")
