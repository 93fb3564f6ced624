import numpy as np
import pytest

from stegastamp.films.shots import FREE, WINDOW, Cuts, Looks
from stegastamp.message.acceptance import FALSE_ACCEPT
from tests.fixtures.films import moving
from tests.fixtures.stegastamp import blobs

DULL = np.full((32, 32, 3), 100, np.uint8)
SHARP = np.uint8(np.random.default_rng(0).integers(0, 255, (32, 32, 1)) + np.zeros((1, 1, 3)))


def test_a_shot_begins_where_the_picture_changes():
    cuts = Cuts()
    seen = [*moving(6, 64, 64), *moving(6, 64, 64, seed=8)]
    assert [number for number, view in enumerate(seen) if cuts.see(view)] == [0, 6]


def test_pictures_one_after_the_other_are_shots_unless_a_cut_is_to_be_sudden():
    slides = [blobs(32, 32, seed) for seed in range(8)]
    plain, sudden = Cuts(), Cuts(sudden=3.0)
    assert [plain.see(slide) for slide in slides] == [True] * 8
    assert sum(sudden.see(slide) for slide in slides) < 5


def test_the_first_frame_of_a_shot_is_read_and_then_the_sharpest_of_each_window():
    looks = Looks()
    chosen = [looks.choose(number, SHARP if number in (9, 40) else DULL, number == 0, said=False) for number in range(2 * WINDOW + 1)]
    assert [(number, frame) for number, frame in enumerate(chosen) if frame is not None] == [(0, 0), (WINDOW, 9), (2 * WINDOW, 40)]


def test_where_something_is_read_already_only_new_shots_are():
    looks = Looks()
    chosen = [looks.choose(number, DULL, number in (0, 30), said=True) for number in range(100)]
    assert [frame for frame in chosen if frame is not None] == [0, 30]
    assert looks.last(said=True) is None


def test_what_is_left_at_the_end_is_read():
    looks = Looks()
    for number in range(5):
        looks.choose(number, SHARP if number == 3 else DULL, number == 0, said=False)
    assert looks.last(said=False) == 3
    assert looks.last(said=False) is None


def test_the_cost_is_bounded_however_many_shots_there_are():
    looks = Looks()
    chosen = [looks.choose(number, DULL, True, said=False) for number in range(1000)]
    assert sum(frame is not None for frame in chosen) <= FREE + 1000 / WINDOW


def test_all_that_is_read_shares_half_of_one_risk():
    looks, spent = Looks(), 0.0
    for number in range(500):
        looks.choose(number, DULL, True, said=False)
        if looks.paid(1e-30) is None:
            continue
        spent = spent + 1e-30 / looks.paid(1e-30) if number < FREE else spent
    assert 0.45 < spent <= 0.5
    one = Looks()
    one.choose(0, DULL, True, said=False)
    assert one.paid(FALSE_ACCEPT / 4) == pytest.approx(FALSE_ACCEPT) and one.paid(FALSE_ACCEPT / 3) is None
