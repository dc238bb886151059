"""How often bootstrap intervals of the difference of two calibration errors hold the truth: why none is given.

Needs numpy; about a minute: python3 calibration_error_coverage.py. Nominal 95 %. B's confidence is off by `excess` of what A's
lacks to 1.

excess   examples  percentile  twice bias-corrected
0        450       1.00        .92
0.3      100       .78         .68
0.3      450       .37         .65
0.3      2000      .21         .77
"""
import numpy as np

BINS, SAMPLES, RESAMPLES = 15, 400, 400


def draw(n, rng, excess):
    """Residuals (confidence less correctness) of two models in their bins."""
    a = rng.beta(6, 1.2, n)
    b = np.clip(a * rng.uniform(0.85, 1.05, n), 0.05, 1)
    u = rng.random(n)
    right_a = u < a
    right_b = np.where(rng.random(n) < 0.8, u, rng.random(n)) < np.clip(b + excess * (1 - b), 0, 1)
    result = []
    for confidence, right in [(a, right_a), (b, right_b)]:
        columns = np.zeros((n, BINS))
        columns[np.arange(n), np.clip(np.ceil(confidence * BINS).astype(int) - 1, 0, BINS - 1)] = confidence - right
        result.append(columns)
    return result


def difference(a, b):
    return np.abs(b).sum(axis=-1) - np.abs(a).sum(axis=-1)


for excess in (0, 0.3):
    rng = np.random.default_rng(1)
    truth = difference(*(c.mean(axis=0) for c in draw(1_000_000, rng, excess)))
    for n in (100, 450, 2000):
        held = np.zeros(2)
        for _ in range(SAMPLES):
            a, b = draw(n, rng, excess)
            estimate = difference(a.mean(axis=0), b.mean(axis=0))
            weights = rng.multinomial(n, np.ones(n) / n, RESAMPLES) / n
            replicates = difference(weights @ a, weights @ b)
            low, high = np.quantile(replicates, [0.025, 0.975])
            bias = replicates.mean() - estimate
            held += [low <= truth <= high, low - 2 * bias <= truth <= high - 2 * bias]
        print(excess, n, *(held / SAMPLES))
