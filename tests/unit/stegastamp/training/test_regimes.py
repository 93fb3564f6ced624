import json

import numpy as np
import pytest
import tensorflow as tf

from longrun.config import changed
from stegastamp import presets
from stegastamp.training import losses, regimes
from stegastamp.training.regimes import ClosedLoop, scalars

PAPER = presets.paper()
CURRICULUM = presets.log_curriculum()
LOOP = changed(presets.tiny(), steps=1000, strength=0.1, gate=0.9, distortion_level=0.5, distortion_ramp=100, warp=0.1)


def at(config, step, *names, loop=None):
    values = scalars(config, step, loop or ClosedLoop())
    return [values[name] for name in names]


@pytest.mark.parametrize(
    ("step", "secret", "image", "lpips", "critic"),
    [
        (0, 1.0, 0.0, 0.0, 0.0),
        (1499, 1.0, 0.0, 0.0, 0.0),
        # The ramps began at step 0, so the image terms start at a tenth.
        (1500, 1.5, 0.2, 0.15, 0.05),
        (15_000, 1.5, 2.0, 1.5, 0.5),
        (140_000, 1.5, 2.0, 1.5, 0.5),
    ],
)
def test_weights_of_the_paper(step, secret, image, lpips, critic):
    found = at(PAPER, step, "secret_weight", "image_weight", "lpips_weight", "critic_weight")
    assert found == pytest.approx([secret, image, lpips, critic])


@pytest.mark.parametrize(("step", "gain"), [(0, 0.0), (15_000, 0.0), (80_000, 0.0), (85_000, 5.0), (90_000, 10.0), (140_000, 10.0)])
def test_edge_gain_of_the_paper(step, gain):
    assert at(PAPER, step, "edge_gain") == pytest.approx([gain])


@pytest.mark.parametrize(("step", "level", "warp"), [(0, 0.0, 0.0), (500, 0.5, 0.005), (1000, 1.0, 0.01), (10_000, 1.0, 0.1)])
def test_distortions_of_the_paper(step, level, warp):
    ramped = [f"level_{name}" for name in regimes.DISTORTIONS if name != "blur"]
    assert at(PAPER, step, *ramped, "warp") == pytest.approx([level] * 6 + [warp])


def test_the_paper_blurs_from_the_start():
    assert [at(PAPER, step, "level_blur") for step in (0, 1, 139_999)] == [[1.0]] * 3


def test_the_paper_has_one_rate_and_fair_bits():
    for step in (0, 1500, 90_000, 139_999):
        assert at(PAPER, step, "learning_rate", "strength", "label_hard") == [1e-4, 1.0, 1.0]


def test_constants_of_the_curriculum():
    constants = [at(CURRICULUM, step, "label_low", "label_high", "label_hard") for step in (0, 999, 1000, 2000, 7000, 34_999)]
    assert constants == [pytest.approx([c, c, 0.0]) for c in (0.2, 0.2, 0.3, 0.4, 0.9, 0.9)]


def test_phases_of_the_curriculum():
    names = ("label_low", "label_high", "label_hard")
    assert at(CURRICULUM, 35_000, *names) == at(CURRICULUM, 69_999, *names) == [0.2, 0.8, 0.0]
    assert at(CURRICULUM, 70_000, *names)[2] == at(CURRICULUM, 139_999, *names)[2] == 1.0


@pytest.mark.parametrize(("step", "factor"), [(0, 1.0), (34_999, 1.0), (35_000, 0.5), (69_999, 0.5), (70_000, 0.1), (139_999, 0.1)])
def test_rates_of_the_curriculum(step, factor):
    assert at(CURRICULUM, step, "learning_rate") == pytest.approx([factor * CURRICULUM.optimizer.learning_rate])


@pytest.mark.parametrize(("progress", "weight"), [(0, 0.0), (0.1, 0.0), (0.3, 0.25), (0.4999, 0.49988), (0.5, 1.0), (0.99, 1.0)])
def test_image_loss_of_the_curriculum(progress, weight):
    """A tenth of the steps without it, four tenths up to a half, the rest in full."""
    assert at(CURRICULUM, round(progress * 140_000), "image_weight") == pytest.approx([weight * CURRICULUM.losses.image_weight], abs=1e-4)


def test_the_curriculum_augments_as_the_log_did():
    levels = {name: at(CURRICULUM, 35_000, f"level_{name}")[0] for name in regimes.DISTORTIONS}
    assert levels == {"noise": 0.25, "contrast": 0.25, "brightness": 0.25, "blur": 0.0, "hue": 0.0, "saturation": 0.0, "jpeg": 0.0}


@pytest.mark.parametrize(
    ("low", "high", "hard", "floor"),
    [
        (0.0, 1.0, 1.0, 0.5),
        *((constant, constant, 0.0, 1.0) for constant in (0.2, 0.5, 0.9)),
        (0.2, 0.8, 0.0, 0.5),
        (0.6, 0.8, 0.0, 1.0),
        (0.1, 0.3, 0.0, 1.0),
        (0.4, 0.8, 0.0, 0.75),
        (0.1, 0.6, 0.0, 0.8),
    ],
)
def test_floor_of_the_bit_accuracy(low, high, hard, floor):
    assert regimes.majority(low, high, hard) == pytest.approx(floor)
    unit = tf.random.stateless_uniform((10_000, 1), (0, 0))
    labels = losses.draw_labels(unit, {"label_low": low, "label_high": high, "label_hard": tf.constant(hard)})
    drawn = np.mean(labels.numpy() > 0.5)
    assert max(drawn, 1 - drawn) == pytest.approx(floor, abs=0.02)


