#include "sums.h"
#include "ckernels.h"
#include "isa.h"
#include "elements.h"
#include "sums_avx2.h"
#include "sums_avx512.h"

#pragma STDC FP_CONTRACT OFF

typedef eqp_lanes lanes;
typedef eqp_masks masks;

int eqp_kind_of(int32_t type, size_t *count) {
  switch (type) {
  case 8: *count *= 2; /* complex64 */
  /* fall through */
  case 1: return eqp_float32;
  case 18: *count *= 2; /* complex128 */
  /* fall through */
  case 2: return eqp_float64;
  case 14: return eqp_bfloat16;
  case 19: return eqp_float16;
  case 6: case 11: return eqp_int8;
  case 4: case 12: return eqp_uint8;
  case 5: case 15: return eqp_int16;
  case 16: case 17: return eqp_uint16;
  case 3: case 13: return eqp_int32;
  case 22: return eqp_uint32;
  case 9: return eqp_int64;
  case 23: return eqp_uint64;
  default: return -1;
  }
}

int eqp_takes_elements(int32_t type) {
  size_t count = 0;
  return eqp_kind_of(type, &count) >= 0;
}

/* The sums of eight lanes, and what they start from. */
typedef struct sums {
  lanes a, b, aa, bb, ab, d, dd, abs_d, abs_a, abs_b;
  lanes shifted_aa, shifted_bb, shifted_ab;
  lanes max_abs_d, min_a, max_a, min_b, max_b;
  masks changed; /* minus the elements that differ */
} sums;

/* What a body leaves out is known to the compiler: the shifted sums where there is no shift, the sums of magnitudes and the
   extremes of each side where they are not asked for. `valid` masks the lanes that hold elements, where not all do. */
enum parts { plain = 0, centred = 1, sized = 2, partial = 4 };

/* s + x · y, fused where the instruction set can: the same bits, as products of floats are exact in double. */
INLINE lanes plus_exact(lanes s, lanes x, lanes y) {
#pragma clang fp contract(on)
  return s + x * y;
}

/* s + x · y. Other products are rounded, and so must they be where an instruction set could do without. */
INLINE lanes plus(const enum eqp_kind kind, lanes s, lanes x, lanes y) {
  if (eqp_kind_fits_float(kind)) return plus_exact(s, x, y);
  lanes product = x * y;
  return s + product;
}

INLINE void step(const enum eqp_kind kind, const int parts, sums *s, lanes x, lanes y, lanes e, masks valid, lanes shift) {
  lanes pe = absolute(e), square = e * e;
  s->a += x; s->b += y; s->d += e;
  s->aa = plus(kind, s->aa, x, x); s->bb = plus(kind, s->bb, y, y); s->ab = plus(kind, s->ab, x, y);
  s->dd += square;
  s->changed += (masks)(e != (lanes){});
  if (parts & centred) {
    lanes u = x - shift, v = y - shift;
    if (parts & partial) {
      u = (lanes)((masks)u & valid);
      v = (lanes)((masks)v & valid);
    }
    lanes uu = u * u, vv = v * v, uv = u * v;
    s->shifted_aa += uu; s->shifted_bb += vv; s->shifted_ab += uv;
  }
  s->max_abs_d = larger(pe, s->max_abs_d);
  if (!(parts & sized)) return;
  s->abs_d += pe; s->abs_a += absolute(x); s->abs_b += absolute(y);
  lanes high = (lanes){} + INFINITY;
  s->min_a = smaller(parts & partial ? choose(valid, x, high) : x, s->min_a);
  s->max_a = larger(parts & partial ? choose(valid, x, -high) : x, s->max_a);
  s->min_b = smaller(parts & partial ? choose(valid, y, high) : y, s->min_b);
  s->max_b = larger(parts & partial ? choose(valid, y, -high) : y, s->max_b);
}

/* How many differ, by lane: in the last bits of a number that has them all. */
INLINE lanes changed_of(const sums *s) {
  const lanes whole = (lanes){} + 0x1p52;
  return (lanes)((masks)whole - s->changed) - whole;
}

INLINE masks first(size_t n) {
  const masks lane = {0, 1, 2, 3, 4, 5, 6, 7};
  return lane < (masks){} + (int64_t)n;
}

INLINE int all_finite(lanes x) {
  lanes z = x - x; /* 0, or NaN */
  double s = ((z[0] + z[4]) + (z[2] + z[6])) + ((z[1] + z[5]) + (z[3] + z[7]));
  return s == 0;
}

