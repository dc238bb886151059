#include "ckernels.h"
#include "isa.h"
#include <math.h>
#include <string.h>

#pragma STDC FP_CONTRACT OFF
/* Vectors pass between inlined functions only, so no calling convention is involved. */
#pragma clang diagnostic ignored "-Wpsabi"

/* 16 lanes as two vectors of eight: the layout of the sums, whatever the width of the registers. */
typedef double lanes __attribute__((vector_size(64)));
typedef int64_t masks __attribute__((vector_size(64)));
enum { half_lanes = 8, all_lanes = 16 };

#define INLINE static inline __attribute__((always_inline))

INLINE lanes load(const double *p) {
  lanes v;
  memcpy(&v, p, sizeof v);
  return v;
}
INLINE lanes select(masks m, lanes x, lanes y) { return (lanes)(((masks)x & m) | ((masks)y & ~m)); }
INLINE lanes absolute(lanes x) { return (lanes)((masks)x & 0x7fffffffffffffffll); }
INLINE lanes smaller(lanes x, lanes y) { return select(x < y, x, y); }
INLINE lanes larger(lanes x, lanes y) { return select(x > y, x, y); }

/* One tree for every sum: ((0+8)+(4+12)) + …, halves folded onto halves. */
INLINE double tree(lanes low, lanes high) {
  double s[8];
  lanes folded = low + high;
  memcpy(s, &folded, sizeof s);
  return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
}

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

