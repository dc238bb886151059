"""Writes the reference answers of the tests of one pair: tails, assignments, energy, fits, equivalence, neighbours.

Needs NumPy, SciPy 1.17 and mpmath; run in this folder: python3 make_pair_test_oracles.py
"""
import itertools
import json
import math

import mpmath as mp
import numpy as np
from scipy import optimize, stats
from scipy.spatial.distance import cdist

mp.mp.dps = 50
rng = np.random.default_rng(20250321)


def write(name, cases):
    with open(name + ".json", "w") as file:
        file.write("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")


def gamma_integral(k, y, upper):
    """A tail of the gamma distribution by quadrature, scaled by the density at y."""
    centre = (k - 1) * mp.log(y) - y
    density = lambda t: mp.exp((k - 1) * mp.log(t) - t - centre)
    width = mp.sqrt(k) + 1
    steps = [1, 3, 6, 10, 20, 40, 80]
    if upper:
        points = [y] + [y + s * width for s in steps] + [mp.inf]
    else:
        points = [mp.mpf(0)] + [y - s * width for s in reversed(steps) if y - s * width > 0] + [y]
    return mp.quad(density, points) * mp.exp(centre - mp.loggamma(k))


def pearson3():
    """ln P(X >= x) of the shifted gamma distribution with 50 digits."""
    cases = []
    for skew in [1e-9, 0.1, 0.3, 1.0, 2.5, -0.2, -1.5]:
        for z in [-2.0, -0.5, 0.0, 1.0, 3.0, 10.0, 60.0]:
            if abs(skew) < 1e-7:
                value = mp.log(mp.erfc(mp.mpf(z) / mp.sqrt(2)) / 2)
            else:
                k = 4 / mp.mpf(skew) ** 2
                y = k + mp.mpf(z) * mp.sign(skew) * mp.sqrt(k)
                if skew > 0:
                    if y <= 0:
                        value = mp.mpf(0)
                    else:
                        value = mp.log(gamma_integral(k, y, True))
                elif y <= 0:
                    continue
                else:
                    value = mp.log(gamma_integral(k, y, False))
            cases.append({"mean": 3.0, "variance": 4.0, "third": skew * 8.0, "x": 3.0 + 2 * z, "logP": float(value)})
    write("pearson3", cases)


def assignments():
    """Permutation moments and p by brute force over all orders."""
    cases = []
    for n in [2, 3, 4, 5, 6, 7]:
        for kind in range(3):
            g = rng.normal(size=(n, n))
            if kind == 1:
                g = g.round()
            if kind == 2:
                g += 2 * np.eye(n)
            sums = np.array([g[np.arange(n), list(p)].sum() for p in itertools.permutations(range(n))])
            observed = np.trace(g)
            cases.append({
                "n": n, "g": g.ravel().tolist(), "mean": sums.mean(), "variance": sums.var(),
                "third": ((sums - sums.mean()) ** 3).mean(),
                "exceedances": int((sums >= observed - 1e-9).sum()), "arrangements": len(sums),
                "matched": observed / n, "unmatched": (g.sum() - observed) / (n * (n - 1))})
    write("assignments", cases)


def energies():
    """Energy statistic by its definition, p over all swaps within pairs, moments of the off-diagonal form."""
    def energy(a, b):
        return 2 * cdist(a, b).mean() - cdist(a, a).mean() - cdist(b, b).mean()

    cases = []
    for n in [2, 3, 5, 7, 9]:
        for dim in [1, 3]:
            a = rng.normal(size=(n, dim))
            b = rng.normal(size=(n, dim)) * 1.3 + 0.5
            if n == 5:
                a, b = a.round(), b.round()
            values = []
            for signs in itertools.product((0, 1), repeat=n):
                s = np.array(signs, bool)[:, None]
                values.append(energy(np.where(s, b, a), np.where(s, a, b)))
            values = np.array(values)
            observed = energy(a, b)
            case = {
                "n": n, "a": a.ravel().tolist(), "b": b.ravel().tolist(), "energy": observed,
                "coefficient": observed / (2 * cdist(a, b).mean()),
                "exceedances": int((values >= observed - 1e-9).sum()), "arrangements": len(values),
                "variance": values.var() * n ** 4, "third": ((values - values.mean()) ** 3).mean() * n ** 6}
            if dim == 1:
                assert math.isclose(stats.energy_distance(a.ravel(), b.ravel()) ** 2, observed, rel_tol=1e-9)
            cases.append(case)
    write("energies", cases)


