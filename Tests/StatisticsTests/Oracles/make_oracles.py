"""Writes the reference answers that the tests of Statistics are held to.

Needs NumPy, SciPy and mpmath; run in this folder: python3 make_oracles.py
"""
import itertools
import json
from fractions import Fraction

import mpmath as mp
import numpy as np
from scipy import integrate, optimize, stats
from scipy.spatial import distance

mp.mp.dps = 60
rng = np.random.default_rng(20240607)


def write(name, cases):
    with open(name + ".json", "w") as file:
        file.write("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")


def sign_flips():
    """Exact counts by brute force over all sign vectors, in integers."""
    cases = []
    for n in [1, 2, 3, 5, 8, 11, 13]:
        for kind in range(4):
            if kind == 0:
                x = rng.integers(-9, 10, n)
            elif kind == 1:
                x = rng.integers(-1000, 2000, n)
            elif kind == 2:
                x = rng.integers(1, 30, n)
            else:
                x = (rng.normal(0.3, 1, n) ** 3 * 100).round().astype(int)
            x = [int(v) for v in x]
            live = [abs(v) for v in x if v]
            sums = [sum(s * v for s, v in zip(signs, live)) for signs in itertools.product((1, -1), repeat=len(live))]
            t = sum(x)
            cases.append({
                "x": x, "arrangements": len(sums),
                "greater": sum(s >= t for s in sums), "less": sum(s <= t for s in sums),
                "twoSided": sum(abs(s) >= abs(t) for s in sums)})
    write("sign_flips", cases)


def binomial_tails():
    """ln P(sum of n signs >= s), exact in rationals."""
    cases = []
    for n, ss in [(24, [4, 10, 16]), (100, [0, 2, 20, 60]), (1000, [10, 100, 400, 800]), (2000, [500, 1400, 1700]),
                  (5000, [100, 2000, 4000])]:
        for s in ss:
            flips = (n - s) // 2
            term, count = 1, 0
            for k in range(flips + 1):
                count += term
                term = term * (n - k) // (k + 1)
            cases.append({"n": n, "s": s, "logP": float(mp.log(count) - n * mp.log(2))})
    write("binomial_tails", cases)


def saddlepoints():
    """The Lugannani-Rice formula itself in 60 digits, without and with a lattice."""
    cases = []
    for n, share, lattice in [(25, .3, 0), (60, .05, 0), (60, .7, 0), (300, .5, 0), (300, .9, 0), (1500, .9, 0),
                              (1500, .97, 0), (40, .4, 1), (200, .8, 1)]:
        x = rng.integers(1, 12, n).astype(float) if lattice else np.round(rng.gamma(1.5, 1, n), 12) + 1e-3
        s = float(round(x.sum() * share))
        if lattice and (s - x.sum()) % 2:
            s += 1
        xs = [mp.mpf(float(v)) for v in x]
        at = mp.mpf(s) - (1 if lattice else 0)
        slope = lambda t: sum(v * mp.tanh(t * v) for v in xs) - at
        hi = mp.mpf(1)
        while slope(hi) < 0:
            hi *= 2
        t = mp.findroot(slope, (mp.mpf(0), hi), solver="anderson", tol=1e-40, maxsteps=500)
        k0 = sum(mp.log(mp.cosh(t * v)) for v in xs)
        k2 = sum(v * v * mp.sech(t * v) ** 2 for v in xs)
        w = mp.sqrt(2 * (t * at - k0))
        u = (mp.sinh(t) if lattice else t) * mp.sqrt(k2)
        p = mp.erfc(w / mp.sqrt(2)) / 2 + mp.npdf(w) * (1 / u - 1 / w)
        cases.append({"x": [float(v) for v in x], "s": s, "lattice": bool(lattice), "logP": float(mp.log(p))})
    write("saddlepoints", cases)


def normal_tails():
    points = [-60, -38.5, -10, -3, -1, -.5, 0, 1e-8, .5, 1, 3, 8, 20, 37, 38, 39, 100, 1e3, 1e6, 1e7, 1e10]
    write("normal_tails", [{"x": x, "logQ": float(mp.log(mp.erfc(mp.mpf(x) / mp.sqrt(2)) / 2))} for x in points])


def quantiles():
    cases = []
    for p in [1e-300, 1e-100, 1e-20, 1e-6, .001, .025, .2, .5, .7, .975, .9999]:
        cases.append({"p": p, "df": None, "x": float(stats.norm.ppf(p))})
        for df in [1, 2, 3, 9, 30.5, 1000]:
            if p >= 1e-20:
                x = mp.mpf(float(stats.t.ppf(p, df)))
                nu = mp.mpf(df)

                def excess(v):
                    half = mp.betainc(nu / 2, mp.mpf(1) / 2, 0, nu / (nu + v * v), regularized=True) / 2
                    return (half if v < 0 else 1 - half) - mp.mpf(p)

                x = mp.findroot(excess, x) if p != .5 else mp.mpf(0)
                cases.append({"p": p, "df": df, "x": float(x)})
    write("quantiles", cases)


