"""What a file holds, in a form that every tool can write: a line a dataset or attribute, with all its values.

    /results/layers/p_value <TAB> number <TAB> 0.0001 <US> 0.0001
    /pairs/dense_1/kernel@name <TAB> text <TAB> dense_1/kernel

US is the control character 31. Values of a tensor come in row-major order; tools that store columns first have it in
memory so. Numbers have as many digits as tell a double from its neighbours.
"""

import h5py
import numpy as np

SEPARATOR = "\x1f"

# Those that HDF5's and netCDF's conventions keep for themselves.
CONVENTIONAL = {"CLASS", "NAME", "DIMENSION_LIST", "REFERENCE_LIST", "_FillValue", "_Netcdf4Dimid", "_Netcdf4Coordinates"}


def of_file(path, attributes=True):
    """Path to values, as h5py reads them."""
    found = {}

    def take(name, value):
        values = np.ravel(np.asarray(value))
        if values.dtype.kind in "OSU":
            found[name] = ("text", [v.decode() if isinstance(v, bytes) else str(v) for v in values])
        else:
            found[name] = ("number", [float(v) for v in values])

    with h5py.File(path) as file:

        def visit(name, item):
            path = "/" + name
            if isinstance(item, h5py.Dataset):
                take(path, item[()])
            if attributes:
                for key in item.attrs:
                    if key not in CONVENTIONAL:
                        take(f"{path}@{key}", item.attrs[key])

        file.visititems(visit)
        if attributes:
            for key in file.attrs:
                take(f"/@{key}", file.attrs[key])
    return found


def read(path):
    """The lines of a tool's listing."""
    found = {}
    with open(path, encoding="utf-8", newline="\n") as lines:
        for line in lines:
            name, kind, values = line.rstrip("\n").split("\t", 2)
            values = values.split(SEPARATOR)
            if kind == "number":
                values = [float(v) for v in values if v]
            found[name] = (kind, values)
    return found


def same(expected, found):
    """Whether two lists of values are equal; NaN equals NaN. A tool's empty list may be one empty text."""
    kind, values = expected
    other_kind, others = found
    if not values and others in ([], [""]):
        return True  # whichever kind: a tool may not tell
    if kind != other_kind or len(values) != len(others):
        return False
    if kind == "text":
        return values == others
    return np.array_equal(np.array(values), np.array(others), equal_nan=True)


def compare(expected, found):
    """Mismatches, in words."""
    messages = [f"{name}: missing" for name in expected if name not in found]
    for name, values in found.items():
        if name in expected and not same(expected[name], values):
            messages.append(f"{name}: {str(values)[:80]}, expected {str(expected[name])[:80]}")
    return messages
