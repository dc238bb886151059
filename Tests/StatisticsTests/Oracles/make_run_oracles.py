"""Writes the reference answers of the tests of runs: exact counts over all labellings by brute force.

Needs NumPy and SciPy; run in this folder: python3 make_run_oracles.py
"""
import itertools
import json
import math

import numpy as np
from scipy import stats
from scipy.spatial.distance import cdist, pdist, squareform

rng = np.random.default_rng(20240607)


def write(name, cases):
    with open(name + ".json", "w") as file:
        file.write("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")


def r_squared(x, a, b):
    """From coordinates: one less the share within groups."""
    def within(y):
        return ((y - y.mean(0)) ** 2).sum()
    return 1 - (within(x[a]) + within(x[b])) / within(x)


def energy(x, a, b):
    """In one dimension scipy.stats.energy_distance is the root of twice the integral; here for any."""
    na, nb = len(a), len(b)
    value = 2 * cdist(x[a], x[b]).mean() - cdist(x[a], x[a]).mean() - cdist(x[b], x[b]).mean()
    return na * nb / (na + nb) * value


def mmd(x, a, b):
    variance = np.median(pdist(x) ** 2)
    kernel = np.exp(-squareform(pdist(x) ** 2) / (2 * variance))
    return kernel[np.ix_(a, a)].mean() + kernel[np.ix_(b, b)].mean() - 2 * kernel[np.ix_(a, b)].mean()


def dispersion(x, a, b, residuals):
    def spread(y):
        return ((y - y.mean(0)) ** 2).sum() / (len(y) - 1)
    return abs(math.log(spread(residuals[a]) / spread(residuals[b])))


def relabellings():
    cases = []
    for na, nb, dimensions, shift in [(2, 2, 1, 0), (3, 3, 2, 1), (2, 4, 3, 2), (4, 4, 1, 3), (5, 5, 6, 0.7),
                                      (3, 5, 2, 0), (6, 6, 3, 0.4), (4, 7, 2, 1)]:
        n = na + nb
        x = rng.normal(size=(n, dimensions)).round(6)
        x[na:] += shift
        first = list(range(na))
        rest = list(range(na, n))
        residuals = x.copy()
        for group in (first, rest):
            residuals[group] = (x[group] - x[group].mean(0)) * math.sqrt(len(group) / (len(group) - 1))
        case = {"sizeA": na, "sizeB": nb, "points": x.tolist(), "arrangements": math.comb(n, na)}
        for name, statistic in [("rSquared", r_squared), ("energy", energy), ("mmd", mmd),
                                ("dispersion", lambda x, a, b: dispersion(x, a, b, residuals))]:
            observed = statistic(x, first, rest)
            count = 0
            for labels in itertools.combinations(range(n), na):
                others = [i for i in range(n) if i not in labels]
                count += statistic(x, list(labels), others) >= observed - 1e-9 * max(1, abs(observed))
            case[name] = float(observed)
            case[name + "Exceedances"] = int(count)
        if dimensions == 1:
            scipy = stats.energy_distance(x[first, 0], x[rest, 0]) ** 2
            assert abs(scipy * na * nb / n - case["energy"]) < 1e-12
        cases.append(case)
    write("relabellings", cases)


def max_t():
    """Westfall and Young's step-down procedure on standardised columns, written out."""
    cases = []
    for hypotheses, rows in [(1, 20), (3, 35), (6, 126), (9, 50)]:
        columns = rng.gamma(2, size=(hypotheses, rows)) * rng.uniform(0.1, 10, size=(hypotheses, 1))
        columns[0, 0] = columns[0].max() * 1.5
        z = (columns - columns.mean(1, keepdims=True)) / columns.std(1, keepdims=True)
        order = np.argsort(-z[:, 0])
        counts = np.zeros(hypotheses, int)
        largest = 0
        for k, hypothesis in enumerate(order):
            maxima = z[order[k:]].max(0)
            largest = max(largest, int((maxima >= z[hypothesis, 0] - 1e-9).sum()))
            counts[hypothesis] = largest
        cases.append({"columns": columns.tolist(), "counts": counts.tolist()})
    write("step_down", cases)


def welch():
    cases = []
    for na, nb in [(2, 2), (3, 5), (5, 5), (9, 4)]:
        x = rng.normal(1, 1, na).round(6)
        y = rng.normal(2, 3, nb).round(6)
        for confidence in (0.9, 0.95, 0.99):
            result = stats.ttest_ind(y, x, equal_var=False).confidence_interval(confidence)
            cases.append({"x": x.tolist(), "y": y.tolist(), "confidence": confidence,
                          "lower": float(result.low), "upper": float(result.high)})
    write("welch", cases)


def singular_values():
    cases = []
    for rows, columns in [(1, 1), (7, 3), (40, 5), (13, 12)]:
        x = rng.normal(size=(rows, columns)).round(6)
        if columns == 5:
            x[:, 4] = x[:, 0] - 2 * x[:, 1]
        values = np.linalg.svd(x, compute_uv=False)
        values = np.concatenate([values, np.zeros(columns - len(values))])
        cases.append({"rows": rows, "columns": columns, "x": x.ravel().tolist(), "values": values.tolist()})
    write("singular_values", cases)


def power():
    """Power of the two-sample t-test, which the exact relabelling test of one feature comes close to, by noncentral t."""
    cases = []
    for size, d in [(6, 1.5), (8, 1.5), (10, 1.0), (10, 1.5), (12, 1.25), (16, 1.0)]:
        degrees = 2 * size - 2
        critical = stats.t.ppf(0.975, degrees)
        noncentrality = d * math.sqrt(size / 2)
        value = stats.nct.sf(critical, degrees, noncentrality) + stats.nct.cdf(-critical, degrees, noncentrality)
        cases.append({"size": size, "d": d, "power": float(value)})
    write("t_test_power", cases)


relabellings()
max_t()
welch()
singular_values()
power()
