"""Notebooks run through papermill in one warm kernel: the engine is behind ``Notebooks.run``, so that a
faster one can replace it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import papermill
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import Engine, papermill_engines
from papermill.exceptions import PapermillExecutionError

# A kernel per language is all the parallel work there is: linear algebra that takes every core for itself in
# each of them makes a run
# twice as long. Who sets one of these keeps it.
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
CELL_TIMEOUT = 900  # seconds; a cell that takes longer is stuck
RESET = "get_ipython().run_line_magic('reset', '-f')"


class NotebookError(Exception):
    """A notebook stopped: which one, in which cell, with what; its copy up to that cell is at ``output``."""

    def __init__(self, notebook: str, cell: int | None, error: str, output: Path):
        super().__init__(f"{notebook}: {error}")
        self.notebook, self.cell, self.error, self.output = notebook, cell, error, output


class _WarmEngine(Engine):
    """papermill's own client on a kernel that is already there."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **options: Any) -> Any:
        warm: Notebooks = options["warm"]
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
class Notebooks:
    """A kernel working in ``folder``; use as a context manager. Each notebook starts with an empty
    namespace. ``scratch`` takes the file with the kernel's address and keys; without one Jupyter chooses.
    """

    folder: Path
    scratch: Path | None = None
    manager: Any = None
    client: Any = None
    _used: bool = field(default=False)

    def __enter__(self) -> Notebooks:
        from jupyter_client.manager import AsyncKernelManager

        for name in ONE_THREAD:
            os.environ.setdefault(name, "1")
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

    def run(
        self,
        notebook: Path,
        output: Path,
        parameters: dict[str, str],
        on_cell: Callable[[], None] | None = None,
    ) -> None:
        """Execute one notebook with exactly the parameters its parameters cell declares. Raises
        NotebookError.
        """
        import nbformat

        declared = papermill.inspect_notebook(str(notebook))
        if missing := set(parameters) - set(declared):
            raise NotebookError(
                notebook.name,
                None,
                f"its parameters cell does not declare {', '.join(sorted(missing))}",
                notebook,
            )
        node = nbformat.read(str(notebook), as_version=4)
        if self._used:  # names of the notebook before must not help this one
            node.cells.insert(
                0, nbformat.v4.new_code_cell(RESET, metadata={"tags": ["kamplay-reset"]}, id="kamplay-reset")
            )
        self._used = True
        try:
            papermill.execute_notebook(
                node,
                str(output),
                parameters,
                engine_name="kamplay-warm",
                kernel_name="python3",
                progress_bar=False,
                request_save_on_cell_execute=False,
                warm=self,
            )
        except PapermillExecutionError as error:
            _tidy(output, notebook.name)
            raise NotebookError(
                notebook.name, error.cell_index, f"{error.ename}: {error.evalue}", output
            ) from None
        except (
            Exception
        ) as error:  # a dead kernel, a timeout: papermill's own record of the notebook calls it completed
            raise NotebookError(
                notebook.name,
                None,
                f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}",
                output,
            ) from None
        _tidy(output, notebook.name)


def _tidy(path: Path, name: str) -> None:
    """The executed notebook without the reset cell, papermill's records of this machine, and the times of
    day.
    """
    import nbformat

    if not path.exists():
        return
    node = nbformat.read(str(path), as_version=4)
    node.cells = [c for c in node.cells if "kamplay-reset" not in c.metadata.get("tags", [])]
    node.metadata.pop("papermill", None)
    for cell in node.cells:
        cell.metadata.pop("papermill", None)
        cell.metadata.pop("execution", None)
    nbformat.write(node, str(path))
