"""The original author's two questions, answered for a trained V in numbers and plots: why decay steps fail, what makes seeds hard."""

import json
from pathlib import Path

import numpy as np

from collatz.functions import lyapunov
from collatz.functions.closed_forms import log_orbit, window_maximum
from collatz.measure import evaluate, floors
from collatz.measure.pictures import draw_rate, draw_shares, draw_trajectories, halvings
from collatz.measure.scores import margins
from collatz.numbers.draws import random_numbers
from collatz.numbers.features import feature_batch
from collatz.numbers.limbs import from_integers, to_float
from collatz.numbers.seeds import seed_statistics
from collatz.numbers.syracuse import trajectory
from collatz.numbers.valuations import valuations
from longrun import read_metrics, write_atomically
from longrun.run.output import check_folder

FRESH_ROWS = 200_000
SAMPLE = 300
"""Random numbers of a test seed's size that its trajectory is compared with."""
SPAN = 1000
"""Steps before and after a halving of the learning rate over which loss and violations are averaged."""
HIGH_RANK = 0.95
DIFFICULTIES = {
    "steps": "steps to one",
    "excursion": "largest value over the number",
    "unforeseen": "unforeseen steps",
    "longest_climb": "longest climb",
}
"""What may make a number hard: quantity -> its words."""

WHY = """Why do decay steps fail more often? A violation is forced around each nearly closed loop of windows, but not on which of its
steps: that is V's choice. The functions without training above see the same window and split the same failures as differently as can be.
A trained V splits them as its loss is weighted: the original run's weighed growth steps 10 to 1, so it left its violations on decay
steps."""


def analyze(checkpoint: str, /, *, folder: str = "", eval_csv: str = "") -> dict:
    """Answer the original author's two questions about a V in numbers and plots: which steps fail, and what makes seeds hard.

    Writes ANALYSIS.md, analysis.json and plots, and prints ANALYSIS.md.

    checkpoint: A run folder, a checkpoint in it, or released weights.
    folder: Where they go; empty: "analysis" in the checkpoint's run, and for released weights beside the runs.
    eval_csv: Evaluation set; empty: the training's own.

    Example:
        python -m collatz analyze checkpoints/released/collatz/quick
    """
    value = lyapunov.load(checkpoint)
    places = (Path(checkpoint), *Path(checkpoint).parents)
    run = next((place for place in places[:3] if (place / "config.json").exists()), None)
    target = Path(folder) if folder else run / "analysis" if run else Path("checkpoints/collatz") / f"analysis-{value.preset}"
    check_folder(target)
    target.mkdir(parents=True, exist_ok=True)
    rows = evaluate.evaluation_set(eval_csv or value.config.evaluation.eval_csv)
    lookahead, seeds = value.config.model.lookahead, value.config.evaluation.test_numbers
    found = evaluate.measure(value, lookahead, rows, seeds)
    fresh = random_numbers(np.random.default_rng(17), FRESH_ROWS, (1, 127))
    violates = margins(value, fresh, lookahead) <= 0
    report = {
        "steps": _by_valuation(margins(value, rows.numbers, lookahead) <= 0, rows.numbers),
        "splits": {value.preset: _split(value, lookahead, rows)}
        | {name: _split(other, lookahead, rows) for name, other in floors.functions(lookahead).items()},
        "bits": _by_bits(violates, fresh),
        "window": _by_window(violates, fresh, lookahead),
        "seeds": [_seed_row(seed, score.violations, lookahead) for seed, score in zip(seeds, found.trajectories.seeds, strict=True)],
    }
    pictures = {"V along the test trajectories, violations marked": draw_trajectories(found, target / "trajectories.png")}
    shares = {"bits of n": report["bits"]} | report["window"]
    pictures["Violations by bit length and by window"] = draw_shares(shares, target / "shares.png")
    follows_plateaus = value.config.model.recipe == "original" and not value.config.optimizer.fix_lr
    curve = read_metrics(run / "metrics.jsonl") if run and follows_plateaus else []
    if curve:
        report["plateau"] = _plateau(curve)
        pictures["Learning rate, loss and violations in the batch"] = draw_rate(curve, target / "rate.png")
    write_atomically(target / "analysis.json", json.dumps(report, indent=1))
    text = _text(value, report) + "".join(f"\n**{caption}**\n\n![{caption}]({path.name})\n" for caption, path in pictures.items())
    write_atomically(target / "ANALYSIS.md", text)
    print(text)
    return report


