"""Serve a two-layer network implementation to a test suite over JSON Lines."""

from .activations import activation
from .problem import Neurons, Problem
from .server import serve

__all__ = ["Neurons", "Problem", "activation", "serve"]
