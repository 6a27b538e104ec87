"""Activations φ and their derivatives φ′, elementwise, in the dtype of the argument.

At a kink the derivative is the left one: relu′(0) = 0, abs′(0) = −1, leaky-relu:a′(0) = a.
"""

from __future__ import annotations

import math
from typing import Callable

import numpy as np

Elementwise = Callable[[np.ndarray], np.ndarray]

_SQRT_HALF_HEAD = 0.7071067690849304  # √½ to 24 bits, and the rest
_SQRT_HALF_TAIL = 1.210161710447897e-08
_erf = np.vectorize(math.erf, otypes=[np.float64])
_erfc = np.vectorize(math.erfc, otypes=[np.float64])


def activation(name: str) -> tuple[Elementwise, Elementwise]:
    """φ and φ′ of one of erf, tanh, sigmoid, softplus, gelu, relu, abs, leaky-relu:a."""
    if name in _SMOOTH:
        return _SMOOTH[name]
    kind, _, slope = name.partition(":")
    if name in _SLOPES:
        return _piecewise_linear(_SLOPES[name])
    if kind == "leaky-relu":
        try:
            a = float(slope)
        except ValueError:
            a = math.nan
        if math.isfinite(a):
            return _piecewise_linear(a)
    raise ValueError(f"unknown activation {name!r}")


def _piecewise_linear(a: float) -> tuple[Elementwise, Elementwise]:
    """z for z > 0, a z for z ≤ 0."""

    def phi(z: np.ndarray) -> np.ndarray:
        z = np.asarray(z)
        return np.where(z > 0, z, a * z)

    def phi_prime(z: np.ndarray) -> np.ndarray:
        z = np.asarray(z)
        return np.where(z > 0, 1.0, a).astype(z.dtype)

    return phi, phi_prime


def _in_float64(function: Elementwise) -> Elementwise:
    """Evaluates in float64 and rounds once to the dtype of the argument."""

    def rounded(z: np.ndarray) -> np.ndarray:
        z = np.asarray(z)
        return np.asarray(function(z.astype(np.float64))).astype(z.dtype)

    return rounded


def _exp_minus_square(z: np.ndarray) -> np.ndarray:
    """e^(−z²); the head of z has 24 bits, so that its square is exact."""
    z = np.clip(z, -60.0, 60.0)
    head = z.astype(np.float32).astype(np.float64)
    return np.exp(-head * head) * np.exp(-(z - head) * (z + head))


def _gaussian_density(z: np.ndarray) -> np.ndarray:
    """e^(−z²/2) / √(2π)."""
    z = np.clip(z, -60.0, 60.0)
    head = z.astype(np.float32).astype(np.float64)
    return np.exp(-head * head / 2) * np.exp(-(z - head) * (z + head) / 2) / math.sqrt(2 * math.pi)


def _gaussian_distribution(z: np.ndarray) -> np.ndarray:
    """Φ(z) = erfc(−z/√2) / 2, corrected to first order for the rounding of −z/√2."""
    z = np.clip(z, -60.0, 60.0)
    t = -z * math.sqrt(0.5)
    head = z.astype(np.float32).astype(np.float64)
    rounding = (-head * _SQRT_HALF_HEAD - t) - (head * _SQRT_HALF_TAIL + (z - head) * math.sqrt(0.5))
    return (_erfc(t) - 2 / math.sqrt(math.pi) * _exp_minus_square(t) * rounding) / 2


def _logistic(z: np.ndarray) -> np.ndarray:
    """1 / (1 + e^(−z)), without overflow."""
    decay = np.exp(-np.abs(z))
    return np.where(z < 0, decay, 1.0) / (1 + decay)


def _logistic_prime(z: np.ndarray) -> np.ndarray:
    """e^(−z) / (1 + e^(−z))², without overflow."""
    decay = np.exp(-np.abs(z))
    return decay / (1 + decay) ** 2


_SLOPES = {"relu": 0.0, "abs": -1.0}
_SMOOTH = {
    "erf": (_in_float64(_erf), _in_float64(lambda z: 2 / math.sqrt(math.pi) * _exp_minus_square(z))),
    "tanh": (_in_float64(np.tanh), _in_float64(lambda z: 4 * _logistic_prime(2 * z))),
    "sigmoid": (_in_float64(_logistic), _in_float64(_logistic_prime)),
    "softplus": (
        _in_float64(lambda z: np.maximum(z, 0.0) + np.log1p(np.exp(-np.abs(z)))),
        _in_float64(_logistic),
    ),
    "gelu": (
        _in_float64(lambda z: z * _gaussian_distribution(z)),
        _in_float64(lambda z: _gaussian_distribution(z) + z * _gaussian_density(z)),
    ),
}
