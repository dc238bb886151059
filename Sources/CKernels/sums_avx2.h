#pragma once
#include "sums.h"

/* Plain sums of floats of 16 and 32 bits, which no shift and no sizes are needed for, four lanes at a time: AVX2's sixteen
   registers hold no more. The same bits as from the others. */

/* As eqp_sum_run. */
int eqp_sum_run_avx2(double *t, size_t stride, const eqp_block *block, size_t n);

/* As eqp_sum_columns, of eight columns or sixteen. */
int eqp_sum_columns_avx2(double *t, size_t stride, const eqp_block *block, size_t columns, size_t rows, size_t pitch);

/* Floats of n halves, by the instruction for it. */
void eqp_floats_of_halves_avx2(float *floats, const char *halves, size_t n);
