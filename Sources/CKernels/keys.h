#pragma once
#include "ckernels.h"
#include "sums.h"

/* eqp_look_at with AVX-512, for kinds with 32-bit keys; 0, and nothing done, without either. */
int eqp_look_wide(enum eqp_kind kind, const eqp_look *look, const char *a, const char *b, size_t n, uint64_t *keys_a,
                  uint64_t *keys_b, size_t taken[2]);
