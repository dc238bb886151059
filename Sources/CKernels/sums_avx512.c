#include "sums_avx512.h"
#include "ckernels.h"
#include "isa.h"
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#pragma STDC FP_CONTRACT OFF

typedef __m512d eight;
enum { lanes = 8, widest = sizeof(float) };

/* The sums of eight lanes each, and the largest |b − a|. */
enum { sum_a, sum_b, sum_aa, sum_bb, sum_ab, sum_d, sum_dd, max_abs_d, sums_count };
static const uint8_t fields[sums_count] = {eqp_sum_a,  eqp_sum_b, eqp_sum_aa, eqp_sum_bb,
                                           eqp_sum_ab, eqp_sum_d, eqp_sum_dd, eqp_max_abs_d};
typedef struct sums {
  eight of[sums_count];
} sums;

/* Eight floats, as they are and as doubles. */
AVX512_INLINE __m256 load_floats(const enum eqp_kind kind, const char *p) {
  if (kind == eqp_float32) return _mm256_loadu_ps((const float *)p);
  __m128i halves = _mm_loadu_si128((const __m128i *)p);
  if (kind == eqp_float16) return _mm256_cvtph_ps(halves);
  return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(halves), 16));
}

/* Sixteen pairs, in halves, and which of them differ. */
typedef struct pairs {
  __m256 a[2], b[2];
  __mmask16 differ;
} pairs;

AVX512_INLINE pairs load_pairs(const enum eqp_kind kind, const char *a, const char *b) {
  const size_t half = lanes * eqp_kind_width(kind);
  pairs p = {{load_floats(kind, a), load_floats(kind, a + half)}, {load_floats(kind, b), load_floats(kind, b + half)}, 0};
  if (kind == eqp_float32) p.differ = _mm512_cmp_ps_mask(_mm512_loadu_ps(a), _mm512_loadu_ps(b), _CMP_NEQ_UQ);
  else
    p.differ = (__mmask16)(_mm256_cmp_ps_mask(p.a[0], p.b[0], _CMP_NEQ_UQ) |
                           _mm256_cmp_ps_mask(p.a[1], p.b[1], _CMP_NEQ_UQ) << lanes);
  return p;
}

AVX512_INLINE void add(sums *s, __m256 a, __m256 b) {
  eight x = _mm512_cvtps_pd(a), y = _mm512_cvtps_pd(b), e = _mm512_sub_pd(y, x);
  s->of[sum_a] = _mm512_add_pd(s->of[sum_a], x);
  s->of[sum_b] = _mm512_add_pd(s->of[sum_b], y);
  /* products of floats are exact: the same bits as without fusing */
  s->of[sum_aa] = _mm512_fmadd_pd(x, x, s->of[sum_aa]);
  s->of[sum_bb] = _mm512_fmadd_pd(y, y, s->of[sum_bb]);
  s->of[sum_ab] = _mm512_fmadd_pd(x, y, s->of[sum_ab]);
  s->of[sum_d] = _mm512_add_pd(s->of[sum_d], e);
  s->of[sum_dd] = _mm512_add_pd(s->of[sum_dd], _mm512_mul_pd(e, e));
  s->of[max_abs_d] = _mm512_range_pd(s->of[max_abs_d], e, 0xb); /* the larger magnitude, without its sign */
}

AVX512_INLINE int all_finite(eight x) {
  eight z = _mm512_sub_pd(x, x); /* 0, or NaN */
  return !_mm512_cmp_pd_mask(z, z, _CMP_UNORD_Q);
}

/* Two vectors folded at once, into the halves, quarters or lanes of one: what a shuffle brings from either is added to what
   a blend leaves. */
AVX512_INLINE eight fold(const int largest, const __mmask8 second, eight x, eight y, const int distance) {
  eight left = _mm512_mask_blend_pd(second, x, y), right;
  if (distance == 4) right = _mm512_shuffle_f64x2(x, y, 0x4e);
  else if (distance == 2) right = _mm512_permutex2var_pd(x, _mm512_setr_epi64(2, 3, 8, 9, 6, 7, 12, 13), y);
  else right = _mm512_shuffle_pd(x, y, 0x55);
  return largest ? _mm512_max_pd(left, right) : _mm512_add_pd(left, right);
}

/* Eight reductions at once, each by the one tree: lane k with k + 4, then with k + 2, then with k + 1. */
AVX512_INLINE eight trees(const int largest, const eight v[8]) {
  eight w[4], u[2];
  for (int k = 0; k < 4; k++) w[k] = fold(largest, 0xf0, v[k], v[k + 4], 4);
  for (int k = 0; k < 2; k++) u[k] = fold(largest, 0xcc, w[k], w[k + 2], 2);
  return fold(largest, 0xaa, u[0], u[1], 1);
}

/* Sums of n elements, and how many of them differ. */
AVX512_INLINE size_t sum(const enum eqp_kind kind, sums *s, const char *a, const char *b, size_t n) {
  const size_t width = eqp_kind_width(kind), ahead = 4096;
  size_t changed = 0;
  for (; n >= 2 * lanes; n -= 2 * lanes, a += 2 * lanes * width, b += 2 * lanes * width) {
    /* a page further than processors look ahead by themselves, which is too little for so short a loop */
    __builtin_prefetch(a + ahead);
    __builtin_prefetch(b + ahead);
    pairs p = load_pairs(kind, a, b);
    add(s, p.a[0], p.b[0]);
    add(s, p.a[1], p.b[1]);
    changed += (size_t)__builtin_popcount(p.differ);
  }
  if (!n) return changed;
  char last_a[2 * lanes * widest] = {0}, last_b[2 * lanes * widest] = {0};
  memcpy(last_a, a, n * width);
  memcpy(last_b, b, n * width);
  pairs p = load_pairs(kind, last_a, last_b);
  add(s, p.a[0], p.b[0]);
  if (n > lanes) add(s, p.a[1], p.b[1]);
  return changed + (size_t)__builtin_popcount(p.differ);
}

