"""StepFunction: numbers that a trace would freeze, retraces by name, and the same values with and without a graph."""

import functools

import keras
import numpy as np
import pytest
import tensorflow as tf

from longrun import RetraceError, StepFunction, Unhealthy, apply_gradients, captured_numbers

BATCH = {"x": np.ones((4, 3), np.float32)}


def weighted_sum(batch, scalars):
    return {"loss": tf.reduce_sum(batch["x"]) * scalars["weight"]}


def closing_over(value):
    def step(batch, scalars):
        return {"loss": tf.reduce_sum(batch["x"]) * value}

    return step


# What is refused before the first step.


@pytest.mark.parametrize("value", [0.5, 3, True, np.float32(0.5), np.int64(3), 1j])
def test_a_captured_number_is_refused(value):
    with pytest.raises(RetraceError) as caught:
        StepFunction(closing_over(value))
    assert str(caught.value) == (f"step closes over Python numbers that a trace would freeze: value = {value!r}; pass them in `scalars`")


@pytest.mark.parametrize("value", [tf.constant(0.5), np.ones(3), "name", None])
def test_a_captured_object_is_accepted(value):
    assert captured_numbers(closing_over(value)) == {}


def test_a_number_captured_by_a_nested_function_is_refused():
    strength = 1.5

    def scaled(x):
        return x * strength

    def step(batch, scalars):
        return {"loss": tf.reduce_sum(scaled(batch["x"]))}

    with pytest.raises(RetraceError, match="strength = 1.5"):
        StepFunction(step)


def test_a_number_captured_by_a_function_inside_the_step_is_refused():
    strength = 1.5

    def step(batch, scalars):
        def scaled(x):
            return x * strength

        return {"loss": tf.reduce_sum(scaled(batch["x"]))}

    with pytest.raises(RetraceError, match="strength = 1.5"):
        StepFunction(step)


def test_numbers_bound_by_partial_defaults_and_methods_are_found():
    strength = 2.0

    class Project:
        def step(self, batch, scalars, weight=0.25):
            return {"loss": strength}

    assert captured_numbers(functools.partial(weighted_sum, margin=3)) == {"margin": 3}
    assert captured_numbers(functools.partial(closing_over(0.5), None)) == {"value": 0.5}
    assert captured_numbers(Project().step) == {"weight": 0.25, "strength": 2.0}


def test_functions_that_call_each_other_are_searched_once():
    limit = 7

    def even(n):
        return n == 0 or odd(n - 1)

    def odd(n):
        return n != limit and even(n - 1)

    assert captured_numbers(even) == {"limit": 7}


def test_a_function_that_is_not_defined_yet_is_no_number():
    def step(batch, scalars):
        return later(batch)

    assert captured_numbers(step) == {}

    def later(batch):
        return batch


def test_a_retrace_is_a_finding_that_stops_a_run():
    with pytest.raises(Unhealthy) as caught:
        StepFunction(closing_over(0.5))
    (finding,) = caught.value.findings
    assert (finding.guard, finding.step, finding.quantity) == ("retrace", None, "traces")
    assert caught.value.exit_code == 3


def test_an_unknown_mode_is_refused():
    with pytest.raises(ValueError, match="""^mode is "graph" or "eager", not 'fast'$"""):
        StepFunction(weighted_sum, mode="fast")


# The silent constant: what StepFunction is there to prevent.


def test_a_number_read_by_a_bare_tf_function_is_a_silent_constant():
    class Schedule:
        weight = 0.0

    schedule = Schedule()
    traces = []

    @tf.function
    def step(x):
        traces.append(1)
        return tf.reduce_sum(x) * schedule.weight

    outputs = []
    for schedule.weight in (0.0, 1.0, 2.0, 3.0):
        outputs.append(float(step(tf.ones((4,)))))
    assert outputs == [0.0, 0.0, 0.0, 0.0]  # The schedule asks for 0, 4, 8, 12.
    assert len(traces) == 1


