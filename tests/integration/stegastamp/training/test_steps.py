import cv2
import keras
import numpy as np
import pytest
import tensorflow as tf

from longrun import RetraceError, StepFunction
from longrun.config import changed
from longrun.step import seeding
from stegastamp.network import model
from stegastamp.training import losses, regimes
from stegastamp.training.steps import build

DRAW = np.random.default_rng(0)
IMAGES = np.stack([cv2.resize(DRAW.integers(0, 256, (5, 5, 3), dtype=np.uint8), (32, 32)) for _ in range(4)])
BATCH = {"image": IMAGES, "keys": seeding.sample_keys(0, 0, 4)}


def make(config, seed=0):
    keras.utils.set_random_seed(seed)
    return build(config, tf.distribute.get_strategy())


def scalars(config, step=0, **values):
    return regimes.scalars(config, step, regimes.ClosedLoop()) | values


def numbers(report):
    return {name: float(value) for name, value in report.items()}


def state(parts):
    return {name: [np.array(variable) for variable in group] for name, group in parts.groups.items()}


def restore(parts, saved):
    for name, group in parts.groups.items():
        for variable, value in zip(group, saved[name], strict=True):
            variable.assign(value)


def same(one, other):
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


@pytest.fixture(scope="module")
def plain(small):
    """The compiled steps of the smallest training, and its state before the first one."""
    parts = make(small)
    return parts, state(parts)


@pytest.fixture(scope="module")
def full(small):
    """Everything the paper has, small: additive head, transformer, critic, warp, distortions, published ramps."""
    return changed(
        small, head="additive", transformer="compact", critic=True, warp=0.1, warp_ramp=1000, distortions=True, regime="paper",
        message_only_steps=100, image_weight=2.0, image_ramp=1000, chroma_scale=100.0, edge_gain=10.0, edge_delay=500, edge_ramp=500,
    )  # fmt: skip


@pytest.fixture(scope="module")
def everything(full):
    """The steps of `full` line by line, and their state before the first one."""
    parts = make(changed(full, mode="eager", average_decay=0.9))
    return parts, state(parts)


def test_one_batch_is_learnt_by_heart(small, plain):
    parts, start = plain
    restore(parts, start)
    values = scalars(small, learning_rate=3e-3)
    reports = [numbers(parts.full_step(BATCH, values)) for _ in range(120)]
    assert reports[0]["bit_accuracy"] < 0.8
    assert all(report["bit_accuracy"] == 1.0 for report in reports[-10:])
    assert reports[-1]["message_loss"] < 0.05
    assert parts.full_step.traces == 1


def test_the_two_steps_have_each_their_own_adam(small, plain):
    parts, start = plain
    restore(parts, start)
    parts.message_step(BATCH, scalars(small))
    after_message = state(parts)
    assert same(after_message["optimizer"], start["optimizer"])
    assert not same(after_message["message_optimizer"], start["message_optimizer"])
    assert not same(after_message["encoder"], start["encoder"])
    parts.full_step(BATCH, scalars(small))
    after_full = state(parts)
    # The learning rate apart, which every step sets.
    assert same(after_full["message_optimizer"], after_message["message_optimizer"])
    assert not same(after_full["optimizer"], start["optimizer"])


def test_the_fixed_transforms_stay_fixed(plain):
    parts, start = plain
    trained = state(parts)
    fixed = [not variable.trainable for variable in parts.encoder.variables]
    assert sum(fixed) == 6
    for still, before, after in zip(fixed, start["encoder"], trained["encoder"], strict=True):
        assert not still or np.array_equal(before, after)


def test_averages_follow_the_weights(small, plain):
    parts, start = plain
    restore(parts, start)
    for _ in range(3):
        parts.full_step(BATCH, scalars(small))
    trained = state(parts)
    weights = [np.array(v) for v in (*parts.encoder.trainable_variables, *parts.decoder.trainable_variables)]
    count, *averages = trained["average"]
    assert count == 3
    between = [np.mean(np.abs(average - weight)) for average, weight in zip(averages, weights, strict=True)]
    assert 0 < np.mean(between) < 0.01
    parts.average.swap()
    assert same([np.array(v) for v in (*parts.encoder.trainable_variables, *parts.decoder.trainable_variables)], averages)
    parts.average.swap()
    assert same(state(parts)["encoder"], trained["encoder"]) and same(state(parts)["average"], trained["average"])


