"""Speed of a preset's step and of its puzzles, as ratios measured in one run. Each part has a process of its own."""

from hrm.classic.config import ClassicConfig
from hrm.config import Config
from hrm.presets import PRESETS
from longrun.config import changed
from longrun.errors import UserError
from longrun.measure.bench import in_process, print_table, timed
from longrun.measure.peer import ask, medians
from longrun.words import nearest

PEER = changed(
    Config(), width=128, heads=4, inner=256, side=10, puzzle="arc", batch_size=16, prefix=0, puzzle_width=0, positions="rotary", segments=6
)
"""The step that peers are measured on: d = 128, sequence 100, batch 16, two cycles of two."""
PARTS = ("eager", "graph", "jit", "shards", "data")
SHARDS = 2
TURNS = 3


def bench(preset: str = "peer", /, *, steps: int = 10, peer: str = "") -> None:
    """Print milliseconds of the eager, compiled and XLA step and of preparing a batch, as ratios of one run.

    All parts take turns, so that a machine that slows down meanwhile slows all of them; the medians of three turns count.

    preset: A preset, or peer, the step that other frameworks are measured on.
    steps: Steps of each part in each turn.
    peer: A command that measures the same step in another framework and prints JSON lines with peer, step and median_ms.

    Example:
        python -m hrm bench mini --steps 20
    """
    if preset != "peer" and (preset not in PRESETS or isinstance(PRESETS[preset](), ClassicConfig)):
        raise UserError(f"unknown preset {preset!r}{nearest(preset, ['peer', *PRESETS])}")
    if steps < 1:
        raise UserError(f"steps must be at least 1, not {steps}")
    turns = [(_turn(preset, steps), ask(peer) if peer else {}) for _ in range(TURNS)]
    found = {part: medians([parts[part] for parts, _ in turns]) for part in PARTS}
    eager, graph, jit, shards, data = (found[part]["milliseconds"] for part in PARTS)
    best, config = min(graph, jit, shards), configuration(preset)
    print(f"{preset}: {config.model.width} channels, sequence {config.length}, batch {config.data.batch_size}, ", end="")
    print(f"medians of {TURNS} turns of {steps} steps\n")
    rows = [
        ("step, eager", f"{eager:.1f}", "1"),
        ("step, graph", f"{graph:.1f}", f"{graph / eager:.2f} x eager"),
        ("step, graph + XLA", f"{jit:.1f}", f"{jit / eager:.2f} x eager, first call {found['jit']['first_seconds']:.1f} s"),
        (f"the same, the batch in {SHARDS} shards", f"{shards:.1f}", f"{shards / eager:.2f} x eager"),
        ("preparing a batch (overlaps with the step)", f"{data:.2f}", f"{data / best:.1%} of the faster step"),
    ]
    for name, milliseconds in medians([answers for _, answers in turns]).items():
        rows.append((name, f"{milliseconds:.1f}", f"the step here takes {best / milliseconds:.2f} x this"))
    print_table(("what", "ms", "ratio"), rows)
    print("\npeak memory: " + ", ".join(f"{part} {found[part]['peak_gigabytes']:.2f} GB" for part in PARTS[:-1]))


def _turn(preset, steps):
    return {part: in_process("hrm.measure.bench:measure", preset, part, steps) for part in PARTS}


def configuration(preset: str) -> Config:
    """Of a preset, or of the step that peers are measured on."""
    return PEER if preset == "peer" else PRESETS[preset]()


def measure(preset: str, part: str, steps: int) -> dict:
    """One part in this process, as longrun.measure.bench.timed gives it."""
    from hrm.puzzles.sources import make_source
    from hrm.training.data import least_segments
    from hrm.training.steps import build
    from hrm.training.train import scalars
    from longrun.step import device

    config = changed(
        configuration(preset),
        mode="eager" if part == "eager" else "graph",
        jit_compile=part in ("jit", "shards"),
        shards=SHARDS if part == "shards" else 1,
    )
    device.configure(seed=config.run.seed, precision=config.run.precision)
    source, size = make_source(config), config.data.batch_size
    if part == "data":
        numbers = iter(range(20 + 10 * steps))
        return timed(lambda: source.batch(0, next(numbers), size), 10 * steps, 20)
    parts, numbers = build(config, len(source.identifiers)), iter(range(2 + steps))
    batch = {**source.batch(0, 0, size).inputs(), "least": least_segments(config, 0, 0)}
    return timed(lambda: float(parts.step(batch, scalars(config, next(numbers)))["loss"]), steps)
