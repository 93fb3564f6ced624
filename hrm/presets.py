"""Named trainings. Each docstring has the command, the wall time on the hardware it was measured on, and the metric to expect."""

from hrm.classic.config import FAULTS, ClassicConfig
from hrm.config import Config
from longrun.config import changed

DEFAULT = "mini"
UNSEEN = ("mirror up-down and recolour by three", "turn and recolour", "shift left and recolour", "shift up and recolour by two")
"""Composed rules to keep from a training; each of their parts is in several others."""
SUDOKU = changed(
    Config(),
    puzzle="sudoku",
    segments=6,
    loss="stablemax",
    steps=4000,
    learning_rate=2e-3,
    guard_after=800,
    evaluate_every=1000,
    save_every=500,
)


def mini() -> Config:
    """Mini-ARC, five rules told apart by their identifier; each is done in one cycle a segment.

    ./train.sh hrm: two minutes on two cores of an AMD EPYC without AVX-512; exact match 0.998 (floor 0.029), input sensitivity
    G 0.80, 1.0 segments used.
    """
    return changed(Config(), high_cycles=1, low_cycles=1, learning_rate=3e-3, steps=1500)


def collapse_demo() -> Config:
    """The network of mini where input and output are augmented by different draws.

    python -m hrm collapse-demo: stopped at step 350 with exit code 3 and the table that says why; 49 seconds on two cores of an AMD
    EPYC without AVX-512.
    """
    return changed(mini(), pairing="independent", guard_after=300)


def demonstrations() -> Config:
    """Mini-ARC, 31 composed rules told by 2 to 4 demonstrations, four of them never trained: `./train.sh hrm demonstrations`."""
    return changed(Config(), conditioning="demonstrations", rules="composed", unseen=UNSEEN, steps=6000, guard_after=1500)


def sudoku4() -> Config:
    """Sudoku 4 x 4 with 5 to 7 givens: `./train.sh hrm sudoku4`."""
    return changed(SUDOKU, side=4, givens=(5, 7), pool=2000, segments=4, steps=1200)


def sudoku6() -> Config:
    """Sudoku 6 x 6 with 16 givens.

    ./train.sh hrm sudoku6: 13 minutes of one core of an AMD EPYC without AVX-512; exact match 0.992 (floor 0.000), 1.4 segments used.
    """
    network = {"mixing": "units", "width": 128, "inner": 256}
    return changed(SUDOKU, side=6, givens=(16, 16), **network, steps=1500, learning_rate=1e-3)


def sudoku9() -> Config:
    """Sudoku 9 x 9 with 30 to 45 givens.

    ./train.sh hrm sudoku9: 30 minutes of one core of an AMD EPYC without AVX-512; exact match 0.746 (floor 0.000), 4.0 segments used.
    """
    network = {"mixing": "units", "width": 128, "inner": 256, "puzzle_width": 128}
    return changed(SUDOKU, side=9, givens=(30, 45), **network, segments=8, batch_size=32, steps=2400, learning_rate=1e-3)


def sudoku9_hard() -> Config:
    """Sudoku 9 x 9, minimal boards and boards mined for the guesses that they need: `./train.sh hrm sudoku9-hard`, some 24 core hours."""
    network = {"mixing": "candidates", "width": 64, "inner": 96, "prefix": 0, "puzzle_width": 0, "start_noise": 1.0, "segments": 16}
    puzzles = {"side": 9, "grade": "hard", "pool": 8192, "hard_pools": 40, "hard_every": 600, "curriculum": 10_000, "batch_size": 32}
    rates = {"learning_rate": 1.5e-3, "warmup": 500, "final_rate": 0.05, "average_decay": 0.999, "steps": 120_000}
    every = {"log_every": 100, "evaluate_every": 1000, "save_every": 200, "guard_after": 3000}
    return changed(SUDOKU, **network, **puzzles, **rates, **every)


def classic() -> ClassicConfig:
    """The original run with all its faults, 200,000 steps for a GPU: `./train.sh hrm classic --on-unhealthy warn`."""
    return ClassicConfig()


def classic_mended() -> ClassicConfig:
    """The original run with every fault mended, on a reduced canvas of 10 x 10: `./train.sh hrm classic-mended`."""
    return changed(ClassicConfig(), **dict.fromkeys(FAULTS, False), side=10, steps=20_000, save_every=1000)


PRESETS = {
    "mini": mini,
    "collapse-demo": collapse_demo,
    "demonstrations": demonstrations,
    "sudoku4": sudoku4,
    "sudoku6": sudoku6,
    "sudoku9": sudoku9,
    "sudoku9-hard": sudoku9_hard,
    "classic": classic,
    "classic-mended": classic_mended,
}
