"""One training of a Lyapunov function, from top to bottom."""

from collections.abc import Callable
from pathlib import Path

from collatz.config import Config
from collatz.functions.lyapunov import Lyapunov, load_weights
from collatz.functions.model import saved_model
from collatz.measure import evaluate, judge
from collatz.measure.hard_seeds import seed_table
from collatz.numbers.evalset import EvaluationSet
from collatz.training import health, schedules
from collatz.training.data import batches
from collatz.training.mining import Miner
from collatz.training.sampler import Sampler
from collatz.training.steps import Parts, build
from longrun import CutByNoise, Health, Repeats, Report, Run, has_checkpoint, loop
from longrun.step import device

SHOWN = ("loss", "violations", "pass", "learning_rate")
COLUMNS = (
    *("loss", "violations", "hard_violations", "gain", "test_violations", "test_violations_unleaked", "smallest_relative_margin"),
    *("pass", "weighted_pass", "growth_pass", "growth_weighted_pass", "learning_rate", "gradient_norm", "value_spread"),
    "steps_per_second",
)
ORIGINAL_COLUMNS = ("anchor", "drift_coefficient", "active_seeds", "mined")
OTHER_COLUMNS = ("closed_form_loss", "correction_spread")


def train(config: Config, folder: Path | str, preset: str = "custom") -> dict:
    """Train to the last step, or go on with the run in `folder`; returns its result (see judge.verdict).

    With `analyze_seeds` the table of the hard seeds is printed and nothing else is done. Raises Unhealthy when a guard stops the run,
    Interrupted after a signal, and UserError or OSError for bad input.
    """
    if config.evaluation.analyze_seeds:
        seed_table(test_seeds=config.evaluation.test_seeds)
        return {}
    folder = Path(folder)
    device.configure(seed=config.run.seed, deterministic=config.run.deterministic)
    rows = evaluate.evaluation_set(config.evaluation.eval_csv, keep=True)
    parts = build(config)
    # Where a run goes on, the weights it started from are long in its checkpoint, and their folder may be gone.
    if config.model.load_checkpoint and not has_checkpoint(folder / "checkpoints"):
        load_weights(parts.model, config)
    sampler = Sampler(config.batches, config.model.lookahead)
    rate, miner = schedules.plateau(config), Miner(config)
    value = Lyapunov(saved_model(parts.model), config, preset)
    repeats, cuts = Repeats(), CutByNoise()
    checks = Health([repeats, cuts, *health.guards(config)], config.run.on_unhealthy)
    hosts = {"mining": miner} | ({} if rate is None else {"plateau": rate})

    def data(start: int, attempt: int):
        return batches(config, sampler, config.run.seed + 1000 * attempt, start, miner.orbits)

    with Run(folder, config, preset=preset, report=report_of(config, rows)) as run:
        first_lines = introduction(config, parts, rows)
        for tick in loop(
            run, parts.groups, checks, data=data, hosts=hosts, shown=SHOWN, derive=health.diagnose, introduce=first_lines
        ):  # fmt: skip
            if miner.is_due(tick.step):
                print(miner.mine(value, sampler, config.run.seed, tick.step), flush=True)
                tick.renew()
            repeats.see(tick.step, tick.batch)
            values = schedules.scalars(config, tick.step, rate)
            tick.did(parts.step(tick.batch, values), values)
            if rate is not None:
                rate.observe(tick.latest("loss"))
                cuts.observe(tick.latest("loss"), rate.best, rate.rate)
            if config.evaluation.quick_eval_interval and tick.step % config.evaluation.quick_eval_interval == 0:
                print(quick_line(config, tick.step, tick.latest("loss"), parts.model, value, miner), flush=True)
            if tick.logging:
                values = {"mined": len(miner.numbers), "drift_coefficient": drift_coefficient(parts.model)}
                tick.log(values | {"active_seeds": active_count(config, tick.step)})
            if tick.evaluating and not tick.last:
                tick.log(evaluated(value, config, rows, tick.done, folder))
        value.step = run.total
        judged = judge.verdict(value, rows)
        print(evaluate.block(judged.found, f"FINAL EVALUATION, epoch {run.total - 1}"), flush=True)
        value.saved.save(folder / config.evaluation.save_model)
        run.finish(judged.outcome)
    return judged.outcome


