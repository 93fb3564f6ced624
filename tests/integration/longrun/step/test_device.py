"""Devices: what configure refuses, and the same training on one device, on two, and in two processes."""

import os
import subprocess
import sys
from types import SimpleNamespace

import keras
import numpy as np
import pytest
import tensorflow as tf

from longrun.step import device
from tests.fixtures.replica_runs import assert_same_numbers, finish, start
from tests.places import ROOT


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
import tensorflow as tf
from longrun.step import device
device.configure(seed=0)
total = tf.function(lambda x: tf.reduce_sum(x * x, axis=(0, 1)), jit_compile=True)
print("reduce-window" in total.experimental_get_compiler_ir(tf.ones((8, 100, 512)))(stage="optimized_hlo"))
"""


def test_xla_sums_in_one_pass(tmp_path):
    environment = {**os.environ, "XLA_FLAGS": "", "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", SUMS], capture_output=True, text=True, env=environment, cwd=tmp_path, check=True)
    assert done.stdout == "False\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "--xla_disable_hlo_passes=tree_reduction_rewriter"),
        ("--xla_dump_to=x", "--xla_dump_to=x --xla_disable_hlo_passes=tree_reduction_rewriter"),
        ("--xla_disable_hlo_passes=other", "--xla_disable_hlo_passes=other"),
    ],
)
def test_flags_of_xla_that_are_set_already_stay(monkeypatch, before, after):
    monkeypatch.setenv("XLA_FLAGS", before)
    device.configure(seed=0)
    assert os.environ["XLA_FLAGS"] == after


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


@pytest.fixture(scope="module")
def trainings():
    """The results on one device, and on two."""
    return finish(start("one", "mirrored"))


def test_many_devices_give_the_numbers_of_one(trainings):
    assert_same_numbers(trainings["one"], trainings["mirrored"])
    assert trainings["one"]["chief"] and trainings["mirrored"]["chief"]


def test_the_comparison_compares_something(trainings):
    one = trainings["one"]
    assert min(step["gradient_norm"] for step in one["history"]) > 0.5  # Every step was clipped.
    assert len({step["loss"] for step in one["history"]}) == len(one["history"])
    assert not np.allclose(one["weights"], one["averages"], rtol=1e-3)
