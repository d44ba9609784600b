"""The page docs/calibration.md, made from the CSV file beside it and from nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from bench.calibrate.record import Line, Run

HEAD = """\
# Calibration

Does the workbench keep its promises over many surveys and many seeds? Every number below comes from a run
of `make calibrate`, which writes `calibration.csv` and makes this page from it. Intervals are 95 % Monte
Carlo intervals: Wilson's for a count, normal for an average. A number is **held** inside its bar, **open**
when only its interval reaches the bar, and **missed** when the whole interval lies outside.
"""
WORDS = {
    "coverage": (
        "Intervals hold the truth",
        "Surveys are drawn again and again from a population whose true values have a closed form. Each row "
        "says how many 95 % intervals of `stats.estimate` hold the truth. 400 people a survey; with weights "
        "of design effect 2; in 4 strata of 10 clusters of unequal weight; raked on two margins with errors "
        "that know it; and in ten domains of 300 people (a difference compares two groups of about 30), also "
        "raked, where the margins explain little or most of the opinions. Means, NPS and differences have "
        "equivalent degrees of freedom, as in the reports: with those that count people, the means of raked "
        "domains were covered in 91.4 to 92.7 % of surveys.",
    ),
    "alarms": (
        "Nothing is found where nothing is",
        "Nothing changes between the waves, a fifth of each wave was asked in the wave before, too, and "
        "weights of design effect 2 belong to the person. How often is a change found at 5 % all the same? "
        "First by one comparison of two waves, then by the survey report over six waves and six questions: "
        "its headline is the largest change that passes Holm over waves and Bonferroni over questions. The "
        "report takes equivalent degrees of freedom, as few as the weights leave: with those that count "
        "people, 200 a wave, about 7 in 100 quiet studies got a headline.",
    ),
    "letters": (
        "Letters stand where columns differ",
        "600 people in four columns of 80 to 240, weights of design effect 2, nothing differs. How often is "
        "a pair of columns, a column against everybody else or a whole table significant at 5 %? Without a "
        "correction every comparison counts; with Bonferroni one row of a table, with Holm and "
        "Benjamini-Hochberg the whole table counts once, and may be wrong in 5 % of all tables. The "
        "effective base is the one of tabulation software (Kish); linearised comparisons and those against "
        "the rest take equivalent degrees of freedom: with those that count people, Holm against the rest "
        "went wrong in 12 of 100 tables, and the test of a whole table in 7. Where rare answers and heavy "
        "weights go together, that test still rejects a little too often.",
    ),
    "experiments": (
        "Experiments hold their error rates, also when they are watched",
        "Arms that do not differ, or by a known amount, compared as the reports compare them. Beside each "
        "method stands what one would write down first, without a bar: sessions of one customer counted as "
        "independent, a cluster's people too, every day's test at 5 %, the covariate without its slope. "
        "Peeking: a share of 10 %, 500 customers an arm and day, 28 days.",
    ),
    "answers": (
        "The sample study's answers hold what was planted",
        "A sample study for each seed, its survey generated and read as from its folder, and the report "
        "`survey` run on it. Rows marked as simple computations do without the reports `drivers`, "
        "`reliability`, `comments` and `regions`: Pearson, regression and Shapley shares of the raw "
        "ratings, alpha, true topics of comments. They tell whether the data hold what was planted.",
    ),
    "hidden-bias": (
        "No margin mends answers that depend on the opinion itself",
        "The same for the variant in which the content answer more often than the others: a stated limit, "
        "not a success.",
    ),
    "behaviour": (
        "The sample study's behaviour holds what was planted",
        "A sample study for each seed, written to a folder and read back with the dirt of its log. Simple "
        "named computations, without the reports, tell whether the data hold what was planted.",
    ),
    "segments": (
        "Segments are found where they are, and nowhere else",
        "Small tables of customers, each through the report `segments` with the number of groups left open. "
        "Confident is the verdict clear. Beside it the naive way: believe the silhouette, which always names "
        "a number. Skewed columns that go together do form segments now and then, but with a verdict that "
        "doubts them.",
    ),
    "monitor": (
        "The monitor is silent where nothing moves, and sees the fault",
        "Weeks of the sample study's sizes drawn many times and judged as the monitor judges; and whole "
        "sample studies, written, read and monitored, with the payment fault and with it taken out of the "
        "generator. Looking back over all weeks is a second family with its own 5 %. With shares alone, and "
        "a degree of freedom for each period, restless weeks raised an alert somewhere in the past in 17 of "
        "100 runs: so a period is judged on two scales. Beside it the naive way: every p-value below 5 %.",
    ),
}
NOT_COVERED = (
    "The reports drivers, reliability, comments, funnel, retention, experiment and regions: here simple "
    "computations look at the data of many seeds; that the reports find the same is tested on one.",
    "The decoy channel with many last touches and no effect, in the report `attribution`.",
    "The experiment report on the switches of the sample study: its decisions, as against its statistics.",
    "Segments found from the sample study's own behaviour, and by methods other than k-means.",
    "Intervals under finite population corrections and in two-stage samples.",
    "Whether the whole set of reports, journey map to monitor, names the seven findings and no decoy.",
)


def page(lines: Sequence[Line], runs: dict[str, Run]) -> str:
    """Return the page as Markdown."""
    parts = [HEAD, *(section(claim, lines, runs[claim]) for claim in WORDS if claim in runs)]
    missing = [f"- Not run yet: {title}." for claim, (title, _) in WORDS.items() if claim not in runs]
    parts.append(
        "\n".join(["## What is not covered yet", "", *missing, *(f"- {w}" for w in NOT_COVERED)]) + "\n"
    )
    return "\n".join(parts)


def section(claim: str, lines: Iterable[Line], run: Run) -> str:
    """Return one claim: what was done, what came out, the table."""
    title, words = WORDS[claim]
    own = [line for line in lines if line.claim == claim]
    return "\n".join(
        ["", f"## {title}", "", words, "", *told(run), "", verdict(own), "", *table(own), ""]
    ).lstrip("\n")


def told(run: Run) -> Iterator[str]:
    """Say when and how a claim was measured."""
    sized = f"size `{run.size}`, {run.seeds} seeds, " if run.size else ""
    yield f"Measured on {run.date} with version {run.version}: {sized}{run.seconds:,.0f} seconds."


def verdict(lines: Sequence[Line]) -> str:
    """Say in one paragraph what came out; what was missed is named."""
    judged = [line for line in lines if line.verdict != "no bar"]
    held = sum(line.verdict == "held" for line in judged)
    words = [f"**{held} of {len(judged)} held.**"]
    for kind, start in (("open", "Within Monte Carlo error of the bar"), ("missed", "Missed")):
        found = [
            f"{line.what} ({line.setting}): {amount(line, line.value)}"
            for line in judged
            if line.verdict == kind
        ]
        words += [f"{start}: {'; '.join(found)}."] if found else []
    return " ".join(words)


def table(lines: Iterable[Line]) -> Iterator[str]:
    """Yield the rows of a Markdown table."""
    yield "| Setting | What | Measured | Monte Carlo interval | n | Bar | |"
    yield "|---|---|--:|:-:|--:|:-:|---|"
    for line in lines:
        between = f"{amount(line, line.low)} to {amount(line, line.high)}"
        cells = (line.setting, line.what, amount(line, line.value), between, f"{line.trials:,}", bar(line))
        yield f"| {' | '.join(cells)} | {line.verdict} |"


def amount(line: Line, value: float) -> str:
    """Write a number of a line: shares in per cent, averages as they are."""
    if line.unit == "share":
        return f"{100 * value:.1f} %"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3f}"


def bar(line: Line) -> str:
    """Write the bar of a line."""
    low, high = line.bar_low, line.bar_high
    if np.isnan(low):
        return "–"
    if line.unit == "share" and low <= 0:
        return f"at most {amount(line, high)}"
    if (line.unit == "share" and high >= 1) or np.isinf(high):
        return f"at least {amount(line, low)}"
    return f"{amount(line, low)} to {amount(line, high)}"