def clopper_pearson():
    cases = []
    for k, n in [(0, 1), (1, 1), (0, 10), (3, 10), (10, 10), (0, 9999), (1, 9999), (17, 9999), (500, 9999), (9998, 9999),
                 (9999, 9999), (3, 1000000), (499999, 1000000)]:
        for confidence in [.9, .95, .999]:
            # By the beta quantile: binomtest's own root finding keeps nine digits.
            tail = (1 - confidence) / 2
            low = stats.beta.ppf(tail, k, n - k + 1) if k > 0 else 0.0
            high = stats.beta.isf(tail, k + 1, n - k) if k < n else 1.0
            ci = stats.binomtest(k, n).proportion_ci(confidence, "exact")
            assert abs(low - ci.low) < 1e-11 and abs(high - ci.high) < 1e-11
            cases.append({"k": k, "n": n, "confidence": confidence, "lower": low, "upper": high})
    write("clopper_pearson", cases)


def adjustments():
    """BH and BY by SciPy, the others by their definition in rationals."""
    cases = []
    for m in [1, 2, 3, 10, 47]:
        for tied in [False, True]:
            p = rng.uniform(0, 1, m) ** 3
            if tied:
                p = np.round(p, 1)
            f = [Fraction(float(v)) for v in p]
            order = sorted(range(m), key=lambda i: f[i])
            holm, hochberg = [None] * m, [None] * m
            for rank, i in enumerate(order):
                holm[i] = float(min(1, max((m - r) * f[order[r]] for r in range(rank + 1))))
                hochberg[i] = float(min(1, min((m - r) * f[order[r]] for r in range(rank, m))))
            cases.append({
                "p": p.tolist(), "holm": holm, "hochberg": hochberg, "bonferroni": [float(min(1, m * v)) for v in f],
                "bh": stats.false_discovery_control(p, method="bh").tolist(),
                "by": stats.false_discovery_control(p, method="by").tolist()})
    write("adjustments", cases)


def combinations():
    cases = []
    for p in [[.5], [1, 1, 1], [.01, .02, .3, .8], [1e-300, .5, .9], [1e-12, 1e-14], [.9, .95, .99], [.04] * 20]:
        k = len(p)
        t = sum(mp.cot(mp.pi * mp.mpf(min(v, 1 - .5 / k))) for v in p) / k
        combined = mp.acot(t) / mp.pi if t > 0 else mp.mpf(1) / 2 - mp.atan(t) / mp.pi
        cases.append({"p": p, "combined": float(combined)})
    write("cauchy", cases)


def phipson_smyth():
    cases = []
    for b, m, n in [(0, 99, 462), (5, 99, 462), (99, 99, 462), (0, 999, 20), (10, 100, 1), (3, 999, 10000)]:
        p = sum(mp.mpf(float(stats.binom.cdf(b, m, j / n))) for j in range(1, n + 1)) / n
        cases.append({"b": b, "m": m, "n": n, "p": float(p)})
    for b, m, n in [(0, 999, 10 ** 6), (20, 9999, 50000)]:
        area = integrate.quad(lambda x: stats.binom.cdf(b, m, x), 0, .5 / n, epsabs=0, epsrel=1e-12)[0]
        cases.append({"b": b, "m": m, "n": n, "p": (b + 1) / (m + 1) - area})
    write("phipson_smyth", cases)


def histograms():
    cases = []
    for bins, empty in [(3, 0), (10, 0), (10, .5), (66, .3)]:
        edges = np.sort(rng.normal(0, 2, bins - 1)).round(3)
        a, b = rng.integers(0, 40, bins), rng.integers(0, 90, bins)
        a[rng.uniform(size=bins) < empty] = 0
        b[rng.uniform(size=bins) < empty] = 0
        a[0] += 1
        b[-1] += 1
        fa, fb = np.cumsum(a / a.sum())[:-1], np.cumsum(b / b.sum())[:-1]
        # The area between piecewise linear functions: split where they cross.
        area = 0.0
        for i in range(bins - 2):
            l, r, width = fa[i] - fb[i], fa[i + 1] - fb[i + 1], edges[i + 1] - edges[i]
            if l * r < 0:
                x = l / (l - r)
                area += width * (abs(l) * x + abs(r) * (1 - x)) / 2
            else:
                area += width * abs(l + r) / 2
        pa, pb = (a + .5) / (a + .5).sum(), (b + .5) / (b + .5).sum()
        cases.append({
            "a": a.tolist(), "b": b.tolist(), "edges": edges.tolist(), "kl": float(stats.entropy(pa, pb)),
            "js": float(distance.jensenshannon(a, b, base=2) ** 2), "ks": float(np.abs(fa - fb).max()), "w1": area})
    write("histograms", cases)


