"""The run's own progress log: REPORT.md with the curves beside it, written from metrics.jsonl and result.json alone."""

import io
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from longrun.health.floors import Score
from longrun.health.guards import Finding, table
from longrun.run.durable import write_atomically
from longrun.run.journal import read_metrics
from longrun.run.signals import Interrupted

TABLE_ROWS = 24


def result(project: str, preset: str, step: int, scores: Mapping[str, Score | float], cases: int | None = None) -> dict:
    """The result of a run or evaluation in the form that every project prints as --json and writes as result.json.

    scores: whole-word name -> Score, or a plain number for a quantity that has no floor (PSNR in dB, seconds). Interval bounds
    of a Score are given under "intervals", the trials behind it under "counts".
    cases: what was looked at (images, puzzles, numbers), given as "n"; left out, the largest of the counts.
    """
    judged = {name: score for name, score in scores.items() if isinstance(score, Score)}
    return {
        "project": project,
        "preset": preset,
        "step": step,
        "metrics": {name: s.value if isinstance(s, Score) else float(s) for name, s in scores.items()},
        "floors": {name: score.floor for name, score in judged.items()},
        "skill": {name: score.skill for name, score in judged.items()},
        "intervals": {name: [score.low, score.high] for name, score in judged.items()},
        "counts": {name: score.count for name, score in judged.items()},
        "n": cases if cases is not None else max((score.count for score in judged.values()), default=0),
    }


def result_table(outcome: Mapping) -> str:
    """A result as a Markdown table: score beside floor, skill and 95 % interval."""
    lines = ["| metric | score | floor | skill | 95 % interval | n |", "|---|---|---|---|---|---|"]
    counts = outcome["counts"] if "counts" in outcome else outcome["n"]  # Older results have the counts under "n".
    for name, value in outcome["metrics"].items():
        if name in outcome["floors"]:
            low, high = outcome["intervals"][name]
            floor, skill = outcome["floors"][name], outcome["skill"][name]
            lines.append(f"| {name} | {value:.4f} | {floor:.4f} | {skill:+.4f} | {low:.4f}..{high:.4f} | {counts[name]} |")
        else:
            lines.append(f"| {name} | {value:.4g} | - | - | - | - |")
    return "\n".join(lines)


@dataclass(frozen=True)
class Report:
    """What a run's REPORT.md shows beside its result, findings and configuration."""

    columns: Sequence[str]
    """Metrics of the table and the curves, in this order."""
    floors: Mapping[str, float] = field(default_factory=dict)
    """Metric -> the dashed line in its curve."""
    notes: Sequence[str] = ()
    """Paragraphs under the title."""
    pictures: Mapping[str, str] = field(default_factory=dict)
    """Caption -> name of a file in the run folder; shown once it is there."""
    verdict: Callable[[], str] | None = None
    """A paragraph that is asked for when the run is done or sick, and said aloud when it is sick."""

    def write(
        self,
        folder: Path,
        title: str,
        findings: Sequence[Finding] = (),
        notes: Sequence[str] = (),
        *,
        end: BaseException | None = None,
        draw: bool = True,
    ) -> None:
        """Write REPORT.md and curves.png into a run folder.

        notes: further paragraphs. end: what ended the run before its last step. It is quoted, and findings of its own (a retrace has
            no guard) join the others.
        draw: False for a report on the way: to draw takes a thousand times as long as to write. Nor is anything drawn after a signal,
            which wants the process gone.
        """
        lines = read_metrics(folder / "metrics.jsonl")
        findings = [*findings, *(finding for finding in getattr(end, "findings", ()) if finding not in findings)]
        parts = [f"# {title}", *([f"Ended before its last step: {end}."] if end is not None else []), *self.notes, *notes]
        if self.verdict is not None and draw and not isinstance(end, Interrupted):
            parts.append(self.verdict())
            if end is not None:
                print(parts[-1], flush=True)
        if (outcome := _result(folder / "result.json")) is not None:
            parts += ["## Result", result_table(outcome)]
        if findings:
            parts += ["## Health", table(findings)]
        if lines:
            if draw and not isinstance(end, Interrupted):
                draw_curves(folder / "curves.png", lines, self.columns, self.floors)
            parts += ["## Progress", _progress_table(lines, self.columns)]
            parts += ["![curves](curves.png)"] if (folder / "curves.png").exists() else []
        parts += [f"**{caption}**\n\n![{caption}]({name})" for caption, name in self.pictures.items() if (folder / name).exists()]
        parts += ["## Configuration", "```json\n" + (folder / "config.json").read_text() + "\n```"]
        versions = json.loads((folder / "versions.json").read_text())
        parts.append("Made with " + ", ".join(f"{name} {value}" for name, value in versions.items()) + ".")
        write_atomically(folder / "REPORT.md", "\n\n".join(parts) + "\n")


def draw_curves(path: Path, lines: Sequence[Mapping], columns: Sequence[str], floors: Mapping[str, float]) -> None:
    """One small plot per metric over the steps, with its floor as a dashed line."""
    from matplotlib.figure import Figure

    names = [name for name in columns if any(name in line for line in lines)]
    if not names:
        return
    across = min(3, len(names))
    down = math.ceil(len(names) / across)
    width, height = 4.2 * across, 2.8 * down
    figure = Figure(figsize=(width, height))
    # Fixed margins in inches: "constrained" would lay out every text twice more, a second for ten metrics.
    axes = figure.subplots(down, across, squeeze=False)
    figure.subplots_adjust(0.6 / width, 0.45 / height, 1 - 0.15 / width, 1 - 0.3 / height, wspace=0.2, hspace=0.34)
    for axis in axes.flat[len(names) :]:
        axis.axis("off")
    for axis, name in zip(axes.flat, names, strict=False):
        points = [(line["step"], line[name]) for line in lines if name in line and math.isfinite(line[name])]
        axis.plot(*zip(*points, strict=True) if points else ((), ()), linewidth=1)
        if name in floors:
            axis.axhline(floors[name], linestyle="--", color="grey", linewidth=1)
            axis.annotate("floor", (1, floors[name]), xycoords=("axes fraction", "data"), fontsize=7, ha="right", va="bottom")
        axis.set_title(name.replace("_", " "), fontsize=9)
        axis.locator_params(nbins=5)
        axis.tick_params(labelsize=7)
        axis.set_xlabel("step", fontsize=7)
    content = io.BytesIO()
    figure.savefig(content, dpi=110)
    write_atomically(path, content.getvalue())


def _result(path):
    """result.json of an earlier end. None where there is none, or a damaged one: the next end writes it anew."""
    try:
        return json.loads(path.read_text()) if path.exists() else None
    except json.JSONDecodeError:
        return None


def _progress_table(lines, columns):
    names = [name for name in columns if any(name in line for line in lines)]
    if len(lines) > TABLE_ROWS:  # Evenly spaced, the last one always in.
        chosen = sorted({round(i * (len(lines) - 1) / (TABLE_ROWS - 1)) for i in range(TABLE_ROWS)})
        lines = [lines[i] for i in chosen]
    rows = ["| step | " + " | ".join(names) + " |", "|---" * (len(names) + 1) + "|"]
    for line in lines:
        cells = [f"{line[name]:.4g}" if name in line else "" for name in names]
        rows.append(f"| {line['step']} | " + " | ".join(cells) + " |")
    return "\n".join(rows)
