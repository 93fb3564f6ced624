"""Devices: what configure refuses, and the same training on one device, on two, and in two processes."""

import json
import os
import socket
import subprocess
import sys
from types import SimpleNamespace

import keras
import numpy as np
import pytest
import tensorflow as tf

from longrun.step import device
from tests.places import FIXTURES, ROOT

SCRIPT = FIXTURES / "replicas.py"


def test_an_unknown_precision_is_refused():
    with pytest.raises(ValueError, match="^precision is one of float32, mixed_bfloat16, not 'float16'$"):
        device.configure(seed=0, precision="float16")


@pytest.mark.parametrize("seed", [-1, 2**32])
def test_a_seed_out_of_range_is_refused(seed):
    with pytest.raises(ValueError, match=f"^seed is between 0 and 2\\*\\*32 - 1, not {seed}$"):
        device.configure(seed=seed)


def test_configure_sets_seed_and_precision():
    before = keras.mixed_precision.global_policy()
    try:
        values = []
        for seed in (1, 1, 2):
            device.configure(seed=seed, precision="mixed_bfloat16")
            values.append(float(keras.random.uniform(())))
        assert values[0] == values[1] != values[2]
        assert keras.layers.Dense(1).compute_dtype == "bfloat16"
        assert keras.layers.Dense(1).variable_dtype == "float32"
        assert device.describe()["precision"] == "mixed_bfloat16"
    finally:
        keras.mixed_precision.set_global_policy(before)


SUMS = """
import os, sys
import tensorflow as tf
from longrun.step import device
device.configure(seed=0)
total = tf.function(lambda x: tf.reduce_sum(x * x, axis=(0, 1)), jit_compile=True)
print("reduce-window" in total.experimental_get_compiler_ir(tf.ones((8, 100, 512)))(stage="optimized_hlo"), os.environ["XLA_FLAGS"])
"""


@pytest.mark.parametrize(
    ("before", "found"),
    [
        ("", "False --xla_disable_hlo_passes=tree_reduction_rewriter"),
        ("--xla_dump_to=x", "False --xla_dump_to=x --xla_disable_hlo_passes=tree_reduction_rewriter"),
        ("--xla_disable_hlo_passes=other", "True --xla_disable_hlo_passes=other"),
    ],
)
def test_xla_sums_in_one_pass_unless_its_flags_say_otherwise(tmp_path, before, found):
    environment = {**os.environ, "XLA_FLAGS": before, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", SUMS], capture_output=True, text=True, env=environment, cwd=tmp_path, check=True)
    assert done.stdout.strip() == found


def test_description_names_versions_and_hardware():
    description = device.describe()
    assert description["tensorflow"] == tf.__version__
    assert description["keras"] == keras.__version__
    assert set(description) == {"tensorflow", "keras", "devices", "precision"}


def test_one_device_is_no_strategy():
    strategy = device.strategy("one")
    assert strategy.num_replicas_in_sync == 1
    assert device.is_chief(strategy)


def test_an_unknown_strategy_is_refused():
    with pytest.raises(ValueError, match="^devices is one of one, mirrored, multi_worker, not 'two'$"):
        device.strategy("two")


def test_many_workers_need_a_cluster(monkeypatch):
    monkeypatch.delenv("TF_CONFIG", raising=False)
    with pytest.raises(ValueError, match="^devices multi_worker needs the environment variable TF_CONFIG"):
        device.strategy("multi_worker")


@pytest.mark.parametrize(
    ("jobs", "task", "number", "chief"),
    [
        (["worker"], "worker", 0, True),
        (["worker"], "worker", 1, False),
        (["chief", "worker"], "chief", 0, True),
        (["chief", "worker"], "worker", 0, False),
        ([], None, None, True),
    ],
)
def test_one_process_of_a_cluster_is_its_chief(jobs, task, number, chief):
    resolver = SimpleNamespace(cluster_spec=lambda: SimpleNamespace(jobs=jobs), task_type=task, task_id=number)
    assert device.is_chief(SimpleNamespace(cluster_resolver=resolver)) is chief


# The same training on one device and on many.


def start(*devices, **environment):
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "CUDA_VISIBLE_DEVICES": "-1", **environment}
    return subprocess.Popen([sys.executable, str(SCRIPT), *devices], env=environment, stdout=subprocess.PIPE, text=True)


def finish(process):
    output, _ = process.communicate(timeout=900)
    assert process.returncode == 0
    return json.loads(output.splitlines()[-1])


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


@pytest.fixture(scope="module")
def trainings():
    """The results on one device, on two, and of each of two workers."""
    results = finish(start("one", "mirrored"))
    cluster = {"worker": [f"127.0.0.1:{port}" for port in free_ports(2)]}
    configurations = [json.dumps({"cluster": cluster, "task": {"type": "worker", "index": index}}) for index in (0, 1)]
    processes = [start("multi_worker", TF_CONFIG=text) for text in configurations]
    try:
        workers = [finish(process) for process in processes]
    finally:
        for process in processes:  # A worker whose partner has failed waits for ever.
            process.kill()
            process.communicate()
    return {**results, **{f"worker {index}": worker["multi_worker"] for index, worker in enumerate(workers)}}


@pytest.mark.parametrize("devices", ["mirrored", "worker 0", "worker 1"])
def test_many_devices_give_the_numbers_of_one(trainings, devices):
    one, many = trainings["one"], trainings[devices]
    assert (one["replicas"], many["replicas"]) == (1, 2)
    for name in ("loss", "gradient_norm", "skipped"):
        np.testing.assert_allclose([step[name] for step in many["history"]], [step[name] for step in one["history"]], rtol=1e-5)
    np.testing.assert_allclose(many["weights"], one["weights"], rtol=1e-5)
    np.testing.assert_allclose(many["averages"], one["averages"], rtol=1e-5)
    assert many["traces"] == 1
    assert many["swapped_back"]


def test_the_comparison_compares_something(trainings):
    one = trainings["one"]
    assert min(step["gradient_norm"] for step in one["history"]) > 0.5  # Every step was clipped.
    assert len({step["loss"] for step in one["history"]}) == len(one["history"])
    assert not np.allclose(one["weights"], one["averages"], rtol=1e-3)


def test_one_worker_is_the_chief(trainings):
    assert [trainings[name]["chief"] for name in ("one", "mirrored", "worker 0", "worker 1")] == [True, True, True, False]