def test_every_step_has_its_floor():
    assert [at(CURRICULUM, step, "bit_accuracy_floor") for step in (0, 34_999, 35_000, 70_000)] == [[1.0], [1.0], [0.5], [0.5]]
    assert at(PAPER, 0, "bit_accuracy_floor") == at(LOOP, 0, "bit_accuracy_floor") == [0.5]
    assert at(changed(CURRICULUM, gradual_low=0.6), 35_000, "bit_accuracy_floor") == [1.0]


def feed(loop, config, accuracy, steps):
    for step in steps:
        loop.observe(step, accuracy, config)


def test_the_loop_waits_for_the_gate():
    loop = ClosedLoop()
    feed(loop, LOOP, 0.89, range(5, 400, 5))
    assert (loop.strength, loop.opened, loop.level(400, LOOP)) == (1.0, -1, 0.0)
    assert at(LOOP, 400, "strength", "warp", "level_jpeg", loop=loop) == [1.0, 0.0, 0.0]


def test_the_loop_opens_and_lowers():
    loop = ClosedLoop(accuracy=0.88)
    loop.observe(5, 1.0, LOOP)  # .8 * .88 + .2 * 1 = .904
    assert loop.accuracy == pytest.approx(0.904)
    assert (loop.strength, loop.opened) == (0.95, 5)
    loop.observe(10, 0.95, LOOP)
    assert (loop.strength, loop.opened) == (pytest.approx(0.95**2), 5)


def test_the_loop_holds_below_the_gate_and_goes_on_above_it():
    loop = ClosedLoop(strength=0.5, accuracy=0.95, opened=100)
    feed(loop, LOOP, 0.5, (105, 110))
    assert (loop.strength, loop.opened) == (0.5, 100)
    feed(loop, LOOP, 1.0, range(115, 200, 5))
    assert loop.strength < 0.5
    assert loop.opened == 100


def test_the_loop_stops_at_the_floor():
    loop = ClosedLoop()
    feed(loop, LOOP, 1.0, range(5, 890, 5))
    assert loop.strength == LOOP.mark.strength


def test_the_last_tenth_only_polishes():
    loop = ClosedLoop(strength=0.5, accuracy=1.0, opened=100)
    feed(loop, LOOP, 1.0, range(900, 1000, 5))
    assert loop.strength == 0.5


def test_distortions_of_the_loop_rise_from_its_opening():
    loop = ClosedLoop(opened=200)
    assert [loop.level(step, LOOP) for step in (100, 200, 250, 300, 900)] == [0.0, 0.0, 0.25, 0.5, 0.5]
    assert at(LOOP, 250, "warp", "level_blur", loop=loop) == pytest.approx([0.025, 0.25])


def test_distortions_come_first_where_they_are_asked_to():
    config = changed(LOOP, distortions_first=True, distortion_ramp=50)
    loop = ClosedLoop(accuracy=0.95)
    feed(loop, config, 1.0, range(5, 30, 5))
    assert (loop.strength, loop.level(25, config)) == (1.0, pytest.approx(0.25))
    feed(loop, config, 0.0, range(30, 100, 5))
    assert (loop.strength, loop.level(95, config)) == (1.0, pytest.approx(0.25))
    feed(loop, config, 1.0, range(100, 400, 5))
    assert loop.level(400, config) == 0.5
    assert loop.strength < 0.2


def test_a_localiser_sees_warps_from_the_start():
    config = changed(LOOP, transformer="localiser", sync=0.25)
    assert at(config, 0, "warp", "level_jpeg", loop=ClosedLoop()) == [0.1, 0.0]


def test_rate_of_the_loop_holds_and_decays():
    peak, hold = LOOP.optimizer.learning_rate, int(LOOP.optimizer.hold * LOOP.run.steps)
    rates = [at(LOOP, step, "learning_rate")[0] for step in (0, hold - 1, (hold + 1000) // 2, 1000)]
    assert rates == pytest.approx([peak, peak, peak * (1 + LOOP.optimizer.final_rate) / 2, peak * LOOP.optimizer.final_rate], rel=0.01)


def test_the_loop_s_state_survives_json():
    loop, again = ClosedLoop(), ClosedLoop()
    feed(loop, LOOP, 0.93, range(5, 150, 5))
    again.load(json.loads(json.dumps(loop.state())))
    assert again == loop
    for each in (loop, again):
        feed(each, LOOP, 1.0, range(150, 200, 5))
    assert again == loop


@pytest.mark.parametrize("name", presets.PRESETS)
def test_every_value_is_a_float_under_one_set_of_names(name):
    """An int would be another tensor type, and a name that comes and goes a retrace."""
    config = presets.PRESETS[name]()
    steps = (0, 1, config.schedule.message_only_steps, config.run.steps // 3, config.run.steps // 2, config.run.steps - 1)
    found = [scalars(config, step, ClosedLoop(opened=opened)) for step in steps for opened in (-1, 0)]
    assert {type(value) for values in found for value in values.values()} == {float}
    assert {tuple(sorted(values)) for values in found} == {tuple(sorted(found[0]))}
    assert {f"level_{name}" for name in regimes.DISTORTIONS} < set(found[0])


def test_from_another_training_the_strength_begins_where_it_is_told():
    begun = ClosedLoop.closed(changed(LOOP, first_strength=0.3))
    assert begun == ClosedLoop(strength=0.3, accuracy=0.9, opened=0, raised=1.0)
    assert ClosedLoop.closed(LOOP).strength == ClosedLoop.closed(changed(LOOP, first_strength=0.05)).strength == 0.1
