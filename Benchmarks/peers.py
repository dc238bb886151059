"""What others do with the same files. Each prints the seconds that it took, without starting Python and importing."""

import sys
import time


def numpy_four(a, b):
    import numpy as np

    start = time.perf_counter()
    x, y = np.fromfile(a, np.float32), np.fromfile(b, np.float32)
    d = y.astype(np.float64) - x
    x, y = x.astype(np.float64), y.astype(np.float64)
    print((d @ d) / d.size, (x @ y) / np.sqrt((x @ x) * (y @ y)), np.sqrt((d @ d) / (x @ x)), np.abs(d).max(), file=sys.stderr)
    return time.perf_counter() - start


def tensorflow_two(a, b):
    import numpy as np
    import tensorflow as tf

    start = time.perf_counter()
    one, two = tf.train.load_checkpoint(a), tf.train.load_checkpoint(b)
    for key in one.get_variable_to_shape_map():
        x, y = one.get_tensor(key).astype(np.float64).ravel(), two.get_tensor(key).astype(np.float64).ravel()
        print(((y - x) @ (y - x)) / x.size, (x @ y) / np.sqrt((x @ x) * (y @ y)), file=sys.stderr)
    return time.perf_counter() - start


def scipy_tests(a, b, resamples):
    """A paired permutation test of the mean and a percentile interval, as SciPy offers them, at weight level."""
    import numpy as np
    from scipy import stats

    x, y = np.fromfile(a, np.float32).astype(np.float64), np.fromfile(b, np.float32).astype(np.float64)
    start = time.perf_counter()
    d = y - x
    mean = lambda v, axis: np.mean(v, axis=axis)
    test = stats.permutation_test(
        (d,), mean, permutation_type="samples", n_resamples=resamples, batch=1, random_state=np.random.default_rng(0)
    )
    interval = stats.bootstrap(
        (d,), mean, method="percentile", n_resamples=resamples, batch=1, random_state=np.random.default_rng(0)
    )
    print(test.pvalue, interval.confidence_interval, file=sys.stderr)
    return time.perf_counter() - start


if __name__ == "__main__":
    peer, arguments = sys.argv[1], sys.argv[2:]
    if peer == "scipy_tests":
        arguments[2] = int(arguments[2])
    print(globals()[peer](*arguments))