def wasserstein():
    """Samples and the distance by SciPy, for the histogram's approximation."""
    a, b = rng.normal(0, 1, 4000), rng.normal(.3, 1.2, 3000)
    edges = np.linspace(-4.5, 4.5, 181)
    count = lambda x: np.histogram(x, np.concatenate([[-np.inf], edges, [np.inf]]))[0].tolist()
    write("wasserstein", [{
        "a": count(a), "b": count(b), "edges": edges.tolist(), "w1": float(stats.wasserstein_distance(a, b)),
        "ks": float(stats.ks_2samp(a, b).statistic)}])


def binned_fits():
    """Maximum likelihood over bins by SciPy's optimiser, polished."""
    cases = []
    for family, name in [(stats.norm, "normal"), (stats.laplace, "laplace")]:
        for loc, scale, low, high, bins in [(0, 1, -4, 4, 64), (.3, .05, -1, 1, 40), (2, 3, -4, 4, 16)]:
            x = family.rvs(loc, scale, 5000, random_state=rng)
            edges = np.linspace(low, high, bins + 1)
            counts = np.histogram(x, np.concatenate([[-np.inf], edges, [np.inf]]))[0]
            full = np.concatenate([[-np.inf], edges, [np.inf]])

            def loss(q):
                s = np.exp(q[1])
                lo, hi = (full[:-1] - q[0]) / s, (full[1:] - q[0]) / s
                flip = lo > 0
                p = np.where(flip, family.sf(lo) - family.sf(hi), family.cdf(hi) - family.cdf(lo))
                live = counts > 0
                return -(counts[live] * np.log(np.maximum(p[live], 1e-300))).sum()

            best = min(
                (optimize.minimize(loss, [np.median(x) + d, np.log(x.std())], method="Nelder-Mead",
                                   options=dict(xatol=1e-11, fatol=1e-11, maxiter=20000, maxfev=20000))
                 for d in (-.01, 0, .01)), key=lambda r: r.fun)
            sample = family.fit(x)
            cases.append({
                "family": name, "counts": counts.tolist(), "edges": edges.tolist(), "location": best.x[0],
                "scale": float(np.exp(best.x[1])), "sampleLocation": sample[0], "sampleScale": sample[1]})
    write("binned_fits", cases)


def fitted_divergences():
    """KL both ways and JS by mpmath's quadrature."""
    mp.mp.dps = 20
    density = {
        "normal": lambda m, s: lambda x: mp.npdf(x, m, s),
        "laplace": lambda m, b: lambda x: mp.exp(-abs(x - m) / b) / (2 * b)}
    cases = []
    for f, fm, fs, g, gm, gs in [
            ("normal", 0, 1, "normal", 1, 2), ("normal", 0, 1, "normal", 1, 1), ("normal", .2, 1, "laplace", -.5, .7),
            ("laplace", 0, 1, "laplace", 1, 2), ("laplace", .1, 2, "normal", 1, 1.5), ("normal", 0, .01, "normal", 0, 1)]:
        p, q = density[f](mp.mpf(fm), mp.mpf(fs)), density[g](mp.mpf(gm), mp.mpf(gs))
        widest = max(fs, gs)
        points = sorted({mp.mpf(v) for v in [fm, gm, -40 * widest, 40 * widest]
                         + [c + k * s for c, s in ((fm, fs), (gm, gs)) for k in (-8, -3, -1, 1, 3, 8)]})

        def js(x):
            a, b = p(x), q(x)
            m = (a + b) / 2
            return ((a * mp.log(a / m) if a else 0) + (b * mp.log(b / m) if b else 0)) / 2

        def kl(p, q):
            return mp.quad(lambda x: p(x) * mp.log(p(x) / q(x)) if p(x) > mp.mpf(10) ** -400 else 0, points)

        cases.append({
            "p": f, "pLocation": fm, "pScale": fs, "q": g, "qLocation": gm, "qScale": gs,
            "klPQ": float(kl(p, q)), "klQP": float(kl(q, p)), "js": float(mp.quad(js, points))})
    write("fitted_divergences", cases)


def signed_ranks():
    cases = []
    for x in [rng.integers(-6, 7, 15), rng.normal(0, 1, 9)]:
        live = x[x != 0]
        ranked = np.zeros(len(x))
        ranked[x != 0] = stats.rankdata(np.abs(live)) * np.sign(live)
        cases.append({"x": x.tolist(), "ranks": ranked.tolist()})
    write("signed_ranks", cases)


for make in [sign_flips, binomial_tails, saddlepoints, normal_tails, quantiles, clopper_pearson, adjustments, combinations,
             phipson_smyth, histograms, wasserstein, binned_fits, signed_ranks, fitted_divergences]:
    make()
