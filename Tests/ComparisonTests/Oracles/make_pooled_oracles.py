"""Writes the answers for units that are not paired: labels handed out over the units of both sides, by enumeration.

Needs NumPy and SciPy; run in this folder: python3 make_pooled_oracles.py
"""
import itertools
import json

import numpy as np
from scipy import stats

from make_oracles import histograms, kolmogorov, shannon, share, wasserstein

rng = np.random.default_rng(20261126)


def pooled_tests():
    cases = []
    for units, inputs, kind in [(2, 3, "normal"), (4, 5, "normal"), (5, 1, "normal"), (6, 6, "normal"), (5, 3, "grid"),
                                (6, 2, "grid"), (6, 20, "scale"), (5, 4, "shift")]:
        a, b = rng.normal(0, 1, (2, inputs, units))
        if kind == "grid":
            a, b = np.round(a * 2) / 4, np.round(b * 2) / 4
        if kind == "scale":
            b *= 0.6
        if kind == "shift":
            b += 0.7
        counts_a, counts_b, width, _ = histograms(a, b)
        counts = np.concatenate([counts_a, counts_b])
        # The observed labelling first: the units of A are the first.
        labellings = [sorted(set(range(2 * units)) - set(chosen)) for chosen in itertools.combinations(range(2 * units), units)]
        values = {
            "mean_difference": np.concatenate([a.sum(axis=0), b.sum(axis=0)]),
            "mean_norm_difference": np.sqrt((np.concatenate([a, b], axis=1) ** 2).sum(axis=0)),
        }
        values["rank_sum"] = stats.rankdata(np.round(values["mean_norm_difference"], 13))
        case = {"units": units, "inputs": inputs, "a": a.ravel().tolist(), "b": b.ravel().tolist(), "p": {}, "value": {}}
        maxima = []
        for name, x in values.items():
            sums = np.array([2 * x[chosen].sum() - x.sum() for chosen in labellings])
            for alternative, oriented in [("two-sided", np.abs(sums)), ("greater", sums), ("less", -sums)]:
                p = share(list(oriented), 1e-11)
                case["p"][f"{name} {alternative}"] = p
                test = stats.permutation_test(
                    (np.round(x[units:], 12), np.round(x[:units], 12)), lambda y, x, axis: np.sum(y, axis=axis) - np.sum(x, axis=axis),
                    permutation_type="independent", n_resamples=np.inf, alternative=alternative, vectorized=True)
                assert abs(min(1, test.pvalue) - p) < 1e-9, (name, alternative, units, kind)
            if name != "rank_sum":
                maxima.append(np.abs(sums))
        case["value"]["rank_sum"] = float(values["rank_sum"][units:].sum())
        sides = [(counts[[u for u in range(2 * units) if u not in set(chosen)]].sum(axis=0), counts[chosen].sum(axis=0)) for chosen in labellings]
        distances = [wasserstein(x, y) for x, y in sides]
        case["p"]["wasserstein1"] = share(distances, 0)
        case["p"]["ks"] = share([kolmogorov(x, y) for x, y in sides], 0)
        case["p"]["jensen_shannon"] = share([shannon(x, y) for x, y in sides], 1e-12)
        case["value"]["wasserstein1"] = float(distances[0]) * width
        maxima.append(np.array([float(v) for v in distances]))
        standard = [(v - v.mean()) / v.std() for v in maxima if np.ptp(v) > 1e-12 * np.abs(v).max()]
        case["layer"] = share(list(np.max(standard, axis=0)), 1e-9)
        cases.append(case)
    return cases


if __name__ == "__main__":
    with open("pooled_tests.json", "w") as file:
        file.write("[\n" + ",\n".join(json.dumps(case) for case in pooled_tests()) + "\n]\n")
