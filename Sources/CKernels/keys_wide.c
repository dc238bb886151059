#include "isa.h"
#include "keys.h"
#include <string.h>

/* Most elements lie in no window: AVX-512 leaves them out before anything is counted. */
#if defined(__x86_64__)
#include <immintrin.h>
#define WIDE __attribute__((target("avx512f,avx512dq,avx512vl")))
#define WIDE_INLINE WIDE static inline __attribute__((always_inline))

enum { together = 256 };

WIDE_INLINE __m512 load_sixteen(const enum eqp_kind kind, const char *p, size_t n) {
  char some[64] = {0};
  if (n < 16) {
    memcpy(some, p, n * (kind == eqp_float32 ? 4 : 2));
    p = some;
  }
  if (kind == eqp_float32) return _mm512_loadu_ps(p);
  __m256i halves = _mm256_loadu_si256((const __m256i *)p);
  if (kind == eqp_float16) return _mm512_cvtph_ps(halves);
  return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(halves), 16));
}

/* Writes the places of the elements that lie in a window, without gaps, and room for sixteen; returns how many. */
WIDE_INLINE size_t open_places(const eqp_window *windows, size_t count, __m512 x, __mmask16 valid, uint32_t *out) {
  __m512i bits = _mm512_castps_si512(_mm512_add_ps(x, _mm512_setzero_ps())); /* -0 becomes +0 */
  __m512i key = _mm512_xor_si512(bits, _mm512_or_si512(_mm512_srai_epi32(bits, 31), _mm512_set1_epi32(INT32_MIN)));
  __m512i place = _mm512_setzero_si512();
  __mmask16 open = 0;
  for (size_t w = 0; w < count; w++) {
    __m512i from = _mm512_sub_epi32(key, _mm512_set1_epi32((int)(uint32_t)windows[w].low));
    __mmask16 inside = _mm512_mask_cmple_epu32_mask(valid, from, _mm512_set1_epi32((int)(uint32_t)windows[w].span));
    __m512i at = _mm512_srl_epi32(from, _mm_cvtsi32_si128((int)windows[w].shift));
    place = _mm512_mask_add_epi32(place, inside, at, _mm512_set1_epi32((int)windows[w].offset));
    open |= inside;
  }
  _mm512_storeu_si512(out, _mm512_maskz_compress_epi32(open, place));
  return (size_t)__builtin_popcount(open);
}

WIDE_INLINE void count_wide(const enum eqp_kind kind, const eqp_window *windows, size_t count, const char *a,
                            const char *b, size_t n, eqp_counts counts) {
  uint32_t at_a[together + 16], at_b[together + 16];
  const size_t k = kind == eqp_float32 ? 4 : 2;
  const __m512 largest = _mm512_set1_ps(0x1.fffffep127f);
  for (size_t start = 0; start < n; start += together) {
    size_t some = n - start < together ? n - start : together, in_a = 0, in_b = 0;
    for (size_t i = 0; i < some; i += 16) {
      size_t rest = some - i;
      __m512 x = load_sixteen(kind, a + (start + i) * k, rest), y = load_sixteen(kind, b + (start + i) * k, rest);
      /* What eqp_window_counts takes: both finite, and different. */
      __mmask16 valid = rest < 16 ? (__mmask16)((1u << rest) - 1) : (__mmask16)0xffff;
      valid = _mm512_mask_cmp_ps_mask(valid, _mm512_abs_ps(x), largest, _CMP_LE_OQ);
      valid = _mm512_mask_cmp_ps_mask(valid, _mm512_abs_ps(y), largest, _CMP_LE_OQ);
      valid = _mm512_mask_cmp_ps_mask(valid, x, y, _CMP_NEQ_UQ);
      in_a += open_places(windows, count, x, valid, at_a + in_a);
      in_b += open_places(windows, count, y, valid, at_b + in_b);
    }
    for (size_t i = 0; i < in_a; i++) eqp_count_one(&counts, 2 * (size_t)at_a[i]);
    for (size_t i = 0; i < in_b; i++) eqp_count_one(&counts, 2 * (size_t)at_b[i] + 1);
  }
}

WIDE static void count_kind(enum eqp_kind kind, const eqp_window *windows, size_t count, const char *a, const char *b,
                            size_t n, eqp_counts counts) {
  switch (kind) {
  case eqp_float16: count_wide(eqp_float16, windows, count, a, b, n, counts); break;
  case eqp_bfloat16: count_wide(eqp_bfloat16, windows, count, a, b, n, counts); break;
  default: count_wide(eqp_float32, windows, count, a, b, n, counts);
  }
}
#endif

int eqp_window_counts_wide(enum eqp_kind kind, const eqp_window *windows, size_t count, const void *a, const void *b,
                           size_t n, eqp_counts counts) {
#if defined(__x86_64__)
  if (eqp_current_isa() == eqp_avx512 && (kind == eqp_float32 || kind == eqp_float16 || kind == eqp_bfloat16)) {
    count_kind(kind, windows, count, a, b, n, counts);
    return 1;
  }
#endif
  (void)kind; (void)windows; (void)count; (void)a; (void)b; (void)n; (void)counts;
  return 0;
}
