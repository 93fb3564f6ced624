"""The loop of every training: an iterator over steps that owns everything that has to be right at whatever end."""

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any, Protocol

from longrun.config import free_fields, known_fields
from longrun.health.guards import Health, Unhealthy
from longrun.run.checkpoint import Checkpointer
from longrun.run.metrics import Metrics
from longrun.run.run import Run, every


class Host(Protocol):
    """An object on the host with a memory that a resumed run needs: a schedule, a controller, a list of losses."""

    def state(self) -> Any:
        """What a checkpoint must hold, JSON-able."""

    def load(self, state: Any) -> None:
        """Take over a saved state."""


class Tick:
    """One step, as the body of the loop sees it.

    step: steps done before it. done: steps done after it. last: whether it is the last one.
    logging, evaluating, saving: what is due after it; `evaluating` implies `logging`.
    """

    def __init__(self, step: int, total: int, due: Mapping[str, int], source: "_Source", metrics: Metrics):
        self.step, self.done, self.last = step, step + 1, step + 1 == total
        self.evaluating = every(self.done, due["evaluate"], total)
        self.saving = every(self.done, due["save"], total)
        self.logging = self.evaluating or self.saving or every(self.done, due["log"], total)
        self.further: dict[str, float] = {}
        self._source, self._metrics = source, metrics

    @property
    def batch(self) -> Any:
        """The data of this step; the next ones are being prepared meanwhile."""
        return self._source.of(self.step)

    def renew(self) -> None:
        """Make the data anew from this step on: what they are drawn from has changed."""
        self._source.begin(self.step)

    def did(self, results: Mapping[str, Any], values: Mapping[str, Any] | None = None) -> None:
        """The step is done. results: its tensors, read only when a line is due. values: numbers that the line shows as they are."""
        self._metrics.add(self.done, results)
        self.further |= values or {}

    def log(self, values: Mapping[str, float]) -> None:
        """Further numbers for the line of this step, e.g. of an evaluation."""
        self.further |= values

    def latest(self, name: str) -> float:
        """One number of this step; waits for the device."""
        return self._metrics.latest(name)

    def images(self, name: str, images: Any) -> None:
        """Pictures for TensorBoard, (N, H, W, 1 or 3) in [0, 1]."""
        self._metrics.images(self.done, name, images)

    def histogram(self, name: str, values: Any) -> None:
        """A histogram for TensorBoard."""
        self._metrics.histogram(self.done, name, values)


