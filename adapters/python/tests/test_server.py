"""The server as a child process: each method, and each way to fail."""

import numpy as np
import pytest

COMPLETE = """
import numpy as np
from earlytime_adapter import serve


class Complete:
    name, version, dtype = "complete", "1.0", "float64"
    unequal_steps = True

    def tangent_kernel(self, problem, layers):
        weight = {"first": 1, "second": 2, "both": 3}[layers]
        return weight * problem.inputs @ problem.inputs.T

    def predict(self, problem, inputs):
        return inputs @ problem.first_layer.T @ problem.second_layer

    def train_with_fresh(self, problem, layers, step_size, record, fresh_inputs):
        scale = step_size if isinstance(step_size, float) else step_size[0] - step_size[1]
        steps = scale * np.array(record)[:, None]
        return steps + problem.labels, steps + fresh_inputs[:, 0]


serve(Complete())
"""

MINIMAL = """
import numpy as np
from earlytime_adapter import serve


class Minimal:
    name, version, dtype = "minimal", "0", "{dtype}"

    def {method}:
        {body}


serve(Minimal())
"""


def minimal(method: str, body: str, dtype: str = "float64") -> str:
    return MINIMAL.format(method=method, body=body, dtype=dtype)


def kernel_subject(body: str, dtype: str = "float64") -> str:
    return minimal("tangent_kernel(self, problem, layers)", body, dtype)


def steps(first: float, second: float) -> dict:
    return {"first": first, "second": second}


def test_hello_lists_the_capabilities(start):
    assert start(COMPLETE).hello() == {
        "protocol": 1,
        "name": "complete",
        "version": "1.0",
        "dtype": "float64",
        "capabilities": ["tangent-kernel", "predict", "train", "fresh-outputs", "unequal-steps"],
        "looked_for": ["tangent_kernel", "predict", "train", "train_with_fresh", "train_neurons"],
        "attributes": ["dtype", "name", "predict", "tangent_kernel", "train_with_fresh", "unequal_steps", "version"],
    }


def test_hello_names_what_a_misspelt_method_is_called(start):
    hello = start(kernel_subject("return np.eye(4)").replace("def tangent_kernel", "def tangentkernel")).hello()
    assert hello["capabilities"] == []
    assert "tangentkernel" in hello["attributes"]


def test_hello_lists_the_activations_where_they_are_limited(start):
    limited = COMPLETE.replace("unequal_steps = True", 'activations = ("relu", "erf")')
    assert start(limited).hello()["activations"] == ["relu", "erf"]


def test_a_method_left_out_is_a_missing_capability(start, problem):
    subject = start(kernel_subject("return np.eye(4)"))
    assert subject.hello()["capabilities"] == ["tangent-kernel"]
    assert subject.error("predict", problem=problem, at="fresh.npy") == "missing capability predict"


def test_tangent_kernel(start, problem):
    subject = start(COMPLETE)
    subject.hello()
    x = subject.array("inputs.npy").astype(np.float64)
    for layers, weight in (("first", 1), ("second", 2), ("both", 3)):
        kernel = subject.array(subject.result("tangent-kernel", problem=problem, layers=layers)["kernel"])
        assert kernel.dtype == "<f8"
        np.testing.assert_allclose(kernel, weight * x @ x.T, rtol=1e-14)


def test_predict(start, problem):
    subject = start(COMPLETE)
    subject.hello()
    outputs = subject.array(subject.result("predict", problem=problem, at="fresh.npy")["outputs"])
    x, w, v = (subject.array(f"{name}.npy").astype(np.float64) for name in ("fresh", "first_layer", "second_layer"))
    np.testing.assert_allclose(outputs, x @ w.T @ v, rtol=1e-14)