/* Contiguous elements of one unit. */
INLINE void run_body(double *t, size_t stride, const double *a, const double *b, const double *d, size_t n, double shift) {
  lanes z = {0}, inf = z + INFINITY;
  lanes sa[2] = {z, z}, sb[2] = {z, z}, aa[2] = {z, z}, bb[2] = {z, z}, ab[2] = {z, z}, sd[2] = {z, z}, dd[2] = {z, z},
        ad[2] = {z, z}, xa[2] = {z, z}, xb[2] = {z, z}, haa[2] = {z, z}, hbb[2] = {z, z}, hab[2] = {z, z};
  lanes md = z, na = inf, xxa = -inf, nb = inf, xxb = -inf;
  masks changed[2] = {{0}, {0}};
  size_t i = 0;
  for (; i + all_lanes <= n; i += all_lanes)
#pragma clang loop unroll(full)
    for (int h = 0; h < 2; h++) {
      lanes x = load(a + i + h * half_lanes), y = load(b + i + h * half_lanes), e = load(d + i + h * half_lanes);
      lanes px = absolute(x), py = absolute(y), pe = absolute(e);
      sa[h] += x; sb[h] += y; aa[h] += x * x; bb[h] += y * y; ab[h] += x * y;
      sd[h] += e; dd[h] += e * e; ad[h] += pe; xa[h] += px; xb[h] += py;
      if (shift != 0) {
        lanes u = x - shift, v = y - shift;
        haa[h] += u * u; hbb[h] += v * v; hab[h] += u * v;
      }
      changed[h] -= e != z;
      md = larger(pe, md); na = smaller(x, na); xxa = larger(x, xxa); nb = smaller(y, nb); xxb = larger(y, xxb);
    }
  double tail_a[all_lanes], tail_b[all_lanes], tail_d[all_lanes];
  size_t rest = n - i;
  if (rest) { /* the tail fills lanes with zeros: it adds nothing, and its extremes are taken apart */
    memset(tail_a, 0, sizeof tail_a); memset(tail_b, 0, sizeof tail_b); memset(tail_d, 0, sizeof tail_d);
    memcpy(tail_a, a + i, rest * 8); memcpy(tail_b, b + i, rest * 8); memcpy(tail_d, d + i, rest * 8);
    for (int h = 0; h < 2; h++) {
      lanes x = load(tail_a + h * half_lanes), y = load(tail_b + h * half_lanes), e = load(tail_d + h * half_lanes);
      lanes pe = absolute(e);
      sa[h] += x; sb[h] += y; aa[h] += x * x; bb[h] += y * y; ab[h] += x * y;
      sd[h] += e; dd[h] += e * e; ad[h] += pe; xa[h] += absolute(x); xb[h] += absolute(y);
      changed[h] -= e != z;
      md = larger(pe, md);
    }
  }
  double low_a = INFINITY, high_a = -INFINITY, low_b = INFINITY, high_b = -INFINITY, largest = 0;
  double shifted[3] = {0, 0, 0}, differ = 0;
  for (int k = 0; k < half_lanes; k++) {
    low_a = na[k] < low_a ? na[k] : low_a; high_a = xxa[k] > high_a ? xxa[k] : high_a;
    low_b = nb[k] < low_b ? nb[k] : low_b; high_b = xxb[k] > high_b ? xxb[k] : high_b;
    largest = md[k] > largest ? md[k] : largest;
    differ += (double)(changed[0][k] + changed[1][k]);
  }
  for (size_t k = 0; k < rest; k++) {
    double x = tail_a[k], y = tail_b[k], u = x - shift, v = y - shift;
    low_a = x < low_a ? x : low_a; high_a = x > high_a ? x : high_a;
    low_b = y < low_b ? y : low_b; high_b = y > high_b ? y : high_b;
    if (shift != 0) { shifted[0] += u * u; shifted[1] += v * v; shifted[2] += u * v; }
  }
#define ADD(field, value) t[(field) * stride] += (value)
  ADD(eqp_count, (double)n);
  ADD(eqp_sum_a, tree(sa[0], sa[1])); ADD(eqp_sum_b, tree(sb[0], sb[1]));
  double raa = tree(aa[0], aa[1]), rbb = tree(bb[0], bb[1]), rab = tree(ab[0], ab[1]);
  ADD(eqp_sum_aa, raa); ADD(eqp_sum_bb, rbb); ADD(eqp_sum_ab, rab);
  ADD(eqp_sum_d, tree(sd[0], sd[1])); ADD(eqp_sum_dd, tree(dd[0], dd[1])); ADD(eqp_sum_abs_d, tree(ad[0], ad[1]));
  ADD(eqp_sum_abs_a, tree(xa[0], xa[1])); ADD(eqp_sum_abs_b, tree(xb[0], xb[1]));
  ADD(eqp_shifted_aa, shift != 0 ? tree(haa[0], haa[1]) + shifted[0] : raa);
  ADD(eqp_shifted_bb, shift != 0 ? tree(hbb[0], hbb[1]) + shifted[1] : rbb);
  ADD(eqp_shifted_ab, shift != 0 ? tree(hab[0], hab[1]) + shifted[2] : rab);
  ADD(eqp_changed, differ);
#undef ADD
#define EXTREME(field, value) t[(field) * stride] = merged(field, t[(field) * stride], value)
  EXTREME(eqp_max_abs_d, largest);
  EXTREME(eqp_min_a, low_a); EXTREME(eqp_max_a, high_a); EXTREME(eqp_min_b, low_b); EXTREME(eqp_max_b, high_b);
#undef EXTREME
}
EQP_EACH_ISA(run, (double *t, size_t stride, const double *a, const double *b, const double *d, size_t n, double shift),
             (t, stride, a, b, d, n, shift))

