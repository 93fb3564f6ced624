"""Trainings through the command line: in processes of their own where signals, devices or limits need one, else in this one."""

import fcntl
import json
import random
import resource
import shutil
import signal
import socket
import time
from dataclasses import replace

import pytest

from longrun import read_metrics
from stegastamp.__main__ import main
from stegastamp.measure import evaluate
from stegastamp.network import stamp
from stegastamp.training import health
from tests.fixtures.endings import endings, happens_at
from tests.slow.stegastamp.kill_soak import digest, wait_for_progress


def untimed(run_folder):
    return [
        {name: value for name, value in line.items() if name != "steps_per_second"} for line in read_metrics(run_folder / "metrics.jsonl")
    ]


def test_json_is_one_object_and_nothing_else(trained):
    folder, done = trained
    assert done.stdout.count("\n") == 1
    found = json.loads(done.stdout)
    assert found == json.loads((folder / "result.json").read_text())
    assert (found["project"], found["preset"], found["step"]) == ("stegastamp", "tiny", 150)
    assert "step 150/150" in done.stderr and "Traceback" not in done.stderr


def test_a_run_folder_has_everything(trained):
    folder, _ = trained
    for name in ("config.json", "versions.json", "commands.txt", "metrics.jsonl", "REPORT.md", "curves.png", "stamps.png", "result.json"):
        assert (folder / name).stat().st_size > 0, name
    assert {"encoder.keras", "decoder.keras", "manifest.json"} == {path.name for path in (folder / "export").iterdir()}
    report = (folder / "REPORT.md").read_text()
    assert "| bit_accuracy_jpeg75 |" in report and "![curves](curves.png)" in report and "stamps.png" in report
    lines = read_metrics(folder / "metrics.jsonl")
    assert [line["step"] for line in lines] == list(range(5, 151, 5))
    assert "held_out_png" in lines[-1] and "held_out_png" not in lines[0]
    assert "--run" in (folder / "commands.txt").read_text()


def test_interrupted_at_random_it_ends_as_if_nothing_had_been(trained, training, start, run, tmp_path):
    """Two SIGKILLs, a SIGTERM and a SIGINT; the last two save first and say so by their exit codes."""
    folder, whole = tmp_path / "killed", trained[0]
    chance = random.Random(1)
    for number, code in ((signal.SIGKILL, -9), (signal.SIGTERM, 143), (signal.SIGKILL, -9), (signal.SIGINT, 130)):
        process = start(*training, "--run", folder)
        for _ in range(chance.randint(1, 3)):
            assert wait_for_progress(process)
        time.sleep(chance.uniform(0, 0.1))
        process.send_signal(number)
        _, errors = process.communicate()
        assert process.returncode == code, errors
        if code > 0:
            step = stamp.load(folder).step
            assert f"stopped by {signal.Signals(number).name} at step {step}; the same command goes on from there" in errors
        assert "Traceback" not in errors
    last = run(*training, "--run", folder)
    assert last.returncode == 0, last.stderr
    assert "going on at step" in last.stdout
    assert digest(folder) == digest(whole)
    assert untimed(folder) == untimed(whole)
    assert json.loads((folder / "result.json").read_text()) == json.loads((whole / "result.json").read_text())


def test_the_digest_sees_a_difference(trained, tmp_path):
    """What the test above compares by is not blind: the checkpoint before the last one has another."""
    folder = tmp_path / "run"
    shutil.copytree(trained[0], folder)
    pointer = folder / "checkpoints" / "last" / "checkpoint"
    pointer.write_text('model_checkpoint_path: "ckpt-145"\n')
    assert digest(folder)[0] == 145
    assert digest(folder)[1] != digest(trained[0])[1]


def sharded(small):
    """What could go wrong on many devices: clipping, averages, a critic, ramps."""
    return replace(
        small, head="additive", regime="paper", critic=True, image_weight=1.0, clip_norm=0.05, average_decay=0.9,
        steps=6, log_every=1, save_every=6, evaluate_every=6,
    )  # fmt: skip


