"""The files of a run's checkpoints: which there are, what is litter, how one is deleted. Needs no TensorFlow."""

import re
import shutil
from pathlib import Path

from longrun.run.durable import sweep, sync

KINDS = ("last", "provisional", "every", "best")


def has_checkpoint(folder: Path | str) -> bool:
    """Whether a Checkpointer of this folder has something to restore."""
    return bool(prefixes(Path(folder), "last"))


def prefixes(folder: Path, kind: str) -> list[str]:
    """Path prefixes of the checkpoints that a run may go on from ("last", with what is provisional), or of another kind; by step."""
    return of_kinds(folder, *(("last", "provisional") if kind == "last" else (kind,)))


def of_kinds(folder: Path, *kinds: str) -> list[str]:
    """Path prefixes of the checkpoints of these kinds and no other, by step."""
    # By number, without the pointer file: a checkpoint is complete once its index is there, and carries checksums.
    found = [
        (int(index.stem.removeprefix("ckpt-")), str(index.with_suffix("")))
        for kind in kinds
        for index in (folder / kind).glob("ckpt-*.index")
        if re.fullmatch(r"ckpt-\d+", index.stem)
    ]
    return [prefix for _, prefix in sorted(found, key=lambda each: each[0])]


def delete(prefix: str) -> None:
    """Delete a checkpoint. The index first, on disk too: what has lost its data could not be read, and would seem to be there."""
    index = Path(f"{prefix}.index")
    index.unlink(missing_ok=True)
    sync(index.parent)
    for data in index.parent.glob(f"{index.stem}.data-*"):
        data.unlink(missing_ok=True)


def tidy(folder: Path) -> None:
    """Delete what a kill or a full disk leaves behind: half a checkpoint, data without an index, half a pointer."""
    sweep(folder)
    for litter in folder.glob("*_temp"):
        shutil.rmtree(litter, ignore_errors=True)
    for litter in folder.glob("checkpoint.tmp*"):
        litter.unlink(missing_ok=True)
    for data in folder.glob("ckpt-*.data-*"):
        if not data.with_suffix(".index").exists():
            data.unlink(missing_ok=True)
