"""The same training in two processes of a cluster, and XLA as it is without our flags."""

import json
import os
import socket
import subprocess
import sys

import pytest

from tests.fixtures.replica_runs import assert_same_numbers, finish, start
from tests.integration.longrun.step.test_device import SUMS
from tests.places import ROOT


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
    """The results on one device, and of each of two workers."""
    cluster = {"worker": [f"127.0.0.1:{port}" for port in free_ports(2)]}
    configurations = [json.dumps({"cluster": cluster, "task": {"type": "worker", "index": index}}) for index in (0, 1)]
    processes = [start("multi_worker", TF_CONFIG=text) for text in configurations]
    try:
        workers = [finish(process)["multi_worker"] for process in processes]
    finally:
        for process in processes:  # A worker whose partner has failed waits for ever.
            process.kill()
            process.communicate()
    return finish(start("one"))["one"], workers


@pytest.mark.parametrize("worker", [0, 1])
def test_many_workers_give_the_numbers_of_one(trainings, worker):
    one, workers = trainings
    assert_same_numbers(one, workers[worker])


def test_one_worker_is_the_chief(trainings):
    one, workers = trainings
    assert [result["chief"] for result in (one, *workers)] == [True, True, False]


def test_without_our_flag_xla_would_not_sum_in_one_pass(tmp_path):
    environment = {**os.environ, "XLA_FLAGS": "--xla_disable_hlo_passes=other", "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", SUMS], capture_output=True, text=True, env=environment, cwd=tmp_path, check=True)
    assert done.stdout == "True\n"
