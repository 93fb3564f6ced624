"""Published PyTorch checkpoints of HRM and TRM as reasoners: names, shapes, and what a file does not say.

Nothing in a file is unpickled (see longrun.torch_file), and PyTorch is not needed. Names, after whatever stands before "inner.":

| PyTorch | here |
|---|---|
| embed_tokens.embedding_weight | token_vectors |
| embed_pos.embedding_weight | positions |
| puzzle_emb.weights | puzzle table |
| H_init, L_init | initial_high, initial_low |
| H_level.layers.I, L_level.layers.I | block_I of high_module, low_module (TRM: L_level alone, of module) |
| ....self_attn.qkv_proj, o_proj | attention_qkv, attention_out |
| ....mlp.gate_up_proj, down_proj | mlp_gate_up, mlp_down |
| ....mlp_t.gate_up_proj, down_proj | across_gate_up, across_down |
| lm_head, q_head | answer_head, halting_head |

Linear weights are transposed, (out, in) to (in, out).
"""

import re
from pathlib import Path
from typing import Literal

import keras
import numpy as np
import tensorflow as tf

from hrm.config import Config
from hrm.network.model import segment_model
from hrm.network.puzzle_table import PuzzleTable
from hrm.network.reasoner import Reasoner, identifiers_of
from longrun.config import changed
from longrun.errors import UserError
from longrun.run.output import check_folder
from longrun.torch_file import read_tensors

_LAYERS = {
    "self_attn.qkv_proj.weight": "attention_qkv",
    "self_attn.o_proj.weight": "attention_out",
    "mlp.gate_up_proj.weight": "mlp_gate_up",
    "mlp.down_proj.weight": "mlp_down",
    "mlp_t.gate_up_proj.weight": "across_gate_up",
    "mlp_t.down_proj.weight": "across_down",
}
_EMBEDDING = "embed_tokens.embedding_weight"
_VOCABULARIES = {11: ("sudoku", 9), 6: ("maze", 30), 12: ("arc", 30)}


def convert(
    file: str,
    folder: str,
    /,
    *,
    puzzle: Literal["", "mini-arc", "arc", "sudoku", "maze"] = "",
    side: int = 0,
    heads: int = 8,
    cycles: tuple[int, int] = (0, 0),
    identifiers: str = "",
) -> None:
    """Write a published PyTorch checkpoint of HRM or TRM as a reasoner that the other commands read; PyTorch is not needed.

    file: The published checkpoint; nothing in it is unpickled.
    folder: Gets reasoner.keras and manifest.json.
    puzzle: What it answers; empty: told by its vocabulary.
    side: Side of the grid in cells; 0: told by the vocabulary (11 classes: Sudoku 9, 6: Maze 30, 12: ARC 30).
    heads: Attention heads, which are not in the file.
    cycles: High and low cycles, which are not in the file; 0 0: as published (HRM 2 2; TRM 3 6, on ARC and Maze 3 4).
    identifiers: The identifiers.json of its data set, which says what each row of its puzzle table is of; needed for ARC.

    Example:
        python -m hrm import sudoku.pt checkpoints/hrm/published-sudoku
    """
    check_folder(folder)
    reasoner = import_checkpoint(file, puzzle=puzzle, side=side, heads=heads, cycles=cycles, identifiers=identifiers)
    reasoner.save(folder, {})
    model, data = reasoner.config.model, reasoner.config.data
    print(f"{model.network} for {data.puzzle} {data.side} x {data.side}, {reasoner.model.count_params():,} numbers, in {folder}")


