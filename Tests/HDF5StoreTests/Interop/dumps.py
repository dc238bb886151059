"""What h5dump and ncdump print of a file, as values by path."""

import os
import re
import subprocess
import tempfile

import h5py
import numpy as np


def by_h5dump(path):
    """Numbers from h5dump's binary output, strings from what it prints."""
    found = {}
    names = []
    with h5py.File(path) as file:
        file.visititems(lambda name, item: names.append((name, item.dtype)) if isinstance(item, h5py.Dataset) else None)
    with tempfile.TemporaryDirectory() as folder:
        binary = os.path.join(folder, "values")
        for name, dtype in names:
            if h5py.check_string_dtype(dtype):
                text = _run(["h5dump", "-y", "-w", "0", "-d", "/" + name, path])
                found["/" + name] = ("text", _strings_of_h5dump(text))
            else:
                _run(["h5dump", "-d", "/" + name, "-o", binary, "-b", "LE", path])
                values = np.fromfile(binary, dtype.newbyteorder("<"))
                found["/" + name] = ("number", [float(value) for value in values])
    # The whole, as a person would ask for it.
    _run(["h5dump", "-H", path])
    return found


def _strings_of_h5dump(text):
    """What stands between quotes; h5dump does not escape those within."""
    data = text[text.index("DATA {") :].split("\n   ATTRIBUTE ")[0]
    lines = [re.sub(r"^\s*\([\d,]+\): ", "", line) for line in data.splitlines()[1:]]
    joined = " ".join(line.strip() for line in lines)
    if '"' not in joined:
        return []
    inner = joined[joined.index('"') + 1 : joined.rindex('"')]
    parts = inner.split('", "') if "SIMPLE" in text.split("DATA {")[0] else [inner]
    return [_unescaped(part) for part in parts]


def _unescaped(text):
    text = text.encode("latin-1", "backslashreplace").decode("unicode_escape") if "\\" in text else text
    return text.rstrip("\0")


def by_ncdump(path):
    """Values of every variable that ncdump prints, in full precision."""
    text = _run(["ncdump", "-p", "9,17", path])
    found = {}
    groups = []
    kind = {}
    in_data = False
    name, body = None, ""
    for line in text.splitlines():
        stripped = line.strip()
        if name is None:
            opening = re.match(r"group: (.*) \{$", stripped)
            if opening:
                groups.append(_cdl_name(opening.group(1)))
                in_data = False
                continue
            if re.match(r"\} // group", stripped):
                groups.pop()
                in_data = False
                continue
            if stripped in ("data:", "variables:", "dimensions:", "// group attributes:", "// global attributes:"):
                in_data = stripped == "data:"
                continue
            declaration = re.match(r"(\w+) ((?:[^\s(;:\\]|\\.)+)(\(.*\))? ?;$", stripped)
            if declaration and not in_data:
                kind["/".join([*groups, _cdl_name(declaration.group(2))])] = declaration.group(1)
            if not in_data or " =" not in stripped:
                continue
            name, _, body = stripped.partition(" =")
        else:
            body += " " + stripped
        if _ends(body):
            path_of = "/".join([*groups, _cdl_name(name)])
            found["/" + path_of] = _values(body.rstrip().rstrip(";"), kind.get(path_of, ""))
            name = None
    # Nothing is printed of what is empty.
    for variable, type_name in kind.items():
        found.setdefault("/" + variable, ("text" if type_name in ("string", "char") else "number", []))
    return found


def _ends(body):
    """Whether a statement's semicolon is outside of strings."""
    return re.sub(r'"(?:[^"\\]|\\.)*"', "", body).rstrip().endswith(";")


def _values(body, kind):
    if kind in ("string", "char"):
        # An empty string is netCDF's fill value, which is shown as _.
        parts = re.findall(r'"((?:[^"\\]|\\.)*)"|(\b_\b)', body)
        return ("text", [_unescaped(text) for text, _ in parts])
    special = {"_": "nan", "NaN": "nan", "NaNf": "nan", "Infinity": "inf", "Infinityf": "inf", "-Infinity": "-inf"}
    numbers = [part.strip() for part in body.split(",") if part.strip()]
    values = [float(special.get(n, n.rstrip("bsfuULl") if n[-1].isalpha() else n)) for n in numbers]
    return ("number", [float(np.float32(v)) for v in values] if kind == "float" else values)


def _cdl_name(text):
    return re.sub(r"\\(.)", r"\1", text)


def _run(command):
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]}: status {done.returncode}, {done.stderr.decode()[-200:]}")
    return done.stdout.decode("utf-8")
