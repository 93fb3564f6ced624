"""PyAV is not needed for photos, and asked for by name for films."""

import sys

import numpy as np
import pytest
from PIL import Image

from longrun.extras import MissingPackage
from stegastamp.__main__ import main
from stegastamp.films import pyav
from stegastamp.films.opening import is_film, open_film


@pytest.fixture
def without(monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)
    monkeypatch.setattr(pyav, "is_installed", lambda: False)


def test_photos_of_every_kind_are_photos(without, tmp_path):
    for suffix in (".jpg", ".png", ".webp", ".tif", ".bmp", ".avif", ".gif"):
        path = tmp_path / f"photo{suffix}"
        Image.fromarray(np.zeros((8, 8, 3), np.uint8)).save(path)
        assert not is_film(path)
    (tmp_path / "notes.jpg").write_text("no picture")
    assert not is_film(tmp_path / "notes.jpg")


def test_a_film_says_what_to_install(without, tmp_path, capsys):
    path = tmp_path / "film.mp4"
    path.write_bytes(b"\0\0\0\x18ftypisom" + bytes(100))
    with pytest.raises(MissingPackage, match=r"this needs PyAV: pip install 'longrun-ports\[films\]'"), open_film(path):
        pass
    assert main(["detect", str(path)]) == 2
    assert capsys.readouterr().err == "stegastamp detect: this needs PyAV: pip install 'longrun-ports[films]'\n"


def test_names_are_those_of_pyav():
    import av

    assert pyav.VideoFrame is av.VideoFrame and pyav.is_installed()
