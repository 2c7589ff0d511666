"""A notebook in a forked child gives what papermill gives with a kernel: outputs, failures, limits, and the
name of what died.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import nbformat
import papermill
import psutil
import pytest
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat.v4 import new_code_cell, new_notebook
from papermill.exceptions import PapermillExecutionError

from kamplay.report.engine import fork_engine

pytestmark = pytest.mark.skipif(not fork_engine.can_fork(), reason="the system cannot fork safely")
CELLS = {
    "streams": "import sys\nprint('one')\nprint('two')\nprint('three', file=sys.stderr)\na",
    "display": "from IPython.display import HTML, display\ndisplay(HTML('<b>1</b>'))\n3;",
    "last result": "_",
    "updated": "shown = display('one', display_id='k')\nshown.update('two')",
    "updated later": "shown.update('three')",
    "cleared": "from IPython.display import clear_output\nprint('goes')\nclear_output()\nprint('stays')",
    "await": "import asyncio\nawait asyncio.sleep(0.01)\n5",
    "magic": "%%capture kept\nprint('caught')",
    "of the magic": "kept.stdout",
    "folder": "import os\nos.getcwd()",
    "picture": "from IPython.display import Image\nImage(data=b'\\x89PNG\\r\\n\\x1a\\n', format='png')",
    "frame": "import pandas as pd\npd.DataFrame({'x': [1, 2]})",
    "class": "from dataclasses import dataclass\n@dataclass\nclass Point:\n    x: int\nPoint(1)",
    "empty": "",
    "may fail": "1 / 0",
    "skipped": "raise SystemError",
    "after": "a + 1",
    "fails": "def f():\n    return {}['nothing']\nf()",
    "never": "print('never')",
}
TAGS = {"may fail": ["raises-exception"], "skipped": ["skip-execution"]}


def notebook(**cells: str) -> Any:
    parameters = new_code_cell("a: int = 1", id="parameters", metadata={"tags": ["parameters"]})
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    own = [
        new_code_cell(source, id=name.replace(" ", "-"), metadata={"tags": TAGS.get(name, [])})
        for name, source in cells.items()
    ]
    return new_notebook(cells=[parameters, *own], metadata={"kernelspec": kernel})


def executed(node: Any, folder: Path, engine: str, **options: Any) -> tuple[Any, Exception | None]:
    folder.mkdir(exist_ok=True)
    out, failure = folder.parent / f"{engine}.ipynb", None
    try:
        papermill.execute_notebook(
            node, str(out), {"a": 7}, engine_name=engine, progress_bar=False, cwd=str(folder), **options
        )
    except Exception as error:
        failure = error
    return nbformat.read(str(out), as_version=4), failure


def told(output: Any) -> Any:
    """An output without what hangs on the process: colours, and how far lines of the code are marked."""
    if output.output_type != "error":
        return output
    return {k: v for k, v in output.items() if k != "traceback"} | {"last": _plain(output.traceback[-1])}


def _plain(text: str) -> str:
    return re.sub(r"\x1b\[[\d;]*m", "", text)


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Any, Exception | None]]:
    place = tmp_path_factory.mktemp("engines")
    return {
        engine: executed(notebook(**CELLS), place / "work", engine)
        for engine in (fork_engine.NAME, "nbclient")
    }


def test_the_outputs_are_those_of_a_kernel(both):
    (forked, _), (kernel, _) = both.values()
    assert forked.metadata.language_info == kernel.metadata.language_info
    assert [c.source for c in forked.cells] == [c.source for c in kernel.cells]
    for own, other in zip(forked.cells, kernel.cells, strict=True):
        if own.cell_type == "code":
            assert list(map(told, own.outputs)) == list(map(told, other.outputs)), own.source
            assert own.execution_count == other.execution_count, own.source


def test_a_failing_cell_is_kept_and_named(both):
    (forked, ours), (_, theirs) = both.values()
    assert isinstance(ours, PapermillExecutionError)
    assert (ours.ename, ours.evalue, ours.cell_index) == (theirs.ename, theirs.evalue, theirs.cell_index)
    by_id = {cell.id: cell for cell in forked.cells}
    assert by_id["fails"].outputs[0].ename == "KeyError"
    assert by_id["never"].outputs == []


def test_a_cell_that_takes_too_long_is_stopped(tmp_path):
    node = notebook(quick="1", stuck="import time\ntime.sleep(60)")
    began = time.monotonic()
    kept, failure = executed(node, tmp_path / "work", fork_engine.NAME, timeout=1)
    assert isinstance(failure, CellTimeoutError)
    assert time.monotonic() - began < 30
    assert {c.id: c.outputs for c in kept.cells}["quick"]
    assert not psutil.Process().children()


@pytest.mark.parametrize(
    ("end", "words"), [("os.kill(os.getpid(), 9)", "signal 9"), ("os._exit(3)", "exit code 3")]
)
def test_a_child_that_dies_is_told(tmp_path, end, words):
    kept, failure = executed(
        notebook(quick="1", dies=f"import os\n{end}"), tmp_path / "work", fork_engine.NAME
    )
    assert isinstance(failure, DeadKernelError)
    assert words in str(failure)
    assert {c.id: c.outputs for c in kept.cells}["quick"]


def test_what_a_notebook_changes_stays_in_the_child(tmp_path):
    node = notebook(
        changes="import sys, warnings\nsys.kamplay_was_here = True\nwarnings.simplefilter('error')"
    )
    executed(node, tmp_path / "work", fork_engine.NAME)
    assert not hasattr(sys, "kamplay_was_here")


def test_a_warning_stops_no_notebook(tmp_path):
    node = notebook(warns="import warnings\nwarnings.warn('told')\n1")
    kept, failure = executed(node, tmp_path / "work", fork_engine.NAME)  # here every warning is an error
    assert failure is None
    assert {c.id: c.outputs for c in kept.cells}["warns"][-1].data["text/plain"] == "1"


def test_no_child_outlives_a_killed_parent(tmp_path):
    script = (
        "import papermill, sys\n"
        "from kamplay.report.engine import fork_engine\n"
        "papermill.execute_notebook(sys.argv[1], sys.argv[2], engine_name='fork', progress_bar=False)\n"
    )
    place = tmp_path / "n.ipynb"
    nbformat.write(notebook(stuck="import time\ntime.sleep(300)"), str(place))
    parent = subprocess.Popen([sys.executable, "-c", script, place, tmp_path / "out.ipynb"])
    children: list[psutil.Process] = []
    until = time.monotonic() + 60
    while not children and time.monotonic() < until:
        time.sleep(0.1)
        children = psutil.Process(parent.pid).children()
    assert children
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    _, alive = psutil.wait_procs(children, timeout=20)
    assert not [p for p in alive if p.status() != psutil.STATUS_ZOMBIE]
