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

void eqp_table_fold(double *into, size_t into_stride, const uint32_t *rows, const double *from, size_t from_stride,
                    size_t units) {
  for (size_t f = 0; f < eqp_fields; f++) {
    double *x = into + f * into_stride;
    const double *y = from + f * from_stride;
    if (f < eqp_summed_fields)
      for (size_t u = 0; u < units; u++) x[rows[u]] += y[u];
    else
      for (size_t u = 0; u < units; u++) x[rows[u]] = merged(f, x[rows[u]], y[u]);
  }
}

void eqp_counts_add(eqp_counts counts, size_t count, uint64_t *into) {
  for (size_t i = 0; i < count; i++) into[i] += (uint64_t)counts.carries[i] * 256 + counts.low[i];
}

void eqp_counts_add_short(eqp_counts counts, size_t count, uint32_t *into) {
  enum { block = 256 };
  for (size_t first = 0, some; first < count; first += some) {
    some = count - first < block ? count - first : block;
    const uint8_t *low = counts.low + first;
    const uint32_t *carries = counts.carries + first;
    uint32_t *to = into + first, large = 0;
    /* what a compiler makes vectors of, where no sum can run over */
    for (size_t i = 0; i < some; i++) large |= carries[i] >> 23 | to[i] >> 31;
    if (!large) {
      for (size_t i = 0; i < some; i++) to[i] += carries[i] << 8 | low[i];
      continue;
    }
    for (size_t i = 0; i < some; i++) {
      uint64_t sum = to[i] + (uint64_t)carries[i] * 256 + low[i];
      to[i] = sum < UINT32_MAX ? (uint32_t)sum : UINT32_MAX;
    }
  }
}

void eqp_pass_finish(const eqp_pass *pass, size_t rows) {
  static const enum eqp_field shifted[] = {eqp_shifted_aa, eqp_shifted_bb, eqp_shifted_ab};
  static const enum eqp_field plain[] = {eqp_sum_aa, eqp_sum_bb, eqp_sum_ab};
  if (pass->shift != 0) return;
  for (size_t i = 0; i < 3; i++)
    memcpy(pass->table + shifted[i] * pass->stride, pass->table + plain[i] * pass->stride, rows * sizeof(double));
}

/* Elements that the kernels take at a time: short enough that the histograms find them in the first-level cache. */
enum { longest_run = 4096, tile_columns = 64, tile_rows = 16, tall_rows = 64, short_row = 512 };

static int is_finite(double x) { return x - x == 0; }

static size_t histogram_row(const eqp_pass *p, size_t row) { return p->histogram_row ? p->histogram_row[row] : row; }

enum { together = 256 };

__attribute__((noinline)) static int are_all(const uint32_t *x, size_t n, uint32_t value) {
  uint32_t other = 0;
  for (size_t i = 0; i < n; i++) other |= x[i] ^ value;
  return !other;
}

/* Whether both sides lie in one bin each: told at once, as a rule, from a few. */
static inline int in_one_bin(const uint32_t *a, const uint32_t *b, size_t n) {
  if (__builtin_expect(a[0] != a[n - 1] || a[0] != a[n / 2] || b[0] != b[n - 1], 1)) return 0;
  return are_all(a, n, a[0]) && are_all(b, n, b[0]);
}

/* Counts n pairs of values of one unit (step 0) or of consecutive ones (step 1). The sides take turns: where one bin holds
   many, each count waits for the one before it. */
static void count_run(const eqp_pass *p, size_t row, size_t step, const eqp_block *block, size_t n) {
  const eqp_counts fine_a = p->fine_a, fine_b = p->fine_b, a = p->histogram_a, b = p->histogram_b;
  const size_t k = eqp_kind_width(block->kind), finer = fine_a.low ? eqp_finer : 1, width = p->bins + 2;
  const double per_width = p->per_width * (double)finer;
  uint32_t bins_a[together], bins_b[together];
  for (size_t i = 0; i < n; i += together) {
    size_t some = n - i < together ? n - i : together;
    eqp_bins(block->kind, block->a + i * k, some, p->low, per_width, p->bins * finer, bins_a);
    eqp_bins(block->kind, block->b + i * k, some, p->low, per_width, p->bins * finer, bins_b);
    const int one_bin = in_one_bin(bins_a, bins_b, some);
    if (fine_a.low && one_bin) {
      eqp_count_many(&fine_a, bins_a[0], some);
      eqp_count_many(&fine_b, bins_b[0], some);
    } else if (fine_a.low) {
      for (size_t j = 0; j < some; j++) {
        eqp_count_one(&fine_a, bins_a[j]);
        eqp_count_one(&fine_b, bins_b[j]);
      }
    }
    if (!a.low) continue;
    if (fine_a.low)
      for (size_t j = 0; j < some; j++) { /* the bins that the finer ones were cut from, the outer ones as they are */
        bins_a[j] = (bins_a[j] + eqp_finer - 1) / eqp_finer;
        bins_b[j] = (bins_b[j] + eqp_finer - 1) / eqp_finer;
      }
    if (!step && one_bin) {
      eqp_count_many(&a, histogram_row(p, row) * width + bins_a[0], some);
      eqp_count_many(&b, histogram_row(p, row) * width + bins_b[0], some);
      continue;
    }
    if (!step || !p->histogram_row) { /* rows follow each other, or are one */
      size_t at = histogram_row(p, row + step * i) * width, next = step * width;
      for (size_t j = 0; j < some; j++, at += next) {
        eqp_count_one(&a, at + bins_a[j]);
        eqp_count_one(&b, at + bins_b[j]);
      }
      continue;
    }
    for (size_t j = 0; j < some; j++) {
      size_t at = p->histogram_row[row + i + j] * width;
      eqp_count_one(&a, at + bins_a[j]);
      eqp_count_one(&b, at + bins_b[j]);
    }
  }
}

