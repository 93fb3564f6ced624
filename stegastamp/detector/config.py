"""Configuration of a detector's training in parts, and the named ones. Lengths in pixels of the network's input, durations in steps."""

from dataclasses import dataclass
from typing import ClassVar

from longrun.config import RunSettings, Settings, changed
from longrun.errors import UserError


@dataclass(frozen=True)
class NetworkSettings(Settings):
    """What is trained."""

    FREE: ClassVar[tuple[str, ...]] = ("view",)
    size: int = 128
    """Side of the training frames, a multiple of 32; in use a frame is shrunk to a long side of `view`."""
    view: int = 192
    """Long side to which a whole frame is shrunk before it is searched, a multiple of 32."""
    widths: tuple[int, ...] = (16, 24, 48, 64, 80)
    """Channels at strides 2, 4, 8, 16 and 32."""

    def __post_init__(self):
        super().__post_init__()
        for name in ("size", "view"):
            if getattr(self, name) < 32 or getattr(self, name) % 32:
                raise UserError(f"{name} must be a multiple of 32, not {getattr(self, name)}")
        if len(self.widths) != 5:
            raise UserError(f"the network has 5 levels, widths gives {len(self.widths)}")
        if min(self.widths) < 1:
            raise UserError(f"widths must be at least 1, not {min(self.widths)}")


@dataclass(frozen=True)
class SceneSettings(Settings):
    """What is in a frame, and where its photos come from."""

    # What photos are is told by their pixels, wherever they lie.
    FREE: ClassVar[tuple[str, ...]] = ("images", "held_out")
    stamps: str = ""
    """Checkpoint whose residuals mark the stamped photos; empty: the released one."""
    coverage: tuple[float, float] = (0.04, 0.7)
    """Share of the frame that a picture covers, log-uniform."""
    tilt: float = 45.0
    """Largest tilt of a picture against the camera, in degrees."""
    close_ups: float = 0.35
    """Share of frames that are the second look at a candidate: one picture, nearly upright, with a margin around it."""
    pictures: int = 3
    """Most pictures in a frame."""
    batch_size: int = 8
    """Frames a step."""
    images: str = ""
    """Folder of photos, searched recursively; empty: the photos inside scikit-image."""
    held_out: str = ""
    """Folder of photos for evaluation; empty: a tenth of `images`, split by photo."""

    def __post_init__(self):
        super().__post_init__()
        for name in ("batch_size", "pictures"):
            if getattr(self, name) < 1:
                raise UserError(f"{name} must be at least 1, not {getattr(self, name)}")
        if not 0 < self.coverage[0] <= self.coverage[1] <= 0.9:
            raise UserError(f"coverage must be two rising shares of a frame, up to 0.9, not {self.coverage}")
        if not 0 <= self.tilt <= 60:
            raise UserError(f"tilt must be 0 to 60 degrees, not {self.tilt}")


@dataclass(frozen=True)
class OptimizerSettings(Settings):
    """Adam, its schedule, and what is averaged."""

    learning_rate: float = 2e-3
    """Peak learning rate of Adam."""
    final_rate: float = 0.02
    """Learning rate at the end, as a fraction of the peak."""
    hold: float = 0.6
    """Fraction of the steps at the peak rate before the cosine decay."""
    warmup: int = 100
    """Steps over which the rate rises."""
    clip_norm: float = 1.0
    """Global norm at which gradients are clipped."""
    border_weight: float = 4.0
    """Extra weight of grid cells that the outline of a picture crosses: the quad is fitted to those."""
    average_decay: float = 0.995
    """Decay of the moving average of the weights that is evaluated and released."""


@dataclass(frozen=True)
class DetectorRun(RunSettings):
    """As everywhere, with durations of its own."""

    FREE: ClassVar[tuple[str, ...]] = (*RunSettings.FREE, "steps", "test_count")
    steps: int = 2000
    """Training steps."""
    save_every: int = 250
    """Steps between two checkpoints; a multiple of log_every."""
    evaluate_every: int = 500
    """Steps between two evaluations on held-out scenes; a multiple of log_every."""
    test_count: int = 60
    """Held-out frames in the final evaluation."""

    def __post_init__(self):
        super().__post_init__()
        if self.test_count < 1:
            raise UserError(f"test_count must be at least 1, not {self.test_count}")


@dataclass(frozen=True)
class DetectorConfig(Settings):
    """Every number of a training."""

    PROJECT: ClassVar[str] = "stegastamp-detector"
    TRAINED_BY: ClassVar[str] = "stegastamp.detector.training.train:train"
    network: NetworkSettings = NetworkSettings()
    scene: SceneSettings = SceneSettings()
    optimizer: OptimizerSettings = OptimizerSettings()
    run: DetectorRun = DetectorRun()


def detector() -> DetectorConfig:
    """128 px frames."""
    return changed(DetectorConfig(), steps=6000)


def detector_quick() -> DetectorConfig:
    """64 px frames, a quarter of the work a step: finds a picture about where it is and leaves its corners to the frame's own edges."""
    return changed(DetectorConfig(), size=64, view=96, steps=1500, save_every=100)


PRESETS = {"detector-quick": detector_quick, "detector": detector}
DEFAULT = "detector-quick"
