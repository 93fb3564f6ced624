"""encode and decode of films as commands, with a stamper in plain sight."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from stegastamp.__main__ import main
from stegastamp.films import judge
from stegastamp.films.upright import matrix_of, pixels, shown
from stegastamp.pictures import codec
from stegastamp.pictures.codec import Codec
from tests.fixtures.films import frames_of, moving, sound_of, times_of, write_film

TURNED = (0, 1 << 16, 0, -(1 << 16), 0, 0, 0, 0, 1 << 30)
TIMES = [0, 40, 130, 140, 180, 220]


@pytest.fixture(autouse=True)
def loaded(monkeypatch, spread):
    monkeypatch.setattr(spread.config, "mark", SimpleNamespace(sync=0.0), raising=False)
    monkeypatch.setattr(codec, "load", lambda checkpoint="", *, key=None, **_: Codec(spread, key))


def command(capsys, *words):
    code = main([str(word) for word in words])
    return code, *capsys.readouterr()


def calm(count, **size):
    """Frames that hold the mark of the stamper in plain sight without clipping."""
    return [np.uint8(100 + frame // 5) for frame in moving(count, **size)]


def test_a_film_is_stamped_and_read_with_its_sound_times_and_rotation(tmp_path, capsys):
    source = write_film(tmp_path / "film.mp4", calm(6, height=96, width=128), sound="aac", times=TIMES, matrix=TURNED)
    target = tmp_path / "deeper" / "new.mov"
    code, printed, errors = command(capsys, "encode", source, target, "--message", "Hello")
    assert (code, errors, printed.count("\n")) == (0, "", 1)
    assert printed.startswith(f"{target}: 128x96, 6 frames, text7, strength 0.25, luma PSNR ")
    assert "0 of 100 bits wrong, read in 1 of 1 second alone, " in printed and "frames/s" in printed
    assert times_of(target) == pytest.approx(times_of(source)) and sound_of(target) == sound_of(source)
    assert [matrix_of(frame) for frame in frames_of(target)] == [TURNED] * 6
    assert [path.name for path in target.parent.iterdir()] == ["new.mov"]
    code, printed, errors = command(capsys, "decode", target)
    assert (code, printed) == (0, "Hello\n") and errors.startswith("(text7, 0 of 100 bits corrected, ")
    code, printed, _ = command(capsys, "decode", source, target, "--json")
    first, second = json.loads(printed)["images"]
    assert code == 0 and (first["found"], first["frames"]) == (False, 6) and (second["message"], second["frames"]) == ("Hello", 1)


def test_the_mark_lies_as_the_film_is_seen(spread, tmp_path, capsys):
    """It is upright on the screen, so a photo of the screen is read, whatever way the frames are coded."""
    source = write_film(tmp_path / "film.mp4", calm(2, height=96, width=128), matrix=TURNED)
    assert command(capsys, "encode", source, tmp_path / "new.mp4", "--message", "Hello")[0] == 0
    frame = frames_of(tmp_path / "new.mp4")[0]
    assert Codec(spread).decode(shown(frame)).rotation == 0
    assert Codec(spread).decode(np.ascontiguousarray(pixels(frame))).rotation != 0


def test_pictures_that_move_are_stamped_as_films(tmp_path, capsys):
    pictures = [Image.fromarray(frame) for frame in calm(4)]
    pictures[0].save(tmp_path / "film.webp", save_all=True, append_images=pictures[1:], duration=80, lossless=True)
    assert command(capsys, "encode", tmp_path / "film.webp", tmp_path / "new.mp4", "--message", "Hello")[0] == 0
    assert times_of(tmp_path / "new.mp4") == pytest.approx([0, 0.08, 0.16, 0.24])
    assert command(capsys, "decode", tmp_path / "new.mp4")[1] == "Hello\n"


def test_what_does_not_survive_is_not_written(tmp_path, capsys):
    source = write_film(tmp_path / "film.mp4", moving(3))
    words = ("--message", "Hello", "--strength", "0.001", "--crf", "40")
    code, printed, errors = command(capsys, "encode", source, tmp_path / "new.mp4", *words)
    assert (code, printed, errors.count("\n")) == (2, "", 1)
    assert (
        "new.mp4 was not written: the message cannot be read back, " in errors and "a --strength above 0.001 or a smaller --crf" in errors
    )
    assert [path.name for path in tmp_path.iterdir()] == ["film.mp4"]


def test_a_film_that_is_there_is_replaced_only_where_that_is_asked_for(tmp_path, capsys):
    source, target = write_film(tmp_path / "film.mp4", calm(2)), tmp_path / "new.mp4"
    target.write_bytes(b"before")
    code, _, errors = command(capsys, "encode", source, target, "--message", "Hello")
    assert (code, errors) == (2, f"stegastamp encode: {target} exists; --overwrite replaces it\n") and target.read_bytes() == b"before"
    assert command(capsys, "encode", source, target, "--message", "Hello", "--overwrite")[0] == 0
    assert len(frames_of(target)) == 2


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["--verify", "png"], "--verify is for pictures, {source} is a film"),
        (["--margin", "1"], "--margin is for pictures, {source} is a film"),
        (["--quality", "90"], "--quality is for pictures, {source} is a film"),
        (["--workers", "2"], "--workers is for pictures, {source} is a film"),
        (["--crf", "52"], "--crf is 0 to 51 for .mp4, not 52"),
        (["--strength", "0"], "strength must be above 0, not 0"),
        (["--message", "a message that is too long"], "at most 7 fit"),
    ],
)
def test_flags_that_do_nothing_for_films_are_refused(words, line, tmp_path, capsys):
    source = write_film(tmp_path / "film.mp4", moving(1))
    given = words if "--message" in words else [*words, "--message", "Hello"]
    code, printed, errors = command(capsys, "encode", source, tmp_path / "new.mp4", *given)
    assert (code, printed, errors.count("\n")) == (2, "", 1) and line.format(source=source) in errors
    assert not (tmp_path / "new.mp4").exists()


def test_a_rate_factor_for_a_picture_is_refused(tmp_path, capsys):
    Image.fromarray(moving(1)[0]).save(tmp_path / "photo.png")
    code, _, errors = command(capsys, "encode", tmp_path / "photo.png", tmp_path / "new.png", "--message", "Hello", "--crf", "20")
    assert code == 2 and f"--crf is for films, {tmp_path / 'photo.png'} is none" in errors


def test_a_damaged_film_is_stamped_as_far_as_it_goes_and_says_so(tmp_path, capsys):
    noise = [np.uint8(frame + np.random.default_rng(number).integers(0, 40, frame.shape)) for number, frame in enumerate(calm(20))]
    path = write_film(tmp_path / "film.mp4", noise, options={"movflags": "+faststart"})
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    code, printed, errors = command(capsys, "encode", path, tmp_path / "new.mp4", "--message", "Hello")
    count = len(frames_of(tmp_path / "new.mp4"))
    assert code == 0 and 5 < count < 20 and f"{count} frames" in printed
    assert errors == f"{path} is damaged: {count} frames could be read\n"


def test_a_key_stamps_films_too(tmp_path, capsys):
    source, key = write_film(tmp_path / "film.mp4", calm(2)), tmp_path / "key"
    key.write_bytes(bytes(range(32)))
    assert command(capsys, "encode", source, tmp_path / "new.mp4", "--message", "Hi", "--key", key)[0] == 0
    assert command(capsys, "decode", tmp_path / "new.mp4", "--key", key)[1] == "Hi\n"
    assert command(capsys, "decode", tmp_path / "new.mp4")[0] == 1


def test_an_evaluation_prints_what_is_read_beside_what_is_not_stamped(album_photos, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(judge, "folder_photos", lambda *_: album_photos)
    words = ("evaluate-films", "--images", tmp_path, "--count", "2", "--seconds", "0.4", "--strength", "0.25")
    code, printed, _ = command(capsys, *words, "--json")
    found = json.loads(printed)
    assert code == 0 and (found["films"], found["frames"]) == (2, 20)
    assert found["read"]["as written"]["films"] == [2, 2] and found["read"]["CRF 28"]["bit_accuracy"] > 0.95
    assert found["read"]["not stamped"]["films"] == [0, 2] and 0.3 < found["read"]["not stamped"]["bit_accuracy"] < 0.7
    assert found["flicker"] == 0 and found["flicker_frame_by_frame"] == 0  # This mark does not look at the picture.
    code, printed, _ = command(capsys, *words)
    assert "| not stamped | 0." in printed and "| as written | 1.0000 | " in printed
    assert command(capsys, *words[:3], "--count", "7")[2].endswith("--count is 1 to 6, of which there are photos, not 7\n")
