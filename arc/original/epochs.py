"""The end of an epoch: warm restarts, patience in whole cycles, the best three models on disk (PyTorch Lightning's habits)."""

import re
from collections.abc import Sequence
from pathlib import Path

import keras

from longrun.step import schedule


def learning_rate(epoch: int, cycle: int, peak: float, low: float) -> float:
    """Cosine with warm restarts, stepped once an epoch (CosineAnnealingWarmRestarts with T_mult 1)."""
    return schedule.warm_restarts(epoch, cycle, peak, low)


def should_stop(losses: Sequence[float], cycle: int, patience: int) -> bool:
    """Whether none of the last `patience` whole cycles has brought a validation loss below the best before them.

    losses: of all epochs so far. Within a cycle the loss rises after each restart, so that a patience of a few epochs stops where the
    learning rate is high, not where learning has ended.
    """
    if len(losses) % cycle or len(losses) <= patience * cycle:
        return False
    return min(losses[-patience * cycle :]) >= min(losses[: -patience * cycle])


class BestModels:
    """Keeps the `keep` models with the lowest validation loss in a folder, as NAME-epoch=07-val_loss=0.1234.keras, and no others."""

    def __init__(self, folder: Path | str, name: str, keep: int = 3):
        self.folder, self.name, self.keep = Path(folder), name, keep
        self._pattern = re.compile(rf"{re.escape(name)}-epoch=(\d+)-val_loss=([\d.]+)\.keras")

    def saved(self) -> list[tuple[float, int, Path]]:
        """(validation loss, epoch, file) of what is kept, best first."""
        found = ((self._pattern.fullmatch(path.name), path) for path in self.folder.glob("*.keras"))
        return sorted((float(match[2]), int(match[1]), path) for match, path in found if match)

    def forget_after(self, epoch: int) -> None:
        """Remove models of epochs from `epoch` on, which a killed process had saved and a resumed one makes again."""
        for _, number, path in self.saved():
            if number >= epoch:
                path.unlink()

    def offer(self, model: keras.Model, epoch: int, loss: float) -> Path | None:
        """Save the model if it is among the best; returns its file, or None. A loss that is not finite never is."""
        saved = self.saved()
        if not loss < float("inf") or (len(saved) >= self.keep and loss >= saved[self.keep - 1][0]):
            return None
        path = self.folder / f"{self.name}-epoch={epoch:02d}-val_loss={loss:.4f}.keras"
        beside = path.with_name(f".{path.stem}.part.keras")
        model.save(beside)
        beside.replace(path)
        for _, _, worse in self.saved()[self.keep :]:
            worse.unlink()
        return path


class Epochs:
    """The validation losses of a run's epochs so far, which decide when it stops, and its best models. A host object of the loop."""

    def __init__(self, best: BestModels, cycle: int, patience: int):
        self.losses: list[float] = []
        self._best, self._cycle, self._patience = best, cycle, patience

    @property
    def over(self) -> bool:
        """Whether the training has ended: see should_stop."""
        return should_stop(self.losses, self._cycle, self._patience)

    def end(self, model: keras.Model, loss: float) -> None:
        """Note the end of an epoch with its validation loss."""
        self.losses.append(loss)
        self._best.offer(model, len(self.losses) - 1, loss)

    def state(self) -> list[float]:
        """What a checkpoint must hold."""
        return list(self.losses)

    def load(self, losses: list[float]) -> None:
        """Take over saved losses; models of later epochs are removed."""
        self.losses = list(losses)
        self._best.forget_after(len(losses))
