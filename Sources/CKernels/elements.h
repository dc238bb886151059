#pragma once
#include "lanes.h"
#include "sums.h"

typedef float eqp_floats __attribute__((vector_size(32)));
typedef uint32_t eqp_words __attribute__((vector_size(32)));
typedef uint16_t eqp_halves __attribute__((vector_size(16)));

#define EQP_VECTOR(name, type, bytes) typedef type name __attribute__((vector_size(bytes)))
EQP_VECTOR(eqp_eight_int8, int8_t, 8);
EQP_VECTOR(eqp_eight_uint8, uint8_t, 8);
EQP_VECTOR(eqp_eight_int16, int16_t, 16);
EQP_VECTOR(eqp_eight_int32, int32_t, 32);
EQP_VECTOR(eqp_eight_uint64, uint64_t, 64);

INLINE size_t width_of(const enum eqp_kind kind) { return eqp_kind_width(kind); }

/* Eight elements that are floats, or halves. */
INLINE eqp_floats load_floats(const enum eqp_kind kind, const char *p) {
  eqp_floats v;
  if (kind == eqp_float32) {
    memcpy(&v, p, sizeof v);
    return v;
  }
  eqp_halves h;
  memcpy(&h, p, sizeof h);
  eqp_words w = __builtin_convertvector(h, eqp_words);
  if (kind == eqp_bfloat16) return (eqp_floats)(w << 16);
  /* a product with 2¹¹² sets the exponent right, of subnormal halves too; infinities and NaN apart */
  eqp_words sign = (w & 0x8000) << 16, magnitude = (w & 0x7fff) << 13;
  eqp_words special = (eqp_words)((w & 0x7c00) == 0x7c00);
  eqp_words plain = (eqp_words)((eqp_floats)magnitude * 0x1p112f);
  return (eqp_floats)(sign | ((magnitude | 0x7f800000) & special) | (plain & ~special));
}

/* Eight elements as doubles: exact for every kind but integers of 64 bits, which are rounded to nearest. */
INLINE eqp_lanes load_as(const enum eqp_kind kind, const char *p) {
#define CONVERTED(type) do { type v; memcpy(&v, p, sizeof v); return __builtin_convertvector(v, eqp_lanes); } while (0)
  eqp_lanes doubles;
  switch (kind) {
  case eqp_doubles:
  case eqp_float64: memcpy(&doubles, p, sizeof doubles); return doubles;
  case eqp_int8: CONVERTED(eqp_eight_int8);
  case eqp_uint8: CONVERTED(eqp_eight_uint8);
  case eqp_int16: CONVERTED(eqp_eight_int16);
  case eqp_uint16: CONVERTED(eqp_halves);
  case eqp_int32: CONVERTED(eqp_eight_int32);
  case eqp_uint32: CONVERTED(eqp_words);
  case eqp_int64: CONVERTED(eqp_masks);
  case eqp_uint64: CONVERTED(eqp_eight_uint64);
  default: return __builtin_convertvector(load_floats(kind, p), eqp_lanes);
  }
#undef CONVERTED
}

INLINE eqp_lanes load_some_as(const enum eqp_kind kind, const char *p, size_t n) {
  char some[64] = {0};
  memcpy(some, p, n * width_of(kind));
  return load_as(kind, some);
}


/* b − a of 64-bit integers, rounded once. What has 65 bits is halved, its last bit kept as a sign that there was more. */
INLINE eqp_lanes integer_differences(const enum eqp_kind kind, const char *a, const char *b) {
  eqp_eight_uint64 x, y;
  memcpy(&x, a, sizeof x);
  memcpy(&y, b, sizeof y);
  eqp_eight_uint64 d = y - x;
  eqp_masks negative = kind == eqp_int64 ? (eqp_masks)y < (eqp_masks)x : (eqp_masks)(y < x);
  eqp_masks too_long = negative ^ ((eqp_masks)d < (eqp_masks){});
  eqp_masks half = (eqp_masks)(d >> 1 | ((eqp_eight_uint64)negative << 63) | (d & 1));
  eqp_lanes whole = __builtin_convertvector((eqp_masks)d, eqp_lanes);
  return choose(too_long, __builtin_convertvector(half, eqp_lanes) * 2, whole);
}

/* b − a of up to eight elements, of which x and y are the doubles. */
INLINE eqp_lanes differences(const enum eqp_kind kind, const char *a, const char *b, const double *d, eqp_lanes x,
                             eqp_lanes y, size_t n) {
  if (kind == eqp_doubles) return n < eqp_lane_count ? load_some_as(kind, (const char *)d, n) : load(d);
  if (kind != eqp_int64 && kind != eqp_uint64) return y - x;
  if (n == eqp_lane_count) return integer_differences(kind, a, b);
  char some_a[64] = {0}, some_b[64] = {0};
  memcpy(some_a, a, n * 8);
  memcpy(some_b, b, n * 8);
  return integer_differences(kind, some_a, some_b);
}