/* Eight reductions at once, each by one tree: lane k with k + 4, then with k + 2, then with k + 1. */
INLINE lanes trees(lanes v0, lanes v1, lanes v2, lanes v3, lanes v4, lanes v5, lanes v6, lanes v7) {
#define FOLD4(x, y) \
  (__builtin_shufflevector(x, y, 0, 1, 2, 3, 8, 9, 10, 11) + __builtin_shufflevector(x, y, 4, 5, 6, 7, 12, 13, 14, 15))
#define FOLD2(x, y) \
  (__builtin_shufflevector(x, y, 0, 1, 4, 5, 8, 9, 12, 13) + __builtin_shufflevector(x, y, 2, 3, 6, 7, 10, 11, 14, 15))
  lanes a = FOLD4(v0, v1), b = FOLD4(v2, v3), c = FOLD4(v4, v5), d = FOLD4(v6, v7);
  lanes e = FOLD2(a, b), f = FOLD2(c, d);
#undef FOLD4
#undef FOLD2
  return __builtin_shufflevector(e, f, 0, 2, 4, 6, 8, 10, 12, 14) + __builtin_shufflevector(e, f, 1, 3, 5, 7, 9, 11, 13, 15);
}

INLINE double lowest(lanes v) {
  double m = v[0];
  for (int k = 1; k < eqp_lane_count; k++) m = v[k] < m ? v[k] : m;
  return m;
}
INLINE double highest(lanes v) {
  double m = v[0];
  for (int k = 1; k < eqp_lane_count; k++) m = v[k] > m ? v[k] : m;
  return m;
}

INLINE int run_any(const enum eqp_kind kind, const int parts, double *t, size_t stride, const char *a, const char *b,
                   const double *d, size_t n, double shift) {
  const size_t width = width_of(kind);
  lanes z = {0}, inf = z + INFINITY, c = z + shift;
  sums s = {.min_a = inf, .max_a = -inf, .min_b = inf, .max_b = -inf};
  size_t i = 0;
  for (; i + eqp_lane_count <= n; i += eqp_lane_count) {
    /* a page further than processors look ahead by themselves, which is too little for so short a loop */
    __builtin_prefetch(a + i * width + 4096);
    __builtin_prefetch(b + i * width + 4096);
    lanes x = load_as(kind, a + i * width), y = load_as(kind, b + i * width);
    lanes e = differences(kind, a + i * width, b + i * width, kind == eqp_doubles ? d + i : d, x, y, eqp_lane_count);
    step(kind, parts, &s, x, y, e, (masks){}, c);
  }
  if (i < n) {
    lanes x = load_some_as(kind, a + i * width, n - i), y = load_some_as(kind, b + i * width, n - i);
    lanes e = differences(kind, a + i * width, b + i * width, kind == eqp_doubles ? d + i : d, x, y, n - i);
    step(kind, parts | partial, &s, x, y, e, first(n - i), c);
  }
  if (!all_finite(s.aa + s.bb)) return 0;
  lanes one = trees(s.a, s.b, s.aa, s.bb, s.ab, s.d, s.dd, changed_of(&s)), two = z;
  if (parts & (centred | sized)) two = trees(s.abs_a, s.abs_b, s.abs_d, s.shifted_aa, s.shifted_bb, s.shifted_ab, z, z);
#define ADD(field, value) t[(field) * stride] += (value)
  ADD(eqp_count, (double)n);
  ADD(eqp_sum_a, one[0]); ADD(eqp_sum_b, one[1]);
  ADD(eqp_sum_aa, one[2]); ADD(eqp_sum_bb, one[3]); ADD(eqp_sum_ab, one[4]);
  ADD(eqp_sum_d, one[5]); ADD(eqp_sum_dd, one[6]); ADD(eqp_changed, one[7]);
  if (parts & centred) {
    ADD(eqp_shifted_aa, two[3]); ADD(eqp_shifted_bb, two[4]); ADD(eqp_shifted_ab, two[5]);
  }
#undef ADD
  double *at = t + eqp_max_abs_d * stride, v = highest(s.max_abs_d);
  *at = v > *at ? v : *at;
  if (!(parts & sized)) return 1;
  t[eqp_sum_abs_a * stride] += two[0];
  t[eqp_sum_abs_b * stride] += two[1];
  t[eqp_sum_abs_d * stride] += two[2];
  at = t + eqp_min_a * stride; v = lowest(s.min_a); *at = v < *at ? v : *at;
  at = t + eqp_max_a * stride; v = highest(s.max_a); *at = v > *at ? v : *at;
  at = t + eqp_min_b * stride; v = lowest(s.min_b); *at = v < *at ? v : *at;
  at = t + eqp_max_b * stride; v = highest(s.max_b); *at = v > *at ? v : *at;
  return 1;
}

