"""Measures every goal of speed, ours and the peer side by side in one run, and prints a Markdown table."""

import argparse
import importlib.metadata
import importlib.util
import json
import multiprocessing
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile

import models
from measure import Beyond, Command, Fresh, Reported, Table

HERE = os.path.dirname(os.path.abspath(__file__))
DATA = os.path.join(os.path.dirname(HERE), "data")


def apart(make, *arguments, **options):
    """In a process of its own, as Linux counts what a process holds as memory of those that it starts; and on the disk, so
    that nothing is written while something is timed."""
    process = multiprocessing.get_context("fork").Process(target=make, args=arguments, kwargs=options)
    process.start()
    process.join()
    os.sync()
    if process.exitcode:
        raise RuntimeError(f"{make.__name__} ended with {process.exitcode}")


def machine(equipoise):
    name, caches = platform.processor() or platform.machine(), ""
    if os.path.exists("/proc/cpuinfo"):
        fields = dict(
            line.split(":", 1) for line in open("/proc/cpuinfo").read().split("\n\n")[0].splitlines() if ":" in line
        )
        fields = {k.strip(): v.strip() for k, v in fields.items()}
        flags = fields.get("flags", "").split()
        wide = "AVX-512" if "avx512f" in flags else "AVX2" if "avx2" in flags else "no AVX2"
        name = f"{fields.get('model name', name)}, {os.cpu_count()} processors, {wide}"
    version = subprocess.run([equipoise, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    packages = []
    for package in ["numpy", "scipy", "h5py", "tensorflow-cpu"]:
        try:
            packages.append(f"{package} {importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            packages.append(f"{package} not installed")
    swift = subprocess.run(["swift", "--version"], capture_output=True, text=True).stdout.splitlines()
    swift = next((line for line in swift if "Swift version" in line), "")
    return f"{name}; {platform.system()} {platform.release()}; {version}; {swift}; Python {platform.python_version()}, {', '.join(packages)}"


def whole(table, run, folder):
    """2 × 512 MiB of float32 as V2 checkpoints, in the page cache."""
    a, b = os.path.join(folder, "a"), os.path.join(folder, "b")
    layers = [("hidden/kernel", (20_480, 4_096)), ("output/kernel", (4_096, 12_288))]
    apart(models.checkpoint, a, layers)
    apart(models.checkpoint, b, layers, noise=0.005)
    data = [f"{p}.data-00000-of-00001" for p in (a, b)]
    cat = Command("cat", *data)
    table.pair("compare --metrics moments --no-verify, 2 × 512 MiB", run("compare", a, b, "--metrics", "moments", "--no-verify"), cat, "cat", at_most=1.0)
    table.pair("compare --metrics moments, checksums verified", run("compare", a, b, "--metrics", "moments"), cat, "cat", at_most=1.3)
    table.pair("compare, every metric", run("compare", a, b), cat, "cat", at_most=3.0)
    table.pair("significance, every test, 9,999 resamples", run("significance", a, b), cat, "cat", at_most=5.0)
    peers = os.path.join(HERE, "peers.py")
    table.pair("compare, every metric", run("compare", a, b), Reported(sys.executable, peers, "numpy_four", *data), "NumPy, four metrics", at_least=20, repeats=3)
    if importlib.util.find_spec("tensorflow"):
        reader = Reported(sys.executable, peers, "tensorflow_two", a, b, environment={"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""})
        table.pair("compare, every metric", run("compare", a, b), reader, "TensorFlow's reader + NumPy, two metrics", at_least=30, repeats=3)
    for path in data:
        os.remove(path)


def export(table, run, folder):
    """Both models as HDF5, beside what copies the same bytes and beside h5py. All write to one folder."""
    peers = os.path.join(HERE, "peers.py")
    a, b, output, copy = (os.path.join(folder, name) for name in ("a", "b", "pairs.h5", "copy"))
    data = [f"{p}.data-00000-of-00001" for p in (a, b)]

    def pair(rows, width, options, peer, name, alone=False, **goal):
        apart(models.checkpoint, a, [("dense/kernel", (rows, width))])
        apart(models.checkpoint, b, [("dense/kernel", (rows, width))], noise=0.005)
        asked = ["--metrics", "moments", "--tests", "drift"]
        ours, what = run("export", a, b, "-o", output, *asked, *options), "analysis included"
        if alone:
            ours, what = Beyond(ours, run("significance", a, b, *asked)), "the writing alone"
        size = f"2 × {rows * width * 4 >> 20} MiB, {what}"
        outputs = (output, copy)
        other = Reported(sys.executable, peers, *peer)
        table.pair(" ".join(["export", *options, size]), Fresh(ours, *outputs), Fresh(other, *outputs), name, **goal)
        for path in data + [output, copy]:
            if os.path.exists(path):
                os.remove(path)

    plain = ["write_pairs", *data, copy], "read(2) and write(2)"
    pair(32_768, 4_096, [], *plain, alone=True, at_most=1.5)
    pair(32_768, 4_096, [], *plain)
    pair(32_768, 4_096, [], ["h5py_pairs", *data, copy, "4096"], "h5py")
    deflated = ["--compression", "deflate"]
    pair(8_192, 4_096, deflated, ["h5py_pairs", *data, copy, "4096", "1"], "h5py, shuffle and gzip 1", repeats=3)


def script(table, run, folder):
    a, b = os.path.join(folder, "million-a"), os.path.join(folder, "million-b")
    apart(models.checkpoint, a, models.kernels(1 << 20, 1024))
    apart(models.checkpoint, b, models.kernels(1 << 20, 1024), noise=0.005)
    data = [f"{p}.data-00000-of-00001" for p in (a, b)]
    peer = Reported(sys.executable, os.path.join(HERE, "peers.py"), "scipy_tests", *data, 4, 9_999)
    table.pair("significance, 10⁶ weights, 9,999 resamples", run("significance", a, b), peer, "SciPy permutation_test + bootstrap, from 4 resamples more", at_least=1000, repeats=1)


def catalogues(table, run, folder):
    many = os.path.join(folder, "many")
    apart(models.checkpoint, many, models.many(30_000))
    table.alone("inspect, 30,000 tensors", run("inspect", many), limit=0.2)
    graph = os.path.join(folder, "graph")
    apart(models.graph, graph, 400_000, 110_000_000)
    table.alone("inspect, saved_model.pb of 110 MB", run("inspect", graph), limit=0.1)
    shutil.rmtree(graph)
    pair = [os.path.join(DATA, f"dense-l2-1e-{k}-seed0") for k in (5, 2)]
    table.alone("significance, a bundled pair, start to report", run("significance", *pair), limit=0.1)
    table.alone("compare, the same", run("compare", *pair), limit=0.1)
    table.alone("--version: process start", run("--version"))


def growth(table, run, folder, large):
    for exponent in range(5, 10 if large else 9):
        a, b = os.path.join(folder, "grow-a"), os.path.join(folder, "grow-b")
        shape = models.kernels(10**exponent // 1000 * 1000, 1000)
        apart(models.checkpoint, a, shape)
        apart(models.checkpoint, b, shape, noise=0.005)
        for command in (["compare", "--metrics", "moments"], ["compare"], ["significance"]):
            table.alone(f"{' '.join(command)}, 10^{exponent} weights", run(command[0], a, b, *command[1:]), memory=256, repeats=3)
        for p in (a, b):
            os.remove(f"{p}.data-00000-of-00001")
    for tensors in (10, 100, 1_000, 10_000, 30_000):
        a, b = os.path.join(folder, "few-a"), os.path.join(folder, "few-b")
        apart(models.checkpoint, a, models.many(tensors))
        apart(models.checkpoint, b, models.many(tensors), noise=0.005)
        table.alone(f"compare, {tensors:,} tensors of 8 × 8 and 8", run("compare", a, b), repeats=3)
        if tensors <= 1_000 or large:
            table.alone(f"significance, {tensors:,} tensors", run("significance", a, b), repeats=1)


def memory(table, run, folder):
    """Files of holes: all zeros but for the first weight of B, so that something differs and all is read."""
    a, b = os.path.join(folder, "sparse-a"), os.path.join(folder, "sparse-b")
    shape = [("dense/kernel", (2_500_000_000 // 5000, 5000))]
    apart(models.checkpoint, a, shape, sparse=True)
    apart(models.checkpoint, b, shape, sparse=True, noise=1.0)
    for command in (["compare", "--metrics", "moments"], ["compare"], ["significance"]):
        time, _ = table.alone(f"{' '.join(command)}, 2 × 10 GB of holes", run(command[0], a, b, *command[1:]), memory=256, repeats=1)
        print(f"  {20 / time:.1f} GB/s")
    for p in (a, b):
        os.remove(f"{p}.data-00000-of-00001")


def kernels(table, program):
    text = subprocess.run([program], capture_output=True, text=True, check=True).stdout
    for line in map(json.loads, text.splitlines()):
        ratios = sorted(line["ratios"])
        middle = statistics.median(ratios)
        goal = None if "histogram" in line["case"] else 0.9
        table.add(
            f"sums of a float32 pair in memory, {line['case']}, {line['threads']} thread{'s' if line['threads'] > 1 else ''}",
            f"{line['kernel']:.1f} GB/s", f"pure read {line['read']:.1f} GB/s",
            f"{middle:.2f} × [{ratios[0]:.2f}–{ratios[-1]:.2f}]", f"≥ {goal} ×" if goal else "–",
            None if goal is None else middle >= goal,
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--equipoise", required=True)
    parser.add_argument("--kernels")
    parser.add_argument("--only", nargs="*", help="of: whole export script catalogues growth memory kernels")
    parser.add_argument("--large", action="store_true", help="10^9 weights, and tests of 30,000 tensors, too")
    parser.add_argument("--output", help="also write the table there")
    options = parser.parse_args()
    equipoise = os.path.abspath(options.equipoise)
    run = lambda *arguments: Command(equipoise, *arguments)
    table = Table()
    with tempfile.TemporaryDirectory(prefix="equipoise-bench-", dir=os.environ.get("TMPDIR")) as folder:
        parts = {
            "whole": lambda: whole(table, run, folder),
            "export": lambda: export(table, run, folder),
            "script": lambda: script(table, run, folder),
            "catalogues": lambda: catalogues(table, run, folder),
            "memory": lambda: memory(table, run, folder),
            "kernels": lambda: options.kernels and kernels(table, options.kernels),
            "growth": lambda: growth(table, run, folder, options.large),
        }
        for name, part in parts.items():
            if not options.only or name in options.only:
                part()
    text = f"{machine(equipoise)}\n\n{table.markdown()}"
    print("\n" + text)
    if options.output:
        with open(options.output, "w") as file:
            file.write(text)


if __name__ == "__main__":
    main()
