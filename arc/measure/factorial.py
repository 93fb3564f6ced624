"""The 2^3 factorial: true row and column positions x equivariant colours x demonstrations, at equal size, on both questions.

A: unseen instances of trained skills. B: skills that are never trained. No cell is told the skill; parameters agree within 0.5 %.
"""

import functools
import itertools
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy import stats

from arc.config import FREE, Config
from arc.network.model import build_model
from arc.skills import VALIDATION
from longrun.errors import UserError

FACTORS = ("positions", "colours", "context")
QUESTIONS = {"A": "trained_exact", "B": "held_out_exact"}
TOLERANCE = 0.005


class Effect(NamedTuple):
    """An effect or interaction: its name, its size in exact match, and its 95 % interval (nan with one seed)."""

    name: str
    value: float
    low: float
    high: float


def cell_config(base: Config, levels: Sequence[bool]) -> Config:
    """The configuration of one cell: which of FACTORS are on; feed-forward units make its size that of the cell with all of them."""
    full = _with_levels(base, (True, True, True))
    cell = _with_levels(base, levels)
    target, size = _parameters(full), _parameters(cell)
    per_unit = (base.encoder_layers + base.decoder_layers) * (2 * base.width + 1)
    matched = replace(cell, feed_forward=cell.feed_forward + round((target - size) / per_unit))
    reached = size + (matched.feed_forward - cell.feed_forward) * per_unit
    if abs(reached / target - 1) > TOLERANCE:
        raise UserError(f"{cell_name(levels)} has {reached:,} parameters where {target:,} are wanted: widen feed_forward")
    return matched


@functools.cache
def _parameters(config):
    return build_model(config).count_params()


def _with_levels(base, levels):
    positions, colours, context = levels
    return replace(
        base,
        model="champion" if all(levels) else "encoder_decoder",
        positions="diagonal" if positions else "rope1d",
        equivariant=colours,
        context_pairs=2 if context else 0,
        task_ids=False,
        held_out=",".join(VALIDATION),
    )


def cell_name(levels: Sequence[bool]) -> str:
    """ "positions+context", or "none"."""
    return "+".join(name for name, on in zip(FACTORS, levels, strict=True) if on) or "none"


def effects(scores: Mapping[tuple[bool, ...], Sequence[float]]) -> list[Effect]:
    """Main effects and interactions of a two-level factorial with the same number of seeds in each cell (Box, Hunter and Hunter 2005).

    scores: levels -> one score a seed. An effect is the mean where its factors' product is +1 minus the mean where it is -1; the
    interval is Student's, from the spread of seeds within cells.
    """
    cells = sorted(scores)
    values = np.array([scores[cell] for cell in cells], np.float64)
    count, seeds = values.shape
    freedom = count * (seeds - 1)
    spread = np.sqrt(values.var(axis=1, ddof=1).mean()) if seeds > 1 else np.nan
    half = stats.t.ppf(0.975, freedom) * spread * 2 / np.sqrt(count * seeds) if seeds > 1 else np.nan
    signs = np.where(np.array(cells), 1, -1)
    found = []
    for size in range(1, signs.shape[1] + 1):
        for chosen in itertools.combinations(range(signs.shape[1]), size):
            contrast = signs[:, chosen].prod(axis=1)
            value = 2 * float((contrast * values.mean(axis=1)).mean())
            found.append(Effect(" x ".join(FACTORS[index] for index in chosen), value, value - half, value + half))
    return found


def factorial(folder: str, base: Config, seeds: int) -> dict[str, list[Effect]]:
    """Train all cells with every seed below `folder`, or go on there, and print cells and effects. Finished runs are not repeated."""
    from arc.training.train import train

    if seeds < 1:
        raise UserError(f"seeds must be at least 1, not {seeds}")
    table = {question: {} for question in QUESTIONS}
    for levels in itertools.product((False, True), repeat=3):
        cell = cell_config(base, levels)
        for seed in range(seeds):
            config, run = replace(cell, seed=seed), Path(folder) / f"{cell_name(levels)}-{seed}"
            outcome = finished(run, config) or train(config, run, "factorial")
            for question, metric in QUESTIONS.items():
                table[question].setdefault(levels, []).append(outcome["metrics"][metric])
    found = {question: effects(scores) for question, scores in table.items()}
    text = report(table, found, base, seeds)
    (Path(folder) / "FACTORIAL.md").write_text(text + "\n")
    print(text)
    return found


def finished(run: Path, config: Config) -> dict | None:
    """The result of a finished run, None of one that is not there or not done. Raises UserError where it was trained otherwise."""
    if not (run / "result.json").exists():
        return None
    before = asdict(Config()) | json.loads((run / "config.json").read_text())
    for name, value in asdict(config).items():
        if (name not in FREE or name == "test_count") and before[name] != value:
            raise UserError(f"{run} was trained with {name} = {before[name]}, not {value}; choose another --folder")
    return json.loads((run / "result.json").read_text())


def report(table: Mapping, found: Mapping[str, Sequence[Effect]], base: Config, seeds: int) -> str:
    """Cells, then effects, as Markdown."""
    lines = [f"Exact match, {base.steps} steps of {base.batch_size}, {seeds} seed{'s' * (seeds > 1)}; mean and each seed.", ""]
    lines += ["| cell | A: trained skills | B: held-out skills |", "|---|---|---|"]
    for levels in sorted(table["A"]):
        shown = [f"{np.mean(table[q][levels]):.3f} ({', '.join(f'{v:.3f}' for v in table[q][levels])})" for q in QUESTIONS]
        lines.append(f"| {cell_name(levels)} | {shown[0]} | {shown[1]} |")
    lines += ["", "| effect | A | B |", "|---|---|---|"]
    for a, b in zip(found["A"], found["B"], strict=True):
        lines.append(f"| {a.name} | {_shown(a)} | {_shown(b)} |")
    return "\n".join(lines)


def _shown(effect):
    interval = "" if np.isnan(effect.low) else f" [{effect.low:+.3f}, {effect.high:+.3f}]"
    return f"{effect.value:+.3f}{interval}"
