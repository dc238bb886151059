"""Writes what scikit-learn, SciPy and statsmodels say of the bundled predictions.

Needs numpy, scipy, scikit-learn and statsmodels; run in this folder: python3 make_oracles.py
"""
import json
import pathlib

import numpy as np
from scipy import optimize, stats
from sklearn.metrics import accuracy_score, log_loss, brier_score_loss, precision_recall_fscore_support
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.weightstats import ttost_paired

DATA = pathlib.Path(__file__).resolve().parents[3] / "data"
LABELS = np.load(DATA / "test-labels.npy")
PAIRS = [
    ("dense-l2-1e-5-seed0", "dense-l2-1e-2-seed0"), ("dense-l2-1e-5-seed0", "dense-l2-1e-5-seed0-finetuned"),
    ("dense-l2-1e-5-seed0", "dense-l2-1e-5-seed0-reinit"), ("conv-l2-1e-5-seed0", "conv-l2-1e-2-seed0"),
    ("dense-l2-1e-5-seed0", "dense-l2-1e-5-seed1"), ("dense-l2-1e-2-seed0", "conv-l2-1e-2-seed0"),
]


def predictions(name):
    return np.load(DATA / "predictions" / f"{name}.npy").astype(np.float64)


def calibration_error(p, bins=15):
    confidence, right = p.max(axis=1), p.argmax(axis=1) == LABELS
    place = np.digitize(confidence, np.linspace(0, 1, bins + 1), right=True) - 1
    total = 0.0
    for b in range(bins):
        inside = place == b
        if inside.any():
            total += inside.mean() * abs(right[inside].mean() - confidence[inside].mean())
    return total


def exact_permutation(d, size=2_000_000):
    """Two-sided sign-flip p by the distribution of the sum on a fine grid (Streitberg & Roehmel)."""
    grid = np.rint(d / np.abs(d).sum() * size).astype(np.int64)
    grid = grid[grid != 0]
    reach = int(np.abs(grid).sum())
    p = np.zeros(2 * reach + 1)
    p[reach] = 1
    for step in np.abs(grid):
        p = 0.5 * (np.roll(p, step) + np.roll(p, -step))
    sums = np.arange(-reach, reach + 1)
    return float(p[np.abs(sums) >= abs(int(grid.sum()))].sum())


def score_interval(b, c, n):
    """Limits of p12 - p21 where the score statistic, its nuisance by numerical maximisation, is 1.96."""
    z = stats.norm.ppf(0.975)

    def statistic(delta):
        low, high = max(0, -delta), (1 - delta) / 2

        def loss(q):
            cells = [(b, q + delta), (c, q), (n - b - c, 1 - 2 * q - delta)]
            return -sum(k * np.log(max(p, 1e-300)) for k, p in cells if k)

        q = optimize.minimize_scalar(loss, bounds=(low, high), method="bounded", options={"xatol": 1e-14}).x
        return (b - c - n * delta) / np.sqrt(n * (2 * q + delta * (1 - delta)))

    estimate = (b - c) / n
    lower = optimize.brentq(lambda d: statistic(d) - z, -1 + 1e-9, estimate)
    upper = optimize.brentq(lambda d: statistic(d) + z, estimate, 1 - 1e-9)
    return [lower, upper]


def never(precision):
    """-1 for a class that is never predicted."""
    return np.where(np.isnan(precision), -1, precision)


def case(a, b):
    x, y = predictions(a), predictions(b)
    right = [p.argmax(axis=1) == LABELS for p in (x, y)]
    only_a, only_b = int((right[0] & ~right[1]).sum()), int((right[1] & ~right[0]).sum())
    losses = [-np.log(p[np.arange(len(LABELS)), LABELS]) for p in (x, y)]
    d = losses[1] - losses[0]
    table = [[int((right[0] & right[1]).sum()), only_a], [only_b, int((~right[0] & ~right[1]).sum())]]
    p = stats.binomtest(only_b, only_a + only_b, 0.5).pvalue
    assert abs(p - mcnemar(table, exact=True).pvalue) < 1e-12
    head = slice(0, 16)
    return {
        "a": a, "b": b, "onlyA": only_a, "onlyB": only_b, "mcnemar": p,
        "greater": stats.binomtest(only_b, only_a + only_b, 0.5, alternative="greater").pvalue,
        "accuracy": [accuracy_score(LABELS, p.argmax(axis=1)) for p in (x, y)],
        "logLoss": [log_loss(LABELS, p) for p in (x, y)],
        "brier": [float(((p - np.eye(10)[LABELS]) ** 2).sum(axis=1).mean()) for p in (x, y)],
        "calibrationError": [calibration_error(p) for p in (x, y)],
        "overconfidence": [float(p.max(axis=1).mean() - (p.argmax(axis=1) == LABELS).mean()) for p in (x, y)],
        "recall": [precision_recall_fscore_support(LABELS, p.argmax(axis=1), zero_division=0)[1].tolist()
                   for p in (x, y)],
        "precision": [never(precision_recall_fscore_support(LABELS, p.argmax(axis=1), zero_division=np.nan)[0]).tolist()
                      for p in (x, y)],
        "agreement": int((x.argmax(axis=1) == y.argmax(axis=1)).sum()),
        "permutation": exact_permutation(d),
        # All 2^16 swaps of the first 16 examples.
        "permutationOf16": stats.permutation_test(
            (losses[0][head], losses[1][head]), lambda u, v, axis: np.mean(v - u, axis=axis),
            permutation_type="samples", n_resamples=np.inf, vectorized=True).pvalue,
        "score": score_interval(only_b, only_a, len(LABELS)),
        "equivalenceOfLogLoss": ttost_paired(losses[1], losses[0], -0.1, 0.1)[0],
    }


def brier_of_two_classes():
    rng = np.random.default_rng(5)
    p, y = rng.random(40).round(4), rng.integers(0, 2, 40)
    return {"p": p.tolist(), "y": y.tolist(), "brier": brier_score_loss(y, p), "logLoss": log_loss(y, p)}


with open("behavior.json", "w") as file:
    json.dump({"pairs": [case(a, b) for a, b in PAIRS], "binary": brier_of_two_classes()}, file, indent=1)
    file.write("\n")
