"""Many independent tasks on one machine or on a cluster: seeds, presets, ARC tasks, ranges of numbers, pictures.

    for index, result in fleet.run(function, tasks, workers=4):                       # processes of this machine
    for index, result in fleet.run(function, tasks, cluster="tcp://scheduler:8786"):  # workers of a Dask cluster

A task is a function of its argument alone, so the results are those of one process, whoever computes them and in whichever order.
They are handed over as they come, so a caller that writes each down can be killed and goes on. A worker that dies costs the time of
its task, which is given to another one.
"""

from __future__ import annotations

import collections
import concurrent.futures
import contextlib
import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, TypeVar

from longrun.errors import UserError

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

Task = TypeVar("Task")
Result = TypeVar("Result")

MANY = 64
"""Short tasks from which more than one process is worth its start."""
DEATHS = 3
"""Workers that one task may cost: what kills three kills the fourth."""
PATIENCE = 12.0
"""Seconds that a task has to end once it is told to."""
FETCHING = 60.0
"""Seconds in which a result that is done has to be here."""


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


def processes(workers: int, count: int) -> int:
    """Processes for `count` short tasks: as many as are asked for; where that is 0, one for every processor, but one for few tasks."""
    if workers or count < MANY:
        return workers or 1
    return processors()


def processors() -> int:
    """Processors that this process may use; where the system does not say, those of the machine."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _on_processes(function, tasks, count):
    # A pool of one process for each worker: a pool that loses one process ends the others and what they are at.
    waiting, deaths = collections.deque(range(len(tasks))), collections.Counter()
    free, running = [_Worker() for _ in range(count)], {}
    try:
        while waiting or running:
            while waiting and free:
                worker, index = free.pop(), waiting.popleft()
                running[worker.submit(function, tasks[index])] = worker, index
            done, _ = concurrent.futures.wait(running, return_when=concurrent.futures.FIRST_COMPLETED)
            for future in done:
                worker, index = running.pop(future)
                free.append(worker)
                try:
                    result = future.result()
                except concurrent.futures.BrokenExecutor as error:
                    deaths[index] += 1
                    if error.__cause__ is not None:  # No death: what the task left cannot be read here.
                        raise
                    if deaths[index] == DEATHS:
                        raise RuntimeError(f"task {index} kills every worker that it is given to") from error
                    free.pop().end()
                    free.append(_Worker())
                    waiting.appendleft(index)
                else:
                    yield index, result
    finally:
        for worker in (*free, *(worker for worker, _ in running.values())):
            worker.end()


class _Worker:
    """A process that does one task after the other. It leaves when its pipe is closed: by `end`, and by the death of this process."""

    def __init__(self):
        import multiprocessing  # A command that works by itself does not wait for it.

        self._held, self._hold = multiprocessing.Pipe(duplex=False)
        # "spawn": a copy of a process in which TensorFlow has started threads would hang.
        context = multiprocessing.get_context("spawn")
        self._pool = concurrent.futures.ProcessPoolExecutor(1, context, _begin_worker, (self._held,))

    def submit(self, function, task):
        return self._pool.submit(function, task)

    def end(self):
        self._hold.close()
        self._held.close()
        self._pool.shutdown(wait=False, cancel_futures=True)


def _begin_worker(held: Connection) -> None:
    # Ctrl-C, and what a scheduler sends, reach a whole group; the parent alone says what they mean, once.
    if hasattr(os, "setpgrp"):
        os.setpgrp()
    threading.Thread(target=_leave_with, args=(held,), daemon=True).start()


def _leave_with(held: Connection) -> None:
    with contextlib.suppress(EOFError, OSError):
        held.recv_bytes()
    os.kill(os.getpid(), signal.SIGTERM)  # The end, unless the task has something to tell a process of its own.
    time.sleep(PATIENCE)
    os._exit(1)


def _on_cluster(function, tasks, address):
    try:
        import distributed
    except ImportError as error:
        raise UserError(f"--cluster {address} needs dask: pip install 'longrun-ports[cluster]'") from error
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # What is wrong is raised.
    try:
        client = distributed.Client(address, timeout="10s", set_as_default=False)
    except (OSError, ValueError) as error:
        raise UserError(f"no Dask scheduler answers at {address}") from error
    # Not its Executor, whose future of a result that died with its worker never comes.
    with contextlib.closing(client):
        futures = {client.submit(function, task, pure=False): index for index, task in enumerate(tasks)}
        coming = distributed.as_completed(futures, loop=client.loop)
        for future in coming:
            index = futures.pop(future)
            try:
                result = future.result(timeout=FETCHING)
            except distributed.scheduler.KilledWorker as error:
                raise RuntimeError(f"task {index} kills every worker that it is given to") from error
            except (concurrent.futures.CancelledError, distributed.comm.CommClosedError, TimeoutError) as error:
                if future.status == "error":  # The task's own.
                    raise
                if client.status != "running":
                    raise ClusterLost(f"the cluster at {address} went away; what was done is kept, and the same command goes on") from error
                # Done, and lost with its worker before it was fetched; it happens that nobody hears of that.
                again = client.submit(function, tasks[index], pure=False)
                futures[again] = index
                coming.add(again)
            else:
                yield index, result
