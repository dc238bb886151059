#include "ckernels.h"
#include "elements.h"
#include "isa.h"
#include "keys.h"
#include <stdbool.h>

/* Keys of 32 bits lie sixteen a vector, those of 64 eight. */
typedef uint64_t longs __attribute__((vector_size(64)));
typedef uint32_t shorts __attribute__((vector_size(64)));
typedef int32_t marks __attribute__((vector_size(64)));
typedef float singles __attribute__((vector_size(64)));
typedef uint16_t sixteens __attribute__((vector_size(32)));
typedef int16_t signed_sixteens __attribute__((vector_size(32)));
typedef int8_t signed_bytes __attribute__((vector_size(16)));
typedef uint8_t bytes __attribute__((vector_size(16)));
typedef uint32_t places __attribute__((vector_size(32)));

static enum eqp_kind kind_of(int32_t type) {
  size_t count = 0;
  int kind = eqp_kind_of(type, &count);
  return kind < 0 ? eqp_float64 : (enum eqp_kind)kind;
}

int eqp_key_bits(int32_t type) { return eqp_kind_key_bits(kind_of(type)); }

int eqp_key_step(int32_t type) {
  enum eqp_kind kind = kind_of(type);
  return kind == eqp_float16 ? 13 : kind == eqp_bfloat16 ? 16 : 0;
}

uint64_t eqp_ordered_key(double value) {
  uint64_t pattern;
  value += 0.0; /* −0 becomes +0 */
  memcpy(&pattern, &value, 8);
  return pattern >> 63 ? ~pattern : pattern | 0x8000000000000000u;
}

double eqp_key_value(int32_t type, uint64_t key) {
  enum eqp_kind kind = kind_of(type);
  if (kind == eqp_uint64 || kind == eqp_uint32) return (double)key;
  if (kind == eqp_int64) return (double)(int64_t)(key ^ 0x8000000000000000u);
  if (eqp_kind_is_integer(kind)) return (int32_t)((uint32_t)key ^ 0x80000000u);
  if (eqp_kind_key_bits(kind) == 32) {
    uint32_t pattern = key >> 31 ? (uint32_t)key & 0x7fffffffu : ~(uint32_t)key;
    float single;
    memcpy(&single, &pattern, 4);
    return single;
  }
  uint64_t pattern = key >> 63 ? key & 0x7fffffffffffffffu : ~key;
  double value;
  memcpy(&value, &pattern, 8);
  return value;
}

void eqp_key_ends(int32_t type, uint64_t *first, uint64_t *last) {
  enum eqp_kind kind = kind_of(type);
  const int is_short = eqp_kind_key_bits(kind) == 32, is_integer = eqp_kind_is_integer(kind);
  const uint64_t most = is_short ? UINT32_MAX : UINT64_MAX, infinity = is_short ? 0xff800000u : 0xfff0000000000000u;
  *first = is_integer ? 0 : most - infinity;
  *last = is_integer ? most : infinity;
}

/* Coarse keys: the seven leading fraction bits of the magnitudes 2⁻⁴⁰ … 2⁸. */
enum { octaves = 48, fraction_bits = 7, half_keys = octaves << fraction_bits };
static const uint64_t smallest = (uint64_t)(1023 - 40) << 52;

size_t eqp_key_count(void) { return 2 * half_keys + 1; }

size_t eqp_coarse_key(uint64_t ordered) {
  int negative = !(ordered >> 63);
  uint64_t magnitude = (negative ? ~ordered : ordered) & 0x7fffffffffffffffu;
  size_t step = 0;
  if (magnitude >= smallest) {
    uint64_t s = ((magnitude - smallest) >> (52 - fraction_bits)) + 1;
    step = s > half_keys ? half_keys : (size_t)s;
  }
  return negative ? half_keys - step : half_keys + step;
}

uint64_t eqp_coarse_key_start(size_t coarse) {
  if (coarse == 0) return 0;
  if (coarse > half_keys) /* positive: the magnitude where the step begins */
    return 0x8000000000000000u | (smallest + ((uint64_t)(coarse - half_keys - 1) << (52 - fraction_bits)));
  /* negative and the keys around zero: one past the largest magnitude of the key below */
  uint64_t step = half_keys - coarse + 1;
  return (~(smallest + ((step - 1) << (52 - fraction_bits))) & 0x7fffffffffffffffu) + 1;
}

INLINE singles load_singles(const enum eqp_kind kind, const char *p, size_t n) {
  char some[64] = {0};
  if (n < 16) {
    memcpy(some, p, n * width_of(kind));
    p = some;
  }
  singles v;
  if (kind == eqp_float32) {
    memcpy(&v, p, sizeof v);
    return v;
  }
  sixteens h;
  memcpy(&h, p, sizeof h);
  shorts w = __builtin_convertvector(h, shorts);
  if (kind == eqp_bfloat16) return (singles)(w << 16);
  shorts sign = (w & 0x8000) << 16, magnitude = (w & 0x7fff) << 13, special = (shorts)((w & 0x7c00) == 0x7c00);
  shorts plain = (shorts)((singles)magnitude * 0x1p112f);
  return (singles)(sign | ((magnitude | 0x7f800000) & special) | (plain & ~special));
}