NEURONS = """
import numpy as np
from earlytime_adapter import serve


class Neurons:
    name, version, dtype = "neurons", "1.0", "float64"

    def train_neurons(self, neurons, loss, step_size, record, fresh_inputs):
        scale = step_size * np.array(record)[:, None] * (2 if loss == "logistic" else 1)
        return scale + neurons.labels, scale + fresh_inputs[:, 0], 2 * neurons.first_layer, 3 * neurons.second_layer


serve(Neurons())
"""


def neurons_of(problem: dict) -> dict:
    return {key: problem[key] for key in ("inputs", "labels", "first_layer", "second_layer")}


def test_train_neurons(start, problem):
    subject = start(NEURONS)
    assert subject.hello()["capabilities"] == ["train-neurons"]
    asked = {"problem": neurons_of(problem), "loss": "logistic", "record": [0, 3], "fresh": "fresh.npy"}
    result = subject.result("train-neurons", step_sizes=steps(0.5, 0.5), **asked)
    read = {key: subject.array(f"{key}.npy").astype(np.float64) for key in ("labels", "fresh", "first_layer", "second_layer")}
    np.testing.assert_allclose(subject.array(result["outputs"]), np.array([[0], [3]]) + read["labels"])
    np.testing.assert_allclose(subject.array(result["fresh_outputs"]), np.array([[0], [3]]) + read["fresh"][:, 0])
    np.testing.assert_allclose(subject.array(result["first_layer"]), 2 * read["first_layer"])
    np.testing.assert_allclose(subject.array(result["second_layer"]), 3 * read["second_layer"])
    assert subject.error("train-neurons", step_sizes=steps(1, 2), **asked) == "missing capability unequal-steps"


def test_train_neurons_returns_four_arrays(start, problem):
    body = "return np.zeros((1, 4)), np.zeros((1, 3))"
    subject = start(minimal("train_neurons(self, neurons, loss, step_size, record, fresh_inputs)", body))
    subject.hello()
    asked = {"problem": neurons_of(problem), "loss": "logistic", "record": [0], "fresh": "fresh.npy"}
    assert "must return (outputs" in subject.error("train-neurons", step_sizes=steps(1, 1), **asked)


@pytest.mark.parametrize(
    ("layers", "sizes", "scale"),
    [("first", (0.5, 0), 0.5), ("second", (0, 0.25), 0.25), ("both", (2, 2), 2), ("both", (3, 1), 2)],
)
def test_train_with_fresh_outputs(start, problem, layers, sizes, scale):
    subject = start(COMPLETE)
    subject.hello()
    result = subject.result(
        "train", problem=problem, layers=layers, step_sizes=steps(*sizes), record=[0, 1, 5], fresh="fresh.npy"
    )
    trajectory = scale * np.array([0, 1, 5])[:, None]
    np.testing.assert_allclose(subject.array(result["outputs"]), trajectory + subject.array("labels.npy"))
    np.testing.assert_allclose(subject.array(result["fresh_outputs"]), trajectory + subject.array("fresh.npy")[:, 0])


def test_train_without_fresh_inputs(start, problem):
    subject = start(COMPLETE)
    subject.hello()
    result = subject.result("train", problem=problem, layers="first", step_sizes=steps(1, 0), record=[2], fresh=None)
    assert set(result) == {"outputs"}
    assert subject.array(result["outputs"]).shape == (1, 4)


def test_plain_train(start, problem):
    body = "return step_size * np.ones((len(record), 4))"
    subject = start(minimal("train(self, problem, layers, step_size, record)", body))
    assert subject.hello()["capabilities"] == ["train"]
    train = {"problem": problem, "layers": "both", "record": [0, 3]}
    result = subject.result("train", **train, step_sizes=steps(1, 1), fresh=None)
    assert subject.array(result["outputs"]).shape == (2, 4)
    assert subject.error("train", **train, step_sizes=steps(1, 2), fresh=None) == "missing capability unequal-steps"
    missing = subject.error("train", **train, step_sizes=steps(1, 1), fresh="fresh.npy")
    assert missing == "missing capability fresh-outputs"


