#include "ckernels.h"
#include "isa.h"
#include <string.h>

/* Slicing by eight for every processor; the crc32 instruction, three streams at once, where it is; folding by
   carry-less products of 512 bits where those are, and both at once where they have 256.
   Source: Castagnoli polynomial 0x1EDC6F41, reflected 0x82F63B78 (RFC 3720, appendix B.4); folding: Gopal et al. (2009),
   "Fast CRC Computation for Generic Polynomials Using PCLMULQDQ Instruction", Intel. */

static const uint32_t polynomial = 0x82f63b78u;

struct crc_tables {
  uint32_t slice[8][256];
  uint32_t shift_long[4][256], shift_short[4][256];
  uint64_t fold_low, fold_high; /* over folded_run bytes */
};

/* In the time of which 256 bytes are folded, three streams of the crc32 instruction take 56 each. */
enum { folded_run = 256, stream_step = 56, steps = 100, long_run = steps * stream_step, short_run = 256 };

static uint32_t multiply(uint32_t a, uint32_t b) {
  uint32_t mask = 1u << 31, product = 0;
  for (;;) {
    if (a & mask) {
      product ^= b;
      if (!(a & (mask - 1))) break;
    }
    mask >>= 1;
    b = b & 1 ? (b >> 1) ^ polynomial : b >> 1;
  }
  return product;
}

/* x to the power n modulo the polynomial, reflected. */
static uint32_t power(uint64_t n) {
  uint32_t result = 1u << 31, x = 1u << 30;
  for (; n; n >>= 1) {
    if (n & 1) result = multiply(x, result);
    x = multiply(x, x);
  }
  return result;
}

static void build(struct crc_tables *t) {
  for (uint32_t i = 0; i < 256; i++) {
    uint32_t c = i;
    for (int k = 0; k < 8; k++) c = c & 1 ? (c >> 1) ^ polynomial : c >> 1;
    t->slice[0][i] = c;
  }
  for (uint32_t i = 0; i < 256; i++)
    for (int k = 1; k < 8; k++)
      t->slice[k][i] = (t->slice[k - 1][i] >> 8) ^ t->slice[0][t->slice[k - 1][i] & 255];
  uint32_t l = power(8ull * long_run), s = power(8ull * short_run);
  for (int k = 0; k < 4; k++)
    for (uint32_t i = 0; i < 256; i++) {
      t->shift_long[k][i] = multiply(l, i << (8 * k));
      t->shift_short[k][i] = multiply(s, i << (8 * k));
    }
}

static void build_folds(struct crc_tables *t) {
  /* The product of reflected numbers is one bit short, hence the shift. */
  t->fold_low = (uint64_t)power(8ull * folded_run + 32) << 1;
  t->fold_high = (uint64_t)power(8ull * folded_run - 32) << 1;
}

static struct crc_tables tables;

/* Before main: no lock, no race. */
__attribute__((constructor)) static void build_tables(void) {
  build(&tables);
  build_folds(&tables);
}

static uint32_t crc_portable(uint32_t crc, const unsigned char *p, size_t n) {
  crc = ~crc;
  while (n >= 8) {
    uint64_t w;
    memcpy(&w, p, 8);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    w = __builtin_bswap64(w);
#endif
    w ^= crc;
    crc = tables.slice[7][w & 255] ^ tables.slice[6][w >> 8 & 255] ^ tables.slice[5][w >> 16 & 255] ^
          tables.slice[4][w >> 24 & 255] ^ tables.slice[3][w >> 32 & 255] ^ tables.slice[2][w >> 40 & 255] ^
          tables.slice[1][w >> 48 & 255] ^ tables.slice[0][w >> 56];
    p += 8;
    n -= 8;
  }
  while (n--) crc = (crc >> 8) ^ tables.slice[0][(crc ^ *p++) & 255];
  return ~crc;
}

#if defined(__x86_64__)
#include <immintrin.h>

static inline uint32_t shifted(const uint32_t t[4][256], uint32_t c) {
  return t[0][c & 255] ^ t[1][c >> 8 & 255] ^ t[2][c >> 16 & 255] ^ t[3][c >> 24];
}

__attribute__((target("sse4.2"))) static uint64_t run(uint64_t crc, const unsigned char *p, size_t n) {
  for (; n >= 8; p += 8, n -= 8) {
    uint64_t w;
    memcpy(&w, p, 8);
    crc = _mm_crc32_u64(crc, w);
  }
  while (n--) crc = _mm_crc32_u8((uint32_t)crc, *p++);
  return crc;
}

/* Three independent streams hide the instruction's latency; their sums are shifted together. */
__attribute__((target("sse4.2"))) static uint64_t run3(uint64_t crc, const unsigned char *p, size_t length,
                                                       const uint32_t shift[4][256]) {
  uint64_t second = 0, third = 0;
  for (size_t i = 0; i < length; i += 8) {
    uint64_t x, y, z;
    memcpy(&x, p + i, 8);
    memcpy(&y, p + length + i, 8);
    memcpy(&z, p + 2 * length + i, 8);
    crc = _mm_crc32_u64(crc, x);
    second = _mm_crc32_u64(second, y);
    third = _mm_crc32_u64(third, z);
  }
  crc = shifted(shift, (uint32_t)crc) ^ second;
  return shifted(shift, (uint32_t)crc) ^ third;
}