/* Groups of eight columns at once, or fewer columns than eight, each a lane with a row of the table of its own: no
   reduction at all. */
INLINE int columns_any(const enum eqp_kind kind, const int parts, const size_t groups, double *t, size_t stride,
                       const char *a, const char *b, const double *d, size_t columns, size_t rows, size_t pitch,
                       double shift) {
  const size_t width = width_of(kind);
  masks valid = first(columns);
  lanes c = (lanes){} + shift;
  sums all[2];
#define AT(field) (t + (field) * stride + g * eqp_lane_count)
#define GET(field) (parts & partial ? load_some_as(eqp_doubles, (const char *)AT(field), columns) : load(AT(field)))
  for (size_t g = 0; g < groups; g++) {
    sums s = {.changed = {0}};
    s.a = GET(eqp_sum_a); s.b = GET(eqp_sum_b); s.aa = GET(eqp_sum_aa); s.bb = GET(eqp_sum_bb); s.ab = GET(eqp_sum_ab);
    s.d = GET(eqp_sum_d); s.dd = GET(eqp_sum_dd); s.max_abs_d = GET(eqp_max_abs_d);
    if (parts & centred) {
      s.shifted_aa = GET(eqp_shifted_aa); s.shifted_bb = GET(eqp_shifted_bb); s.shifted_ab = GET(eqp_shifted_ab);
    }
    if (parts & sized) {
      s.abs_d = GET(eqp_sum_abs_d); s.abs_a = GET(eqp_sum_abs_a); s.abs_b = GET(eqp_sum_abs_b);
      s.min_a = GET(eqp_min_a); s.max_a = GET(eqp_max_a); s.min_b = GET(eqp_min_b); s.max_b = GET(eqp_max_b);
    }
    all[g] = s;
  }
  for (size_t r = 0; r < rows; r++) {
    for (size_t g = 0; g < groups; g++) {
      const size_t at = r * pitch + g * eqp_lane_count;
      lanes x = parts & partial ? load_some_as(kind, a + at * width, columns) : load_as(kind, a + at * width);
      lanes y = parts & partial ? load_some_as(kind, b + at * width, columns) : load_as(kind, b + at * width);
      lanes e = differences(kind, a + at * width, b + at * width, kind == eqp_doubles ? d + at : d, x, y,
                            parts & partial ? columns : eqp_lane_count);
      step(kind, parts, &all[g], x, y, e, valid, c);
    }
  }
  for (size_t g = 0; g < groups; g++)
    if (!all_finite(all[g].aa + all[g].bb)) return 0;
#define PUT(field, value) \
  if (parts & partial) memcpy(AT(field), &value, columns * sizeof(double)); else store(AT(field), value);
  for (size_t g = 0; g < groups; g++) {
    sums s = all[g];
    lanes count = GET(eqp_count) + (double)rows, changed = GET(eqp_changed) + changed_of(&s);
    PUT(eqp_count, count)
    PUT(eqp_sum_a, s.a) PUT(eqp_sum_b, s.b) PUT(eqp_sum_aa, s.aa) PUT(eqp_sum_bb, s.bb) PUT(eqp_sum_ab, s.ab)
    PUT(eqp_sum_d, s.d) PUT(eqp_sum_dd, s.dd) PUT(eqp_changed, changed) PUT(eqp_max_abs_d, s.max_abs_d)
    if (parts & centred) {
      PUT(eqp_shifted_aa, s.shifted_aa) PUT(eqp_shifted_bb, s.shifted_bb) PUT(eqp_shifted_ab, s.shifted_ab)
    }
    if (!(parts & sized)) continue;
    PUT(eqp_sum_abs_d, s.abs_d) PUT(eqp_sum_abs_a, s.abs_a) PUT(eqp_sum_abs_b, s.abs_b)
    PUT(eqp_min_a, s.min_a) PUT(eqp_max_a, s.max_a) PUT(eqp_min_b, s.min_b) PUT(eqp_max_b, s.max_b)
  }
#undef PUT
#undef GET
#undef AT
  return 1;
}

#define WHOLE(kind) case kind: *sound = CALL(kind, centred | sized); break;
#define PARTS(kind)                                                       \
  case kind:                                                              \
    *sound = shift != 0 ? (sizes ? CALL(kind, centred | sized) : CALL(kind, centred)) \
                        : (sizes ? CALL(kind, sized) : CALL(kind, plain)); \
    break;
