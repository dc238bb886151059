#!/usr/bin/env python3
"""Exports bundled models in every way and opens the files with the tools that readers use.

    python run.py .build/release/equipoise

Every value of every dataset and attribute must be what h5py reads, and every tensor what TensorFlow read when the model
was made. A tool that does not start here is skipped, with its own words. Prints what was checked, a table of tools with
their versions, and last the line 'N passed, N failed', with ', N skipped' where there are such.
"""

import json
import os
import platform
import re
import subprocess
import sys
import tempfile

import h5netcdf
import h5py
import netCDF4
import numpy as np
import pandas
import xarray

import check_hdf5
import dumps
import listing

HERE = os.path.dirname(os.path.abspath(__file__))
DATA = os.path.normpath(os.path.join(HERE, "../../../data"))
A, B = (os.path.join(DATA, name) for name in ("dense-l2-1e-5-seed0", "dense-l2-1e-2-seed0"))
C, D = (os.path.join(DATA, name) for name in ("conv-l2-1e-5-seed0", "conv-l2-1e-5-seed1"))

# name: models, options
FILES = {
    "variable.h5": (A, B, ["--keep-null", "--resamples", "99"]),
    "fixed.h5": (A, B, ["--strings", "fixed", "--keep-null", "--resamples", "99"]),
    "deflate.h5": (A, B, ["--compression", "deflate:1", "--resamples", "99"]),
    "results.h5": (A, B, ["--no-tensors", "--resamples", "99"]),
    "roles.h5": (C, D, ["--resamples", "99", "--roles", "weight,state,optimizer,counter,metric,graph"]),
}
SEEDS_A, SEEDS_B = ([os.path.join(DATA, f"dense-l2-1e-{l2}-seed{n}") for n in range(3)] for l2 in (5, 2))
RUNS = ["export", "--group-a", *SEEDS_A, "--group-b", *SEEDS_B, "--keep-null", "-o"]
PREDICTIONS = [os.path.join(DATA, "predictions", f"dense-l2-1e-{l2}-seed0.npy") for l2 in (5, 2)]
# name: what writes it, its path last
MORE = {
    "runs.h5": RUNS,
    "runs-fixed.h5": ["export", "--strings", "fixed", *RUNS[1:]],
    "noise.h5": ["export", A, B, "--reference", *SEEDS_A[1:], "--resamples", "99", "-o"],
    "behavior.h5": ["behavior", "--predictions-a", PREDICTIONS[0], "--predictions-b", PREDICTIONS[1],
                    "--labels", os.path.join(DATA, "test-labels.npy"), "--resamples", "99", "--hdf5"],
}
# What each tool is given. Debian's netCDF 4.9.0 crashes on any fixed-length strings in a row, and Octave 7 on others.
EVERY = list(FILES)
VARIABLE = [name for name in FILES if name != "fixed.h5"]
MORE_VARIABLE = [name for name in MORE if name != "runs-fixed.h5"]

passed, failed, skipped, seen = 0, 0, 0, {}


def export(equipoise, folder):
    """The files; two.h5 is variable.h5 with an analysis appended."""
    for name, (a, b, options) in FILES.items():
        subprocess.run(
            [equipoise, "export", a, b, "-o", os.path.join(folder, name), "--quiet", *options], check=True
        )
    two = os.path.join(folder, "two.h5")
    subprocess.run(["cp", os.path.join(folder, "variable.h5"), two], check=True)
    subprocess.run(
        [equipoise, "export", A, B, "-o", two, "--append", "--quiet", "--seed", "1", "--resamples", "99"], check=True
    )
    for name, command in MORE.items():
        subprocess.run([equipoise, *command, os.path.join(folder, name), "--quiet"], check=True, stdout=subprocess.DEVNULL)


def check(tool, version, name, body):
    """Runs one tool on one file; what it returns are the mismatches."""
    global passed, failed
    try:
        problems = body()
    except Exception as error:  # a tool that can't open a file is a result
        problems = [f"{type(error).__name__}: {error}"]
    seen.setdefault((tool, version), []).append((name, not problems))
    if problems:
        failed += 1
        print(f"FAILED {tool} {name}: {len(problems)} mismatches")
        for problem in problems[:5]:
            print(f"  {problem}")
    else:
        passed += 1
        print(f"passed {tool} {name}")


