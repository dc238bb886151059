#include "ckernels.h"
#include <string.h>

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "tensor bytes are decoded in place: a big-endian host needs a swap here"
#endif

/* Type numbers: TensorFlow, core/framework/types.proto. */

static double from_bits(uint64_t bits) {
  double value;
  memcpy(&value, &bits, 8);
  return value;
}

static double half(uint16_t h) {
  uint64_t sign = (uint64_t)(h & 0x8000) << 48;
  uint32_t exponent = h >> 10 & 31, fraction = h & 1023;
  if (exponent == 31) return from_bits(sign | 0x7ff0000000000000u | (uint64_t)fraction << 42);
  if (exponent) return from_bits(sign | (uint64_t)(exponent + 1008) << 52 | (uint64_t)fraction << 42);
  double value = fraction * 0x1p-24;
  return sign ? -value : value;
}

static double brain(uint16_t b) {
  uint32_t bits = (uint32_t)b << 16;
  float value;
  memcpy(&value, &bits, 4);
  return value;
}

/* Floats of 8 bits and of 4: exponent bits, fraction bits, bias, and how the type spends its last patterns. Source:
   ml_dtypes, ml_dtypes/include/float8.h and mxfloat.h; Micikevicius et al. (2022), arXiv:2209.05433. */
typedef struct small_float {
  int exponent, fraction, bias;
  enum { ieee, no_infinity, no_negative_zero, all_finite } ends;
} small_float;

static const small_float *small_float_of(int32_t type) {
  static const small_float layouts[] = {
    {5, 2, 15, ieee},             /* 24 float8_e5m2 */
    {4, 3, 7, no_infinity},       /* 25 float8_e4m3fn */
    {4, 3, 8, no_negative_zero},  /* 26 float8_e4m3fnuz */
    {4, 3, 11, no_negative_zero}, /* 27 float8_e4m3b11fnuz */
    {5, 2, 16, no_negative_zero}, /* 28 float8_e5m2fnuz */
    {2, 1, 1, all_finite},        /* 33 float4_e2m1fn, in the low bits of a byte */
  };
  return type >= 24 && type <= 28 ? &layouts[type - 24] : type == 33 ? &layouts[5] : 0;
}

static uint32_t small_float_bits(const small_float *f, unsigned char byte) {
  uint32_t exponent = byte >> f->fraction & ((1u << f->exponent) - 1), fraction = byte & ((1u << f->fraction) - 1);
  uint32_t sign = (uint32_t)(byte >> (f->exponent + f->fraction) & 1) << 31;
  uint32_t last = (1u << f->exponent) - 1;
  if (f->ends == ieee && exponent == last) return sign | 0x7f800000u | fraction << (23 - f->fraction);
  if (f->ends == no_infinity && exponent == last && fraction == (1u << f->fraction) - 1) return sign | 0x7fc00000u;
  if (f->ends == no_negative_zero && byte == 0x80) return 0xffc00000u;
  if (exponent) return sign | (exponent + 127 - (uint32_t)f->bias) << 23 | fraction << (23 - f->fraction);
  if (!fraction) return sign;
  /* A subnormal is a normal float: its leading bit moves up to where it is not written. */
  uint32_t shift = 1;
  while (!(fraction << shift >> f->fraction)) shift++;
  return sign | (128 - (uint32_t)f->bias - shift) << 23 | ((fraction << shift) & ((1u << f->fraction) - 1)) << (23 - f->fraction);
}

int eqp_byte_floats(int32_t type, uint32_t bits[256]) {
  const small_float *f = small_float_of(type);
  if (!f) return 0;
  for (int byte = 0; byte < 256; byte++) bits[byte] = small_float_bits(f, (unsigned char)byte);
  return 1;
}

#define EACH(type)                                        \
  for (size_t i = 0; i < count; i++) {                    \
    type element;                                         \
    memcpy(&element, bytes + i * sizeof element, sizeof element); \
    values[i] = (double)element;                          \
  }                                                       \
  return 1;

int eqp_decode(int32_t type, const void *elements, double *values, size_t count) {
  const unsigned char *bytes = elements;
  switch (type) {
  case 8: count *= 2; /* complex64 */
  /* fall through */
  case 1: EACH(float)
  case 18: count *= 2; /* complex128 */
  /* fall through */
  case 2: EACH(double)
  case 3: case 13: EACH(int32_t)
  case 4: case 12: EACH(uint8_t)
  case 5: case 15: EACH(int16_t)
  case 6: case 11: EACH(int8_t)
  case 9: EACH(int64_t)
  case 10:
    for (size_t i = 0; i < count; i++) values[i] = bytes[i] != 0;
    return 1;
  case 14:
    for (size_t i = 0; i < count; i++) {
      uint16_t element;
      memcpy(&element, bytes + 2 * i, 2);
      values[i] = brain(element);
    }
    return 1;
  case 16: case 17: EACH(uint16_t)
  case 19:
    for (size_t i = 0; i < count; i++) {
      uint16_t element;
      memcpy(&element, bytes + 2 * i, 2);
      values[i] = half(element);
    }
    return 1;
  case 22: EACH(uint32_t)
  case 23: EACH(uint64_t)
  case 29: /* int4: one byte each, of which the low bits count */
    for (size_t i = 0; i < count; i++) values[i] = (double)((int)((bytes[i] & 15) ^ 8) - 8);
    return 1;
  case 30: /* uint4 */
    for (size_t i = 0; i < count; i++) values[i] = bytes[i] & 15;
    return 1;
  case 32: /* uint2 */
    for (size_t i = 0; i < count; i++) values[i] = bytes[i] & 3;
    return 1;
  case 31: /* int2 */
    for (size_t i = 0; i < count; i++) values[i] = (double)((int)((bytes[i] & 3) ^ 2) - 2);
    return 1;
  default: {
    const small_float *f = small_float_of(type);
    if (!f) return 0;
    for (size_t i = 0; i < count; i++) {
      uint32_t bits = small_float_bits(f, bytes[i]);
      float value;
      memcpy(&value, &bits, 4);
      values[i] = value;
    }
    return 1;
  }
  }
}

void eqp_differences(int32_t type_a, int32_t type_b, const void *elements_a, const void *elements_b, const double *a,
                     const double *b, double *d, size_t count) {
  if (type_a == type_b && (type_a == 9 || type_a == 23)) {
    for (size_t i = 0; i < count; i++) {
      if (type_a == 9) {
        int64_t x, y;
        memcpy(&x, (const char *)elements_a + 8 * i, 8);
        memcpy(&y, (const char *)elements_b + 8 * i, 8);
        d[i] = (double)((__int128)y - x);
      } else {
        uint64_t x, y;
        memcpy(&x, (const char *)elements_a + 8 * i, 8);
        memcpy(&y, (const char *)elements_b + 8 * i, 8);
        d[i] = (double)((__int128)y - (__int128)x);
      }
    }
    return;
  }
  if (type_a == 8 || type_a == 18) count *= 2;
  for (size_t i = 0; i < count; i++) d[i] = b[i] - a[i];
}
