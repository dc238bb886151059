"""Writes the reference answers that resampling and its p-values are held to.

Needs mpmath; run in this folder: python3 make_resampling_oracles.py
"""
import json

import mpmath as mp

mp.mp.dps = 60


def write(name, cases):
    with open(name + ".json", "w") as file:
        file.write("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")


def hypergeometrics():
    """ln P(k) in 60 digits, up to 2^50 objects."""
    cases = []
    for good, bad, sample in [
            (5, 7, 4), (40, 60, 30), (60, 40, 80), (500, 700, 300), (12, 10**6, 5 * 10**5), (300, 10**8, 10**6),
            (10**4, 10**8 - 10**4, 5 * 10**7), (3 * 10**7, 7 * 10**7, 10**6), (10**15 // 3, 10**15 // 2, 10**14),
            (40, 10**15, 10**14), (40, 10**15, 4 * 10**14), (10**7, 10**15, 10**8)]:
        total = good + bad
        mean = mp.mpf(sample) * good / total
        sd = mp.sqrt(mean * bad / total * (total - sample) / (total - 1))
        low, high = max(0, sample - bad), min(good, sample)
        ks = sorted({min(high, max(low, int(mp.nint(mean + z * sd)))) for z in (-9, -3, -.5, 0, 1, 4, 12)})
        choose = lambda n, k: mp.loggamma(n + 1) - mp.loggamma(k + 1) - mp.loggamma(n - k + 1)
        cases.append({
            "good": good, "bad": bad, "sample": sample, "k": ks,
            "logP": [float(choose(good, k) + choose(bad, sample - k) - choose(total, sample)) for k in ks]})
    write("hypergeometrics", cases)


for make in [hypergeometrics]:
    make()
