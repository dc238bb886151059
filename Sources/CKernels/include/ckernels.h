#pragma once
#include <stddef.h>
#include <stdint.h>

/// CRC-32C (Castagnoli) of `count` bytes, continuing from `crc` (0 at the start).
uint32_t eqp_crc32c(uint32_t crc, const void *bytes, size_t count);

/// The same without special instructions; for tests.
uint32_t eqp_crc32c_portable(uint32_t crc, const void *bytes, size_t count);

/// CRC-32C of two runs of bytes one after the other, from the CRC of each and the second's length.
uint32_t eqp_crc32c_combine(uint32_t first, uint32_t second, uint64_t second_count);
