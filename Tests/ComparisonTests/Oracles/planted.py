"""Makes pairs of models with one known difference each, with TensorFlow's and Keras' own writers.

    python planted.py OUTPUT [NAME ...]

Weights come from a generator with a fixed seed and are set, not trained, so that a variant differs from its base in
what its name says and in nothing else. Each model is made in a process of its own, as names are numbered per process.
Written with tensorflow-cpu 2.21, tf_keras 2.21, keras 3.
"""

import os
import subprocess
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

WORDS = ["ash", "birch", "cedar", "elm", "fir", "hazel"]
SWAPPED = ["ash", "cedar", "birch", "elm", "fir", "hazel"]
GROWN = ["ash", "birch", "cedar", "elm", "fir", "larch", "oak"]


def dense(layers, save, *, rate=0.25, l2=1e-4, learning_rate=1e-3, statistics=0.0, layer=None, name="first",
          optimizer=None, momentum=0.9, mean=2.0):
    """A small classifier of numbers, with tf_keras or Keras 3 as `layers`."""
    import numpy as np

    model = layers.Sequential([
        layers.layers.InputLayer(shape=(4,)) if layers.__name__ == "keras" else layers.layers.InputLayer((4,)),
        layers.layers.Normalization(mean=[mean, 0.0, 1.0, 3.0], variance=[1.0, 4.0, 1.0, 9.0], name="scale"),
        layers.layers.Dense(8, "relu", name=name, kernel_regularizer=layers.regularizers.L2(l2)),
        layers.layers.BatchNormalization(name="batch"),
        layers.layers.Dropout(rate, name="drop"),
        layers.layers.Dense(3, "softmax", name="last"),
    ], name="classifier")
    optimizer = optimizer or layers.optimizers.Adam(learning_rate)
    model.compile(optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    model.optimizer.build(model.trainable_variables)
    rng = np.random.default_rng(1)
    other = np.random.default_rng(2)
    for variable in model.weights:
        # Normalization's constants are no weights here.
        place = variable.path if hasattr(variable, "path") else variable.name
        value = rng.normal(size=variable.shape).astype("float32")
        if "variance" in place:
            value = value * value + statistics + 0.5
        elif "moving_mean" in place:
            value = value + statistics
        if layer and layer in place:
            value = other.normal(size=variable.shape).astype("float32")
        variable.assign(value)
    save(model)


def keras2(**options):
    import tf_keras

    return lambda path: dense(tf_keras, lambda model: model.save(path, include_optimizer=True), **options)


def keras2_untraced(**options):
    import tf_keras

    return lambda path: dense(tf_keras, lambda model: tf_keras.models.save_model(model, path, save_traces=False),
                              **options)


def keras3(**options):
    import keras

    return lambda path: dense(keras, lambda model: model.save(path + ".keras"), **options)


def keras3_export(**options):
    import keras

    return lambda path: dense(keras, lambda model: model.export(path, verbose=False), **options)


def keras3_optimizer(make, **options):
    import keras

    def write(path):
        dense(keras, lambda model: model.save(path + ".keras"), optimizer=make(keras.optimizers), **options)

    return write


def lookup(words, *, adapted):
    def write(path):
        import tensorflow as tf
        import tf_keras

        layer = tf_keras.layers.StringLookup(name="words", vocabulary=None if adapted else words)
        if adapted:
            # Frequent words first: each once more than the next.
            layer.adapt(tf.constant([w for i, w in enumerate(words) for _ in range(len(words) - i)]))
        model = tf_keras.Sequential([tf_keras.Input((1,), dtype=tf.string), layer], name="lookup")
        tf_keras.models.save_model(model, path, save_traces=False)

    return write


def asset(words):
    def write(path):
        import tensorflow as tf

        folder = path + "-words"
        os.makedirs(folder)
        with open(os.path.join(folder, "words.txt"), "w") as file:
            file.write("\n".join(words) + "\n")

        class Lookup(tf.Module):
            def __init__(self):
                initializer = tf.lookup.TextFileInitializer(
                    os.path.join(folder, "words.txt"), tf.string, tf.lookup.TextFileIndex.WHOLE_LINE, tf.int64,
                    tf.lookup.TextFileIndex.LINE_NUMBER)
                self.table = tf.lookup.StaticHashTable(initializer, -1)

            @tf.function(input_signature=[tf.TensorSpec([None], tf.string)])
            def __call__(self, x):
                return self.table.lookup(x)

        model = Lookup()
        tf.saved_model.save(model, path, signatures=model.__call__)
        import shutil

        shutil.rmtree(folder)

    return write


def module(*, scope="hidden", offset=1.5, extra=False, activation="relu", words=WORDS, dtype="float32", swapped=False):
    """A module of a few operations: two branches that look alike, a constant, a table, and a function that it calls."""

    def write(path):
        import numpy as np
        import tensorflow as tf

        class Small(tf.Module):
            def __init__(self):
                rng = np.random.default_rng(3)
                self.left = tf.Variable(rng.normal(size=(4, 5)).astype("float32"), name="left")
                self.right = tf.Variable(rng.normal(size=(4, 5)).astype("float32"), name="right")
                self.names = tf.constant(words)

            @tf.function
            def branch(self, x, w):
                with tf.name_scope(scope):
                    y = tf.matmul(x, w)
                    if extra:
                        y = tf.square(y)
                    return getattr(tf.nn, activation)(y)

            @tf.function(input_signature=[tf.TensorSpec([None, 4], dtype, name="x")])
            def __call__(self, x):
                x = tf.cast(x, tf.float32)
                a, b = self.branch(x, self.left), self.branch(x, self.right)
                y = (b - a if swapped else a - b) + tf.constant([offset, 2.0, 3.0, 4.0, 5.0])
                return {"scores": y, "names": tf.gather(self.names, tf.argmax(y, -1))}

        model = Small()
        tf.saved_model.save(model, path, signatures=model.__call__)

    return write


def frozen(*, scope="hidden", offset=1.5, layer=False, loop=10):
    """A frozen graph with a loop, which makes it cyclic."""

    def write(path):
        import numpy as np
        import tensorflow as tf

        v1 = tf.compat.v1
        v1.disable_control_flow_v2()
        rng = np.random.default_rng(4)
        with tf.Graph().as_default() as graph:
            x = v1.placeholder(tf.float32, [None, 4], name="x")
            with v1.name_scope(scope):
                kernel = tf.constant(rng.normal(size=(4, 4)).astype("float32") + (0.5 if layer else 0), name="kernel")
                y = tf.nn.relu(tf.matmul(x, kernel) + offset)
            _, y = v1.while_loop(lambda i, _: i < loop, lambda i, y: (i + 1, tf.tanh(y * 0.5)), [tf.constant(0), y])
            tf.identity(y, name="y")
        with open(path + ".pb", "wb") as file:
            file.write(graph.as_graph_def().SerializeToString(deterministic=True))

    return write


def schedule(optimizers):
    return optimizers.SGD(optimizers.schedules.ExponentialDecay(0.1, 1000, 0.9), momentum=0.9, nesterov=True,
                          weight_decay=1e-4, clipnorm=1.0)


def other_schedule(optimizers):
    return optimizers.SGD(optimizers.schedules.ExponentialDecay(0.1, 1000, 0.8), momentum=0.95, nesterov=True,
                          weight_decay=1e-5, clipnorm=2.0)


def tf1(*, learning_rate=1e-3, l2=1e-4, schedule=None, first=False):
    """A checkpoint of the first TensorFlow, whose graph for training lies beside it and is all that tells of it."""

    def write(path):
        import numpy as np
        import tensorflow as tf

        v1 = tf.compat.v1
        os.makedirs(path)
        rng = np.random.default_rng(5)
        with tf.Graph().as_default(), v1.Session() as session:
            x = v1.placeholder(tf.float32, [None, 4], name="x")
            with v1.variable_scope("dense", use_resource=False):
                kernel = v1.get_variable("kernel", initializer=rng.normal(size=(4, 3)).astype("float32"))
                with v1.name_scope("dense/kernel/Regularizer/"):
                    penalty = v1.multiply(l2, tf.reduce_sum(tf.square(kernel)), name="mul")
            loss = tf.reduce_mean(tf.square(tf.matmul(x, kernel))) + penalty
            step = v1.train.get_or_create_global_step()
            rate = learning_rate
            if schedule:
                rate = v1.train.exponential_decay(learning_rate, step, 1000, schedule)
            v1.train.AdamOptimizer(rate, beta1=0.8).minimize(loss, global_step=step)
            session.run(v1.global_variables_initializer())
            writer = v1.train.SaverDef.V1 if first else v1.train.SaverDef.V2
            v1.train.Saver(write_version=writer).save(session, os.path.join(path, "model.ckpt"), write_state=False)

    return write


def labels(names):
    """A model with a label map as an asset, as detectors have one."""

    def write(path):
        import tensorflow as tf

        folder = path + "-labels"
        os.makedirs(folder)
        with open(os.path.join(folder, "label_map.pbtxt"), "w") as file:
            file.write("".join(f"item {{\n  id: {i}\n  name: '{name}'\n}}\n" for i, name in enumerate(names, 1)))
        model = tf.Module()
        model.labels = tf.saved_model.Asset(os.path.join(folder, "label_map.pbtxt"))
        tf.saved_model.save(model, path)
        import shutil

        shutil.rmtree(folder)

    return write


def quantised(*, bits=8, high=6.0):
    """A graph that was trained for eight bits, frozen."""

    def write(path):
        import numpy as np
        import tensorflow as tf

        rng = np.random.default_rng(6)
        v1 = tf.compat.v1
        with tf.Graph().as_default() as graph:
            x = v1.placeholder(tf.float32, [None, 4], name="x")
            with v1.name_scope("dense"):
                kernel = tf.constant(rng.normal(size=(4, 3)).astype("float32"), name="kernel")
                with v1.name_scope("weights_quant"):
                    kernel = tf.quantization.fake_quant_with_min_max_vars(kernel, -1.0, 1.0, bits, narrow_range=True)
                y = tf.nn.relu(tf.matmul(x, kernel))
                with v1.name_scope("act_quant"):
                    y = tf.quantization.fake_quant_with_min_max_vars(y, 0.0, high)
            tf.identity(y, name="y")
        with open(path + ".pb", "wb") as file:
            file.write(graph.as_graph_def().SerializeToString(deterministic=True))

    return write


MODELS = {
    "keras2": lambda: keras2(),
    "keras2-again": lambda: keras2(),
    "keras2-dropout": lambda: keras2(rate=0.5),
    "keras2-l2": lambda: keras2(l2=1e-2),
    "untraced": lambda: keras2_untraced(),
    "untraced-again": lambda: keras2_untraced(),
    "untraced-learning-rate": lambda: keras2_untraced(learning_rate=1e-2),
    "untraced-l2": lambda: keras2_untraced(l2=1e-2),
    "untraced-dropout": lambda: keras2_untraced(rate=0.5),
    "untraced-batch": lambda: keras2_untraced(statistics=0.25),
    "untraced-layer": lambda: keras2_untraced(layer="last"),
    "untraced-name": lambda: keras2_untraced(name="begin"),
    "keras3": lambda: keras3(),
    "keras3-again": lambda: keras3(),
    "keras3-learning-rate": lambda: keras3(learning_rate=1e-2),
    "keras3-l2": lambda: keras3(l2=1e-2),
    "keras3-dropout": lambda: keras3(rate=0.5),
    "keras3-batch": lambda: keras3(statistics=0.25),
    "keras3-layer": lambda: keras3(layer="last"),
    "keras3-schedule": lambda: keras3_optimizer(schedule),
    "keras3-other-schedule": lambda: keras3_optimizer(other_schedule),
    "export": lambda: keras3_export(),
    "export-again": lambda: keras3_export(),
    "export-mean": lambda: keras3_export(mean=2.5),
    "lookup": lambda: lookup(WORDS, adapted=False),
    "lookup-again": lambda: lookup(WORDS, adapted=False),
    "lookup-order": lambda: lookup(SWAPPED, adapted=False),
    "lookup-words": lambda: lookup(GROWN, adapted=False),
    "adapted": lambda: lookup(WORDS, adapted=True),
    "adapted-again": lambda: lookup(WORDS, adapted=True),
    "adapted-order": lambda: lookup(SWAPPED, adapted=True),
    "asset": lambda: asset(WORDS),
    "asset-order": lambda: asset(SWAPPED),
    "asset-words": lambda: asset(GROWN),
    "module": lambda: module(),
    "module-again": lambda: module(),
    "module-renamed": lambda: module(scope="inner"),
    "module-constant": lambda: module(offset=1.25),
    "module-extra": lambda: module(extra=True),
    "module-activation": lambda: module(activation="elu"),
    "module-order": lambda: module(words=SWAPPED),
    "module-dtype": lambda: module(dtype="float64"),
    "module-swapped": lambda: module(swapped=True),
    "frozen": lambda: frozen(),
    "frozen-renamed": lambda: frozen(scope="inner"),
    "frozen-constant": lambda: frozen(offset=1.25),
    "frozen-layer": lambda: frozen(layer=True),
    "frozen-loop": lambda: frozen(loop=20),
    "tf1": lambda: tf1(),
    "tf1-again": lambda: tf1(),
    "tf1-first": lambda: tf1(first=True),
    "tf1-learning-rate": lambda: tf1(learning_rate=1e-2),
    "tf1-l2": lambda: tf1(l2=1e-2),
    "tf1-schedule": lambda: tf1(schedule=0.9),
    "tf1-other-schedule": lambda: tf1(schedule=0.8),
    "labels": lambda: labels(["ash", "birch", "cedar"]),
    "labels-again": lambda: labels(["ash", "birch", "cedar"]),
    "labels-order": lambda: labels(["ash", "cedar", "birch"]),
    "labels-word": lambda: labels(["ash", "birch", "elm"]),
    "quantised": lambda: quantised(),
    "quantised-bits": lambda: quantised(bits=4),
    "quantised-range": lambda: quantised(high=8.0),
}


def strip(path):
    """Leaves out what no comparison looks at: debugging information."""
    import shutil

    shutil.rmtree(os.path.join(path, "debug"), ignore_errors=True)


if __name__ == "__main__":
    output = sys.argv[1]
    names = sys.argv[2:] or list(MODELS)
    if len(names) > 1:
        os.makedirs(output, exist_ok=True)
        for name in names:
            subprocess.run([sys.executable, __file__, output, name], check=True)
            print(name, flush=True)
    else:
        path = os.path.join(output, names[0])
        MODELS[names[0]]()(path)
        strip(path)
