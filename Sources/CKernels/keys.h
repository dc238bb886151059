#pragma once
#include "ckernels.h"
#include "sums.h"

/* eqp_look_at for floats and halves with AVX-512, and for every kind of 32-bit keys with AVX2 or above; 0, and nothing
   done, for others. */
int eqp_look_avx512(enum eqp_kind kind, const eqp_look *look, const char *a, const char *b, size_t n, uint64_t *keys_a,
                    uint64_t *keys_b, size_t taken[2]);
int eqp_look_avx2(enum eqp_kind kind, const eqp_look *look, const char *a, const char *b, size_t n, uint64_t *keys_a,
                  uint64_t *keys_b, size_t taken[2]);
