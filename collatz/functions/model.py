"""The networks: the original run's multilayer perceptron, and new here: a clock, and levels on which a closed form falls.

All see the raw features (B, 6 + lookahead) alone, and all are Functional models of built-in layers and operations.
"""

import math

import keras
import numpy as np
from keras import ops

from collatz.functions.clock import ENDGAME, HEIGHT, PACE_TIMES_LOOKAHEAD, arc_waits, endgame_steps
from collatz.numbers.features import FIRST_VALUATION, LARGEST_VALUATION
from collatz.numbers.syracuse import LOG2_3
from collatz.settings import DRIFT_COEFFICIENT, ModelSettings

LARGEST_LOGARITHM = 115.0
"""Nats; more than any in a window, (128 + 64 log2(3/2)) ln 2 = 114.7."""
CORRECTION = 1000
"""Steps by which a network may put off the clock beyond what the closed form ever says."""
SPACING = 120.0
"""Height of a level; more than LARGEST_LOGARITHM."""
TOP = 116.0
"""A climbing window stands at TOP minus its maximum within its level."""
TIE_BREAK = 1e-3
"""Nats a step, as in the closed forms; ten times larger, because V is float32 here."""


def build_model(settings: ModelSettings) -> keras.Model:
    """The model that is trained."""
    return {"original": build_original, "levels": build_levels, "clock": build_clock}[settings.recipe](settings)


def value_model(model: keras.Model) -> keras.Model:
    """features -> V (B,), sharing the weights of a model of `build_model` or `saved_model`."""
    if not isinstance(model.output, dict):
        return model
    return keras.Model(model.input, model.output["value"], name="lyapunov_function")


def saved_model(model: keras.Model) -> keras.Model:
    """What leaves a run, and opens with keras.saving.load_model by itself: V alone, but the original's network whole.

    Its drift coefficient is a weight that V does not depend on.
    """
    return model if "drift_term" in model.output else value_model(model)


def build_original(settings: ModelSettings, hidden_dtype: str | None = None) -> keras.Model:
    """The original run's network: features -> {"value": V (B,) > 0, "drift_term": b drift (B,) in nats}.

    Dense layers with LeakyReLU of slope 0.1, then softplus + 1e-6. The coefficient b is a weight of the network but enters
    the anchor's target alone. hidden_dtype: of the hidden layers after the first, their weights included; what comes in and goes out
    stays as it is, for bfloat16 has not the digits to tell n from T(n).
    """
    features = keras.Input((FIRST_VALUATION + settings.lookahead,), name="features")
    hidden = features
    for index, width in enumerate(settings.widths, 1):
        dtype = hidden_dtype if index > 1 else None
        hidden = _dense(width, hidden.shape[-1], f"hidden_{index}", dtype)(hidden)
        hidden = keras.layers.LeakyReLU(0.1, name=f"activation_{index}", dtype=hidden_dtype)(hidden)
    value = ops.softplus(_dense(1, hidden.shape[-1], "output")(hidden)) + 1e-6
    start = keras.initializers.Constant(DRIFT_COEFFICIENT)
    drift = keras.layers.Dense(1, use_bias=False, kernel_initializer=start, name="drift_coefficient")(10 * features[:, 5:6])
    return keras.Model(features, {"value": value[:, 0], "drift_term": drift[:, 0]}, name="original")


def build_levels(settings: ModelSettings) -> keras.Model:
    """Levels: features -> {"value": V (B,), "logits": (B, levels), "prior": closed form's level, "low", "high": (B,)}.

    A window stands on one of `levels` levels. On even ones V falls from its largest logarithm ("low"), on odd ones from TOP
    minus it ("high"), so a step violates if it goes up a level, or stays on an even level and reveals a new maximum, or
    stays on an odd one and leaves the maximum behind. The network chooses the level: the closed form's logits (two levels for
    climbs, two on top for multiples of three) plus a perceptron that starts at zero. V takes the largest logit.
    """
    features = keras.Input((FIRST_VALUATION + settings.lookahead,), name="features")
    orbit = ops.cast(log_orbit(features, settings.lookahead), "float32")
    tie_break = TIE_BREAK * np.arange(settings.lookahead + 1, dtype=np.float32)
    low = ops.max(orbit + tie_break, axis=1)
    high = TOP - ops.max(orbit - tie_break, axis=1)
    last_maximum = ops.argmax(orbit + tie_break, axis=1)
    # At one the orbit stays at zero up to rounding and does not climb; the next odd number stands at ln 3.
    climbs = ops.logical_and(last_maximum >= settings.climb_index, low > 0.5)
    is_multiple = ops.cast(features[:, 1] < 0.25, "int32")
    prior = ops.cast(climbs, "int32") + (settings.levels - 2) * is_multiple

    hidden = _perceptron(settings, features, orbit)
    correction = keras.layers.Dense(settings.levels, kernel_initializer="zeros", name="correction")(hidden)
    logits = settings.prior_strength * ops.one_hot(prior, settings.levels) + correction

    level = ops.argmax(logits, axis=1)
    value = SPACING * ops.cast(level, "float32") + ops.where(ops.equal(level % 2, 0), low, high)
    outputs = {"value": value, "logits": logits, "prior": prior, "low": low, "high": high}
    return keras.Model(features, outputs, name="levels")


