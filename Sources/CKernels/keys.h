#pragma once
#include "ckernels.h"
#include "sums.h"

/* The counts of eqp_window_counts with AVX-512, for kinds with 32-bit keys; 0, and nothing counted, without either. */
int eqp_window_counts_wide(enum eqp_kind kind, const eqp_window *windows, size_t count, const void *a, const void *b,
                           size_t n, eqp_counts counts);
