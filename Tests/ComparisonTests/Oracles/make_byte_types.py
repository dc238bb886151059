"""python3 make_byte_types.py > byte_types.json
What TensorFlow makes of each byte of its types of 8, 4 and 2 bits (of float4 those whose upper bits are 0): the bits of
the value in single precision, -1 for NaN. Needs tensorflow 2.21 (ml_dtypes 0.6)."""
import json
import numpy as np
import tensorflow as tf

names = ["float8_e5m2", "float8_e4m3fn", "float8_e4m3fnuz", "float8_e4m3b11fnuz", "float8_e5m2fnuz", "float4_e2m1fn",
         "int4", "uint4", "int2", "uint2"]
values = {}
for name in names:
    numbers = np.arange(16 if name == "float4_e2m1fn" else 256, dtype=np.uint8).view(tf.dtypes.as_dtype(name).as_numpy_dtype).astype(np.float32)
    values[name] = [-1 if np.isnan(x) else int(x.view(np.uint32)) for x in numbers]
print(json.dumps(values, separators=(",", ":")).replace("],", "],\n"))
