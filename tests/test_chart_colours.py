"""Colours of charts: marks stand out, text can be read, and nobody confuses two."""

import math
from itertools import combinations

import pytest

from trends.report.charts import DARK, LIGHT
from trends.report.charts.theme import BLUE, GREEN, GREY, PURPLE, VERMILION

GROUNDS = (LIGHT["background"], DARK["background"])
COLOURS = (BLUE, VERMILION, GREEN, PURPLE, GREY)


@pytest.mark.parametrize("colour", COLOURS)
def test_marks_stand_out_from_light_and_dark(colour: str) -> None:
    for ground in GROUNDS:
        assert contrast(colour, ground) >= 3


@pytest.mark.parametrize("config", [LIGHT, DARK])
def test_text_can_be_read(config: dict[str, dict[str, dict[str, str]]]) -> None:
    ground = str(config["background"])
    for style in ("ink", "strong", "faint"):
        assert contrast(config["style"][style]["color"], ground) >= 4.5
        assert (
            contrast(config["style"][style]["color"], config["style"]["box"]["color"])
            >= 4.5
        )


MISSING_CONES = {
    "red": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "green": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "blue": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
"""Machado, Oliveira and Fernandes 2009, severity 1: on linear red, green and blue."""


@pytest.mark.parametrize("cone", MISSING_CONES)
def test_colours_differ_to_people_without_a_cone(cone: str) -> None:
    seen = [lab(matrix_times(MISSING_CONES[cone], linear(one))) for one in COLOURS]
    for one, other in combinations(seen, 2):
        assert math.dist(one, other) >= 10  # 2.3 can just be told apart


def matrix_times(
    matrix: tuple[tuple[float, ...], ...], light: list[float]
) -> list[float]:
    """What is left of a light, within what a screen shows."""
    return [
        min(1.0, max(0.0, sum(a * b for a, b in zip(row, light, strict=True))))
        for row in matrix
    ]


def lab(light: list[float]) -> tuple[float, float, float]:
    """CIELAB of linear sRGB, in daylight (D65)."""
    red, green, blue = light
    x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.089
    fx, fy, fz = (
        c ** (1 / 3) if c > 0.008856 else 7.787 * c + 16 / 116 for c in (x, y, z)
    )
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


def linear(colour: str) -> list[float]:
    """Light of red, green and blue, from 0 to 1 (sRGB)."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    return [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    ]


def contrast(one: str, other: str) -> float:
    """Ratio of luminances, as WCAG 2 defines it."""
    light = [
        sum(
            w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear(colour), strict=True)
        )
        for colour in (one, other)
    ]
    return (max(light) + 0.05) / (min(light) + 0.05)
