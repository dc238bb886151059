#pragma once
#include "lanes.h"
#include "sums.h"

typedef float eqp_floats __attribute__((vector_size(32)));
typedef uint32_t eqp_words __attribute__((vector_size(32)));
typedef uint16_t eqp_halves __attribute__((vector_size(16)));

INLINE size_t width_of(const enum eqp_kind kind) { return eqp_kind_width(kind); }

/* Eight elements as doubles: exact for every kind. */
INLINE eqp_lanes load_as(const enum eqp_kind kind, const char *p) {
  if (kind == eqp_doubles || kind == eqp_float64) {
    eqp_lanes v;
    memcpy(&v, p, sizeof v);
    return v;
  }
  eqp_floats v;
  if (kind == eqp_float32) {
    memcpy(&v, p, sizeof v);
  } else {
    eqp_halves h;
    memcpy(&h, p, sizeof h);
    eqp_words w = __builtin_convertvector(h, eqp_words);
    if (kind == eqp_bfloat16) {
      v = (eqp_floats)(w << 16);
    } else { /* a product with 2¹¹² sets the exponent right, of subnormal halves too; infinities and NaN apart */
      eqp_words sign = (w & 0x8000) << 16, magnitude = (w & 0x7fff) << 13;
      eqp_words special = (eqp_words)((w & 0x7c00) == 0x7c00);
      eqp_words plain = (eqp_words)((eqp_floats)magnitude * 0x1p112f);
      v = (eqp_floats)(sign | ((magnitude | 0x7f800000) & special) | (plain & ~special));
    }
  }
  return __builtin_convertvector(v, eqp_lanes);
}

INLINE eqp_lanes load_some_as(const enum eqp_kind kind, const char *p, size_t n) {
  char some[64] = {0};
  memcpy(some, p, n * width_of(kind));
  return load_as(kind, some);
}

