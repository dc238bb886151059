"""Whether the optimised program gives the same bytes on every instruction set and with any number of threads.

The test suite is built without optimisation, where the compiler fuses nothing. python instruction_sets.py EQUIPOISE; needs NumPy.
"""

import itertools
import json
import os
import subprocess
import sys
import tempfile

import numpy

TYPES = ["float64", "float32", "float16", "complex128", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64",
         "uint64"]


def document(program, command, a, b, instructions, threads):
    arguments = [program, command, a, b, "--format", "json", "--quiet", "--threads", str(threads), "--config", "none"]
    if command == "significance":
        arguments += ["--resamples", "199", "--interval-resamples", "99"]
    environment = {**os.environ, "EQUIPOISE_ISA": instructions}
    result = json.loads(subprocess.run(arguments, capture_output=True, check=True, env=environment).stdout)
    del result["provenance"]
    return result


def main(program):
    passed = failed = 0
    random = numpy.random.default_rng(1)
    with tempfile.TemporaryDirectory() as folder:
        paths = [os.path.join(folder, name) for name in ("a.npz", "b.npz")]
        shapes = [(300, 70), (97, 40), (4_000,)]
        def values(t, shape):
            drawn = random.standard_normal(shape)
            if "int" not in t:
                return 20 * drawn
            ends = numpy.iinfo(t)
            return numpy.clip(drawn * 0.3 * ends.max + (ends.max / 2 if ends.min == 0 else 0), ends.min, 0.99 * ends.max)

        a = {f"{t}_{i}/kernel": values(t, s) for t in TYPES for i, s in enumerate(shapes)}
        b = {name: v + numpy.sign(v) * -abs(v) * 0.05 * random.random(v.shape) for name, v in a.items()}
        for path, tensors in zip(paths, (a, b)):
            numpy.savez(path, **{name: v.astype(name.split("_")[0]) for name, v in tensors.items()})
        for command in ("compare", "significance"):
            first = document(program, command, *paths, "baseline", 1)
            for instructions, threads in itertools.product(("baseline", "avx2", "avx512"), (1, 2, 4)):
                found = document(program, command, *paths, instructions, threads)
                for one, other in zip(first["pairs"], found["pairs"]):
                    passed += one == other
                    failed += one != other
                    if one != other:
                        print(f"{command}, {one['name']}: {instructions}, {threads} threads differ from baseline")
                rest = [{k: v for k, v in d.items() if k != "pairs"} for d in (first, found)]
                passed += rest[0] == rest[1]
                failed += rest[0] != rest[1]
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main(os.path.abspath(sys.argv[1])))
