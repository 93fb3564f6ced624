import io
import json
import sys
import uuid

import cv2
import numpy as np
import pytest
from PIL import Image

from longrun import fleet
from stegastamp.__main__ import main
from stegastamp.network import stamp
from stegastamp.pictures import codec
from stegastamp.pictures.photos import read_image
from tests.fixtures.blocks import Blocks


@pytest.fixture(autouse=True)
def blocks(monkeypatch):
    codec.load_once.cache_clear()
    monkeypatch.setattr(stamp, "load", lambda checkpoint, *_: Blocks(256 if "uuid" in str(checkpoint) else 100))


@pytest.fixture
def photo(tmp_path):
    return grey_photo(tmp_path / "photo.png")


def grey_photo(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), np.full((160, 240, 3), 128, np.uint8))
    return path


def command(capsys, *words):
    code = main([str(word) for word in words])
    return code, *capsys.readouterr()


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp", ".bmp", ".tif"])
@pytest.mark.parametrize("text", ["Hello", "né ✓"])
def test_a_text_goes_in_and_comes_out(photo, tmp_path, capsys, suffix, text):
    output = tmp_path / "deeper" / f"stamped{suffix}"
    code, printed, errors = command(capsys, "encode", photo, output, "--message", text)
    assert (code, errors) == (0, "")
    assert printed == f"{output}: 240x160, text7, strength 0.4, PSNR 8.0 dB, 0 of 100 bits wrong, 5 correctable\n"
    assert read_image(output).shape == (160, 240, 3)
    code, printed, errors = command(capsys, "decode", output)
    assert (code, printed) == (0, f"{text}\n")
    assert errors.startswith("(text7, 0 of 100 bits corrected, chance in a picture without a stamp ")
    code, printed, errors = command(capsys, "decode", output, "--json")
    found = json.loads(printed)
    assert (code, errors, found["found"]) == (0, "", 1)
    [row] = found["images"]
    probability = row.pop("false_accept_probability")
    assert 0 < probability < 1e-9
    assert row == {
        **{"image": str(output), "found": True, "message": text, "format": "text7", "corrected": 0, "bits": 100},
        **{"rotation": 0, "mirrored": False, "frame": 1.0, "way": "whole"},
    }


def test_an_image_without_a_message_is_exit_code_1(photo, capsys):
    looked = "; pictures on it were looked for too"
    assert command(capsys, "decode", photo) == (1, "", f"{photo}: no message (a UUID is read with --format uuid){looked}\n")
    assert command(capsys, "decode", photo, "--format", "uuid") == (1, "", f"{photo}: no message{looked}\n")
    code, printed, _ = command(capsys, "decode", photo, "--json")
    assert (code, json.loads(printed)) == (1, {"images": [{"image": str(photo), "found": False, "detector": True}], "found": 0})


def test_corrected_bits_and_a_turned_picture_are_told(photo, tmp_path, capsys):
    output = tmp_path / "stamped.png"
    command(capsys, "encode", photo, output, "--message", "Hello")
    damaged = cv2.imread(str(output))
    damaged[:16, :72] = 255 - damaged[:16, :72]  # Three blocks.
    cv2.imwrite(str(output), np.rot90(damaged))
    code, printed, errors = command(capsys, "decode", output)
    assert (code, printed) == (0, "Hello\n")
    assert errors.startswith("(text7, 3 of 100 bits corrected,") and errors.endswith(", turned by 270 degrees)\n")