def loop(
    run: Run,
    groups: Mapping[str, Iterable],
    health: Health | None = None,
    *,
    data: Callable[[int, int], Iterator],
    hosts: Mapping[str, Host] | None = None,
    identity: Mapping[str, object] | None = None,
    best: tuple[str, str] | None = None,
    shown: tuple[str, ...] = (),
    derive: Callable[[dict[str, float]], Mapping[str, float]] | None = None,
    introduce: Callable[[], str] | None = None,
    log_every: int | None = None,
    save_every: int | None = None,
    evaluate_every: int | None = None,
) -> Iterator[Tick]:
    """Iterate over the steps of a run, from its last checkpoint to its end.

        for tick in loop(run, groups, health, data=data):
            tick.did(step_function(tick.batch, scalars(tick.step)))
            if tick.evaluating:
                tick.log(evaluate())

    groups: name -> variables, all of them: see Checkpointer. hosts: name -> object with a memory; saved and restored with the run.
    data(start, attempt): batches from step `start` on. Another `attempt` gives other data: after a rollback the same ones would lead
        to the same end.
    identity: what else must not have changed when a run goes on, beside the configuration: fingerprints of data.
    best: ("metric", "max" | "min") of which the best checkpoint is kept. shown: metrics of the progress line.
    derive: further quantities from a line's own, e.g. a loss above its floor. introduce: the first lines of a new run.
    log_every, save_every, evaluate_every: where they are not those of `config.run`.

    Raises Interrupted after a signal once all is saved, Unhealthy when a guard stops the run or no checkpoint is left to go back to,
    CheckpointMismatch where the folder holds another run.
    """
    settings, kind = run.config.run, type(run.config)
    due = {
        "log": log_every or settings.log_every,
        "save": save_every or settings.save_every,
        "evaluate": evaluate_every or settings.evaluate_every or settings.log_every,
    }
    run.health = health = health or Health([])
    hosts = {"health": health, **(hosts or {})}
    run.checkpointer = checkpointer = Checkpointer(
        run.folder / "checkpoints",
        groups,
        {"project": run.project, **run.values, **(identity or {})},
        free=free_fields(kind),
        defaults={name: field.default for name, field in known_fields(kind).items()},
        renamed=kind.RENAMED,
        keep_every=settings.keep_every,
        best=best,
    )
    done, state = checkpointer.restore() or (0, {})
    for name, host in hosts.items():
        if name in state:
            host.load(state[name])
    if state:
        print(f"going on at step {done} of {run.total} in {run.folder}", flush=True)
    elif introduce is not None:
        print(introduce(), flush=True)
    run.metrics = metrics = Metrics(run.folder, start=done, total=run.total, shown=shown, floors=run.report.floors)
    metrics.load(state.get("metrics", []))
    source = _Source(data, health)
    source.begin(done)
    run.describe()

    saved = -1  # The step of the last save, as long as nothing has been done since.

    def save(values: Mapping[str, float] | None = None, *, provisional: bool) -> None:
        nonlocal saved
        metrics.sync()
        with run.signals.uninterrupted():
            memory = {name: host.state() for name, host in hosts.items()} | {"metrics": metrics.state()}
            checkpointer.save(done, memory, values, provisional=provisional)
            saved = done

    # From the first step on a signal always finds something to save.
    with run.signals.deferred():
        run.signals.where = done
        while done < run.total and run.signals.number is None:
            tick = Tick(done, run.total, due, source, metrics)
            yield tick
            run.signals.where = done = tick.done
            if not tick.logging:
                continue
            line = metrics.flush(done, tick.further, derive)
            if _asks_to_go_back(health, metrics, done, line):
                run.signals.where = done = _roll_back(checkpointer, hosts, health)
                saved = -1
                metrics.go_back(done)
                source.begin(done)
                continue
            if tick.evaluating:
                run.write_report(draw=False)
            if tick.saving:
                save(line, provisional=health.counting)
        if run.signals.number is not None:
            if saved != done:
                save(provisional=True)
            print(f"saved at step {done}", file=sys.stderr, flush=True)
    metrics.close()
    run.raise_if_interrupted(done)


class _Source:
    """The batches of a run, begun when the first one is asked for. A step that asks for none is passed over."""

    def __init__(self, data, health):
        self._data, self._health = data, health
        self.begin(0)

    def begin(self, start):
        """Make them anew from step `start` on, of the attempt of now."""
        self._next, self._iterator, self._batch = start, None, None

    def of(self, step):
        """The batch of a step."""
        if self._iterator is not None and step == self._next - 1:
            return self._batch
        if self._iterator is None or step != self._next:
            self._next, self._iterator = step, iter(self._data(step, self._health.attempt))
        try:
            self._batch = next(self._iterator)
        except StopIteration:
            raise RuntimeError(f"the data end before step {step}") from None
        self._next = step + 1
        return self._batch


def _asks_to_go_back(health, metrics, done, line):
    """What the guards say of a line; each new verdict is a text in TensorBoard, also where it ends the run."""
    known = len(health.findings)
    try:
        return health.check(done, line)
    finally:
        # A full disk is not to hide the verdict that ends the run.
        with suppress(*((OSError,) if sys.exc_info()[0] else ())):
            for finding in health.findings[known:]:
                metrics.text(done, f"verdict: {finding.guard}", str(finding))


def _roll_back(checkpointer, hosts, health):
    """Back to the last good checkpoint, whose step is returned; without one the run ends."""
    checkpointer.drop_provisional()
    saved = checkpointer.restore()
    if saved is None:
        raise Unhealthy(health.findings)
    step, state = saved
    for name, host in hosts.items():
        if host is not health and name in state:
            host.load(state[name])
    health.rolled_back(state["health"])
    print(f"rolled back to step {step}, attempt {health.attempt}", flush=True)
    return step
