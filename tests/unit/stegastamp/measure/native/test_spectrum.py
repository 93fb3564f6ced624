import numpy as np
import pytest

from stegastamp.measure.native.spectrum import BINS, radial_energy, share_below


def waves(height, width, down, across, colour):
    phase = 2 * np.pi * (down * np.arange(height)[:, None] / height + across * np.arange(width)[None, :] / width)
    return np.float32(0.1 * np.cos(phase)[..., None] * colour)


@pytest.mark.parametrize("height, width", [(64, 96), (65, 97)])
@pytest.mark.parametrize("down, across", [(0, 5), (12, 0), (9, 12)])
def test_a_wave_lies_at_its_cycles_per_image(height, width, down, across):
    energy = radial_energy(waves(height, width, down, across, np.ones(3)))
    radius = round(np.hypot(down, across))
    assert energy["luma"].argmax() == radius and energy["luma"].shape == (BINS,)
    assert energy["luma"][radius] == pytest.approx(0.005, rel=1e-3)
    assert energy["chroma"].sum() < 1e-9
    assert share_below(energy["luma"], radius) < 1e-6
    assert share_below(energy["luma"], radius + 1) == pytest.approx(1)


def test_all_energy_is_counted_once():
    residual = np.random.default_rng(0).normal(0, 0.02, (50, 71, 3)).astype(np.float32)
    luma = residual @ [0.299, 0.587, 0.114]
    energy = radial_energy(residual)
    assert energy["luma"].sum() == pytest.approx(np.mean(luma**2), rel=1e-4)
    blue = np.float32(residual * (0, 0, 1))
    expected = np.mean(blue[..., 2] ** 2) * (0.436**2 + 0.10001**2)
    assert radial_energy(blue)["chroma"].sum() == pytest.approx(expected, rel=1e-4)


def test_nothing_has_no_share():
    assert share_below(radial_energy(np.zeros((8, 8, 3), np.float32))["luma"], 8) == 0
