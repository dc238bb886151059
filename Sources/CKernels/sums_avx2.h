#pragma once
#include <stddef.h>

/* Plain sums of floats, which no shift and no sizes are needed for, four lanes at a time: AVX2's sixteen registers hold no
   more. The same bits as from the others. */

/* As eqp_sum_run. */
int eqp_sum_run_avx2(double *t, size_t stride, const char *a, const char *b, size_t n);

/* As eqp_sum_columns, of eight columns or sixteen. */
int eqp_sum_columns_avx2(double *t, size_t stride, const char *a, const char *b, size_t columns, size_t rows, size_t pitch);