def test_the_same_schedule_in_scalars_arrives_and_does_not_retrace():
    step = StepFunction(weighted_sum)
    assert [float(step(BATCH, {"weight": weight})["loss"]) for weight in (0.0, 1.0, 2.0, 3.0)] == [0.0, 12.0, 24.0, 36.0]
    assert step.traces == 1


# Retraces, by name.


@pytest.mark.parametrize(
    ("batch", "scalars", "message"),
    [
        ({"x": np.ones((2, 3), np.float32)}, {"weight": 1.0}, "batch['x']: (4, 3) float32 -> (2, 3) float32"),
        ({"x": np.ones((4, 3), np.float64)}, {"weight": 1.0}, "batch['x']: (4, 3) float32 -> (4, 3) float64"),
        (BATCH, {"weight": 1}, "scalars['weight']: () float32 -> () int64"),
        (BATCH, {"weight": True}, "scalars['weight']: () float32 -> () bool"),
        ({**BATCH, "y": np.zeros(2, np.int32)}, {"weight": 1.0}, "batch['y']: absent -> (2,) int32"),
        ({}, {"weight": 1.0}, "batch['x']: (4, 3) float32 -> absent"),
    ],
)
@pytest.mark.parametrize("mode", ["graph", "eager"])
def test_a_retrace_names_the_argument_before_and_after(mode, batch, scalars, message):
    step = StepFunction(weighted_sum, mode=mode)
    step(BATCH, {"weight": 1.0})
    with pytest.raises(RetraceError) as caught:
        step(batch, scalars)
    assert str(caught.value) == f"weighted_sum would retrace (limit 1): {message}"
    assert float(step(BATCH, {"weight": 2.0})["loss"]) == 24.0


def test_more_signatures_are_allowed_where_they_are_asked_for():
    step = StepFunction(weighted_sum, max_traces=2)
    for rows in (4, 2, 4, 2):
        assert float(step({"x": np.ones((rows, 3), np.float32)}, {"weight": 1.0})["loss"]) == 3.0 * rows
    assert step.traces == 2
    with pytest.raises(RetraceError, match=r"limit 2\): batch\['x'\]: \(2, 3\) float32 -> \(3, 3\) float32"):
        step({"x": np.ones((3, 3), np.float32)}, {"weight": 1.0})


def test_a_trace_that_the_arguments_do_not_explain_is_an_error():
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    optimizer = keras.optimizers.Adam()

    def train_step(batch, scalars):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(model(batch["x"]) ** 2)
        return apply_gradients(optimizer, tape.gradient(loss, model.trainable_variables), model.trainable_variables)

    with pytest.raises(RetraceError, match="^train_step was traced 2 times in one call, .* an optimizer that is not built yet"):
        StepFunction(train_step)(BATCH, {})


def test_an_error_in_the_first_trace_does_not_count_as_a_trace():
    fail = [True]

    def step(batch, scalars):
        if fail:
            raise ValueError("the first time")
        return {"loss": tf.reduce_sum(batch["x"])}

    function = StepFunction(step)
    with pytest.raises(ValueError, match="the first time"):
        function(BATCH, {})
    fail.clear()
    assert float(function(BATCH, {})["loss"]) == 12.0


@pytest.mark.parametrize("value", ["text", None, [1.0], np.array(["a", None], object)])
def test_what_is_no_tensor_is_refused_by_name(value):
    with pytest.raises(TypeError, match=rf"^scalars\['weight'\] is {type(value).__name__}, which is no tensor, array or number$"):
        StepFunction(weighted_sum)(BATCH, {"weight": value})


def test_numbers_become_tensors_of_fixed_types():
    def kinds(batch, scalars):
        return {name: tf.constant(value.dtype.name) for name, value in scalars.items()}

    numbers = {"bool": True, "int": 2, "float": 2.5, "float64": np.float64(2.5), "int32": np.int32(2)}
    results = StepFunction(kinds, mode="eager")({}, numbers)
    assert {name: value.numpy().decode() for name, value in results.items()} == {
        "bool": "bool",
        "int": "int64",
        "float": "float32",
        "float64": "float32",
        "int32": "int32",
    }
