"""Saved models in half the space: numbers rounded to float16 in the file, float32 again in the model that is opened."""

import io
import os
import zipfile
from pathlib import Path

import h5py
import numpy as np

from longrun.errors import UserError


def halve(path: Path | str) -> None:
    """Round the float32 weights in a .keras file to float16 and compress the file.

    `keras.saving.load_model` opens it as before and gives float32 variables that hold the rounded numbers: the half is in the file
    alone, and nothing is computed in it. Raises UserError where a weight is beyond float16.
    """
    path = Path(path)
    beside = path.with_name(f"{path.name}.half")
    try:
        with zipfile.ZipFile(path) as source, zipfile.ZipFile(beside, "w", zipfile.ZIP_DEFLATED) as target:
            for name in source.namelist():
                content = source.read(name)
                target.writestr(name, _rounded(content, path) if name.endswith(".h5") else content)
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)


def _rounded(content, path):
    """The same HDF5 file with float16 where it has float32."""
    buffer = io.BytesIO()
    with h5py.File(io.BytesIO(content)) as source, h5py.File(buffer, "w") as target:

        def copy(name, found):
            if isinstance(found, h5py.Group):
                made = target.require_group(name)
            else:
                values = found[()]
                if values.dtype == np.float32:
                    if np.abs(values).max(initial=0.0) > np.finfo(np.float16).max:
                        raise UserError(f"{path} has weights that are too large for half precision in {name}")
                    values = values.astype(np.float16)
                made = target.create_dataset(name, data=values)
            made.attrs.update(found.attrs)

        target.attrs.update(source.attrs)
        source.visititems(copy)
    return buffer.getvalue()
