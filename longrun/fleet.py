"""Many independent tasks on one machine or on a cluster: seeds, presets, ARC tasks, ranges of numbers, pictures.

    for index, result in fleet.run(function, tasks, workers=4):                       # processes of this machine
    for index, result in fleet.run(function, tasks, cluster="tcp://scheduler:8786"):  # workers of a Dask cluster

A task is a function of its argument alone, so the results are those of one process, whoever computes them and in whichever order.
They are handed over as they come, so a caller that writes each down can be killed and goes on. A worker that dies costs the time of
its task, which is given to another one.
"""

import concurrent.futures
import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

from longrun.errors import UserError

Task = TypeVar("Task")
Result = TypeVar("Result")

DEATHS = 3
"""Workers that one round of tasks may lose in a row without a single result: what kills three kills the fourth."""


class ClusterLost(OSError):
    """The cluster went away. What was handed over before is done; the rest is not."""


def run(function: Callable[[Task], Result], tasks: Sequence[Task], *, workers: int = 1, cluster: str = "") -> Iterator[tuple[int, Result]]:
    """Call `function` with every task; (index of the task, result), as they come.

    function and tasks: of modules that workers can import. workers: processes on this machine; 1: this one, in the order of the tasks.
    cluster: address of a Dask scheduler, e.g. tcp://127.0.0.1:8786, whose workers have this package and see the same files.
    An exception of `function` ends it all and is raised here. Raises UserError for a number of workers or an address that
    cannot be had, ClusterLost where the cluster goes away.
    """
    if workers < 1:
        raise UserError(f"workers must be at least 1, not {workers}")
    if cluster:
        yield from _on_cluster(function, tasks, cluster)
    elif workers == 1 or len(tasks) < 2:
        yield from ((index, function(task)) for index, task in enumerate(tasks))
    else:
        yield from _on_processes(function, tasks, min(workers, len(tasks)))


def _on_processes(function, tasks, workers):
    waiting, deaths = dict(enumerate(tasks)), 0
    while waiting:
        # "spawn": a copy of a process in which TensorFlow has started threads would hang.
        context = multiprocessing.get_context("spawn")
        pool = concurrent.futures.ProcessPoolExecutor(workers, mp_context=context, initializer=_begin_worker)
        try:
            futures = {pool.submit(function, task): index for index, task in waiting.items()}
            for future in concurrent.futures.as_completed(futures):
                result = future.result()
                index, deaths = futures[future], 0
                del waiting[index]
                yield index, result
        except BrokenProcessPool as error:
            deaths += 1
            if deaths == DEATHS:
                raise RuntimeError(f"{DEATHS} workers in a row were killed before a task was done") from error
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
            for process in multiprocessing.active_children():
                process.terminate()


def _begin_worker() -> None:
    # Ctrl-C reaches the whole group; the parent alone says what it means. A parent that was killed says nothing any more.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_leave_with_parent, daemon=True).start()


def _leave_with_parent() -> None:
    multiprocessing.parent_process().join()
    os._exit(1)


def _on_cluster(function, tasks, address):
    try:
        import distributed
    except ImportError as error:
        raise UserError(f"--cluster {address} needs dask: pip install 'longrun-ports[cluster]'") from error
    try:
        client = distributed.Client(address, timeout="10s", set_as_default=False)
    except (OSError, ValueError) as error:
        raise UserError(f"no Dask scheduler answers at {address}") from error
    with contextlib.closing(client):
        executor = client.get_executor(pure=False, retries=DEATHS)
        futures = {executor.submit(function, task): index for index, task in enumerate(tasks)}
        try:
            for future in concurrent.futures.as_completed(futures):
                yield futures[future], future.result()
        except (concurrent.futures.CancelledError, OSError) as error:
            if client.status == "running":  # A task's own error.
                raise
            raise ClusterLost(f"the cluster at {address} went away; what was done is kept, and the same command goes on") from error
        finally:
            for future in futures:
                future.cancel()