def test_a_uuid_goes_in_and_comes_out(photo, tmp_path, capsys, monkeypatch):
    (tmp_path / "released" / "uuid").mkdir(parents=True)
    (tmp_path / "released" / "uuid" / "manifest.json").write_text("{}")
    monkeypatch.setattr(codec, "RELEASED", tmp_path / "released")
    value, output = uuid.UUID(int=2**99 + 7), tmp_path / "stamped.png"
    code, printed, _ = command(capsys, "encode", photo, output, "--message", value, "--format", "uuid")
    assert (code, "of 256 bits wrong, 18 correctable" in printed) == (0, True)
    assert command(capsys, "decode", output, "--format", "uuid")[:2] == (0, f"{value}\n")
    code, _, errors = command(capsys, "encode", photo, output, "--message", "Hello", "--format", "uuid", "--overwrite")
    assert (code, errors) == (2, "stegastamp encode: message 'Hello' is no UUID, which is what 256 bits carry\n")


def test_a_mark_that_cannot_be_read_back_is_not_written(photo, tmp_path, capsys):
    output = tmp_path / "stamped.png"
    code, printed, errors = command(capsys, "encode", photo, output, "--message", "Hello", "--strength", "0.0001")
    assert (code, printed, errors.count("\n")) == (2, "", 1)
    assert "stamped.png was not written: the message does not survive" in errors
    assert not output.exists()


def test_the_strength_is_raised_and_told(photo, tmp_path, capsys):
    """At .002 no pixel changes; at .002 x 1.25 the dark ones do, by one level."""
    code, printed, _ = command(capsys, "encode", photo, tmp_path / "stamped.png", "--message", "Hello", "--strength", "0.002")
    assert code == 0 and "strength 0.0" in printed and "strength 0.002," not in printed


def test_what_is_asked_to_survive_is_tried(photo, tmp_path, capsys):
    words = ("encode", photo, tmp_path / "stamped.png", "--message", "Hello", "--verify", "jpeg10", "--margin", "5")
    code, printed, _ = command(capsys, *words)
    assert (code, printed.endswith("0 of 100 bits wrong after jpeg10, 5 correctable\n")) == (0, True)


@pytest.mark.parametrize(
    ("text", "reason"),
    [("12345678", "is 8 bytes in UTF-8; at most 7 fit"), ("✓✓✓", "is 9 bytes"), ("a\nb", "control characters"), ("", "is empty")],
)
def test_texts_that_do_not_fit_are_refused_before_anything_is_written(photo, tmp_path, capsys, text, reason):
    output = tmp_path / "stamped.png"
    code, printed, errors = command(capsys, "encode", photo, output, "--message", text)
    assert (code, printed, errors.count("\n")) == (2, "", 1)
    assert reason in errors
    assert not output.exists()


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("--verify", "avif"), "unknown check 'avif'"),
        (("--format", "text9"), "unknown format 'text9'"),
        (("--quality", "0"), "quality is 1 to 100, not 0"),
        (("--margin", "9"), "margin is 0 to 5"),
    ],
)
def test_bad_options_are_one_line(photo, tmp_path, capsys, words, reason):
    code, printed, errors = command(capsys, "encode", photo, tmp_path / "stamped.jpg", "--message", "a", *words)
    assert (code, printed, errors.count("\n"), reason in errors) == (2, "", 1, True)


def test_an_output_is_replaced_only_on_demand(photo, tmp_path, capsys):
    output = tmp_path / "stamped.png"
    assert command(capsys, "encode", photo, output, "--message", "one")[0] == 0
    assert command(capsys, "encode", photo, output, "--message", "two")[0] == 2
    assert command(capsys, "decode", output)[1] == "one\n"
    assert command(capsys, "encode", photo, output, "--message", "two", "--overwrite")[0] == 0
    assert command(capsys, "decode", output)[1] == "two\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["photo.png", "stamped.png"]


def test_a_damaged_image_is_one_line(photo, tmp_path, capsys):
    photo.write_bytes(photo.read_bytes()[:60])
    for words in (("decode", photo), ("encode", photo, tmp_path / "stamped.png", "--message", "Hello")):
        code, printed, errors = command(capsys, *words)
        assert (code, printed, errors.count("\n")) == (2, "", 1)
        assert f"{photo} " in errors