/* One body does for integers and for doubles that were decoded, which are rare: a shift by 0 changes nothing. */
#define EACH_KIND switch (block->kind) { WHOLE(eqp_doubles) EQP_FLOAT_KINDS(PARTS) EQP_INTEGER_KINDS(WHOLE) }

#define CALL(kind, parts) run_any(kind, parts, t, stride, block->a, block->b, block->d, n, shift)
INLINE void run_body(double *t, size_t stride, const eqp_block *block, size_t n, double shift, int sizes, int *sound) {
  EACH_KIND
}
#undef CALL
EQP_EACH_ISA_STATIC(run, (double *t, size_t stride, const eqp_block *block, size_t n, double shift, int sizes, int *sound),
             (t, stride, block, n, shift, sizes, sound))

#define CALL(kind, parts)                                                                          \
  columns_any(kind, parts, groups, t, stride, block->a, block->b, block->d, groups * eqp_lane_count, rows, pitch, shift)
INLINE void columns_of(const size_t groups, double *t, size_t stride, const eqp_block *block, size_t rows, size_t pitch,
                       double shift, int sizes, int *sound) {
  EACH_KIND
}
#undef CALL
INLINE void columns_body(double *t, size_t stride, const eqp_block *block, size_t n, size_t rows, size_t pitch,
                         double shift, int sizes, int *sound) {
  if (n == 16) columns_of(2, t, stride, block, rows, pitch, shift, sizes, sound);
  else columns_of(1, t, stride, block, rows, pitch, shift, sizes, sound);
}
EQP_EACH_ISA_STATIC(columns,
             (double *t, size_t stride, const eqp_block *block, size_t n, size_t rows, size_t pitch, double shift,
              int sizes, int *sound),
             (t, stride, block, n, rows, pitch, shift, sizes, sound))

/* The few columns at an edge: one body a kind. */
#define CALL(kind, parts) \
  columns_any(kind, (parts) | partial, 1, t, stride, block->a, block->b, block->d, n, rows, pitch, shift)
INLINE void some_columns_body(double *t, size_t stride, const eqp_block *block, size_t n, size_t rows, size_t pitch,
                              double shift, int *sound) {
  switch (block->kind) { WHOLE(eqp_doubles) EQP_FLOAT_KINDS(WHOLE) EQP_INTEGER_KINDS(WHOLE) }
}
#undef CALL
EQP_EACH_ISA_STATIC(some_columns,
             (double *t, size_t stride, const eqp_block *block, size_t n, size_t rows, size_t pitch, double shift,
              int *sound),
             (t, stride, block, n, rows, pitch, shift, sound))

/* Whether what is asked for was written for an instruction set by hand. */
static int by_hand(enum eqp_isa isa, const eqp_block *block, double shift, int sizes) {
#if defined(__x86_64__)
  return (block->kind == eqp_float32 || block->kind == eqp_float16 || block->kind == eqp_bfloat16) && shift == 0 && !sizes &&
         eqp_current_isa() == isa;
#else
  return 0;
#endif
}

int eqp_reads_columns_again(const eqp_block *block, double shift, int sizes) {
  return by_hand(eqp_avx2, block, shift, sizes);
}

int eqp_fetches_columns(const eqp_block *block, double shift, int sizes) {
  return by_hand(eqp_avx512, block, shift, sizes);
}

int eqp_sums_eight_runs(const eqp_block *block, double shift, int sizes) {
  return by_hand(eqp_avx512, block, shift, sizes);
}

int eqp_sum_eight_runs(double *t, size_t stride, const eqp_block *block, size_t n) {
#if defined(__x86_64__)
  return eqp_sum_eight_runs_avx512(t, stride, block, n);
#else
  return 0;
#endif
}

int eqp_sum_run(double *t, size_t stride, const eqp_block *block, size_t n, double shift, int sizes) {
#if defined(__x86_64__)
  if (by_hand(eqp_avx2, block, shift, sizes)) return eqp_sum_run_avx2(t, stride, block, n);
  if (by_hand(eqp_avx512, block, shift, sizes)) return eqp_sum_run_avx512(t, stride, block, n);
#endif
  int sound;
  run(t, stride, block, n, shift, sizes, &sound);
  return sound;
}

