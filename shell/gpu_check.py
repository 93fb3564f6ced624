"""Checks and measures a machine with a GPU before a long run: shell/gpu_check.sh runs it in the right environment.

Each subject is one of the trainings at its published size. On the device its losses over some steps are compared with those of the
CPU, in float32 and in bfloat16, and its step is timed, compiled with XLA and not; the time of 140,000 steps follows. Each part has
a process of its own and a limit of time, and the results are written as they come: gpu_check.json, gpu_check.md.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

LONG_RUN = 140_000
PRECISIONS = ("float32", "bfloat16")
# Largest difference of a loss from the CPU's, relative to the largest loss of the run. A GPU multiplies float32 in TF32, with 11 bits of
# precision; bfloat16 has 8; and small differences grow from step to step.
TOLERANCE = {"float32": 0.02, "bfloat16": 0.08}
COMPARED = ("stegastamp", "collatz", "arc", "hrm", "trm")
"""Subjects whose losses are compared, each at a small batch."""
TIMED = {
    "stegastamp": (4, 16, 64),
    "collatz": (1024,),
    "arc": (0,),
    "hrm": (0,),
    "trm": (0,),
}
"""Subject -> batches that are timed; 0 is the preset's own."""
WITHOUT_XLA = ("stegastamp",)
"""Subjects whose step XLA does not compile: TensorFlow's projective transform has no kernel for it."""
SECONDS = 690
"""For everything together; of these a part has 60 or 90, and more where --seconds says more."""
SMALL = {"stegastamp": 4, "collatz": 256, "arc": 8, "hrm": 8, "trm": 8}

Step = Callable[[int], float]


def stegastamp(batch: int, precision: str, jit: bool, tiny: bool) -> Step:
    """The preset `paper`, 400 px, with LPIPS on a backbone drawn at random; the loss of step n."""
    import tensorflow as tf

    from longrun.config import changed
    from stegastamp.measure.bench import save_random_backbone
    from stegastamp.network.backbones import FOLDER_VARIABLE
    from stegastamp.pictures.photos import training_and_held_out
    from stegastamp.presets import PRESETS
    from stegastamp.training import regimes
    from stegastamp.training.data import batches
    from stegastamp.training.steps import build

    config = changed(PRESETS["paper"](), batch_size=batch or 4, jit_compile=jit, precision=_mixed(precision), size=64 if tiny else 400)
    configured(config)
    folder = tempfile.mkdtemp()
    save_random_backbone(config.losses.lpips, folder)
    os.environ[FOLDER_VARIABLE] = folder
    parts = build(config, tf.distribute.get_strategy())
    photos, _ = training_and_held_out("", "", config.model.size)
    source = batches(photos, config.model.size, config.data.batch_size, 0, 0, 10**6)
    values = regimes.scalars(config, config.run.steps - 1, regimes.ClosedLoop())
    return lambda _: parts.full_step(next(source), values)["loss"]


def collatz(batch: int, precision: str, jit: bool, tiny: bool) -> Step:
    """The original run 6: 4,425,730 parameters."""
    from collatz.presets import PRESETS
    from collatz.training import schedules
    from collatz.training.sampler import Sampler
    from collatz.training.steps import build
    from longrun.config import changed

    config = changed(PRESETS["run6"](), batch_size=batch or 1024, jit_compile=jit, precision=precision)
    config = changed(config, layers="64,64") if tiny else config
    configured(config, "float32")
    parts, sampler = build(config), Sampler(config.batches, config.model.lookahead)
    scalars = schedules.scalars(config, 0, schedules.plateau(config))
    return lambda step: parts.step(sampler.batch(step, 0, shifts=config.loss.shifts), scalars)["loss"]


def arc(batch: int, precision: str, jit: bool, tiny: bool) -> Step:
    """The original exp_3, the champion, on its own batches."""
    from arc.original import collected
    from arc.original.steps import build
    from arc.presets import PRESETS
    from longrun.config import changed

    config = changed(PRESETS["exp_3_champion"](), jit_compile=jit, precision=_mixed(precision), **({"pairs": 10} if tiny else {}))
    config = changed(config, batch_size=batch or config.experiment.batch_size)
    configured(config)
    parts, source = build(config), collected.batches(config.experiment, 0, 0)
    return lambda _: parts.step(next(source), {"learning_rate": config.trial.lr})["train_loss"]


