#!/usr/bin/env python3
"""Runs every notebook from its first cell to its last.

    python execute.py           and keeps the outputs: text, tables and pictures
    python execute.py --check   and compares what it prints with what is kept, pictures aside

An exception in a cell is a failure. Needs the packages in requirements.txt and .build/release/equipoise.
"""

import glob
import os
import sys

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

HERE = os.path.dirname(os.path.abspath(__file__))
# Pictures are kept for those who read without running; larger ones belong elsewhere.
LARGEST = 400_000


def run(path):
    """The notebook with fresh outputs, less what differs from run to run."""
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=600, kernel_name="python3", resources={"metadata": {"path": HERE}}).execute()
    notebook.metadata = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    for cell in notebook.cells:
        cell.metadata = {}
        if cell.cell_type == "code":
            cell.outputs = joined(cell.outputs)
    return notebook


def joined(outputs):
    """A cell's outputs; what it prints comes in as many pieces as time has it, and is made one."""
    found = []
    for output in outputs:
        last = found[-1] if found else None
        if last is not None and output.output_type == last.output_type == "stream" and output.name == last.name:
            last.text += output.text
        else:
            found.append(output)
    return found


def texts(notebook):
    """What the cells print, without pictures."""
    found = []
    for cell in notebook.cells:
        for output in joined(cell.get("outputs", [])):
            found.append(output.get("text") or output.get("data", {}).get("text/plain", ""))
    return found


def problem(path, check):
    """What is wrong with a notebook, in a line; None where nothing is."""
    kept = texts(nbformat.read(path, as_version=4))
    try:
        fresh = run(path)
    except CellExecutionError as error:
        return str(error)
    printed = texts(fresh)
    if check:
        for old, new in zip(kept, printed):
            if old != new:
                return f"prints\n{new}\nand was committed with\n{old}\nRun make notebooks and look at the result."
        if len(kept) != len(printed):
            return f"has {len(printed)} outputs, committed were {len(kept)}; run make notebooks"
        return None
    nbformat.write(fresh, path)
    size = os.path.getsize(path)
    return f"is {size} bytes large, more than {LARGEST}" if size > LARGEST else None


def main():
    passed = failed = 0
    for path in sorted(glob.glob(os.path.join(HERE, "*.ipynb"))):
        wrong = problem(path, "--check" in sys.argv[1:])
        name = os.path.basename(path)
        print(f"FAILED {name}: {wrong}" if wrong else f"passed {name}", flush=True)
        passed, failed = passed + (not wrong), failed + bool(wrong)
    print(f"\n{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
