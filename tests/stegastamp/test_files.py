import json
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from stegastamp import stamp
from stegastamp.__main__ import main
from stegastamp.photos import read_image

BITS, SIDE = 100, 80


class Blocks:
    """A stamper in plain sight: bit i makes a block of 8 x 8 pixels bright or dark, by `strength`."""

    config = SimpleNamespace(bits=BITS, size=SIDE)
    strength = 0.4

    def stamp_image(self, image, message, strength=None):
        strength = self.strength if strength is None else strength
        pattern = (2 * message.reshape(10, 10) - 1).repeat(8, 0).repeat(8, 1)
        pattern = cv2.resize(pattern, image.shape[1::-1], interpolation=cv2.INTER_NEAREST)[..., None]
        return np.clip(image + 255 * strength * pattern, 0, 255).astype(np.uint8)

    def read_image(self, image):
        blocks = cv2.resize(image, (SIDE, SIDE), interpolation=cv2.INTER_AREA).astype(np.float32).mean(-1) - 128
        return blocks.reshape(10, 8, 10, 8).mean((1, 3)).ravel()


@pytest.fixture(autouse=True)
def blocks(monkeypatch):
    monkeypatch.setattr(stamp, "load", lambda checkpoint: Blocks())


@pytest.fixture
def photo(tmp_path):
    path = tmp_path / "photo.png"
    assert cv2.imwrite(str(path), np.full((160, 240, 3), 128, np.uint8))
    return path


def command(capsys, *words):
    code = main([str(word) for word in words])
    return code, *capsys.readouterr()


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp", ".bmp", ".tif"])
@pytest.mark.parametrize("text", ["Hello", "", "né ✓"])
def test_a_text_goes_in_and_comes_out(photo, tmp_path, capsys, suffix, text):
    output = tmp_path / "deeper" / f"stamped{suffix}"
    code, printed, errors = command(capsys, "encode", photo, output, "--message", text)
    assert (code, errors) == (0, "")
    assert printed == f"{output}: 240x160, PSNR 8.0 dB, 100 of 100 bits read back from the file\n"
    assert read_image(output).shape == (160, 240, 3)
    assert command(capsys, "decode", output) == (0, f"{text}\n", "")
    code, printed, _ = command(capsys, "decode", output, "--json")
    assert (code, json.loads(printed)) == (0, {"found": True, "text": text, "corrected": 0})


def test_an_image_without_a_message_is_exit_code_1(photo, capsys):
    assert command(capsys, "decode", photo) == (1, "", f"{photo}: no message\n")
    code, printed, _ = command(capsys, "decode", photo, "--json")
    assert (code, json.loads(printed)) == (1, {"found": False, "text": None, "corrected": None})


def test_corrected_bits_are_told(photo, tmp_path, capsys):
    output = tmp_path / "stamped.png"
    command(capsys, "encode", photo, output, "--message", "Hello")
    damaged = cv2.imread(str(output))
    damaged[:16, :72] = 255 - damaged[:16, :72]  # Three blocks.
    cv2.imwrite(str(output), damaged)
    assert command(capsys, "decode", output) == (0, "Hello\n(3 bits corrected)\n", "")


@pytest.mark.parametrize("strength", ["0", "0.0001"])
def test_a_mark_that_cannot_be_read_back_is_an_error(photo, tmp_path, capsys, strength):
    output = tmp_path / "stamped.png"
    code, _, errors = command(capsys, "encode", photo, output, "--message", "Hello", "--strength", strength)
    assert code == 2
    used = float(strength)
    assert errors == (f"stegastamp encode: {output} was written but its message cannot be read back; raise --strength (it is {used})\n")


@pytest.mark.parametrize(
    ("text", "reason"), [("12345678", "is 8 bytes in UTF-8; at most 7 fit"), ("✓✓✓", "is 9 bytes"), ("a\nb", "control characters")]
)
def test_texts_that_do_not_fit_are_refused_before_anything_is_written(photo, tmp_path, capsys, text, reason):
    output = tmp_path / "stamped.png"
    code, printed, errors = command(capsys, "encode", photo, output, "--message", text)
    assert (code, printed, errors.count("\n")) == (2, "", 1)
    assert reason in errors
    assert not output.exists()


def test_an_output_is_replaced_only_on_demand(photo, tmp_path, capsys):
    output = tmp_path / "stamped.png"
    assert command(capsys, "encode", photo, output, "--message", "one")[0] == 0
    assert command(capsys, "encode", photo, output, "--message", "two")[0] == 2
    assert command(capsys, "decode", output)[1] == "one\n"
    assert command(capsys, "encode", photo, output, "--message", "two", "--overwrite")[0] == 0
    assert command(capsys, "decode", output)[1] == "two\n"


def test_a_damaged_image_is_one_line(photo, tmp_path, capsys):
    photo.write_bytes(photo.read_bytes()[:60])
    for words in (("decode", photo), ("encode", photo, tmp_path / "stamped.png", "--message", "Hello")):
        code, printed, errors = command(capsys, *words)
        assert (code, printed, errors.count("\n")) == (2, "", 1)
        assert f"{photo} is" in errors
