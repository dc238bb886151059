#pragma once
#include "ckernels.h"
#include <stddef.h>
#include <stdint.h>

/* How the elements of a block lie in memory. */
enum eqp_kind {
  eqp_doubles, /* already doubles, their differences beside them */
  eqp_float64,
  eqp_float32,
  eqp_float16,
  eqp_bfloat16,
  eqp_int8,
  eqp_uint8,
  eqp_int16,
  eqp_uint16,
  eqp_int32,
  eqp_uint32,
  eqp_int64, /* differences are those of the integers, which a double can't hold */
  eqp_uint64
};

/* What is done for each of them, with its kind known to the compiler. */
#define EQP_FLOAT_KINDS(take) take(eqp_float64) take(eqp_float32) take(eqp_float16) take(eqp_bfloat16)
#define EQP_INTEGER_KINDS(take)                                                    \
  take(eqp_int8) take(eqp_uint8) take(eqp_int16) take(eqp_uint16) take(eqp_int32) \
  take(eqp_uint32) take(eqp_int64) take(eqp_uint64)

/* A block of pairs of elements; `d` only for eqp_doubles. */
typedef struct eqp_block {
  enum eqp_kind kind;
  const char *a, *b;
  const double *d;
} eqp_block;

/* Bytes of an element. */
static inline size_t eqp_kind_width(enum eqp_kind kind) {
  switch (kind) {
  case eqp_int8: case eqp_uint8: return 1;
  case eqp_float16: case eqp_bfloat16: case eqp_int16: case eqp_uint16: return 2;
  case eqp_float32: case eqp_int32: case eqp_uint32: return 4;
  default: return 8;
  }
}

/* Whether a float holds every finite element. */
static inline int eqp_kind_fits_float(enum eqp_kind kind) {
  return eqp_kind_width(kind) <= 2 || kind == eqp_float32;
}

static inline int eqp_kind_is_integer(enum eqp_kind kind) { return kind >= eqp_int8; }

/* Bits of an ordered key: those of the integer, or of the float that holds the element. */
static inline int eqp_kind_key_bits(enum eqp_kind kind) { return eqp_kind_width(kind) == 8 ? 64 : 32; }

/* The kind of a TensorFlow type that needs no decoding, −1 for others; of complex ones, twice as many. */
int eqp_kind_of(int32_t type, size_t *count);

/* The block from its element `n` on. */
static inline eqp_block eqp_block_from(eqp_block block, size_t n) {
  block.a += n * eqp_kind_width(block.kind);
  block.b += n * eqp_kind_width(block.kind);
  if (block.d) block.d += n;
  return block;
}

/* Doubles and difference of element `i`. */
void eqp_block_element(const eqp_block *block, size_t i, double *x, double *y, double *d);

/* Adds n consecutive elements to one row of a table. Without `sizes`, the
   sums of magnitudes and the extremes of either side are left out. Returns 0, and adds nothing, where a sum of squares is
   not finite. */
int eqp_sum_run(double *t, size_t stride, const eqp_block *block, size_t n, double shift, int sizes);

/* Whether eqp_sum_columns asks memory for what lies ahead, row by row. */
int eqp_fetches_columns(const eqp_block *block, double shift, int sizes);

/* Whether eqp_sum_eight_runs may be called. */
int eqp_sums_eight_runs(const eqp_block *block, double shift, int sizes);

/* Adds eight runs of n elements that follow each other to a row each, as eqp_sum_run would without sizes and shift.
   Returns 0, and adds nothing, where a sum of squares of any is not finite. */
int eqp_sum_eight_runs(double *t, size_t stride, const eqp_block *block, size_t n);

/* Adds `rows` rows of `columns` consecutive elements, `pitch` elements apart, to as many rows of a table: sixteen columns
   (a cache's line of floats), or eight, or fewer. Returns 0, and adds nothing, where a sum of squares is not finite. What
   comes next lies `ahead` bytes further on. */
int eqp_sum_columns(double *t, size_t stride, const eqp_block *block, size_t columns, size_t rows, size_t pitch,
                    double shift, int sizes, size_t ahead);

/* Whether eqp_sum_columns reads columns that lie in one line of a cache one after the other. */
int eqp_reads_columns_again(const eqp_block *block, double shift, int sizes);

/* Adds one element, both sides finite. */
void eqp_sum_element(double *t, size_t stride, double x, double y, double d, double shift);

/* One more at a place. */
static inline void eqp_count_one(const eqp_counts *counts, size_t place) {
  if (!++counts->low[place]) counts->carries[place]++;
}

/* n more at a place. */
static inline void eqp_count_many(const eqp_counts *counts, size_t place, size_t n) {
  n += counts->low[place];
  counts->low[place] = (uint8_t)n;
  counts->carries[place] += (uint32_t)(n >> 8);
}

/* Bin numbers of n elements of one side: 0 below the edges, bins + 1 above. */
void eqp_bins(enum eqp_kind kind, const char *x, size_t n, double low, double per_width, size_t bins, uint32_t *out);