int eqp_sum_columns(double *t, size_t stride, const eqp_block *block, size_t count, size_t rows, size_t pitch,
                    double shift, int sizes, size_t ahead) {
#if defined(__x86_64__)
  if (count >= 8 && by_hand(eqp_avx2, block, shift, sizes))
    return eqp_sum_columns_avx2(t, stride, block, count, rows, pitch);
  if (count >= 8 && by_hand(eqp_avx512, block, shift, sizes))
    return eqp_sum_columns_avx512(t, stride, block, count, rows, pitch, ahead);
#endif
  int sound;
  if (count >= 8) columns(t, stride, block, count, rows, pitch, shift, sizes, &sound);
  else some_columns(t, stride, block, count, rows, pitch, shift, &sound);
  return sound;
}

void eqp_sum_element(double *t, size_t stride, double x, double y, double d, double shift) {
  double terms[eqp_excluded] = {1, x, y, x * x, y * y, x * y, d, d * d, fabs(d), fabs(x), fabs(y),
                                (x - shift) * (x - shift), (y - shift) * (y - shift), (x - shift) * (y - shift), d != 0};
  for (size_t f = 0; f < eqp_excluded; f++) t[f * stride] += terms[f];
  double *at = t + eqp_max_abs_d * stride;
  *at = fabs(d) > *at ? fabs(d) : *at;
  at = t + eqp_min_a * stride; *at = x < *at ? x : *at;
  at = t + eqp_max_a * stride; *at = x > *at ? x : *at;
  at = t + eqp_min_b * stride; *at = y < *at ? y : *at;
  at = t + eqp_max_b * stride; *at = y > *at ? y : *at;
}

void eqp_block_element(const eqp_block *block, size_t i, double *x, double *y, double *d) {
  size_t width = eqp_kind_width(block->kind);
  static const int32_t types[] = {2, 2, 1, 19, 14, 6, 4, 5, 17, 3, 22, 9, 23};
  const int32_t type = types[block->kind];
  const char *a = block->a + i * width, *b = block->b + i * width;
  eqp_decode(type, a, x, 1);
  eqp_decode(type, b, y, 1);
  if (block->kind == eqp_doubles) *d = block->d[i];
  else eqp_differences(type, type, a, b, x, y, d, 1);
}

typedef int32_t eight_numbers __attribute__((vector_size(32)));
INLINE eight_numbers bins_of(lanes v, double low, double per_width, size_t bins) {
  const lanes below = (lanes){} - 1.0, most = (lanes){} + (double)bins;
  lanes position = (v - low) * per_width;
  position = choose(position >= (lanes){}, smaller(position, most), below);
  return __builtin_convertvector(position, eight_numbers) + 1;
}
INLINE void bins_any(const enum eqp_kind kind, const char *x, size_t n, double low, double per_width, size_t bins,
                     uint32_t *out) {
  const size_t width = width_of(kind);
  size_t i = 0;
  for (; i + eqp_lane_count <= n; i += eqp_lane_count) {
    eight_numbers k = bins_of(load_as(kind, x + i * width), low, per_width, bins);
    memcpy(out + i, &k, sizeof k);
  }
  if (i < n) {
    eight_numbers k = bins_of(load_some_as(kind, x + i * width, n - i), low, per_width, bins);
    memcpy(out + i, &k, (n - i) * sizeof *out);
  }
}
INLINE void numbers_body(enum eqp_kind kind, const char *x, size_t n, double low, double per_width, size_t bins,
                         uint32_t *out) {
#define BINS(kind) case kind: bins_any(kind, x, n, low, per_width, bins, out); break;
  switch (kind) { BINS(eqp_doubles) EQP_FLOAT_KINDS(BINS) EQP_INTEGER_KINDS(BINS) }
#undef BINS
}
EQP_EACH_ISA_STATIC(numbers,
                    (enum eqp_kind kind, const char *x, size_t n, double low, double per_width, size_t bins, uint32_t *out),
                    (kind, x, n, low, per_width, bins, out))

void eqp_bins(enum eqp_kind kind, const char *x, size_t n, double low, double per_width, size_t bins, uint32_t *out) {
#if defined(__x86_64__)
  enum { together = 256 };
  float floats[together];
  for (size_t some; kind == eqp_float16 && eqp_current_isa() == eqp_avx2 && n; n -= some, x += some * 2, out += some) {
    some = n < together ? n : together;
    eqp_floats_of_halves_avx2(floats, x, some);
    numbers(eqp_float32, (const char *)floats, some, low, per_width, bins, out);
  }
#endif
  numbers(kind, x, n, low, per_width, bins, out);
}
