#include "sums_avx2.h"
#include "ckernels.h"
#include "isa.h"
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#pragma clang diagnostic ignored "-Wpsabi"
#pragma STDC FP_CONTRACT OFF

typedef double four __attribute__((vector_size(32)));
typedef int64_t four_masks __attribute__((vector_size(32)));
typedef float four_floats __attribute__((vector_size(16)));
enum { lanes = 4, widest = sizeof(float) };

typedef struct sums {
  four a, b, aa, bb, ab, d, dd, max_abs_d;
  four_masks changed; /* minus the elements that differ */
} sums;

AVX2_INLINE four load(const double *p) {
  four v;
  memcpy(&v, p, sizeof v);
  return v;
}
AVX2_INLINE void store(double *p, four v) { memcpy(p, &v, sizeof v); }
AVX2_INLINE four load_floats(const enum eqp_kind kind, const char *p) {
  four_floats v;
  if (kind == eqp_float32) memcpy(&v, p, sizeof v);
  else {
    __m128i halves = _mm_loadl_epi64((const __m128i *)p);
    if (kind == eqp_float16) v = (four_floats)_mm_cvtph_ps(halves);
    else v = (four_floats)_mm_unpacklo_epi16(_mm_setzero_si128(), halves); /* the upper half of a float */
  }
  return __builtin_convertvector(v, four);
}

/* How many differ, by lane: in the last bits of a number that has them all. */
AVX2_INLINE four changed_of(const sums *s) {
  const four whole = (four){} + 0x1p52;
  return (four)((four_masks)whole - s->changed) - whole;
}

AVX2_INLINE four larger(four x, four y) {
  four_masks more = (four_masks)(x > y);
  return (four)(((four_masks)x & more) | ((four_masks)y & ~more));
}

/* A factor that the compiler doesn't know: with it a sum is a fused product, exactly, and done by those units of the
   processor that have less to do here. */
static const volatile double one = 1;

/* Adds `rows` rows of four, `pitch` bytes apart. `ahead` bytes further on is what to ask for, 0 for nothing. */
AVX2_INLINE void add(const enum eqp_kind kind, sums *s, const char *a, const char *b, size_t rows, size_t pitch,
                     const size_t ahead) {
  const four unit = (four){} + one;
  for (size_t r = 0; r < rows; r++, a += pitch, b += pitch) {
    if (ahead) {
      __builtin_prefetch(a + ahead, 0, 2);
      __builtin_prefetch(b + ahead, 0, 2);
    }
    four x = load_floats(kind, a), y = load_floats(kind, b), e = y - x, square = e * e;
    s->a = __builtin_elementwise_fma(x, unit, s->a);
    s->b = __builtin_elementwise_fma(y, unit, s->b);
    /* products of floats are exact: the same bits as without fusing */
    s->aa = __builtin_elementwise_fma(x, x, s->aa);
    s->bb = __builtin_elementwise_fma(y, y, s->bb);
    s->ab = __builtin_elementwise_fma(x, y, s->ab);
    s->d += e;
    s->dd += square;
    s->changed += (four_masks)(e != (four){});
    s->max_abs_d = larger((four)((four_masks)e & INT64_MAX), s->max_abs_d);
  }
}

AVX2_INLINE int all_finite(four x) {
  four z = x - x; /* 0, or NaN */
  return (z[0] + z[2]) + (z[1] + z[3]) == 0;
}

/* Lane 0 with lane 2, and 1 with 3, of two. */
AVX2_INLINE four fold(four x, four y) {
  return __builtin_shufflevector(x, y, 0, 1, 4, 5) + __builtin_shufflevector(x, y, 2, 3, 6, 7);
}
/* Four reductions at once, each by the end of the one tree: lane k with k + 2, then with k + 1. */
AVX2_INLINE four trees(four v0, four v1, four v2, four v3) {
  four x = fold(v0, v1), y = fold(v2, v3);
  return __builtin_shufflevector(x, y, 0, 2, 4, 6) + __builtin_shufflevector(x, y, 1, 3, 5, 7);
}

