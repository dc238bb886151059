#include "ckernels.h"
#include "sums.h"
#include <math.h>
#include <string.h>

#pragma STDC FP_CONTRACT OFF

static const double neutral[eqp_fields - eqp_summed_fields] = {0, INFINITY, -INFINITY, INFINITY, -INFINITY};

void eqp_table_clear(double *table, size_t stride, size_t units) {
  for (size_t f = 0; f < eqp_fields; f++)
    for (size_t u = 0; u < units; u++) table[f * stride + u] = f < eqp_summed_fields ? 0 : neutral[f - eqp_summed_fields];
}

static double merged(size_t field, double x, double y) {
  if (field < eqp_summed_fields) return x + y;
  return field == eqp_min_a || field == eqp_min_b ? (y < x ? y : x) : (y > x ? y : x);
}

void eqp_table_merge(double *into, size_t into_stride, const double *from, size_t from_stride, size_t units) {
  for (size_t f = 0; f < eqp_fields; f++) {
    double *x = into + f * into_stride;
    const double *y = from + f * from_stride;
    if (f < eqp_summed_fields)
      for (size_t u = 0; u < units; u++) x[u] += y[u];
    else
      for (size_t u = 0; u < units; u++) x[u] = merged(f, x[u], y[u]);
  }
}

void eqp_table_merge_unit(double *into, size_t into_stride, size_t into_unit, const double *from, size_t from_stride,
                          size_t from_unit) {
  for (size_t f = 0; f < eqp_fields; f++) {
    double *x = into + f * into_stride + into_unit;
    *x = merged(f, *x, from[f * from_stride + from_unit]);
  }
}

void eqp_counts_merge(uint32_t *restrict into, const uint32_t *restrict from, size_t count) {
  for (size_t i = 0; i < count; i++) into[i] += from[i];
}

/* Elements that the kernels take at a time: short enough that the histograms find them in the first-level cache. */
enum { longest_run = 4096, tile_columns = 64, tile_rows = 16 };

static int is_finite(double x) { return x - x == 0; }

static size_t histogram_row(const eqp_pass *p, size_t row) { return p->histogram_row ? p->histogram_row[row] : row; }

enum { together = 256 };

/* Adds n values to the histogram of one unit (step 0) or of consecutive ones (step 1) by the numbers of their bins. */
static void count_bins(const eqp_pass *p, size_t row, size_t step, const uint32_t *bins_a, const uint32_t *bins_b,
                       size_t n) {
  size_t width = p->bins + 2;
  if (!step || !p->histogram_row) { /* rows follow each other, or are one */
    size_t at = histogram_row(p, row) * width, next = step * width;
    uint32_t *a = p->histogram_a + at, *b = p->histogram_b + at;
    for (size_t j = 0; j < n; j++, a += next, b += next) {
      a[bins_a[j]]++;
      b[bins_b[j]]++;
    }
    return;
  }
  for (size_t j = 0; j < n; j++) {
    size_t at = p->histogram_row[row + j] * width;
    p->histogram_a[at + bins_a[j]]++;
    p->histogram_b[at + bins_b[j]]++;
  }
}

static void count_values(const eqp_pass *p, size_t row, size_t step, const eqp_block *block, size_t n) {
  if (!p->histogram_a && !p->fine_a) return;
  uint32_t bins_a[together], bins_b[together];
  size_t k = eqp_kind_width(block->kind), finer = p->fine_a ? eqp_finer : 1;
  double per_width = p->per_width * (double)finer;
  for (size_t i = 0; i < n; i += together) {
    size_t some = n - i < together ? n - i : together;
    eqp_bins(block->kind, block->a + i * k, some, p->low, per_width, p->bins * finer, bins_a);
    eqp_bins(block->kind, block->b + i * k, some, p->low, per_width, p->bins * finer, bins_b);
    if (p->fine_a) {
      for (size_t j = 0; j < some; j++) {
        p->fine_a[bins_a[j]]++;
        p->fine_b[bins_b[j]]++;
      }
      if (!p->histogram_a) continue;
      for (size_t j = 0; j < some; j++) { /* the bins that the finer ones were cut from, the outer ones as they are */
        bins_a[j] = (bins_a[j] + eqp_finer - 1) / eqp_finer;
        bins_b[j] = (bins_b[j] + eqp_finer - 1) / eqp_finer;
      }
    }
    count_bins(p, row + step * i, step, bins_a, bins_b, some);
  }
}

/* One element, finite or not. */
static void take_element(eqp_pass *p, size_t row, const eqp_block *block, size_t i) {
  double x, y, d;
  eqp_block_element(block, i, &x, &y, &d);
  double *t = p->table + row;
  if (is_finite(x) && is_finite(y)) {
    eqp_block one = eqp_block_from(*block, i);
    eqp_sum_element(t, p->stride, x, y, d, p->shift);
    count_values(p, row, 0, &one, 1);
    return;
  }
  t[eqp_excluded * p->stride] += 1;
  /* by value: equal infinities and two NaN are unchanged */
  t[eqp_changed * p->stride] += !(x == y || (x != x && y != y));
  p->nan_a += x != x; p->nan_b += y != y;
  p->inf_a += !is_finite(x) && x == x; p->inf_b += !is_finite(y) && y == y;
}

