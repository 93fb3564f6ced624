import pytest

from longrun import Health, Unhealthy
from longrun.config import changed
from stegastamp import presets
from stegastamp.training import health

COLLAPSE = presets.collapse_demo()


def line(**values):
    """A line of metrics of a run that learns."""
    return {
        "message_loss": 0.2, "label_entropy": 0.0, "constant_loss": 0.6931, "information": 0.49, "residual_rms": 0.1,
        "image_weight": 2.0, "gradient_norm": 1.0, "label_low": 0.0, "label_high": 1.0, "label_hard": 1.0, **values,
    }  # fmt: skip


def first_finding(config, lines, every=25):
    """(step, guard, cause) of the first finding in lines that are `every` steps apart, or None."""
    checks = Health(health.guards(config), "stop")
    for number, values in enumerate(lines, 1):
        try:
            checks.check(number * every, values)
        except Unhealthy as stop:
            return stop.findings[0].step, stop.findings[0].guard, stop.findings[0].cause
    return None


def test_a_run_that_learns_is_healthy():
    assert first_finding(COLLAPSE, [line()] * 60) is None


def test_collapse_under_an_image_loss_is_named():
    step, guard, cause = first_finding(COLLAPSE, [line(residual_rms=1e-4, information=0.0)] * 60)
    assert (step, guard) == (150, "residual collapse")
    assert cause == "residual collapsed because the image loss outweighs the message before the message is carried"


def test_collapse_without_an_image_loss_has_another_cause():
    _, guard, cause = first_finding(COLLAPSE, [line(residual_rms=1e-4, information=0.0, image_weight=0.0)] * 60)
    assert guard == "residual collapse"
    assert "no image loss presses on it" in cause


def test_a_faint_residual_that_is_read_is_healthy():
    assert first_finding(COLLAPSE, [line(residual_rms=1e-3)] * 60) is None


def test_one_faint_interval_is_no_collapse():
    lines = [line(), line(residual_rms=1e-4, information=0.0)] * 30
    assert first_finding(COLLAPSE, lines) is None


def test_explosion_is_looked_for_where_nothing_forbids_it():
    loud = [line(residual_rms=25.0)] * 60
    assert first_finding(COLLAPSE, loud)[1] == "residual explosion"
    assert first_finding(changed(COLLAPSE, head="normalised", regime="closed_loop"), loud) is None


def test_a_message_that_is_not_carried_is_named_after_six_intervals():
    step, guard, cause = first_finding(COLLAPSE, [line(message_loss=0.6931, information=0.0)] * 60)
    assert (step, guard) == (150 + 5 * 25, "message at its floor")
    assert cause == "no message is carried: the loss is that of a constant answer"


def test_constant_labels_are_no_message():
    values = line(message_loss=0.5006, label_entropy=0.5004, constant_loss=0.5004, label_low=0.2, label_high=0.2, label_hard=0.0)
    _, guard, cause = first_finding(COLLAPSE, [values | health.diagnose(values)] * 60)
    assert guard == "message at its floor"
    assert "labels are the constant 0.2" in cause
    assert "0.5006 is at the floor: loss = entropy of the labels 0.5004" in cause


def test_constant_labels_not_yet_learnt_are_no_message_either():
    values = line(message_loss=0.65, label_entropy=0.5004, constant_loss=0.5004, label_low=0.2, label_high=0.2, label_hard=0.0)
    assert "loss 0.6500 is above the floor: floor = entropy of the labels 0.5004; no message" in health.label_note(values)


def test_soft_labels_have_no_note():
    assert health.label_note(line(label_low=0.2, label_high=0.8, label_hard=0.0)) is None
    assert health.label_note(line()) is None


def test_information_of_an_interval_in_which_the_constant_changed():
    """Half of the steps at the constant 0.2, half at 0.3, each answered by a bias: nothing is carried."""
    mean = (0.5004 + 0.6109) / 2
    values = line(message_loss=mean, label_entropy=mean, constant_loss=mean, label_low=0.3, label_high=0.3, label_hard=0.0)
    assert health.diagnose(values)["information"] == pytest.approx(0.0)


LEAKING = line(bit_accuracy=0.889, held_out_png=0.501)


def test_a_message_that_no_file_holds_is_named():
    """Accuracies of a training without clipping whose residual had grown to 25 (additive head, rate 1e-4)."""
    step, guard, cause = first_finding(COLLAPSE, [LEAKING, line(bit_accuracy=0.889)] * 30)
    # Step 150 is no evaluation; two of those after it have to agree.
    assert (step, guard) == (7 * 25 + 50, "range leak")
    assert cause.startswith("bit accuracy is 0.889 in training and 0.501 in 8-bit files of other photos: the message is carried by values ")


def test_one_bad_evaluation_is_no_leak():
    assert first_finding(COLLAPSE, [LEAKING, line(bit_accuracy=0.92, held_out_png=0.89)] * 30) is None


def test_nothing_leaks_where_training_rounds_to_8_bits():
    assert first_finding(changed(COLLAPSE, eight_bit=True), [LEAKING] * 60) is None


def test_the_accuracy_of_soft_labels_is_left_out():
    """On constant labels it is 1.0, also where nothing is read; an interval may end with bits and have begun with a constant."""
    constant = line(bit_accuracy=1.0, label_entropy=0.5004, constant_loss=0.5004, label_hard=0.0)
    mixed = line(bit_accuracy=0.75, label_entropy=0.25, constant_loss=0.6)
    bits = line(bit_accuracy=0.9)
    for values in (constant, mixed, bits):
        values |= health.diagnose(values)
    assert "bit_accuracy" not in constant and "bit_accuracy" not in mixed
    assert bits["bit_accuracy"] == 0.9


def test_nonfinite_is_first():
    assert first_finding(COLLAPSE, [line(), line(message_loss=float("nan"))])[1] == "non-finite"


def test_guards_remember_through_a_checkpoint():
    sick = line(residual_rms=1e-4, information=0.0)
    before, after = Health(health.guards(COLLAPSE), "stop"), Health(health.guards(COLLAPSE), "stop")
    for step in (100, 125):
        before.check(step, sick)
    after.load(before.state())
    with pytest.raises(Unhealthy, match="residual collapsed"):
        after.check(150, sick)
    fresh = Health(health.guards(COLLAPSE), "stop")
    assert not fresh.check(150, sick)
