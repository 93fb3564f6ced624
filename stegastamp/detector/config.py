"""Configuration of a detector's training, and the named ones."""

from dataclasses import dataclass, replace

PROJECT = "stegastamp-detector"


@dataclass(frozen=True)
class DetectorConfig:
    """Every number of a training. Lengths in pixels of the network's input, durations in steps."""

    # What is trained
    size: int = 128
    """Side of the training frames, a multiple of 32; in use a frame is shrunk to a long side of `view`."""
    view: int = 192
    """Long side to which a whole frame is shrunk before it is searched, a multiple of 32."""
    widths: tuple[int, ...] = (16, 24, 48, 64, 80)
    """Channels at strides 2, 4, 8, 16 and 32."""

    # Scenes
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

    # How long, how fast
    steps: int = 2000
    """Training steps."""
    batch_size: int = 8
    """Frames a step."""
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
    seed: int = 0
    """Of initial weights, photos and scenes."""

    # Data
    images: str = ""
    """Folder of photos, searched recursively; empty: the photos inside scikit-image."""
    held_out: str = ""
    """Folder of photos for evaluation; empty: a tenth of `images`, split by photo."""

    # The run
    mode: str = "graph"
    """"graph" or "eager"."""
    precision: str = "float32"
    """"float32" or "mixed_bfloat16"."""
    on_unhealthy: str = "stop"
    """"warn", "stop" or "rollback"."""
    guard_after: int = 300
    """Steps after which maps at their floor are unhealthy."""
    log_every: int = 50
    """Steps between two lines of metrics.jsonl."""
    save_every: int = 250
    """Steps between two checkpoints; a multiple of log_every."""
    evaluate_every: int = 500
    """Steps between two evaluations on held-out scenes; a multiple of log_every."""
    test_count: int = 60
    """Held-out frames in the final evaluation."""

    def __post_init__(self):
        for name, allowed in {"mode": ("graph", "eager"), "on_unhealthy": ("warn", "stop", "rollback")}.items():
            if getattr(self, name) not in allowed:
                raise ValueError(f"{name} is one of {', '.join(allowed)}, not {getattr(self, name)!r}")
        for name in ("steps", "batch_size", "pictures", "log_every", "save_every", "evaluate_every", "test_count"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, not {getattr(self, name)}")
        for name in ("size", "view"):
            if getattr(self, name) < 32 or getattr(self, name) % 32:
                raise ValueError(f"{name} must be a multiple of 32, not {getattr(self, name)}")
        if len(self.widths) != 5:
            raise ValueError(f"the network has 5 levels, widths gives {len(self.widths)}")
        if not 0 < self.coverage[0] <= self.coverage[1] <= 0.9:
            raise ValueError(f"coverage must be two rising shares of a frame, up to 0.9, not {self.coverage}")
        if not 0 <= self.tilt <= 60:
            raise ValueError(f"tilt must be 0 to 60 degrees, not {self.tilt}")
        for name in ("save_every", "evaluate_every"):
            if getattr(self, name) % self.log_every:
                raise ValueError(f"{name} ({getattr(self, name)}) must be a multiple of log_every ({self.log_every})")


# Fields that may differ between a checkpoint and the command that resumes it: they change no number of the steps already done.
FREE = (
    *("steps", "log_every", "save_every", "evaluate_every", "test_count", "on_unhealthy", "guard_after", "mode"),
    *("images", "held_out", "view"),
)


def detector() -> DetectorConfig:
    """128 px frames."""
    return DetectorConfig(steps=6000)


def detector_quick() -> DetectorConfig:
    """64 px frames, a quarter of the work a step: finds a picture about where it is and leaves its corners to the frame's own edges."""
    return replace(DetectorConfig(), size=64, view=96, steps=1500, save_every=100)


PRESETS = {"detector-quick": detector_quick, "detector": detector}
DEFAULT = "detector-quick"
