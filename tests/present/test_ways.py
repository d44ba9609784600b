"""The figure of ways: one scale for every width, words inside the picture in both languages and widths."""

from __future__ import annotations

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from journey_lib.present import theme
from journey_lib.present.charts import Plot
from journey_lib.present.ways import Station, Way, Ways
from journey_lib.present.wording import message

WORDS = message("All customers")


def journey(word: str, stages: int = 7) -> Ways:
    """Stages that empty quickly, with every kind of way."""
    stations = [
        Station(
            f"{word} {at}", "51,515", size, 0.3 * size, 0.05 * size, "41% leave", "737 came back", theme.MAIN
        )
        for at, size in enumerate(0.6**at for at in range(stages))
    ]
    ways = [Way(at, at + 1, 0.6 ** (at + 1), "58%", "next") for at in range(stages - 1)]
    ways += [Way(at + 1, at, 0.05, "5%", "back") for at in range(stages - 1)]
    ways += [
        Way(0, 2, 0.02, "2%", "ahead"),
        Way(0, stages - 1, 0.02, "2%", "ahead"),
        Way(1, 1, 0.02, "2%", "again"),
    ]
    return Ways(stations, ways)


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize("word", ["Consideration", "아주 긴 단계"])
def test_words_stay_inside_the_picture(word: str, narrow: bool) -> None:
    figure = Plot(journey(word), WORDS, WORDS, WORDS, WORDS)._drawn(narrow=narrow)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    frame = figure.bbox
    for text in figure.axes[0].texts:
        box = text.get_window_extent(canvas.get_renderer())
        assert frame.x0 <= box.x0 < box.x1 <= frame.x1, text.get_text()
        assert frame.y0 <= box.y0 < box.y1 <= frame.y1, text.get_text()


def test_arcs_and_bands_share_one_scale() -> None:
    station = Station("a", "1", 1.0, 0.0, 0.0, "", "", theme.MAIN)
    drawn = Ways([station, station], [Way(0, 1, 0.5, "", "next"), Way(1, 0, 0.05, "", "back")])
    axes = Plot(drawn, WORDS, WORDS, WORDS, WORDS)._drawn(narrow=False).axes[0]
    band = axes.patches[0].get_path().vertices[:, 1]
    arc = axes.lines[0]
    assert arc.get_linewidth() == pytest.approx((band.max() - band.min()) * 72 / 10)


def test_a_journey_of_one_stage_is_drawn_too() -> None:
    assert Plot(journey("a", 1), WORDS, WORDS, WORDS, WORDS).png()
