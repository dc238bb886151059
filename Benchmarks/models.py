"""Models of any size for the benchmarks, written without TensorFlow: V2 checkpoints, safetensors, SavedModels.

Everything is a function of its arguments. Sources of the formats: TensorFlow's tensor_bundle.proto, table_format.txt of
LevelDB, and the README of safetensors.
"""

import json
import os

import google_crc32c
import numpy

CHUNK = 1 << 24


def varint(value):
    out = bytearray()
    while value >= 128:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def number(field, value):
    return varint(field << 3) + varint(value)


def message(field, data):
    return varint(field << 3 | 2) + varint(len(data)) + data


def masked(crc):
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def block(entries):
    """A block of a LevelDB table without shared prefixes, which is allowed: every entry is a restart point."""
    data, restarts = bytearray(), []
    for key, value in entries:
        restarts.append(len(data))
        data += varint(0) + varint(len(key)) + varint(len(value)) + key + value
    for restart in restarts or [0]:
        data += restart.to_bytes(4, "little")
    data += max(1, len(restarts)).to_bytes(4, "little")
    return bytes(data)


def table(entries):
    """A LevelDB table of sorted keys, uncompressed."""
    out, index = bytearray(), []

    def add(content):
        handle = varint(len(out)) + varint(len(content))
        out.extend(content + b"\0" + masked(google_crc32c.value(content + b"\0")).to_bytes(4, "little"))
        return handle

    pending, size = [], 0
    for position, (key, value) in enumerate(entries):
        pending.append((key, value))
        size += len(key) + len(value)
        if size > 4096 or position == len(entries) - 1:
            index.append((key, add(block(pending))))
            pending, size = [], 0
    meta = add(block([]))
    footer = meta + add(block(index))
    out.extend(footer + bytes(40 - len(footer)) + (0xDB4775248B80FB57).to_bytes(8, "little"))
    return bytes(out)


def values(start, count, noise, seed=0):
    """Weights of a network that was trained twice: equal but for noise. A block of 2^24 values is a function of its place."""
    out = numpy.empty(count, numpy.float32)
    for first in range(0, count, CHUNK):
        n = min(CHUNK, count - first)
        shared = numpy.random.default_rng([seed, start + first, 0]).standard_normal(n, dtype=numpy.float32)
        out[first : first + n] = shared * numpy.float32(0.05)
        if noise:
            own = numpy.random.default_rng([seed, start + first, 1]).standard_normal(n, dtype=numpy.float32)
            out[first : first + n] += own * numpy.float32(noise)
    return out


def checkpoint(prefix, tensors, noise=0.0, sparse=False):
    """A V2 checkpoint of float32 tensors, given as (key, shape). `sparse`: zeros but for the first, in a file of holes."""
    entries, offset, seen = [], 0, 0
    name = prefix + ".data-00000-of-00001"
    with open(name, "wb") as file:
        for key, shape in tensors:
            count = int(numpy.prod(shape, dtype=numpy.int64))
            if sparse:
                size, zeros = 4 * count, bytes(CHUNK)
                first = numpy.float32(noise).tobytes()
                file.seek(offset)
                file.write(first)
                crc = google_crc32c.value(first)
                for at in range(4, size, CHUNK):
                    crc = google_crc32c.extend(crc, zeros[: min(CHUNK, size - at)])
            else:
                data = values(seen, count, noise)
                seen += count
                size, crc = data.nbytes, google_crc32c.value(data.tobytes())
                data.tofile(file)
            dimensions = b"".join(message(2, number(1, d)) for d in shape)
            entry = number(1, 1) + message(2, dimensions) + number(4, offset) + number(5, size)
            entries.append((key.encode(), entry + varint(6 << 3 | 5) + masked(crc).to_bytes(4, "little")))
            offset += size
        file.truncate(offset)
    header = number(1, 1) + message(3, number(1, 1))
    with open(prefix + ".index", "wb") as file:
        file.write(table([(b"", header)] + sorted(entries)))


def safetensors(path, tensors, noise=0.0):
    header, offset = {}, 0
    for key, shape in tensors:
        size = 4 * int(numpy.prod(shape, dtype=numpy.int64))
        header[key] = {"dtype": "F32", "shape": list(shape), "data_offsets": [offset, offset + size]}
        offset += size
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        seen = 0
        for _, shape in tensors:
            count = int(numpy.prod(shape, dtype=numpy.int64))
            values(seen, count, noise).tofile(file)
            seen += count


def kernels(count, width):
    return [("dense/kernel", (count // width, width))]


def many(tensors, count=8):
    """So many small tensors, two a layer."""
    names = []
    for i in range((tensors + 1) // 2):
        names += [(f"layer_{i:05d}/kernel", (count, count)), (f"layer_{i:05d}/bias", (count,))]
    return names[:tensors]


def graph(path, nodes, size):
    """A SavedModel whose graph has so many nodes and about so many bytes: an operation's name, type, inputs, attributes."""
    os.makedirs(os.path.join(path, "variables"), exist_ok=True)
    padding = max(0, size // nodes - 95)
    out = bytearray()
    for i in range(nodes):
        attribute = message(1, b"_note") + message(2, message(2, b"x" * padding))
        kind = message(1, b"T") + message(2, number(6, 1))
        node = message(1, b"block_%d/dense/MatMul_%d" % (i // 100, i)) + message(2, b"MatMul")
        node += message(3, b"block_%d/dense/MatMul_%d" % (max(0, i - 1) // 100, max(0, i - 1)))
        out += message(1, node + message(5, kind) + message(5, attribute))
    info = message(1, b"") + message(4, b"serve") + message(5, b"2.21.0")
    meta = message(1, info) + message(2, bytes(out))
    with open(os.path.join(path, "saved_model.pb"), "wb") as file:
        file.write(number(1, 1) + message(2, meta))
    checkpoint(os.path.join(path, "variables", "variables"), [("dense/kernel", (64, 64)), ("dense/bias", (64,))])
