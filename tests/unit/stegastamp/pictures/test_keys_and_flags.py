"""The commands with a key, and flags that would do nothing."""

import io
import json
import sys

import numpy as np
import pytest
from PIL import Image

from longrun import fleet
from stegastamp.__main__ import main
from stegastamp.message.new_key import make
from stegastamp.network import stamp
from stegastamp.pictures import codec, pages
from tests.fixtures.blocks import Blocks


@pytest.fixture(autouse=True)
def blocks(monkeypatch):
    codec.load_once.cache_clear()
    monkeypatch.setattr(pages, "detector", lambda runtime: None)
    monkeypatch.setattr(stamp, "load", lambda checkpoint, *_: Blocks(256 if "uuid" in str(checkpoint) else 100))


@pytest.fixture
def photo(tmp_path):
    Image.new("RGB", (240, 160), (128, 128, 128)).save(tmp_path / "photo.png")
    return tmp_path / "photo.png"


@pytest.fixture
def keys(tmp_path, capsys):
    paths = tmp_path / "mine", tmp_path / "theirs"
    for path in paths:
        make(str(path))
    capsys.readouterr()
    return paths


def command(capsys, *words):
    code = main([str(word) for word in words])
    return code, *capsys.readouterr()


@pytest.mark.parametrize(("name", "text"), [("text7", "Köl"), ("text5", "ab")])
def test_a_message_with_a_key_is_read_with_it_and_not_otherwise(photo, keys, tmp_path, capsys, name, text):
    (mine, theirs), output = keys, tmp_path / "out.jpg"
    code, printed, errors = command(capsys, "encode", photo, output, "--message", text, "--key", mine, "--format", name)
    assert (code, errors) == (0, "") and printed.startswith(f"{output}: 240x160, {name} with this key, strength 0.4,")
    code, printed, errors = command(capsys, "decode", output, "--key", mine)
    assert (code, printed) == (0, f"{text}\n") and errors.startswith(f"({name} with this key, 0 of 100 bits corrected, ")
    assert command(capsys, "decode", output)[:2] == (1, "")
    looked = "; there is no detector to look for pictures on it"
    assert command(capsys, "decode", output, "--key", theirs) == (1, "", f"{output}: no message of this key{looked}\n")
    command(capsys, "encode", photo, output, "--message", text, "--overwrite")
    assert command(capsys, "decode", output)[:2] == (0, f"{text}\n")
    assert command(capsys, "decode", output, "--key", mine)[:2] == (1, "")


def test_the_interface_takes_a_file_bytes_or_a_key(keys):
    mine, theirs = keys
    image = np.full((160, 240, 3), 128, np.uint8)
    stamped = codec.load(key=mine).encode(image, "Hi")
    for key in (str(mine), mine.read_bytes(), codec.load(key=mine).key):
        assert codec.load(key=key).decode(stamped).message == "Hi"
    assert codec.load(key=theirs).decode(stamped) is None and codec.load().decode(stamped) is None


def test_a_key_that_changed_since_the_last_picture_is_read_anew(photo, keys, tmp_path, capsys, monkeypatch):
    """Workers of a cluster outlive a command."""
    monkeypatch.setattr(fleet, "run", lambda function, tasks, **_: ((index, function(task)) for index, task in enumerate(tasks)))
    (tmp_path / "in").mkdir()
    for name in ("a.png", "b.png"):
        (tmp_path / "in" / name).write_bytes(photo.read_bytes())
    mine, theirs = keys
    for key in keys:
        mine.write_bytes(key.read_bytes())
        words = ("--message", "Hi", "--key", mine, "--workers", "2", "--overwrite")
        assert command(capsys, "encode", tmp_path / "in", tmp_path / "out", *words)[0] == 0
        code, printed, _ = command(capsys, "decode", tmp_path / "out", "--key", mine, "--workers", "2", "--json")
        assert code == 0 and [row["key"] for row in json.loads(printed)["images"]] == [True] * 2
    assert command(capsys, "decode", tmp_path / "out", "--key", theirs)[0] == 0


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("--message", "Hello"), "message 'Hello' is 5 bytes in UTF-8; at most 4 fit"),
        (("--message", "Hi", "--format", "text4"), "text4 has no room for the tag of a key; with a key there are text7, text5, uuid"),
    ],
)
def test_what_does_not_fit_with_a_key_is_refused_in_one_line(photo, keys, tmp_path, capsys, words, line):
    code, printed, errors = command(capsys, "encode", photo, tmp_path / "out.png", *words, "--key", keys[0])
    assert (code, printed, errors) == (2, "", f"stegastamp encode: {line}\n")


@pytest.mark.parametrize("suffix", [".png", ".tif", ".bmp"])
def test_a_quality_where_there_is_none_is_refused(photo, tmp_path, capsys, suffix):
    output = tmp_path / f"out{suffix}"
    code, printed, errors = command(capsys, "encode", photo, output, "--message", "Hi", "--quality", "90")
    assert (code, printed, output.exists()) == (2, "", False)
    assert errors == f"stegastamp encode: --quality is of .jpg, .jpeg, .webp, .avif, not of {suffix}\n"
    assert command(capsys, "encode", photo, "-", "--message", "Hi", "--quality", "90")[0] == 2
    assert command(capsys, "encode", photo, tmp_path / "out.JPG", "--message", "Hi", "--quality", "90")[0] == 0


def test_of_a_folder_one_file_with_a_quality_is_enough(photo, tmp_path, capsys):
    (tmp_path / "in").mkdir()
    with Image.open(photo) as image:
        image.save(tmp_path / "in" / "a.jpg")
        image.save(tmp_path / "in" / "b.png")
    assert command(capsys, "encode", tmp_path / "in", tmp_path / "out", "--message", "Hi", "--quality", "90")[0] == 0


def test_standard_input_is_read_once_by_one_process(photo, capsys, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(photo.read_bytes())))
    for words in (("-", "-"), ("-", "--workers", "2"), ("-", "--cluster", "tcp://127.0.0.1:1")):
        code, printed, errors = command(capsys, "decode", *words)
        assert (code, printed, errors) == (2, "", "stegastamp decode: standard input (-) can be read once, by one process\n")


def test_a_file_that_is_there_or_cannot_be_written_is_found_before_the_networks_are_loaded(photo, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(stamp, "load", lambda checkpoint, *_: 1 / 0)
    for output, line in (
        (photo, f"{photo} exists; --overwrite replaces it"),
        (photo / "out.png", f"cannot write {photo}/out.png: {photo} is no folder"),
    ):
        assert command(capsys, "encode", photo, output, "--message", "Hi") == (2, "", f"stegastamp encode: {line}\n")
