"""From an executed notebook to a page that opens anywhere: our own template, no request, no script."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

from journey_lib.errors import Problem, RunError
from journey_lib.present import style
from journey_lib.present.wording import LANGUAGES, Message, message
from journey_lib.publish import provenance
from journey_lib.publish.files import write
from journey_lib.publish.places import slug
from journey_lib.publish.siblings import PLACE, script_hash
from journey_lib.publish.verify import faults_of_page, shown, verified

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nbformat import NotebookNode

TEMPLATES = Path(__file__).parent / "templates"
NAMES = {"en": "English", "ko": "한국어"}
NO_TWIN = "<!--twin-->"
_STYLE = re.compile(rf"<style {style.MARK}>.*?</style>", re.DOTALL)
_HEADING = re.compile(r'<h2[^>]*\sid="([^"]+)"[^>]*>(.*?)</h2>', re.DOTALL)
_TAGS = re.compile(r"<[^>]+>")


@dataclass
class Page:
    """Everything the template places; nothing in it is computed there.

    Attributes
    ----------
    lang, tab, study, crumb, index : str
        Language, window title, study title, name of the report, address of the study's index.
    title : Markup
        The question and its sub-question.
    lead, parts : list of Markup
        What stands before the first section heading, over the full width, and what stands after it.
    contents : list of (str, str)
        Anchor and words of each section.
    code : list of str
        Sources of the code cells, for the fold at the end.
    facts : list of (str, str)
        Run and versions.
    twin : dict
        Address, language and name of the same report in the other language; empty without one.
    """

    lang: str
    study: str
    crumb: str
    index: str
    synthetic: bool
    style: Markup
    version: str
    facts: list[tuple[str, str]]
    twin: dict[str, str]
    tab: str = ""
    title: Markup = field(default_factory=Markup)
    lead: list[Markup] = field(default_factory=list)
    parts: list[Markup] = field(default_factory=list)
    contents: list[tuple[str, str]] = field(default_factory=list)
    code: list[str] = field(default_factory=list)

    @classmethod
    def blank(cls) -> Page:
        """Return a page of nothing."""
        return cls("en", "&", "", "", False, Markup(""), "", [], {})  # noqa: FBT003 - nothing is told here

    @property
    def question(self) -> str:
        """The main heading as plain text."""
        return _text(self.title.split("</h1>")[0])

    @property
    def languages(self) -> Markup:
        """The link to the twin, or the place where one goes as soon as there is one."""
        return twin_link(self.lang, self.twin) if self.twin else Markup(NO_TWIN)  # noqa: S704 - a constant

    @property
    def segments(self) -> Markup:
        """The place where links to the same report of other people go."""
        return PLACE

    @property
    def script_hash(self) -> str:
        """The one script a page may run: it keeps the reader's place when another segment is chosen."""
        return script_hash()

    @property
    def words(self) -> dict[str, str]:
        """Everything the page itself says, in its language."""
        lines = sum(len(source.splitlines()) for source in self.code)
        said = {
            "skip": message("Skip to content"),
            "contents": message("Contents"),
            "synthetic": synthetic_line(),
            "folded": message(
                "Code of this report ({cells} cells, {lines} lines)", cells=len(self.code), lines=lines
            ),
            "cell": message("Code cell"),
            "footer": message(
                "Made with the journey workbench. This file is complete in itself and asks the network for"
                " nothing."
            ),
        }
        return {name: words.say(self.lang) for name, words in said.items()}


def publishable(notebook: NotebookNode, job: dict[str, Any]) -> None:
    """Verify an executed notebook and write page, sidecar and ledger part into the staging folder.

    Raises
    ------
    RunError
        If notebook or page hold anything they must not.
    """
    from journey_lib.publish.ledger import part

    bundle = verified(notebook, job["file"])
    page = page_of(notebook, job)
    html = rendered(notebook, page)
    faults = faults_of_page(html[html.index("<body") :] + str(bundle.get("home", "")))
    if faults:
        raise RunError([Problem(job["file"], f"the page holds {fault}") for fault in faults])
    staging = Path(job["staging"])
    write(staging / "page.html", html)
    write(staging / "page.json", json.dumps(sidecar(bundle, job, page), ensure_ascii=False, indent=1))
    write(staging / "part.parquet", part(bundle, job))


