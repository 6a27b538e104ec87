# A subject in NumPy, with the methods that it has. From the folder of your project:
#   python3 -m venv venv && venv/bin/pip install "$(npx earlytime python-kit)"
#   npx earlytime audit laws -- venv/bin/python mine.py
import numpy as np
from earlytime_adapter import activation, serve

class Mine:
    name, version, dtype = "mine", "1.0", "float64"  # dtype: the precision that it computes in

    def tangent_kernel(self, problem, layers):  # layers: "first" | "second" | "both"; returns n×n
        phi, slope = activation(problem.activation)
        x, v = problem.inputs, problem.second_layer
        z = x @ problem.first_layer.T / np.sqrt(x.shape[1])
        slopes = v * slope(z)
        first = (x @ x.T) * (slopes @ slopes.T) / (len(v) * x.shape[1])
        second = phi(z) @ phi(z).T / len(v)
        return {"first": first, "second": second, "both": first + second}[layers]

    def predict(self, problem, inputs):  # outputs n'
        phi, _ = activation(problem.activation)
        z = inputs @ problem.first_layer.T / np.sqrt(inputs.shape[1])
        return phi(z) @ problem.second_layer / np.sqrt(len(problem.second_layer))

serve(Mine())