def hrm(batch: int, precision: str, jit: bool, tiny: bool, **network: object) -> Step:
    """HRM on Sudokus as published, 27 million parameters (tiny: 64 channels)."""
    from hrm.config import Config
    from hrm.puzzles.sources import make_source
    from hrm.training.data import least_segments
    from hrm.training.steps import build
    from hrm.training.train import scalars
    from longrun.config import changed

    published = {"network": "hrm", "width": 64 if tiny else 512, "heads": 8, "inner": 0, "high_layers": 4, "low_layers": 4}
    published |= {
        "positions": "rotary",
        "puzzle_width": 64 if tiny else 512,
        "puzzle": "sudoku",
        "side": 9,
        "givens": (30, 45),
        "pool": 200,
    }
    config = changed(Config(), **{**published, **network}, batch_size=batch or 32, jit_compile=jit, precision=_mixed(precision))
    configured(config)
    source = make_source(config)
    parts = build(config, len(source.identifiers))

    def step(number: int) -> float:
        inputs = {**source.batch(0, number, config.data.batch_size).inputs(), "least": least_segments(config, 0, number)}
        return parts.step(inputs, scalars(config, number))["loss"]

    return step


def trm(batch: int, precision: str, jit: bool, tiny: bool) -> Step:
    """TRM on Sudokus as published, 5 million parameters with token mixing."""
    return hrm(batch, precision, jit, tiny, network="trm", low_layers=2, prefix=16, mixing="mlp")


SUBJECTS = {"stegastamp": stegastamp, "collatz": collatz, "arc": arc, "hrm": hrm, "trm": trm}


def _mixed(precision):
    return "mixed_bfloat16" if precision == "bfloat16" else precision


def configured(config, precision: str = "") -> None:
    """TensorFlow as a training would have it."""
    from longrun.step import device

    device.configure(seed=0, precision=precision or config.run.precision)


def measure(subject: str, batch: int, precision: str, jit: bool, steps: int, seconds: float, tiny: bool) -> dict:
    """Losses of `steps` steps, fewer where the time is over, the median milliseconds of those after the first three, and memory."""
    import tensorflow as tf

    step = SUBJECTS[subject](batch, precision, jit, tiny)
    start, losses, times = time.perf_counter(), [], []
    for number in range(steps):
        before = time.perf_counter()
        losses.append(float(step(number)))
        times.append(time.perf_counter() - before)
        if time.perf_counter() - start > seconds:
            break
    gpus = tf.config.list_logical_devices("GPU")
    memory = tf.config.experimental.get_memory_info("GPU:0")["peak"] / 2**30 if gpus else None
    counted = sorted(times[3:] or times)
    return {
        "losses": losses,
        "milliseconds": 1e3 * counted[len(counted) // 2],
        "first_seconds": times[0],
        "device_gigabytes": memory,
        "on": "GPU" if gpus else "CPU",
    }


def in_process(arguments: argparse.Namespace, device: str, limit: float, **part: object) -> dict:
    """`measure` in a process of its own on "gpu" or "cpu"; {"failed": why} where it ended otherwise."""
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"} | ({"CUDA_VISIBLE_DEVICES": "-1"} if device == "cpu" else {})
    asked = json.dumps({"steps": arguments.steps, "seconds": limit / 2, "tiny": arguments.tiny} | part)
    try:
        command = [sys.executable, __file__, "--measure", asked]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=limit)
    except subprocess.TimeoutExpired:
        return {"failed": f"took longer than {limit:.0f} s"}
    if done.returncode:
        return {"failed": (done.stderr.strip() or f"exit code {done.returncode}").splitlines()[-1][:300]}
    return json.loads(done.stdout.strip().splitlines()[-1])


def difference(one: dict, other: dict) -> float | None:
    """Largest difference of losses relative to the largest; None where either failed."""
    if "failed" in one or "failed" in other:
        return None
    pairs = list(zip(one["losses"], other["losses"], strict=False))
    return max(abs(a - b) for a, b in pairs) / max(abs(b) for _, b in pairs)