def test_the_problem_has_the_declared_dtype_and_so_has_the_result(start, problem):
    arrays = "problem.inputs, problem.labels, problem.first_layer, problem.second_layer"
    body = f"return [[float(array.dtype == 'f4') for array in ({arrays})]] * 4"
    subject = start(kernel_subject(body, dtype="float32"))
    subject.hello()
    kernel = subject.array(subject.result("tangent-kernel", problem=problem, layers="both")["kernel"])
    assert kernel.dtype == "<f4"
    assert np.array_equal(kernel, np.ones((4, 4)))


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("raise ValueError('one\\n  two')", "ValueError: one two"),
        ("return np.zeros((4, 3))", "ValueError: 1-kernel.npy: expected shape (4, 4), found (4, 3)"),
        ("return None", "TypeError: 1-kernel.npy: expected real numbers, found dtype object"),
        ("return np.eye(4) * 1j", "TypeError: 1-kernel.npy: expected real numbers, found dtype complex128"),
    ],
)
def test_failures_of_the_subject(start, problem, body, message):
    subject = start(kernel_subject(body))
    subject.hello()
    error = subject.error("tangent-kernel", problem=problem, layers="both")
    assert error == message
    assert subject.hello()["name"] == "minimal"
    status, _, log = subject.end()
    assert status == 0
    assert "Traceback" in log


def test_prints_go_to_stderr(start, problem):
    body = "import os; print('from python'); os.system('echo from a child'); return np.eye(4)"
    subject = start(kernel_subject(body))
    subject.hello()
    subject.result("tangent-kernel", problem=problem, layers="both")
    status, left, log = subject.end()
    assert (status, left) == (0, "")
    assert {"from python", "from a child"} <= set(log.splitlines())


def test_the_subject_cannot_consume_requests(start, problem):
    subject = start(kernel_subject("import sys; assert sys.stdin.read() == ''; return np.eye(4)"))
    subject.hello()
    subject.result("tangent-kernel", problem=problem, layers="both")


def test_end_of_stdin_at_once(start):
    assert start(COMPLETE).end() == (0, "", "")


def test_hello_must_come_first_and_speak_this_protocol(start, problem):
    subject = start(COMPLETE)
    assert subject.error("predict", problem=problem, at="fresh.npy") == "hello must come first"
    reply = subject.send({"id": 7, "method": "hello", "protocol": 2, "directory": "x"})
    assert reply["error"] == "expected protocol 1, found 2"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"method": "sing"}, "unknown method 'sing'"),
        ({"layers": "third"}, "layers must be first, second or both, found 'third'"),
        ({"record": [1, 1]}, "record must ascend"),
        ({"record": [-1]}, "record must be a list of numbers of steps"),
        ({"step_sizes": {"first": 1}}, "step sizes must be finite numbers, found (1, None)"),
        ({"fresh": "../fresh.npy"}, "not a plain file name: '../fresh.npy'"),
        ({"fresh": "labels.npy"}, "labels.npy: expected 2 dimensions of floats, found 1 of float32"),
        ({"fresh": "absent.npy"}, "FileNotFoundError: "),
        ({"problem": None}, "the problem has no activation"),
    ],
)
def test_malformed_requests(start, problem, change, message):
    subject = start(COMPLETE)
    subject.hello()
    train = {"layers": "both", "step_sizes": steps(1, 1), "record": [0], "fresh": None, "problem": problem}
    reply = subject.send({"id": 1, "method": "train", **train, **change})
    assert not reply["ok"]
    assert reply["error"].startswith(message)


def test_shapes_that_disagree(start, problem):
    subject = start(COMPLETE)
    subject.hello()
    error = subject.error("tangent-kernel", problem={**problem, "labels": "second_layer.npy"}, layers="both")
    assert error.startswith("shapes disagree: inputs (4, 3), labels (5,)")
