from itertools import islice

import numpy as np
import pytest

from stegastamp.detector.finding import geometry
from stegastamp.detector.finding.fit import Candidate
from stegastamp.detector.measure import exam
from stegastamp.detector.measure.exam import Answer
from stegastamp.detector.reading import Reader


def answer(quad, found, text=None, said=(), known=None):
    return Answer(np.float32([100, 80]), np.float32([quad]), text, [Candidate(np.float32(each), 1.0) for each in found], said, known)


LEFT, RIGHT = geometry.square(40), geometry.square(40) + np.float32([60, 0])


def test_the_floors_by_hand():
    """Two pictures, left and right: the whole frame is neither, and the mean of both lies between them."""
    whole, mean = exam.blind_answers([answer(LEFT, []), answer(RIGHT, [])])
    assert whole[0].tolist() == [[0, 0], [100, 0], [100, 80], [0, 80]]
    assert mean[0] == pytest.approx(LEFT + np.float32([30, 0]))
    scores = exam.localisation([answer(LEFT, [LEFT]), answer(RIGHT, [LEFT])])
    assert (scores["quad_recall"].value, scores["quad_recall"].floor, scores["quad_recall"].count) == (0.5, 0.0, 2)
    assert scores["quad_precision"].value == 0.5
    assert scores["corner_error"] == 0 and scores["corner_error_of_mean_quad"] == pytest.approx(30 / 40)


def test_where_all_pictures_lie_alike_not_looking_is_as_good():
    scores = exam.localisation([answer(LEFT, [LEFT])] * 3)
    assert (scores["quad_recall"].value, scores["quad_recall"].floor, scores["quad_recall"].skill) == (1.0, 1.0, 0.0)


def test_nothing_found_is_no_corner_error():
    scores = exam.localisation([answer(LEFT, [])])
    assert scores["quad_recall"].value == 0 and "corner_error" not in scores and "quad_precision" not in scores


class Said:
    def __init__(self, text):
        self.text = text


def test_reading_is_counted_by_frames():
    stamped = [
        answer(LEFT, [LEFT], "a", [Said("a")], "a"),
        answer(LEFT, [LEFT], "b", [Said("x")], "b"),
        answer(LEFT, [LEFT], "c", [], None),
        answer(LEFT, [LEFT], "d", [Said("x"), Said("d")], "d"),
    ]
    plain = [answer(LEFT, []), answer(LEFT, [LEFT], None, [Said("x")]), answer(LEFT, []), answer(LEFT, [])]
    scores = exam.reading_scores(stamped, plain)
    assert scores["read"].value == 0.5 and scores["read_at_true_corners"].value == 0.75
    assert scores["frames_with_a_wrong_text"] == 2
    assert scores["left_alone"].value == 0.75 and scores["false_readings_per_1000"] == 250


def test_cases_are_the_same_every_time_and_only_the_first_picture_is_stamped(album_photos, spread):
    first, again = (list(exam.draw(album_photos, spread, 3, 120, 160)) for _ in range(2))
    for one, other in zip(first, again, strict=True):
        assert np.array_equal(one.scene.frame, other.scene.frame) and one.text == other.text and len(one.text) == 7
    assert len({case.text for case in first}) == 3
    (other,) = exam.draw(album_photos, spread, 1, 120, 160, seed=10)
    assert other.text != first[0].text and not np.array_equal(other.scene.frame, first[0].scene.frame)
    assert all(case.text is None for case in exam.draw(album_photos, None, 2, 120, 160))


def test_a_stamp_is_read_at_its_true_corners(album_photos, spread):
    reader = Reader(spread)
    said = [reader.read(case.scene.frame, case.scene.quads[0]) for case in islice(exam.draw(album_photos, spread, 4, 480, 640), 4)]
    assert sum(each is not None for each in said) >= 3
