"""What is wrong in the code itself keeps its traceback, under every command; it never passes for bad input or for a bad picture."""

from types import SimpleNamespace

import numpy as np
import pytest

from stegastamp.__main__ import main
from stegastamp.measure import evaluate
from stegastamp.measure.native import scores
from stegastamp.network import stamp
from stegastamp.pictures import codec, formats, photos, tries
from tests.fixtures.grid_stamper import GridStamper

BUGS = (ValueError("a bug"), KeyError("a bug"), TypeError("a bug"))


@pytest.fixture(params=BUGS, ids=lambda bug: type(bug).__name__)
def bug(request):
    def fail(*_, **__):
        raise request.param

    fail.kind = type(request.param)
    return fail


class Stamper(GridStamper):
    config = SimpleNamespace(data=SimpleNamespace(images="", held_out=""), mark=SimpleNamespace(sync=0.0, head="additive"))

    def stamp(self, covers, messages, strength=None):
        return covers


@pytest.fixture(autouse=True)
def stamper(monkeypatch):
    monkeypatch.setattr(stamp, "load", lambda checkpoint, *_: Stamper())


@pytest.mark.parametrize(
    ("words", "place", "name"),
    [
        (["encode", "PHOTO", "OUT/a.png", "--message", "Hello"], codec, "read"),
        (["encode", "PHOTOS", "OUT", "--message", "Hello"], codec, "read"),
        (["encode", "PHOTOS", "OUT", "--message", "Hello"], formats, "_eight_bits"),
        (["decode", "PHOTO"], tries, "read"),
        (["decode", "PHOTOS"], tries, "network_view"),
        (["evaluate", "anything", "--images", "PHOTOS"], evaluate, "bit_accuracy"),
        (["evaluate", "anything", "--images", "PHOTOS", "--report", "OUT.html"], scores, "read"),
        (["false-accepts", "anything", "--images", "PHOTOS", "--count", "3"], photos, "_decode"),
        (["train", "tiny", "--images", "PHOTOS", "--run", "OUT/run"], photos, "_content"),
    ],
)
def test_a_bug_goes_through(words, place, name, bug, photos_folder, tmp_path, monkeypatch):
    monkeypatch.setattr(place, name, bug)
    monkeypatch.setenv("STEGASTAMP_CACHE", str(tmp_path / "cache"))
    places = {"PHOTOS": str(photos_folder), "PHOTO": str(photos_folder / "0.png"), "OUT": str(tmp_path / "out")}
    for short, path in places.items():
        words = [path if word == short else word.replace("OUT", str(tmp_path / "out")) if short == "OUT" else word for word in words]
    (tmp_path / "out").mkdir()
    with pytest.raises(bug.kind, match="a bug"):
        main(words)


def test_a_wrong_shape_goes_through(photos_folder, monkeypatch):
    monkeypatch.setattr(GridStamper, "logits", lambda self, images: np.zeros((len(images), 99)))
    with pytest.raises(ValueError, match="logits must have shape"):
        main(["decode", str(photos_folder)])
