"""What is encircled: which points lie inside, and the same again from a link."""

import numpy as np
import pytest

from music_explorer.ui.region import Region, drawn, inside, parse

SQUARE = ((0.0, 0.0), (2.0, 0.0), (2.0, 2.0), (0.0, 2.0))
POINTS = np.array([[1, 1, 9], [3, 1, 1], [-1, 1, 1], [1, 3, 1], [0.5, 1.9, 7]])


def test_points_inside_a_square_are_found():
    assert inside(Region((0, 1), (SQUARE,)), POINTS).tolist() == [True, False, False, False, True]


def test_the_axes_are_those_of_the_region():
    assert inside(Region((1, 2), (SQUARE,)), POINTS).tolist() == [False, True, True, False, False]


def test_a_bay_of_the_line_is_outside():
    bay = ((0, 0), (4, 0), (4, 4), (3, 4), (3, 1), (1, 1), (1, 4), (0, 4))
    points = np.array([[0.5, 3], [2, 3], [3.5, 3], [2, 0.5]])
    assert inside(Region((0, 1), (bay,)), points).tolist() == [True, False, True, True]


def test_several_lines_encircle_together():
    far = tuple((x + 10, y) for x, y in SQUARE)
    found = inside(Region((0, 1), (SQUARE, far)), np.array([[1, 1], [11, 1], [5, 1]]))
    assert found.tolist() == [True, True, False]


@pytest.mark.parametrize(
    "selection",
    [
        {"box": [{"x": [0, 2], "y": [2, 0]}], "lasso": []},
        {"lasso": [{"x": [0, 2, 2, 0], "y": [0, 0, 2, 2]}]},
    ],
)
def test_a_box_and_a_lasso_of_its_corners_encircle_the_same(selection):
    region = drawn(selection, (0, 1))
    assert inside(region, POINTS).tolist() == [True, False, False, False, True]


def test_nothing_is_encircled_by_nothing():
    assert drawn({"box": [], "lasso": []}, (0, 1)) is None


def test_a_region_reads_back_as_it_was_written():
    region = drawn({"lasso": [{"x": [0.123456, -5e-5, 1e6], "y": [1 / 3, 7.0, -2.0]}]}, (0, 2))
    assert parse(str(region)) == region
    assert str(region) == "02:0.1235,0.3333;-5e-05,7;1e+06,-2"


@pytest.mark.parametrize("text", ["", "01", "01:", "01:1,2;x,3", "0:1,2", "01:1,2;nan,3", "ab:1,2"])
def test_what_is_no_region_is_refused(text):
    with pytest.raises(ValueError):  # noqa: PT011 - whatever does not parse
        parse(text)


def test_a_region_of_a_third_axis_is_not_in_a_flat_map():
    with pytest.raises(ValueError, match="the map has 2 axes"):
        inside(Region((0, 2), (SQUARE,)), POINTS[:, :2])
