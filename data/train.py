#!/usr/bin/env python3
"""Train the example models on scikit-learn's handwritten digits.

    python train.py                      every model, into the folder of this script
    python train.py --output DIR NAME    the named models only, into DIR

Each model is made in a process of its own, so that the names and counters
TensorFlow writes into a model do not depend on what was made before it.
README.md describes the recipes and the files.
"""

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent

# What a process that makes one model runs under. The hash seed fixes the order
# of Python's sets; without oneDNN, sums do not depend on the processor's cache.
ENVIRONMENT = {
    "CUDA_VISIBLE_DEVICES": "",
    "PYTHONHASHSEED": "0",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_ENABLE_ONEDNN_OPTS": "0",
}

SPLIT_SEED = 20240229
TEST_SIZE = 450

PENALTIES = {"1e-5": 1e-5, "1e-2": 1e-2}
SEEDS = range(5)
EPOCHS = {"dense": 60, "conv": 30}
BATCH_SIZE = 32
LEARNING_RATE = 1e-3

FINETUNE_EPOCHS = 5
FINETUNE_SEED = 100
REINIT_SEED = 200

BASE = "dense-l2-1e-5-seed0"
DERIVED = [f"{BASE}-{kind}" for kind in ("resaved", "reinit", "finetuned", "export")]


def recipes():
    """Returns name -> (architecture, L2 penalty, seed) of the trained models."""
    return {
        f"{architecture}-l2-{label}-seed{seed}": (architecture, penalty, seed)
        for architecture in EPOCHS
        for label, penalty in PENALTIES.items()
        for seed in SEEDS
    }


def digits():
    """Returns the split (train inputs, test inputs, train labels, test labels).

    Inputs are float32 of shape [images, 64], pixels scaled from 0…16 to 0…1.
    """
    import numpy as np
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    inputs, labels = load_digits(return_X_y=True)
    return train_test_split(
        (inputs / 16).astype(np.float32),
        labels.astype(np.int64),
        test_size=TEST_SIZE,
        stratify=labels,
        random_state=SPLIT_SEED,
    )


def prepare_tensorflow(seed):
    """Makes TensorFlow deterministic and seeds Python, NumPy and TensorFlow."""
    import tensorflow as tf
    import tf_keras

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    tf.config.experimental.enable_op_determinism()
    tf_keras.utils.set_random_seed(seed)


def dense_network(keras, penalty):
    """Returns 64 → 128 → 64 → 10, made with `keras` (Keras 2 or Keras 3)."""
    layers, l2 = keras.layers, keras.regularizers.L2
    return keras.Sequential(
        [
            keras.Input(shape=(64,), name="pixels"),
            layers.Dense(128, activation="relu", kernel_regularizer=l2(penalty), name="dense_1"),
            layers.Dense(64, activation="relu", kernel_regularizer=l2(penalty), name="dense_2"),
            layers.Dense(10, activation="softmax", kernel_regularizer=l2(penalty), name="output"),
        ],
        name="dense",
    )


def conv_network(keras, penalty):
    """Returns two convolutions with batch normalisation and a dense head."""
    layers, l2 = keras.layers, keras.regularizers.L2

    def convolution(filters, name):
        return layers.Conv2D(
            filters, 3, padding="same", activation="relu", kernel_regularizer=l2(penalty), name=name
        )

    return keras.Sequential(
        [
            keras.Input(shape=(8, 8, 1), name="pixels"),
            convolution(16, "conv_1"),
            layers.BatchNormalization(name="batch_norm_1"),
            layers.MaxPooling2D(name="pool_1"),
            convolution(32, "conv_2"),
            layers.BatchNormalization(name="batch_norm_2"),
            layers.MaxPooling2D(name="pool_2"),
            layers.Flatten(name="flatten"),
            layers.Dense(10, activation="softmax", kernel_regularizer=l2(penalty), name="output"),
        ],
        name="conv",
    )