def build_clock(settings: ModelSettings, endgame: bool = True) -> keras.Model:
    """Clock: features -> {"value": V (B,) whole steps, "estimate": y (B,), "closed_form": y without training, "counts": (B,)}.

    V is the first moment, in steps from now, from y on at which the phase of log2 n stands in an arc of width `arc`, so a
    step violates with probability arc x max(0, 1 - (y(n) - y(T n))): see collatz.functions.clock. The network learns y, starting from the
    closed form. "counts" is 1 where a violation is possible at all: not on multiples of three, which stand above everything, and
    not where the window has reached the endgame, for there V is the number of steps left; without `endgame` V is never looked up.
    """
    features = keras.Input((FIRST_VALUATION + settings.lookahead,), name="features")
    orbit = log_orbit(features, settings.lookahead)
    pace = PACE_TIMES_LOOKAHEAD / settings.lookahead
    closed_form = ops.max(orbit / pace + np.arange(settings.lookahead + 1.0), axis=1)
    hidden = _perceptron(settings, features, ops.cast(orbit, "float32"))
    correction = keras.layers.Dense(1, kernel_initializer="zeros", name="correction")(hidden)
    estimate = closed_form + ops.cast(correction[:, 0], "float64")

    # The phase is read at the largest logarithm, which the 1 in 3 n + 1 turns least, and moved on to `earliest` by table.
    longest = math.ceil(LARGEST_LOGARITHM / pace) + settings.lookahead + CORRECTION
    earliest = ops.cast(ops.ceil(ops.clip(estimate, 0, longest)), "int32")
    peak = ops.argmax(orbit, axis=1)
    turns = np.arange(-settings.lookahead, longest + 1) * LOG2_3 % 1
    phase = (ops.max(orbit, axis=1) / math.log(2) + ops.take(turns, earliest - peak + settings.lookahead)) % 1
    borders, waits = arc_waits(settings.arc)
    arrival = ops.cast(earliest, "float64") + ops.take(np.float64(waits), ops.searchsorted(borders, phase, side="right") - 1)

    last = ops.cast(ops.round(ops.exp(ops.minimum(orbit[:, -1], math.log(ENDGAME)))), "int32")
    after = ops.take(endgame_steps().astype(np.int32), last)
    arrived = after >= 0
    steps_left = ops.sum(ops.cast(orbit > 0.5, "int32"), axis=1) + after - ops.cast(last > 1, "int32")
    below = ops.cast(steps_left - (settings.lookahead + 1 + int(endgame_steps().max())), "float64")
    is_multiple = features[:, 1] < 0.25
    value = (ops.where(arrived, below, arrival) if endgame else arrival) + HEIGHT * ops.cast(is_multiple, "float64")
    counts = ops.cast(ops.logical_not(ops.logical_or(arrived, is_multiple)), "float32")
    outputs = {"value": ops.cast(value, "float32"), "counts": counts}
    outputs |= {"estimate": ops.cast(estimate, "float32"), "closed_form": ops.cast(closed_form, "float32")}
    return keras.Model(features, outputs, name="clock")


def _perceptron(settings, features, orbit):
    """Hidden layers on the raw features and on what a linear layer cannot make of them."""
    residue = ops.cast(ops.round(26 * features[:, 3]), "int32")
    hidden = ops.concatenate(
        [
            features,
            ops.one_hot(residue, 27),
            ops.one_hot(ops.argmax(orbit, axis=1), settings.lookahead + 1),
            (ops.max(orbit, axis=1, keepdims=True) - orbit) / 4,
            ops.exp(orbit / -10),
        ],
        axis=1,
    )
    for index, width in enumerate(settings.widths, 1):
        hidden = keras.layers.Dense(width, kernel_initializer="he_normal", name=f"hidden_{index}")(hidden)
        hidden = keras.layers.LeakyReLU(0.1, name=f"activation_{index}")(hidden)
    return hidden


def log_orbit(features, lookahead: int):
    """ln n, ln T(n), ..., ln T^L(n), (B, L + 1) float64, from ln(3 m + 1) = softplus(ln 3 + ln m).

    Clipped valuations are repaired from the drift column, which holds the exact sum (see closed_forms.window_valuations).
    """
    features = ops.cast(features, "float64")
    clipped = ops.round(10 * features[:, FIRST_VALUATION:])
    total = ops.round(lookahead * LOG2_3 - 10 * features[:, 5:6])
    is_clipped = ops.cast(clipped >= LARGEST_VALUATION, "float64")
    missing = total - ops.sum(clipped, axis=1, keepdims=True)
    share = missing / ops.maximum(1.0, ops.sum(is_clipped, axis=1, keepdims=True))
    halvings = math.log(2) * (clipped + is_clipped * share)
    orbit = [40 * math.log(10) * features[:, :1]]
    for step in range(lookahead):
        # A window with several clipped valuations is not exact and may fall below one.
        orbit.append(ops.relu(ops.softplus(orbit[-1] + math.log(3)) - halvings[:, step : step + 1]))
    return ops.concatenate(orbit, axis=1)


def _dense(width: int, fan_in: int, name: str, dtype: str | None = None) -> keras.layers.Dense:
    """A dense layer that starts as PyTorch's: kernel and bias uniform within 1 / sqrt(fan in)."""
    kernel = keras.initializers.VarianceScaling(1 / 3, "fan_in", "uniform")
    bias = keras.initializers.RandomUniform(-1 / math.sqrt(fan_in), 1 / math.sqrt(fan_in))
    return keras.layers.Dense(width, kernel_initializer=kernel, bias_initializer=bias, name=name, dtype=dtype)
