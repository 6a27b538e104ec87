"""The fields of a request that are no files, checked."""

from __future__ import annotations

import math
from typing import Any, Union


class RequestError(ValueError):
    """A request that this subject cannot answer."""


def layers_of(request: dict[str, Any]) -> str:
    if request.get("layers") not in ("first", "second", "both"):
        raise RequestError(f"layers must be first, second or both, found {request.get('layers')!r}")
    return request["layers"]


def loss_of(request: dict[str, Any]) -> str:
    if request.get("loss") not in ("exponential", "logistic"):
        raise RequestError(f"loss must be exponential or logistic, found {request.get('loss')!r}")
    return request["loss"]


def record_of(request: dict[str, Any]) -> list[int]:
    record = request.get("record")
    if not isinstance(record, list) or not record or not all(type(step) is int and step >= 0 for step in record):
        raise RequestError("record must be a list of numbers of steps")
    if any(later <= earlier for earlier, later in zip(record, record[1:])):
        raise RequestError("record must ascend")
    return record


def step_size_of(request: dict[str, Any], layers: str) -> Union[float, tuple[float, float]]:
    """η, or (η₁, η₂) where both layers are trained with different step sizes."""
    sizes = request.get("step_sizes")
    if not isinstance(sizes, dict):
        raise RequestError("step_sizes must have first and second")
    pair = (sizes.get("first"), sizes.get("second"))
    if not all(type(size) in (int, float) and math.isfinite(size) for size in pair):
        raise RequestError(f"step sizes must be finite numbers, found {pair}")
    first, second = map(float, pair)
    if layers == "both" and first != second:
        return first, second
    return second if layers == "second" else first
