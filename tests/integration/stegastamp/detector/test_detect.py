import json

import cv2
import numpy as np
import pytest
from PIL import Image

from stegastamp.__main__ import main
from stegastamp.detector.finding import geometry, search
from stegastamp.detector.finding.search import Detector
from stegastamp.detector.measure import judge, pictures
from stegastamp.films.upright import matrix_of, shown
from stegastamp.message.formats import formats_for
from stegastamp.message.key import key_of
from stegastamp.network import stamp
from stegastamp.pictures.photos import read_image
from tests.fixtures.detector import Bright
from tests.fixtures.films import frames_of, sound_of, times_of, write_film

TURNED = (-(1 << 16), 0, 0, 0, -(1 << 16), 0, 0, 0, 1 << 30)
"""The display matrix of a film that stands on its head."""
QUADS = {"left": [[60, 60], [260, 80], [250, 280], [70, 270]], "right": [[340, 80], [560, 60], [570, 300], [330, 280]]}

TEXT = formats_for(100)[0]


@pytest.fixture(autouse=True)
def loaded(monkeypatch, spread, bright):
    monkeypatch.setattr(stamp, "load", lambda checkpoint, *_: spread)
    monkeypatch.setattr(search, "load", lambda checkpoint, *_: bright)


def frame(spread, grey, *texts):
    """A dark table with pictures on it, one for each text; an empty one has no stamp."""
    table = np.full((360, 640, 3), 20, np.uint8)
    for text, quad in zip(texts, QUADS.values(), strict=False):
        picture = spread.stamp_image(grey, TEXT.encode(text).astype(np.float32)) if text else grey
        matrix = geometry.resampling(geometry.square(len(picture)), np.float32(quad))
        cv2.warpPerspective(picture, matrix, (640, 360), dst=table, borderMode=cv2.BORDER_TRANSPARENT)
    return table


@pytest.fixture
def photo(tmp_path, spread, grey):
    def write(*texts):
        path = tmp_path / "photo.png"
        assert cv2.imwrite(str(path), frame(spread, grey, *texts))
        return path

    return write


def command(capsys, *words):
    code = main([str(word) for word in words])
    return code, *capsys.readouterr()


def test_several_stamps_are_found_and_read(photo, capsys):
    code, printed, errors = command(capsys, "detect", photo("left", "right"), "--json")
    assert (code, errors) == (0, "")
    found = json.loads(printed)
    assert found["found"] is True and found["candidates"] == 2
    assert sorted(each["text"] for each in found["stamps"]) == ["left", "right"]
    for each in found["stamps"]:
        assert np.abs(np.array(each["corners"]) - QUADS[each["text"]]).max() < 8
        assert 0 < each["false_accept_probability"] <= 2e-6 and each["mirrored"] is False


def test_the_words_say_what_the_json_says(photo, capsys):
    code, printed, _ = command(capsys, "detect", photo("left"))
    text, details = printed.splitlines()
    assert (code, text) == (0, "left")
    assert "bits corrected, corners " in details and "false accept probability " in details


def test_a_photo_without_a_stamp_is_exit_code_1(photo, capsys):
    path = photo("")
    assert command(capsys, "detect", path) == (1, "", f"{path}: no stamp\n")
    code, printed, _ = command(capsys, "detect", path, "--json")
    assert (code, json.loads(printed)) == (1, {"found": False, "candidates": 1, "stamps": []})


def test_an_annotated_photo_shows_what_was_found(photo, tmp_path, capsys):
    path, target = photo("left", ""), tmp_path / "deeper" / "out.png"
    assert command(capsys, "detect", path, "--annotated", target)[0] == 0
    drawn, before = read_image(target), read_image(path)
    changed = (drawn != before).any(-1)
    assert drawn.shape == before.shape
    assert changed[55:290, 50:270].any() and changed[50:310, 320:580].any() and not changed[320:].any()
    code, _, errors = command(capsys, "detect", path, "--annotated", target)
    assert code == 2 and "exists; --overwrite replaces it" in errors
    assert command(capsys, "detect", path, "--annotated", target, "--overwrite")[0] == 0


