"""Notebooks run through papermill: each in a forked child of this process, or, where the system cannot fork
safely, one after the other in a warm kernel. The outputs are the same.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import papermill
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import Engine, papermill_engines
from papermill.exceptions import PapermillExecutionError

from kamplay import digests
from kamplay.report.engine import fork_engine

# in a notebook's metadata: its cells as they were executed, to tell what was edited since
EXECUTED = "kamplay_cells"
CELL_TIMEOUT = 900  # seconds; a cell that takes longer is stuck
RESET = "get_ipython().run_line_magic('reset', '-f')"


class NotebookError(Exception):
    """A notebook stopped: which one, in which cell, with what; its copy up to that cell is at ``output``."""

    def __init__(self, notebook: str, cell: int | None, error: str, output: Path):
        super().__init__(notebook, cell, error, output)
        self.notebook, self.cell, self.error, self.output = notebook, cell, error, output

    def __str__(self) -> str:
        return f"{self.notebook}: {self.error}"


def run_forked(notebook: Path, output: Path, parameters: dict[str, str]) -> None:
    """Execute one notebook in a forked child, working in the folder of ``output``, with exactly the
    parameters that its parameters cell declares. Raises NotebookError.
    """
    options = {"engine_name": fork_engine.NAME, "cwd": str(output.parent), "timeout": CELL_TIMEOUT}
    _execute(notebook, output, parameters, options)


def load_validator() -> None:
    """Have nbformat compile the schema by which notebooks are read: children forked after it need not."""
    import nbformat

    nbformat.validate(nbformat.v4.new_notebook())


class _WarmEngine(Engine):
    """papermill's own client on a kernel that is already there."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **options: Any) -> Any:
        warm: WarmKernel = options["warm"]
        client = PapermillNotebookClient(
            nb_man, km=warm.manager, timeout=CELL_TIMEOUT, startup_timeout=120, kernel_name=kernel_name
        )
        client.kc = warm.client
        try:
            return client.execute(cwd=str(warm.folder))
        finally:
            warm.client = client.kc


papermill_engines.register("kamplay-warm", _WarmEngine)


@dataclass
class WarmKernel:
    """A kernel working in ``folder``; use as a context manager. Each notebook starts with an empty
    namespace. ``scratch`` takes the file with the kernel's address and keys; without one Jupyter chooses.
    """

    folder: Path
    scratch: Path | None = None
    manager: Any = None
    client: Any = None
    _used: bool = field(default=False)

    def __enter__(self) -> WarmKernel:
        from jupyter_client.manager import AsyncKernelManager

        # what the notebooks show is the client's: the kernel talks to us encrypted, also on this machine
        file = str(self.scratch / f"kernel-{uuid4()}.json") if self.scratch else ""
        self.manager = AsyncKernelManager(
            kernel_name="python3", transport_encryption="required", connection_file=file
        )
        return self

    def __exit__(self, *_: object) -> None:
        from jupyter_core.utils import run_sync

        if self.client is not None:
            self.client.stop_channels()
        if self.manager.has_kernel:
            run_sync(self.manager.shutdown_kernel)(now=True)

    def run(self, notebook: Path, output: Path, parameters: dict[str, str]) -> None:
        """Execute one notebook as ``run_forked`` does."""
        used, self._used = self._used, True
        _execute(notebook, output, parameters, {"engine_name": "kamplay-warm", "warm": self}, reset=used)


def _execute(
    notebook: Path, output: Path, parameters: dict[str, str], options: dict[str, Any], reset: bool = False
) -> None:
    import nbformat

    declared = papermill.inspect_notebook(str(notebook))
    if missing := set(parameters) - set(declared):
        names = ", ".join(sorted(missing))
        raise NotebookError(notebook.name, None, f"its parameters cell does not declare {names}", notebook)
    source: Any = str(notebook)
    if reset:  # names of the notebook before must not help this one
        source = nbformat.read(str(notebook), as_version=4)
        source.cells.insert(
            0, nbformat.v4.new_code_cell(RESET, metadata={"tags": ["kamplay-reset"]}, id="kamplay-reset")
        )
    try:
        node = papermill.execute_notebook(
            source,
            str(output),
            parameters,
            kernel_name="python3",
            progress_bar=False,
            request_save_on_cell_execute=False,
            **options,
        )
    except PapermillExecutionError as error:
        _tidy(nbformat.read(str(output), as_version=4), output)
        raise NotebookError(
            notebook.name, error.cell_index - reset, f"{error.ename}: {error.evalue}", output
        ) from None
    except Exception as error:  # a dead kernel, a timeout: papermill's own record calls it completed
        told = str(error).splitlines()
        raise NotebookError(
            notebook.name, None, f"{type(error).__name__}: {told[0] if told else ''}", output
        ) from None
    _tidy(node, output)


def _tidy(node: Any, path: Path) -> None:
    """Write the executed notebook without the reset cell, papermill's records of this machine and the times
    of day; its cells counted from one.
    """
    import nbformat

    node.cells = [c for c in node.cells if "kamplay-reset" not in c.metadata.get("tags", [])]
    node.metadata.pop("papermill", None)
    count = 0
    for cell in node.cells:
        cell.metadata.pop("papermill", None)
        cell.metadata.pop("execution", None)
        if "injected-parameters" in cell.metadata.get("tags", []):
            cell.id = "injected-parameters"  # papermill draws one: the same run is the same file
        if cell.get("execution_count"):
            count += 1
            cell.execution_count = count
            for output in cell.outputs:
                if output.output_type == "execute_result":
                    output.execution_count = count
    node.metadata[EXECUTED] = [digests.of_value(cell.source)[:16] for cell in node.cells]
    path.write_text(nbformat.v4.writes(node) + "\n", encoding="utf-8", newline="\n")
