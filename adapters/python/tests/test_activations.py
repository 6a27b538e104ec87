"""Activations against 40-digit arithmetic, and their conventions."""

from decimal import Decimal, getcontext

import numpy as np
import pytest

from earlytime_adapter import activation

getcontext().prec = 60
PI = Decimal("3.14159265358979323846264338327950288419716939937510582097494")
Z = [-9.7, -5.3, -2.2, -1.1, -0.75179, -0.3, -1e-9, 1e-9, 0.1, 0.7, 1.3, 2.9, 6.1]


def erf(z: Decimal) -> Decimal:
    """(2/√π) e^(−z²) Σ_k 2^k z^(2k+1) / (2k+1)!!, whose terms have one sign."""
    term = total = z
    k = 0
    while abs(term) > abs(total) * Decimal("1e-58"):
        k += 1
        term *= 2 * z * z / (2 * k + 1)
        total += term
    return 2 / PI.sqrt() * (-z * z).exp() * total


def sigmoid(z: Decimal) -> Decimal:
    return 1 / (1 + (-z).exp())


def distribution(z: Decimal) -> Decimal:
    return (1 + erf(z / Decimal(2).sqrt())) / 2


def density(z: Decimal) -> Decimal:
    return (-z * z / 2).exp() / (2 * PI).sqrt()


def tanh(z: Decimal) -> Decimal:
    return 2 * sigmoid(2 * z) - 1


REFERENCE = {
    "erf": (erf, lambda z: 2 / PI.sqrt() * (-z * z).exp()),
    "tanh": (tanh, lambda z: 1 - tanh(z) ** 2),
    "sigmoid": (sigmoid, lambda z: sigmoid(z) * (1 - sigmoid(z))),
    "softplus": (lambda z: (1 + z.exp()).ln(), sigmoid),
    "gelu": (lambda z: z * distribution(z), lambda z: distribution(z) + z * density(z)),
}


@pytest.mark.parametrize("order", [0, 1])
@pytest.mark.parametrize("name", REFERENCE)
def test_a_few_units_in_the_last_place(name, order):
    """gelu′ is a difference near its zero; there the unit is that of its terms."""
    reference = [REFERENCE[name][order](Decimal(z)) for z in Z]
    scale = np.abs([float(r) for r in reference])
    if name == "gelu" and order == 1:
        scale = np.maximum(scale, [float(distribution(Decimal(z))) for z in Z])
    found = activation(name)[order](np.array(Z))
    error = [abs(float(Decimal(float(f)) - r)) for f, r in zip(found, reference)]
    assert np.max(error / np.spacing(scale)) < 4


@pytest.mark.parametrize(("name", "slope"), [("relu", 0), ("abs", -1), ("leaky-relu:0.25", 0.25)])
def test_left_derivative_at_a_kink(name, slope):
    phi, phi_prime = activation(name)
    z = np.array([-2.0, 0.0, 3.0])
    assert phi(z).tolist() == [-2 * slope, 0, 3]
    assert phi_prime(z).tolist() == [slope, slope, 1]


@pytest.mark.parametrize("name", [*REFERENCE, "relu", "abs", "leaky-relu:0.1"])
def test_dtype_and_shape_are_kept(name):
    for function in activation(name):
        for dtype in (np.float32, np.float64):
            assert function(np.zeros((2, 3), dtype)).dtype == dtype
            assert function(np.zeros((0, 3), dtype)).shape == (0, 3)


@pytest.mark.parametrize("name", [*REFERENCE, "relu"])
def test_large_arguments(name):
    z = np.array([-800.0, 800.0])
    with np.errstate(over="raise", invalid="raise"):
        for function in activation(name):
            assert np.isfinite(function(z)).all()


@pytest.mark.parametrize("name", ["swish", "leaky-relu", "leaky-relu:", "leaky-relu:nan", "relu:0.1"])
def test_unknown_names(name):
    with pytest.raises(ValueError, match="unknown activation"):
        activation(name)
