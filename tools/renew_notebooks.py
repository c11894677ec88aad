"""Run the committed notebooks again and keep their outputs as text: pictures are dropped, nbval does not compare them.

Usage: ``python tools/renew_notebooks.py [WORD ...]``, for all notebooks or those whose name holds one of the words.
"""

from __future__ import annotations

import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

from resilience_analysis.batch.provisioner import kernel_settings

NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"


def renew(path: Path) -> None:
    """Run one notebook and write it back without pictures, times and widget states."""
    notebook = nbformat.read(path, as_version=4)
    where = {"metadata": {"path": str(path.parent)}}
    with kernel_settings() as settings:
        NotebookClient(notebook, timeout=600, resources=where, config=settings).execute()
    notebook.metadata.pop("widgets", None)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        for output in cell.get("outputs", []):
            if "data" in output:
                for fleeting in ("image/png", "application/vnd.jupyter.widget-view+json"):
                    output["data"].pop(fleeting, None)
    nbformat.write(notebook, path)


def main() -> None:
    """Renew the notebooks named on the command line, or all."""
    words = sys.argv[1:]
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        if not words or any(word in path.name for word in words):
            renew(path)
            sys.stdout.write(f"renewed {path.name}\n")


if __name__ == "__main__":
    main()
