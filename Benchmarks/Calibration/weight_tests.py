#!/usr/bin/env python3
"""What SciPy says of raw weights, to hold the `Calibration` program's own t, Levene and Kolmogorov-Smirnov tests against.

    python weight_tests.py PROGRAM

PROGRAM is the built `Calibration`; its answers for pairs of bundled kernels are compared with SciPy's to 1e-9, relative.
Needs TensorFlow and SciPy as data/requirements.txt pins them.
"""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import tensorflow as tf
from scipy import stats

ROOT = Path(__file__).resolve().parent.parent.parent
KERNELS = {"dense": {"dense_1": 0, "dense_2": 1, "output": 2}, "conv": {"conv_1": 0, "conv_2": 2, "output": 4}}


def kernel(model, layer):
    """The kernel's weights, flat and in float64."""
    reader = tf.train.load_checkpoint(str(ROOT / "data" / model / "variables" / "variables"))
    index = KERNELS[model.split("-")[0]][layer]
    return reader.get_tensor(f"layer_with_weights-{index}/kernel/.ATTRIBUTES/VARIABLE_VALUE").astype(np.float64).ravel()


def main():
    command = [sys.argv[1], "--root", str(ROOT), "weights"]
    found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    worst = 0.0
    for row in found:
        a, b = (kernel(row[side], row["layer"]) for side in ("a", "b"))
        answers = {
            "t-test": stats.ttest_ind(a, b).pvalue,
            "Levene": stats.levene(a, b).pvalue,
            "ks_2samp": stats.ks_2samp(a, b, method="exact").pvalue,
        }
        for name, expected in answers.items():
            error = abs(row[name] - expected) / expected
            worst = max(worst, error)
            if error > 1e-9:
                sys.exit(f"{row['a']} {row['b']} {row['layer']} {name}: {row[name]}, SciPy {expected}")
    print(f"{3 * len(found)} p-values agree with SciPy {__import__('scipy').__version__}; largest relative error {worst:.1e}")


if __name__ == "__main__":
    main()