/* Counts `rows` runs of n pairs of values, `pitch` apart. */
static void count_values(const eqp_pass *p, size_t row, size_t step, const eqp_block *block, size_t n, size_t rows,
                         size_t pitch) {
  if (!p->histogram_a.low && !p->fine_a.low) return;
  for (size_t r = 0; r < rows; r++) {
    eqp_block run = eqp_block_from(*block, r * pitch);
    count_run(p, row, step, &run, n);
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
    count_values(p, row, 0, &one, 1, 1, 0);
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
    if (eqp_sum_run(p->table + row, p->stride, &block, some, p->shift, !p->no_sizes))
      count_values(p, row, 0, &block, some, 1, 0);
    else if (longest > 64) take_run(p, row, block, some, longest / 8);
    else
      for (size_t i = 0; i < some; i++) take_element(p, row, &block, i);
    block = eqp_block_from(block, some);
    n -= some;
  }
}

/* Asks for a tile, which the processor does not foresee; to the second cache, as rows a power of two apart push each other
   out of the first. It may lie behind the last one: then nothing comes of it. */
static void fetch(const eqp_block *tile, size_t rows, size_t pitch) {
  size_t width = eqp_kind_width(tile->kind);
  for (size_t r = 0; r < rows; r++)
    for (size_t at = 0; at < tile_columns * width; at += 64) {
      __builtin_prefetch(tile->a + r * pitch * width + at, 0, 2);
      __builtin_prefetch(tile->b + r * pitch * width + at, 0, 2);
    }
}

/* A tile put together, for kernels that go through it more than once: rows that lie a power of two apart would push each
   other out of the nearest cache. */
typedef struct tile {
  char a[tall_rows * tile_columns * sizeof(double)], b[tall_rows * tile_columns * sizeof(double)];
} tile;

static void gather(char *to, const char *from, size_t bytes, size_t rows, size_t pitch) {
  enum { line = 64 };
  for (size_t r = 0; r < rows; r++, from += pitch) {
    for (size_t i = 0; i < bytes; i += line, to += line) {
      __builtin_prefetch(from + bytes + i, 0, 2); /* the next tile's */
      memcpy(to, from + i, line);
    }
    __builtin_prefetch(from + 2 * bytes - 1, 0, 2); /* rows may begin inside a line */
  }
}

/* `rows` rows of `wide` consecutive units: at most `tile_columns`. What comes next lies `ahead` bytes further on. Returns 0
   where not everything is finite, and has counted then what is; else nothing is counted yet. */
static int sum_tile(eqp_pass *p, size_t row, const eqp_block *block, size_t wide, size_t rows, size_t pitch,
                    size_t ahead) {
  uint8_t sound[tile_columns], all = 1;
  const size_t most = p->shift != 0 && !p->no_sizes ? 8 : 16; /* as many as there are registers for */
  for (size_t c = 0, some; c < wide; c += some) {
    eqp_block part = eqp_block_from(*block, c);
    some = wide - c >= most ? most : wide - c >= 8 ? 8 : wide - c;
    uint8_t one = (uint8_t)eqp_sum_columns(p->table + row + c, p->stride, &part, some, rows, pitch, p->shift, !p->no_sizes,
                                           ahead);
    memset(sound + c, one, some);
    all &= one;
  }
  if (all) return 1;
  for (size_t c = 0, some; c < wide; c += some) {
    eqp_block part = eqp_block_from(*block, c);
    for (some = 1; c + some < wide && sound[c + some] == sound[c];) some++;
    if (sound[c]) {
      count_values(p, row + c, 1, &part, some, rows, pitch);
      continue;
    }
    for (size_t r = 0; r < rows; r++)
      for (size_t i = 0; i < some; i++) take_element(p, row + c + i, &part, r * pitch + i);
  }
  return 0;
}

