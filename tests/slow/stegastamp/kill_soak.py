"""Kills a training again and again and compares what comes out with a run that was left alone.

    python -m tests.slow.stegastamp.kill_soak --kills 20

trains the preset tiny once in one go, and once more with SIGKILLs at random moments: while TensorFlow starts, between two steps, while a
checkpoint is being written. Prints a line for each kill, and at the end whether all variables of the last checkpoint (weights, averages,
optimizers) and the state of the closed loop have the same sha256. Exit code 0 if so, 1 if not.
"""

import argparse
import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.places import ROOT

BOOKKEEPING = ("_CHECKPOINTABLE_OBJECT_GRAPH", "save_counter/.ATTRIBUTES/VARIABLE_VALUE", "state/.ATTRIBUTES/VARIABLE_VALUE")


def digest(run: Path) -> tuple[int, str]:
    """(step, sha256 of all variables and of the closed loop's state) of a run's last checkpoint. (0, "") where there is none."""
    import tensorflow as tf

    latest = tf.train.latest_checkpoint(str(run / "checkpoints" / "last"))
    if latest is None:
        return 0, ""
    reader = tf.train.load_checkpoint(latest)
    code = hashlib.sha256()
    for name in sorted(set(reader.get_variable_to_shape_map()) - set(BOOKKEEPING)):
        value = reader.get_tensor(name)
        code.update(f"{name} {value.dtype} {value.shape}".encode())
        code.update(value.tobytes())
    state = json.loads(reader.get_tensor("state/.ATTRIBUTES/VARIABLE_VALUE"))
    code.update(json.dumps(state["loop"], sort_keys=True).encode())
    return int(reader.get_tensor("step/.ATTRIBUTES/VARIABLE_VALUE")), code.hexdigest()


def start(run: Path, flags: Sequence[str]) -> subprocess.Popen:
    """The training of `run` in a process whose progress lines can be waited for."""
    command = [sys.executable, "-m", "stegastamp", "train", "tiny", "--save-every", "25", *flags, "--run", str(run)]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def wait_for_progress(process: subprocess.Popen) -> bool:
    """Return at the process's next progress line; False where it ends without one."""
    return any(line.startswith("step ") for line in iter(process.stdout.readline, ""))


def finish(run: Path, flags: Sequence[str]) -> str:
    """Let the training of `run` come to its end; its digest."""
    process = start(run, flags)
    output, _ = process.communicate()
    if process.returncode:
        raise SystemExit(f"the training ended with exit code {process.returncode}:\n{output}")
    return digest(run)[1]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0, help="of the moments")
    arguments, flags = parser.parse_known_args()
    chance = random.Random(arguments.seed)
    with tempfile.TemporaryDirectory() as scratch:
        began = time.perf_counter()
        expected = finish(Path(scratch, "whole"), flags)
        print(f"uninterrupted: {time.perf_counter() - began:.0f} s, sha256 {expected}", flush=True)
        kills, number, found = 0, 0, set()
        while kills < arguments.kills:
            number += 1  # A run that ends before its next kill is compared, and the following kills are for another one.
            run = Path(scratch, f"killed-{number}")
            while kills < arguments.kills:
                process = start(run, flags)
                began = time.perf_counter()
                # One in four while it starts, the others some lines and up to a line's time later.
                if chance.random() < 0.25:
                    time.sleep(chance.uniform(0, 8))
                elif not all(wait_for_progress(process) for _ in range(chance.randint(1, 3))):
                    break
                else:
                    time.sleep(chance.uniform(0, 1))
                if process.poll() is not None:
                    break
                process.send_signal(signal.SIGKILL)
                process.communicate()
                kills += 1
                print(f"kill {kills}: after {time.perf_counter() - began:.1f} s, checkpoint at step {digest(run)[0]}", flush=True)
            if process.returncode is None:
                process.communicate()
            found.add(finish(run, flags))
            print(f"run {number} to its end: sha256 {', '.join(found)}", flush=True)
    same = found == {expected}
    print(f"{kills} kills in {number} run{'s' if number > 1 else ''}: {'bit-identical' if same else 'DIFFERENT'}")
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
