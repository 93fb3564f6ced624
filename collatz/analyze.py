"""The log's two questions, answered for a trained V in numbers and plots: why decay steps fail, and what makes three seeds hard."""

import json
from pathlib import Path

import numpy as np

from collatz import evaluate, lyapunov
from collatz.closed_forms import window_maximum
from collatz.features import feature_batch
from collatz.limbs import from_integers, to_float
from collatz.sampler import random_numbers
from collatz.scores import margins
from collatz.seeds import seed_statistics
from collatz.syracuse import trajectory
from collatz.valuations import valuations
from longrun import read_metrics, write_atomically

FRESH_ROWS = 200_000
SAMPLE = 300
"""Random numbers of a test seed's size that its trajectory is compared with."""

WHY = """A violation is forced around each nearly closed loop of windows, but not on which of its steps: that is V's choice, and the
loss makes it. A loss that weighs growth steps more moves the violation to a decay step of the same loop; the log's weighed them 10 to 1."""


def analyze(checkpoint: str, folder: str = "", eval_csv: str = "") -> dict:
    """Write ANALYSIS.md, analysis.json and plots to `folder` (empty: "analysis" in the checkpoint's run); print the first."""
    value = lyapunov.load(checkpoint)
    source = Path(checkpoint) if Path(checkpoint).is_dir() else Path(checkpoint).parent
    target = Path(folder) if folder else source / "analysis"
    target.mkdir(parents=True, exist_ok=True)
    rows = evaluate.evaluation_set(eval_csv or value.config.eval_csv)
    lookahead, seeds = value.config.lookahead, value.config.test_numbers
    found = evaluate.measure(value, lookahead, rows, seeds)
    fresh = random_numbers(np.random.default_rng(17), FRESH_ROWS, (1, 127))
    report = {
        "steps": _growth_and_decay(margins(value, rows.numbers, lookahead) <= 0, rows.numbers),
        "fresh": _by_bits(margins(value, fresh, lookahead) <= 0, fresh),
        "seeds": [_seed_row(seed, score.violations, lookahead) for seed, score in zip(seeds, found.trajectories.seeds, strict=True)],
    }
    write_atomically(target / "analysis.json", json.dumps(report, indent=1))
    pictures = {"V along the test trajectories, violations marked": _draw_trajectories(found, target / "trajectories.png")}
    pictures["Violations by bit length"] = _draw_bits(report["fresh"], target / "bits.png")
    curve = source / "metrics.jsonl"
    if curve.exists() and value.config.recipe == "original":
        pictures["Learning rate and loss"] = _draw_rate(read_metrics(curve), target / "rate.png")
    text = _text(value, report) + "".join(f"\n**{caption}**\n\n![{caption}]({path.name})\n" for caption, path in pictures.items())
    write_atomically(target / "ANALYSIS.md", text)
    print(text)
    return report


def _growth_and_decay(violates, numbers):
    """Violations of the evaluation set by the first valuation; k = 1 are the growth steps."""
    first = np.minimum(valuations(numbers, 1)[0], 6)
    return {str(k): {"rows": int((first == k).sum()), "violations": int(violates[first == k].sum())} for k in range(1, 7)}


def _by_bits(violates, numbers):
    bits = np.frexp(to_float(numbers))[1]
    groups = [(2, 8), (9, 12), (13, 16), (17, 24), (25, 40), (41, 64), (65, 96), (97, 128)]
    table = {}
    for low, high in groups:
        chosen = (bits >= low) & (bits <= high)
        table[f"{low}-{high}"] = {"rows": int(chosen.sum()), "violations": int(violates[chosen].sum())}
    return table


def _seed_row(seed, violations, lookahead):
    """A test seed beside random odd numbers of its size: length, largest excursion, and steps that no window foresees."""
    generator = np.random.default_rng(seed)
    half = 1 << (seed.bit_length() - 2)
    others = [int(2 * generator.integers(half, 2 * half) + 1) for _ in range(SAMPLE)]
    own, rest = _difficulty(seed, lookahead), np.array([_difficulty(number, lookahead) for number in others])
    names = ("steps", "excursion", "unforeseen")
    return {
        "seed": seed,
        "violations": violations,
        "longest_climb": seed_statistics(seed).longest_climb,
        **{name: own[index] for index, name in enumerate(names)},
        **{f"{name}_rank": float((rest[:, index] < own[index]).mean()) for index, name in enumerate(names)},
        **{f"{name}_median": float(np.median(rest[:, index])) for index, name in enumerate(names)},
    }