def rendered(notebook: NotebookNode, page: Page) -> str:
    """Return the page of an executed notebook through nbconvert and our template."""
    from nbconvert.exporters.html import HTMLExporter

    exporter: Any = HTMLExporter(  # type: ignore[no-untyped-call]
        template_name="journey", extra_template_basedirs=[str(TEMPLATES)]
    )
    html, _ = exporter.from_notebook_node(notebook, resources={"page": page})
    return str(html)


def page_of(notebook: NotebookNode, job: dict[str, Any]) -> Page:
    """Return the page's parts in the language of the run."""
    lang, study = job["lang"], job["study"]
    page = Page(
        lang=lang,
        study=_in(study["title"], lang),
        crumb=name_of(notebook, job["stem"], lang),
        index=job["index"],
        synthetic=study["synthetic"],
        style=style_of("report.css"),
        version=job["version"],
        facts=_facts(job),
        twin=job["twin"],
    )
    _fill(page, notebook)
    _sign(page)
    page.contents = [
        (anchor, _text(words)) for part in page.parts for anchor, words in _HEADING.findall(part)
    ]
    page.tab = f"{page.question} · {page.study}"
    return page


def twin_link(lang: str, twin: Mapping[str, str]) -> Markup:
    """Return the link from a page to the same report in another language."""
    return Markup('<nav aria-label="{0}"><a href="{1}" lang="{2}" hreflang="{2}">{3}</a></nav>').format(
        message("Language").say(lang), twin["href"], twin["lang"], twin["label"]
    )


def sidecar(bundle: dict[str, Any], job: dict[str, Any], page: Page) -> dict[str, Any]:
    """Return what the index and later runs need to know of a report, findings left to the ledger."""
    told = {name: value for name, value in bundle.items() if name not in ("findings", "params")}
    kept = (
        "stem", "name", "file", "lang", "run_id", "published", "identity", "settings", "version", "study",
        "inputs",
    )  # fmt: skip
    return {**told, "title": page.crumb, "question": page.question, **{name: job[name] for name in kept}}


def name_of(notebook: NotebookNode, stem: str, lang: str) -> str:
    """Return what a report is called in a list: the notebook's own name, else its stem in words."""
    own = notebook.metadata.get("journey", {}).get("name", {})
    return str(own.get(lang, "")) or stem.replace("_", " ").capitalize()


def synthetic_line() -> Message:
    """Return the sentence that every page about invented data carries."""
    return message("Synthetic data: generated to show the workbench; nobody gave these answers.")


def style_of(own: str) -> Markup:
    """Return the sheet of all components and the skeleton around them."""
    texts = [(TEMPLATES / name).read_text(encoding="utf-8") for name in ("base.css", "segments.css", own)]
    bare = re.sub(r"/\*.*?\*/\s*", "", "\n".join(texts), flags=re.DOTALL)
    return Markup(f"{style.sheet()}\n{bare}")  # noqa: S704 - our own style sheets


def _fill(page: Page, notebook: NotebookNode) -> None:
    """Sort the cells of this language into title, lead, sections and code."""
    markdown = Markdown()
    into = page.lead
    for cell in notebook.cells:
        if cell.cell_type == "code":
            if cell.source.strip():
                page.code.append(cell.source.strip())
            into.extend(_outputs(cell, markdown))
        elif cell.cell_type == "markdown" and _speaks(cell, page.lang):
            if not page.title:
                page.title = markdown.render(cell.source)
                continue
            if re.search(r"^## ", cell.source, re.MULTILINE):
                into = page.parts
            into.append(Markup('<div class="words">{}</div>').format(markdown.render(cell.source)))
    page.parts = _without_empty(page.parts)
    if not page.parts:  # without sections there is nothing to stand beside contents
        page.lead, page.parts = [], page.lead


