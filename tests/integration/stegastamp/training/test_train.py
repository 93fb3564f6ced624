"""Trainings through the command line, in this process."""

import json
import shutil

import cv2
import pytest

from longrun import StepFunction, read_metrics
from longrun.config import changed
from stegastamp.__main__ import main
from stegastamp.network import stamp
from stegastamp.training import health, train
from tests.fixtures.attempts import come_again, has_data_of_its_own
from tests.fixtures.stegastamp import LAST
from tests.slow.stegastamp.kill_soak import digest


def untimed(run_folder):
    return [
        {name: value for name, value in line.items() if name != "steps_per_second"} for line in read_metrics(run_folder / "metrics.jsonl")
    ]


def test_json_is_one_object_and_nothing_else(trained):
    folder, printed = trained
    assert printed.count("\n") == 1
    found = json.loads(printed)
    assert found == json.loads((folder / "result.json").read_text())
    assert (found["project"], found["preset"], found["step"]) == ("stegastamp", "tiny", LAST)


def test_a_run_folder_has_everything(trained):
    folder, _ = trained
    for name in ("config.json", "versions.json", "commands.txt", "metrics.jsonl", "REPORT.md", "curves.png", "stamps.png", "result.json"):
        assert (folder / name).stat().st_size > 0, name
    assert {"encoder.keras", "decoder.keras", "manifest.json"} == {path.name for path in (folder / "export").iterdir()}
    report = (folder / "REPORT.md").read_text()
    assert report.startswith("# stegastamp tiny\n") and "| bit_accuracy_jpeg75 |" in report
    assert "![curves](curves.png)" in report and "(stamps.png)" in report
    lines = read_metrics(folder / "metrics.jsonl")
    assert [line["step"] for line in lines] == list(range(5, LAST + 1, 5))
    assert ["held_out_png" in line for line in lines] == [line["step"] % 20 == 0 for line in lines]
    assert {"bit_accuracy", "learning_rate", "level_jpeg", "information"} <= set(lines[0])


class Killed(BaseException):
    """As good as SIGKILL: nothing catches it, nothing is saved on the way out."""


def test_killed_and_gone_on_with_it_ends_as_if_nothing_had_been(trained, training, photos_folder, tmp_path, monkeypatch):
    """Between two lines and two saves, in the middle of the closed loop's observations; then with the photos in another place."""
    run, calls = tmp_path / "run", iter(range(LAST))
    with monkeypatch.context() as patch:
        original = StepFunction.__call__

        def step(self, *arguments):
            if next(calls) == 23:
                raise Killed
            return original(self, *arguments)

        patch.setattr(StepFunction, "__call__", step)
        with pytest.raises(Killed):
            main([*training, "--run", str(run)])
    assert stamp.load(run).step == 20
    elsewhere = shutil.copytree(photos_folder, tmp_path / "elsewhere")
    monkeypatch.setattr(train, "conclude", lambda *_: {})  # What comes after the last step comes from what is compared here.
    assert main([*training, "--run", str(run), "--images", str(elsewhere)]) == 0
    assert digest(run) == digest(trained[0])
    assert untimed(run) == untimed(trained[0])


def test_the_digest_sees_a_difference(trained, tmp_path):
    """What the test above compares by is not blind: the checkpoint before the last one has another."""
    folder = shutil.copytree(trained[0], tmp_path / "run")
    pointer = folder / "checkpoints" / "last" / "checkpoint"
    pointer.write_text(f'model_checkpoint_path: "ckpt-{LAST - 5}"\n')
    assert digest(folder)[0] == LAST - 5
    assert digest(folder)[1] != digest(trained[0])[1]


def test_what_is_not_that_run_is_refused_by_name_and_left_alone(trained, training, photos_folder, tmp_path, capsys):
    """Other bits, and other pixels in a photo of the same name."""
    folder = shutil.copytree(trained[0], tmp_path / "run")
    before = contents(folder)
    assert "bits was 8, is 16" in refused(capsys, *training, "--run", folder, "--bits", "16")
    images = shutil.copytree(photos_folder, tmp_path / "images")
    for name in ("3.png", "4.png"):  # One of them at least is not held out.
        assert cv2.imwrite(str(images / name), 255 - cv2.imread(str(images / name)))
    line = refused(capsys, *training, "--run", folder, "--images", images)
    assert "does not fit: photos was '" in line and "(another --run keeps it, --fresh moves it aside)" in line
    assert contents(folder) == before


