#!/usr/bin/env python3
"""Write what TensorFlow itself says of each model: truth.json and predictions/.

    python truth.py

For each model beside this script: every checkpoint entry as TensorFlow's reader
returns it, and the probabilities the model gives for the test images.
README.md describes the files.
"""

import hashlib
import json
import math
import os
import struct
from pathlib import Path

os.environ.update(CUDA_VISIBLE_DEVICES="", TF_CPP_MIN_LOG_LEVEL="3", TF_ENABLE_ONEDNN_OPTS="0")

import numpy as np
import tensorflow as tf
from tensorflow.core.protobuf.trackable_object_graph_pb2 import TrackableObjectGraph

HERE = Path(__file__).resolve().parent
OBJECT_GRAPH = "_CHECKPOINTABLE_OBJECT_GRAPH"


def model_paths():
    """Returns the model folders, by name."""
    return sorted(path.parent for path in HERE.glob("*/saved_model.pb"))


def open_checkpoint(model):
    """Returns TensorFlow's reader of a model's variables."""
    return tf.train.load_checkpoint(model / "variables" / "variables")


def full_names(reader):
    """Returns checkpoint key -> variable name, from the object graph."""
    graph = TrackableObjectGraph.FromString(reader.get_tensor(OBJECT_GRAPH))
    return {entry.checkpoint_key: entry.full_name for node in graph.nodes for entry in node.attributes}


def digest(tensor, dtype):
    """Returns the SHA-256 of the little-endian bytes.

    Of a string tensor: of each element's length as uint64, then its bytes.
    """
    if dtype == tf.string:
        elements = np.ravel(np.asarray(tensor, dtype=object))
        data = b"".join(struct.pack("<Q", len(element)) + element for element in elements)
    else:
        array = np.asarray(tensor)
        data = array.astype(array.dtype.newbyteorder("<")).tobytes()
    return hashlib.sha256(data).hexdigest()


def moments(tensor):
    """Returns sum, sum of squares, minimum and maximum, as float64.

    The squares of float32 values are exact in float64, and `math.fsum` rounds
    once: both sums are the true ones to the last bit.
    """
    values = np.ravel(tensor).astype(np.float64)
    return {
        "sum": math.fsum(values),
        "sum_squares": math.fsum(values * values),
        "min": float(values.min()),
        "max": float(values.max()),
    }


def tensors(model):
    """Returns checkpoint key -> what TensorFlow's reader says of the entry."""
    reader = open_checkpoint(model)
    names = full_names(reader)
    dtypes = reader.get_variable_to_dtype_map()
    entries = {}
    for key, shape in sorted(reader.get_variable_to_shape_map().items()):
        tensor = reader.get_tensor(key)
        entries[key] = {"dtype": dtypes[key].name, "shape": list(shape), "sha256": digest(tensor, dtypes[key])}
        if key in names:
            entries[key]["name"] = names[key]
        if dtypes[key] != tf.string:
            entries[key].update(moments(tensor))
    return entries


def predict(model, inputs):
    """Returns float32 probabilities [images, 10] by the serving signature."""
    loaded = tf.saved_model.load(str(model))
    signature = loaded.signatures["serving_default"]
    ((name, spec),) = signature.structured_input_signature[1].items()
    images = inputs.reshape((-1, *spec.shape[1:]))
    (probabilities,) = signature(**{name: tf.constant(images)}).values()
    return probabilities.numpy()


def quality(probabilities, labels):
    """Returns test accuracy and mean log loss (nats), from float64 sums."""
    chosen = probabilities[np.arange(len(labels)), labels].astype(np.float64)
    return {
        "test_accuracy": int((probabilities.argmax(axis=1) == labels).sum()) / len(labels),
        "test_log_loss": math.fsum(-np.log(chosen)) / len(labels),
    }


def main():
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    tf.config.experimental.enable_op_determinism()

    inputs = np.load(HERE / "test-inputs.npy")
    labels = np.load(HERE / "test-labels.npy")
    (HERE / "predictions").mkdir(exist_ok=True)
    models = {}
    for path in model_paths():
        probabilities = predict(path, inputs)
        np.save(HERE / "predictions" / f"{path.name}.npy", probabilities)
        models[path.name] = {**quality(probabilities, labels), "tensors": tensors(path)}
        print(f"{path.name:32} {models[path.name]['test_accuracy']:.4f} {models[path.name]['test_log_loss']:.4f}")
    truth = {"tensorflow": tf.__version__, "models": models}
    (HERE / "truth.json").write_text(json.dumps(truth, indent=1) + "\n")


if __name__ == "__main__":
    main()
