import json

import cv2
import numpy as np
import pytest

import test_inference
from longrun import UserError
from longrun.config import changed
from stegastamp.__main__ import main
from stegastamp.measure import camera, judge
from stegastamp.measure.attacks import ATTACKS, NATIVE_ATTACKS
from stegastamp.network import stamp
from tests.fixtures.stegastamp import LAST


def test_the_inference_script_prints_one_object(trained, capsys):
    folder, printed = trained
    assert test_inference.main([str(folder), "--json"]) == 0
    output, errors = capsys.readouterr()
    assert (output.count("\n"), errors) == (1, "")
    found = json.loads(output)
    assert {"project", "preset", "step", "metrics", "floors", "skill", "counts", "n"} <= set(found)
    assert (found["project"], found["preset"], found["step"]) == ("stegastamp", "tiny", LAST)
    assert {f"bit_accuracy_{name}" for name in ATTACKS} < set(found["metrics"])
    assert all(0 <= found["metrics"][name] <= 1 for name in found["floors"])
    assert all(count == 120 * 8 for count in found["counts"].values()) and found["n"] == 120
    # The run's own result is of fewer cases, and otherwise of the same form.
    assert {name: set(value) for name, value in json.loads(printed).items() if isinstance(value, dict)} == {
        name: set(value) for name, value in found.items() if isinstance(value, dict)
    }


def test_the_table_says_what_the_score_is_worth(trained, capsys):
    folder, _ = trained
    outcome = judge.judge(str(folder), count=20)
    printed = capsys.readouterr().out
    assert "20 crops of 1 held-out photos" in printed
    assert f"| bit_accuracy_png | {outcome['metrics']['bit_accuracy_png']:.4f} | 0.5000 |" in printed
    assert printed.rstrip().endswith(("the message is carried", "no message is carried: this is guessing"))
    low, _ = outcome["intervals"]["bit_accuracy_png"]
    assert ("the message is carried" in printed) == (low > 0.5)


def test_other_photos_may_be_given_and_are_not_called_held_out(trained, tmp_path, capsys):
    for index in range(2):
        picture = np.random.default_rng(index).integers(0, 256, (50, 50, 3), dtype=np.uint8)
        assert cv2.imwrite(str(tmp_path / f"other-{index}.png"), picture)
    outcome = judge.judge(str(trained[0]), images=str(tmp_path), count=20)
    printed = capsys.readouterr().out
    assert f"20 crops of 2 photos of {tmp_path} (other-0.png, other-1.png)" in printed and "held-out" not in printed
    assert outcome["counts"]["bit_accuracy_png"] == 20 * 8


def test_the_run_s_own_held_out_folder_is_called_so(trained, photos_folder, monkeypatch, capsys):
    stamper = stamp.load(str(trained[0]))
    stamper.config = changed(stamper.config, held_out=str(photos_folder))
    monkeypatch.setattr(stamp, "load", lambda checkpoint, *_: stamper)
    judge.judge(str(trained[0]), images=str(photos_folder), count=20)
    assert "20 crops of 12 held-out photos (0.png, 1.png, 10.png, ...)" in capsys.readouterr().out


def test_too_few_cases_are_refused(trained):
    with pytest.raises(UserError, match="at least 20 cases, not 19"):
        judge.judge(str(trained[0]), count=19)


def test_the_command_writes_a_report_of_raw_bits(trained, photos_folder, tmp_path, monkeypatch, capsys):
    """Eight bits have no room for a code: bit accuracy is all there is."""
    monkeypatch.setattr(camera, "RASTER", 100)
    monkeypatch.setattr(camera, "PHOTO_SIDE", (60, 90))
    images = tmp_path / "images"
    images.mkdir()
    for name in ("0.png", "1.png"):
        (images / name).write_bytes((photos_folder / name).read_bytes())
    words = ["--images", str(images), "--messages", "1", "--report", str(tmp_path / "out.html"), "--json"]
    assert main(["evaluate", str(trained[0]), *words]) == 0
    found = json.loads(capsys.readouterr().out)
    assert {f"bit_accuracy_{name}" for name in (*NATIVE_ATTACKS, "unmarked")} == set(found["floors"])
    assert json.loads((tmp_path / "out.json").read_text())["metrics"] == found["metrics"]
    assert "measured in" in (tmp_path / "out.html").read_text()


def test_a_report_without_photos_is_one_line(trained, capsys):
    assert main(["evaluate", str(trained[0]), "--report", "out.html"]) == 2
    assert capsys.readouterr().err == "stegastamp evaluate: --report needs --images FOLDER: photos at their own resolution\n"