def contents(folder):
    return {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file() and path.name != ".lock"}


def test_a_collapse_is_stopped_and_named(small, flags, tmp_path, capsys):
    """collapse-demo in small: the image loss at full weight from step 0."""
    config = changed(
        small, head="additive", regime="paper", decoder_initializer="glorot_uniform", colour_augmentation=False,
        eight_bit=False, average_decay=0.0, learning_rate=1e-2, image_weight=2.0, chroma_scale=100.0, guard_after=30, steps=200,
    )  # fmt: skip
    assert main(["train", "tiny", "--run", str(tmp_path), *flags(config)]) == 3
    errors = capsys.readouterr().err
    cause = "residual collapsed because the image loss outweighs the message before the message is carried"
    assert errors.startswith("stopped by a health guard:\n| guard | step |")
    assert "| residual collapse | 30 | residual_rms | " in errors and cause in errors
    assert cause in (tmp_path / "REPORT.md").read_text()
    assert not (tmp_path / "result.json").exists()
    # The last checkpoint is of before the guard began to count, although one was due at every line.
    lines = {line["step"]: line for line in read_metrics(tmp_path / "metrics.jsonl")}
    collapsed = [step for step, line in lines.items() if line["residual_rms"] < health.COLLAPSED]
    assert 25 in collapsed and stamp.load(tmp_path).step == collapsed[0] - 5
    assert lines[30]["message_loss"] == pytest.approx(0.693, abs=0.02) and lines[30]["residual_rms"] < 2 / 255


def test_constant_labels_are_reported_as_their_entropy(small, flags, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(train, "conclude", lambda *_: {})
    config = changed(
        small, head="additive", regime="curriculum", curriculum=(60, 65), constant_steps=60, learning_rate=3e-2, steps=75,
        guard_after=5, on_unhealthy="warn",
    )  # fmt: skip
    assert main(["train", "log-curriculum", "--run", str(tmp_path), *flags(config)]) == 0
    output = capsys.readouterr().out
    assert "labels are the constant 0.2" in output and "is at the floor: loss = entropy of the labels 0.5004" in output
    assert "at the floor: loss = entropy of the labels" in (tmp_path / "REPORT.md").read_text()
    lines = read_metrics(tmp_path / "metrics.jsonl")
    constant = [line for line in lines if line["step"] <= 60]
    assert constant[-1]["message_loss"] == pytest.approx(0.5004, abs=0.01)
    assert constant[-1]["label_entropy"] == pytest.approx(0.5004, abs=1e-4)
    assert all(line["information"] < 0.001 for line in constant)
    # Every bit of a constant is right, and says nothing: that accuracy is nowhere, in the lines, on the screen or in the report.
    assert [(line["bit_accuracy_floor"], "bit_accuracy" in line) for line in lines] == [(1.0, False)] * 12 + [(0.5, False)] + [
        (0.5, True)
    ] * 2
    shown = [row.split() for row in output.splitlines() if row.startswith("step ")]
    assert ["bit_accuracy" in row for row in shown] == [False] * 13 + [True] * 2
    header, _, *rows = progress(tmp_path)
    column = header.index("bit_accuracy")
    assert [row[column] for row in rows[:13]] == [""] * 13 and all(0.2 < float(row[column]) < 0.8 for row in rows[13:])


def progress(folder):
    """The rows of REPORT.md's table of progress, as lists of cells."""
    text = (folder / "REPORT.md").read_text().split("## Progress")[1].split("## Configuration")[0]
    return [[cell.strip() for cell in row.split("|")[1:-1]] for row in text.strip().splitlines()]


def refused(capsys, *words):
    """The one line on stderr with which a command line ends in exit code 2."""
    assert main([str(word) for word in words]) == 2
    output, errors = capsys.readouterr()
    assert errors.count("\n") == 1 and errors.startswith("stegastamp "), errors
    assert output == ""
    return errors


def test_bad_folders_are_one_line(capsys, tmp_path):
    assert "image folder /nowhere does not exist" in refused(capsys, "train", "tiny", "--images", "/nowhere")
    assert "holds no image (.jpg" in refused(capsys, "train", "tiny", "--images", tmp_path)
    assert "image folder /nowhere does not exist" in refused(capsys, "train", "tiny", "--held-out", "/nowhere")


def test_unusable_images_are_one_line_each_way(capsys, tmp_path, photos_folder):
    (tmp_path / "notes.png").write_text("no picture")
    whole = (photos_folder / "0.png").read_bytes()
    (tmp_path / "cut.png").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "small.png").write_bytes(whole)
    error = refused(capsys, "train", "tiny", "--images", tmp_path, "--size", "128")
    assert error.startswith(f"stegastamp train: none of the 3 images in {tmp_path} can be used: cut.png (cannot be read: ")
    assert "notes.png (is no readable image); small.png (96x80 is smaller than the crop of 128)" in error


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["train", "tinny"], "unknown preset 'tinny' (did you mean tiny?)"),
        (["train", "tiny", "--stepz", "3"], "unknown flag --stepz (did you mean --steps?)"),
        (["trian"], "unknown command 'trian' (did you mean train?)"),
        (["train", "tiny", "--size", "60"], "size must be a multiple of 16"),
        (["train", "tiny", "--head", "heavy"], "head is one of normalised, additive, not 'heavy'"),
        (["train", "tiny", "--steps", "many"], "--steps"),
        (["train", "log-8bit", "--curriculum", "9", "5"], "the ends of the constant and of the gradual phase, not 9 5"),
        (["train", "tiny", "--devices", "multi_worker"], "needs the environment variable TF_CONFIG"),
        (["train", "tiny", "--precision", "int8"], "precision is one of float32, mixed_bfloat16, not 'int8'"),
        (["train", "tiny", "--start-from", "/nowhere"], "checkpoint /nowhere does not exist"),
        (["evaluate", "/nowhere"], "checkpoint /nowhere does not exist"),
        (["decode", "/nowhere.png", "--checkpoint", "/nowhere"], "checkpoint /nowhere does not exist"),
        (["bench", "tinny"], "unknown preset 'tinny' (did you mean tiny?)"),
        (["seeds", "tinny", "2"], "unknown preset 'tinny' (did you mean tiny?)"),
        (["release", "/nowhere", "released"], "/nowhere is no finished run"),
    ],
)
def test_bad_words_are_one_line(capsys, tmp_path, words, line):
    assert line in refused(capsys, *words, *(["--run", tmp_path / "run"] if words[0] == "train" else []))


