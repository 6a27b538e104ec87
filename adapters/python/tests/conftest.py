"""Drives a subject as a child process and validates every message against the schema."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import jsonschema
import numpy as np
import pytest

SCHEMA = json.loads(files("earlytime_adapter").joinpath("protocol.schema.json").read_text(encoding="utf-8"))


def validate(message: dict, definition: str) -> None:
    jsonschema.validate(message, {**SCHEMA, "$ref": f"#/$defs/{definition}"})


class Subject:
    """A subject under test; `ask` fills in the id."""

    def __init__(self, source: str, directory: Path) -> None:
        script = directory / "subject.py"
        script.write_text(source, encoding="utf-8")
        self.directory = directory
        self.requests = 0
        self.process = subprocess.Popen(
            [sys.executable, str(script)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8",
        )

    def send(self, message: dict) -> dict:
        self.process.stdin.write(json.dumps(message) + "\n")
        self.process.stdin.flush()
        reply = json.loads(self.process.stdout.readline())
        validate(reply, "reply")
        assert reply["id"] == message["id"]
        return reply

    def ask(self, method: str, **arguments) -> dict:
        message = {"id": self.requests, "method": method, **arguments}
        self.requests += 1
        validate(message, "request")
        return self.send(message)

    def result(self, method: str, **arguments) -> dict:
        reply = self.ask(method, **arguments)
        assert reply["ok"], reply
        return reply["result"]

    def error(self, method: str, **arguments) -> str:
        reply = self.ask(method, **arguments)
        assert not reply["ok"], reply
        return reply["error"]

    def hello(self) -> dict:
        return self.result("hello", protocol=1, directory=str(self.directory))

    def array(self, name: str) -> np.ndarray:
        return np.load(self.directory / name)

    def end(self) -> tuple[int, str, str]:
        """Exit status, what is left on stdout, and stderr, after the end of stdin."""
        left, log = self.process.communicate(timeout=30)
        return self.process.returncode, left, log


@pytest.fixture
def start(tmp_path):
    started = []

    def start(source: str) -> Subject:
        started.append(Subject(source, tmp_path))
        return started[-1]

    yield start
    for subject in started:
        subject.process.kill()
        subject.process.communicate()


@pytest.fixture
def problem(tmp_path) -> dict:
    """n = 4, d = 3, m = 5, with a second input matrix of 2 rows in fresh.npy."""
    random = np.random.default_rng(1)
    shapes = {"inputs": (4, 3), "labels": (4,), "first_layer": (5, 3), "second_layer": (5,), "fresh": (2, 3)}
    for name, shape in shapes.items():
        np.save(tmp_path / f"{name}.npy", random.standard_normal(shape).astype("<f4"))
    arrays = ("inputs", "labels", "first_layer", "second_layer")
    return {"activation": "tanh", **{name: f"{name}.npy" for name in arrays}}
