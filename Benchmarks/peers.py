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


def write_pairs(a, b, output):
    """What export can't be faster than: both files into one by read(2) and write(2), a MiB at a time."""
    start = time.perf_counter()
    with open(output, "wb", buffering=0) as file:
        for path in (a, b):
            with open(path, "rb", buffering=0) as source:
                while piece := source.read(1 << 20):
                    file.write(piece)
    return time.perf_counter() - start


def h5py_pairs(a, b, output, width, level=0):
    """The same tensors as datasets, with `level` byte-shuffled and deflated in chunks of a MiB."""
    import h5py
    import numpy as np

    start = time.perf_counter()
    with h5py.File(output, "w") as file:
        for name, path in (("a", a), ("b", b)):
            weights = np.fromfile(path, np.float32).reshape(-1, width)
            chunks = {"chunks": ((1 << 18) // width, width), "shuffle": True, "compression": level} if level else {}
            file.create_dataset(name, data=weights, **chunks)
    return time.perf_counter() - start


def scipy_tests(a, b, resamples, wanted):
    """A paired permutation test of the mean and a percentile interval, as SciPy offers them, at weight level: what so many
    resamples more cost, for as many as are wanted."""
    import numpy as np
    from scipy import stats

    x, y = np.fromfile(a, np.float32).astype(np.float64), np.fromfile(b, np.float32).astype(np.float64)
    d = y - x
    mean = lambda v, axis: np.mean(v, axis=axis)

    def seconds(resamples):
        start = time.perf_counter()
        options = dict(n_resamples=resamples, batch=1, random_state=np.random.default_rng(0))
        stats.permutation_test((d,), mean, permutation_type="samples", **options)
        options["random_state"] = np.random.default_rng(0)
        stats.bootstrap((d,), mean, method="percentile", **options)
        return time.perf_counter() - start

    return (seconds(2 * resamples) - seconds(resamples)) / resamples * wanted


if __name__ == "__main__":
    peer, arguments = sys.argv[1], sys.argv[2:]
    if peer == "scipy_tests":
        arguments[2:] = map(int, arguments[2:])
    if peer == "h5py_pairs":
        arguments[3:] = map(int, arguments[3:])
    print(globals()[peer](*arguments))