def compile_model(model):
    """Gives `model` a new optimizer, the loss and the metric of every recipe."""
    import tf_keras

    model.compile(
        optimizer=tf_keras.optimizers.Adam(learning_rate=LEARNING_RATE),
        loss="sparse_categorical_crossentropy",
        metrics=[tf_keras.metrics.SparseCategoricalAccuracy(name="accuracy")],
    )


def fit(model, epochs):
    """Trains on the training images, in an order drawn from TensorFlow's seed."""
    inputs, _, labels, _ = digits()
    inputs = inputs.reshape((-1, *model.input_shape[1:]))
    history = model.fit(inputs, labels, batch_size=BATCH_SIZE, epochs=epochs, shuffle=True, verbose=0)
    print(f"  {epochs} epochs, training accuracy {history.history['accuracy'][-1]:.4f}")


def save(model, path, keep_optimizer=False):
    """Saves a Keras 2 SavedModel, with or without the optimizer's state.

    Without the state the model is compiled anew before it is saved: moments are
    then absent and counters zero, but keras_metadata.pb still tells the training
    configuration, which `include_optimizer=False` would leave out.
    """
    if not keep_optimizer:
        compile_model(model)
    model.save(path, save_format="tf")


def train(path, architecture, penalty, seed):
    """Trains one model of one recipe and saves it."""
    import tf_keras

    prepare_tensorflow(seed)
    network = {"dense": dense_network, "conv": conv_network}[architecture]
    model = network(tf_keras, penalty)
    compile_model(model)
    fit(model, EPOCHS[architecture])
    save(model, path, keep_optimizer=seed == 0)


def derive(path, kind):
    """Makes one altered copy of the base model, which must exist beside it."""
    import tf_keras

    prepare_tensorflow(FINETUNE_SEED)
    model = tf_keras.models.load_model(path.parent / BASE)

    if kind == "export":
        return export_with_keras_3(model, path)
    if kind == "reinit":
        layer = model.get_layer("dense_2")
        layer.kernel.assign(tf_keras.initializers.GlorotUniform(REINIT_SEED)(layer.kernel.shape))
        layer.bias.assign(tf_keras.initializers.Zeros()(layer.bias.shape))
    elif kind == "finetuned":
        # Keras does not take the optimizer's state from a SavedModel: Adam starts anew.
        fit(model, FINETUNE_EPOCHS)
    save(model, path)


def export_with_keras_3(model, path):
    """Exports the weights of the dense `model` from the same network in Keras 3."""
    import keras

    twin = dense_network(keras, PENALTIES["1e-5"])
    twin.set_weights(model.get_weights())
    twin.export(path, format="tf_saved_model", verbose=False)


def make(name, output):
    """Makes one model in this process."""
    path = output / name
    shutil.rmtree(path, ignore_errors=True)
    if name in DERIVED:
        derive(path, name.removeprefix(f"{BASE}-"))
    else:
        train(path, *recipes()[name])
    if (path / "assets").is_dir() and not any((path / "assets").iterdir()):
        (path / "assets").rmdir()


def save_test_set(output):
    """Writes the held-out images and their labels."""
    import numpy as np

    _, inputs, _, labels = digits()
    np.save(output / "test-inputs.npy", inputs)
    np.save(output / "test-labels.npy", labels)


def main():
    known = [*recipes(), *DERIVED]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="models to make; default: all, and the test set")
    parser.add_argument("--output", type=Path, default=HERE, help="folder to write to; default: the script's")
    parser.add_argument("--in-process", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - set(known):
        parser.error(f"unknown model: {', '.join(sorted(unknown))}")

    if arguments.in_process:
        for name in arguments.names:
            make(name, arguments.output)
        return
    arguments.output.mkdir(parents=True, exist_ok=True)
    if not arguments.names:
        save_test_set(arguments.output)
    for name in arguments.names or known:
        print(name, flush=True)
        command = [sys.executable, __file__, "--in-process", "--output", arguments.output, name]
        subprocess.run(command, env={**os.environ, **ENVIRONMENT}, check=True)


if __name__ == "__main__":
    main()