/* Consecutive elements of consecutive units: each lane has its own unit, so no reduction at all. */
INLINE void columns_body(double *restrict t, size_t stride, const double *restrict a, const double *restrict b,
                         const double *restrict d, size_t n, double shift) {
#define COLUMN(field, expression)                             \
  {                                                           \
    double *restrict s = t + (field) * stride;                \
    for (size_t i = 0; i < n; i++) s[i] += (expression);      \
  }
  COLUMN(eqp_count, 1.0)
  COLUMN(eqp_sum_a, a[i]) COLUMN(eqp_sum_b, b[i])
  COLUMN(eqp_sum_aa, a[i] * a[i]) COLUMN(eqp_sum_bb, b[i] * b[i]) COLUMN(eqp_sum_ab, a[i] * b[i])
  COLUMN(eqp_sum_d, d[i]) COLUMN(eqp_sum_dd, d[i] * d[i]) COLUMN(eqp_sum_abs_d, __builtin_fabs(d[i]))
  COLUMN(eqp_sum_abs_a, __builtin_fabs(a[i])) COLUMN(eqp_sum_abs_b, __builtin_fabs(b[i]))
  COLUMN(eqp_shifted_aa, (a[i] - shift) * (a[i] - shift)) COLUMN(eqp_shifted_bb, (b[i] - shift) * (b[i] - shift))
  COLUMN(eqp_shifted_ab, (a[i] - shift) * (b[i] - shift))
  COLUMN(eqp_changed, d[i] != 0 ? 1.0 : 0.0)
#undef COLUMN
#define EXTREME(field, value, better)                                          \
  {                                                                            \
    double *restrict s = t + (field) * stride;                                 \
    for (size_t i = 0; i < n; i++) { double v = (value); s[i] = v better s[i] ? v : s[i]; } \
  }
  EXTREME(eqp_max_abs_d, __builtin_fabs(d[i]), >)
  EXTREME(eqp_min_a, a[i], <) EXTREME(eqp_max_a, a[i], >) EXTREME(eqp_min_b, b[i], <) EXTREME(eqp_max_b, b[i], >)
#undef EXTREME
}
EQP_EACH_ISA(columns,
             (double *restrict t, size_t stride, const double *restrict a, const double *restrict b,
              const double *restrict d, size_t n, double shift),
             (t, stride, a, b, d, n, shift))

static size_t bin(const eqp_pass *p, double x) {
  double position = (x - p->low) * p->per_width;
  if (!(position >= 0)) return 0;
  return position >= (double)p->bins ? p->bins + 1 : (size_t)position + 1;
}

uint64_t eqp_ordered_key(double value) {
  uint64_t bits;
  value += 0.0; /* −0 becomes +0 */
  memcpy(&bits, &value, 8);
  return bits >> 63 ? ~bits : bits | 0x8000000000000000u;
}

/* Coarse keys: the seven leading fraction bits of the magnitudes 2⁻⁴⁰ … 2⁸. */
enum { octaves = 48, fraction_bits = 7, half_keys = octaves << fraction_bits };
static const uint64_t smallest = (uint64_t)(1023 - 40) << 52;

size_t eqp_key_count(void) { return 2 * half_keys + 1; }

size_t eqp_coarse_key(uint64_t ordered) {
  int negative = !(ordered >> 63);
  uint64_t magnitude = (negative ? ~ordered : ordered) & 0x7fffffffffffffffu;
  size_t step = 0;
  if (magnitude >= smallest) {
    uint64_t s = ((magnitude - smallest) >> (52 - fraction_bits)) + 1;
    step = s > half_keys ? half_keys : (size_t)s;
  }
  return negative ? half_keys - step : half_keys + step;
}

uint64_t eqp_coarse_key_start(size_t coarse) {
  if (coarse == 0) return 0;
  if (coarse > half_keys) /* positive: the magnitude where the step begins */
    return 0x8000000000000000u | (smallest + ((uint64_t)(coarse - half_keys - 1) << (52 - fraction_bits)));
  /* negative and the keys around zero: one past the largest magnitude of the key below */
  uint64_t step = half_keys - coarse + 1;
  return (~(smallest + ((step - 1) << (52 - fraction_bits))) & 0x7fffffffffffffffu) + 1;
}