@pytest.fixture(scope="module")
def on_one_device(small, flags, tmp_path_factory):
    folder = tmp_path_factory.mktemp("one") / "run"
    assert main(["train", "tiny", "--run", str(folder), *flags(sharded(small))]) == 0
    return untimed(folder)


def assert_same_losses(lines, expected):
    assert [line["step"] for line in lines] == [1, 2, 3, 4, 5, 6]
    for line, reference in zip(lines, expected, strict=True):
        assert line == pytest.approx(reference, rel=1e-5, abs=1e-5)
    assert expected[0]["gradient_norm"] > 0.05
    assert expected[-1]["loss"] != pytest.approx(expected[0]["loss"], rel=1e-3)


def test_two_devices_give_the_losses_of_one(on_one_device, small, flags, run, tmp_path):
    words = ["-m", "stegastamp", "train", "tiny", "--devices", "mirrored", "--logical-cpus", "2"]
    done = run(*words, "--run", tmp_path / "run", *flags(sharded(small)))
    assert done.returncode == 0, done.stderr
    assert_same_losses(untimed(tmp_path / "run"), on_one_device)


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def test_two_workers_give_the_losses_of_one(on_one_device, small, flags, start, tmp_path):
    cluster = {"worker": [f"127.0.0.1:{port}" for port in free_ports(2)]}
    workers = [
        start(
            *("-m", "stegastamp", "train", "tiny", "--devices", "multi_worker", "--run", tmp_path / "run", *flags(sharded(small))),
            environment={"TF_CONFIG": json.dumps({"cluster": cluster, "task": {"type": "worker", "index": index}})},
        )
        for index in range(2)
    ]
    try:
        for worker in workers:
            _, errors = worker.communicate()
            assert worker.returncode == 0, errors
    finally:
        for worker in workers:  # One that waits for a partner that has failed.
            worker.kill()
    assert_same_losses(untimed(tmp_path / "run"), on_one_device)
    assert_same_losses(untimed(tmp_path / "run" / "worker-1"), on_one_device)


def collapsing(small):
    """collapse-demo in small: the image loss at full weight from step 0."""
    return replace(
        small, head="additive", regime="paper", decoder_initializer="glorot_uniform", colour_augmentation=False, eight_bit=False,
        average_decay=0.0, learning_rate=1e-2, image_weight=2.0, chroma_scale=100.0, guard_after=30, steps=200, save_every=10,
    )  # fmt: skip


@pytest.mark.parametrize(("regime", "best"), [("closed_loop", 20), ("paper", 5)])
def test_the_best_checkpoint_is_one_at_the_strength_in_use(small, flags, tmp_path, monkeypatch, regime, best):
    """A glaring mark is read better than the one in use. The loop lowers the strength at steps 5, 10 and 15, to 0.9."""
    monkeypatch.setattr(evaluate, "quick_scores", lambda stamper, cases, strength: {"held_out_png": strength})
    changes = {"strength": 0.9, "gate": 0.0} if regime == "closed_loop" else {"head": "additive", "distortion_ramp": 300}
    config = replace(small, regime=regime, steps=30, evaluate_every=5, mode="eager", **changes)
    assert main(["train", "tiny", "--run", str(tmp_path), *flags(config)]) == 0
    found = json.loads((tmp_path / "checkpoints" / "best.json").read_text())
    assert (found["step"], found["metric"]) == (best, "held_out_png_at_target")
    counted = [line["step"] for line in read_metrics(tmp_path / "metrics.jsonl") if "held_out_png_at_target" in line]
    assert counted == list(range(best, 31, 5))


@endings
def test_a_report_is_there_whatever_the_end_was(small, flags, tmp_path, monkeypatch, event, code, line):
    """Where it ends without a word, the one of the last evaluation."""
    happens_at(monkeypatch, 7, event)
    config = replace(small, steps=20, evaluate_every=5, mode="eager")
    assert main(["train", "tiny", "--run", str(tmp_path), *flags(config)]) == code
    assert line in (tmp_path / "REPORT.md").read_text()


