"""The network of a reasoner as fields of its configuration. Imports no TensorFlow."""

from dataclasses import dataclass
from typing import Literal

from longrun.config import Settings
from longrun.errors import UserError


def at_least_one(part: Settings, *names: str) -> None:
    """Refuse a number below 1 in any of these fields."""
    for name in names:
        if getattr(part, name) < 1:
            raise UserError(f"{name} must be at least 1, not {getattr(part, name)}")


@dataclass(frozen=True)
class ModelSettings(Settings):
    """The network, and what tells it which puzzle is meant."""

    network: Literal["hrm", "trm"] = "trm"
    """Two modules with a one-step gradient (hrm), or one module in both roles with a gradient through the last round (trm)."""
    width: int = 64
    """Channels d; the published networks have 512."""
    heads: int = 4
    """Attention heads; the published networks have 8."""
    inner: int = 128
    """Inner width of the SwiGLU layers; 0: the published rule, two thirds of 4 d up to a multiple of 256."""
    high_layers: int = 2
    """Blocks of the high-level module of hrm (published: 4)."""
    low_layers: int = 2
    """Blocks of the low-level module, or of the only one of trm (published: 4, trm 2)."""
    high_cycles: int = 2
    """High-level updates a segment (published: hrm 2, trm 3)."""
    low_cycles: int = 2
    """Low-level updates before each (published: hrm 2, trm 4 or 6)."""
    segments: int = 3
    """Most segments a sample is given (published: 16)."""
    mixing: Literal["attention", "units", "candidates", "mlp"] = "attention"
    """What mixes positions: attention; units (new here, for Sudoku: attention whose heads look along the row, the column, the box and
    everywhere, in turn); candidates (new here, for Sudoku: a position for every digit of every cell, and means over row, column, box and
    cell, the same under every symmetry); or mlp (trm's, for short fixed lengths)."""
    positions: Literal["grid", "rotary", "learned"] = "grid"
    """Rotary over rows and columns with learnt row and column vectors (grid, new here), or as published: rotary or learned."""
    prefix: int = 1
    """Positions before the cells that hold the puzzle vector (published: hrm 1, trm 16); 0: no conditioning on the puzzle."""
    puzzle_width: int = 64
    """Numbers in a puzzle's vector; what is missing to prefix x width is zero."""
    conditioning: Literal["id", "demonstrations", "none"] = "id"
    """What fills the prefix: a learnt vector for each puzzle, so that an unseen one needs training (id, published); an encoder of other
    pairs of the same task, so that it needs none (demonstrations, new here); or nothing, as an ablation (none)."""
    demonstrations: tuple[int, int] = (2, 4)
    """Fewest and most demonstrations, where they are shown; each sample's number is drawn anew."""
    demonstration_layers: int = 2
    """Blocks of the encoder that reads them."""
    start_noise: float = 0.0
    """Standard deviation of random numbers in the states that a puzzle is begun with, one for each position, so that it can be thought
    about more than once (mixing by candidates)."""

    def __post_init__(self):
        super().__post_init__()
        at_least_one(self, "width", "heads", "high_layers", "low_layers", "high_cycles", "low_cycles", "segments", "demonstration_layers")
        if self.conditioning == "demonstrations":
            if not 1 <= self.demonstrations[0] <= self.demonstrations[1]:
                raise UserError(f"demonstrations are at least 1, and the most not fewer than the fewest, not {self.demonstrations}")
            if not self.prefix:
                raise UserError("conditioning by demonstrations needs a prefix of 1 position at least")
            if self.width % (4 * self.heads):
                raise UserError(f"the encoder of demonstrations cannot share width {self.width} among {self.heads} heads")
        if self.width % (self.heads * (4 if self.positions == "grid" else 2)):
            raise UserError(f"width {self.width} cannot be shared by {self.heads} heads with {self.positions} positions")
        if not 0 <= self.puzzle_width <= self.prefix * self.width or (self.prefix > 0) != (self.puzzle_width > 0):
            raise UserError(f"a puzzle vector of {self.puzzle_width} numbers does not fit {self.prefix} positions of {self.width}")

    @property
    def has_table(self) -> bool:
        """Whether every puzzle has a learnt vector."""
        return self.conditioning == "id" and self.prefix > 0

    @property
    def shown(self) -> tuple[int, int]:
        """Fewest and most demonstrations beside a question, (0, 0) where it stands alone."""
        return self.demonstrations if self.conditioning == "demonstrations" else (0, 0)
