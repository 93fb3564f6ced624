"""One training step, written once, run eagerly or as a compiled graph, behind a guard against silent constants and retracing."""

import contextlib
import functools
import inspect
from collections.abc import Callable, Mapping

import numpy as np
import tensorflow as tf

from longrun.errors import UserError
from longrun.health.guards import Finding, Unhealthy

Tensors = Mapping[str, tf.Tensor]
_NUMBERS = (bool, int, float, complex, np.generic)


class RetraceError(Unhealthy):
    """A step would be traced again, or would freeze a Python number into its trace. A finding of the guard "retrace"."""

    def __init__(self, message: str, traces: int = 1, limit: int = 0):
        super().__init__([Finding("retrace", None, "traces", traces, limit, message)])
        self.args = (message,)

    def __reduce__(self):
        (finding,) = self.findings
        return type(self), (finding.cause, int(finding.value), int(finding.limit))


class StepFunction:
    """`step(batch, scalars) -> dict of scalar tensors`, from a plain Python function of that signature.

    function: closes over objects (models, optimizers, a frozen configuration), never over Python numbers: a number read while
        tracing is a constant for ever after, and the training goes on as if the schedule did not exist. Refused at construction.
    mode: "graph" (one tf.function) or "eager" (the same function without one). What a tensor decides is written with tf.cond,
        tf.where or tf.while_loop: `if` and `for` on a tensor work in eager mode only, and TensorFlow says so.
    max_traces: how many different batch signatures are allowed before a further one is an error.
    jit_compile: XLA; worth trying on a GPU, slower on a CPU.
    strategy: a tf.distribute strategy. The batch given is then the global one; every replica gets its share of the rows and the
        results are averaged over replicas.

    Numbers in `batch` and `scalars` become tensors (float -> float32, int -> int64), so their changing never retraces.
    Raises RetraceError with the name of the argument and what it was and became; TypeError for values that are no tensors.
    """

    def __init__(
        self,
        function: Callable[[Tensors, Tensors], dict[str, tf.Tensor]],
        *,
        mode: str = "graph",
        max_traces: int = 1,
        jit_compile: bool = False,
        strategy: tf.distribute.Strategy | None = None,
    ):
        if mode not in ("graph", "eager"):
            raise ValueError(f'mode is "graph" or "eager", not {mode!r}')
        self.name = getattr(function, "__name__", type(function).__name__)
        captured = captured_numbers(function)
        if captured:
            names = ", ".join(f"{name} = {value!r}" for name, value in captured.items())
            raise RetraceError(f"{self.name} closes over Python numbers that a trace would freeze: {names}; pass them in `scalars`")
        self.mode = mode
        self._function = function
        self._strategy = strategy if strategy is not None and strategy.num_replicas_in_sync > 1 else None
        self._max_traces = max_traces
        self._signatures: list[dict[str, tuple]] = []
        self._traces = 0
        if mode == "graph":
            # Without AutoGraph, which reads and rewrites the source of all that a step calls: half of the time until the first step.
            self._run = tf.function(self._replicated, jit_compile=jit_compile or None, autograph=False)
        else:
            self._run = self._replicated

    def __call__(self, batch: Tensors, scalars: Mapping[str, object]) -> dict[str, tf.Tensor]:
        batch = {name: _tensor(f"batch[{name!r}]", value) for name, value in batch.items()}
        scalars = {name: _tensor(f"scalars[{name!r}]", value) for name, value in scalars.items()}
        signature = self._checked_signature(batch, scalars)
        known = signature in self._signatures
        before = self._traces
        if self._strategy is not None:
            batch = {name: _split(self._strategy, name, value) for name, value in batch.items()}
        results = self._run(batch, scalars)
        traces = self._traces - before
        if self.mode == "graph" and traces > (0 if known else 1):
            raise RetraceError(
                f"{self.name} was traced {traces} times in one call, although nothing of its arguments changed: does it make "
                "variables, or an optimizer that is not built yet?",
                traces=self._traces,
                limit=self._max_traces,
            )
        if not known:
            self._signatures.append(signature)
        return results

    @property
    def function(self) -> Callable[[Tensors, Tensors], dict[str, tf.Tensor]]:
        """The plain Python function."""
        return self._function

    @property
    def traces(self) -> int:
        """How often the function has been traced (0 in eager mode)."""
        return self._traces if self.mode == "graph" else 0

    def _replicated(self, batch, scalars):
        self._traces += 1  # A Python side effect: it happens while tracing only.
        if self._strategy is None:
            return self._function(batch, scalars)
        per_replica = self._strategy.run(self._function, args=(batch, scalars))
        return {name: self._strategy.reduce(tf.distribute.ReduceOp.MEAN, value, axis=None) for name, value in per_replica.items()}

    def _checked_signature(self, batch, scalars):
        signature = {f"batch[{n!r}]": (tuple(v.shape), v.dtype.name) for n, v in batch.items()}
        signature |= {f"scalars[{n!r}]": (tuple(v.shape), v.dtype.name) for n, v in scalars.items()}
        if signature not in self._signatures and len(self._signatures) >= self._max_traces:
            raise RetraceError(
                f"{self.name} would retrace (limit {self._max_traces}): {_difference(self._signatures[-1], signature)}",
                traces=len(self._signatures) + 1,
                limit=self._max_traces,
            )
        return signature


