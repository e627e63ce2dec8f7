"""A process that answers each JSON line with one."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any


class LineProcess:
    """A context manager that ends the process; what it says on stderr goes to a file."""

    def __init__(self, command: list[str], log: Path, environment: Mapping[str, str] | None = None) -> None:
        self._log_path = log
        self._log = log.open("w", encoding="utf-8")
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            env=os.environ | dict(environment or {}),
        )

    def __enter__(self) -> LineProcess:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.communicate()
        self._log.close()

    def ask(self, record: Mapping[str, Any]) -> dict[str, Any]:
        self.send(record)
        return self.receive()

    def send(self, record: Mapping[str, Any]) -> None:
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(json.dumps(record) + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            raise self._ended() from None

    def receive(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        reply = self.process.stdout.readline()
        if not reply:
            raise self._ended()
        answer: dict[str, Any] = json.loads(reply)
        return answer

    def _ended(self) -> ProcessEndedError:
        self.process.wait()
        told = self._log_path.read_text(encoding="utf-8").strip().splitlines()
        return ProcessEndedError(told[-1] if told else "it ended without an answer")


class ProcessEndedError(RuntimeError):
    """The process ended without an answer; its last words."""