@pytest.mark.parametrize("mode", ["graph", "eager"])
def test_a_collapse_is_stopped_and_named_with_and_without_tf_function(small, flags, tmp_path, capsys, mode):
    folder = tmp_path / "run"
    assert main(["train", "tiny", "--run", str(folder), *flags(replace(collapsing(small), mode=mode, save_every=5))]) == 3
    errors = capsys.readouterr().err
    cause = "residual collapsed because the image loss outweighs the message before the message is carried"
    assert errors.startswith("stopped by a health guard:\n| guard | step |")
    assert "| residual collapse | 30 | residual_rms | " in errors and cause in errors
    assert cause in (folder / "REPORT.md").read_text()
    assert not (folder / "result.json").exists()
    # The last checkpoint is of before the guard began to count, although one was due at every line.
    lines = {line["step"]: line for line in read_metrics(folder / "metrics.jsonl")}
    collapsed = [step for step, line in lines.items() if line["residual_rms"] < health.COLLAPSED]
    assert 25 in collapsed and stamp.load(folder).step == collapsed[0] - 5
    last = lines[30]
    assert last["message_loss"] == pytest.approx(0.693, abs=0.02) and last["residual_rms"] < 2 / 255


def test_a_collapse_is_rolled_back_twice_then_stopped(small, flags, tmp_path, capsys):
    config = replace(collapsing(small), on_unhealthy="rollback", guard_after=10, save_every=5)
    assert main(["train", "tiny", "--run", str(tmp_path / "run"), *flags(config)]) == 3
    output, errors = capsys.readouterr()
    assert output.count("rolled back to step") == 2
    assert "rolled back to step" in output and "attempt 2" in output
    assert "residual collapsed" in errors


def test_constant_labels_are_reported_as_their_entropy(small, flags, tmp_path, capsys):
    config = replace(
        small, head="additive", regime="curriculum", curriculum=(60, 70), constant_steps=60, learning_rate=3e-2, steps=80,
        guard_after=5, on_unhealthy="warn",
    )  # fmt: skip
    folder = tmp_path / "run"
    assert main(["train", "log-curriculum", "--run", str(folder), *flags(config)]) == 0
    output = capsys.readouterr().out
    assert "labels are the constant 0.2" in output and "is at the floor: loss = entropy of the labels 0.5004" in output
    assert "at the floor: loss = entropy of the labels" in (folder / "REPORT.md").read_text()
    lines = read_metrics(folder / "metrics.jsonl")
    constant = [line for line in lines if line["step"] <= 60]
    assert constant[-1]["message_loss"] == pytest.approx(0.5004, abs=0.01)
    assert constant[-1]["label_entropy"] == pytest.approx(0.5004, abs=1e-4)
    assert all(line["information"] < 0.001 for line in constant)
    # Every bit of a constant is right, and says nothing: that accuracy is nowhere, in the log, on the screen or in the report.
    assert [(line["bit_accuracy_floor"], "bit_accuracy" in line) for line in lines] == [(1.0, False)] * 12 + [(0.5, False)] * 2 + [
        (0.5, True)
    ] * 2
    shown = [row.split() for row in output.splitlines() if row.startswith("step ")]
    assert ["bit_accuracy" in row for row in shown] == [False] * 14 + [True] * 2
    header, _, *rows = progress(folder)
    column = header.index("bit_accuracy")
    assert [row[column] for row in rows[:14]] == [""] * 14 and all(0.2 < float(row[column]) < 0.8 for row in rows[14:])