def import_checkpoint(
    path: Path | str,
    *,
    puzzle: str = "",
    side: int = 0,
    heads: int = 8,
    cycles: tuple[int, int] = (0, 0),
    identifiers: Path | str = "",
) -> Reasoner:
    """A reasoner with the weights of a published checkpoint.

    puzzle, side: as in Config; empty and 0: told by the vocabulary (11: Sudoku 9, 6: Maze 30, 12: ARC 30). heads: not in the file.
    cycles: high and low cycles, not in the file either; (0, 0): as published (HRM 2, 2; TRM 3, 6, on ARC and Maze 3, 4).
    identifiers: the data set's list of what each row of the puzzle table is of, without which no row of an ARC table means anything.
    Raises FileNotFoundError, or UserError with one line for a file that is no state dictionary of such a network.
    """
    tensors = _by_inner_name(path, read_tensors(path))
    config = _config(path, tensors, puzzle, side, heads, cycles)
    names = _names(path, tensors, config, identifiers)
    model = segment_model(config)
    wanted = _weights(config, model)
    _check(path, tensors, wanted)
    for name, variable in wanted.items():
        value = tensors[name].T if name.endswith(".weight") else tensors[name]
        variable.assign(value.reshape(variable.shape).astype(np.float32))
    table = None
    if config.model.prefix:
        rows = tensors["puzzle_emb.weights"]
        table = PuzzleTable(*rows.shape).table
        table.assign(tf.constant(rows.astype(np.float32)))
    return Reasoner(model, config, table, preset="imported", identifiers=names)


def _names(path, tensors, config, identifiers):
    """What the rows of the puzzle table are of, told by the data set's list and by nothing else."""
    rows = len(_matrix(path, tensors, "puzzle_emb.weights")) if config.model.prefix and "puzzle_emb.weights" in tensors else 0
    if not identifiers:
        if config.data.puzzle == "arc" and rows:
            raise UserError(f"{path} has a vector for each of {rows} puzzles: name the identifiers.json of its data set (--identifiers)")
        return ()
    names = identifiers_of(Path(identifiers))
    if len(names) != rows:
        raise UserError(f"{identifiers} lists {len(names)} puzzles, the puzzle table of {path} has {rows} rows")
    return names


def _by_inner_name(path, tensors):
    """Name without what stands before it -> weight. Whole numbers and truth values are buffers: counters, masks."""
    found = {name.replace("_orig_mod.", ""): value for name, value in tensors.items() if value.dtype.kind == "f"}
    starts = [name.removesuffix(_EMBEDDING) for name in found if name.endswith(_EMBEDDING)]
    if len(starts) != 1:
        has = "several" if starts else "no"
        raise UserError(f"{path} is no checkpoint of HRM or TRM: it has {has} {_EMBEDDING} among {len(tensors)} tensors")
    found = {name.removeprefix(starts[0]): value for name, value in found.items()}
    found = {name: value for name, value in found.items() if "rotary_emb" not in name and not name.startswith("puzzle_emb.local")}
    for name, value in found.items():
        if not (value.size and np.isfinite(value).all()):
            raise UserError(f"{path} does not fit: {name[:80]} has {'numbers that are not finite' if value.size else 'no numbers'}")
    return found