def test_every_weight_is_reached_by_a_gradient(small, full, everything):
    """Zeros of the image branch and of the transformer hold some back at step 0, and full strength the whole branch; then nothing."""
    additive, start = everything
    restore(additive, start)
    normalised = changed(small, transformer="compact", mode="eager")
    for parts, config in ((additive, full), (make(normalised), normalised)):
        for _ in range(2):
            parts.full_step(BATCH, scalars(config, 150, strength=0.5))
        trainable = parts.encoder.trainable_variables + parts.decoder.trainable_variables
        moments = [np.array(variable) for variable in parts.groups["optimizer"] if "momentum" in variable.path]
        assert len(moments) == len(trainable)
        still = [variable.path for variable, moment in zip(trainable, moments, strict=True) if not np.any(moment)]
        assert still == []


def test_eager_equals_graph_at_two_points_of_the_schedule(full, everything):
    graph, (eager, start) = make(changed(full, average_decay=0.9)), everything
    found = {}
    for step in (150, 900):
        reports = []
        for parts in (graph, eager):
            restore(parts, start)
            values = scalars(full, step)
            reports.append([numbers(parts.full_step(BATCH, values)) for _ in range(2)])
        for one, other in zip(*reports, strict=True):
            for name in one:
                assert one[name] == pytest.approx(other[name], rel=1e-5, abs=1e-6), (step, name)
        found[step] = reports[0][0]
    assert graph.full_step.traces == 1
    # The same weights, batch and trace: what differs is what the schedule says, so no number of it is frozen.
    for name in ("loss", "message_loss", "image_loss"):
        assert found[150][name] != pytest.approx(found[900][name], rel=1e-3)


def test_the_groups_hold_every_variable(monkeypatch, full):
    """Whatever a training makes that has a value: networks, optimizers, average, seeds. Each once."""
    made = []
    original = keras.Variable.__init__

    def note(self, *arguments, **options):
        original(self, *arguments, **options)
        made.append(self)

    monkeypatch.setattr(keras.Variable, "__init__", note)
    parts = make(changed(full, mode="eager", average_decay=0.9))
    held = [id(variable) for group in parts.groups.values() for variable in group if isinstance(variable, keras.Variable)]
    assert len(held) == len(set(held)) > 100
    forgotten = [variable.path for variable in made if id(variable) not in held]
    assert forgotten == []


def test_the_groups_hold_everything_that_a_step_changes(full, everything):
    """Another process, with other initial weights, goes on from them as if it were the first."""
    (one, start), other = everything, make(changed(full, mode="eager", average_decay=0.9), seed=1)
    restore(one, start)
    one.message_step(BATCH, scalars(full, 50))
    one.full_step(BATCH, scalars(full, 900))
    restore(other, state(one))
    for name, step in (("message_step", 99), ("full_step", 901)):
        values = scalars(full, step)
        assert numbers(getattr(one, name)(BATCH, values)) == numbers(getattr(other, name)(BATCH, values))
    for group, values in state(one).items():
        assert same(values, state(other)[group]), group


def test_mixed_precision_trains(full):
    policy = keras.mixed_precision.global_policy()
    keras.mixed_precision.set_global_policy("mixed_bfloat16")
    try:
        parts = make(changed(full, mode="eager"))
        reports = [numbers(parts.full_step(BATCH, scalars(full, 900, learning_rate=1e-3))) for _ in range(2)]
    finally:
        keras.mixed_precision.set_global_policy(policy)
    assert all(np.isfinite(value) for report in reports for value in report.values())
    assert reports[0]["message_loss"] != reports[1]["message_loss"]
    assert {variable.dtype for variable in parts.encoder.variables + parts.decoder.variables} == {"float32"}


def test_a_schedule_moves_what_it_names(small, plain):
    parts, start = plain
    reports = []
    for strength in (1.0, 0.5):
        restore(parts, start)
        reports.append(numbers(parts.full_step(BATCH, scalars(small, strength=strength))))
    assert reports[1]["residual_rms"] == pytest.approx(0.5 * reports[0]["residual_rms"], rel=1e-5)
    restore(parts, start)
    parts.full_step(BATCH, scalars(small, learning_rate=0.0))
    assert same(state(parts)["decoder"], start["decoder"])


def test_a_batch_s_report_is_the_mean_of_its_halves(full, everything):
    """Every draw comes from a sample's own key and every loss is a mean over samples: what many devices stand on."""
    parts, start = everything
    values = scalars(full, 900, learning_rate=0.0)
    restore(parts, start)
    whole = numbers(parts.full_step(BATCH, values))
    halves = []
    for rows in (slice(0, 2), slice(2, 4)):
        restore(parts, start)
        # A guard of its own, as another batch size would be a retrace of the first.
        half_step = StepFunction(parts.full_step._function, mode="eager")
        halves.append(numbers(half_step({name: value[rows] for name, value in BATCH.items()}, values)))
    for name in set(whole) - {"gradient_norm"}:
        assert whole[name] == pytest.approx((halves[0][name] + halves[1][name]) / 2, rel=1e-5, abs=1e-6), name


