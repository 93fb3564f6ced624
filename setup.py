"""Builds the wheel. setup.cfg says everything but this: released weights lie beside the packages in a checkout, inside one in a wheel."""

from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

RELEASED = Path("checkpoints", "released")
TAKEN = (".keras", ".onnx", ".onnx.gz", "manifest.json")


class BuildWithWeights(build_py):
    """Copies what using a released model needs; pictures and evaluations stay in the repository."""

    def run(self) -> None:
        """Build, and copy the weights; an editable installation uses those of its checkout."""
        super().run()
        for source, target in self._weights():
            self.mkpath(str(target.parent))
            self.copy_file(str(source), str(target))

    def get_outputs(self, include_bytecode: bool = True) -> list[str]:
        """The files that `run` writes."""
        return [*super().get_outputs(include_bytecode), *(str(target) for _, target in self._weights())]

    def _weights(self):
        if self.editable_mode:
            return []
        files = sorted(path for path in RELEASED.glob("*/*/*") if path.name.endswith(TAKEN))
        return [(path, Path(self.build_lib, "longrun", "released", path.relative_to(RELEASED))) for path in files]


setup(cmdclass={"build_py": BuildWithWeights})
