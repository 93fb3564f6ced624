"""The network of the original run before its first step: its own check says PASS while every grid has one answer."""

from hrm.classic.answers import answer, old_check, spread
from hrm.classic.config import ClassicConfig
from hrm.classic.data import Pairs
from hrm.classic.steps import build
from longrun.step import device

AUDITED = 8


def audit(config: ClassicConfig) -> str:
    """Size, what the original run's check says, and what the answers are, as a Markdown table."""
    device.configure(seed=config.run.seed)
    source = Pairs(config)
    parts = build(config, len(source.identifiers))
    passes, *probes = old_check(config, parts.answers)
    grids = source.held_out(AUDITED)
    real = spread(answer(config, parts.answers, grids.tokens, grids.identifier)[0])
    wanted = float((grids.labels[1:] != grids.labels[:1]).mean())
    rows = [
        ("parameters", f"{parts.model.count_params():,}"),
        ("the original run's check on five probes", "PASS" if passes else "fail"),
        ("cells whose answer differs between the probes", f"{probes[0]:.4f}"),
        ("total variation between the probes", f"{probes[1]:.4f}"),
        (f"A: cells whose answer differs between {AUDITED} real grids", f"{real[0]:.4f}"),
        ("total variation between them", f"{real[1]:.6f}"),
        ("cells whose right answer differs between them", f"{wanted:.4f}"),
    ]
    return "\n".join(["| at initialisation | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows)])
