"""From a request to the subject's method, and from what it returns to a result."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from .problem import Neurons, Problem, read_array, read_neurons, read_problem, write_array
from .request import RequestError, layers_of, loss_of, record_of, step_size_of

PROTOCOL = 1
METHODS = ["tangent_kernel", "predict", "train", "train_with_fresh", "train_neurons"]


class Answering:
    """The subject, what it can do, and the directory it was told to use."""

    def __init__(self, subject: Any) -> None:
        if subject.dtype not in ("float32", "float64"):
            raise ValueError(f"dtype must be float32 or float64, found {subject.dtype!r}")
        self.subject = subject
        self.directory: Path | None = None
        trains = hasattr(subject, "train") or hasattr(subject, "train_with_fresh")
        present = {
            "tangent-kernel": hasattr(subject, "tangent_kernel"),
            "predict": hasattr(subject, "predict"),
            "train": trains,
            "fresh-outputs": hasattr(subject, "train_with_fresh"),
            "unequal-steps": (trains or hasattr(subject, "train_neurons")) and getattr(subject, "unequal_steps", False),
            "train-neurons": hasattr(subject, "train_neurons"),
        }
        self.capabilities = [capability for capability, has in present.items() if has]

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """The result of a request; raises RequestError, or whatever the subject raises."""
        method = request.get("method")
        if method == "hello":
            return self._hello(request)
        if method not in ("tangent-kernel", "predict", "train", "train-neurons"):
            raise RequestError(f"unknown method {method!r}")
        self._require(method)
        if self.directory is None:
            raise RequestError("hello must come first")
        if method == "train-neurons":
            return self._train_neurons(request, read_neurons(self.directory, request.get("problem"), self.subject.dtype))
        problem = read_problem(self.directory, request.get("problem"), self.subject.dtype)
        if method == "tangent-kernel":
            return self._tangent_kernel(request, problem)
        return self._predict(request, problem) if method == "predict" else self._train(request, problem)

    def _hello(self, request: dict[str, Any]) -> dict[str, Any]:
        if request.get("protocol") != PROTOCOL:
            raise RequestError(f"expected protocol {PROTOCOL}, found {request.get('protocol')!r}")
        self.directory = Path(request["directory"])
        described = {key: getattr(self.subject, key) for key in ("name", "version", "dtype")}
        known = getattr(self.subject, "activations", None)
        limits = {} if known is None else {"activations": list(known)}
        attributes = [name for name in dir(self.subject) if not name.startswith("_")]
        names = {"looked_for": METHODS, "attributes": attributes[:1000]}
        return {"protocol": PROTOCOL, **described, "capabilities": self.capabilities, **names, **limits}

    def _tangent_kernel(self, request: dict[str, Any], problem: Problem) -> dict[str, Any]:
        kernel = self.subject.tangent_kernel(problem, layers_of(request))
        n = len(problem.inputs)
        return {"kernel": self._write(request, "kernel", kernel, (n, n))}

    def _predict(self, request: dict[str, Any], problem: Problem) -> dict[str, Any]:
        at = self._read_inputs(request.get("at"), problem)
        outputs = self.subject.predict(problem, at)
        return {"outputs": self._write(request, "outputs", outputs, (len(at),))}

    def _train(self, request: dict[str, Any], problem: Problem) -> dict[str, Any]:
        layers, record = layers_of(request), record_of(request)
        step_size = step_size_of(request, layers)
        if isinstance(step_size, tuple):
            self._require("unequal-steps")
        wants_fresh = request.get("fresh") is not None
        if wants_fresh:
            self._require("fresh-outputs")
            fresh = self._read_inputs(request["fresh"], problem)
        else:
            fresh = problem.inputs[:0]
        if wants_fresh or not hasattr(self.subject, "train"):
            outputs, fresh_outputs = self.subject.train_with_fresh(problem, layers, step_size, record, fresh)
        else:
            outputs = self.subject.train(problem, layers, step_size, record)
        result = {"outputs": self._write(request, "outputs", outputs, (len(record), len(problem.inputs)))}
        if wants_fresh:
            shape = (len(record), len(fresh))
            result["fresh_outputs"] = self._write(request, "fresh_outputs", fresh_outputs, shape)
        return result

    def _train_neurons(self, request: dict[str, Any], neurons: Neurons) -> dict[str, Any]:
        loss, record, step_size = loss_of(request), record_of(request), step_size_of(request, "both")
        if isinstance(step_size, tuple):
            self._require("unequal-steps")
        fresh = self._read_inputs(request.get("fresh"), neurons)
        returned = self.subject.train_neurons(neurons, loss, step_size, record, fresh)
        if not isinstance(returned, tuple) or len(returned) != 4:
            raise TypeError("train_neurons must return (outputs, fresh_outputs, first_layer, second_layer)")
        n, (h, d) = len(neurons.inputs), neurons.first_layer.shape
        shapes = {
            "outputs": (len(record), n),
            "fresh_outputs": (len(record), len(fresh)),
            "first_layer": (h, d),
            "second_layer": (h,),
        }
        return {what: self._write(request, what, array, shapes[what]) for what, array in zip(shapes, returned)}

    def _require(self, capability: str) -> None:
        if capability not in self.capabilities:
            raise RequestError(f"missing capability {capability}")

    def _read_inputs(self, name: Any, problem: Problem | Neurons) -> np.ndarray:
        inputs = read_array(self.directory, name, 2, self.subject.dtype)
        if inputs.shape[1] != problem.inputs.shape[1]:
            raise RequestError(f"{name}: expected {problem.inputs.shape[1]} columns, found {inputs.shape[1]}")
        return inputs

    def _write(self, request: dict[str, Any], what: str, returned: Any, shape: tuple[int, ...]) -> str:
        return write_array(self.directory, f"{request['id']}-{what}.npy", returned, shape, self.subject.dtype)
