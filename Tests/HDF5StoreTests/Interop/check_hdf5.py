"""Checks of an exported pair of bundled models with h5py, and with xarray through either of its engines.

Every tensor's bytes must have the SHA-256 that TensorFlow's have in data/truth.json, every group must open, names must
be coordinates, booleans booleans, strings strings.
"""

import base64
import hashlib
import json
import os
import struct
import warnings

import h5py
import numpy as np
import xarray

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


def mismatches(path, data):
    """Each tensor against what TensorFlow reads from the model, in words."""
    failures = []

    def check(holds, message):
        if not holds:
            failures.append(message)

    with open(os.path.join(data, "truth.json"), encoding="utf-8") as truth_file:
        truth = json.load(truth_file)["models"]
    with h5py.File(path) as file:
        check(json.loads(text(file.attrs["provenance"]))["tool"] == "equipoise", "provenance")
        sides = {s: truth[os.path.basename(text(file.attrs[f"model_{s}"]).rstrip("/"))]["tensors"] for s in "ab"}
        places = [text(place) for place in file["results/tensors/path"][()]]
        names = [text(name) for name in file["results/tensors/tensor"][()]]
        for place, name in zip(places, names):
            group = file[place]
            check(text(group.attrs["name"]) == name, f"{place}: name {group.attrs['name']}, not {name}")
            for side in group:
                if side not in sides:
                    continue
                dataset, known = group[side], sides[side].get(text(group.attrs[f"key_{side}"]))
                if known is None:
                    continue
                check(text(dataset.attrs["dtype"]) == known["dtype"], f"{place}/{side}: dtype")
                check(list(group.attrs.get("shape", [])) == known["shape"], f"{place}/{side}: shape")
                found = digest(dataset)
                check(found in (None, known["sha256"]), f"{place}/{side}: SHA-256 {found}, not {known['sha256']}")
                check(all(len(axis) == 1 for axis in dataset.dims), f"{place}/{side}: an axis without a scale")
    return failures


def run_mismatches(path, data):
    """Each tensor of each run against what TensorFlow reads from the model, in words."""
    with open(os.path.join(data, "truth.json"), encoding="utf-8") as truth_file:
        truth = json.load(truth_file)["models"]
    failures, compared = [], 0
    with h5py.File(path) as file:
        runs = {"a": [], "b": []}
        for group, place in zip(file["runs/group"][()], file["runs/path"][()]):
            runs[text(group)].append(os.path.basename(text(place).rstrip("/")))
        for place in file["results/tensors/path"][()]:
            group = file[text(place)]
            for side, models in runs.items():
                if len(group[side]) != len(models):
                    failures.append(f"{text(place)}/{side}: {len(group[side])} runs, not {len(models)}")
                for run, (model, key) in enumerate(zip(models, group.attrs[f"key_{side}"])):
                    known = truth.get(model, {}).get("tensors", {}).get(text(key))
                    if known is None:
                        continue
                    compared += 1
                    found = hashlib.sha256(np.ascontiguousarray(group[side][run]).tobytes()).hexdigest()
                    if found != known["sha256"]:
                        failures.append(f"{text(place)}/{side}: run {run} is not what {model} holds")
    return failures if compared else ["no run is in truth.json"]


def group_mismatches(path, engine):
    """Every group in xarray against the same group in h5py, in words."""
    failures = []
    with h5py.File(path) as file, warnings.catch_warnings():
        warnings.simplefilter("error")
        groups = ["/"]
        file.visititems(lambda name, item: groups.append(name) if isinstance(item, h5py.Group) else None)
        for name in groups:
            failures += _group(name, file[name], engine, path)
        with xarray.open_datatree(path, engine=engine) as tree:
            if len(tree.groups) != len(groups):
                failures.append(f"{len(tree.groups)} groups, not {len(groups)}")
    return failures


def _group(name, group, engine, path):
    failures = []

    def check(holds, message):
        if not holds:
            failures.append(message)

    with xarray.open_dataset(path, group=name, engine=engine) as opened:
        found = opened.load()
    columns = {key: item for key, item in group.items() if isinstance(item, h5py.Dataset)}
    check(set(found.variables) == set(columns), f"{name}: other variables than h5py's")
    for key, column in columns.items():
        if key not in found.variables:
            continue
        values, where = found[key], f"{name}/{key}"
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
    return failures