def progress(folder):
    """The rows of REPORT.md's table of progress, as lists of cells."""
    text = (folder / "REPORT.md").read_text().split("## Progress")[1].split("![curves]")[0]
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
    assert error.startswith(f"stegastamp train: none of the 3 images in {tmp_path} can be used: cut.png (is damaged: ")
    assert "notes.png (is no readable image); small.png (96x80 is smaller than the crop of 128)" in error


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["train", "tinny"], "unknown preset 'tinny' (did you mean tiny?)"),
        (["train", "tiny", "--stepz", "3"], "unknown flag --stepz (did you mean --steps?)"),
        (["trian"], "unknown command 'trian' (did you mean train?)"),
        (["train", "tiny", "--size", "60"], "size must be a multiple of 16"),
        (["train", "tiny", "--secret-scale", "0"], "secret_scale must be at least 1, not 0"),
        (["train", "tiny", "--save-every", "30"], "save_every (30) must be a multiple of log_every (25)"),
        (["train", "tiny", "--save-every", "150"], "evaluate_every (200) and save_every (150) one must be a multiple of the other"),
        (["train", "tiny", "--keep-every", "250"], "keep_every (250) must be a multiple of save_every (100)"),
        (["train", "tiny", "--head", "heavy"], "head is one of normalised, additive, not 'heavy'"),
        (["train", "tiny", "--steps", "many"], "--steps"),
        (["train", "log-8bit", "--constant-steps", "0"], "constant_steps must be at least 1, not 0"),
        (["train", "log-8bit", "--curriculum", "5"], "curriculum is two steps, the ends of the constant and of the gradual phase, not 5"),
        (
            ["train", "log-8bit", "--curriculum", "9", "5"],
            "curriculum is two steps, the ends of the constant and of the gradual phase, not 9 5",
        ),
        (["train", "tiny", "--distortions-first", "--distortion-ramp", "0"], "over distortion_ramp steps, at least 1, not 0"),
        (["train", "paper", "--head", "normalised"], "lowers the strength of the normalised head; the regime paper needs head additive"),
        (["train", "tiny", "--warp-rotation", "5"], "warp_rotation (5.0) changes nothing without warp; leave it at 0.0"),
        (["train", "tiny", "--warp-scale", "0.1"], "warp_scale (0.1) changes nothing without warp"),
        (["train", "tiny", "--warp-shift", "0.1"], "warp_shift (0.1) changes nothing without warp"),
        (["train", "tiny", "--warp-ramp", "5"], "warp_ramp (5) changes nothing in the closed loop; leave it at 10000"),
        (["train", "tiny", "--distortion-steps", "5"], "distortion_steps (5) changes nothing outside the regime paper"),
        (["train", "log-curriculum", "--distortion-steps", "5"], "distortion_steps (5) changes nothing outside the regime paper"),
        (["train", "log-8bit", "--image-ramp", "5"], "image_ramp (5) changes nothing in the curriculum; leave it at 0"),
        (["train", "paper", "--gate", "0.5"], "gate (0.5) changes nothing outside the closed loop; leave it at 0.93"),
        (["train", "paper", "--hold", "0.5"], "hold (0.5) changes nothing outside the closed loop"),
        (["train", "paper", "--final-rate", "0.1"], "final_rate (0.1) changes nothing outside the closed loop"),
        (["train", "paper", "--distortion-level", "1"], "distortion_level (1.0) changes nothing outside the closed loop"),
        (["train", "paper", "--distortions-first"], "distortions_first (True) changes nothing outside the closed loop"),
        (["train", "paper", "--gradual-low", "0.6"], "gradual_low (0.6) changes nothing outside the curriculum"),
        (["train", "tiny", "--devices", "all"], "devices is one of one, mirrored, multi_worker, not 'all'"),
        (["train", "tiny", "--devices", "multi_worker"], "needs the environment variable TF_CONFIG"),
        (["train", "tiny", "--precision", "int8"], "precision is one of float32, mixed_bfloat16, not 'int8'"),
        (["evaluate", "/nowhere"], "checkpoint /nowhere does not exist"),
        (["decode", "/nowhere.png", "--checkpoint", "/nowhere"], "checkpoint /nowhere does not exist"),
        (["bench", "tinny"], "unknown preset 'tinny' (did you mean tiny?)"),
        (["seeds", "tinny", "2"], "unknown preset 'tinny' (did you mean tiny?)"),
        (["release", "/nowhere", "released"], "/nowhere is no finished run"),
    ],
)
def test_bad_words_are_one_line(capsys, words, line):
    assert line in refused(capsys, *words)