def test_messages_that_do_not_fit_are_one_line(trained, photos_folder, tmp_path, capsys):
    """The message is looked at for the bits of the checkpoint, so a model of 8 bits refuses any text."""
    image, output = photos_folder / "0.png", tmp_path / "stamped.png"
    words = ("encode", image, output, "--checkpoint", trained[0])
    assert "8 bits carry raw bits only, no message" in refused(capsys, *words, "--message", "Hello")
    assert not output.exists()
    assert "must end in .png" in refused(capsys, "encode", image, tmp_path / "stamped.gif", "--message", "Hello")


def test_another_attempt_has_data_of_its_own(training, tmp_path, monkeypatch):
    assert has_data_of_its_own(train, monkeypatch, lambda: main([*training, "--run", str(tmp_path / "run")]))


def test_data_that_come_again_are_named_and_stopped(training, tmp_path, monkeypatch, capsys):
    come_again(train, monkeypatch)
    assert main([*training, "--run", str(tmp_path / "run")]) == 3
    printed = capsys.readouterr().err
    assert "| data repeated | 5 |" in printed and "every batch is that of 2 steps before, to the last bit" in printed


def test_a_schedule_that_never_reaches_the_step_is_named_and_stopped(small, flags, tmp_path, monkeypatch, capsys):
    """The weight of the image loss rises from line to line, and the step goes on with that of the first."""
    original = StepFunction.__call__

    def step(self, batch, scalars):
        return original(self, batch, dict(scalars) | {"image_weight": 0.25})

    monkeypatch.setattr(StepFunction, "__call__", step)
    config = changed(
        small, head="additive", regime="paper", colour_augmentation=False, eight_bit=False, average_decay=0.0, image_weight=2.0,
        message_only_steps=0, image_ramp=200, guard_after=1000, steps=60,
    )  # fmt: skip
    assert main(["train", "tiny", "--run", str(tmp_path), *flags(config)]) == 3
    printed = capsys.readouterr().err
    assert "| schedule frozen | 20 | used_image_weight | 0.25 |" in printed and "its trace froze it" in printed