__attribute__((target("sse4.2"))) static uint32_t crc_sse42(uint32_t crc, const unsigned char *p, size_t n) {
  uint64_t c = (uint32_t)~crc;
  for (; n >= 3 * long_run; p += 3 * long_run, n -= 3 * long_run) c = run3(c, p, long_run, tables.shift_long);
  for (; n >= 3 * short_run; p += 3 * short_run, n -= 3 * short_run) c = run3(c, p, short_run, tables.shift_short);
  return ~(uint32_t)run(c, p, n);
}

#define FOLDING "avx512f,avx512vl,vpclmulqdq,pclmul,sse4.2"
__attribute__((target(FOLDING))) static inline __m512i folded(__m512i x, __m512i by, const unsigned char *next) {
  __m512i low = _mm512_clmulepi64_epi128(x, by, 0x00), high = _mm512_clmulepi64_epi128(x, by, 0x11);
  return _mm512_ternarylogic_epi64(low, high, _mm512_loadu_si512(next), 0x96);
}

/* Four vectors are folded onto the next 256 bytes, and what stays is summed as any other bytes. */
__attribute__((target(FOLDING))) static uint32_t crc_folded(uint32_t crc, const unsigned char *p, size_t n) {
  if (n < 4 * folded_run) return crc_sse42(crc, p, n);
  __m512i by = _mm512_broadcast_i32x4(_mm_set_epi64x((long long)tables.fold_high, (long long)tables.fold_low));
  __m512i x[4];
  for (int i = 0; i < 4; i++) x[i] = _mm512_loadu_si512(p + 64 * i);
  x[0] = _mm512_xor_si512(x[0], _mm512_zextsi128_si512(_mm_cvtsi32_si128((int)~crc)));
  for (p += folded_run, n -= folded_run; n >= folded_run; p += folded_run, n -= folded_run)
    for (int i = 0; i < 4; i++) x[i] = folded(x[i], by, p + 64 * i);
  unsigned char rest[folded_run];
  for (int i = 0; i < 4; i++) _mm512_storeu_si512(rest + 64 * i, x[i]);
  return ~(uint32_t)run(run(0, rest, folded_run), p, n);
}

#define FOLDING_AVX2 "avx2,vpclmulqdq,pclmul,sse4.2"
__attribute__((target(FOLDING_AVX2))) static inline __m256i folded_avx2(__m256i x, __m256i by, const unsigned char *next) {
  __m256i low = _mm256_clmulepi64_epi128(x, by, 0x00), high = _mm256_clmulepi64_epi128(x, by, 0x11);
  return _mm256_xor_si256(_mm256_xor_si256(low, high), _mm256_loadu_si256((const __m256i *)next));
}

/* Eight vectors are folded over the first half of the bytes, while three streams run over the second: other units of the
   processor do each. */
__attribute__((target(FOLDING_AVX2))) static uint32_t crc_both(uint32_t crc, const unsigned char *p, size_t n) {
  enum { folded_bytes = (steps + 1) * folded_run, block = folded_bytes + 3 * long_run, count = 8, width = 32 };
  const __m256i by =
      _mm256_broadcastsi128_si256(_mm_set_epi64x((long long)tables.fold_high, (long long)tables.fold_low));
  for (; n >= block; p += block, n -= block) {
    __m256i x[count];
    for (int i = 0; i < count; i++) x[i] = _mm256_loadu_si256((const __m256i *)(p + width * i));
    x[0] = _mm256_xor_si256(x[0], _mm256_zextsi128_si256(_mm_cvtsi32_si128((int)~crc)));
    const unsigned char *next = p + folded_run, *streams = p + folded_bytes;
    uint64_t c[3] = {0};
    for (int step = 0; step < steps; step++, next += folded_run, streams += stream_step) {
      for (int i = 0; i < count; i++) x[i] = folded_avx2(x[i], by, next + width * i);
      for (int i = 0; i < stream_step; i += 8)
        for (int k = 0; k < 3; k++) {
          uint64_t w;
          memcpy(&w, streams + k * long_run + i, 8);
          c[k] = _mm_crc32_u64(c[k], w);
        }
    }
    unsigned char rest[folded_run];
    for (int i = 0; i < count; i++) _mm256_storeu_si256((__m256i *)(rest + width * i), x[i]);
    uint32_t sum = (uint32_t)run(0, rest, folded_run);
    for (int k = 0; k < 3; k++) sum = shifted(tables.shift_long, sum) ^ (uint32_t)c[k];
    crc = ~sum;
  }
  return crc_sse42(crc, p, n);
}

static int has_folding(void) { return __builtin_cpu_supports("vpclmulqdq") && __builtin_cpu_supports("sse4.2"); }
#endif

uint32_t eqp_crc32c(uint32_t crc, const void *bytes, size_t count) {
#if defined(__x86_64__)
  enum eqp_isa isa = eqp_current_isa();
  if (isa == eqp_avx512 && has_folding()) return crc_folded(crc, bytes, count);
  if (isa == eqp_avx2 && has_folding()) return crc_both(crc, bytes, count);
  if (__builtin_cpu_supports("sse4.2")) return crc_sse42(crc, bytes, count);
#endif
  return crc_portable(crc, bytes, count);
}

uint32_t eqp_crc32c_portable(uint32_t crc, const void *bytes, size_t count) { return crc_portable(crc, bytes, count); }

uint32_t eqp_crc32c_combine(uint32_t first, uint32_t second, uint64_t second_count) {
  return multiply(power(8 * second_count), first) ^ second;
}
