"""A run: its folder, its steps, its signals; and a small real training that is killed again and again and ends with the same bits."""

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import tensorflow as tf

from longrun import Interrupted, Run, every, read_metrics, set_aside
from tests.places import FIXTURES, ROOT

SCRIPT = FIXTURES / "small_training.py"


def new_run(folder, total_steps=5, **config):
    return Run(folder, project="project", preset="tiny", config={"width": 4, **config}, total_steps=total_steps)


def test_every_by_hand():
    assert [step for step in range(1, 11) if every(step, 4, 10)] == [4, 8, 10]
    assert [step for step in range(1, 11) if every(step, 4)] == [4, 8]
    assert [step for step in range(1, 11) if every(step, 0, 10)] == []


def test_the_folder_says_what_was_run(tmp_path):
    folder = tmp_path / "runs" / "tiny"
    for _ in range(2):
        with new_run(folder) as run:
            assert list(run.steps(0)) == [0, 1, 2, 3, 4]
            run.finish({"step": 5})
    assert json.loads((folder / "config.json").read_text()) == {"project": "project", "preset": "tiny", "width": 4}
    assert json.loads((folder / "versions.json").read_text())["tensorflow"] == tf.__version__
    assert json.loads((folder / "result.json").read_text()) == {"step": 5}
    commands = (folder / "commands.txt").read_text().splitlines()
    assert len(commands) == 2
    assert commands[0].startswith("python")


def test_a_run_that_is_refused_overwrites_nothing(tmp_path):
    with new_run(tmp_path) as run:
        list(run.steps(0))
    before = (tmp_path / "config.json").read_text()
    with pytest.raises(KeyError), new_run(tmp_path, width=8):
        raise KeyError("the checkpoint does not fit")
    assert (tmp_path / "config.json").read_text() == before


def test_steps_begin_where_they_are_told_and_go_back(tmp_path):
    seen = []
    with new_run(tmp_path) as run:
        for step in run.steps(2):
            seen.append(step)
            if len(seen) in (2, 5):
                run.go_back(1)
    assert seen == [2, 3, 1, 2, 3, 1, 2, 3, 4]


def test_one_process_at_a_time(tmp_path):
    with new_run(tmp_path), pytest.raises(BlockingIOError, match=f"^another process is training in {tmp_path}$"), new_run(tmp_path):
        pass
    with new_run(tmp_path):
        pass


def test_a_folder_that_is_a_file_is_an_error_of_the_users(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="file"), new_run(tmp_path / "file"):
        pass


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_ends_the_loop_after_its_step(tmp_path, number, code):
    handler = signal.getsignal(number)
    seen = []
    with new_run(tmp_path) as run:
        assert not run.interrupted
        run.raise_if_interrupted(0)
        for step in run.steps(0):
            if step == 2:
                os.kill(os.getpid(), number)
            seen.append(step)
        assert seen == [0, 1, 2]
        assert run.interrupted
        with pytest.raises(Interrupted, match=f"^stopped by {number.name} at step 3; the same command goes on from there$") as caught:
            run.raise_if_interrupted(3)
        assert caught.value.exit_code == code
    assert signal.getsignal(number) is handler


def test_setting_aside_deletes_nothing(tmp_path):
    folder = tmp_path / "tiny"
    assert set_aside(folder) is None
    for number in (1, 2):
        folder.mkdir()
        (folder / "weights").write_text(str(number))
        assert set_aside(folder) == tmp_path / f"tiny.{number}"
        assert not folder.exists()
    assert [(tmp_path / f"tiny.{number}" / "weights").read_text() for number in (1, 2)] == ["1", "2"]


# A real training, ended in every way.


def start(folder, *arguments):
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "CUDA_VISIBLE_DEVICES": "-1"}
    command = [sys.executable, str(SCRIPT), str(folder), *map(str, arguments)]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finish(process):
    """Exit code, steps done, the last line of stderr."""
    output, errors = process.communicate()
    steps = [int(line.removeprefix("step ")) for line in output.splitlines() if line.startswith("step ")]
    return process.returncode, steps, (errors.splitlines() or [""])[-1]


def kill_within(folder, steps, seconds):
    """SIGKILL so many steps and seconds after the training has begun."""
    process = start(folder)
    for _ in range(steps):
        process.stdout.readline()
    time.sleep(seconds)
    process.kill()
    process.communicate()
    assert process.returncode == -signal.SIGKILL


def digest(folder):
    """Of everything in the last checkpoint, and of what was logged."""
    (newest,) = [path.with_suffix("") for path in (folder / "checkpoints" / "last").glob("ckpt-60.index")]
    reader = tf.train.load_checkpoint(str(newest))
    # TensorFlow's own: the names of the objects, and how often the checkpoint was saved.
    own = ("_CHECKPOINTABLE_OBJECT_GRAPH", "save_counter")
    names = [name for name in sorted(reader.get_variable_to_shape_map()) if not name.startswith(own)]
    arrays = {name: hashlib.sha256(np.asarray(reader.get_tensor(name)).tobytes()).hexdigest() for name in names if "state" not in name}
    (state,) = [reader.get_tensor(name) for name in names if name.startswith("state/")]
    lines = read_metrics(folder / "metrics.jsonl")
    for line in lines:
        line.pop("steps_per_second")
    return {**arrays, "state": json.loads(state.decode()), "lines": lines, "best": (folder / "checkpoints" / "best.json").read_text()}


def test_a_training_that_is_killed_again_and_again_ends_with_the_same_bits(tmp_path):
    code, steps, _ = finish(start(tmp_path / "straight"))
    assert (code, steps) == (0, list(range(1, 61)))

    folder = tmp_path / "killed"
    chance = random.Random(1)
    for _ in range(3):
        kill_within(folder, chance.randrange(1, 25), chance.uniform(0, 0.1))
    # Between two lines and two checkpoints, so that what was added since must travel too.
    code, steps, message = finish(start(folder, signal.SIGTERM, 43))
    assert (code, steps[-1]) == (143, 43)
    assert message == "stopped by SIGTERM at step 43; the same command goes on from there"
    code, steps, message = finish(start(folder, signal.SIGINT, 46))
    assert (code, steps) == (130, [44, 45, 46])
    assert message == "stopped by SIGINT at step 46; the same command goes on from there"
    code, steps, _ = finish(start(folder))
    assert (code, steps) == (0, list(range(47, 61)))

    straight, killed = digest(tmp_path / "straight"), digest(folder)
    assert len(straight) > 20  # Weights, moments, averages, the seed of Dropout.
    assert straight["state"]["plateau"]["rate"] < 0.05  # The host's memory took part.
    assert killed == straight
