"""The pictures of an analysis."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from collatz.measure.evaluate import Evaluation


def draw_trajectories(found: Evaluation, path: Path) -> Path:
    """V along each test trajectory, violations marked."""
    figure, axes = _figure(len(found.trajectories.seeds), 1.8)
    for axis, score in zip(axes[:, 0], found.trajectories.seeds, strict=True):
        axis.plot(score.values, linewidth=1)
        # A seed that is a multiple of three stands far above everything that follows, and is cut off.
        low, high = score.values[1:].min(), score.values[1:].max()
        axis.set_ylim(low - 0.05 * (high - low), high + 0.05 * (high - low))
        bad = np.flatnonzero(~(score.values[:-1] > score.values[1:]))
        axis.plot(bad, score.values[bad], "rx")
        violations = f"{score.violations} violation{'' if score.violations == 1 else 's'}"
        axis.set_title(f"from n = {score.seed:,}: {violations} (crosses) in {score.steps} steps", fontsize=9)
        axis.set_ylabel("V(n)", fontsize=8)
        axis.tick_params(labelsize=7)
    axes[-1, 0].set_xlabel("step")
    return _finish(figure, path)


def draw_shares(tables: Mapping[str, Mapping[str, Mapping[str, int]]], path: Path) -> Path:
    """Bars of the share of violations: x label -> group -> {"rows", "violations"}, one panel a label."""
    figure, axes = _figure(len(tables), 2.4)
    for axis, (label, table) in zip(axes[:, 0], tables.items(), strict=True):
        axis.bar(list(table), [100 * row["violations"] / max(1, row["rows"]) for row in table.values()])
        axis.set_xlabel(label)
        axis.set_ylabel("violations, %")
    return _finish(figure, path)


def draw_rate(lines: Sequence[Mapping[str, float]], path: Path) -> Path:
    """Loss and learning rate of a run, each on an axis of its own; test violations where they were counted."""
    figure, axes = _figure(3, 2.4)
    for axis, name in zip(axes[:, 0], ("loss", "learning_rate", "violations"), strict=True):
        axis.plot([line["step"] for line in lines], [line[name] for line in lines], linewidth=1)
        axis.set_yscale("log")
        axis.set_ylabel(name.replace("_", " "))
    for step in halvings(lines):
        for axis in axes[:, 0]:
            axis.axvline(step, color="0.8", linewidth=0.8, zorder=0)
    axes[2, 0].set_ylabel("share of violations")
    axes[2, 0].set_xlabel("step (grey: the rate was halved)")
    return _finish(figure, path)


def halvings(lines: Sequence[Mapping[str, float]]) -> list[int]:
    """Steps of the lines at which the learning rate is lower than in the line before."""
    pairs = zip(lines, lines[1:], strict=False)
    return [int(after["step"]) for before, after in pairs if after["learning_rate"] < before["learning_rate"]]


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
