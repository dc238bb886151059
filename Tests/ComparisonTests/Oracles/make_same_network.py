"""python3 make_same_network.py: one small network's weights in every format, into same_network/ beside it.

Needs tensorflow 2.21, tf_keras 2.21, keras 3.15, safetensors. Every file is read back by the library that wrote it
and held against the same arrays.
"""
import os
import shutil

os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="", PYTHONHASHSEED="0")
import keras
import numpy as np
import safetensors.numpy
import tensorflow as tf
import tf_keras

tf1 = tf.compat.v1
here = os.path.join(os.path.dirname(os.path.abspath(__file__)), "same_network")
shutil.rmtree(here, ignore_errors=True)
os.makedirs(here)
os.chdir(here)
rng = np.random.default_rng(3)
SIZES = [("hidden_1", 6, 5), ("hidden_2", 5, 5), ("output", 5, 3)]
weights = {}
for layer, inputs, units in SIZES:
    weights[f"{layer}/kernel"] = rng.normal(size=(inputs, units)).astype(np.float32)
    weights[f"{layer}/bias"] = rng.normal(size=units).astype(np.float32)


def network(library, named=True):
    kinds = ["relu", "relu", "softmax"]
    layers = [library.layers.Dense(units, activation=kind, **({"name": name} if named else {}))
              for (name, _, units), kind in zip(SIZES, kinds)]
    model = library.Sequential([library.Input((6,))] + layers)
    for layer, (name, _, _) in zip(layers, SIZES):
        layer.set_weights([weights[f"{name}/kernel"], weights[f"{name}/bias"]])
    return model


def check(read):
    assert sorted(map(np.shape, read.values())) == sorted(map(np.shape, weights.values())), read.keys()
    for array in weights.values():
        assert any(np.array_equal(array, other) for other in read.values())


two = network(tf_keras)
two.save("keras2", include_optimizer=False)
shutil.rmtree("keras2/assets", ignore_errors=True)
two.save("keras2.h5", include_optimizer=False)
tf.train.Checkpoint(model=two).write("object/ckpt")
three = network(keras)
three.save("keras3.keras")
three.save_weights("keras3.weights.h5")
three.export("keras3-export", verbose=False)
# The same network made after others in one process: automatic names with other numbers.
for folder, others in (("numbered-low", 0), ("numbered-high", 3)):
    tf_keras.backend.clear_session()
    for _ in range(others):
        tf_keras.layers.Dense(1)(tf.zeros([1, 1]))
    tf.train.Checkpoint(variables=network(tf_keras, named=False).variables).write(f"{folder}/ckpt")

np.savez("arrays.npz", **weights)
safetensors.numpy.save_file(weights, "arrays.safetensors")

with tf1.Graph().as_default(), tf1.Session() as session:
    x = tf1.placeholder(tf.float32, [None, 6], "x")
    y = x
    for name, _, _ in SIZES:
        with tf1.variable_scope(name, use_resource=False):
            y = tf.nn.relu(y @ tf1.get_variable("kernel", initializer=weights[f"{name}/kernel"])
                           + tf1.get_variable("bias", initializer=weights[f"{name}/bias"]))
    y = tf.identity(y, "y")
    session.run(tf1.global_variables_initializer())
    for folder, version in (("v1", tf1.train.SaverDef.V1), ("v2", tf1.train.SaverDef.V2)):
        os.makedirs(folder)
        tf1.train.Saver(write_version=version).save(session, f"{folder}/ckpt", write_meta_graph=False, write_state=False)
    frozen = tf1.graph_util.convert_variables_to_constants(session, session.graph_def, ["y"])
    with open("frozen.pb", "wb") as f:
        f.write(frozen.SerializeToString(deterministic=True))

with tf1.Graph().as_default(), tf1.Session() as session:
    for name, inputs, units in SIZES:
        with tf1.variable_scope(name, use_resource=False, partitioner=tf1.fixed_size_partitioner(3, axis=0)):
            tf1.get_variable("kernel", initializer=tf1.zeros_initializer(), shape=[inputs, units])
        with tf1.variable_scope(name, use_resource=False):
            tf1.get_variable("bias", initializer=weights[f"{name}/bias"])
    session.run(tf1.global_variables_initializer())
    # The parts are made empty: each is given its rows.
    for part in tf1.global_variables():
        info = part._get_save_slice_info()
        if info is not None:
            whole = weights[info.full_name]
            first, rows = info.var_offset[0], info.var_shape[0]
            part.load(whole[first:first + rows], session)
    os.makedirs("partitioned")
    tf1.train.Saver().save(session, "partitioned/ckpt", write_meta_graph=False, write_state=False)

for prefix in ("object/ckpt", "v1/ckpt", "v2/ckpt", "partitioned/ckpt", "keras2/variables/variables",
               "numbered-low/ckpt", "numbered-high/ckpt"):
    reader = tf.train.load_checkpoint(prefix)
    read = {k: reader.get_tensor(k) for k, s in reader.get_variable_to_shape_map().items()}
    check({k: v for k, v in read.items() if getattr(v, "dtype", None) == np.float32})
for root, _, files in os.walk("."):
    for name in files:
        if name == "fingerprint.pb":
            os.remove(os.path.join(root, name))
