"""A papermill engine that runs a notebook in a forked child of this process.

Whatever this process has imported and computed is there at once in the child; nothing the child does comes
back but the outputs of its cells. Meaning and form are those of papermill with an IPython kernel: parameters,
the cell that failed kept with its traceback, ``raises-exception`` and ``skip-execution``, a limit on each
cell, a kernel that died named. Not supported: input from a user, and widgets that talk back.

    papermill.execute_notebook(notebook, output, parameters, engine_name="fork", cwd=folder, timeout=600)

Only where the system can fork safely (``can_fork``), and from a process with one thread.
"""

from __future__ import annotations

import contextlib
import io
import os
import signal
import sys
import threading
import warnings
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from typing import Any

from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode, from_dict
from papermill.engines import Engine, papermill_engines

NAME = "fork"
KERNEL_DIED = "Kernel died"  # how the error of a notebook begins whose process ended
TAG_SKIPPED, TAG_MAY_FAIL = "skip-execution", "raises-exception"


def can_fork() -> bool:
    """Whether children may be forked here: macOS has fork, but its own libraries break in the child."""
    return hasattr(os, "fork") and sys.platform != "darwin"


class ForkEngine(Engine):
    """papermill's engine ``fork``; takes ``cwd`` (the child's folder) and ``timeout`` (seconds for each
    cell).
    """

    @classmethod
    def execute_managed_notebook(
        cls, nb_man: Any, kernel_name: str, *, cwd: str | None = None, timeout: int | None = None, **_: Any
    ) -> Any:
        # papermill writes the whole notebook twice for each cell; here it is written once, at the end
        path, nb_man.output_path = nb_man.output_path, None
        try:
            with Child(cwd) as child:
                for index, cell in enumerate(nb_man.nb.cells):
                    if cell.cell_type != "code":
                        continue
                    try:
                        nb_man.cell_start(cell, index)
                        child.execute(cell, timeout)
                    except CellExecutionError as error:
                        nb_man.cell_exception(cell, cell_index=index, exception=error)
                        break
                    finally:
                        nb_man.cell_complete(cell, cell_index=index)
            nb_man.nb.metadata["language_info"] = language_info()
        finally:
            nb_man.output_path = path
        return nb_man.nb


papermill_engines.register(NAME, ForkEngine)


def language_info() -> dict[str, Any]:
    """What an IPython kernel says of its language."""
    return {
        "codemirror_mode": {"name": "ipython", "version": sys.version_info[0]},
        "file_extension": ".py",
        "mimetype": "text/x-python",
        "name": "python",
        "nbconvert_exporter": "python",
        "pygments_lexer": f"ipython{sys.version_info[0]}",
        "version": sys.version.split()[0],
    }


class Child:
    """An IPython shell in a forked process; a context manager. Cells share one namespace."""

    def __init__(self, cwd: str | None = None):
        self.cwd = cwd
        self.pid = 0
        self.wire: Connection | None = None
        self.shown: dict[Any, list[Any]] = {}  # outputs that have a display_id, by it

    def __enter__(self) -> Child:
        here, there = Pipe()
        for stream in (sys.stdout, sys.stderr):  # what waits to be written must not be written twice
            with contextlib.suppress(Exception):
                stream.flush()
        self.pid = os.fork()
        if self.pid == 0:
            here.close()
            _serve(there, self.cwd)  # never returns
        there.close()
        self.wire = here
        return self

    def __exit__(self, *_: object) -> None:
        if self.wire:
            self.wire.close()
        if self.pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(self.pid, 0)
            self.pid = 0

    def execute(self, cell: NotebookNode, timeout: int | None = None) -> None:
        """Run one code cell of a notebook and put what it shows into it.

        Raises
        ------
        CellExecutionError
            The cell failed, and no tag of it says that it may.
        CellTimeoutError
            It took longer than ``timeout`` seconds.
        DeadKernelError
            The process ended.
        """
        tags = cell.metadata.get("tags", [])
        if not cell.source.strip() or TAG_SKIPPED in tags:
            return
        assert self.wire is not None
        cell.outputs, failed = [], None
        try:
            self.wire.send(cell.source)
            while True:
                if not self.wire.poll(timeout):
                    assert timeout is not None
                    raise CellTimeoutError.error_from_timeout_and_cell("the cell is stuck", timeout, cell)
                kind, content = self.wire.recv()
                if kind == "done":
                    cell.execution_count = content
                    break
                if kind == "error":
                    failed = content
                self._put(cell.outputs, kind, content)
        except (EOFError, ConnectionError):
            raise DeadKernelError(f"{KERNEL_DIED}: {self._end()}") from None
        if failed is not None and TAG_MAY_FAIL not in tags:
            raise CellExecutionError.from_cell_and_msg(cell, failed)

    def _put(self, outputs: list[Any], kind: str, content: dict[str, Any]) -> None:
        """Add an output to a cell's as a front end would: streams joined, what is cleared or updated changed
        in its place.
        """
        last = outputs[-1] if outputs else None
        shown = self.shown.setdefault(content.get("transient", {}).get("display_id"), [])
        if kind == "clear_output":
            outputs.clear()
        elif kind == "update_display_data":
            for output in shown:
                output.data, output.metadata = content["data"], content["metadata"]
        elif kind == "stream" and last and last.output_type == "stream" and last.name == content["name"]:
            last.text += content["text"]
        else:
            shows = {name: part for name, part in content.items() if name != "transient"}
            outputs.append(from_dict({"output_type": kind, **shows}))
            if content.get("transient"):
                shown.append(outputs[-1])

    def _end(self) -> str:
        """How the process ended, as far as the system tells."""
        pid, self.pid = self.pid, 0
        try:
            code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        except ChildProcessError:
            return "the process is gone"
        return f"signal {-code}" if code < 0 else f"exit code {code}"


