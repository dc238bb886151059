"""python3 make_formats.py: writes the files beside it. Needs tensorflow 2.21, brotli and g++.

constants/   a graph with a constant of each type, stored at once and in each shorthand, as message and as text
slices/      string tensors in slices, as V2 and as V1 checkpoint
models/      one SavedModel of TensorFlow 2 and one of TensorFlow 1 with two graphs, as message, as text and in chunks,
             with Brotli and without
*.json       what TensorFlow makes of them; that of the chunks is held against the message at once
"""
import json
import os
import shutil
import sys

import numpy as np
import tensorflow as tf
from google.protobuf import text_format
from tensorflow.core.framework import graph_pb2, types_pb2
from tensorflow.core.protobuf import saved_model_pb2

import chunks

here = os.path.dirname(os.path.abspath(__file__))
os.chdir(here)
tf1 = tf.compat.v1
RNG = np.random.default_rng(7)


def fresh(folder):
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)


def constants():
    fresh("constants")
    graph = graph_pb2.GraphDef()
    lists = {"half": "half_val", "bfloat16": "half_val", "float": "float_val", "double": "double_val",
             "complex64": "scomplex_val", "complex128": "dcomplex_val", "int64": "int64_val", "uint32": "uint32_val",
             "uint64": "uint64_val", "bool": "bool_val", "string": "string_val"}
    truth = {}

    def add(name, proto):
        node = graph.node.add(name=name, op="Const")
        node.attr["dtype"].type = proto.dtype
        node.attr["value"].tensor.CopyFrom(proto)
        array = tf.make_ndarray(proto)
        entry = {"dtype": tf.dtypes.as_dtype(proto.dtype).name, "shape": list(array.shape)}
        if proto.dtype == types_pb2.DT_STRING:
            entry["strings"] = [x.hex() for x in array.reshape(-1)]
        else:
            entry["bytes"] = array.tobytes().hex()
        truth[name] = entry

    for number in list(range(1, 20)) + list(range(22, 34)):
        dtype = tf.dtypes.as_dtype(number)
        base = dtype.name
        if base == "string":
            content = np.array([[b"", b"a\0b"], [b"\xff\xfe", "gewöhnlich".encode()]], dtype=object)
            add("string_list", tf.make_tensor_proto(content, dtype))
            proto = tf.make_tensor_proto([b"all alike"], dtype)
            proto.tensor_shape.dim[0].size = 3
            add("string_repeated", proto)
            proto = tf.make_tensor_proto([b"x"], dtype, shape=[1])
            del proto.string_val[:]
            proto.tensor_shape.dim[0].size = 2
            node = graph.node.add(name="string_none", op="Const")
            node.attr["value"].tensor.CopyFrom(proto)
            truth["string_none"] = {"dtype": "string", "shape": [2], "strings": ["", ""]}
            continue
        width = 1 if number >= 29 else dtype.size
        raw = RNG.integers(0, 256, size=6 * width, dtype=np.uint8)
        if base == "bool":
            raw &= 1
        if number in (29, 30, 33):
            raw &= 15
        if number in (31, 32):
            raw &= 3
        numpy_type = dtype.as_numpy_dtype
        values = np.frombuffer(raw.tobytes(), numpy_type).reshape(2, 3)
        if values.dtype.kind in "fc":
            # Signalling NaNs do not survive a C++ float.
            values = np.linspace(-3, 9, 6).reshape(2, 3).astype(numpy_type)
        proto = tf.make_tensor_proto(values[0], dtype) if base != "bfloat16" else tf.make_tensor_proto(values[0], dtype)
        whole = type(proto)()
        whole.CopyFrom(proto)
        for member in ("half_val", "float_val", "double_val", "int_val", "scomplex_val", "int64_val", "bool_val",
                       "dcomplex_val", "uint32_val", "uint64_val"):
            whole.ClearField(member)
        whole.float8_val = b""
        whole.tensor_content = values.tobytes()
        del whole.tensor_shape.dim[:]
        for size in values.shape:
            whole.tensor_shape.dim.add(size=size)
        name = base.replace("/", "_")
        node = graph.node.add(name=name + "_content", op="Const")
        node.attr["dtype"].type = number
        node.attr["value"].tensor.CopyFrom(whole)
        truth[name + "_content"] = {"dtype": dtype.name, "shape": [2, 3], "bytes": values.tobytes().hex()}
        # Listed: three values that stand for five, the last one repeating.
        listed = type(proto)(dtype=number)
        listed.tensor_shape.dim.add(size=5)
        three = values[0]
        if base in ("float16", "bfloat16"):
            listed.half_val.extend(int(x) for x in three.view(np.uint16))
        elif base == "float32":
            listed.float_val.extend(float(x) for x in three)
        elif base == "float64":
            listed.double_val.extend(float(x) for x in three)
        elif base == "complex64":
            listed.scomplex_val.extend(float(y) for x in three for y in (x.real, x.imag))
        elif base == "complex128":
            listed.dcomplex_val.extend(float(y) for x in three for y in (x.real, x.imag))
        elif base == "int64":
            listed.int64_val.extend(int(x) for x in three)
        elif base == "uint32":
            listed.uint32_val.extend(int(x) for x in three)
        elif base == "uint64":
            listed.uint64_val.extend(int(x) for x in three)
        elif base == "bool":
            listed.bool_val.extend(bool(x) for x in three)
        elif base.startswith("float"):
            listed.float8_val = three.tobytes()
        else:
            listed.int_val.extend(int(x) for x in three.astype(np.int64))
        node = graph.node.add(name=name + "_list", op="Const")
        node.attr["dtype"].type = number
        node.attr["value"].tensor.CopyFrom(listed)
        five = np.concatenate([three, three[-1:], three[-1:]])
        truth[name + "_list"] = {"dtype": dtype.name, "shape": [5], "bytes": five.tobytes().hex()}
        # That TensorFlow itself expands the shorthand so, for the types whose constants it runs on a processor.
        try:
            with tf1.Graph().as_default() as g:
                part = graph_pb2.GraphDef(node=[node])
                tf1.import_graph_def(part, name="")
                with tf1.Session(graph=g) as session:
                    got = session.run(name + "_list:0")
                assert (got == five).all(), (name, got, five)
                # Its bytes are the truth: the upper bits of int4 follow the sign here.
                truth[name + "_list"] |= {"bytes": got.tobytes().hex(), "run": True}
        except (tf.errors.InvalidArgumentError, tf.errors.NotFoundError, TypeError) as error:
            print(name, "is not run:", str(error)[:100])
    with open("constants/graph.pb", "wb") as f:
        f.write(graph.SerializeToString(deterministic=True))
    with open("constants/graph.pbtxt", "w") as f:
        f.write(text_format.MessageToString(graph))
    with open("constants.json", "w") as f:
        json.dump(truth, f, indent=0, sort_keys=True)


