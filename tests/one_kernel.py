"""For nbval: all notebooks in one kernel, each in its own folder and an empty namespace. What one has
computed the next finds in memory, as in a run, and is not computed seven times.
"""

from __future__ import annotations

import nbval.plugin
import pytest
from nbval.kernel import RunningKernel


class OneKernel(RunningKernel):
    """A kernel that stays when a notebook is done."""

    def stop(self) -> None:
        pass

    def begin(self, folder: str) -> None:
        done = self.execute_cell_input(f"%reset -f\n__import__('os').chdir({folder!r})")
        self.await_reply(done, 60)
        self.await_idle(done, 60)


kernels: dict[str, OneKernel] = {}


def kernel_of(name: str, cwd: str, startup_timeout: int) -> OneKernel:
    if name not in kernels or not kernels[name].is_alive():
        kernels[name] = OneKernel(name, cwd, startup_timeout)
    kernels[name].begin(cwd)
    return kernels[name]


def pytest_configure(config: pytest.Config) -> None:
    nbval.plugin.RunningKernel = kernel_of


def pytest_unconfigure(config: pytest.Config) -> None:
    for kernel in kernels.values():
        RunningKernel.stop(kernel)
