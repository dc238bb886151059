"""Holds `equipoise behavior` on models to what TensorFlow itself says of them.

Run by `make test-tensorflow`: check_behavior.py EQUIPOISE DATA, with the python of a virtual environment that has TensorFlow.
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import numpy as np
import tensorflow as tf

tf.get_logger().setLevel("ERROR")

PROGRAM, DATA = sys.argv[1], pathlib.Path(sys.argv[2]).resolve()
INPUTS, LABELS = np.load(DATA / "test-inputs.npy"), np.load(DATA / "test-labels.npy")
TRUTH = json.loads((DATA / "truth.json").read_text())["models"]
ENVIRONMENT = dict(os.environ, EQUIPOISE_TENSORFLOW=sys.prefix)
checks = 0


def run(*arguments, environment=ENVIRONMENT):
    return subprocess.run([PROGRAM, "behavior", *map(str, arguments)], capture_output=True, text=True, env=environment)


def document(*arguments):
    result = run(*arguments, "--format", "json", "--interval-resamples", "99", "--quiet")
    assert result.returncode == 0, result.stderr
    assert result.stderr == "", result.stderr
    return json.loads(result.stdout)


def check(condition, what):
    global checks
    checks += 1
    assert condition, what


def close(value, expected, what, tolerance=1e-6):
    check(abs(value - expected) <= tolerance * max(1, abs(expected)), f"{what}: {value}, expected {expected}")


def refused(words, *arguments, environment=ENVIRONMENT):
    result = run(*arguments, environment=environment)
    check(result.returncode == 2, f"status {result.returncode} of {arguments}: {result.stderr}")
    for word in words if isinstance(words, list) else [words]:
        check(word in result.stderr, f"'{word}' is not in: {result.stderr}")


def on(a, b, *more):
    return [DATA / a, DATA / b, "--inputs", DATA / "test-inputs.npy", "--labels", DATA / "test-labels.npy", *more]


def measure(found, name):
    return next(m for m in found["measures"] if m["name"] == name)


class Model:
    """A model as Python runs it, its weights by name."""

    def __init__(self, name):
        self.loaded = tf.saved_model.load(str(DATA / name))
        self.serve = self.loaded.signatures["serving_default"]
        (self.input,) = self.serve.structured_input_signature[1]
        (self.output,) = self.serve.structured_outputs
        self.variables = {}
        for variable in self.serve.variables:
            self.variables["/".join(variable.name.split(":")[0].split("/")[-2:])] = variable

    def predict(self):
        return self.serve(**{self.input: tf.constant(INPUTS)})[self.output].numpy()

    def loss(self):
        p = self.predict().astype(np.float64)
        return float(-np.log(p[np.arange(len(LABELS)), LABELS]).mean())

    def values(self):
        return {name: variable.numpy() for name, variable in self.variables.items()}

    def assign(self, values):
        for name, value in values.items():
            self.variables[name].assign(value)


def accuracies():
    first = "dense-l2-1e-5-seed0"
    for name, truth in TRUTH.items():
        a = name if name.startswith("conv") else first
        found = document(*on(a, name, *(["--reshape"] if name.startswith("conv") else [])))
        check(measure(found, "accuracy")["b"] == truth["test_accuracy"], f"accuracy of {name}")
        close(measure(found, "log_loss")["b"], truth["test_log_loss"], f"log loss of {name}", 1e-7)
    small = document(*on(first, "dense-l2-1e-2-seed0", "--batch-size", "7"))
    whole = document(*on(first, "dense-l2-1e-2-seed0", "--batch-size", "450"))
    close(measure(small, "log_loss")["b"], measure(whole, "log_loss")["b"], "batches")
    files = document(
        "--predictions-a", DATA / f"predictions/{first}.npy", "--predictions-b",
        DATA / "predictions/dense-l2-1e-2-seed0.npy", "--labels", DATA / "test-labels.npy")
    close(measure(files, "log_loss")["b"], measure(whole, "log_loss")["b"], "files", 1e-7)


def transplants(a, b, *, responsible=None):
    """Every exchange of a layer, redone by assigning variables in Python."""
    found = document(*on(a, b, "--transplant"))["transplant"]
    x, y = Model(a), Model(b)
    for side, mine, other, key in [("A", x, y, "a_with_b"), ("B", y, x, "b_with_a")]:
        own = mine.values()
        close(found["loss_" + side.lower()], mine.loss(), f"loss of {side}")
        for layer in found["layers"]:
            part = {n: v for n, v in other.values().items() if n.startswith(layer["layer"] + "/")}
            check(part, f"{layer['layer']} has no variable")
            mine.assign(part)
            close(layer[key]["loss"], mine.loss(), f"{key} of {layer['layer']}", 1e-5)
            mine.assign(own)
    if responsible is not None:
        check(found["responsible"] == responsible, f"{found['responsible']} of {a}, {b}")
        check(all(name in found["statement"] for name in responsible), found["statement"])
    return found


def lines():
    for b, has_barrier in [("dense-l2-1e-5-seed1", True), ("dense-l2-1e-5-seed0-finetuned", None)]:
        a = "dense-l2-1e-5-seed0"
        found = document(*on(a, b, "--interpolate", "4"))["interpolation"]
        x, y = Model(a), Model(b)
        own, other = x.values(), y.values()
        for point in found["points"]:
            t = point["position"]
            x.assign({n: ((1 - t) * own[n].astype(np.float64) + t * other[n]).astype(np.float32) for n in own})
            close(point["loss"], x.loss(), f"loss at {t}", 1e-5)
        if has_barrier is not None:
            check(found["has_barrier"] == has_barrier, f"barrier between {a} and {b}: {found['barrier']}")


class TwoInputs(tf.Module):
    @tf.function(input_signature=[tf.TensorSpec([None, 3], tf.float32, "x"), tf.TensorSpec([None], tf.int64, "k")])
    def serve(self, x, k):
        return {"sum": tf.reduce_sum(x, 1) * tf.cast(k, tf.float32), "k": k}


class FixedBatch(tf.Module):
    @tf.function(input_signature=[tf.TensorSpec([4, 2], tf.float64, "x")])
    def serve(self, x):
        return {"y": tf.nn.softmax(x)}


class Texts(tf.Module):
    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, "t")])
    def serve(self, t):
        return {"length": tf.strings.length(t)}


class Weighted(tf.Module):
    def __init__(self):
        self.w = tf.Variable([[1.0], [2.0]], name="layer/kernel")

    @tf.function(input_signature=[tf.TensorSpec([None, 2], tf.float32, "x")])
    def serve(self, x):
        return {"y": tf.squeeze(x @ self.w, 1)}


def part_of(value):
    """An initializer that knows which slice of a partitioned variable it is for."""
    def initialize(shape, dtype=None, partition_info=None):
        start = partition_info.var_offset if partition_info else [0] * len(shape)
        return value[tuple(slice(first, first + size) for first, size in zip(start, shape))]
    return initialize


def graph_of_tf1(folder, values, parts=1):
    partitioner = tf.compat.v1.fixed_size_partitioner(parts) if parts > 1 else None
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        x = tf.compat.v1.placeholder(tf.float32, [None, 2], "x")
        hidden = x
        for i, value in enumerate(values):
            value = np.asarray(value, np.float32)
            hidden = tf.matmul(hidden, tf.compat.v1.get_variable(
                f"layer_{i}/kernel", value.shape, initializer=part_of(value),
                partitioner=partitioner, use_resource=False))
        session.run(tf.compat.v1.global_variables_initializer())
        tf.compat.v1.saved_model.simple_save(session, folder, {"x": x}, {"y": tf.squeeze(hidden, 1)})


def save(module, folder):
    tf.saved_model.save(module, folder, signatures=module.serve)
    return folder


def other_models(scratch):
    rng = np.random.default_rng(3)
    x, k = rng.normal(size=(10, 3)).astype(np.float32), np.arange(10)
    np.savez(scratch + "/two.npz", x=x, k=k)
    np.save(scratch + "/sum.npy", x.sum(1) * k + 1)
    two = save(TwoInputs(), scratch + "/two")
    more = ["--inputs", scratch + "/two.npz", "--labels", scratch + "/sum.npy"]
    found = document(two, two, *more, "--output-name", "sum")
    close(measure(found, "mse")["a"], 1, "two inputs", 1e-5)
    refused(["has 2 outputs", "k, sum"], two, two, *more)
    refused(["has no output 'z'", "k, sum"], two, two, *more, "--output-name", "z")
    np.savez(scratch + "/one.npz", x=x, q=k)
    refused(["has no array 'k'", "k int64 [?]"], two, two, "--inputs", scratch + "/one.npz", "--output-name", "sum")
    np.save(scratch + "/x.npy", x)
    refused(["one array", "takes 2"], two, two, "--inputs", scratch + "/x.npy", "--output-name", "sum")
    np.savez(scratch + "/half.npz", x=x, k=k + 0.5)
    refused(["0.5", "Int64"], two, two, "--inputs", scratch + "/half.npz", "--output-name", "sum")

    fixed = save(FixedBatch(), scratch + "/fixed")
    values = rng.normal(size=(10, 2))
    np.save(scratch + "/f.npy", values)
    np.save(scratch + "/l.npy", (values[:, 1] > values[:, 0]).astype(np.int64))
    found = document(fixed, fixed, "--inputs", scratch + "/f.npy", "--labels", scratch + "/l.npy")
    check(found["example_count"] == 10 and measure(found, "accuracy")["a"] == 1, "ten examples, four at a time")

    texts = save(Texts(), scratch + "/texts")
    pathlib.Path(scratch + "/t.csv").write_text("a\n" + "b" * 40 + "\nccc\n")
    np.save(scratch + "/n.npy", np.array([1.0, 40.5, 3.25]))
    found = document(texts, texts, "--inputs", scratch + "/t.csv", "--labels", scratch + "/n.npy", "--task", "regression")
    close(measure(found, "mae")["a"], 0.25, "texts")
    refused("holds float64", texts, texts, "--inputs", scratch + "/f.npy")

    graph_of_tf1(scratch + "/tf1a", [[[1, 2], [3, 4]], [[1], [2]]])
    graph_of_tf1(scratch + "/tf1b", [[[1, 2], [3, 4]], [[1], [3]]])
    np.save(scratch + "/p.npy", rng.normal(size=(20, 2)).astype(np.float32))
    np.save(scratch + "/q.npy", rng.normal(size=20))
    found = document(scratch + "/tf1a", scratch + "/tf1b", "--inputs", scratch + "/p.npy", "--labels",
                     scratch + "/q.npy", "--transplant")
    check(found["transplant"]["responsible"] == ["layer_1"], "reference variables")
    graph_of_tf1(scratch + "/parts", [[[1, 2], [3, 4]], [[1], [3]]], parts=2)
    for a, b in [("tf1a", "parts"), ("parts", "tf1a")]:
        found = document(scratch + "/" + a, scratch + "/" + b, "--inputs", scratch + "/p.npy", "--labels",
                         scratch + "/q.npy", "--transplant", "--interpolate", "3")
        check(found["transplant"]["responsible"] == ["layer_1"], f"slices of {a}, {b}")
        points = found["interpolation"]["points"]
        close(points[-1]["loss"], found["transplant"]["loss_b"], f"line from {a} to {b}")

    save(Weighted(), scratch + "/w")
    shutil.rmtree(scratch + "/w/variables")
    refused("variables/variables.index", scratch + "/w", scratch + "/w", "--inputs", scratch + "/p.npy")


def refusals():
    a = "dense-l2-1e-5-seed0"
    found = document(DATA / a, DATA / "dense-l2-1e-2-seed0", "--inputs", DATA / "test-inputs.npy")
    check(found["measures"] == [] and found["agreement"]["count"] == 428, "without labels")
    refused(["no signature 'predict'", "serving_default"], *on(a, a, "--signature", "predict"))
    inputs = ["--inputs", DATA / "test-labels.npy"]
    refused(["shape [450]", "takes float32 [?, 64]"], DATA / a, DATA / a, *inputs)
    refused(["--reshape", "8, 8, 1"], *on("conv-l2-1e-5-seed0", "conv-l2-1e-5-seed1"))
    refused("--labels", DATA / a, DATA / a, "--inputs", DATA / "test-inputs.npy", "--transplant")
    nothing = {k: v for k, v in ENVIRONMENT.items() if k not in ("EQUIPOISE_TENSORFLOW", "LD_LIBRARY_PATH")}
    nothing["PATH"] = "/nowhere"
    refused(["pip install tensorflow-cpu", "--tensorflow", "--predictions-a"], *on(a, a), environment=nothing)
    refused("no such file or folder", *on(a, a, "--tensorflow", "/nowhere"))
    refused("no TensorFlow in it", *on(a, a, "--tensorflow", DATA))
    with tempfile.TemporaryDirectory() as folder:
        empty = os.path.join(folder, "libtensorflow.so.2")
        pathlib.Path(empty).write_bytes(b"no library")
        refused("can't be loaded", *on(a, a, "--tensorflow", empty))


def main():
    accuracies()
    transplants("dense-l2-1e-5-seed0", "dense-l2-1e-5-seed0-reinit", responsible=["dense_2"])
    transplants("dense-l2-1e-5-seed0-reinit", "dense-l2-1e-5-seed0-export", responsible=["dense_2"])
    transplants("dense-l2-1e-5-seed0", "dense-l2-1e-2-seed0")
    found = transplants("dense-l2-1e-5-seed0", "dense-l2-1e-5-seed1", responsible=[])
    check("do not fit each other" in found["statement"], found["statement"])
    lines()
    refusals()
    with tempfile.TemporaryDirectory() as scratch:
        other_models(scratch)
    print(f"against TensorFlow {tf.__version__}\n{checks} passed, 0 failed")


main()