def test_the_critic_is_clipped_and_learns_by_itself(full, everything):
    parts, start = everything
    restore(parts, start)
    # Nothing but the critic's loss has a weight, and the encoder must not see that.
    nothing = scalars(full, 900, secret_weight=0.0, image_weight=0.0, critic_weight=0.0)
    report = numbers(parts.full_step(BATCH, nothing))
    after = state(parts)
    assert same(after["encoder"], start["encoder"]) and same(after["decoder"], start["decoder"])
    assert max(np.abs(weight).max() for weight in after["critic"]) <= 0.01 + 1e-9
    assert max(np.abs(weight).max() for weight in start["critic"]) > 0.1
    assert np.isfinite(report["critic_loss"])


def test_the_encoder_learns_to_deceive_the_critic(full):
    config = changed(full, mode="eager", warp=0.0, distortions=False, colour_augmentation=False)
    parts = make(config)
    start = state(parts)
    values = scalars(config, 900, secret_weight=0.0, image_weight=0.0, critic_weight=1.0, learning_rate=1e-3)
    critic = model.build_critic(config)
    critic.set_weights(start["critic"])
    cover = tf.constant(IMAGES, tf.float32) / 255
    message = tf.cast(seeding.uniform(BATCH["keys"], "message", (config.model.bits,)) < 0.5, tf.float32)

    def score():
        return float(tf.reduce_mean(critic(cover + parts.encoder([cover, message, tf.ones((4, 1))]))))

    scores = [score()]
    for _ in range(2):
        report = numbers(parts.full_step(BATCH, values))
        assert report["loss"] == report["deception_loss"] == pytest.approx(scores[-1], rel=1e-5)
        # The critic stands still, so that only the encoder moves the score.
        restore(parts, state(parts) | {"critic": start["critic"]})
        scores.append(score())
    assert scores[0] > scores[1] > scores[2]
    assert same(state(parts)["decoder"], start["decoder"])


def test_message_steps_ignore_everything_but_the_message(full, everything):
    parts, start = everything
    restore(parts, start)
    report = numbers(parts.message_step(BATCH, scalars(full, 50)))
    assert report["loss"] == report["message_loss"]
    assert same(state(parts)["critic"], start["critic"])


def training_of_the_original_run(small, weight_of):
    """StegaStamp's message and image loss by hand, the image weight read as `weight_of` says; (function of a weight, encoder)."""
    config = changed(small, head="additive")
    encoder, decoder = model.build_encoder(config), model.build_decoder(config)
    variables = encoder.trainable_variables + decoder.trainable_variables
    optimizer = keras.optimizers.Adam(1e-3)
    optimizer.build(variables)
    image = tf.constant(IMAGES, tf.float32) / 255
    message = tf.cast(tf.random.stateless_uniform((4, config.model.bits), (1, 2)) < 0.5, tf.float32)

    def train_step(batch, scalars):
        with tf.GradientTape() as tape:
            stamped = image + encoder([image, message, tf.ones((4, 1))])
            loss = losses.message_loss(message, decoder(stamped))["message_loss"]
            image_loss = losses.image_loss(image, stamped, tf.constant(0.0), 1.0)
            loss += weight_of(scalars) * image_loss
        optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))
        return {"loss": loss, "image_loss": image_loss}

    return train_step


def test_a_captured_number_is_frozen_by_a_bare_trace(small):
    """What the author of the original run feared, for once on purpose: the weight rises, and the compiled training never hears of it."""
    keras.utils.set_random_seed(0)
    weight = 0.0
    frozen = tf.function(training_of_the_original_run(small, lambda scalars: weight))
    before = [frozen({}, {})["image_loss"].numpy() for _ in range(5)]
    weight = 100.0
    after = [frozen({}, {}) for _ in range(40)]
    # With a weight of 100 on it, the loss would be more than its image part.
    assert all(report["loss"] < report["image_loss"] + 1 for report in after)
    assert after[-1]["image_loss"] > 0.5 * before[-1]


def test_a_captured_number_is_refused(small):
    weight = 2.0
    step = training_of_the_original_run(small, lambda scalars: weight)
    with pytest.raises(RetraceError, match="weight = 2.0"):
        StepFunction(step)
