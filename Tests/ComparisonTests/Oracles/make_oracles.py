"""Writes the reference answers that the tests of Comparison are held to.

Needs NumPy and SciPy; run in this folder: python3 make_oracles.py
"""
import itertools
import json
from fractions import Fraction

import numpy as np
from scipy import stats

rng = np.random.default_rng(20240607)
BINS = 128


def histograms(a, b):
    """Counts by unit over 128 bins between the pooled mean ± 4 SD, one bin more on either side; arrays [inputs, units]."""
    pooled = np.concatenate([a.ravel(), b.ravel()])
    mean, deviation = pooled.mean(), pooled.std()
    low, high = mean - 4 * deviation, mean + 4 * deviation

    def counts(x):
        result = np.zeros((x.shape[1], BINS + 2), int)
        for unit in range(x.shape[1]):
            for value in x[:, unit]:
                position = (value - low) * (BINS / (high - low))
                result[unit, 0 if position < 0 else BINS + 1 if position >= BINS else int(position) + 1] += 1
        return result

    return counts(a), counts(b), (high - low) / BINS, deviation


def wasserstein(a, b):
    """In bin widths, exactly: the distribution functions are linear over a bin."""
    total, result, left = int(sum(a)), Fraction(0), Fraction(int(a[0] - b[0]))
    for j in range(1, BINS + 1):
        right = left + int(a[j] - b[j])
        low, high = abs(left), abs(right)
        result += (low + high) / 2 if left * right >= 0 else (low * low + high * high) / (2 * (low + high))
        left = right
    return result / total


def kolmogorov(a, b):
    return Fraction(int(np.abs(np.cumsum(a - b)).max()), int(a.sum()))


def shannon(a, b):
    p, q = a / a.sum(), b / b.sum()
    m = (p + q) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(p > 0, p * np.log2(p / m), 0) + np.where(q > 0, q * np.log2(q / m), 0)
    return terms.sum() / 2


def share(values, tolerance):
    """p-value of the first among all, larger ones more extreme."""
    return sum(value >= values[0] - tolerance for value in values) / len(values)


def unit_tests():
    cases = []
    for units, inputs, kind in [(2, 3, "normal"), (4, 5, "normal"), (5, 1, "normal"), (7, 6, "normal"), (9, 4, "normal"),
                                (6, 3, "grid"), (8, 4, "grid"), (8, 2, "grid"), (9, 5, "shift"), (8, 30, "scale"),
                                (7, 4, "far"), (8, 3, "twins"), (6, 12, "far")]:
        a = rng.normal(0, 1, (inputs, units))
        b = rng.normal(0, 1, (inputs, units))
        if kind == "grid":
            a, b = np.round(a * 2) / 4, np.round(b * 2) / 4
        if kind == "shift":
            b = a + rng.normal(0.3, 0.3, a.shape)
        if kind == "scale":
            b = a * np.exp(rng.normal(-0.3, 0.2, units)) + rng.normal(0, 0.05, a.shape)
        if kind == "far":  # units that differ in places of their own: many sign vectors give one distance
            a = np.arange(units) * 3.0 + np.round(a * 4) / 16
            b = a + np.where(rng.random(a.shape) < 0.5, 0.25, 0)
        if kind == "twins":
            a[:, 1::2], b[:, 1::2] = a[:, ::2], b[:, ::2]
        counts_a, counts_b, width, deviation = histograms(a, b)
        d = (b - a).sum(axis=0)
        norms = np.sqrt((b * b).sum(axis=0)) - np.sqrt((a * a).sum(axis=0))
        d, norms = np.round(d, 13), np.round(norms, 13)
        ranks = np.sign(norms) * np.where(norms == 0, 0, stats.rankdata(np.where(norms == 0, 1e300, np.abs(norms))))
        signs = list(itertools.product((1, -1), repeat=units))
        swapped = []
        for sign in signs:
            keep = np.array(sign) == 1
            swapped.append((np.where(keep[:, None], counts_a, counts_b).sum(axis=0),
                            np.where(keep[:, None], counts_b, counts_a).sum(axis=0)))
        distances = [wasserstein(x, y) for x, y in swapped]
        statistics = {
            "wasserstein1": ([float(v) * width for v in distances], share(distances, 0)),
            "ks": (lambda v: ([float(x) for x in v], share(v, 0)))([kolmogorov(x, y) for x, y in swapped]),
            "jensen_shannon": (lambda v: (v, share(v, 1e-12)))([shannon(x, y) for x, y in swapped]),
        }
        def flips(x, alternative):
            sums = [float(np.dot(sign, x)) for sign in signs]
            sums = {"two-sided": [abs(s) for s in sums], "greater": sums, "less": [-s for s in sums]}[alternative]
            return share(sums, 1e-11)

        case = {"units": units, "inputs": inputs, "a": a.ravel().tolist(), "b": b.ravel().tolist(), "p": {}, "value": {}}
        for alternative in ["two-sided", "less", "greater"]:
            case["p"]["mean_difference " + alternative] = flips(d, alternative)
            case["p"]["mean_norm_difference " + alternative] = flips(norms, alternative)
            case["p"]["signed_rank " + alternative] = flips(ranks, alternative)
            tied = len(set(np.abs(norms))) < units or (norms == 0).any()
            if not tied:  # SciPy knows the exact distribution without ties only
                scipy = stats.wilcoxon(norms, alternative=alternative, method="exact").pvalue
                assert abs(scipy - case["p"]["signed_rank " + alternative]) < 1e-12, (units, kind)
            test = stats.permutation_test(
                (d,), lambda x, axis: np.sum(x, axis=axis), permutation_type="samples", n_resamples=np.inf,
                alternative=alternative, vectorized=True)
            assert abs(min(1, test.pvalue) - case["p"]["mean_difference " + alternative]) < 1e-9, (units, kind)
        for name, (values, p) in statistics.items():
            case["p"][name] = p
            case["value"][name] = values[0]
        standard = []
        for values in [np.abs([np.dot(sign, d) for sign in signs]), np.abs([np.dot(sign, norms) for sign in signs]),
                       np.array([float(v) for v in distances])]:
            if np.ptp(values) > 1e-12 * np.abs(values).max():
                standard.append((values - values.mean()) / values.std())
        largest = np.max(standard, axis=0) if standard else np.zeros(len(signs))
        case["layer"] = share(list(largest), 1e-9)
        cases.append(case)
    return cases


if __name__ == "__main__":
    with open("unit_tests.json", "w") as file:
        file.write("[\n" + ",\n".join(json.dumps(case) for case in unit_tests()) + "\n]\n")