@pytest.fixture
def album(tmp_path):
    """Three photos, one of them in a folder, a moving picture and a file that is none."""
    folder = tmp_path / "album"
    grey_photo(folder / "a.png")
    grey_photo(folder / "b.jpg")
    grey_photo(folder / "more" / "c.webp")
    (folder / "broken.png").write_bytes(b"nothing")
    (folder / "notes.txt").write_text("not an image")
    return folder


def test_a_folder_goes_into_a_folder_and_a_bad_file_stops_nothing(album, tmp_path, capsys):
    output = tmp_path / "stamped"
    code, printed, errors = command(capsys, "encode", album, output, "--message", "Hello")
    assert code == 2
    assert errors == (
        f"{album / 'broken.png'}: {album / 'broken.png'} is no readable image\n1 of 4 files failed\n"
        f"1 file left out, by their names no pictures: {album / 'notes.txt'}\n"
    )
    written = sorted(str(path.relative_to(output)) for path in output.rglob("*") if path.is_file())
    assert written == ["a.png", "b.jpg", "more/c.webp"]
    assert printed.count("\n") == 3
    code, printed, errors = command(capsys, "decode", output)
    assert (code, printed) == (0, "".join(f"{output / name}: Hello\n" for name in written))
    # Once more: nothing is replaced.
    code, _, errors = command(capsys, "encode", album, output, "--message", "again")
    assert (code, errors.count("exists; --overwrite replaces it"), errors.splitlines()[-2]) == (2, 3, "4 of 4 files failed")


def test_a_pattern_takes_what_it_matches(album, tmp_path, capsys):
    output = tmp_path / "stamped"
    Image.fromarray(np.full((80, 80), 128, np.uint8)).save(album / "still.gif")
    code, _, errors = command(capsys, "encode", album / "[abs]*.*g*", output, "--message", "Hello")
    assert sorted(path.name for path in output.iterdir()) == ["a.png", "b.jpg", "still.png"]
    assert (code, "1 of 4 files failed" in errors) == (2, True)
    assert command(capsys, "decode", output / "*.png")[0] == 0
    assert command(capsys, "decode", album / "*.nothing") == (2, "", f"stegastamp decode: no image matches {album / '*.nothing'}\n")


def test_two_images_never_share_an_output(tmp_path, capsys):
    """Refused before anything is written."""
    (tmp_path / "in").mkdir()
    for suffix in ("gif", "jp2", "png"):
        Image.fromarray(np.full((80, 80), 128, np.uint8)).save(tmp_path / "in" / f"a.{suffix}")
    for source in (tmp_path / "in", tmp_path / "in" / "a.*"):
        code, printed, errors = command(capsys, "encode", source, tmp_path / "out", "--message", "Hello", "--overwrite")
        assert (code, printed) == (2, "") and errors.endswith(f"would both become {tmp_path / 'out' / 'a.png'}; rename one of them\n")
    assert not (tmp_path / "out").exists()