@pytest.fixture
def film(tmp_path, spread, grey):
    frames = [np.roll(frame(spread, grey, "film", ""), 2 * number, axis=1) for number in range(6)]
    return write_film(tmp_path / "film.mp4", frames, sound="aac", times=[0, 40, 80, 200, 210, 250], matrix=TURNED)


def test_a_film_is_read_and_annotated_with_its_sound_times_and_rotation(film, tmp_path, capsys):
    target = tmp_path / "deeper" / "out.mov"
    code, printed, errors = command(capsys, "detect", film, "--json", "--annotated", target)
    found = json.loads(printed)
    assert (code, errors) == (0, "") and found["frames"] == 6
    (only,) = found["stamps"]
    assert only["text"] == "film" and only["frames"] == 6
    assert times_of(target) == pytest.approx(times_of(film))
    assert sound_of(target) == sound_of(film)
    (before, *_), (after, *_) = frames_of(film), frames_of(target)
    assert matrix_of(after) == matrix_of(before) == TURNED
    changed = np.abs(shown(after).astype(int) - shown(before)).max(-1) > 60
    # It is turned by half: what was on the left is on the right.
    assert changed.shape == (360, 640) and changed[70:310, 360:600].any() and not changed[:40].any()
    code, printed, _ = command(capsys, "detect", film, "--json", "--frames", "2")
    assert json.loads(printed)["frames"] == 2


@pytest.mark.parametrize(("suffix", "count"), [(".mp4", 1), (".mp4", 12), (".gif", 3), (".webp", 2)])
def test_a_film_is_read_as_well_as_its_frames(suffix, count, spread, grey, tmp_path, capsys, monkeypatch):
    """Where the network that finds pictures overlooks one, the lines and contours of a photo find it, and so they do in a film."""
    monkeypatch.setattr(
        Bright, "maps", lambda self, frames: np.zeros((len(frames), frames.shape[1] // 4, frames.shape[2] // 4, 2), np.float32)
    )
    monkeypatch.setattr(Bright, "quads", Detector.quads)
    seen = frame(spread, grey, "still")
    still = tmp_path / "frame.png"
    assert cv2.imwrite(str(still), seen[..., ::-1])
    assert command(capsys, "detect", still)[0] == 0
    path = tmp_path / f"film{suffix}"
    if suffix == ".mp4":
        write_film(path, [seen] * count)
    else:  # Its frames differ a little, or it would be kept as one.
        frames = [np.roll(seen, number % 2, axis=0) for number in range(count)]
        pictures_ = [Image.fromarray(each) for each in frames]
        pictures_[0].save(path, save_all=True, append_images=pictures_[1:], duration=80, lossless=True)
    code, printed, errors = command(capsys, "detect", path)
    assert (code, errors) == (0, "") and printed.splitlines()[0] == "still"


def test_with_a_key_a_film_says_what_was_stamped_with_it(spread, grey, tmp_path, capsys, monkeypatch):
    secret = tmp_path / "key"
    secret.write_bytes(bytes(range(32)))
    monkeypatch.setitem(globals(), "TEXT", formats_for(100, key=key_of(secret))[0])
    path = write_film(tmp_path / "film.mp4", [frame(spread, grey, "us")] * 2)
    code, printed, _ = command(capsys, "detect", path, "--key", secret)
    assert code == 0 and printed.splitlines()[0] == "us"
    assert command(capsys, "detect", path)[0] == 1


def test_a_stamp_that_is_shown_for_a_single_frame_is_read(spread, grey, tmp_path, capsys):
    empty, stamped = frame(spread, grey), frame(spread, grey, "flash")
    path = write_film(tmp_path / "film.mp4", [empty] * 3 + [stamped] + [empty] * 3)
    code, printed, _ = command(capsys, "detect", path, "--json")
    (only,) = json.loads(printed)["stamps"]
    assert code == 0 and only["text"] == "flash"


def test_a_damaged_film_is_read_as_far_as_it_goes(film, spread, grey, tmp_path, capsys):
    noise = np.random.default_rng(0).integers(0, 60, (12, 360, 640, 3), dtype=np.uint8)
    frames = [np.maximum(frame(spread, grey, "film"), each) for each in noise]
    path = write_film(tmp_path / "cut.mp4", frames, options={"movflags": "+faststart"})
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    code, printed, errors = command(capsys, "detect", path, "--json")
    found = json.loads(printed)
    assert code == 0 and [each["text"] for each in found["stamps"]] == ["film"]
    assert errors == f"{found['damage']}\n" == f"{path} is damaged: {found['frames']} frames could be read\n"


def test_a_camera_that_is_not_there_is_one_line(capfd):
    assert main(["detect", "97"]) == 2
    assert capfd.readouterr() == ("", "stegastamp detect: camera 97 cannot be opened\n")


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["/nowhere.png"], "image /nowhere.png does not exist"),
        (["/nowhere.mp4"], "film /nowhere.mp4 does not exist"),
        (["/nowhere.png", "--annotated", "out.gif"], "out.gif must end in .jpg"),
        (["/nowhere.mp4", "--annotated", "out.png"], "out.png must end in .mp4"),
        (["/nowhere.mp4", "--annotated", "out.avi"], "out.avi must end in .mp4"),
        (["/nowhere.png", "--frames", "2"], "--frames is for films, /nowhere.png is none"),
        (["/nowhere.png", "--anotated", "x"], "unknown flag --anotated (did you mean --annotated?)"),
    ],
)
def test_bad_words_are_one_line(capsys, words, line):
    code, printed, errors = command(capsys, "detect", *words)
    assert (code, printed, errors.count("\n")) == (2, "", 1) and line in errors