def _config(path, tensors, puzzle, side, heads, cycles):
    vocabulary, width = _matrix(path, tensors, _EMBEDDING).shape
    gates = _matrix(path, tensors, ".mlp.gate_up_proj.weight").shape
    if gates[1] != width:
        raise UserError(f"{path} does not fit: {_EMBEDDING} has {width} channels and ...mlp.gate_up_proj.weight {gates[1]}")
    depths = {level: _depth(tensors, level) for level in ("H_level", "L_level")}
    if max(depths.values()) > len(tensors):
        raise UserError(f"{path} does not fit: it has {len(tensors)} tensors and claims {max(depths.values())} layers")
    is_hrm, is_mlp = depths["H_level"] > 0, any(".mlp_t." in name for name in tensors)
    known = _VOCABULARIES.get(vocabulary, ("", 0))
    puzzle, side = puzzle or known[0], side or known[1]
    if not puzzle or not depths["L_level"]:
        raise UserError(f"{path}: say --puzzle and --side; {vocabulary} classes and {depths['L_level']} low layers do not tell them")
    if heads < 1 or width % heads:
        raise UserError(f"{path}: {width} channels cannot be shared by {heads} heads; say --heads")
    puzzle_width = _matrix(path, tensors, "puzzle_emb.weights").shape[1] if "puzzle_emb.weights" in tensors else 0
    prefix = 0 if not puzzle_width else -(-puzzle_width // width) if is_hrm else 16
    if is_mlp:
        prefix = _matrix(path, tensors, ".mlp_t.down_proj.weight").shape[0] - side**2
    if not any(cycles):
        cycles = (2, 2) if is_hrm else (3, 6 if puzzle == "sudoku" else 4)
    return changed(
        Config(),
        network="hrm" if is_hrm else "trm",
        width=width,
        heads=heads,
        inner=_matrix(path, tensors, ".mlp.down_proj.weight").shape[1],
        high_layers=max(depths["H_level"], 1),
        low_layers=depths["L_level"],
        high_cycles=cycles[0],
        low_cycles=cycles[1],
        segments=16,
        mixing="mlp" if is_mlp else "attention",
        positions="learned" if "embed_pos.embedding_weight" in tensors else "rotary",
        prefix=prefix,
        puzzle_width=puzzle_width,
        loss="stablemax",
        halting="q_learning" if is_hrm else "correctness",
        optimizer="adam_atan2",
        puzzle=puzzle,
        side=side,
        givens=(side * side // 4, side * side // 2) if puzzle == "sudoku" else (0, 0),
        pool=1000,
        halt_at_evaluation=False,
    )


def _matrix(path, tensors, ending):
    name = next((name for name in tensors if name.endswith(ending)), None)
    if name is None or tensors[name].ndim != 2:
        what = f"it has no ...{ending}" if name is None else f"{name} has shape {tensors[name].shape}, which is no matrix"
        raise UserError(f"{path} does not fit: {what}")
    return tensors[name]


def _depth(tensors, level):
    numbers = [int(match[1]) for name in tensors if (match := re.match(rf"{level}\.layers\.(\d+)\.", name))]
    return max(numbers, default=-1) + 1


def _weights(config: Config, model: keras.Model) -> dict[str, keras.Variable]:
    """Name in the file -> variable here."""
    layer = lambda name: model.get_layer(name).weights  # noqa: E731
    found = {
        "embed_tokens.embedding_weight": layer("token_vectors")[0],
        "H_init": layer("initial_high")[0],
        "L_init": layer("initial_low")[0],
        "lm_head.weight": layer("answer_head")[0],
        "q_head.weight": layer("halting_head")[0],
        "q_head.bias": layer("halting_head")[1],
    }
    if config.model.positions == "learned":
        found["embed_pos.embedding_weight"] = layer("positions")[0]
    levels = {"L_level": ("module", config.model.low_layers)}
    if config.model.network == "hrm":
        levels = {"H_level": ("high_module", config.model.high_layers), "L_level": ("low_module", config.model.low_layers)}
    for level, (module, depth) in levels.items():
        for index in range(depth):
            for name, place in _LAYERS.items():
                if place.startswith("across" if config.model.mixing == "attention" else "attention"):
                    continue
                found[f"{level}.layers.{index}.{name}"] = model.get_layer(module).get_layer(f"block_{index}_{place}").kernel
    return found


def _check(path, tensors, wanted):
    missing = sorted(set(wanted) - set(tensors))
    unknown = sorted(set(tensors) - set(wanted) - {"puzzle_emb.weights"})
    if missing or unknown:
        what = f"it has no {missing[0]}" if missing else f"{unknown[0][:80]} has no place here"
        raise UserError(f"{path} does not fit: {what} ({len(missing)} missing, {len(unknown)} unknown)")
    for name, variable in wanted.items():
        shape = tensors[name].shape[::-1] if name.endswith(".weight") else tensors[name].shape
        if int(np.prod(shape)) != int(np.prod(variable.shape)) or (len(shape) > 1 and tuple(shape) != tuple(variable.shape)):
            raise UserError(f"{path} does not fit: {name} has shape {tensors[name].shape}, here {tuple(variable.shape)}")