def report_of(config: Config, rows: EvaluationSet) -> Report:
    """What REPORT.md shows; the dashed lines are those of the clock."""
    reference = evaluate.measure(evaluate.floor(config.model.lookahead), config.model.lookahead, rows, config.evaluation.test_numbers)
    floors = {name: float(number) for name, number in reference.numbers().items() if not name.startswith("smallest")}
    floors |= {f"test_{name}": floors.pop(name) for name in ("violations", "violations_unleaked")} | {"gain": 0.0}
    return Report(COLUMNS + (ORIGINAL_COLUMNS if config.model.recipe == "original" else OTHER_COLUMNS), floors)


def introduction(config: Config, parts: Parts, rows: EvaluationSet) -> Callable[[], str]:
    """The first lines of a run, when they are asked for."""

    def lines() -> str:
        model, loss, data = config.model, config.loss, config.data
        constraints = ", ".join(name for name, on in (("T1", True), ("T4", loss.use_t4), ("T8", loss.use_t8)) if on)
        found = [
            f"Device: {device.describe()['devices']}   Recipe: {model.recipe}   Lookahead: {model.lookahead}",
            f"Constraints: {constraints}   Target: {loss.target_type}, split: {loss.split_loss}   Layers: {model.layers}",
            f"Mining: {data.mine_negatives}   Curriculum: {data.curriculum}   Test seeds: {config.evaluation.test_seeds}",
            f"Evaluation set: {len(rows):,} numbers, {int(rows.growth.sum()):,} growth steps",
            f"Training seeds: {len(config.batches.seeds)}   Parameters: {parts.model.count_params():,}",
        ]
        return "\n".join([*found, *([f"Weights: those of {model.load_checkpoint}"] if model.load_checkpoint else [])])

    return lines


def quick_line(config: Config, epoch: int, loss: float, model, value: Lyapunov, miner: Miner) -> str:
    """The original program's line about a running training."""
    violations, passes = evaluate.quick(value, config.model.lookahead, config.batches.exponents, config.run.seed, epoch)
    mined = f" | Mined: {len(miner.numbers)}" if config.data.mine_negatives else ""
    return (
        f"Epoch {epoch} | Loss: {loss:.4f} | Beta: {drift_coefficient(model):.4f} | Seeds: {active_count(config, epoch)}{mined} | [Quick] "
        f"Traj27: {f'X({violations})' if violations else 'OK'} | Random 1000: {passes:.1%} pass"
    )


def evaluated(value: Lyapunov, config: Config, rows: EvaluationSet, epoch: int, folder: Path) -> dict[str, float]:
    """Print the evaluation block, keep V of that epoch, and return the numbers for the metrics."""
    found = evaluate.measure(value, config.model.lookahead, rows, config.evaluation.test_numbers)
    print(evaluate.block(found, f"EVALUATION, epoch {epoch}"), flush=True)
    if config.model.recipe == "original":
        value.saved.save(folder / f"{config.evaluation.save_model.removesuffix('.keras')}_{epoch}.keras")
    numbers = found.numbers()
    numbers |= {f"test_{name}": numbers.pop(name) for name in ("violations", "violations_unleaked")}
    return numbers


def active_count(config: Config, epoch: int) -> int:
    """Training seeds in use."""
    active = schedules.active_seeds(config, epoch)
    return len(config.batches.seeds) if active is None else active


def drift_coefficient(model) -> float:
    """The trainable b of the target; nought where the model has none."""
    return next((float(v.numpy().item()) for v in model.variables if "drift_coefficient" in v.path), 0.0)