def check(arguments: argparse.Namespace) -> int:
    """Everything within the time; exit code 1 where a loss differs by more than its tolerance or nothing ran."""
    folder, end = Path(arguments.out), time.monotonic() + arguments.seconds
    folder.mkdir(parents=True, exist_ok=True)
    found: dict = {"losses": [], "steps": []}

    def left(share: float) -> float:
        return max(10.0, min(share * arguments.seconds / SECONDS, end - time.monotonic()))

    def over() -> bool:
        return time.monotonic() > end - 10

    for subject in COMPARED:
        if over():
            break
        part = {"subject": subject, "batch": SMALL[subject], "jit": False}
        reference = in_process(arguments, "cpu", left(90), precision="float32", **part)
        for precision in PRECISIONS:
            seen = in_process(arguments, "gpu", left(60), precision=precision, **part)
            apart = difference(seen, reference)
            row = {"subject": subject, "precision": precision, "difference": apart, "tolerance": TOLERANCE[precision]}
            sides = {"failed": seen, "reference": reference}
            found["losses"].append(row | {name: side["failed"] for name, side in sides.items() if "failed" in side})
            write(folder, found, arguments)
    for subject, batches in TIMED.items():
        for batch in batches:
            for precision in PRECISIONS:
                for jit in (False,) if subject in WITHOUT_XLA else (False, True):
                    row = {"subject": subject, "batch": batch, "precision": precision, "jit": jit}
                    seen = {"failed": "the time was over"} if over() else in_process(arguments, "gpu", left(60), **row)
                    found["steps"].append(row | {key: value for key, value in seen.items() if key != "losses"})
                    write(folder, found, arguments)
    print((folder / "gpu_check.md").read_text(encoding="utf-8"))
    apart = [row for row in found["losses"] if row["difference"] is None or row["difference"] > row["tolerance"]]
    return int(bool(apart) or not found["losses"])


def write(folder: Path, found: dict, arguments: argparse.Namespace) -> None:
    """gpu_check.json and the same as tables."""
    (folder / "gpu_check.json").write_text(json.dumps({"machine": arguments.machine, **found}, indent=1) + "\n", encoding="utf-8")
    lines = [
        f"# {arguments.machine}",
        "",
        "| training | precision | largest difference of a loss from the CPU's | allowed |",
        "|---|---|---|---|",
    ]
    for row in found["losses"]:
        apart = row.get("failed") or row.get("reference") or f"{row['difference']:.1e}"
        lines.append(f"| {row['subject']} | {row['precision']} | {apart} | {row['tolerance']} |")
    lines += [
        "",
        "| training | batch | precision | XLA | ms a step | steps/s | 140,000 steps, hours | GiB | first step, s |",
        "|" + "---|" * 9,
    ]
    for row in found["steps"]:
        start = f"| {row['subject']} | {row['batch'] or 'own'} | {row['precision']} | {'yes' if row['jit'] else 'no'} |"
        if "failed" in row:
            lines.append(f"{start} {row['failed']} | | | | |")
            continue
        milliseconds, memory = row["milliseconds"], row["device_gigabytes"]
        hours = LONG_RUN * milliseconds / 3.6e6
        size = "" if memory is None else f"{memory:.1f}"
        lines.append(f"{start} {milliseconds:.1f} | {1e3 / milliseconds:.1f} | {hours:.1f} | {size} | {row['first_seconds']:.1f} |")
    (folder / "gpu_check.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def machine() -> str:
    """What TensorFlow sees."""
    code = (
        "from longrun.step import device; d = device.describe(); print(*(d[name] for name in ('devices', 'tensorflow', 'keras')), sep=', ')"
    )
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, env=environment)
    return done.stdout.strip().splitlines()[-1] if done.returncode == 0 else f"TensorFlow does not start: {done.stderr.strip()[-200:]}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", default="build/gpu_check", help="folder of the results")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="for everything together")
    parser.add_argument("--steps", type=int, default=50, help="steps that are compared and timed")
    parser.add_argument("--tiny", action="store_true", help="small networks, to try the check itself on a CPU")
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        print(json.dumps(measure(**json.loads(arguments.measure))))
        return 0
    arguments.machine = machine()
    return check(arguments)


if __name__ == "__main__":
    sys.exit(main())
