import cv2
import numpy as np
import pytest
from skimage import data

from stegastamp.measure import camera

ASTRONAUT = np.float32(data.astronaut()[:200, :300]) / 255


def draws(seed=0):
    return np.random.default_rng(seed)


@pytest.fixture(autouse=True)
def small_raster(monkeypatch):
    # The chain at a tenth of the pixels: pitches and blurs are in pixels, so nothing else changes.
    monkeypatch.setattr(camera, "RASTER", 320)
    monkeypatch.setattr(camera, "PHOTO_SIDE", (130, 250))


def test_a_photo_hangs_on_image_and_generator_alone():
    before = ASTRONAUT.copy()
    first, again, other = (camera.print_and_camera(ASTRONAUT, draws(seed)) for seed in (1, 1, 2))
    assert np.array_equal(first, again) and not np.array_equal(first[:100, :100], other[:100, :100])
    assert np.array_equal(ASTRONAUT, before)
    for photo in (first, other):
        assert 130 <= min(photo.shape[:2]) <= 250 and photo.dtype == np.float32
        assert photo.min() >= 0 and photo.max() <= 1
        # Still that picture.
        back = cv2.resize(photo, (300, 200), interpolation=cv2.INTER_AREA)
        assert np.corrcoef(back.mean(-1).ravel(), ASTRONAUT.mean(-1).ravel())[0, 1] > 0.8


@pytest.mark.parametrize("shape", [(6, 700), (300, 2), (1, 1)])
def test_strips_and_specks_stay_small_and_finite(shape):
    photo = camera.print_and_camera(np.full((*shape, 3), 0.5, np.float32), draws(1))
    assert max(photo.shape) <= 4 * camera.RASTER and np.isfinite(photo).all()


@pytest.mark.parametrize("tone", [0.0, 0.3, 0.55, 0.8, 1.0])
def test_dots_cover_the_right_share_of_the_paper(tone):
    for seed in range(3):
        printed = camera.halftone(np.full((200, 260, 3), tone, np.float32), draws(seed))
        assert printed.mean((0, 1)) == pytest.approx([tone**2.2] * 3, abs=0.012)
        # Dots, unless there is nothing or everything to print.
        assert (printed.std() > 0.1) == (0 < tone < 1)


def test_the_dot_grid_has_its_pitch():
    generator = draws(3)
    printed = camera.halftone(np.full((256, 256, 3), 0.6, np.float32), generator)
    again = draws(3)
    pitch = again.uniform(*camera.SCREEN)
    spectrum = np.abs(np.fft.fft2(printed[..., 2] - printed[..., 2].mean()))
    row, column = np.unravel_index(spectrum.argmax(), spectrum.shape)
    frequency = np.hypot(*(min(k, 256 - k) / 256 for k in (row, column)))
    assert frequency == pytest.approx(1 / pitch, rel=0.03)


def test_paper_is_never_quite_white_nor_ink_quite_black():
    for seed in range(5):
        white, black = (camera.paper(np.full((80, 80, 3), light, np.float32), draws(seed)) for light in (1, 0))
        assert 0.93 < white.mean() < 1 and camera.BLACKEST[0] * 0.95 < black.mean() < camera.BLACKEST[1] * 1.05
        assert camera.FIBRE[0] * 0.8 < white[..., 1].std() / white[..., 1].mean() < camera.FIBRE[1] * 1.1


def test_light_falls_off_in_a_plane_and_at_the_corners():
    flat = np.ones((90, 120, 3), np.float32)
    lit = camera.lamp(flat, draws(2))[..., 0]
    assert 1 - camera.LAMP <= lit.min() < lit.max() <= 1
    assert np.abs(lit - 0.5 * (lit + lit[::-1, ::-1]).mean() - (lit - lit[::-1, ::-1]) / 2).max() < 1e-5
    seen = camera.lens(np.ones((320, 320, 3), np.float32), draws(4))[..., 0]
    corners = seen[[0, 0, -1, -1], [0, -1, 0, -1]]
    assert seen.argmax() // seen.shape[1] == pytest.approx(seen.shape[0] / 2, abs=1)
    assert 1 - camera.VIGNETTE[1] <= corners.min() <= corners.max() <= 1 - camera.VIGNETTE[0]


def test_corners_move_by_at_most_3_percent():
    white = np.ones((300, 400, 3), np.float32)
    for seed in range(4):
        moved = camera.viewpoint(white, draws(seed))
        assert (moved[10:-10, 13:-13] == 1).all()
        assert (moved != 1).any()


@pytest.mark.parametrize("radius, shake, angle", [(0.3, 0.0, 0.0), (2.5, 0.0, 1.0), (0.6, 4.0, 0.7)])
def test_smear_is_a_disc_along_a_line(radius, shake, angle):
    kernel = camera._smear(radius, shake, angle)
    assert kernel.sum() == pytest.approx(1, abs=1e-5) and np.allclose(kernel, kernel[::-1, ::-1])
    reach = len(kernel) // 2
    row, column = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    spread = np.sort(np.linalg.eigvalsh([[(kernel * a * b).sum() for b in (column, row)] for a in (column, row)]))
    # Variance of a disc is r^2 / 4, of a line l^2 / 12; a pixel's own square blurs it by up to 1 / 6.
    assert spread[0] == pytest.approx(radius**2 / 4, rel=0.1, abs=0.17)
    assert spread[1] == pytest.approx(radius**2 / 4 + shake**2 / 12, rel=0.1, abs=0.2)


def test_noise_is_that_of_counted_light():
    bright, dark = (camera.sensor(np.full((100, 100, 3), light, np.float32), draws(1)) - light for light in (0.8, 0.05))
    well = draws(1).uniform(*camera.WELL)
    assert bright.std() == pytest.approx(np.sqrt(0.8 / well), rel=0.1)
    assert dark.std() < bright.std() / 2


def test_development_shifts_the_balance_and_clips():
    grey = camera.development(np.full((4, 4, 3), 0.3, np.float32), draws(5))[0, 0] ** 2.2
    assert np.abs(grey[[0, 2]] / grey[1] - 1).max() <= camera.WHITE_BALANCE + 1e-3 and grey[0] != grey[1]
    assert camera.development(np.full((4, 4, 3), 5, np.float32), draws(5)).max() == 1
