"""How often intervals of the difference of two calibration errors hold the truth.

Needs numpy; some minutes: python3 calibration_error_coverage.py. Nominal 95 %. Percentile interval of the difference; the same less
twice its bias; conservative: the .975 quantile of the distance of the bins' mean residuals from their estimates, of both models
together, to either side, with its mean half-width.

Similar models: B's confidence is off by `excess` of what A's lacks to 1. Adverse: A's confidence, Beta(p, q), is exactly right, and B
always says .999 and is right with the given probability, so that all of A's distance goes one way.

Columns: what, examples, percentile, less twice the bias, conservative and its half-width.

similar, excess 0                 100  1.00  0.90  1.000  ± 0.231
similar, excess 0                 256  1.00  0.92  1.000  ± 0.149
similar, excess 0                 450  1.00  0.90  1.000  ± 0.113
similar, excess 0                2000  1.00  0.90  1.000  ± 0.054
similar, excess 0.05              100  1.00  0.88  1.000  ± 0.230
similar, excess 0.05              256  1.00  0.91  1.000  ± 0.148
similar, excess 0.05              450  1.00  0.91  1.000  ± 0.113
similar, excess 0.05             2000  0.97  0.81  1.000  ± 0.054
similar, excess 0.3               100  0.80  0.72  1.000  ± 0.220
similar, excess 0.3               256  0.48  0.69  1.000  ± 0.143
similar, excess 0.3               450  0.35  0.67  1.000  ± 0.108
similar, excess 0.3              2000  0.20  0.76  1.000  ± 0.052
adverse, Beta(6, 1.2), 0.02       100  0.00  0.55  0.986  ± 0.132
adverse, Beta(6, 1.2), 0.02       256  0.00  0.55  0.990  ± 0.086
adverse, Beta(6, 1.2), 0.02      1000  0.00  0.59  0.990  ± 0.044
adverse, Beta(6, 1.2), 0.6        100  0.52  0.83  0.986  ± 0.194
adverse, Beta(6, 1.2), 0.6        256  0.46  0.85  0.986  ± 0.124
adverse, Beta(6, 1.2), 0.6       1000  0.44  0.86  0.994  ± 0.064
adverse, Beta(6, 1.2), 0.98       100  0.02  0.53  0.956  ± 0.132
adverse, Beta(6, 1.2), 0.98       256  0.01  0.56  0.976  ± 0.086
adverse, Beta(6, 1.2), 0.98      1000  0.00  0.58  0.986  ± 0.044
adverse, Beta(1, 1), 0.02         100  0.00  0.31  0.980  ± 0.175
adverse, Beta(1, 1), 0.02         256  0.00  0.34  0.978  ± 0.114
adverse, Beta(1, 1), 0.02        1000  0.00  0.42  0.990  ± 0.059
adverse, Beta(1, 1), 0.6          100  0.18  0.74  0.984  ± 0.235
adverse, Beta(1, 1), 0.6          256  0.13  0.69  0.964  ± 0.150
adverse, Beta(1, 1), 0.6         1000  0.14  0.73  0.988  ± 0.077
adverse, Beta(1, 1), 0.98         100  0.00  0.31  0.960  ± 0.175
adverse, Beta(1, 1), 0.98         256  0.00  0.34  0.968  ± 0.114
adverse, Beta(1, 1), 0.98        1000  0.00  0.43  0.978  ± 0.059
adverse, Beta(20, 1), 0.02        100  0.28  0.81  0.986  ± 0.070
adverse, Beta(20, 1), 0.02        256  0.33  0.82  0.994  ± 0.046
adverse, Beta(20, 1), 0.02       1000  0.28  0.83  0.988  ± 0.024
adverse, Beta(20, 1), 0.6         100  0.90  0.94  0.976  ± 0.140
adverse, Beta(20, 1), 0.6         256  0.88  0.93  0.988  ± 0.089
adverse, Beta(20, 1), 0.6        1000  0.84  0.94  0.986  ± 0.046
adverse, Beta(20, 1), 0.98        100  0.42  0.71  0.930  ± 0.070
adverse, Beta(20, 1), 0.98        256  0.43  0.79  0.972  ± 0.046
adverse, Beta(20, 1), 0.98       1000  0.39  0.84  0.984  ± 0.024
"""
import numpy as np

BINS, SAMPLES, RESAMPLES = 15, 500, 400


def columns(confidence, right):
    n = len(confidence)
    result = np.zeros((n, BINS))
    result[np.arange(n), np.clip(np.ceil(confidence * BINS).astype(int) - 1, 0, BINS - 1)] = confidence - right
    return result


def similar(n, rng, excess):
    """Residuals (confidence less correctness) of two models in their bins."""
    a = rng.beta(6, 1.2, n)
    b = np.clip(a * rng.uniform(0.85, 1.05, n), 0.05, 1)
    u = rng.random(n)
    right_b = np.where(rng.random(n) < 0.8, u, rng.random(n)) < np.clip(b + excess * (1 - b), 0, 1)
    return columns(a, u < a), columns(b, right_b)


def adverse(n, rng, p, q, right):
    a = rng.beta(p, q, n)
    return columns(a, rng.random(n) < a), columns(np.full(n, 0.999), rng.random(n) < right)


def difference(a, b):
    return np.abs(b).sum(axis=-1) - np.abs(a).sum(axis=-1)


def coverage(draw, n, truth, rng):
    held, half = np.zeros(3), 0.0
    for _ in range(SAMPLES):
        a, b = draw(n, rng)
        mean_a, mean_b = a.mean(axis=0), b.mean(axis=0)
        estimate = difference(mean_a, mean_b)
        weights = rng.multinomial(n, np.ones(n) / n, RESAMPLES) / n
        sample_a, sample_b = weights @ a, weights @ b
        replicates = difference(sample_a, sample_b)
        low, high = np.quantile(replicates, [0.025, 0.975])
        bias = replicates.mean() - estimate
        distance = np.quantile(np.abs(sample_a - mean_a).sum(axis=1) + np.abs(sample_b - mean_b).sum(axis=1), 0.975)
        held += [
            low <= truth <= high, low - 2 * bias <= truth <= high - 2 * bias, abs(estimate - truth) <= distance]
        half += distance
    return "%.2f  %.2f  %.3f  ± %.3f" % (*(held / SAMPLES), half / SAMPLES)


for excess in (0, 0.05, 0.3):
    rng = np.random.default_rng(1)
    draw = lambda n, rng: similar(n, rng, excess)
    truth = difference(*(c.mean(axis=0) for c in draw(1_000_000, rng)))
    for n in (100, 256, 450, 2000):
        print(f"similar, excess {excess:4}  {n:4}  ", coverage(draw, n, truth, rng), flush=True)
for p, q in ((6, 1.2), (1, 1), (20, 1)):
    for right in (0.02, 0.6, 0.98):
        rng = np.random.default_rng(2)
        draw = lambda n, rng: adverse(n, rng, p, q, right)
        for n in (100, 256, 1000):
            line = coverage(draw, n, abs(0.999 - right), rng)
            print(f"adverse, Beta({p}, {q}), {right}  {n:4}  ", line, flush=True)