def _by_valuation(violates, numbers):
    """Violations of the evaluation set by the first valuation; k = 1 are the growth steps."""
    first = np.minimum(valuations(numbers, 1)[0], 6)
    return {str(k): {"rows": int((first == k).sum()), "violations": int(violates[first == k].sum())} for k in range(1, 7)}


def _split(value, lookahead, rows):
    """Shares of the growth and of the decay steps of the evaluation set that fail."""
    fails = margins(value, rows.numbers, lookahead) <= 0
    return {"growth": float(fails[rows.growth].mean()), "decay": float(fails[~rows.growth].mean())}


def _by_bits(violates, numbers):
    bits = np.frexp(to_float(numbers))[1]
    groups = [(2, 8), (9, 12), (13, 16), (17, 24), (25, 40), (41, 64), (65, 96), (97, 128)]
    return _grouped(violates, bits, groups)


def _by_window(violates, numbers, lookahead):
    """By where the largest of the window's lookahead + 1 known values stands, and by the bits gained from its first to its last."""
    orbit = log_orbit(feature_batch(numbers, lookahead, (0,)).features[0])
    edges = sorted({0, 1, *(round(part * lookahead) for part in (0.25, 0.5, 0.75)), lookahead, lookahead + 1})
    places = [(low, high - 1) for low, high in zip(edges, edges[1:], strict=False)]
    gained = np.floor((orbit[:, -1] - orbit[:, 0]) / np.log(2))
    gains = [(-200, -17), (-16, -9), (-8, -5), (-4, -1), (0, 3), (4, 7), (8, 200)]
    return {
        "place of the window's largest value": _grouped(violates, orbit.argmax(axis=1), places),
        "bits gained within the window": _grouped(violates, gained, gains),
    }


def _grouped(violates, quantity, groups):
    """Rows and violations with `quantity` in each of the inclusive ranges; a range up to 200 is open."""
    table = {}
    for low, high in groups:
        chosen = (quantity >= low) & (quantity <= high)
        name = f"below {high + 1}" if low == -200 else f"{low} and more" if high == 200 else f"{low}" if low == high else f"{low} to {high}"
        table[name] = {"rows": int(chosen.sum()), "violations": int(violates[chosen].sum())}
    return table


def _plateau(lines):
    """What the learning rate did, and the means of loss and violations in the SPAN steps before and after each of its halvings."""
    found = []
    for step in halvings(lines):
        before = [line for line in lines if step - SPAN <= line["step"] < step]
        after = [line for line in lines if step < line["step"] <= step + SPAN]
        means = {f"{name}_before": _mean(before, name) for name in ("loss", "violations")}
        means |= {f"{name}_after": _mean(after, name) for name in ("loss", "violations")}
        rate = next(line["learning_rate"] for line in lines if line["step"] == step)
        found.append({"step": step, "rate": rate, **means})
    return {
        "first_rate": lines[0]["learning_rate"],
        "last_rate": lines[-1]["learning_rate"],
        "halvings": found,
        "steps": int(lines[-1]["step"]),
    }


def _mean(lines, name):
    """None where a halving has no lines on that side."""
    return sum(line[name] for line in lines) / len(lines) if lines else None


def _seed_row(seed, violations, lookahead):
    """A test seed beside random odd numbers of its size: what may make it hard, and the share of the others that have less of it."""
    generator = np.random.default_rng(seed)
    half = 1 << (seed.bit_length() - 2)
    others = [int(2 * generator.integers(half, 2 * half) + 1) for _ in range(SAMPLE)]
    own, rest = _difficulty(seed, lookahead), np.array([_difficulty(number, lookahead) for number in others])
    names = tuple(DIFFICULTIES)
    return {
        "seed": seed,
        "violations": violations,
        **{name: own[index] for index, name in enumerate(names)},
        **{f"{name}_rank": float((rest[:, index] < own[index]).mean()) for index, name in enumerate(names)},
        **{f"{name}_median": float(np.median(rest[:, index])) for index, name in enumerate(names)},
    }


def _difficulty(number, lookahead):
    """The DIFFICULTIES of a number."""
    path = trajectory(number)
    features = feature_batch(from_integers(path), lookahead, (0,)).features[0]
    value = window_maximum(features)
    return len(path) - 1, max(path) / number, int((value[:-1] <= value[1:]).sum()), seed_statistics(number).longest_climb


