"""How far a run is and how long it will still take, by the seconds that the last one of this client took."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

from kamplay.run_folder import latest_manifest
from kamplay.show.progress import Moment

# seconds of a middling client on two cores: the shares matter until a client has a run of its own
USUAL = {"reading": 3.0, "check": 0.5, "tiers": 1.5, "value": 3.0, "health": 5.0, "plan": 0.5, "pages": 8.0}


class Pace:
    """Tells ``listener`` what a run is doing; ``seconds`` of its phases so far go into its manifest."""

    def __init__(self, client: str, earlier: Path, listener: Callable[[Moment], None]):
        self.client, self.listener = client, listener
        self.seconds: dict[str, float] = {}
        self.expected, self.known = USUAL, False
        manifest = latest_manifest(earlier)
        if manifest:
            told = json.loads(manifest.read_text(encoding="utf-8")).get("seconds", {})
            if set(USUAL) <= set(told):
                self.expected, self.known = {phase: float(told[phase]) for phase in USUAL}, True
        self.phase: str | None = None
        self.began = self.since = time.monotonic()

    def begin(self, phase: str, share: float = 0.0) -> None:
        """A phase begins, or ``share`` of it is done."""
        now = time.monotonic()
        if phase != self.phase:
            self._end(now)
            self.phase, self.since = phase, now
        phases = list(self.expected)
        total = sum(self.expected.values()) or 1.0
        before = sum(self.expected[p] for p in phases[: phases.index(phase)])
        done = (before + share * self.expected[phase]) / total
        spent = now - self.began
        left = None
        if self.known:  # the expectation, more and more corrected by what this run has taken
            plain = (1 - done) * total
            left = (1 - done) * plain + done * (spent / done * (1 - done) if done else plain)
        elif done > 0.3:
            left = spent / done * (1 - done)
        self.listener(Moment(self.client, phase, done, left))

    def end(self) -> None:
        """All is done."""
        self._end(time.monotonic())
        self.phase = None
        self.listener(Moment(self.client, "done", 1.0, 0.0))

    def _end(self, now: float) -> None:
        if self.phase:
            self.seconds[self.phase] = round(self.seconds.get(self.phase, 0.0) + now - self.since, 2)
