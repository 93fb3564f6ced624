"""What a run goes on from after a kill or a power cut at every single moment at which it changes a file."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from longrun import Checkpointer, Report, Run
from tests.fixtures.disk import ENDS, Disk, Moment, distinct, put
from tests.fixtures.toy_training import Toy, kept, lines


@dataclass
class Straight:
    """A run that was left alone and watched."""

    folder: Path
    moments: list[Moment]
    digests: dict[int, str]
    """Step -> of all that the next step depends on."""


@pytest.fixture(scope="module")
def straight(tmp_path_factory):
    above = tmp_path_factory.mktemp("watched")
    toy, digests, disk, save = Toy(), {}, Disk(above), Checkpointer.save

    def saved(self, step, *arguments, **options):
        save(self, step, *arguments, **options)
        disk.promised = step

    with pytest.MonkeyPatch.context() as patch:
        disk.watch(patch)
        patch.setattr(Checkpointer, "save", saved)
        toy.train(above / "runs" / "toy", lambda tick: digests.update({tick.step: toy.digest()}))
    disk.close()
    return Straight(above / "runs" / "toy", disk.moments, {**digests, 12: toy.digest()})


def goes_on(folder, straight):
    """The step that a run in a folder goes on from; all that it goes on with is as it was then."""
    toy = Toy()
    with Run(folder, toy.config, preset="only", report=Report(columns=())) as run:
        step = getattr(next(toy.ticks(run), None), "step", 12)
        assert toy.digest() == straight.digests[step]
    assert lines(folder) == lines(straight.folder, up_to=step)
    return step


@pytest.mark.parametrize("end", ENDS)
def test_the_last_save_that_was_reported_is_there_whenever_it_ends(straight, tmp_path, end):
    """And one run in ten is trained to its end, where nothing tells it from the one that was left alone."""
    found = set()
    for number, (tree, promised) in enumerate(distinct(straight.moments, end)):
        put(tree, tmp_path / str(number))
        folder = tmp_path / str(number) / "runs" / "toy"
        step = goes_on(folder, straight)
        assert step >= promised, f"moment {number}"
        found.add(step)
        if number % 10 == 5:
            toy = Toy()
            toy.train(folder)
            assert (toy.digest(), lines(folder)) == (straight.digests[12], lines(straight.folder))
            # One that was about to be deleted may be left.
            assert {kind: steps[-2:] for kind, steps in kept(folder).items()} == kept(straight.folder)
    assert found == {0, 4, 8, 12}