AVX512_INLINE int run(const enum eqp_kind kind, double *t, size_t stride, const char *a, const char *b, size_t n) {
  sums s = {0};
  size_t changed = sum(kind, &s, a, b, n);
  if (!all_finite(_mm512_add_pd(s.of[sum_aa], s.of[sum_bb]))) return 0;
  double total[lanes];
  _mm512_storeu_pd(total, trees(0, s.of));
  for (size_t f = 0; f < max_abs_d; f++) t[fields[f] * stride] += total[f];
  t[eqp_count * stride] += (double)n;
  t[eqp_changed * stride] += (double)changed;
  double *at = t + eqp_max_abs_d * stride, v = _mm512_reduce_max_pd(s.of[max_abs_d]);
  *at = v > *at ? v : *at;
  return 1;
}

/* Adds to eight rows of the table. */
#define ADD(field, value) \
  _mm512_storeu_pd(t + (field) * stride, _mm512_add_pd(_mm512_loadu_pd(t + (field) * stride), value))

AVX512_INLINE int eight_runs(const enum eqp_kind kind, double *t, size_t stride, const char *a, const char *b, size_t n) {
  const size_t width = eqp_kind_width(kind);
  eight v[sums_count][lanes];
  double changed[lanes];
  for (size_t u = 0; u < lanes; u++) {
    sums s = {0};
    changed[u] = (double)sum(kind, &s, a + u * n * width, b + u * n * width, n);
    for (size_t f = 0; f < sums_count; f++) v[f][u] = s.of[f];
  }
  eight squares_a = trees(0, v[sum_aa]), squares_b = trees(0, v[sum_bb]);
  if (!all_finite(_mm512_add_pd(squares_a, squares_b))) return 0;
  for (size_t f = 0; f < max_abs_d; f++) ADD(fields[f], f == sum_aa ? squares_a : f == sum_bb ? squares_b : trees(0, v[f]));
  ADD(eqp_count, _mm512_set1_pd((double)n));
  ADD(eqp_changed, _mm512_loadu_pd(changed));
  double *at = t + eqp_max_abs_d * stride;
  _mm512_storeu_pd(at, _mm512_max_pd(trees(1, v[max_abs_d]), _mm512_loadu_pd(at)));
  return 1;
}

AVX512_INLINE int columns(const enum eqp_kind kind, const size_t groups, double *t, size_t stride, const char *a,
                          const char *b, size_t rows, size_t pitch, size_t ahead) {
  sums all[2];
  __m512i changed = _mm512_setzero_si512();
  const __m512i one = _mm512_set1_epi32(1);
  for (size_t g = 0; g < groups; g++)
    for (size_t f = 0; f < sums_count; f++) all[g].of[f] = _mm512_loadu_pd(t + fields[f] * stride + g * lanes);
  for (size_t r = 0; r < rows; r++, a += pitch, b += pitch) {
    __builtin_prefetch(a + ahead, 0, 2);
    __builtin_prefetch(b + ahead, 0, 2);
    if (groups == 2) {
      pairs p = load_pairs(kind, a, b);
      for (size_t g = 0; g < groups; g++) add(&all[g], p.a[g], p.b[g]);
      changed = _mm512_mask_add_epi32(changed, p.differ, changed, one);
    } else {
      __m256 x = load_floats(kind, a), y = load_floats(kind, b);
      add(&all[0], x, y);
      changed = _mm512_mask_add_epi32(changed, _mm256_cmp_ps_mask(x, y, _CMP_NEQ_UQ), changed, one);
    }
  }
  for (size_t g = 0; g < groups; g++)
    if (!all_finite(_mm512_add_pd(all[g].of[sum_aa], all[g].of[sum_bb]))) return 0;
  eight more[2] = {_mm512_cvtepi32_pd(_mm512_castsi512_si256(changed)),
                   _mm512_cvtepi32_pd(_mm512_extracti64x4_epi64(changed, 1))};
  for (size_t g = 0; g < groups; g++, t += lanes) {
    for (size_t f = 0; f < sums_count; f++) _mm512_storeu_pd(t + fields[f] * stride, all[g].of[f]);
    ADD(eqp_count, _mm512_set1_pd((double)rows));
    ADD(eqp_changed, more[g]);
  }
  return 1;
}

#define EACH_KIND                                 \
  switch (block->kind) {                          \
  case eqp_float16: return CALL(eqp_float16);     \
  case eqp_bfloat16: return CALL(eqp_bfloat16);   \
  default: return CALL(eqp_float32);              \
  }

AVX512 int eqp_sum_run_avx512(double *t, size_t stride, const eqp_block *block, size_t n) {
#define CALL(kind) run(kind, t, stride, block->a, block->b, n)
  EACH_KIND
#undef CALL
}

AVX512 int eqp_sum_eight_runs_avx512(double *t, size_t stride, const eqp_block *block, size_t n) {
#define CALL(kind) eight_runs(kind, t, stride, block->a, block->b, n)
  EACH_KIND
#undef CALL
}

AVX512 int eqp_sum_columns_avx512(double *t, size_t stride, const eqp_block *block, size_t count, size_t rows, size_t pitch,
                                  size_t ahead) {
  const size_t width = eqp_kind_width(block->kind);
#define CALL(kind)                                                        \
  (count == 16 ? columns(kind, 2, t, stride, block->a, block->b, rows, pitch * width, ahead) \
               : columns(kind, 1, t, stride, block->a, block->b, rows, pitch * width, ahead))
  EACH_KIND
#undef CALL
}
#endif
