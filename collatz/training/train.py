"""One training of a Lyapunov function, from top to bottom."""

from dataclasses import asdict
from pathlib import Path

from collatz.config import ADDED, FREE, Config
from collatz.functions.lyapunov import Lyapunov, load_weights
from collatz.functions.model import saved_model
from collatz.measure import evaluate, judge
from collatz.training import health, schedules
from collatz.training.data import batches
from collatz.training.mining import Miner
from collatz.training.sampler import Sampler
from collatz.training.steps import build
from longrun import Checkpointer, Health, Interrupted, Metrics, Run, Unhealthy, every, write_report
from longrun.run.manifest import identity
from longrun.step import device

SHOWN = ("loss", "violations", "pass", "learning_rate")
COLUMNS = (
    *("loss", "violations", "hard_violations", "gain", "test_violations", "test_violations_unleaked", "smallest_relative_margin"),
    *("pass", "weighted_pass", "growth_pass", "growth_weighted_pass", "learning_rate", "gradient_norm", "value_spread"),
    "steps_per_second",
)
ORIGINAL_COLUMNS = ("anchor", "drift_coefficient", "active_seeds", "mined")
OUR_COLUMNS = ("closed_form_loss", "correction_spread")


def train(config: Config, folder: Path | str, preset: str = "custom") -> dict:
    """Train to `config.epochs`, or go on with the run in `folder`; returns its result (see judge.verdict).

    Raises Unhealthy when a guard stops the run, Interrupted after a signal, and ValueError or OSError for bad input.
    """
    folder = Path(folder)
    device.configure(seed=config.seed, deterministic=config.deterministic)
    rows = evaluate.evaluation_set(config.eval_csv)
    parts = build(config)
    if config.load_checkpoint:
        load_weights(parts.model, config)
    sampler = Sampler(config.batches, config.lookahead)
    rate, miner = schedules.plateau(config), Miner(config)
    checks = Health(health.guards(config), config.on_unhealthy)
    value = Lyapunov(saved_model(parts.model), config, preset)
    reference = evaluate.measure(evaluate.floor(config.lookahead), config.lookahead, rows, config.test_numbers)
    floors = {name: float(number) for name, number in reference.numbers().items() if not name.startswith("smallest")}
    floors |= {f"test_{name}": floors.pop(name) for name in ("violations", "violations_unleaked")} | {"gain": 0.0}
    must_agree = {"project": "collatz", **identity(config, ADDED)}
    with Run(folder, project="collatz", preset=preset, config=asdict(config), total_steps=config.epochs) as run:
        checkpointer = Checkpointer(folder / "checkpoints", parts.groups, must_agree, free=FREE, keep_every=config.keep_every)

        def restore() -> tuple[int, dict] | None:
            saved = checkpointer.restore()
            if saved is not None:
                miner.load(saved[1]["mining"])
                if rate is not None:
                    rate.load(saved[1]["plateau"])
            return saved

        def save(step: int, *, provisional: bool) -> None:
            state = {"health": checks.state(), "metrics": metrics.state(), "mining": miner.state()}
            metrics.sync()
            state["plateau"] = rate.state() if rate is not None else None
            checkpointer.save(step, state, provisional=provisional)

        def data(start: int):
            # A rollback goes on with other data, or it would end where it did.
            return batches(config, sampler, config.seed + 1000 * checks.attempt, start, miner.orbits)

        done, state = restore() or (0, {})
        if state:
            checks.load(state["health"])
            print(f"going on at step {done} of {config.epochs} in {folder}", flush=True)
        else:
            introduce(config, parts.model.count_params(), rows)
        metrics = Metrics(folder, start=done, total=config.epochs, shown=SHOWN)
        metrics.load(state.get("metrics", []))
        try:
            with metrics:
                source = data(done)
                for step in run.steps(done):
                    if miner.is_due(step):
                        print(miner.mine(value, sampler, config.seed, step), flush=True)
                        source = data(step)
                    values = schedules.scalars(config, step, rate)
                    metrics.add(step + 1, parts.step(next(source), values))
                    done = step + 1
                    if rate is not None:
                        rate.observe(metrics.latest("loss"))
                    if config.quick_eval_interval and step % config.quick_eval_interval == 0:
                        print(quick_line(config, step, metrics.latest("loss"), parts.model, value, miner), flush=True)
                    if every(done, config.log_every, config.epochs):
                        values |= {"mined": len(miner.numbers), "drift_coefficient": drift_coefficient(parts.model)}
                        values["active_seeds"] = active_count(config, step)
                        judged = every(done, config.eval_interval) and done < config.epochs
                        if judged:
                            values |= evaluated(value, config, rows, done, folder)
                        if checks.check(done, metrics.flush(done, values, health.diagnose)):
                            checkpointer.drop_provisional()
                            if (saved := restore()) is None:
                                raise Unhealthy(checks.findings)
                            done = saved[0]
                            checks.rolled_back(saved[1]["health"])
                            print(f"rolled back to step {done}, attempt {checks.attempt}", flush=True)
                            run.go_back(done)
                            metrics.go_back(done)
                            source = data(done)
                            continue
                        if judged:
                            report(config, folder, preset, checks, floors, draw=False)
                    if every(done, config.save_every, config.epochs):
                        save(done, provisional=checks.counting)
                if run.interrupted:
                    save(done, provisional=True)
            run.raise_if_interrupted(done)
        except (Unhealthy, Interrupted) as end:
            if checks.sick:
                checkpointer.drop_provisional()
            report(config, folder, preset, checks, floors, end)
            raise
        value.step = done
        judged = judge.verdict(value, rows)
        print(evaluate.block(judged.found, f"FINAL EVALUATION, epoch {done - 1}"), flush=True)
        value.saved.save(folder / config.save_model)
        run.finish(judged.outcome)
        report(config, folder, preset, checks, floors)
    return judged.outcome


