#include "isa.h"
#include "keys.h"
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#define LOOK_INLINE AVX2_INLINE
#include "elements.h"
enum { look_lanes = 8 };
typedef __m256i look_keys;
typedef __m256i look_mask;

/* For each set of eight lanes, the lanes in it, a byte each. */
#define LANE(set, k) (((uint64_t)((set) >> (k)) & 1) * (k) << 8 * __builtin_popcount((set) & ((1 << (k)) - 1)))
#define SET1(s) LANE(s, 1) | LANE(s, 2) | LANE(s, 3) | LANE(s, 4) | LANE(s, 5) | LANE(s, 6) | LANE(s, 7)
#define SET4(s) SET1(s), SET1((s) + 1), SET1((s) + 2), SET1((s) + 3)
#define SET16(s) SET4(s), SET4((s) + 4), SET4((s) + 8), SET4((s) + 12)
#define SET64(s) SET16(s), SET16((s) + 16), SET16((s) + 32), SET16((s) + 48)
static const uint64_t lanes_of[256] = {SET64(0), SET64(64), SET64(128), SET64(192)};

AVX2_INLINE __m256i without_gaps(__m256i x, int set) {
  return _mm256_permutevar8x32_epi32(x, _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)&lanes_of[set])));
}

AVX2_INLINE int set_of(__m256i mask) { return _mm256_movemask_ps(_mm256_castsi256_ps(mask)); }

AVX2_INLINE __m256 floats_of(const enum eqp_kind kind, const char *p) {
  if (kind == eqp_float32) return _mm256_loadu_ps((const float *)p);
  __m128i halves = _mm_loadu_si128((const __m128i *)p);
  if (kind == eqp_float16) return _mm256_cvtph_ps(halves);
  return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(halves), 16));
}

AVX2_INLINE __m256i keys_of(const enum eqp_kind kind, const char *p, size_t n) {
  char some[32] = {0};
  if (n < 8) {
    memcpy(some, p, n * eqp_kind_width(kind));
    p = some;
  }
#define CONVERTED(type) do { \
    type v; memcpy(&v, p, sizeof v); return (__m256i)(__builtin_convertvector(v, eqp_eight_int32) ^ INT32_MIN); \
  } while (0)
  switch (kind) {
  case eqp_int8: CONVERTED(eqp_eight_int8);
  case eqp_uint8: CONVERTED(eqp_eight_uint8);
  case eqp_int16: CONVERTED(eqp_eight_int16);
  case eqp_uint16: CONVERTED(eqp_halves);
  case eqp_int32: CONVERTED(eqp_eight_int32);
  case eqp_uint32: return _mm256_loadu_si256((const __m256i *)p);
  default: break;
  }
#undef CONVERTED
  __m256i bits = (__m256i)_mm256_add_ps(floats_of(kind, p), _mm256_setzero_ps()); /* -0 becomes +0 */
  return _mm256_xor_si256(bits, _mm256_or_si256(_mm256_srai_epi32(bits, 31), _mm256_set1_epi32(INT32_MIN)));
}

/* x ≤ y, unsigned. */
AVX2_INLINE __m256i at_most(__m256i x, __m256i y) { return _mm256_cmpeq_epi32(_mm256_min_epu32(x, y), x); }

/* Beyond the keys of finite floats, on either side, lie those of the infinities, then of NaN. */
AVX2_INLINE __m256i is_finite(__m256i key) {
  return at_most(_mm256_sub_epi32(key, _mm256_set1_epi32(0x00800000)), _mm256_set1_epi32((int)0xfeffffffu));
}

