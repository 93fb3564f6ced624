import json

import numpy as np

from collatz.config import Config
from collatz.functions.closed_forms import logarithm
from collatz.measure.scores import margins
from collatz.numbers.limbs import from_integers
from collatz.training.mining import LARGEST_LIST, Miner
from collatz.training.sampler import Sampler
from longrun import changed

CONFIG = changed(Config(), mine_negatives=True, mine_interval=10, mine_count=20, batch_size=64)


def test_the_smallest_margins_are_kept_and_travel():
    miner, sampler = Miner(CONFIG), Sampler(CONFIG.batches, 10)
    line = miner.mine(logarithm, sampler, 0, 10)
    assert 0 < len(miner.numbers) <= 20 and f"added {len(miner.numbers)}" in line
    candidates, _ = sampler.draw(0, 10, rows=5000, hard_ratio=0.5, stream=1)
    kept = margins(logarithm, from_integers(miner.numbers), 10)
    assert kept.max() <= np.sort(margins(logarithm, candidates, 10))[19]

    other = Miner(CONFIG)
    other.load(json.loads(json.dumps(miner.state())))
    for seen in (miner, other):
        seen.mine(logarithm, sampler, 0, 20)
    assert miner.numbers == other.numbers
    first, second = (sampler.batch(0, 21, mined=seen.orbits) for seen in (miner, other))
    np.testing.assert_array_equal(first["features_0"], second["features_0"])


def test_the_list_stays_short_and_drops_the_oldest():
    miner = Miner(changed(CONFIG, mine_count=50))
    oldest = 10**9 + 1
    miner.load({"numbers": list(range(oldest, oldest + 2 * LARGEST_LIST, 2))})
    miner.mine(logarithm, Sampler(CONFIG.batches, 10), 0, 10)
    assert len(miner.numbers) == LARGEST_LIST and oldest not in miner.numbers
