"""What each fault does alone: the same small training with one switch on, beside all off and all on."""

from dataclasses import replace

from hrm.classic import steps
from hrm.classic.config import FAULTS, ClassicConfig
from hrm.classic.data import Pairs
from hrm.training import health
from longrun.step import device

SMALL = ClassicConfig(
    tasks="mini-arc",
    side=8,
    width=64,
    heads=4,
    high_layers=1,
    low_layers=1,
    cycles=4,
    batch_size=32,
    learning_rate=1e-3,
    dropout=0.0,
    jit_compile=True,
)
CHECK_EVERY = 50
AUDITED = 8


def audit(config: ClassicConfig) -> str:
    """The network as it is before the first step: size, what the old check says, and what the answers are."""
    device.configure(seed=config.seed)
    source = Pairs(config)
    parts = steps.build(config, len(source.identifiers))
    passes, *probes = steps.old_check(config, parts.answers)
    grids = source.held_out(AUDITED)
    real = steps.spread(steps.answer(config, parts.answers, grids.tokens, grids.identifier)[0])
    wanted = float((grids.labels[1:] != grids.labels[:1]).mean())
    rows = [
        ("parameters", f"{parts.model.count_params():,}"),
        ("the report's check on five probes", "PASS" if passes else "fail"),
        ("cells whose answer differs between the probes", f"{probes[0]:.4f}"),
        ("total variation between the probes", f"{probes[1]:.4f}"),
        (f"A: cells whose answer differs between {AUDITED} real grids", f"{real[0]:.4f}"),
        ("total variation between them", f"{real[1]:.6f}"),
        ("cells whose right answer differs between them", f"{wanted:.4f}"),
    ]
    return "\n".join(["| at initialisation | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows)])


def fault_table(count: int, only: tuple[str, ...] = ()) -> None:
    """Train `count` steps with each fault alone, with none and with all, and print a row for each as it comes.

    Collapse step: the first check after which, up to the end, the input is unused (G under the guard's limit); "never" else.
    """
    if count < CHECK_EVERY:
        raise ValueError(f"a row of the table needs at least {CHECK_EVERY} steps, not {count}")
    unknown = sorted(set(only) - {*FAULTS, "none", "all"})
    if unknown:
        raise ValueError(f"unknown fault {unknown[0]!r}; there are none, all, {', '.join(FAULTS)}")
    print(f"{count} steps each, mini-ARC, {SMALL.width} channels, {SMALL.cycles} cycles\n")
    print(
        "| fault | exact | cell accuracy above majority | G | input unused from step | old check |\n|---|---|---|---|---|---|", flush=True
    )
    mended = replace(SMALL, **dict.fromkeys(FAULTS, False))
    for name in only or ("none", *FAULTS, "all"):
        on = FAULTS if name == "all" else () if name == "none" else (name,)
        found = _trained(replace(mended, **dict.fromkeys(on, True)), count)
        print(
            f"| {name.replace('_', ' ')} | {found['held_out_exact']:.3f} | {found['above_majority']:+.3f} "
            f"| {found['input_sensitivity']:+.3f} | {found['unused_from']} | {found['old_check']} |",
            flush=True,
        )


def _trained(config, count):
    device.configure(seed=config.seed)
    source = Pairs(config)
    parts, watched = steps.build(config, len(source.identifiers)), source.held_out(config.held_out)
    probes = source.probes(watched)
    unused_from = None
    for step in range(count):
        examples = source.batch(config.seed, step, config.batch_size)
        batch = {"tokens": examples.tokens, "labels": examples.labels, "identifier": examples.identifier}
        parts.step(batch, {"learning_rate": config.learning_rate})
        if (step + 1) % CHECK_EVERY == 0 or step + 1 == count:
            found = steps.judge(config, parts.answers, watched, probes).numbers
            unused = found["input_sensitivity"] < health.LEAST_SENSITIVITY
            unused_from = (unused_from or step + 1) if unused else None
    passes = steps.old_check(config, parts.answers)[0]
    return {**found, "unused_from": unused_from or "never", "old_check": "PASS" if passes else "fail"}