/* What eqp_look_at takes: both finite, and different. */
AVX2_INLINE __m256i load_pair(const enum eqp_kind kind, const char *a, const char *b, size_t n, const int all_finite,
                              __m256i *s, __m256i *t) {
  *s = keys_of(kind, a, n);
  *t = keys_of(kind, b, n);
  __m256i valid = _mm256_set1_epi32(-1);
  if (n < 8) valid = _mm256_cmpgt_epi32(_mm256_set1_epi32((int)n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
  valid = _mm256_andnot_si256(_mm256_cmpeq_epi32(*s, *t), valid);
  if (!all_finite && !eqp_kind_is_integer(kind))
    valid = _mm256_and_si256(valid, _mm256_and_si256(is_finite(*s), is_finite(*t)));
  return valid;
}

AVX2_INLINE __m256i from(const eqp_window *window, __m256i key) {
  return _mm256_sub_epi32(key, _mm256_set1_epi32((int)(uint32_t)window->low));
}
AVX2_INLINE __m256i inside(const eqp_window *window, __m256i from, __m256i valid) {
  return _mm256_and_si256(at_most(from, _mm256_set1_epi32((int)(uint32_t)window->span)), valid);
}

/* Writes the places of the elements that lie in a counted window, without gaps, and room for eight; returns how many. */
AVX2_INLINE size_t open_places(const eqp_window *windows, size_t count, __m256i key, __m256i valid, uint32_t *out) {
  __m256i place = _mm256_setzero_si256(), open = _mm256_setzero_si256();
  for (size_t w = 0; w < count; w++) {
    const eqp_window *window = &windows[w];
    __m256i distance = from(window, key), in = inside(window, distance, valid);
    __m256i at = _mm256_srl_epi32(distance, _mm_cvtsi32_si128((int)window->shift));
    at = _mm256_add_epi32(at, _mm256_set1_epi32((int)window->offset));
    place = _mm256_blendv_epi8(place, at, in);
    open = _mm256_or_si256(open, in);
  }
  const int set = set_of(open);
  _mm256_storeu_si256((__m256i *)out, without_gaps(place, set));
  return (size_t)__builtin_popcount((unsigned)set);
}

/* Writes the keys that lie in a taken window, without gaps, and room for eight; returns how many. */
AVX2_INLINE size_t take(const eqp_window *windows, size_t count, __m256i key, __m256i valid, uint64_t *out) {
  __m256i in = _mm256_setzero_si256();
  for (size_t w = 0; w < count; w++) in = _mm256_or_si256(in, inside(&windows[w], from(&windows[w], key), valid));
  const int set = set_of(in);
  if (!set) return 0;
  __m256i some = without_gaps(key, set);
  _mm256_storeu_si256((__m256i *)out, _mm256_cvtepu32_epi64(_mm256_castsi256_si128(some)));
  _mm256_storeu_si256((__m256i *)(out + 4), _mm256_cvtepu32_epi64(_mm256_extracti128_si256(some, 1)));
  return (size_t)__builtin_popcount((unsigned)set);
}

#include "keys_look.h"

AVX2 static void look_kind(enum eqp_kind kind, const eqp_look *look, const char *a, const char *b, size_t n,
                           uint64_t *keys_a, uint64_t *keys_b, size_t *taken) {
#define LOOK(kind) case kind: look_any(kind, look, a, b, n, keys_a, keys_b, taken); break;
  switch (kind) {
    LOOK(eqp_float16) LOOK(eqp_bfloat16) LOOK(eqp_int8) LOOK(eqp_uint8) LOOK(eqp_int16) LOOK(eqp_uint16)
    LOOK(eqp_int32) LOOK(eqp_uint32)
  default: look_any(eqp_float32, look, a, b, n, keys_a, keys_b, taken);
  }
#undef LOOK
}
#endif

int eqp_look_avx2(enum eqp_kind kind, const eqp_look *look, const char *a, const char *b, size_t n, uint64_t *keys_a,
                  uint64_t *keys_b, size_t taken[2]) {
#if defined(__x86_64__)
  if (eqp_current_isa() >= eqp_avx2 && eqp_kind_key_bits(kind) == 32) {
    look_kind(kind, look, a, b, n, keys_a, keys_b, taken);
    return 1;
  }
#endif
  (void)kind; (void)look; (void)a; (void)b; (void)n; (void)keys_a; (void)keys_b; (void)taken;
  return 0;
}
