"""Running the command line and the notebook as a person does: each in a process of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

from tests.conftest import ROOT

_FIGURES = ("map_figure", "labels_figure", "profiles_figure")
_RUN_CELLS = """
import json, sys
scope = {}
for cell in json.load(open("run.ipynb"))["cells"]:
    if cell["cell_type"] == "code":
        exec("".join(cell["source"]), scope)
names = json.loads(sys.argv[1])
found = {
    name: [{key: trace[key] for key in ("name", "x", "y", "z", "text")} for trace in figure.data]
    for name, figure in ((name, scope[name]) for name in names)
}
found["scores"] = scope["scores"].to_dict("records")
found["imported"] = sorted({name.split(".")[0] for name in sys.modules})
json.dump(found, sys.stdout, default=lambda array: array.tolist())
"""


def run_headless(*arguments: object, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "music_explorer", *map(str, arguments)],
        cwd=ROOT,
        # Threads that wait must not take the processor from others; they compute the same.
        env=os.environ | {"OMP_WAIT_POLICY": "PASSIVE"} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def run_notebook(folder: Path) -> dict:
    """Run the notebook of a folder where the project cannot be imported.

    Returns the traces of its figures, its scores (a list of rows), and the packages that it
    ``imported``.
    """
    done = subprocess.run(
        [sys.executable, "-I", "-c", _RUN_CELLS, json.dumps(_FIGURES)],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    traces = {name: [SimpleNamespace(**trace) for trace in found[name]] for name in _FIGURES}
    return found | traces
