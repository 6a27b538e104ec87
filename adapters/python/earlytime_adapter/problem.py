"""The problem of a request, and the .npy files of the exchange directory."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .request import RequestError


@dataclass(frozen=True, eq=False)
class Problem:
    """Data and initial weights of f(x) = (1/√m) Σ_r v_r φ(w_r·x/√d), loss (1/2n) Σ_i (f(x_i) − y_i)²."""

    inputs: np.ndarray
    """x, n×d"""
    labels: np.ndarray
    """y, n"""
    first_layer: np.ndarray
    """W, m×d"""
    second_layer: np.ndarray
    """v, m"""
    activation: str
    """name of φ"""


@dataclass(frozen=True, eq=False)
class Neurons:
    """Data and initial weights of f(x) = Σ_j v_j relu(w_j·x), without any factor, loss Σ_i ℓ(y_i f(x_i))."""

    inputs: np.ndarray
    """x, n×d"""
    labels: np.ndarray
    """y = ±1, n"""
    first_layer: np.ndarray
    """w, h×d"""
    second_layer: np.ndarray
    """v, h"""


def read_array(directory: Path, name: Any, ndim: int, dtype: str) -> np.ndarray:
    """The real array in the file `name` of `directory`, in C order."""
    if not isinstance(name, str) or name in ("", ".", "..") or "/" in name or "\\" in name:
        raise RequestError(f"not a plain file name: {name!r}")
    array = np.load(directory / name, allow_pickle=False)
    if array.dtype.kind != "f" or array.ndim != ndim:
        raise RequestError(f"{name}: expected {ndim} dimensions of floats, found {array.ndim} of {array.dtype}")
    return array.astype(dtype, order="C")


def read_problem(directory: Path, message: Any, dtype: str) -> Problem:
    """The problem that `message` describes, its shapes checked."""
    if not isinstance(message, dict) or not isinstance(message.get("activation"), str):
        raise RequestError("the problem has no activation")
    return Problem(**_read_network(directory, message, dtype), activation=message["activation"])


def read_neurons(directory: Path, message: Any, dtype: str) -> Neurons:
    """The neurons that `message` describes, their shapes checked."""
    if not isinstance(message, dict):
        raise RequestError("there are no neurons")
    return Neurons(**_read_network(directory, message, dtype))


def _read_network(directory: Path, message: dict[str, Any], dtype: str) -> dict[str, np.ndarray]:
    dimensions = {"inputs": 2, "labels": 1, "first_layer": 2, "second_layer": 1}
    arrays = {key: read_array(directory, message.get(key), ndim, dtype) for key, ndim in dimensions.items()}
    n, d = arrays["inputs"].shape
    m = len(arrays["second_layer"])
    if arrays["labels"].shape != (n,) or arrays["first_layer"].shape != (m, d):
        raise RequestError(
            f"shapes disagree: inputs {(n, d)}, labels {arrays['labels'].shape}, "
            f"first_layer {arrays['first_layer'].shape}, second_layer {(m,)}"
        )
    return arrays


def write_array(directory: Path, name: str, returned: Any, shape: tuple[int, ...], dtype: str) -> str:
    """Checks what the subject returned, writes it as little-endian `dtype`, and gives back `name`."""
    array = np.asarray(returned)
    if array.dtype.kind not in "fiu":
        raise TypeError(f"{name}: expected real numbers, found dtype {array.dtype}")
    if array.shape != shape:
        raise ValueError(f"{name}: expected shape {shape}, found {array.shape}")
    np.save(directory / name, array.astype(np.dtype(dtype).newbyteorder("<")), allow_pickle=False)
    return name