size_t eqp_refine(const eqp_refinement *r, uint32_t *counts, const double *x, size_t n) {
  size_t taken = 0;
  for (size_t i = 0; i < n; i++) {
    uint64_t key = eqp_ordered_key(x[i]);
    int32_t slot = r->next[0][eqp_coarse_key(key)];
    for (size_t level = 1; slot >= 0; level++) {
      const eqp_key_range *range = &r->ranges[level - 1][slot];
      size_t place = range->offset + (size_t)((key - range->low) >> range->shift);
      if (level == r->levels) {
        counts[2 * place]++;
        taken++;
        break;
      }
      slot = r->next[level][place];
    }
  }
  return taken;
}

static void count_keys(uint32_t *counts, const double *x, size_t n) {
  for (size_t i = 0; i < n; i++) counts[eqp_coarse_key(eqp_ordered_key(x[i]))]++;
}

INLINE int finite_pair(double x, double y) { return x - x == 0 && y - y == 0; }

INLINE void all_finite_body(const double *a, const double *b, size_t n, int *all) {
  double bad = 0;
  lanes z = {0}, s = z;
  size_t i = 0;
  for (; i + half_lanes <= n; i += half_lanes) { /* 0 · x is 0 or NaN: one NaN stays */
    lanes x = load(a + i), y = load(b + i);
    s += (x - x) + (y - y);
  }
  for (int k = 0; k < half_lanes; k++) bad += s[k];
  for (; i < n; i++) bad += (a[i] - a[i]) + (b[i] - b[i]);
  *all = bad == 0;
}
EQP_EACH_ISA(all_finite, (const double *a, const double *b, size_t n, int *all), (a, b, n, all))

/* Elements of one unit (step 0) or of consecutive units (step 1), all finite. */
static void take(eqp_pass *p, size_t unit, int step, const double *a, const double *b, const double *d, size_t n) {
  double *t = p->table + (unit - p->first_unit);
  if (step) columns(t, p->stride, a, b, d, n, p->shift);
  else run(t, p->stride, a, b, d, n, p->shift);
  if (p->histogram_a) {
    size_t width = p->bins + 2;
    for (size_t i = 0; i < n; i++) {
      size_t u = (step ? unit + i : unit) - p->first_unit, row = p->histogram_row ? p->histogram_row[u] : u;
      p->histogram_a[row * width + bin(p, a[i])]++;
      p->histogram_b[row * width + bin(p, b[i])]++;
    }
  }
  if (p->keys_a) {
    count_keys(p->keys_a, a, n);
    count_keys(p->keys_b, b, n);
  }
}

static void take_checked(eqp_pass *p, size_t unit, int step, const double *a, const double *b, const double *d, size_t n,
                         int sound) {
  if (sound) {
    take(p, unit, step, a, b, d, n);
    return;
  }
  for (size_t i = 0; i < n; i++) {
    size_t u = step ? unit + i : unit;
    if (finite_pair(a[i], b[i])) {
      take(p, u, 0, a + i, b + i, d + i, 1);
      continue;
    }
    double *t = p->table + (u - p->first_unit);
    t[eqp_excluded * p->stride] += 1;
    /* by value: equal infinities and two NaN are unchanged */
    t[eqp_changed * p->stride] += !(a[i] == b[i] || (a[i] != a[i] && b[i] != b[i]));
    p->nan_a += a[i] != a[i]; p->nan_b += b[i] != b[i];
    p->inf_a += a[i] - a[i] != 0 && a[i] == a[i]; p->inf_b += b[i] - b[i] != 0 && b[i] == b[i];
  }
}

void eqp_pass_block(eqp_pass *p, size_t element, const double *a, const double *b, const double *d, size_t count) {
  int sound;
  all_finite(a, b, count, &sound);
  while (count) {
    size_t within = element % (p->units * p->inner), unit = within / p->inner, n;
    int step = p->inner == 1;
    if (step) n = p->units - unit;
    else n = p->inner - within % p->inner;
    if (step && p->units == 1) { /* one unit in all: everything is one run */
      step = 0;
      n = count;
    }
    if (n > count) n = count;
    take_checked(p, unit, step, a, b, d, n, sound);
    element += n; a += n; b += n; d += n; count -= n;
  }
}