def copy_of(trained, tmp_path):
    folder = tmp_path / "run"
    shutil.copytree(trained[0], folder)
    return folder


def contents(folder):
    return {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file() and path.name != ".lock"}


@pytest.mark.parametrize(
    ("words", "difference"),
    [
        (["--bits", "16"], "bits was 8, is 16"),
        (["--encoder-widths", "4", "4", "4", "4", "8"], "encoder_widths was [4, 4, 4, 4, 4], is [4, 4, 4, 4, 8]"),
        (["--seed", "1"], "seed was 0, is 1"),
    ],
)
def test_a_checkpoint_that_does_not_fit_is_refused_and_left_alone(trained, training, tmp_path, capsys, words, difference):
    folder = copy_of(trained, tmp_path)
    before = contents(folder)
    # Of two flags of a name the later one counts.
    error = refused(capsys, *training[2:], "--run", folder, *words)
    assert "does not fit" in error and difference in error
    assert contents(folder) == before


def test_a_run_of_another_project_is_refused_and_left_alone(trained, training, tmp_path, capsys):
    folder = copy_of(trained, tmp_path)
    for name in ("config.json", "checkpoints/manifest.json"):
        path = folder / name
        path.write_text(path.read_text().replace('"project": "stegastamp"', '"project": "collatz"'))
    before = contents(folder)
    assert "project was 'collatz', is 'stegastamp'" in refused(capsys, *training[2:], "--run", folder)
    assert contents(folder) == before
    assert "is a checkpoint of collatz, not of stegastamp" in refused(capsys, "evaluate", folder)


def test_two_trainings_in_one_folder_are_refused(trained, training, tmp_path, capsys):
    folder = copy_of(trained, tmp_path)
    with open(folder / ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert "another process is training in" in refused(capsys, *training[2:], "--run", folder)


def test_a_full_disk_leaves_the_checkpoint_before(trained, training, run, tmp_path):
    folder = copy_of(trained, tmp_path)
    size = max(path.stat().st_size for path in (folder / "checkpoints" / "last").iterdir())
    assert max(path.stat().st_size for path in folder.glob("*.json*")) < 0.9 * size
    limit = int(0.9 * size)
    done = run(
        *training, "--run", folder, "--steps", "160",
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )  # fmt: skip
    assert done.returncode == 2, done.stderr
    assert done.stderr.count("\n") == 1 and done.stderr.startswith("stegastamp train: cannot save a checkpoint in "), done.stderr
    assert stamp.load(folder).step == 150
    assert digest(folder) == digest(trained[0])


def test_messages_that_do_not_fit_are_one_line(trained, photos_folder, tmp_path, capsys):
    """The message is looked at for the bits of the checkpoint, so a model of 8 bits refuses any text."""
    image, output = photos_folder / "0.png", tmp_path / "stamped.png"
    words = ("encode", image, output, "--checkpoint", trained[0])
    assert "8 bits carry raw bits only, no message" in refused(capsys, *words, "--message", "Hello")
    assert not output.exists()
    assert "image /nowhere.png does not exist" in refused(capsys, "encode", "/nowhere.png", output, "--message", "Hello")
    output.write_text("mine")
    assert "exists; --overwrite replaces it" in refused(capsys, "encode", image, output, "--message", "Hello")
    assert output.read_text() == "mine"
    assert "must end in .png" in refused(capsys, "encode", image, tmp_path / "stamped.gif", "--message", "Hello")