def _without_empty(parts: list[Markup]) -> list[Markup]:
    """Leave out sections whose one output says that this study holds nothing for them."""
    kept: list[Markup] = []
    for part in parts:
        if style.EMPTY in part and kept and "<h2" in kept[-1]:
            kept.pop()
        else:
            kept.append(part)
    return kept


def _sign(page: Page) -> None:
    """Add run and versions to the provenance the notebook shows; the kernel cannot know them."""
    facts = Markup("").join(Markup("<dt>{}</dt><dd>{}</dd>").format(term, fact) for term, fact in page.facts)
    last = page.parts[-1] if page.parts else Markup("")
    head, end, tail = last.rpartition("</dl>")
    if end and "jl-facts" in head:
        page.parts[-1] = head + facts + end + tail
    else:
        page.parts.append(
            Markup('<div class="output"><dl class="jl-facts jl-code">{}</dl></div>').format(facts)
        )


def _outputs(cell: NotebookNode, markdown: Markdown) -> Iterator[Markup]:
    for output in cell.outputs:
        data = output.get("data", {})
        if "text/html" in data:
            inner = Markup(_STYLE.sub("", shown(output)))  # noqa: S704 - verified, and escaped where it was made
        elif "text/markdown" in data:
            inner = markdown.render("".join(data["text/markdown"]))
        elif text := _plain(output):
            inner = Markup("<pre>{}</pre>").format(text)
        else:
            continue
        yield Markup('<div class="output">{}</div>').format(inner)


def _plain(output: NotebookNode) -> str:
    """Return what an output says as text; warnings belong to the log, not to readers."""
    if output.get("name") == "stderr":
        return ""
    return "".join(output.get("text", output.get("data", {}).get("text/plain", ""))).rstrip()


class Markdown:
    """Markdown with anchors that stay the same from run to run; HTML in it becomes text, so nothing runs."""

    def __init__(self) -> None:
        self.used: dict[str, int] = {}

    def render(self, source: str) -> Markup:
        """Return the text as HTML."""
        from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

        renderer = IPythonRenderer(escape=True, exclude_anchor_links=True)
        html = MarkdownWithMath(renderer=renderer).render(source)
        return Markup(re.sub(r"<h([23])[^>]*>(.*?)</h\1>", self._anchored, html, flags=re.DOTALL))  # noqa: S704

    def _anchored(self, heading: re.Match[str]) -> str:
        level, words = heading.groups()
        anchor = slug(_text(words)) or "section"
        self.used[anchor] = self.used.get(anchor, 0) + 1
        if self.used[anchor] > 1:
            anchor = f"{anchor}-{self.used[anchor]}"
        return f'<h{level} id="{escape(anchor)}">{words}</h{level}>'


def _speaks(cell: NotebookNode, lang: str) -> bool:
    """Tell whether a cell belongs to this language; one without a language belongs to all."""
    tags = cell.metadata.get("tags", [])
    spoken = [language for language in LANGUAGES if f"lang-{language}" in tags]
    return not spoken or lang in spoken


def _facts(job: dict[str, Any]) -> list[tuple[str, str]]:
    lang = job["lang"]
    return [
        (message("Run").say(lang), job["run_id"]),
        (message("Published").say(lang), f"{job['published'][:16].replace('T', ' ')} UTC"),
        (message("Computed with").say(lang), provenance.environment()),
    ]


def _in(words: dict[str, str], lang: str) -> str:
    return words.get(lang) or next(iter(words.values()), "")


def _text(html: str) -> str:
    return Markup(_TAGS.sub("", html)).unescape().strip()  # noqa: S704 - only to read it
