"""The tangent kernel of one case by neural-tangents: reads a case as a line of JSON, prints the CPU seconds that it took, compilation included."""

import json
import sys
import time

import jax
import jax.numpy as jnp
import neural_tangents as nt
import numpy as np

ACTIVATIONS = {
    "erf": jax.scipy.special.erf,
    "tanh": jnp.tanh,
    "sigmoid": jax.nn.sigmoid,
    "softplus": jax.nn.softplus,
    "gelu": lambda z: jax.nn.gelu(z, approximate=False),
    "relu": jax.nn.relu,
    "abs": jnp.abs,
}
KERNELS = {}


def kernel_function(name, layers):
    if (name, layers) not in KERNELS:
        phi = ACTIVATIONS.get(name, lambda z: jax.nn.leaky_relu(z, float(name.partition(":")[2] or 0.01)))

        def outputs(trained, x, fixed):
            w, v = (trained, fixed) if layers == "first" else (fixed, trained)
            return phi(x @ w.T / jnp.sqrt(x.shape[1])) @ v[:, None] / jnp.sqrt(v.shape[0])

        def kernel(x, trained, fixed):
            theta = nt.empirical_ntk_fn(lambda p, inputs: outputs(p, inputs, fixed), vmap_axes=0)
            return theta(x, None, trained)

        KERNELS[name, layers] = jax.jit(kernel)
    return KERNELS[name, layers]


print("ready", flush=True)
for line in sys.stdin:
    case = json.loads(line)
    start = time.process_time()
    rng = np.random.default_rng(case["seed"] % 2**32)
    n, d, m = case["samples"], case["inputDimension"], case["width"]
    x = rng.standard_normal((n, d)).astype(np.float32)
    w, v = rng.standard_normal((m, d)).astype(np.float32), rng.choice([-1, 1], m).astype(np.float32)
    trained, fixed = (w, v) if case["layers"] == "first" else (v, w)
    kernel_function(case["activation"], case["layers"])(x, trained, fixed).block_until_ready()
    print(time.process_time() - start, flush=True)
