#include "isa.h"
#include "keys.h"
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#define LOOK_INLINE AVX512_INLINE
enum { look_lanes = 16 };
typedef __m512i look_keys;
typedef __mmask16 look_mask;

AVX512_INLINE __m512 load_sixteen(const enum eqp_kind kind, const char *p, size_t n) {
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

AVX512_INLINE __m512i keys_of(__m512 x) {
  __m512i bits = _mm512_castps_si512(_mm512_add_ps(x, _mm512_setzero_ps())); /* -0 becomes +0 */
  return _mm512_xor_si512(bits, _mm512_or_si512(_mm512_srai_epi32(bits, 31), _mm512_set1_epi32(INT32_MIN)));
}

AVX512_INLINE __m512i from(const eqp_window *window, __m512i key) {
  return _mm512_sub_epi32(key, _mm512_set1_epi32((int)(uint32_t)window->low));
}
AVX512_INLINE __mmask16 inside(const eqp_window *window, __m512i from, __mmask16 valid) {
  return _mm512_mask_cmple_epu32_mask(valid, from, _mm512_set1_epi32((int)(uint32_t)window->span));
}

/* Writes the places of the elements that lie in a counted window, without gaps, and room for sixteen; returns how many. */
AVX512_INLINE size_t open_places(const eqp_window *windows, size_t count, __m512i key, __mmask16 valid, uint32_t *out) {
  __m512i place = _mm512_setzero_si512();
  __mmask16 open = 0;
  for (size_t w = 0; w < count; w++) {
    const eqp_window *window = &windows[w];
    __m512i distance = from(window, key);
    __mmask16 in = inside(window, distance, valid);
    __m512i at = _mm512_srl_epi32(distance, _mm_cvtsi32_si128((int)window->shift));
    place = _mm512_mask_add_epi32(place, in, at, _mm512_set1_epi32((int)window->offset));
    open |= in;
  }
  _mm512_storeu_si512(out, _mm512_maskz_compress_epi32(open, place));
  return (size_t)__builtin_popcount(open);
}

/* Writes the keys that lie in a taken window, without gaps, and room for sixteen; returns how many. */
AVX512_INLINE size_t take(const eqp_window *windows, size_t count, __m512i key, __mmask16 valid, uint64_t *out) {
  __mmask16 in = 0;
  for (size_t w = 0; w < count; w++) in |= inside(&windows[w], from(&windows[w], key), valid);
  if (!in) return 0;
  __m512i some = _mm512_maskz_compress_epi32(in, key);
  _mm512_storeu_si512(out, _mm512_cvtepu32_epi64(_mm512_castsi512_si256(some)));
  _mm512_storeu_si512(out + 8, _mm512_cvtepu32_epi64(_mm512_extracti64x4_epi64(some, 1)));
  return (size_t)__builtin_popcount(in);
}

/* What eqp_look_at takes: both finite, and different. */
AVX512_INLINE __mmask16 load_pair(const enum eqp_kind kind, const char *a, const char *b, size_t n, const int all_finite,
                                __m512i *s, __m512i *t) {
  const __m512 largest = _mm512_set1_ps(0x1.fffffep127f);
  __m512 x = load_sixteen(kind, a, n), y = load_sixteen(kind, b, n);
  __mmask16 valid = n < 16 ? (__mmask16)((1u << n) - 1) : (__mmask16)0xffff;
  valid = _mm512_mask_cmp_ps_mask(valid, x, y, _CMP_NEQ_UQ);
  if (!all_finite) {
    valid = _mm512_mask_cmp_ps_mask(valid, _mm512_abs_ps(x), largest, _CMP_LE_OQ);
    valid = _mm512_mask_cmp_ps_mask(valid, _mm512_abs_ps(y), largest, _CMP_LE_OQ);
  }
  *s = keys_of(x);
  *t = keys_of(y);
  return valid;
}

#include "keys_look.h"

AVX512 static void look_kind(enum eqp_kind kind, const eqp_look *look, const char *a, const char *b, size_t n,
                           uint64_t *keys_a, uint64_t *keys_b, size_t *taken) {
  switch (kind) {
  case eqp_float16: look_any(eqp_float16, look, a, b, n, keys_a, keys_b, taken); break;
  case eqp_bfloat16: look_any(eqp_bfloat16, look, a, b, n, keys_a, keys_b, taken); break;
  default: look_any(eqp_float32, look, a, b, n, keys_a, keys_b, taken);
  }
}
#endif

int eqp_look_avx512(enum eqp_kind kind, const eqp_look *look, const char *a, const char *b, size_t n, uint64_t *keys_a,
                    uint64_t *keys_b, size_t taken[2]) {
#if defined(__x86_64__)
  if (eqp_current_isa() == eqp_avx512 && (kind == eqp_float32 || kind == eqp_float16 || kind == eqp_bfloat16)) {
    look_kind(kind, look, a, b, n, keys_a, keys_b, taken);
    return 1;
  }
#endif
  (void)kind; (void)look; (void)a; (void)b; (void)n; (void)keys_a; (void)keys_b; (void)taken;
  return 0;
}
