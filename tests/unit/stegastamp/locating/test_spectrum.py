"""A wave of known frequency, phase and direction is found again in the spectrum of a picture."""

import numpy as np
import pytest
from skimage import data

from stegastamp.locating.spectrum import LARGEST, SIDE, Spectrum, brightness_of, evened, limited


def wave(height, width, across, down, phase):
    """A grey picture with one wave in noise, its frequencies in cycles per longer side and its phase in the middle."""
    row, column = np.mgrid[:height, :width]
    angle = 2 * np.pi * (across * (column - (width - 1) / 2) + down * (row - (height - 1) / 2)) / max(height, width)
    noise = np.random.default_rng(0).normal(0, 4, (height, width))
    return np.uint8(np.rint(128 + noise + 20 * np.cos(angle + phase)))[..., None]


@pytest.mark.parametrize(("across", "down"), [(12, 0), (0, 16.5), (14, 14), (14, -9.3), (-11, 7)])
@pytest.mark.parametrize("shape", [(400, 600), (700, 300)])
def test_the_phase_of_a_wave(across, down, shape):
    value = Spectrum(wave(*shape, across, down, 1.0)).at(np.array(across), np.array(down))
    assert abs(np.angle(value * np.exp(-1j))) < 0.15
    assert abs(value) > 2


@pytest.mark.parametrize("angle", [0.0, 0.4, np.pi / 2, 2.0])
def test_a_wave_on_its_ray(angle):
    spectrum = Spectrum(wave(400, 600, 15 * np.cos(angle), 15 * np.sin(angle), -0.7))
    (value,) = spectrum.along(angle, np.array([15.0]))
    assert abs(np.angle(value * np.exp(0.7j))) < 0.3
    assert abs(value) > 2


def test_a_conjugate_lies_opposite():
    spectrum = Spectrum(data.coffee())
    across, down = np.random.default_rng(0).uniform(-30, 30, (2, 50))
    assert np.allclose(spectrum.at(across, down), np.conj(spectrum.at(-across, -down)), atol=1e-3)


def test_even_and_busy_places_weigh_alike():
    """Noise ten times as strong on one half: there the plane is hardly larger."""
    noise = np.random.default_rng(0).normal(0, 3, (SIDE, SIDE))
    noise[:, : SIDE // 2] *= 10
    plane = evened(np.float32(128 + noise), np.ones((SIDE, SIDE), np.uint8))
    assert plane.shape == (SIDE, SIDE) and plane.dtype == np.float32
    left, right = plane[20:-20, 20 : SIDE // 2 - 10].std(), plane[20:-20, SIDE // 2 + 10 : -20].std()
    assert 0.3 < left / right < 1


def test_nothing_is_seen_of_blank_corners():
    noise = np.float32(128 + np.random.default_rng(0).normal(0, 9, (SIDE, SIDE)))
    shown = np.uint8(np.add.outer(np.arange(SIDE), np.arange(SIDE)) > SIDE // 2)
    plane = evened(noise, shown)
    assert not plane[shown == 0].any() and plane[shown > 0].std() > 0.3


def test_sixteen_bits_are_eight_finer():
    photo = data.coffee()
    assert np.abs(brightness_of(photo) - brightness_of(photo.astype(np.uint16) * 257)).max() < 1


def test_what_is_limited_keeps_its_phase():
    values = np.array([0, 1 + 1j, 30j, -400.0])
    assert np.allclose(limited(values), [0, 1 + 1j, LARGEST * 1j, -LARGEST])


def test_waves_finer_than_two_pixels_are_nowhere():
    """As those of a mark would be that is far smaller than the picture: no coefficient is missing."""
    found = Spectrum(np.random.default_rng(0).integers(0, 256, (300, 400, 1), np.uint8))
    assert np.isfinite(found.along(0.0, np.float32([10.0, 500.0, 5000.0]))).all()