def test_every_kind_that_opens_is_taken_from_a_folder_and_every_other_file_is_named(tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    folder, output = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    image = Image.fromarray(np.full((160, 240, 3), 128, np.uint8))
    for name, kind in {"a.jpg": "JPEG", "b.avif": "AVIF", "c.gif": "GIF", "d.jp2": "JPEG2000", "e.jfif": "JPEG", "f.ppm": "PPM"}.items():
        image.save(folder / name, kind)
    (folder / "IMG_1.HEIC").write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic")
    (folder / "film.mov").write_bytes(b"nothing")
    (folder / ".hidden").write_bytes(b"nothing")
    code, printed, errors = command(capsys, "encode", folder, output, "--message", "Hi")
    assert (code, printed.count("\n")) == (2, 6)
    assert sorted(path.name for path in output.iterdir()) == ["a.jpg", "b.avif", "c.png", "d.png", "e.png", "f.png"]
    assert "IMG_1.HEIC is HEIF, as phones write it; to read it: pip install pillow-heif" in errors and "1 of 7 files failed\n" in errors
    assert errors.endswith(f"1 file left out, by their names no pictures: {folder / 'film.mov'}\n")
    code, printed, errors = command(capsys, "decode", output)
    assert (code, printed.count(": Hi\n")) == (0, 6)
    # A pattern likewise.
    assert command(capsys, "encode", folder / "*[gv]*", tmp_path / "more", "--message", "Hi")[0] == 2
    assert command(capsys, "decode", output / "*", folder / "*.m*")[0] == 2


def test_standard_input_and_output(photo, tmp_path, capsysbinary, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(photo.read_bytes())))
    assert main(["encode", "-", "-", "--message", "Hi"]) == 0
    printed, errors = capsysbinary.readouterr()
    assert errors.startswith(b"-: 240x160, text7,") and printed.startswith(b"\x89PNG")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(printed)))
    assert (main(["decode", "-"]), capsysbinary.readouterr().out) == (0, b"Hi\n")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"nothing")))
    assert (main(["decode", "-"]), capsysbinary.readouterr()) == (2, (b"", b"standard input is no readable image\n"))


def sticker(path, seen):
    """A picture of which a part is seen, on the left; what is behind the rest would carry a mark well."""
    pixels = np.full((160, 240, 4), 128, np.uint8)
    pixels[..., 3] = 0
    pixels[:, : round(240 * seen), 3] = 255
    Image.fromarray(pixels).save(path)
    return path


def test_what_nobody_sees_holds_no_message(tmp_path, capsys):
    output = tmp_path / "out.png"
    code, printed, errors = command(capsys, "encode", sticker(tmp_path / "in.png", 0), output, "--message", "Hi")
    assert (code, printed, errors.count("\n"), "all of it is transparent" in errors) == (2, "", 1, True)
    code, printed, errors = command(capsys, "encode", sticker(tmp_path / "in.png", 0.3), output, "--message", "Hi")
    assert (code, printed, errors.count("\n"), "30% of the picture is seen" in errors) == (2, "", 1, True)
    assert not output.exists()


def test_the_mark_is_read_on_white_and_on_black(tmp_path, capsys):
    image, output = sticker(tmp_path / "in.png", 1), tmp_path / "out.png"
    pixels = np.array(Image.open(image))
    pixels[:8, :, 3] = 180
    pixels[:, 232:, 3] = 0
    Image.fromarray(pixels).save(image)
    assert command(capsys, "encode", image, output, "--message", "Hi")[0] == 0
    stamped = np.array(Image.open(output))
    assert np.array_equal(stamped[:, 232:], pixels[:, 232:])  # What is not seen stays.
    for level in (0, 255):
        Image.alpha_composite(Image.new("RGBA", (240, 160), (level, level, level, 255)), Image.fromarray(stamped)).save(tmp_path / "on.png")
        assert command(capsys, "decode", tmp_path / "on.png")[:2] == (0, "Hi\n")
    # What is under full transparency says nothing.
    stamped[..., 3] = 0
    Image.fromarray(stamped).save(output)
    assert command(capsys, "decode", output)[0] == 1


def test_workers_do_what_one_process_does(tmp_path, monkeypatch, capsys):
    """Here, the workers are this process; what they get is what goes through fleet.run."""
    (tmp_path / "in").mkdir()
    for name in ("a.png", "b.png", "c.png"):
        grey_photo(tmp_path / "in" / name)
    (tmp_path / "in" / "b.png").write_bytes(b"no image")
    asked = []

    def run(function, tasks, *, workers, cluster):
        asked.append((function.__name__, workers, cluster))
        yield from reversed([(index, function(task)) for index, task in enumerate(tasks)])

    outcomes = []
    for target, flags in (("one", []), ("many", ["--workers", "3"])):
        if flags:
            monkeypatch.setattr(fleet, "run", run)
        encoded = command(capsys, "encode", tmp_path / "in", tmp_path / target, "--message", "Hello", *flags)
        decoded = command(capsys, "decode", tmp_path / target, tmp_path / "in" / "b.png", "--json", *flags)
        outcomes.append([text.replace(f"/{target}/", "/") for text in map(str, (*map(sorted_lines, encoded), *decoded))])
    assert outcomes[0] == outcomes[1] and asked == [("_line_of_worker", 3, ""), ("_read_by_worker", 3, "")]
    for name in ("a.png", "c.png"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "many" / name).read_bytes()


