#include "ckernels.h"
#include <string.h>

/* Slicing by eight for every processor; the crc32 instruction, three streams at once, where it is.
   Source: Castagnoli polynomial 0x1EDC6F41, reflected 0x82F63B78 (RFC 3720, appendix B.4). */

static const uint32_t polynomial = 0x82f63b78u;

struct crc_tables {
  uint32_t slice[8][256];
  uint32_t shift_long[4][256], shift_short[4][256];
};

enum { long_run = 8192, short_run = 256 };

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

static struct crc_tables tables;

/* Before main: no lock, no race. */
__attribute__((constructor)) static void build_tables(void) { build(&tables); }

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
#endif

uint32_t eqp_crc32c(uint32_t crc, const void *bytes, size_t count) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("sse4.2")) return crc_sse42(crc, bytes, count);
#endif
  return crc_portable(crc, bytes, count);
}

uint32_t eqp_crc32c_portable(uint32_t crc, const void *bytes, size_t count) { return crc_portable(crc, bytes, count); }

uint32_t eqp_crc32c_combine(uint32_t first, uint32_t second, uint64_t second_count) {
  return multiply(power(8 * second_count), first) ^ second;
}
