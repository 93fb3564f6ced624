"""Released folders and runs with checkpoints of every project that uses models, and a run that goes on after the damage."""

import contextlib
import gzip
import io
import json
from pathlib import Path
from random import Random


def prepare() -> None:
    """TensorFlow is imported, which takes its time."""
    from arc.network import answerer  # noqa: F401
    from collatz.functions import lyapunov  # noqa: F401
    from hrm.network import reasoner  # noqa: F401
    from longrun.release import portable  # noqa: F401
    from stegastamp.detector.finding import search  # noqa: F401
    from stegastamp.network import stamp  # noqa: F401


def make(folder: Path) -> None:
    """For each project a folder as it is released, and for one of them a run with a checkpoint."""
    from arc.network.answerer import Answerer
    from arc.network.model import build_model
    from collatz.functions import lyapunov, model
    from collatz.presets import quick
    from hrm.network.model import segment_model
    from hrm.network.puzzle_table import PuzzleTable
    from hrm.network.reasoner import Reasoner
    from longrun import Checkpointer
    from longrun.config import changed, flatten
    from longrun.release import shipped
    from stegastamp.network import stamp
    from stegastamp.network.model import build_decoder, build_encoder
    from tests.fixtures import arc, hrm, stegastamp

    Reasoner(segment_model(hrm.SMALL), hrm.SMALL, PuzzleTable(5, 16).table).save(folder / "hrm", {}, half=True)
    small = arc.made(**arc.TINY)
    Answerer(build_model(small.network), small).save(folder / "arc", {})
    config = changed(quick(), layers="16")
    network = model.build_model(config.model)
    lyapunov.Lyapunov(model.saved_model(network), config).save(folder / "collatz", {})
    stamp.save(folder / "stegastamp", stamp.Stamper(build_encoder(stegastamp.SMALL), build_decoder(stegastamp.SMALL), stegastamp.SMALL), {})
    packed = shipped.released("stegastamp") / "detector"
    for place, content, suffix in (
        ("detector", (packed / "detector.onnx.gz").read_bytes(), ".onnx.gz"),
        ("detector unpacked", gzip.decompress((packed / "detector.onnx.gz").read_bytes()), ".onnx"),
    ):
        (folder / place).mkdir()
        (folder / place / f"detector{suffix}").write_bytes(content)
        (folder / place / "manifest.json").write_bytes((packed / "manifest.json").read_bytes())
    run = folder / "run"
    run.mkdir()
    (run / "config.json").write_text(json.dumps({"project": "collatz", "preset": "quick", **flatten(config)}))
    Checkpointer(run / "checkpoints", {"model": network.variables}, flatten(config)).save(7)


def read(folder: Path, chance: Random) -> None:
    """Load the model; what it is of is told by its sample's files."""
    from arc.network import answerer
    from collatz.functions import lyapunov
    from hrm.network import reasoner
    from stegastamp.detector.finding import search
    from stegastamp.network import stamp

    names = {path.name for path in folder.iterdir()}
    if any(name.startswith("detector.onnx") for name in names):
        search.load(folder, "onnx")
        return
    loaders = {"reasoner.keras": reasoner, "model.keras": answerer, "lyapunov.keras": lyapunov}
    loaders |= {"encoder.keras": stamp, "decoder.keras": stamp}
    module = next((module for name, module in loaders.items() if name in names), lyapunov)
    module.load(folder)


class _Kill(BaseException):
    """Nothing catches it, as nothing catches SIGKILL."""


def make_goes_on(folder: Path) -> None:
    """A toy training that was killed after its second checkpoint, and one that has ended."""
    from tests.fixtures.toy_training import Toy

    def kill(tick):
        if tick.step == 9:
            raise _Kill

    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        Toy().train(folder / "ended")
        with contextlib.suppress(_Kill):
            Toy().train(folder / "killed", kill)


def go_on(folder: Path, chance: Random) -> None:
    """The training goes on."""
    from tests.fixtures.toy_training import Toy

    Toy().train(folder)