/* Keys of 32 bits, sixteen elements. */
INLINE shorts short_keys(const enum eqp_kind kind, const char *p, size_t n) {
  if (!eqp_kind_is_integer(kind)) {
    marks bits = (marks)(load_singles(kind, p, n) + 0.0f);
    return (shorts)(bits ^ ((bits >> 31) | INT32_MIN));
  }
  char some[64] = {0};
  if (n < 16) {
    memcpy(some, p, n * width_of(kind));
    p = some;
  }
#define CONVERTED(type) \
  do { type v; memcpy(&v, p, sizeof v); return (shorts)(__builtin_convertvector(v, marks) ^ INT32_MIN); } while (0)
  if (kind == eqp_int8) CONVERTED(signed_bytes);
  if (kind == eqp_uint8) CONVERTED(bytes);
  if (kind == eqp_int16) CONVERTED(signed_sixteens);
  if (kind == eqp_uint16) CONVERTED(sixteens);
  if (kind == eqp_int32) CONVERTED(marks);
#undef CONVERTED
  shorts v;
  memcpy(&v, p, sizeof v);
  return v;
}
/* Keys of 64 bits, eight elements. */
INLINE longs long_keys(const enum eqp_kind kind, const char *p, size_t n) {
  char some[64] = {0};
  if (n < 8) {
    memcpy(some, p, n * 8);
    p = some;
  }
  eqp_masks bits;
  memcpy(&bits, p, sizeof bits);
  if (kind == eqp_uint64) return (longs)bits;
  if (kind == eqp_int64) return (longs)(bits ^ INT64_MIN);
  bits = (eqp_masks)((eqp_lanes)bits + 0.0);
  return (longs)(bits ^ ((eqp_masks)(bits < (eqp_masks){}) | INT64_MIN));
}

/* Beyond the keys of finite floats, on either side, lie those of the infinities, then of NaN. */
INLINE marks is_finite_short(shorts key) { return (marks)(key - 0x00800000u < (shorts){} + 0xff000000u); }
INLINE eqp_masks is_finite_long(longs key) {
  return (eqp_masks)(key - 0x0010000000000000u < (longs){} + 0xffe0000000000000u);
}

/* Pairs that count: both finite, and not of the same value, which would take the same step on both sides. */
INLINE marks counted_shorts(const int all_finite, shorts s, shorts t, size_t rest) {
  const marks lane = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  marks m = (marks)(s != t);
  if (!all_finite) m &= is_finite_short(s) & is_finite_short(t);
  return rest < 16 ? m & (lane < (marks){} + (int32_t)rest) : m;
}
INLINE eqp_masks counted_longs(const int all_finite, longs s, longs t, size_t rest) {
  const eqp_masks lane = {0, 1, 2, 3, 4, 5, 6, 7};
  eqp_masks m = (eqp_masks)(s != t);
  if (!all_finite) m &= is_finite_long(s) & is_finite_long(t);
  return rest < 8 ? m & (lane < (eqp_masks){} + (int64_t)rest) : m;
}

/* The place of each element; one of the first sixteen for what is in no window, a place a lane, for a single one would
   have to be waited for. */
INLINE shorts short_places(const eqp_window *windows, size_t count, shorts key, marks valid) {
  shorts place = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  for (size_t w = 0; w < count; w++) {
    shorts from = key - (uint32_t)windows[w].low;
    marks inside = (marks)(from <= (shorts){} + (uint32_t)windows[w].span) & valid;
    shorts at = (from >> windows[w].shift) + (uint32_t)windows[w].offset;
    place = (at & (shorts)inside) | (place & ~(shorts)inside);
  }
  return place;
}
INLINE places long_places(const eqp_window *windows, size_t count, longs key, eqp_masks valid) {
  longs place = {0, 1, 2, 3, 4, 5, 6, 7};
  for (size_t w = 0; w < count; w++) {
    longs from = key - windows[w].low;
    eqp_masks inside = (eqp_masks)(from <= (longs){} + windows[w].span) & valid;
    longs at = (from >> windows[w].shift) + windows[w].offset;
    place = (at & (longs)inside) | (place & ~(longs)inside);
  }
  return __builtin_convertvector(place, places);
}

typedef bool flags16 __attribute__((ext_vector_type(16)));
typedef bool flags8 __attribute__((ext_vector_type(8)));

