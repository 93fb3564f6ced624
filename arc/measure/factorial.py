"""The 2^3 factorial: true row and column positions x equivariant colours x demonstrations, at equal size, on both questions.

A: unseen instances of trained skills. B: skills that are never trained. No cell is told the skill; parameters agree within 0.5 %.
"""

import functools
import itertools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy import stats

from arc.config import Config
from arc.network.model import build_model
from arc.presets import PRESETS
from arc.skills import VALIDATION
from longrun.cli.flags import words_of
from longrun.config import changed, config_of, flatten, free_fields
from longrun.errors import UserError
from longrun.run import repeat
from longrun.run.journal import read_object

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
    target, size = _parameters(full.network), _parameters(cell.network)
    per_unit = (base.network.encoder_layers + base.network.decoder_layers) * (2 * base.network.width + 1)
    matched = changed(cell, feed_forward=cell.network.feed_forward + round((target - size) / per_unit))
    reached = size + (matched.network.feed_forward - cell.network.feed_forward) * per_unit
    if abs(reached / target - 1) > TOLERANCE:
        raise UserError(f"{cell_name(levels)} has {reached:,} parameters where {target:,} are wanted: widen feed_forward")
    return matched


@functools.cache
def _parameters(settings):
    return build_model(settings).count_params()


def _with_levels(base, levels):
    positions, colours, context = levels
    return changed(
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


def factorial(folder: str, base: Config, seeds: int, workers: int = 1, cluster: str = "") -> int:
    """Train all cells with every seed below `folder`, or go on there, and print cells and effects. Finished runs are not repeated.

    workers, cluster: see longrun.fleet. Returns 1 where a training failed: its output.log says why.
    """
    if seeds < 1:
        raise UserError(f"seeds must be at least 1, not {seeds}")
    cells = {levels: cell_config(base, levels) for levels in itertools.product((False, True), repeat=3)}
    runs = {
        (levels, seed): (Path(folder) / f"{cell_name(levels)}-{seed}", changed(config, seed=seed))
        for levels, config in cells.items()
        for seed in range(seeds)
    }
    # All are looked at first: a folder of other settings is refused before anything is trained.
    outcomes = {folder: finished(folder, config) for folder, config in runs.values()}
    plain = flatten(PRESETS["plain"]())
    open_ = [repeat.Training("plain", run, words_of(flatten(config), plain)) for run, config in runs.values() if outcomes[run] is None]
    failed = 0
    for ended in repeat.run_all("arc", open_, workers=workers, cluster=cluster):
        run, code = ended.training.folder, ended.exit_code
        outcomes[run] = ended.result
        print(f"{run.name}: " + (f"failed with exit code {code}, see {run}/output.log" if code else "done"), flush=True)
        failed += code != 0
    if failed:
        return 1
    table = {question: {} for question in QUESTIONS}
    for (levels, _), (run, _) in runs.items():
        for question, metric in QUESTIONS.items():
            table[question].setdefault(levels, []).append(outcomes[run]["metrics"][metric])
    text = report(table, {question: effects(scores) for question, scores in table.items()}, base, seeds)
    (Path(folder) / "FACTORIAL.md").write_text(text + "\n")
    print(text)
    return 0


def finished(run: Path, config: Config) -> dict | None:
    """The result of a finished run, None of one that is not there or not done. Raises UserError where it was trained otherwise."""
    if not (run / "result.json").exists():
        return None
    stored = {name: value for name, value in read_object(run / "config.json").items() if name not in ("project", "preset")}
    before, free = flatten(config_of(Config, stored, run / "config.json")), free_fields(Config) - {"test_count"}
    for name, value in flatten(config).items():
        if name not in free and before[name] != value:
            raise UserError(f"{run} was trained with {name} = {before[name]}, not {value}; choose another --folder")
    return read_object(run / "result.json")


def report(table: Mapping, found: Mapping[str, Sequence[Effect]], base: Config, seeds: int) -> str:
    """Cells, then effects, as Markdown."""
    lines = [f"Exact match, {base.run.steps} steps of {base.data.batch_size}, {seeds} seed{'s' * (seeds > 1)}; mean and each seed.", ""]
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
