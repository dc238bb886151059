#pragma once
/* Eight doubles, whatever the width of the registers: the layout of every sum. Vectors pass between inlined functions
   only, so no calling convention is involved. */
#pragma clang diagnostic ignored "-Wpsabi"
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef double eqp_lanes __attribute__((vector_size(64)));
typedef int64_t eqp_masks __attribute__((vector_size(64)));
enum { eqp_lane_count = 8 };

#define INLINE static inline __attribute__((always_inline))

INLINE eqp_lanes load(const double *p) {
  eqp_lanes v;
  memcpy(&v, p, sizeof v);
  return v;
}
INLINE void store(double *p, eqp_lanes v) { memcpy(p, &v, sizeof v); }
INLINE eqp_lanes choose(eqp_masks m, eqp_lanes x, eqp_lanes y) {
  return (eqp_lanes)(((eqp_masks)x & m) | ((eqp_masks)y & ~m));
}
INLINE eqp_lanes absolute(eqp_lanes x) { return (eqp_lanes)((eqp_masks)x & 0x7fffffffffffffffll); }
INLINE eqp_lanes smaller(eqp_lanes x, eqp_lanes y) { return choose(x < y, x, y); }
INLINE eqp_lanes larger(eqp_lanes x, eqp_lanes y) { return choose(x > y, x, y); }