def _difficulty(number, lookahead):
    """Steps, largest value over the number, and steps whose new value is the largest of its window: the records."""
    path = trajectory(number)
    features = feature_batch(from_integers(path), lookahead, (0,)).features[0]
    value = window_maximum(features)
    return len(path) - 1, max(path) / number, int((value[:-1] <= value[1:]).sum())


def _text(value, report):
    lines = [f"# collatz {value.preset}, lookahead {value.config.lookahead}, epoch {value.step}", ""]
    lines += ["## Which steps fail", "", "| k of the step | rows | violations | share |", "|---|---|---|---|"]
    for k, row in report["steps"].items():
        kind = {"1": "1 (growth)", "6": "6 and more"}.get(k, k)
        lines.append(f"| {kind} | {row['rows']:,} | {row['violations']} | {_share(row)} |")
    growth = report["steps"]["1"]
    decay = {name: sum(row[name] for k, row in report["steps"].items() if k != "1") for name in ("rows", "violations")}
    lines += ["", f"Growth steps fail at {_share(growth)}, decay steps at {_share(decay)}.", ""]
    lines += [WHY, ""]
    lines += ["## What is special about the test seeds", ""]
    lines += [
        "Unforeseen steps reveal a new maximum of their window. Ranks: share of random odd numbers of the same size that have less.",
        "",
    ]
    lines += ["| seed | violations | steps (median, rank) | largest / seed (median, rank) | unforeseen (median, rank) | longest climb |"]
    lines += ["|---|---|---|---|---|---|"]
    for row in report["seeds"]:
        cells = [f"{row[n]:,.4g} ({row[f'{n}_median']:,.4g}, {row[f'{n}_rank']:.0%})" for n in ("steps", "excursion", "unforeseen")]
        lines.append(f"| {row['seed']} | {row['violations']} | " + " | ".join(cells) + f" | {row['longest_climb']} |")
    lines += ["", "## Where it fails", "", "| bits | fresh random numbers | violations | share |", "|---|---|---|---|"]
    lines += [f"| {bits} | {row['rows']:,} | {row['violations']} | {_share(row)} |" for bits, row in report["fresh"].items()]
    return "\n".join(lines) + "\n"


def _share(row):
    return f"{row['violations'] / max(1, row['rows']):.3%}"


def _figure(rows, height):
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    return pyplot.subplots(rows, 1, figsize=(9, height * rows), squeeze=False, layout="constrained")


def _finish(figure, path):
    from matplotlib import pyplot

    figure.savefig(path, dpi=100)
    pyplot.close(figure)
    return path


def _draw_trajectories(found, path):
    figure, axes = _figure(len(found.trajectories.seeds), 1.8)
    for axis, score in zip(axes[:, 0], found.trajectories.seeds, strict=True):
        axis.plot(score.values, linewidth=1)
        # A seed that is a multiple of three stands far above everything that follows.
        low, high = score.values[1:].min(), score.values[1:].max()
        axis.set_ylim(low - 0.05 * (high - low), high + 0.05 * (high - low))
        bad = np.flatnonzero(~(score.values[:-1] > score.values[1:]))
        axis.plot(bad, score.values[bad], "rx")
        axis.set_title(f"{score.seed}: {score.violations} violations in {score.steps} steps", fontsize=9)
        axis.tick_params(labelsize=7)
    axes[-1, 0].set_xlabel("step")
    return _finish(figure, path)


def _draw_bits(table, path):
    figure, axes = _figure(1, 3)
    axes[0, 0].bar(list(table), [100 * row["violations"] / max(1, row["rows"]) for row in table.values()])
    axes[0, 0].set_xlabel("bits of n")
    axes[0, 0].set_ylabel("violations, %")
    return _finish(figure, path)


def _draw_rate(lines, path):
    figure, axes = _figure(1, 3)
    steps = [line["step"] for line in lines]
    axes[0, 0].semilogy(steps, [line["loss"] for line in lines], linewidth=1, label="loss")
    axes[0, 0].semilogy(steps, [line["learning_rate"] for line in lines], linewidth=1, label="learning rate")
    axes[0, 0].legend()
    axes[0, 0].set_xlabel("step")
    return _finish(figure, path)