def by_program(command, path, folder, expected):
    """A program that lists the file."""
    output = os.path.join(folder, "listing.txt")
    if os.path.exists(output):
        os.remove(output)
    done = subprocess.run([*command, path, output], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        return [f"status {done.returncode}: {(done.stderr or done.stdout)[-300:]}"]
    return listing.compare(expected, listing.read(output))


def by_pandas(path, expected):
    """Every table as a frame: columns, their values and their kinds."""
    problems = []
    with h5py.File(path) as file:
        for table, group in file.get("results", {}).items():
            columns = {name: column.asstr()[()] if h5py.check_string_dtype(column.dtype) else column[()]
                       for name, column in group.items()}
            frame = pandas.DataFrame(columns)
            for name, column in group.items():
                kind, values = expected[f"/results/{table}/{name}"]
                found = [str(v) if kind == "text" else float(v) for v in frame[name]]
                if not listing.same((kind, values), (kind, found)):
                    problems.append(f"{table}/{name}")
                if "dtype" in column.attrs and not frame[name].isin([0, 1]).all():
                    problems.append(f"{table}/{name} is no boolean")
    return problems


def by_reading_back(equipoise, path, arguments):
    """The document in the file is what the command prints, and testing again gives the same p-values."""
    def tests(document):
        return [(p["name"], [(t["id"], t["statistic"], t["p_value"], t["p_adjusted"]) for t in p.get("tests") or []])
                for p in document["pairs"]]

    with h5py.File(path) as file:
        document = json.loads(file["document"][()])
    if "pairs" not in document:  # of runs
        document["pairs"] = document["tensors"]
    printed = subprocess.run([equipoise, "significance", path, "--format", "json", "--quiet", *arguments],
                             capture_output=True, text=True, check=True).stdout
    printed = json.loads(printed)
    printed.setdefault("pairs", printed.get("tensors"))
    problems = [] if tests(document) == tests(printed) else ["other p-values from the file alone"]
    if document["layers"] != printed["layers"]:
        problems.append("other layers from the file alone")
    return problems


def version_of(tool, command, pattern):
    """None, and said so, where the tool does not start: that is no fault of the files."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        said = f"status {done.returncode}: {(done.stderr or done.stdout).strip()[-500:]}"
        version = re.search(pattern, done.stdout + done.stderr)
    except OSError as error:
        said, version = error, None
    if version is None:
        print(f"SKIPPED {tool}, which does not start here ({said})")
    return version and version.group(1)


def check_program(tool, version, names, body):
    """A program on each of the files; without a version it is skipped."""
    global skipped
    for name in names:
        if version is not None:
            check(tool, version, name, lambda: body(name))
        else:
            skipped += 1


def main(equipoise):
    with tempfile.TemporaryDirectory() as folder:
        export(equipoise, folder)
        path = {name: os.path.join(folder, name) for name in [*FILES, "two.h5", *MORE]}
        expected = {name: listing.of_file(at) for name, at in path.items()}
        datasets = {name: {k: v for k, v in found.items() if "@" not in k} for name, found in expected.items()}

        for name in [*EVERY, "two.h5"]:
            check("h5py", h5py.version.version, name, lambda: check_hdf5.mismatches(path[name], DATA))
            check("pandas", pandas.__version__, name, lambda: by_pandas(path[name], expected[name]))
            check("xarray, h5netcdf", f"{xarray.__version__}, {h5netcdf.__version__}", name,
                  lambda: check_hdf5.group_mismatches(path[name], "h5netcdf"))
            check("xarray, netCDF4", f"{xarray.__version__}, {netCDF4.__version__} (C {netCDF4.__netcdf4libversion__})", name,
                  lambda: check_hdf5.group_mismatches(path[name], "netcdf4"))
        for name in MORE:
            check("pandas", pandas.__version__, name, lambda: by_pandas(path[name], expected[name]))
            check("xarray, h5netcdf", f"{xarray.__version__}, {h5netcdf.__version__}", name,
                  lambda: check_hdf5.group_mismatches(path[name], "h5netcdf"))
            check("xarray, netCDF4", f"{xarray.__version__}, {netCDF4.__version__} (C {netCDF4.__netcdf4libversion__})", name,
                  lambda: check_hdf5.group_mismatches(path[name], "netcdf4"))
        for name in ("runs.h5", "runs-fixed.h5"):
            check("h5py", h5py.version.version, name, lambda: check_hdf5.run_mismatches(path[name], DATA))
        h5dump = version_of("h5dump", ["h5dump", "--version"], r"Version (\S+)")
        check_program("h5dump", h5dump, ["variable.h5", "runs.h5", "behavior.h5"],
                      lambda name: listing.compare(datasets[name], dumps.by_h5dump(path[name])))
        ncdump = version_of("ncdump", ["ncdump"], r"library version (\S+)")
        check_program("ncdump", ncdump, [*VARIABLE, "two.h5", *MORE_VARIABLE],
                      lambda name: listing.compare(datasets[name], dumps.by_ncdump(path[name])))
        for package in ("rhdf5", "hdf5r"):
            script = ["Rscript", os.path.join(HERE, f"list_{package}.R")]
            version = version_of(f"R {package}", ["Rscript", "-e", f'cat("v", as.character(packageVersion("{package}")))'],
                                 r"v (\S+)")
            check_program(f"R {package}", version, [*EVERY, "two.h5", *MORE],
                          lambda name, script=script: by_program(script, path[name], folder, expected[name]))
        octave = version_of("Octave", ["octave-cli", "--version"], r"version (\S+)")
        listed = ["octave-cli", "--no-gui", os.path.join(HERE, "list_octave.m")]
        check_program("Octave", octave, ["fixed.h5", "runs-fixed.h5"],
                      lambda name: by_program(listed, path[name], folder, datasets[name]))
        for name in [*EVERY, "runs.h5", "runs-fixed.h5"]:
            check("equipoise", "itself", name,
                  lambda: by_reading_back(equipoise, path[name], ["--resamples", "99"]))

    print(f"\nPython {platform.python_version()}, NumPy {np.__version__}, HDF5 {h5py.version.hdf5_version} in h5py\n")
    print("| tool | version | files | |")
    print("|---|---|---|---|")
    for (tool, version), results in seen.items():
        bad = [name for name, is_good in results if not is_good]
        print(f"| {tool} | {version} | {len(results)} | {'all values equal' if not bad else 'FAILED: ' + ', '.join(bad)} |")
    print(f"\n{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(os.path.abspath(sys.argv[1])))
