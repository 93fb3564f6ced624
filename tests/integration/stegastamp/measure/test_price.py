import json
import shutil

import numpy as np
import pytest

from longrun import UserError
from stegastamp.measure import camera, price
from stegastamp.measure.native.case import CURVE_ATTACKS, Case
from stegastamp.pictures.photos import find_images
from tests.fixtures.grid_stamper import GridStamper


class Louder(GridStamper):
    """The same stamp for twice the strength."""

    def stamp_image(self, image, message, strength=None):
        return super().stamp_image(image, message, (self.strength if strength is None else strength) / 2)


class Deaf(GridStamper):
    """Reads nothing but noughts."""

    def logits(self, images):
        return -np.ones((len(images), 100), np.float32)


@pytest.fixture
def cases(photos_folder, monkeypatch):
    monkeypatch.setattr(camera, "RASTER", 160)
    monkeypatch.setattr(camera, "PHOTO_SIDE", (100, 150))
    return [Case.of(path, 2, 100, 0) for path in find_images(photos_folder)[:3]]


def test_the_accuracy_asked_for_is_reached_at_the_least_strength(cases):
    found = price.price(GridStamper(), cases, 0.9)
    reached = [sum(price._accuracies(GridStamper(), cases, found["strength"] * factor).values()) / 3 for factor in (0.95, 1)]
    assert reached[0] < 0.9 <= reached[1]
    assert reached[1] == pytest.approx(sum(found[f"bit_accuracy_{name}"] for name in CURVE_ATTACKS) / 3)


def test_the_price_does_not_depend_on_what_a_model_calls_its_strength(cases):
    one, other = price.price(GridStamper(), cases, 0.9), price.price(Louder(), cases, 0.9)
    assert other.pop("strength") == pytest.approx(2 * one.pop("strength"), rel=0.05)
    assert other == pytest.approx(one, rel=0.1)


def test_models_stand_beside_each_other(cases, photos_folder, tmp_path, monkeypatch, capsys):
    for name in ("0.png", "1.png"):
        shutil.copyfile(photos_folder / name, tmp_path / name)
    monkeypatch.setattr(price.stamp, "load", lambda name, *_: GridStamper() if name == "a" else Louder())
    rows = price.compare(("a", "b"), images=str(tmp_path), accuracy=0.9, json=True)
    assert json.loads(capsys.readouterr().out) == rows and [row["checkpoint"] for row in rows] == ["a", "b"]
    price.compare(("a",), images=str(tmp_path), accuracy=0.9)
    assert "| 1.00 |" in capsys.readouterr().out


def test_what_cannot_be_reached_is_said(cases):
    with pytest.raises(UserError, match="not to 0.9"):
        price.price(Deaf(), cases[:1], 0.9)
    with pytest.raises(UserError, match="above .5 and below 1"):
        price.compare(("a",), images=".", accuracy=1.5)
