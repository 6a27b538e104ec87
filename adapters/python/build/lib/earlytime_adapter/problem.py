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
    problem = Problem(
        inputs=read_array(directory, message.get("inputs"), 2, dtype),
        labels=read_array(directory, message.get("labels"), 1, dtype),
        first_layer=read_array(directory, message.get("first_layer"), 2, dtype),
        second_layer=read_array(directory, message.get("second_layer"), 1, dtype),
        activation=message["activation"],
    )
    n, d = problem.inputs.shape
    m = len(problem.second_layer)
    if problem.labels.shape != (n,) or problem.first_layer.shape != (m, d):
        raise RequestError(
            f"shapes disagree: inputs {(n, d)}, labels {problem.labels.shape}, "
            f"first_layer {problem.first_layer.shape}, second_layer {(m,)}"
        )
    return problem


def write_array(directory: Path, name: str, returned: Any, shape: tuple[int, ...], dtype: str) -> str:
    """Checks what the subject returned, writes it as little-endian `dtype`, and gives back `name`."""
    array = np.asarray(returned)
    if array.dtype.kind not in "fiu":
        raise TypeError(f"{name}: expected real numbers, found dtype {array.dtype}")
    if array.shape != shape:
        raise ValueError(f"{name}: expected shape {shape}, found {array.shape}")
    np.save(directory / name, array.astype(np.dtype(dtype).newbyteorder("<")), allow_pickle=False)
    return name