# --- in the child


class _Stream(io.TextIOBase):
    """``sys.stdout`` or ``sys.stderr`` of the cells."""

    encoding, errors = "UTF-8", "strict"

    def __init__(self, name: str, wire: Connection):
        self.name, self.wire = name, wire

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if text:
            self.wire.send(("stream", {"name": self.name, "text": text}))
        return len(text)


def _serve(wire: Connection, cwd: str | None) -> None:
    """Run the cells that come over the wire until it ends, then end the process."""
    code = 1
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that forked us
        if cwd:
            os.chdir(cwd)
        sys.stdin = Path(os.devnull).open(encoding="utf-8")  # noqa: SIM115 - as long as the process
        sys.stdout, sys.stderr = _Stream("stdout", wire), _Stream("stderr", wire)
        _warn_as_python_does()
        shell = _shell(wire)
        sources = _until_the_parent_ends(wire)
        while (source := sources()) is not None:
            shell.run_cell(source, store_history=True)
            wire.send(("done", shell.execution_count - 1))
        code = 0
    except (EOFError, ConnectionError):
        code = 0
    finally:
        os._exit(code)  # no exit handler of the process that forked us


def _warn_as_python_does() -> None:
    """The filters of a fresh interpreter: those of the process that forked us are its own affair."""
    warnings.resetwarnings()
    for ignored in (DeprecationWarning, PendingDeprecationWarning, ImportWarning, ResourceWarning):
        warnings.simplefilter("ignore", ignored)
    warnings.filterwarnings("default", category=DeprecationWarning, module="__main__")


def _until_the_parent_ends(wire: Connection) -> Any:
    """Reads the next source from the wire; a second thread ends the process when the other side is gone,
    also in the middle of a cell.
    """
    import queue

    waiting: queue.Queue[str | None] = queue.Queue()

    def read() -> None:
        try:
            while True:
                waiting.put(wire.recv())
        except (EOFError, OSError):
            os._exit(0)

    threading.Thread(target=read, daemon=True).start()
    return waiting.get


def _shell(wire: Connection) -> Any:
    from IPython.core.displayhook import DisplayHook
    from IPython.core.displaypub import DisplayPublisher
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    class Publisher(DisplayPublisher):
        def publish(
            self,
            data: Any,
            metadata: Any = None,
            source: Any = None,
            *,
            transient: Any = None,
            update: Any = False,
            **_: Any,
        ) -> None:
            content = {"data": _plain(data), "metadata": metadata or {}, "transient": transient or {}}
            wire.send(("update_display_data" if update else "display_data", content))

        def clear_output(self, wait: bool = False) -> None:
            wire.send(("clear_output", {}))

    class Hook(DisplayHook):
        def write_output_prompt(self) -> None:
            pass

        def write_format_data(self, format_dict: Any, md_dict: Any = None) -> None:
            counted = {"execution_count": self.prompt_count}
            content = {"data": _plain(format_dict), "metadata": md_dict or {}, **counted}
            wire.send(("execute_result", content))

        def finish_displayhook(self) -> None:
            self._is_active = False

    class Shell(InteractiveShell):
        def _showtraceback(self, etype: Any, evalue: Any, stb: Any) -> None:
            content = {"ename": etype.__name__, "evalue": str(evalue), "traceback": list(stb)}
            wire.send(("error", content))

        def enable_gui(self, gui: str | None = None) -> None:
            """No window is ever opened."""

    settings = Config()
    settings.HistoryManager.enabled = False  # neither a file of what was typed nor a thread that writes it
    settings.InteractiveShell.cache_size = 1000
    shell = Shell.instance(config=settings, display_pub_class=Publisher, displayhook_class=Hook)
    return shell


def _plain(data: dict[str, Any]) -> dict[str, Any]:
    """Pictures as base64 text, the rest as it is: what goes into a notebook file is JSON."""
    import base64

    return {
        kind: base64.b64encode(value).decode("ascii") if isinstance(value, bytes) else value
        for kind, value in data.items()
    }
