#pragma once
#include "sums.h"

/* Plain sums of floats of 16 and 32 bits, which no shift and no sizes are needed for, sixteen pairs at a time: AVX-512
   compares them as floats, and takes a larger magnitude by one instruction. The same bits as from the others. */

/* As eqp_sum_run. */
int eqp_sum_run_avx512(double *t, size_t stride, const eqp_block *block, size_t n);

/* As eqp_sum_columns, of eight columns or sixteen. What lies ahead is asked for beside the sums: all at once it would fill
   the places where a core keeps what it waits for. */
int eqp_sum_columns_avx512(double *t, size_t stride, const eqp_block *block, size_t columns, size_t rows, size_t pitch,
                            size_t ahead);

/* Eight runs of n elements that follow each other, each added to a row of the table. */
int eqp_sum_eight_runs_avx512(double *t, size_t stride, const eqp_block *block, size_t n);
