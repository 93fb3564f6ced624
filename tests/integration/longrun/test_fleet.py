"""Many tasks on the processes of this machine: the results of one, whoever dies."""

import os
import signal
import subprocess
import sys
import time

import pytest

from longrun import Finding, RetraceError, Unhealthy, UserError, fleet
from tests.fixtures import tasks
from tests.places import ROOT


def results(function, given, **options):
    return list(fleet.run(function, given, **options))


def alive(process):
    """A process that has ended and not been asked after counts as dead."""
    try:
        with open(f"/proc/{process}/stat") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_for(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.02)


def test_one_worker_is_this_process_and_keeps_the_order():
    assert results(tasks.square, [3, 1, 2]) == [(0, 9), (1, 1), (2, 4)]
    assert results(tasks.process, [0]) == [(0, os.getpid())]
    assert results(tasks.process, [0], workers=4) == [(0, os.getpid())]
    assert results(tasks.square, [], workers=4) == []


def test_results_come_one_at_a_time():
    seen = []
    for index, result in fleet.run(lambda task: seen.append(task) or task, [5, 6]):
        assert seen == [5, 6][: index + 1] and result == [5, 6][index]


@pytest.mark.parametrize("workers", [0, -1])
def test_a_number_of_workers_that_cannot_be_had_is_refused(workers):
    with pytest.raises(UserError, match=f"^workers must be at least 1, not {workers}$"):
        results(tasks.square, [1], workers=workers)


def test_many_processes_give_the_results_of_one():
    given = list(range(6))
    assert sorted(results(tasks.square, given, workers=2)) == results(tasks.square, given)
    doers = {doer for _, doer in results(tasks.process, given, workers=2)}
    assert len(doers) == 2 and os.getpid() not in doers


def test_they_are_handed_over_as_they_come():
    indices = [index for index, _ in fleet.run(tasks.slowly, [0, 9, 9, 9], workers=2)]
    assert indices[0] != 0 and sorted(indices) == [0, 1, 2, 3]


def test_an_exception_of_a_task_ends_it_all_with_its_class():
    for workers in (1, 2):
        with pytest.raises(tasks.Own, match="^task 2$"):
            results(tasks.fail, [0, 1, 2, 3], workers=workers)


def test_one_that_cannot_be_sent_is_no_dead_worker():
    with pytest.raises(Exception, match="terminated abruptly") as caught:
        results(tasks.fail_awkwardly, [0, 1], workers=2)
    assert "missing 1 required positional argument" in str(caught.value.__cause__)


def test_those_of_longrun_can_be_sent():
    finding = Finding("spike", 7, "norm", 12.0, 10.0, "norm jumped")
    for error in (Unhealthy([finding]), RetraceError("it has grown", 2, 1)):
        kind, arguments = error.__reduce__()
        again = kind(*arguments)
        assert (type(again), str(again), again.findings) == (type(error), str(error), error.findings)


def test_a_worker_that_dies_costs_its_task_alone(tmp_path):
    found = sorted(results(tasks.die_once, [(str(tmp_path), number) for number in range(6)], workers=2))
    assert found == [(number, number) for number in range(6)]
    begun = sorted(path.name.split("-")[0] for path in tmp_path.iterdir())
    assert begun == ["0", "1", "1", "2", "3", "4", "5"]


def test_a_task_that_kills_its_workers_ends_it():
    found = []
    with pytest.raises(RuntimeError, match="^task 1 kills every worker that it is given to$"):
        for index, _ in fleet.run(tasks.die, [0, 1, 2, 3], workers=2):
            found.append(index)
    assert 1 not in found


def test_who_stops_asking_ends_the_workers(tmp_path):
    given = [str(tmp_path)] * 2
    asking = subprocess_of(f"list(fleet.run(tasks.wait, {given!r}, workers=2))")
    wait_for(lambda: len(list(tmp_path.iterdir())) == 2)
    workers = [int(path.name) for path in tmp_path.iterdir()]
    asking.send_signal(signal.SIGINT)
    asking.communicate(timeout=60)
    wait_for(lambda: not any(map(alive, workers)))


def test_workers_leave_with_a_parent_that_is_killed(tmp_path):
    asking = subprocess_of(f"list(fleet.run(tasks.wait, {[str(tmp_path)] * 2!r}, workers=2))")
    wait_for(lambda: len(list(tmp_path.iterdir())) == 2)
    workers = [int(path.name) for path in tmp_path.iterdir()]
    assert all(map(alive, workers))
    asking.kill()
    asking.communicate()
    wait_for(lambda: not any(map(alive, workers)))


def subprocess_of(code):
    # A shell that starts tests in the background has them ignore SIGINT, and so would this process.
    heeds = "import signal\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n"
    text = f"{heeds}from longrun import fleet\nfrom tests.fixtures import tasks\nif __name__ == '__main__':\n    {code}\n"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen([sys.executable, "-c", text], env=environment, stderr=subprocess.PIPE)