def slices():
    fresh("slices")
    words = np.array([[f"{r},{c}".encode() * (r + c) for c in range(4)] for r in range(5)], dtype=object)
    halves = ["5 4 0,2:-", "5 4 2,3:-"]
    columns = ["5 4 -:0,1", "5 4 -:1,3"]
    parts = [words[:2], words[2:], words[:, :1], words[:, 1:], words]
    names = ["rows", "rows", "columns", "columns", "whole"]
    tf.raw_ops.SaveV2(prefix="slices/v2", tensor_names=names, shape_and_slices=halves + columns + [""],
                      tensors=[tf.constant(p) for p in parts])
    tf.raw_ops.SaveSlices(filename="slices/v1", tensor_names=names, shapes_and_slices=halves + columns + [""],
                          data=[tf.constant(p) for p in parts])
    with open("slices.json", "w") as f:
        json.dump({name: [x.hex() for x in words.reshape(-1)] for name in ("rows", "columns", "whole")}, f, indent=0)


def models():
    fresh("models")

    class Small(tf.Module):
        def __init__(self):
            super().__init__()
            self.kernel = tf.Variable(np.arange(6, dtype=np.float32).reshape(2, 3), name="kernel")
            self.table = tf.constant(np.arange(40, dtype=np.float32), name="table")

        @tf.function(input_signature=[tf.TensorSpec([None, 2], tf.float32, "x")])
        def __call__(self, x):
            return {"y": tf.nn.relu(x @ self.kernel) + self.table[0]}

    small = Small()
    tf.saved_model.save(small, "models/tf2-pb", signatures=small.__call__)

    def build(folder, as_text):
        with tf1.Graph().as_default(), tf1.Session() as session:
            x = tf1.placeholder(tf.float32, [None, 2], "x")
            with tf1.variable_scope("dense", use_resource=False):
                kernel = tf1.get_variable("kernel", initializer=np.ones([2, 3], np.float32))
                step = tf1.get_variable("moving", initializer=np.zeros([3], np.float32), trainable=False)
            y = tf.identity(x @ kernel + step + np.arange(30, dtype=np.float32).reshape(10, 3)[4], "y")
            tf1.add_to_collection("pi", 3)
            session.run(tf1.global_variables_initializer())
            signature = tf1.saved_model.predict_signature_def({"x": x}, {"y": y})
            builder = tf1.saved_model.Builder(folder)
            builder.add_meta_graph_and_variables(session, ["train"], {"serving_default": signature})
            builder.add_meta_graph(["serve", "gpu"], {"serving_default": signature, "other": signature})
            builder.save(as_text=as_text)

    build("models/tf1-pb", False)
    build("models/tf1-pbtxt", True)
    os.makedirs("models/tf2-pbtxt")
    shutil.copytree("models/tf2-pb/variables", "models/tf2-pbtxt/variables")
    with open("models/tf2-pb/saved_model.pb", "rb") as f:
        message = saved_model_pb2.SavedModel.FromString(f.read())
    with open("models/tf2-pbtxt/saved_model.pbtxt", "w") as f:
        f.write(text_format.MessageToString(message))
    for name in ("tf2", "tf1"):
        with open(f"models/{name}-pb/saved_model.pb", "rb") as f:
            model = f.read()
        for kind, compress in (("cpb", True), ("cpb-plain", False)):
            folder = f"models/{name}-{kind}"
            os.makedirs(folder)
            shutil.copytree(f"models/{name}-pb/variables", folder + "/variables")
            chunks.write(model, folder + "/saved_model.cpb", compress)
            assert chunks.merged(folder) == saved_model_pb2.SavedModel.FromString(model)
    for name in ("tf2-pb/fingerprint.pb", "tf2-pb/assets", "tf1-pb/fingerprint.pb", "tf1-pbtxt/fingerprint.pb"):
        path = "models/" + name
        shutil.rmtree(path) if os.path.isdir(path) else os.path.exists(path) and os.remove(path)


if __name__ == "__main__":
    for part in sys.argv[1:] or ["constants", "slices", "models"]:
        {"constants": constants, "slices": slices, "models": models}[part]()