def introduce(config: Config, parameters: int, rows) -> None:
    """The first lines of a run."""
    constraints = ", ".join(name for name, on in (("T1", True), ("T4", config.use_t4), ("T8", config.use_t8)) if on)
    print(f"Device: {device.describe()['devices']}   Recipe: {config.recipe}   Lookahead: {config.lookahead}")
    print(f"Constraints: {constraints}   Target: {config.target_type}, split: {config.split_loss}   Layers: {config.layers}")
    print(f"Mining: {config.mine_negatives}   Curriculum: {config.curriculum}   Test seeds: {config.test_seeds}")
    print(f"Evaluation set: {len(rows):,} numbers, {int(rows.growth.sum()):,} growth steps")
    print(f"Training seeds: {len(config.batches.seeds)}   Parameters: {parameters:,}", flush=True)
    if config.load_checkpoint:
        print(f"Weights: those of {config.load_checkpoint}", flush=True)


def quick_line(config: Config, epoch: int, loss: float, model, value: Lyapunov, miner: Miner) -> str:
    """The log's line about a running training."""
    violations, passes = evaluate.quick(value, config.lookahead, config.batches.exponents, config.seed, epoch)
    mined = f" | Mined: {len(miner.numbers)}" if config.mine_negatives else ""
    return (
        f"Epoch {epoch} | Loss: {loss:.4f} | Beta: {drift_coefficient(model):.4f} | Seeds: {active_count(config, epoch)}{mined} | [Quick] "
        f"Traj27: {f'X({violations})' if violations else 'OK'} | Random 1000: {passes:.1%} pass"
    )


def evaluated(value: Lyapunov, config: Config, rows, epoch: int, folder: Path) -> dict[str, float]:
    """Print the evaluation block, keep V of that epoch, and return the numbers for the metrics."""
    found = evaluate.measure(value, config.lookahead, rows, config.test_numbers)
    print(evaluate.block(found, f"EVALUATION, epoch {epoch}"), flush=True)
    if config.recipe == "original":
        value.saved.save(folder / f"{config.save_model.removesuffix('.keras')}_{epoch}.keras")
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


def report(config, folder, preset, checks, floors, end=None, draw=True):
    """REPORT.md: on the way, and whatever the end was."""
    columns = COLUMNS + (ORIGINAL_COLUMNS if config.recipe == "original" else OUR_COLUMNS)
    title, findings = f"collatz {preset}", checks.findings
    write_report(folder, title=title, columns=columns, floors=floors, findings=findings, end=end, draw=draw)