AVX2_INLINE int run(const enum eqp_kind kind, double *t, size_t stride, const char *a, const char *b, size_t n) {
  enum { eight = 2 * lanes, together = 64 }; /* rows of eight that the nearest cache still has for the second half */
  const size_t width = eqp_kind_width(kind), pitch = eight * width, half = pitch / 2, rows = n / eight, rest = n % eight;
  char last_a[eight * widest], last_b[eight * widest];
  sums halves[2] = {{.changed = {0}}, {.changed = {0}}};
  for (size_t row = 0, some; row < rows; row += some, a += some * pitch, b += some * pitch) {
    some = rows - row < together ? rows - row : together;
#pragma clang loop unroll(disable)
    for (size_t k = 0; k < 2; k++) { /* each in registers */
      sums s = halves[k];
      if (k) add(kind, &s, a + half, b + half, some, pitch, 2 * together * pitch);
      else add(kind, &s, a, b, some, pitch, 0);
      halves[k] = s;
    }
  }
  if (rest) {
    memset(last_a, 0, sizeof last_a);
    memset(last_b, 0, sizeof last_b);
    memcpy(last_a, a, rest * width);
    memcpy(last_b, b, rest * width);
    for (size_t k = 0; k < 2; k++) add(kind, &halves[k], last_a + k * half, last_b + k * half, 1, 0, 0);
  }
  const sums *x = &halves[0], *y = &halves[1];
#define WHOLE(field) (x->field + y->field)
  four squares_a = WHOLE(aa), squares_b = WHOLE(bb);
  if (!all_finite(squares_a + squares_b)) return 0;
  four first = trees(WHOLE(a), WHOLE(b), squares_a, squares_b);
  four second = trees(WHOLE(ab), WHOLE(d), WHOLE(dd), changed_of(x) + changed_of(y));
#undef WHOLE
#define ADD(field, value) t[(field) * stride] += (value)
  ADD(eqp_count, (double)n);
  ADD(eqp_sum_a, first[0]); ADD(eqp_sum_b, first[1]); ADD(eqp_sum_aa, first[2]); ADD(eqp_sum_bb, first[3]);
  ADD(eqp_sum_ab, second[0]); ADD(eqp_sum_d, second[1]); ADD(eqp_sum_dd, second[2]); ADD(eqp_changed, second[3]);
#undef ADD
  four most = larger(x->max_abs_d, y->max_abs_d);
  most = larger(most, __builtin_shufflevector(most, most, 2, 3, 0, 1));
  double *at = t + eqp_max_abs_d * stride, v = most[0] > most[1] ? most[0] : most[1];
  *at = v > *at ? v : *at;
  return 1;
}

AVX2_INLINE int add_columns(const enum eqp_kind kind, double *t, size_t stride, const char *a, const char *b, size_t columns,
                            size_t rows, size_t pitch) {
  enum { most = 16 };
  const size_t width = eqp_kind_width(kind);
  static const uint8_t fields[] = {eqp_sum_a, eqp_sum_b, eqp_sum_aa, eqp_sum_bb, eqp_sum_ab, eqp_sum_d, eqp_sum_dd,
                                   eqp_max_abs_d, eqp_changed};
  double out[eqp_fields * most] __attribute__((aligned(64))); /* until all are known to be finite */
  four squares = {0};
  for (size_t c = 0; c < columns; c += lanes) {
#define FROM(field) load(t + (field) * stride + c)
    sums s = {FROM(eqp_sum_a), FROM(eqp_sum_b), FROM(eqp_sum_aa), FROM(eqp_sum_bb), FROM(eqp_sum_ab),
              FROM(eqp_sum_d), FROM(eqp_sum_dd), FROM(eqp_max_abs_d), {0}};
    add(kind, &s, a + c * width, b + c * width, rows, pitch * width, 0);
#define PUT(field, value) store(out + (field) * most + c, value)
    PUT(eqp_sum_a, s.a); PUT(eqp_sum_b, s.b); PUT(eqp_sum_aa, s.aa); PUT(eqp_sum_bb, s.bb); PUT(eqp_sum_ab, s.ab);
    PUT(eqp_sum_d, s.d); PUT(eqp_sum_dd, s.dd); PUT(eqp_max_abs_d, s.max_abs_d);
    PUT(eqp_changed, FROM(eqp_changed) + changed_of(&s));
#undef PUT
#undef FROM
    squares += s.aa + s.bb;
  }
  if (!all_finite(squares)) return 0;
  for (size_t c = 0; c < columns; c += lanes) {
    for (size_t i = 0; i < sizeof fields; i++) store(t + fields[i] * stride + c, load(out + fields[i] * most + c));
    double *count = t + eqp_count * stride + c;
    store(count, load(count) + (double)rows);
  }
  return 1;
}

AVX2 void eqp_floats_of_halves_avx2(float *floats, const char *halves, size_t n) {
  const size_t eight = 8, pitch = 2;
  for (; n >= eight; n -= eight, halves += eight * pitch, floats += eight)
    _mm256_storeu_ps(floats, _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)halves)));
  if (!n) return;
  char some[16] = {0};
  float last[8];
  memcpy(some, halves, n * pitch);
  _mm256_storeu_ps(last, _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)some)));
  memcpy(floats, last, n * sizeof *floats);
}

AVX2 int eqp_sum_run_avx2(double *t, size_t stride, const eqp_block *block, size_t n) {
  switch (block->kind) {
  case eqp_float16: return run(eqp_float16, t, stride, block->a, block->b, n);
  case eqp_bfloat16: return run(eqp_bfloat16, t, stride, block->a, block->b, n);
  default: return run(eqp_float32, t, stride, block->a, block->b, n);
  }
}

AVX2 int eqp_sum_columns_avx2(double *t, size_t stride, const eqp_block *block, size_t columns, size_t rows, size_t pitch) {
  switch (block->kind) {
  case eqp_float16: return add_columns(eqp_float16, t, stride, block->a, block->b, columns, rows, pitch);
  case eqp_bfloat16: return add_columns(eqp_bfloat16, t, stride, block->a, block->b, columns, rows, pitch);
  default: return add_columns(eqp_float32, t, stride, block->a, block->b, columns, rows, pitch);
  }
}
#endif
