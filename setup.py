"""Put the project of this repository into the package as the example that `resilience new --example` copies."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).resolve().parent
EXAMPLE = "resilience_analysis/starter/neteland"
PARTS = ("definitions", "data/raw", "notebooks")


class BuildWithExample(build_py):
    """Build the package with the example in it; an editable install finds the repository itself."""

    def run(self) -> None:
        """Build, then copy the example to its place in the package."""
        super().run()
        if self.editable_mode:
            return
        for part in PARTS:
            target = Path(self.build_lib) / EXAMPLE / part
            shutil.copytree(ROOT / part, target, dirs_exist_ok=True)


setup(cmdclass={"build_py": BuildWithExample})
