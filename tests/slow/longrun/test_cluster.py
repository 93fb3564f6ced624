"""The same tasks on a Dask cluster of two worker processes: the same results, whoever dies."""

import contextlib
import gc
import os
import signal
import socket
import subprocess
import sys
import time

import distributed
import pytest

from longrun import UserError, fleet
from tests.fixtures import tasks
from tests.places import ROOT


@pytest.fixture
def cluster(monkeypatch):
    """(address, scheduler, workers) of a cluster on this machine."""
    monkeypatch.setattr(fleet, "FETCHING", 10.0)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    quiet = {"env": environment, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "start_new_session": True}
    scheduler = subprocess.Popen([sys.executable, "-m", "dask", "scheduler", "--host", address, "--no-dashboard", "--no-show"], **quiet)
    words = ["--nworkers", "2", "--nthreads", "1", "--no-dashboard", "--death-timeout", "60"]
    workers = subprocess.Popen([sys.executable, "-m", "dask", "worker", address, *words], **quiet)
    with distributed.Client(address, timeout="60s") as client:  # A worker that dies while it starts is not started anew.
        client.wait_for_workers(2)
    yield address, scheduler, workers
    for process in (workers, scheduler):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def results(function, given, address):
    return sorted(fleet.run(function, given, cluster=address))


def test_a_cluster_gives_the_results_of_one_process(cluster, tmp_path):
    address, *_ = cluster
    given = list(range(20))
    assert results(tasks.square, given, address) == list(fleet.run(tasks.square, given))
    assert len({doer for _, doer in fleet.run(tasks.process, given, cluster=address)}) == 2
    with pytest.raises(tasks.Own, match="^task 2$"):
        results(tasks.fail, given, address)


def test_a_worker_that_is_killed_costs_its_tasks_alone(cluster, tmp_path):
    given = [(str(tmp_path), number) for number in range(8)]
    assert results(tasks.die_once, given, cluster[0]) == [(number, number) for number in range(8)]
    begun = [path.name.split("-")[0] for path in tmp_path.iterdir()]
    assert begun.count("1") == 2


def test_a_task_that_kills_its_workers_ends_it(cluster):
    with pytest.raises(RuntimeError, match="^task 1 kills every worker that it is given to$"):
        results(tasks.die, [0, 1, 2], cluster[0])


def test_a_task_that_fails_is_not_tried_again(cluster, tmp_path):
    with pytest.raises(tasks.Own):
        results(tasks.fail_and_note, [str(tmp_path)], cluster[0])
    assert len(list(tmp_path.iterdir())) == 1


def test_a_cluster_that_goes_away_is_one_line_and_what_was_done_stays_done(cluster):
    address, scheduler, _ = cluster
    seen = []
    began = time.monotonic()
    line = f"^the cluster at {address} went away; what was done is kept, and the same command goes on$"
    with pytest.raises(fleet.ClusterLost, match=line):
        for index, _ in fleet.run(tasks.process, list(range(400)), cluster=address):
            seen.append(index)
            if len(seen) == 3:
                os.killpg(scheduler.pid, signal.SIGKILL)
    assert 3 <= len(seen) < 400
    assert time.monotonic() < began + 60


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "nonsense://there", "127.0.0.1", "tcp://no-such-host.invalid:8786", ":"])
def test_an_address_without_a_scheduler_is_one_line(address):
    with pytest.raises(UserError, match=f"^no Dask scheduler answers at {address}$"):
        results(tasks.square, [1, 2], address)
    gc.collect()  # Dask's client is stuck where one that never connected is collected in the middle of another's beginning.


def test_an_error_of_a_file_is_the_tasks_own(cluster):
    with pytest.raises(FileNotFoundError, match="photo 0"):
        results(tasks.miss, [0], cluster[0])
