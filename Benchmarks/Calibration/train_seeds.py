#!/usr/bin/env python3
"""Train many seeds of the recipes of data/train.py, as replicates for the calibration.

    python train_seeds.py --output DIR --seeds 100              every recipe
    python train_seeds.py --output DIR --seeds 100 --continue   and two continuations of every dense 1e-5 model

Recipes, networks and images are those of data/train.py. A recipe's network is built once and given
new initial weights for every seed; 43 steps, an epoch, run as one call. Seeds start at 100, so that none is a
bundled one. What exists already is left alone. One TensorFlow checkpoint a model, `DIR/<recipe>-seed<N>/weights`.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent / "data"))
import train as recipe  # noqa: E402

FIRST_SEED = 100
RECIPES = {f"{a}-l2-{label}": (a, penalty) for a in recipe.EPOCHS for label, penalty in recipe.PENALTIES.items()}
CONTINUED = "dense-l2-1e-5"


def train_recipe(output, name, seeds, continues):
    """Trains the seeds of one recipe in this process."""
    import tf_keras

    architecture, penalty = RECIPES[name]
    recipe.prepare_tensorflow(0)
    build = {"dense": recipe.dense_network, "conv": recipe.conv_network}[architecture]
    inputs, _, labels, _ = recipe.digits()
    model = build(tf_keras, penalty)
    inputs = inputs.reshape((-1, *model.input_shape[1:]))
    steps = -(-len(inputs) // recipe.BATCH_SIZE)
    model.compile(
        optimizer=tf_keras.optimizers.Adam(learning_rate=recipe.LEARNING_RATE),
        loss="sparse_categorical_crossentropy",
        steps_per_execution=steps,
    )
    model.optimizer.build(model.trainable_variables)
    fresh = [v.numpy() for v in model.optimizer.variables]

    def fit(epochs):
        for variable, value in zip(model.optimizer.variables, fresh):
            variable.assign(value)
        model.fit(inputs, labels, batch_size=recipe.BATCH_SIZE, epochs=epochs, shuffle=True, verbose=0)

    def save(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        model.save_weights(path)

    for seed in seeds:
        path = output / f"{name}-seed{seed}" / "weights"
        kinds = ["a", "b"] if continues and name == CONTINUED else []
        wanted = [path] + [output / f"{name}-seed{seed}-{kind}" / "weights" for kind in kinds]
        if all(p.with_suffix(".index").exists() for p in wanted):
            continue
        tf_keras.utils.set_random_seed(seed)
        model.set_weights(build(tf_keras, penalty).get_weights())
        fit(recipe.EPOCHS[architecture])
        save(path)
        trained = model.get_weights()
        for k, kind in enumerate(kinds):
            tf_keras.utils.set_random_seed(1_000_000 + 2 * seed + k)
            model.set_weights(trained)
            fit(recipe.FINETUNE_EPOCHS)
            save(output / f"{name}-seed{seed}-{kind}" / "weights")
        print(f"{name} {seed}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=100, help="seeds of each recipe")
    parser.add_argument("--first", type=int, default=FIRST_SEED, help=argparse.SUPPRESS)
    parser.add_argument("--continue", dest="continues", action="store_true")
    parser.add_argument("--recipe", choices=RECIPES, help="this recipe only")
    parser.add_argument("--in-process", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    seeds = range(arguments.first, arguments.first + arguments.seeds)
    if arguments.in_process:
        return train_recipe(arguments.output, arguments.recipe, seeds, arguments.continues)
    for name in [arguments.recipe] if arguments.recipe else RECIPES:
        command = [sys.executable, __file__, "--in-process", "--output", str(arguments.output), "--recipe", name]
        command += ["--first", str(arguments.first), "--seeds", str(arguments.seeds)]
        command += ["--continue"] if arguments.continues else []
        subprocess.run(command, env={**os.environ, **recipe.ENVIRONMENT}, check=True)


if __name__ == "__main__":
    main()