def fits():
    """Maximum likelihood with the location fixed at the mean, by SciPy's densities and a tight optimiser; distances of the fit."""
    families = {
        "normal": (stats.norm, 0), "laplace": (stats.laplace, 0), "logistic": (stats.logistic, 0),
        "student_t": (stats.t, 1), "generalized_normal": (stats.gennorm, 1)}
    samples = {
        "normal": rng.normal(0.1, 0.05, 120), "t3": stats.t.rvs(3, size=150, random_state=rng) * 0.2,
        "laplace": rng.laplace(-1, 2, 90), "uniform": rng.uniform(-1, 1, 60),
        "logistic": rng.logistic(0, 1, 80), "small": rng.normal(0, 1e-6, 40)}
    cases = []
    for name, x in samples.items():
        x = np.array(x)
        mean = float(np.mean(x))
        spread = np.sqrt(np.mean((x - mean) ** 2))
        found = {}
        for family, (dist, shapes) in families.items():
            def nll(p):
                args = [np.exp(p[1])] if shapes else []
                if shapes and not (-3 < p[1] < np.log(1e4 if family == "student_t" else 50)):
                    return 1e9
                return -np.mean(dist.logpdf(x, *args, loc=mean, scale=spread * np.exp(p[0])))

            best = None
            for start in ([0.0, 1.0], [0.0, 3.0], [-0.3, 0.3]):
                p = optimize.minimize(nll, start[:1 + shapes], method="Nelder-Mead",
                                      options=dict(xatol=1e-12, fatol=1e-15, maxiter=20000, maxfev=20000))
                p = optimize.minimize(nll, p.x, method="Nelder-Mead",
                                      options=dict(xatol=1e-12, fatol=1e-15, maxiter=20000, maxfev=20000))
                if best is None or p.fun < best.fun:
                    best = p
            scale = spread * math.exp(best.x[0])
            args = [math.exp(best.x[1])] if shapes else []
            cdf = lambda v: dist.cdf(v, *args, loc=mean, scale=scale)
            ordered = np.sort(x)
            n = len(x)
            i = np.arange(1, n + 1)
            logcdf = dist.logcdf(ordered, *args, loc=mean, scale=scale)
            logsf = dist.logsf(ordered, *args, loc=mean, scale=scale)
            found[family] = {
                "scale": scale, "shape": args[0] if args else 0.0, "logLikelihood": -best.fun,
                "ks": stats.kstest(x, cdf).statistic, "cvm": stats.cramervonmises(x, cdf).statistic,
                "ad": -n - np.sum((2 * i - 1) / n * (logcdf + logsf[::-1]))}
        cases.append({"name": name, "x": x.tolist(), "location": mean, "fits": found})
    write("fits", cases)


def equivalence():
    """The larger of SciPy's two one-sided t-tests."""
    cases = []
    for n in [2, 5, 17, 80]:
        for margin in [0.1, 0.5, 2.0]:
            x = rng.normal(0.1, 0.4, n)
            p = max(stats.ttest_1samp(x, -margin, alternative="greater").pvalue,
                    stats.ttest_1samp(x, margin, alternative="less").pvalue)
            cases.append({"x": x.tolist(), "margin": margin, "p": p})
    write("equivalence", cases)


def neighbours():
    """KL by k-th neighbour distances, by all distances."""
    cases = []
    for n, m, k in [(20, 30, 1), (50, 40, 5), (8, 9, 3), (200, 100, 5)]:
        x = rng.normal(0, 1, n)
        y = rng.normal(0.5, 1.5, m)
        own = np.sort(np.abs(x[:, None] - x[None, :]), axis=1)[:, k]
        far = np.sort(np.abs(x[:, None] - y[None, :]), axis=1)[:, k - 1]
        cases.append({"x": x.tolist(), "y": y.tolist(), "k": k,
                      "kl": float(np.mean(np.log(far / own)) + np.log(m / (n - 1)))})
    write("neighbours", cases)


def families():
    """KL between any two families by quadrature with 30 digits."""
    mp.mp.dps = 30
    densities = {
        "normal": lambda x, m, s, c: -((x - m) / s) ** 2 / 2 - mp.log(s * mp.sqrt(2 * mp.pi)),
        "laplace": lambda x, m, s, c: -abs(x - m) / s - mp.log(2 * s),
        "logistic": lambda x, m, s, c: -(x - m) / s - 2 * mp.log(1 + mp.exp(-(x - m) / s)) - mp.log(s),
        "student_t": lambda x, m, s, c: mp.loggamma((c + 1) / 2) - mp.loggamma(c / 2) - mp.log(c * mp.pi) / 2
        - mp.log(s) - (c + 1) / 2 * mp.log(1 + ((x - m) / s) ** 2 / c),
        "generalized_normal": lambda x, m, s, c: mp.log(c / (2 * s)) - mp.loggamma(1 / c) - (abs(x - m) / s) ** c}
    members = [("normal", 0.0, 1.0, 0.0), ("laplace", 0.2, 0.7, 0.0), ("logistic", -0.1, 0.5, 0.0),
               ("student_t", 0.0, 0.8, 5.0), ("generalized_normal", 0.1, 1.2, 1.5)]
    cases = []
    for p in members:
        for q in members:
            if p == q:
                continue
            points = sorted({-mp.inf, mp.inf, mp.mpf(p[1]), mp.mpf(q[1]), mp.mpf(-30), mp.mpf(30), mp.mpf(-6), mp.mpf(6)})

            def integrand(x):
                lp, lq = densities[p[0]](x, *p[1:]), densities[q[0]](x, *q[1:])
                return mp.exp(lp) * (lp - lq)

            cases.append({"p": list(p), "q": list(q), "kl": float(mp.quad(integrand, points))})
    write("family_divergences", cases)


pearson3()
assignments()
energies()
fits()
equivalence()
neighbours()
families()
