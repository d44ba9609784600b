"""A picture keeps its colours to the eye, and exactly where it has few."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from journey_lib.present.palette import COLOURS, small_png


def shown(png: bytes) -> NDArray[np.int16]:
    return np.asarray(Image.open(BytesIO(png)).convert("RGB")).astype(np.int16)


def test_a_picture_of_few_colours_is_kept_dot_for_dot() -> None:
    rng = np.random.default_rng(1)
    colours = rng.integers(0, 256, (COLOURS, 3), np.uint8)
    picture = colours[rng.integers(0, COLOURS, (40, 50))]
    assert (shown(small_png(picture)) == picture).all()


def test_what_stands_behind_the_three_colours_does_not_count() -> None:
    picture = np.random.default_rng(2).integers(0, 256, (20, 20, 4), np.uint8)
    assert small_png(picture) == small_png(picture[..., :3])


def test_one_word_keeps_its_colour_among_many_shades() -> None:
    """A ramp of a thousand shades asks for all colours there are; six red dots must not become grey."""
    shades = np.linspace(0, 255, 1000).round()
    picture = np.stack([shades, shades, np.clip(shades + 20, 0, 255)], axis=-1).astype(np.uint8)
    picture = np.repeat(picture[None], 60, axis=0)
    picture[30, 500:506] = (187, 57, 14)
    found = shown(small_png(picture))
    assert np.abs(found[30, 500:506] - picture[30, 500:506]).max() <= 2
    assert np.abs(found - picture).max() <= 255 / COLOURS


@pytest.mark.parametrize("shape", [(1, 1), (3, 7)])
def test_a_picture_of_one_colour_needs_no_other(shape: tuple[int, int]) -> None:
    picture = np.full((*shape, 3), 255, np.uint8)
    assert (shown(small_png(picture)) == 255).all()
