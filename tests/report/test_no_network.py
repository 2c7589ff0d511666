"""A run asks nothing of a network: every address that it or a process of its own turns to is noted."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import random_lines, write_engagement

# Audit hooks cannot be taken away, and a forked process has them too.
WATCHED = """
import json, sys
EVENTS = ("socket.connect", "socket.sendto", "socket.bind", "socket.getaddrinfo", "subprocess.Popen",
          "os.exec", "os.posix_spawn", "urllib.Request", "http.client.connect")
def note(event, args):
    if event in EVENTS:
        with open(sys.argv[1], "a", encoding="utf-8") as file:
            file.write(json.dumps([event, [str(one) for one in args[1:] if one is not None]]) + "\\n")
sys.addaudithook(note)
import socket
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
    probe.connect(("192.0.2.1", 9))  # sends nothing; to see that it is noted
from kamplay.cli import main
sys.argv = ["kamplay", *sys.argv[2:]]
main()
"""


@pytest.mark.skipif(
    os.name == "nt", reason="its kernels are processes of their own, which the hook does not see"
)
def test_a_run_turns_to_no_address_outside_this_machine(tmp_path):
    folder, log = write_engagement(tmp_path / "client", random_lines()), tmp_path / "asked"
    words = ["run", str(folder), "--out", str(tmp_path / "out"), "--language", "zh,en", "--quiet"]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run([sys.executable, "-c", WATCHED, str(log), *words], env=environment, check=False)
    assert done.returncode == 0 and list((tmp_path / "out").glob("*/*/report.en.html"))
    asked = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    assert asked[0] == ["socket.connect", ["('192.0.2.1', 9)"]]
    outside = [
        (event, args)
        for event, args in asked[1:]
        if not (
            event.startswith("socket.") and any("127.0.0.1" in one or one.startswith("/") for one in args)
        )
    ]
    assert outside == []
