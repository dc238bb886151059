#include "creading.h"
#include <string.h>

typedef uint64_t wide __attribute__((vector_size(64)));

#define READ                                                          \
  const unsigned char *p = bytes;                                     \
  wide sum[4] = {{0}};                                                \
  for (size_t i = 0; i + 256 <= count; i += 256)                      \
    for (int k = 0; k < 4; k++) {                                     \
      wide v;                                                         \
      memcpy(&v, p + i + 64 * k, sizeof v);                           \
      sum[k] |= v;                                                    \
    }                                                                 \
  sum[0] |= sum[1] | sum[2] | sum[3];                                 \
  return sum[0][0] | sum[0][1] | sum[0][2] | sum[0][3] | sum[0][4] | sum[0][5] | sum[0][6] | sum[0][7];

#if defined(__x86_64__)
__attribute__((target("avx512f"))) static uint64_t read_avx512(const void *bytes, size_t count) { READ }
__attribute__((target("avx2"))) static uint64_t read_avx2(const void *bytes, size_t count) { READ }
#endif
static uint64_t read_baseline(const void *bytes, size_t count) { READ }

uint64_t read_everything(const void *bytes, size_t count) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) return read_avx512(bytes, count);
  if (__builtin_cpu_supports("avx2")) return read_avx2(bytes, count);
#endif
  return read_baseline(bytes, count);
}
