"""Splits a SavedModel into chunks and writes them as Riegeli records, as tensorflow/tools/proto_splitter does, which
TensorFlow's package does not contain. merged() has TensorFlow's own reader put them together."""
import os
import struct
import subprocess
import tempfile

import brotli
import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2

MASK = (1 << 64) - 1
KEY = [0x2F696C6567656952, 0x0A7364726F636572] * 2


class HighwayHash:
    """arXiv:1612.06257, the 64-bit form."""

    def __init__(self):
        self.m0 = [0xDBE6D5D5FE4CCE2F, 0xA4093822299F31D0, 0x13198A2E03707344, 0x243F6A8885A308D3]
        self.m1 = [0x3BD39E10CB0EF593, 0xC0ACF169B5F18A8C, 0xBE5466CF34E90C6C, 0x452821E638D01377]
        self.v0 = [m ^ k for m, k in zip(self.m0, KEY)]
        self.v1 = [m ^ self.turn(k) for m, k in zip(self.m1, KEY)]

    @staticmethod
    def turn(x):
        return (x >> 32 | x << 32) & MASK

    @staticmethod
    def zipper(v1, v0):
        a = v0.to_bytes(8, "little")
        b = v1.to_bytes(8, "little")
        low = bytes([a[3], b[4], a[2], a[5], b[6], a[1], b[7], a[0]])
        high = bytes([b[3], a[4], b[2], b[5], b[1], a[6], b[0], a[7]])
        return int.from_bytes(high, "little"), int.from_bytes(low, "little")

    def update(self, lanes):
        for i in range(4):
            self.v1[i] = (self.v1[i] + lanes[i] + self.m0[i]) & MASK
            self.m0[i] ^= (self.v1[i] & 0xFFFFFFFF) * (self.v0[i] >> 32)
            self.v0[i] = (self.v0[i] + self.m1[i]) & MASK
            self.m1[i] ^= (self.v0[i] & 0xFFFFFFFF) * (self.v1[i] >> 32)
        for source, target in ((self.v1, self.v0), (self.v0, self.v1)):
            for i in (0, 2):
                high, low = self.zipper(source[i + 1], source[i])
                target[i] = (target[i] + low) & MASK
                target[i + 1] = (target[i + 1] + high) & MASK

    def rest(self, data):
        n = len(data)
        self.v0 = [(x + (n << 32) + n) & MASK for x in self.v0]
        half = lambda x: (x << n | x >> (32 - n)) & 0xFFFFFFFF
        self.v1 = [half(x & 0xFFFFFFFF) | half(x >> 32) << 32 for x in self.v1]
        packet = bytearray(32)
        whole = n & ~3
        packet[:whole] = data[:whole]
        if n & 16:
            packet[28:] = data[n - 4:]
        elif n & 3:
            tail = data[whole:]
            packet[16:19] = bytes([tail[0], tail[(n & 3) >> 1], tail[(n & 3) - 1]])
        self.update(struct.unpack("<4Q", packet))

    @classmethod
    def of(cls, data):
        h = cls()
        for start in range(0, len(data) - 31, 32):
            h.update(struct.unpack_from("<4Q", data, start))
        if len(data) % 32:
            h.rest(data[len(data) // 32 * 32:])
        for _ in range(4):
            h.update([h.turn(x) for x in (h.v0[2], h.v0[3], h.v0[0], h.v0[1])])
        return (h.v0[0] + h.v1[0] + h.m0[0] + h.m1[0]) & MASK


def varint(n):
    out = bytearray()
    while n >= 128:
        out.append(n & 127 | 128)
        n >>= 7
    return bytes(out + bytes([n]))


class Records:
    """A Riegeli file: riegeli/doc/riegeli_records_file_format.md."""
    BLOCK = 1 << 16

    def __init__(self, compress):
        self.compress = compress
        self.data = bytearray()
        self.chunks = []
        self.chunk(b"s", b"", 0, 0)

    def chunk(self, kind, data, records, decoded):
        usable = self.BLOCK - 24
        begin = len(self.data)
        content = struct.pack("<QQ", len(data), HighwayHash.of(data)) + kind + records.to_bytes(7, "little")
        content += struct.pack("<Q", decoded)
        content = struct.pack("<Q", HighwayHash.of(content)) + content + data
        overhead = (len(content) + (begin + usable - 1) % self.BLOCK) // usable
        end = begin + len(content) + overhead * 24
        place = begin + records
        remaining = self.BLOCK - 1 - (place + self.BLOCK - 1) % self.BLOCK
        end = max(end, place + max(0, remaining - (usable - 1)))
        while content or len(self.data) < end:
            at = len(self.data)
            if at % self.BLOCK == 0:
                header = struct.pack("<QQ", at - begin, end - at)
                self.data += struct.pack("<Q", HighwayHash.of(header)) + header
                continue
            room = self.BLOCK - at % self.BLOCK
            part, content = content[:room], content[room:]
            self.data += part or bytes(min(room, end - at))
        return begin

    def write(self, records):
        """Writes records as one chunk and returns their positions."""
        sizes = b"".join(varint(len(r)) for r in records)
        values = b"".join(records)
        decoded = len(values)
        if self.compress:
            sizes = varint(len(sizes)) + brotli.compress(sizes)
            values = varint(len(values)) + brotli.compress(values)
        data = (b"b" if self.compress else b"\0") + varint(len(sizes)) + sizes + values
        begin = self.chunk(b"r", data, len(records), decoded)
        return [begin + i for i in range(len(records))]


def field(number, payload):
    return varint(number << 3 | 2) + varint(len(payload)) + payload


def number(number, value):
    return varint(number << 3) + varint(value)


def path(*steps):
    """FieldIndex messages: a number is a field, a list an index, a text a map's key."""
    out = b""
    for step in steps:
        if isinstance(step, list):
            index = number(3, step[0])
        elif isinstance(step, str):
            index = field(2, field(1, step.encode()))
        else:
            index = number(1, step)
        out += field(1, index)
    return out


def split(model, largest):
    """Returns the chunks of a SavedModel, whether each is bytes, and the tree that merges them."""
    model = saved_model_pb2.SavedModel.FromString(model)
    chunks = [None]
    is_bytes = [False]
    fields = []

    def add(data, where, inner=b"", bytes_=False):
        chunks.append(data)
        is_bytes.append(bytes_)
        fields.append(field(2, where + field(3, number(1, len(chunks) - 1) + inner)))

    for m, meta in enumerate(model.meta_graphs):
        graph = meta.graph_def
        for i, node in enumerate(graph.node):
            content = node.attr["value"].tensor.tensor_content if "value" in node.attr else b""
            if len(content) > largest:
                node.attr["value"].tensor.tensor_content = b""
                add(content, path(2, [m], 2, 1, [i], 5, "value", 8, 4), bytes_=True)
        for i, function in enumerate(graph.library.function):
            if function.ByteSize() > largest:
                add(function.SerializeToString(deterministic=True), path(2, [m], 2, 2, 1, [i]))
                function.Clear()
        # The second half of the nodes, as another part of the same graph.
        half = type(graph)()
        half.node.extend(graph.node[len(graph.node) // 2:])
        del graph.node[len(graph.node) // 2:]
        rest = half.SerializeToString(deterministic=True)
        chunks.append(rest)
        is_bytes.append(False)
        tail = field(2, field(3, number(1, len(chunks) - 1)))
        add(graph.SerializeToString(deterministic=True), path(2, [m], 2), inner=tail)
        graph.Clear()
    chunks[0] = model.SerializeToString(deterministic=True)
    return chunks, is_bytes, number(1, 0) + b"".join(fields)


def write(model, target, compress, largest=64):
    chunks, is_bytes, tree = split(model, largest)
    records = Records(compress)
    positions = records.write(chunks[:1]) + records.write(chunks[1:])
    listed = b"".join(
        field(2, number(1, 2 if b else 1) + number(2, len(c)) + number(3, p))
        for c, b, p in zip(chunks, is_bytes, positions))
    records.write([field(1, number(1, 1)) + listed + field(3, tree)])
    with open(target, "wb") as f:
        f.write(records.data)


def merged(folder):
    """Returns the SavedModel in a folder as TensorFlow's own reader of chunks puts it together."""
    package = os.path.dirname(tf.__file__)
    program = os.path.join(tempfile.gettempdir(), f"merge-{tf.__version__}")
    if not os.path.exists(program):
        source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "merge.cc")
        subprocess.run(["g++", "-std=c++17", "-w", f"-I{package}/include", source, "-o", program, f"-L{package}",
                        "-l:libtensorflow_cc.so.2", "-l:libtensorflow_framework.so.2", f"-Wl,-rpath,{package}"], check=True)
    with tempfile.NamedTemporaryFile() as output:
        subprocess.run([program, folder + "/saved_model", output.name], check=True)
        return saved_model_pb2.SavedModel.FromString(output.read())