def test_damaged_files_are_one_line(tmp_path, capsys):
    for name in ("cut.png", "cut.avi"):
        (tmp_path / name).write_bytes(b"no picture at all")
        code, printed, errors = command(capsys, "detect", tmp_path / name)
        assert (code, printed) == (2, "") and "is no readable" in errors.splitlines()[-1]


def test_an_evaluation_prints_scores_beside_their_floors(album_photos, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(judge, "FRAME", (240, 320))
    monkeypatch.setattr(judge, "photos_to_judge", lambda *_: album_photos)
    sheet = tmp_path / "unread.png"
    words = ("evaluate-detector", "anything", "--images", tmp_path, "--count", "10", "--plain", "10")
    code, printed, _ = command(capsys, *words, "--json", "--sheet", sheet)
    outcome = json.loads(printed)
    assert code == 0 and outcome["project"] == "stegastamp-detector"
    for name in ("quad_recall", "read", "read_at_true_corners", "left_alone"):
        assert name in outcome["floors"] and outcome["counts"][name] == 10
    # Pictures are read where their corners are known, and the stand-in for a detector does not find them.
    assert outcome["metrics"]["read_at_true_corners"] > outcome["metrics"]["read"]
    assert outcome["metrics"]["left_alone"] == 1.0 and outcome["metrics"]["false_readings_per_1000"] == 0
    assert sheet.stat().st_size > 0
    code, _, errors = command(capsys, *words[:-1], "3")
    assert code == 2 and "at least 10 frames of either kind, not 3" in errors


def test_a_sheet_has_whole_rows(tmp_path):
    pictures.write_sheet(tmp_path / "deeper" / "sheet.png", [np.zeros((10, 20, 3), np.uint8)] * 4, across=3)
    sheet = read_image(tmp_path / "deeper" / "sheet.png")
    assert sheet.shape == (20, 60, 3) and sheet[10:, 20:].min() == 255 and sheet[:10].max() == 0
    with pytest.raises(OSError, match="cannot write"):
        (tmp_path / "folder.png").mkdir()
        pictures.write(tmp_path / "folder.png", sheet)


def test_the_common_evaluation_knows_a_detector(tmp_path, monkeypatch):
    import test_inference
    from stegastamp import __main__ as commands

    asked = []
    monkeypatch.setattr(commands, "main", lambda arguments: asked.append(arguments) or 0)
    for project in ("stegastamp-detector", "stegastamp"):
        (tmp_path / "manifest.json").write_text(json.dumps({"project": project}))
        assert test_inference.main([str(tmp_path), "--json"]) == 0
    assert asked == [["evaluate-detector", str(tmp_path), "--json"], ["evaluate", str(tmp_path), "--json"]]
    (tmp_path / "manifest.json").write_text(json.dumps({"project": "other-detector"}))
    assert test_inference.main([str(tmp_path)]) == 2
