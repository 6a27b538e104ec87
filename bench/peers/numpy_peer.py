"""What a plain NumPy or SciPy script does for one case: reads a case as a line of JSON, prints the CPU seconds that it took."""

import json
import sys
import time

import numpy as np
from scipy.integrate import solve_ivp
from scipy.special import erf, expit

PI = np.pi
ACTIVATIONS = {
    "erf": (erf, lambda z: 2 / np.sqrt(PI) * np.exp(-z * z)),
    "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
    "sigmoid": (expit, lambda z: expit(z) * expit(-z)),
    "softplus": (lambda z: np.logaddexp(0, z), expit),
    "gelu": (
        lambda z: z * (1 + erf(z / np.sqrt(2))) / 2,
        lambda z: (1 + erf(z / np.sqrt(2))) / 2 + z * np.exp(-z * z / 2) / np.sqrt(2 * PI),
    ),
    "relu": (lambda z: np.maximum(z, 0), lambda z: (z > 0).astype(z.dtype)),
    "abs": (np.abs, np.sign),
}


def activation(name):
    if not name.startswith("leaky-relu"):
        return ACTIVATIONS[name]
    slope = float(name.partition(":")[2] or 0.01)
    return lambda z: np.where(z > 0, z, slope * z), lambda z: np.where(z > 0, 1, slope).astype(z.dtype)


def draw(case, dtype):
    rng = np.random.default_rng(case["seed"] % 2**32)
    n, d, m = case["samples"], case["inputDimension"], case["width"]
    x, w = rng.standard_normal((n, d)).astype(dtype), rng.standard_normal((m, d)).astype(dtype)
    return x, w, rng.choice([-1, 1], m).astype(dtype), rng


def kernel_of(x, w, v, case):
    value, slope = activation(case["activation"])
    z = x @ w.T / np.sqrt(x.shape[1], dtype=x.dtype)
    if case["layers"] == "second":
        h = value(z)
        return h @ h.T / len(v)
    s = slope(z) * v
    return (s @ s.T) * (x @ x.T) / (len(v) * x.shape[1])


def kernel(case):
    """The kernel in float32, a block of it in float64, and the norm of its difference from an affine kernel."""
    x, w, v, _ = draw(case, np.float32)
    theta = kernel_of(x, w, v, case)
    part = np.linspace(0, len(x) - 1, min(16, len(x))).astype(int)
    exact = kernel_of(x[part].astype(float), w.astype(float), v.astype(float), case)
    assert np.abs(theta[np.ix_(part, part)] - exact).max() < 1e-3
    wide = x.astype(float)
    affine = wide @ wide.T / wide.shape[1] + 0.1
    return np.abs(np.linalg.eigvalsh(theta.astype(float) - affine)).max()


def training(case):
    """Gradient descent of the network in float32 and of its linear model, on the inputs and on fresh ones."""
    value, slope = activation(case["activation"])
    x, w, v, rng = draw(case, np.float32)
    n, d = x.shape
    m = len(v)
    fresh = rng.standard_normal((case["fresh"], d)).astype(np.float32)
    y = np.sign(x @ rng.standard_normal(d).astype(np.float32))
    features = np.concatenate([x / np.sqrt(d, dtype=np.float32), np.ones((n, 2), np.float32)], axis=1)
    beta = np.zeros(d + 2, np.float32)
    eta = np.float32(case["step"])
    for _ in range(case["steps"]):
        z = x @ w.T / np.sqrt(d, dtype=np.float32)
        r = value(z) @ v / np.sqrt(m, dtype=np.float32) - y
        change = (slope(z) * v * r[:, None]).T @ x
        w = w - eta / (n * np.sqrt(m * d, dtype=np.float32)) * change
        beta = beta - eta / n * (features.T @ (features @ beta - y))
    return value(fresh @ w.T / np.sqrt(d, dtype=np.float32)) @ v


def flow(case):
    """The gradient flow of a deep linear network by SciPy's Dormand–Prince method."""
    rng = np.random.default_rng(case["seed"] % 2**32)
    sizes = case["sizes"]
    shapes = [(sizes[k + 1], sizes[k]) for k in range(len(sizes) - 1)]
    x = np.linalg.qr(rng.standard_normal((sizes[0], case["samples"])))[0].T * np.sqrt(case["samples"])
    y = x @ rng.standard_normal((sizes[0], 1)) / np.sqrt(sizes[0])
    start = np.concatenate([(case["sigma"] / np.sqrt(b) * rng.standard_normal((a, b))).ravel() for a, b in shapes])

    def layers(theta):
        result, at = [], 0
        for a, b in shapes:
            result.append(theta[at : at + a * b].reshape(a, b))
            at += a * b
        return result

    def change(_, theta):
        ws = layers(theta)
        hidden = [x]
        for w in ws:
            hidden.append(hidden[-1] @ w.T)
        signal = (y - hidden[-1]) / len(x)
        parts = []
        for w, h in zip(reversed(ws), reversed(hidden[:-1])):
            parts.append((signal.T @ h).ravel())
            signal = signal @ w
        return np.concatenate(parts[::-1])

    return solve_ivp(change, (0, case["time"]), start, method="RK45", rtol=1e-5, atol=1e-8).y[:, -1]


WORK = {"kernel": kernel, "training": training, "flow": flow}
print("ready", flush=True)
for line in sys.stdin:
    case = json.loads(line)
    start = time.process_time()
    WORK[case["work"]](case)
    print(time.process_time() - start, flush=True)
