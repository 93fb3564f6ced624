"""One sick training of the zoo and its healthy twin, as the command trains them."""

from longrun.zoo.command import trained
from longrun.zoo.kinds import BY_NAME, HALF, STEPS
from longrun.zoo.tally import named_rightly

KIND = BY_NAME["resume repeats data"]


def test_a_sick_training_is_found_and_its_twin_is_left_alone():
    """The kind that is stopped and goes on, so that all state of the guards has travelled."""
    sick, healthy = trained([(KIND.name, is_sick, 100) for is_sick in (True, False)])
    assert named_rightly(sick)
    assert len(sick["curves"]["loss"]) == KIND.onset + HALF
    assert healthy["findings"] == []
    assert len(healthy["curves"]["loss"]) == STEPS
    assert healthy["curves"]["loss"][-1] < 0.7 * healthy["curves"]["loss"][0]
