#!/usr/bin/env python3
"""Check an exported pair of bundled models with the tools that its readers use: h5py and xarray with both engines.

    equipoise export data/A data/B -o pairs.h5
    python check_hdf5.py pairs.h5 data

Every tensor's bytes must have the SHA-256 that TensorFlow's have in data/truth.json, every group must open, names must
be coordinates, booleans booleans, strings strings. Ends with status 1 and a line for each mismatch, else with 0.
Needs h5py, xarray, h5netcdf and netCDF4.
"""

import base64
import hashlib
import json
import os
import struct
import sys
import warnings

import h5py
import numpy as np
import xarray

failures = []


def check(holds, message):
    if not holds:
        failures.append(message)


def text(value):
    """A string of either kind as str."""
    return value.decode() if isinstance(value, bytes) else str(value)


def digest(dataset):
    """SHA-256 of a tensor as data/truth.json has it; None for a type that was widened."""
    dtype = text(dataset.attrs["dtype"])
    if dtype == "string":
        sha = hashlib.sha256()
        for element in np.ravel(np.asarray(dataset[()], dtype=object)):
            raw = element if isinstance(element, bytes) else element.encode()
            if text(dataset.attrs.get("encoding", "")) == "base64":
                raw = base64.b64decode(raw)
            sha.update(struct.pack("<Q", len(raw)) + raw)
        return sha.hexdigest()
    if dtype in ("float16", "bfloat16", "int4", "int2"):
        return None
    return hashlib.sha256(np.asarray(dataset[()]).tobytes()).hexdigest()


def check_tensors(file, truth):
    """Each tensor against what TensorFlow reads from the model; returns how many there are."""
    models = {side: truth[os.path.basename(text(file.attrs[f"model_{side}"]).rstrip("/"))]["tensors"] for side in "ab"}
    paths = [text(path) for path in file["results/tensors/path"][()]]
    names = [text(name) for name in file["results/tensors/tensor"][()]]
    for path, name in zip(paths, names):
        group = file[path]
        check(text(group.attrs["name"]) == name, f"{path}: name {group.attrs['name']}, not {name}")
        for side in "ab":
            key = text(group.attrs[f"key_{side}"])
            dataset, known = group[side], models[side][key]
            check(text(dataset.attrs["dtype"]) == known["dtype"], f"{path}/{side}: dtype")
            check(list(group.attrs["shape"]) == known["shape"], f"{path}/{side}: shape")
            found = digest(dataset)
            check(found in (None, known["sha256"]), f"{path}/{side}: SHA-256 {found}, not {known['sha256']}")
            check(all(len(axis) == 1 for axis in dataset.dims), f"{path}/{side}: an axis without a scale")
    return 2 * len(paths)


def check_group(name, group, engine, path):
    """A group in xarray against the same group in h5py."""
    with xarray.open_dataset(path, group=name, engine=engine) as opened:
        found = opened.load()
    columns = {key: item for key, item in group.items() if isinstance(item, h5py.Dataset)}
    check(set(found.variables) == set(columns), f"{engine} {name}: other variables than h5py's")
    for key, column in columns.items():
        if key not in found.variables:
            continue
        values, where = found[key], f"{engine} {name}/{key}"
        check(values.shape == column.shape, f"{where}: shape {values.shape}, not {column.shape}")
        if column.is_scale:
            check(key in found.coords and found[key].dims == (key,), f"{where}: no coordinate")
        if text(column.attrs.get("dtype", "")) == "bool":
            check(values.dtype == bool, f"{where}: {values.dtype}, not bool")
        if h5py.check_string_dtype(column.dtype):
            read, kept = np.ravel(values.values), np.ravel(np.asarray(column[()], dtype=object))
            check([text(value) for value in read] == [text(value) for value in kept], f"{where}: strings")
        else:
            check(np.array_equal(values.values, column[()], equal_nan=column.dtype.kind == "f"), f"{where}: values")


def main(path, data):
    warnings.simplefilter("error")
    with open(os.path.join(data, "truth.json"), encoding="utf-8") as truth_file:
        truth = json.load(truth_file)["models"]
    with h5py.File(path) as file:
        provenance = json.loads(text(file.attrs["provenance"]))
        check(provenance["tool"] == "equipoise", "provenance")
        count = check_tensors(file, truth)
        groups = ["/"]
        file.visititems(lambda name, item: groups.append(name) if isinstance(item, h5py.Group) else None)
        for engine in ("h5netcdf", "netcdf4"):
            for name in groups:
                check_group(name, file[name], engine, path)
            with xarray.open_datatree(path, engine=engine) as tree:
                check(len(tree.groups) == len(groups), f"{engine}: {len(tree.groups)} groups, not {len(groups)}")
    for failure in failures:
        print(failure)
    print(f"{path}: {count} tensors, {len(groups)} groups, {len(failures)} mismatches")
    return 1 if failures else 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