def sorted_lines(text):
    return sorted(text.splitlines()) if isinstance(text, str) else text


def test_a_moving_picture_does_not_become_a_still_one(tmp_path, capsys):
    frames = [Image.fromarray(np.full((80, 80), level, np.uint8)) for level in (10, 200)]
    frames[0].save(tmp_path / "moving.gif", save_all=True, append_images=frames[1:])
    code, printed, errors = command(capsys, "encode", tmp_path / "moving.gif", tmp_path / "a.png", "--message", "Hello")
    assert (code, printed, "a.png must end in .mp4" in errors) == (2, "", True)


def test_folders_and_files_are_not_mixed_up(album, photo, tmp_path, capsys):
    assert command(capsys, "encode", photo, album, "--message", "a")[2].endswith(
        f"is a folder, and {photo} a file; name the file to write\n"
    )
    assert command(capsys, "encode", album, photo, "--message", "a")[2].endswith("is a file; many images need a folder\n")
    assert "must end in .png" in command(capsys, "encode", photo, tmp_path / "a.gif", "--message", "a")[2]
    assert command(capsys, "decode")[0] == 2


def test_many_answers_have_one_exit_code(album, photo, tmp_path, capsys):
    """Found in one: 0. In none: 1. A file that cannot be read: 2, and the others are read all the same."""
    stamped = tmp_path / "stamped.png"
    command(capsys, "encode", photo, stamped, "--message", "Hello")
    assert command(capsys, "decode", photo, stamped)[0] == 0
    assert command(capsys, "decode", photo, album / "a.png")[0] == 1
    code, printed, errors = command(capsys, "decode", tmp_path / "nowhere.png", stamped)
    assert (code, printed) == (2, f"{stamped}: Hello\n")
    assert "nowhere.png does not exist" in errors


def test_camera_orientation_and_profile_travel_along(tmp_path, capsys):
    tags = Image.Exif()
    tags[0x010F], tags[0x0112] = "maker", 6
    Image.new("RGB", (240, 160), (128, 128, 128)).save(tmp_path / "photo.jpg", exif=tags)
    assert command(capsys, "encode", tmp_path / "photo.jpg", tmp_path / "out.jpg", "--message", "up")[0] == 0
    with Image.open(tmp_path / "out.jpg") as written:
        assert written.size == (160, 240)
        assert dict(written.getexif()) == {0x010F: "maker"}
    assert command(capsys, "decode", tmp_path / "out.jpg")[1] == "up\n"


@pytest.mark.parametrize("mode", ["L", "RGBA", "I;16"])
def test_kinds_of_pictures_stay_what_they_are(tmp_path, capsys, mode):
    pixels = {"L": np.full((160, 240), 128, np.uint8), "RGBA": np.uint8(np.full((160, 240, 4), (128, 128, 128, 230)))}
    Image.fromarray(pixels.get(mode, np.full((160, 240), 32_000, np.uint16))).save(tmp_path / "in.png")
    assert command(capsys, "encode", tmp_path / "in.png", tmp_path / "out.png", "--message", "same")[0] == 0
    with Image.open(tmp_path / "out.png") as written:
        assert written.mode == mode
    assert command(capsys, "decode", tmp_path / "out.png")[1] == "same\n"