def _text(value, report):
    lines = [f"# collatz {value.preset}, lookahead {value.config.model.lookahead}, epoch {value.step}", ""]
    lines += ["## Which steps fail", "", "| k of the step | rows | violations | share |", "|---|---|---|---|"]
    for k, row in report["steps"].items():
        kind = {"1": "1 (growth)", "6": "6 and more"}.get(k, k)
        lines.append(f"| {kind} | {row['rows']:,} | {row['violations']} | {_share(row)} |")
    growth = report["steps"]["1"]
    decay = {name: sum(row[name] for k, row in report["steps"].items() if k != "1") for name in ("rows", "violations")}
    lines += ["", f"Growth steps fail at {_share(growth)}, decay steps at {_share(decay)}. Beside functions without training:", ""]
    lines += ["| V | growth steps that fail | decay steps that fail |", "|---|---|---|"]
    lines += [f"| {name} | {row['growth']:.3%} | {row['decay']:.3%} |" for name, row in report["splits"].items()]
    lines += ["", WHY, ""]
    lines += ["## What is special about the test seeds", ""]
    lines += [
        f"Beside {SAMPLE} random odd numbers of the same size: their median, and the rank, which is the share of them that have less.",
        "Unforeseen steps reveal a new maximum of their window.",
        "",
    ]
    lines += ["| seed | violations | " + " | ".join(f"{name} (median, rank)" for name in DIFFICULTIES.values()) + " |"]
    lines += ["|---" * (len(DIFFICULTIES) + 2) + "|"]
    for row in report["seeds"]:
        cells = [f"{row[n]:,.4g} ({row[f'{n}_median']:,.4g}, {row[f'{n}_rank']:.0%})" for n in DIFFICULTIES]
        lines.append(f"| {row['seed']} | {row['violations']} | " + " | ".join(cells) + " |")
    lines += ["", *(_specialty(row) for row in report["seeds"]), "", "## Where it fails"]
    for label, table in ({"bits of n": report["bits"]} | report["window"]).items():
        lines += ["", f"| {label} | fresh random numbers | violations | share |", "|---|---|---|---|"]
        lines += [f"| {name} | {row['rows']:,} | {row['violations']} | {_share(row)} |" for name, row in table.items()]
    if "plateau" in report:
        lines += ["", "## The plateau", "", _fall(report["plateau"])]
    return "\n".join(lines) + "\n"


def _specialty(row):
    """The second question answered for one seed: in what it outranks the numbers of its size."""
    ranks = {label: row[f"{name}_rank"] for name, label in DIFFICULTIES.items()}
    high = [label for label, rank in ranks.items() if rank >= HIGH_RANK]
    if high:
        return f"- {row['seed']} has more than {HIGH_RANK:.0%} of them in: {', '.join(f'{label} ({ranks[label]:.0%})' for label in high)}."
    top = max(ranks, key=ranks.get)
    return f"- {row['seed']} has nothing that {HIGH_RANK:.0%} of them have less of; its highest rank is that of {top} ({ranks[top]:.0%})."


def _fall(plateau):
    """The plateau in words."""
    steps = [halving["step"] for halving in plateau["halvings"]]
    if not steps:
        return f"The learning rate was never lower than in the line before, in {plateau['steps']:,} steps."
    gaps = [after - before for before, after in zip(steps, steps[1:], strict=False)]
    apart = f", at least {min(gaps):,} steps apart" if gaps else ""
    lines = [
        f"The learning rate fell {len(steps)} times{apart}, first by step {steps[0]:,}: from {plateau['first_rate']:.1e} to "
        f"{plateau['last_rate']:.1e}. The rule compares the loss of single batches with the lowest one ever seen. "
        f"Means over the {SPAN:,} steps before and after each halving:",
        "",
        "| step | rate from there on | loss before | loss after | violations before | violations after |",
        "|---|---|---|---|---|---|",
    ]
    for halving in plateau["halvings"]:
        losses = ["-" if (mean := halving[f"loss_{side}"]) is None else f"{mean:.4g}" for side in ("before", "after")]
        shares = ["-" if (mean := halving[f"violations_{side}"]) is None else f"{mean:.2%}" for side in ("before", "after")]
        lines.append(f"| {halving['step']:,} | {halving['rate']:.1e} | {' | '.join(losses + shares)} |")
    return "\n".join(lines)


def _share(row):
    return f"{row['violations'] / max(1, row['rows']):.3%}"
