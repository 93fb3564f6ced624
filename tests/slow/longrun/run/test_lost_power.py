"""Kills and power cuts at every moment of a run that is rolled back, saves what is provisional, and is stopped by a signal."""

import os
import signal
from collections import defaultdict

import pytest

from longrun import Checkpointer, Interrupted, Report, Run
from longrun.run.kept import of_kinds
from tests.fixtures.disk import ENDS, Disk, distinct, put
from tests.fixtures.toy_training import lines
from tests.integration.longrun.run.test_rollback import rolling, train


def watched(above, parts):
    """A run in parts, each ended as `parts` says; its moments, the digests at the beginning of every step, and its last toy."""
    folder, digests, disk = above / "runs" / "toy", defaultdict(set), Disk(above)
    save, restore, drop = Checkpointer.save, Checkpointer.restore, Checkpointer.drop_provisional

    def saved(self, step, *arguments, **options):
        save(self, step, *arguments, **options)
        disk.promised = step

    def dropped(self):
        good = [int(prefix.rpartition("-")[2]) for prefix in of_kinds(self.folder, "last")]
        disk.promised = max(good, default=-1)
        drop(self)

    def restored(self, *arguments):
        found = restore(self, *arguments)
        disk.promised = found[0] if found else -1
        return found

    with pytest.MonkeyPatch.context() as patch:
        disk.watch(patch)
        for name, function in (("save", saved), ("restore", restored), ("drop_provisional", dropped)):
            patch.setattr(Checkpointer, name, function)
        for turn in parts:
            toy = rolling()

            def during(tick, toy=toy, turn=turn):
                digests[tick.step].add(toy.digest())
                if len(toy.steps) == turn:
                    os.kill(os.getpid(), signal.SIGTERM)

            if turn is None:
                train(toy, folder, during)
            else:
                with pytest.raises(Interrupted):
                    train(toy, folder, during)
                digests[toy.steps[-1]].add(toy.digest())
    disk.close()
    digests[12].add(toy.digest())
    return disk.moments, digests, (toy.digest(), lines(folder))


@pytest.fixture(scope="module", params=[(None,), (2, None), (9, 3, None), (12, None)], ids=str)
def rolled(request, tmp_path_factory):
    return watched(tmp_path_factory.mktemp("watched"), request.param)


@pytest.mark.parametrize("end", ENDS)
def test_whatever_was_reported_is_there_and_the_end_is_the_same(rolled, tmp_path, end):
    moments, digests, last = rolled
    for number, (tree, promised) in enumerate(distinct(moments, end)):
        put(tree, tmp_path / str(number))
        folder = tmp_path / str(number) / "runs" / "toy"
        toy = rolling()
        with Run(folder, toy.config, preset="only", report=Report(columns=())) as run:
            step = getattr(next(toy.ticks(run), None), "step", 12)
            assert toy.digest() in digests[step], (number, step)
        assert step >= promised, number
        if number % 3 == 0:
            toy = train(rolling(), folder)
            assert (toy.digest(), lines(folder)) == last