def captured_numbers(function: Callable) -> dict[str, object]:
    """Python and NumPy numbers that `function`, or a plain function it closes over, reads from an enclosing scope.

    Defaults of `function` itself and arguments bound by functools.partial count too: a step is called with two arguments only. It
    cannot see a module's globals or the attributes of objects: keep configurations frozen.
    """
    found = {name: value for name, value in _defaults(function).items() if isinstance(value, _NUMBERS)}
    pending, seen = [function], set()
    while pending:
        names = _enclosed(pending.pop(), seen)
        found |= {name: value for name, value in names.items() if isinstance(value, _NUMBERS)}
        pending += [value for value in names.values() if callable(value)]
    return found


def _defaults(function):
    function = getattr(function, "__func__", function)
    if not inspect.isfunction(function):
        return {}
    parameters = inspect.signature(function).parameters.values()
    return {parameter.name: parameter.default for parameter in parameters if parameter.default is not parameter.empty}


def _enclosed(function, seen):
    if isinstance(function, functools.partial):
        bound = {f"argument {number}": value for number, value in enumerate(function.args)}
        return {**bound, **function.keywords, "its function": function.func}
    function = getattr(function, "__func__", function)
    if not inspect.isfunction(function) or function in seen:
        return {}
    seen.add(function)
    names = {}
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        with contextlib.suppress(ValueError):  # A cell that is empty still: a function that is defined further down.
            names[name] = cell.cell_contents
    return names


def _tensor(name, value):
    if tf.is_tensor(value):
        return value
    if isinstance(value, bool | np.bool_):
        return tf.constant(value, tf.bool)
    if isinstance(value, float):
        return tf.constant(value, tf.float32)
    if isinstance(value, int):
        return tf.constant(value, tf.int64)
    if isinstance(value, np.ndarray | np.generic) and value.dtype != object:
        return tf.convert_to_tensor(value)
    raise TypeError(f"{name} is {type(value).__name__}, which is no tensor, array or number")


def _split(strategy, name, value):
    replicas = strategy.num_replicas_in_sync
    if value.shape.rank == 0 or value.shape[0] % replicas:
        raise UserError(f"batch[{name!r}] of shape {tuple(value.shape)} cannot be shared evenly among {replicas} replicas")
    share = value.shape[0] // replicas

    def rows(context):
        first = context.replica_id_in_sync_group * share
        return value[first : first + share]

    return strategy.experimental_distribute_values_from_function(rows)


def _difference(before, after):
    show = lambda entry: f"{entry[0]} {entry[1]}" if entry else "absent"  # noqa: E731
    names = [name for name in before | after if before.get(name) != after.get(name)]
    return "; ".join(f"{name}: {show(before.get(name))} -> {show(after.get(name))}" for name in names)
