#!/usr/bin/env python3
"""Write pairs.json: how the weights of a few pairs of models differ.

    python pairs.py

Values are read by TensorFlow and compared with NumPy and SciPy in float64.
README.md describes the measures.
"""

import json
import math

import numpy as np
import scipy.stats

from truth import HERE, OBJECT_GRAPH, full_names, open_checkpoint

PAIRS = [
    ("dense-l2-1e-5-seed0", "dense-l2-1e-2-seed0"),
    ("dense-l2-1e-5-seed0", "dense-l2-1e-5-seed0-resaved"),
    ("dense-l2-1e-5-seed0", "dense-l2-1e-5-seed0-reinit"),
    ("dense-l2-1e-5-seed0", "dense-l2-1e-5-seed0-finetuned"),
    ("conv-l2-1e-5-seed0", "conv-l2-1e-2-seed0"),
]

# Keys that hold neither a weight nor a layer's state.
OTHER = (OBJECT_GRAPH, "optimizer/", "keras_api/")


def variables(model):
    """Returns key -> (variable name, flat float64 values) of weights and state."""
    reader = open_checkpoint(HERE / model)
    names = full_names(reader)
    keys = sorted(key for key in reader.get_variable_to_shape_map() if not key.startswith(OTHER))
    return {key: (names[key], np.ravel(reader.get_tensor(key)).astype(np.float64)) for key in keys}


def norm(values):
    """Returns the Euclidean norm."""
    return math.sqrt(math.fsum(values * values))


def cosine(a, b):
    """Returns the cosine of the angle between a and b, or None if either is 0."""
    scale = norm(a) * norm(b)
    return math.fsum(a * b) / scale if scale else None


def pearson(a, b):
    """Returns the correlation of a and b, or None if either is constant."""
    if np.ptp(a) == 0 or np.ptp(b) == 0:
        return None
    return cosine(a - math.fsum(a) / a.size, b - math.fsum(b) / b.size)


def compare(a, b):
    """Returns every measure of b against a."""
    difference = b - a
    return {
        "count": a.size,
        "mean_squared_difference": math.fsum(difference * difference) / a.size,
        "cosine_similarity": cosine(a, b),
        "relative_l2": norm(difference) / norm(a) if norm(a) else None,
        "max_abs_difference": float(np.abs(difference).max()),
        "changed_count": int((a != b).sum()),
        "mean_difference": math.fsum(difference) / a.size,
        "norm_a": norm(a),
        "norm_b": norm(b),
        "pearson": pearson(a, b),
        "ks": float(scipy.stats.ks_2samp(a, b, method="asymp").statistic),
        "wasserstein1": float(scipy.stats.wasserstein_distance(a, b)),
    }


def main():
    pairs = []
    for a, b in PAIRS:
        in_a, in_b = variables(a), variables(b)
        assert in_a.keys() == in_b.keys(), f"{a} and {b} hold different variables"
        measures = {key: {"name": name, **compare(values, in_b[key][1])} for key, (name, values) in in_a.items()}
        pairs.append({"a": a, "b": b, "variables": measures})
    (HERE / "pairs.json").write_text(json.dumps({"pairs": pairs}, indent=1, allow_nan=False) + "\n")


if __name__ == "__main__":
    main()