INLINE size_t take_shorts(const eqp_look *look, shorts key, marks valid, uint64_t *out) {
  marks inside = {0};
  for (size_t w = 0; w < look->taken_count; w++)
    inside |= (marks)(key - (uint32_t)look->taken[w].low <= (shorts){} + (uint32_t)look->taken[w].span);
  flags16 flags = __builtin_convertvector(inside & valid, flags16);
  uint16_t bits;
  memcpy(&bits, &flags, sizeof bits);
  size_t taken = 0;
  for (unsigned left = bits; left; left &= left - 1) out[taken++] = key[__builtin_ctz(left)];
  return taken;
}
INLINE size_t take_longs(const eqp_look *look, longs key, eqp_masks valid, uint64_t *out) {
  eqp_masks inside = {0};
  for (size_t w = 0; w < look->taken_count; w++)
    inside |= (eqp_masks)(key - look->taken[w].low <= (longs){} + look->taken[w].span);
  flags8 flags = __builtin_convertvector(inside & valid, flags8);
  uint8_t bits;
  memcpy(&bits, &flags, sizeof bits);
  size_t taken = 0;
  for (unsigned left = bits; left; left &= left - 1) out[taken++] = key[__builtin_ctz(left)];
  return taken;
}

enum { together = 256 };

INLINE void look_any(const enum eqp_kind kind, const eqp_look *look, const char *a, const char *b, size_t n,
                     uint64_t *keys_a, uint64_t *keys_b, size_t *taken) {
  uint32_t at_a[together], at_b[together];
  const size_t k = width_of(kind), lanes = eqp_kind_key_bits(kind) == 32 ? 16 : 8;
  const eqp_window *counted = look->counted;
  const int all_finite = look->all_finite || eqp_kind_is_integer(kind);
  const size_t windows = look->counted_count;
  size_t in_a = 0, in_b = 0;
  for (size_t start = 0; start < n; start += together) {
    size_t some = n - start < together ? n - start : together;
    for (size_t i = 0; i < some; i += lanes) {
      const char *p = a + (start + i) * k, *q = b + (start + i) * k;
      size_t rest = some - i;
      if (eqp_kind_key_bits(kind) == 64) {
        longs s = long_keys(kind, p, rest), t = long_keys(kind, q, rest);
        eqp_masks valid = counted_longs(all_finite, s, t, rest);
        if (windows) {
          places u = long_places(counted, windows, s, valid), v = long_places(counted, windows, t, valid);
          memcpy(at_a + i, &u, sizeof u);
          memcpy(at_b + i, &v, sizeof v);
        }
        if (!look->taken_count) continue;
        in_a += take_longs(look, s, valid, keys_a + in_a);
        in_b += take_longs(look, t, valid, keys_b + in_b);
      } else {
        shorts s = short_keys(kind, p, rest), t = short_keys(kind, q, rest);
        marks valid = counted_shorts(all_finite, s, t, rest);
        if (windows) {
          shorts u = short_places(counted, windows, s, valid), v = short_places(counted, windows, t, valid);
          memcpy(at_a + i, &u, sizeof u);
          memcpy(at_b + i, &v, sizeof v);
        }
        if (!look->taken_count) continue;
        in_a += take_shorts(look, s, valid, keys_a + in_a);
        in_b += take_shorts(look, t, valid, keys_b + in_b);
      }
    }
    for (size_t i = 0; windows && i < some; i++) {
      eqp_count_one(&look->counts, 2 * (size_t)at_a[i]);
      eqp_count_one(&look->counts, 2 * (size_t)at_b[i] + 1);
    }
  }
  taken[0] = in_a;
  taken[1] = in_b;
}

INLINE void look_kind_body(enum eqp_kind kind, const eqp_look *look, const char *a, const char *b, size_t n,
                           uint64_t *keys_a, uint64_t *keys_b, size_t *taken) {
#define LOOK(kind) case kind: look_any(kind, look, a, b, n, keys_a, keys_b, taken); break;
  switch (kind) { LOOK(eqp_doubles) EQP_FLOAT_KINDS(LOOK) EQP_INTEGER_KINDS(LOOK) }
#undef LOOK
}
EQP_EACH_ISA_STATIC(look_kind,
                    (enum eqp_kind kind, const eqp_look *look, const char *a, const char *b, size_t n, uint64_t *keys_a,
                     uint64_t *keys_b, size_t *taken),
                    (kind, look, a, b, n, keys_a, keys_b, taken))

int eqp_look_at(const eqp_look *look, int32_t type, const void *a, const void *b, size_t n, uint64_t *keys_a,
                uint64_t *keys_b, size_t taken[2]) {
  int kind = eqp_kind_of(type, &n);
  if (kind < 0) return 0;
  const enum eqp_kind known = (enum eqp_kind)kind;
  if (eqp_look_avx512(known, look, a, b, n, keys_a, keys_b, taken)) return 1;
  if (eqp_look_avx2(known, look, a, b, n, keys_a, keys_b, taken)) return 1;
  look_kind(known, look, a, b, n, keys_a, keys_b, taken);
  return 1;
}