/* `rows` rows of `columns` consecutive units each, `pitch` elements apart. */
static void take_band(eqp_pass *p, size_t row, const eqp_block *block, size_t columns, size_t rows, size_t pitch) {
  const size_t width = eqp_kind_width(block->kind);
  const int gathers = rows > 1 && rows <= tall_rows && pitch > tile_columns &&
                      eqp_reads_columns_again(block, p->shift, !p->no_sizes);
  uint64_t sound = 0;
  tile together __attribute__((aligned(64)));
  for (size_t tile = 0; tile * tile_columns < columns; tile++) {
    size_t first = tile * tile_columns, wide = columns - first < tile_columns ? columns - first : tile_columns;
    eqp_block part = eqp_block_from(*block, first);
    size_t apart = pitch, ahead = 0;
    if (gathers && wide == tile_columns) {
      gather(together.a, part.a, wide * width, rows, pitch * width);
      gather(together.b, part.b, wide * width, rows, pitch * width);
      part.a = together.a;
      part.b = together.b;
      apart = tile_columns;
    } else {
      int is_last = columns - first <= tile_columns;
      eqp_block next = is_last ? eqp_block_from(*block, rows * pitch) : eqp_block_from(part, tile_columns);
      if (!eqp_fetches_columns(block, p->shift, !p->no_sizes)) fetch(&next, rows, pitch);
      ahead = (size_t)(next.a - part.a);
    }
    if (!sum_tile(p, row + first, &part, wide, rows, apart, ahead)) continue;
    /* histograms of few units are nearer than those of many */
    if (p->histogram_a.low) count_values(p, row + first, 1, &part, wide, rows, apart);
    sound |= (uint64_t)1 << tile;
  }
  if (p->histogram_a.low) return;
  for (size_t tile = 0, more; tile * tile_columns < columns; tile += more) {
    more = 1;
    if (!(sound >> tile & 1)) continue;
    while (tile + more < 64 && sound >> (tile + more) & 1) more++;
    eqp_block part = eqp_block_from(*block, tile * tile_columns);
    size_t wide = columns - tile * tile_columns;
    if (wide > more * tile_columns) wide = more * tile_columns;
    if (wide == pitch) count_values(p, row, 1, &part, wide * rows, 1, 0);
    else count_values(p, row + tile * tile_columns, 1, &part, wide, rows, pitch);
  }
}

/* Few rows at a time, unless they are short: rows that lie a power of two apart share few places of the first-level
   cache. More of them where the tile's histograms, which are larger than its rows, are fetched for each. */
static void take_columns(eqp_pass *p, size_t row, const eqp_block *block, size_t columns, size_t rows, size_t pitch) {
  size_t high = p->histogram_a.low ? tall_rows : tile_rows;
  if (columns < short_row) high = high * short_row / columns;
  for (size_t r = 0; r < rows; r += high)
    for (size_t first = 0; first < columns; first += 64 * tile_columns) {
      size_t wide = columns - first < 64 * tile_columns ? columns - first : 64 * tile_columns;
      eqp_block part = eqp_block_from(*block, first + r * pitch);
      take_band(p, row + first, &part, wide, rows - r < high ? rows - r : high, pitch);
    }
}

/* Whole short units, eight at a time; returns how many. */
static size_t take_short_units(eqp_pass *p, size_t row, eqp_block block, size_t units) {
  enum { together = 8 };
  size_t taken = 0;
  for (; taken + together <= units; taken += together) {
    eqp_block unit = eqp_block_from(block, taken * p->inner);
    int sound = eqp_sum_eight_runs(p->table + row + taken, p->stride, &unit, p->inner);
    for (size_t u = 0; u < together; u++, unit = eqp_block_from(unit, p->inner))
      if (sound) count_values(p, row + taken + u, 0, &unit, p->inner, 1, 0);
      else take_run(p, row + taken + u, unit, p->inner, longest_run);
  }
  return taken;
}

static void take_block(eqp_pass *p, size_t element, eqp_block block, size_t count) {
  while (count) {
    size_t within = element % (p->units * p->inner), unit = within / p->inner, n;
    size_t row = unit - p->first_unit;
    size_t whole = count / p->inner < p->units - unit ? count / p->inner : p->units - unit; /* units from here on */
    if (p->inner > 1 && p->inner <= short_row && within % p->inner == 0 &&
        eqp_sums_eight_runs(&block, p->shift, !p->no_sizes) && (n = take_short_units(p, row, block, whole))) {
      n *= p->inner;
    } else if (p->units == 1 || p->inner > 1) { /* one unit in all: everything is one run */
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