/* Consecutive elements of one unit. Where something is not finite, shorter runs, and single elements at last. */
static void take_run(eqp_pass *p, size_t row, eqp_block block, size_t n, size_t longest) {
  while (n) {
    size_t some = n < longest ? n : longest;
    if (eqp_sum_run(p->table + row, p->stride, &block, some, p->shift, !p->no_sizes)) count_values(p, row, 0, &block, some);
    else if (longest > 64) take_run(p, row, block, some, longest / 8);
    else
      for (size_t i = 0; i < some; i++) take_element(p, row, &block, i);
    block = eqp_block_from(block, some);
    n -= some;
  }
}

/* Asks for the next tile, which the processor does not foresee. */
static void fetch(const eqp_block *block, size_t rows, size_t pitch) {
  size_t width = eqp_kind_width(block->kind);
  for (size_t r = 0; r < rows; r++)
    for (size_t at = tile_columns * width; at < 2 * tile_columns * width; at += 64) {
      __builtin_prefetch(block->a + r * pitch * width + at);
      __builtin_prefetch(block->b + r * pitch * width + at);
    }
}

/* `rows` rows of `wide` consecutive units: at most `tile_rows` and `tile_columns`. */
static void take_tile(eqp_pass *p, size_t row, const eqp_block *block, size_t wide, size_t rows, size_t pitch) {
  uint8_t sound[tile_columns / 8], all = 1;
  for (size_t c = 0; c < wide; c += 8) {
    eqp_block part = eqp_block_from(*block, c);
    size_t some = wide - c < 8 ? wide - c : 8;
    sound[c / 8] =
      (uint8_t)eqp_sum_columns(p->table + row + c, p->stride, &part, some, rows, pitch, p->shift, !p->no_sizes);
    all &= sound[c / 8];
  }
  if (all && !p->histogram_a && !p->fine_a) return;
  for (size_t r = 0; r < rows; r++) {
    eqp_block part = eqp_block_from(*block, r * pitch);
    if (all) {
      count_values(p, row, 1, &part, wide);
      continue;
    }
    for (size_t c = 0; c < wide; c += 8) {
      size_t some = wide - c < 8 ? wide - c : 8;
      eqp_block eight = eqp_block_from(part, c);
      if (sound[c / 8]) count_values(p, row + c, 1, &eight, some);
      else
        for (size_t i = 0; i < some; i++) take_element(p, row + c + i, &eight, i);
    }
  }
}

/* `rows` rows of `columns` consecutive units each, `pitch` elements apart. Few rows at a time: rows that lie a power of two
   apart share few places of the first-level cache. */
static void take_columns(eqp_pass *p, size_t row, const eqp_block *block, size_t columns, size_t rows, size_t pitch) {
  for (size_t r = 0; r < rows; r += tile_rows) {
    size_t some = rows - r < tile_rows ? rows - r : tile_rows;
    for (size_t first = 0; first < columns; first += tile_columns) {
      size_t wide = columns - first < tile_columns ? columns - first : tile_columns;
      eqp_block part = eqp_block_from(*block, first + r * pitch);
      if (columns - first > tile_columns) fetch(&part, some, pitch);
      take_tile(p, row + first, &part, wide, some, pitch);
    }
  }
}

static void take_block(eqp_pass *p, size_t element, eqp_block block, size_t count) {
  while (count) {
    size_t within = element % (p->units * p->inner), unit = within / p->inner, n;
    size_t row = unit - p->first_unit;
    if (p->units == 1 || p->inner > 1) { /* one unit in all: everything is one run */
      n = p->units == 1 ? count : p->inner - within % p->inner;
      if (n > count) n = count;
      take_run(p, row, block, n, longest_run);
    } else if (unit == 0 && count >= p->units) {
      n = count / p->units * p->units;
      take_columns(p, row, &block, p->units, n / p->units, p->units);
    } else {
      n = p->units - unit < count ? p->units - unit : count;
      take_columns(p, row, &block, n, 1, p->units);
    }
    element += n;
    block = eqp_block_from(block, n);
    count -= n;
  }
}

void eqp_pass_block(eqp_pass *p, size_t element, const double *a, const double *b, const double *d, size_t count) {
  take_block(p, element, (eqp_block){eqp_doubles, (const char *)a, (const char *)b, d}, count);
}

int eqp_pass_elements(eqp_pass *p, size_t element, int32_t type, const void *a, const void *b, size_t count) {
  int kind = eqp_kind_of(type, &count);
  if (kind < 0) return 0;
  take_block(p, element, (eqp_block){(enum eqp_kind)kind, a, b, 0}, count);
  return 1;
}

size_t eqp_fine_bin(double low, double per_width, size_t bins, double value) {
  uint32_t bin;
  eqp_bins(eqp_float64, (const char *)&value, 1, low, per_width * eqp_finer, bins * eqp_finer, &bin);
  return bin;
}
