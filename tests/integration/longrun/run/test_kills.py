"""A real training, with everything that has a state, killed as a machine kills: it ends with the bits of the one left alone."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import tensorflow as tf

from longrun import read_metrics
from longrun.cli.main import main
from tests.fixtures.small_training import SmallConfig, command, train
from tests.places import FIXTURES, ROOT

SCRIPT = FIXTURES / "small_training.py"


def start(folder, *arguments):
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "CUDA_VISIBLE_DEVICES": "-1"}
    command = [sys.executable, str(SCRIPT), str(folder), *map(str, arguments)]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def digest(folder, step):
    """Of everything in the last checkpoint, and of what was logged."""
    reader = tf.train.load_checkpoint(str(folder / "checkpoints" / "last" / f"ckpt-{step}"))
    # TensorFlow's own: the names of the objects, and how often the checkpoint was saved.
    own = ("_CHECKPOINTABLE_OBJECT_GRAPH", "save_counter")
    names = [name for name in sorted(reader.get_variable_to_shape_map()) if not name.startswith(own)]
    arrays = {name: hashlib.sha256(np.asarray(reader.get_tensor(name)).tobytes()).hexdigest() for name in names if "state" not in name}
    (state,) = [reader.get_tensor(name) for name in names if name.startswith("state/")]
    lines = read_metrics(folder / "metrics.jsonl")
    for line in lines:
        line.pop("steps_per_second")
    return {**arrays, "state": json.loads(state.decode()), "lines": lines, "best": (folder / "checkpoints" / "best.json").read_text()}


def test_a_killed_and_a_stopped_training_end_with_the_bits_of_the_one_left_alone(tmp_path, capsys):
    """SIGKILL in its twelfth step or shortly after, SIGTERM in its nineteenth: between two lines and two checkpoints.

    SIGKILL takes a process of its own. The other signal is sent to this one: one import of TensorFlow less.
    """
    train(SmallConfig(), tmp_path / "straight", wait=0)
    folder = tmp_path / "killed"
    killed = start(folder)
    for line in killed.stdout:
        if line == "step 12\n":
            break
    time.sleep(0.05)
    killed.kill()
    killed.communicate()
    assert killed.returncode == -signal.SIGKILL

    capsys.readouterr()
    stopped = main("small", {"train": command}, ["train", str(folder), str(int(signal.SIGTERM)), "19"])
    output, errors = capsys.readouterr()
    steps = [int(line.removeprefix("step ")) for line in output.splitlines() if line.startswith("step ") and "/" not in line]
    assert (stopped, steps[-1]) == (143, 19) and 9 <= steps[0] <= 17
    assert errors.splitlines()[-1] == "stopped by SIGTERM at step 19; the same command goes on from there"

    train(SmallConfig(), folder, wait=0)
    straight, gone_on = digest(tmp_path / "straight", 24), digest(folder, 24)
    assert len(straight) > 20  # Weights, moments, averages, the seed of Dropout.
    assert straight["state"]["plateau"]["rate"] < 0.05  # The host's memory took part.
    assert gone_on == straight
