#include "ckernels.h"
#include "isa.h"
#include <string.h>

#pragma STDC FP_CONTRACT OFF
/* Vectors pass between inlined functions only, so no calling convention is involved. */
#pragma clang diagnostic ignored "-Wpsabi"

typedef double eight __attribute__((vector_size(64)));
typedef int64_t bits __attribute__((vector_size(64)));

#define INLINE static inline __attribute__((always_inline))

INLINE eight load(const double *p) {
  eight v;
  memcpy(&v, p, sizeof v);
  return v;
}
INLINE void store(double *p, eight v) { memcpy(p, &v, sizeof v); }
INLINE eight choose(bits m, eight x, eight y) { return (eight)(((bits)x & m) | ((bits)y & ~m)); }
INLINE eight absolute(eight x) { return (eight)((bits)x & 0x7fffffffffffffffll); }
INLINE int any(bits m) {
  int64_t found = 0;
  for (int i = 0; i < 8; i++) found |= m[i];
  return found != 0;
}
INLINE eight larger(eight x, eight y) { return choose(x > y, x, y); }

/* Walsh-Hadamard ---------------------------------------------------------------------------------- */

/* Sums and differences of lanes 1, 2 and 4 apart. */
INLINE eight within(eight x) {
  const eight s1 = {1, -1, 1, -1, 1, -1, 1, -1}, s2 = {1, 1, -1, -1, 1, 1, -1, -1}, s4 = {1, 1, 1, 1, -1, -1, -1, -1};
  x = __builtin_shufflevector(x, x, 1, 0, 3, 2, 5, 4, 7, 6) + s1 * x;
  x = __builtin_shufflevector(x, x, 2, 3, 0, 1, 6, 7, 4, 5) + s2 * x;
  return __builtin_shufflevector(x, x, 4, 5, 6, 7, 0, 1, 2, 3) + s4 * x;
}

INLINE void eqp_walsh_hadamard_body(double *x, size_t n) {
  for (size_t i = 0; i < n; i += 8) store(x + i, within(load(x + i)));
  size_t h = 8;
  /* two levels at a time: half the passes over the values */
  for (; 4 * h <= n; h *= 4)
    for (size_t i = 0; i < n; i += 4 * h)
      for (size_t j = i; j < i + h; j += 8) {
        eight a = load(x + j), b = load(x + j + h), c = load(x + j + 2 * h), d = load(x + j + 3 * h);
        eight ab = a + b, a_b = a - b, cd = c + d, c_d = c - d;
        store(x + j, ab + cd);
        store(x + j + h, a_b + c_d);
        store(x + j + 2 * h, ab - cd);
        store(x + j + 3 * h, a_b - c_d);
      }
  if (2 * h <= n)
    for (size_t j = 0; j < h; j += 8) {
      eight a = load(x + j), b = load(x + j + h);
      store(x + j, a + b);
      store(x + j + h, a - b);
    }
}

EQP_EACH_ISA(eqp_walsh_hadamard, (double *x, size_t n), (x, n))

/* Signed sums by tables --------------------------------------------------------------------------- */

/* Four tables of 256 rows of 16: the signed sums of eight units each. Integers, so any order is exact. */
enum { tile = 16, table_rows = 256 };

INLINE void eqp_tabulate_signs_body(const double *values, size_t units, double *tables) {
  for (size_t group = 0; group < 4; group++) {
    double *table = tables + group * table_rows * tile;
    const double *first = values + group * 8 * tile;
    size_t members = units > group * 8 ? units - group * 8 : 0;
    if (members > 8) members = 8;
    eight low = {0}, high = {0};
    for (size_t u = 0; u < members; u++) {
      low += load(first + u * tile);
      high += load(first + u * tile + 8);
    }
    store(table, low);
    store(table + 8, high);
    /* a row differs from that without its highest bit by the sign of that unit */
    for (size_t u = 0; u < 8; u++) {
      size_t half = (size_t)1 << u;
      eight x = {0}, y = {0};
      if (u < members) {
        x = 2 * load(first + u * tile);
        y = 2 * load(first + u * tile + 8);
      }
      for (size_t row = 0; row < half; row++) {
        store(table + (half + row) * tile, load(table + row * tile) - x);
        store(table + (half + row) * tile + 8, load(table + row * tile + 8) - y);
      }
    }
  }
}

EQP_EACH_ISA(eqp_tabulate_signs, (const double *values, size_t units, double *tables), (values, units, tables))

INLINE void eqp_add_signed_sums_body(const double *tables, const uint32_t *words, size_t stride, size_t count,
                                     double *sums) {
  for (size_t r = 0; r < count; r++, words += stride, sums += tile) {
    uint32_t w = *words;
    const double *t0 = tables + (w & 255) * tile, *t1 = tables + (table_rows + (w >> 8 & 255)) * tile;
    const double *t2 = tables + (2 * table_rows + (w >> 16 & 255)) * tile, *t3 = tables + (3 * table_rows + (w >> 24)) * tile;
    store(sums, load(sums) + ((load(t0) + load(t1)) + (load(t2) + load(t3))));
    store(sums + 8, load(sums + 8) + ((load(t0 + 8) + load(t1 + 8)) + (load(t2 + 8) + load(t3 + 8))));
  }
}

EQP_EACH_ISA(eqp_add_signed_sums,
             (const double *tables, const uint32_t *words, size_t stride, size_t count, double *sums),
             (tables, words, stride, count, sums))

/* Weighted sums ----------------------------------------------------------------------------------- */

/* So many columns × 16 replicates in registers. A product with a weight and its sums are integers below 2⁵³, so a fused
   multiplication would give the same. */
INLINE void weighted_sums(const size_t together, const double *columns, size_t count, const double *weights, size_t units,
                          double *sums) {
  for (size_t c = 0; c < count; c += together) {
    const double *x[4];
    for (size_t k = 0; k < together; k++) x[k] = columns + (c + k < count ? c + k : count - 1) * units;
    eight low[4] = {{0}}, high[4] = {{0}};
    for (size_t u = 0; u < units; u++) {
      eight w0 = load(weights + u * 16), w1 = load(weights + u * 16 + 8);
      for (size_t k = 0; k < together; k++) {
#pragma clang fp contract(fast)
        low[k] += w0 * x[k][u];
        high[k] += w1 * x[k][u];
      }
    }
    for (size_t k = 0; k < together && c + k < count; k++) {
      store(sums + (c + k) * 16, low[k]);
      store(sums + (c + k) * 16 + 8, high[k]);
    }
  }
}

INLINE void eqp_weighted_sums_body(const double *columns, size_t count, const double *weights, size_t units,
                                   double *sums) {
  switch (eqp_current_isa()) { /* as many as it has registers for */
  case eqp_avx512: weighted_sums(4, columns, count, weights, units, sums); break;
  case eqp_avx2: weighted_sums(2, columns, count, weights, units, sums); break;
  default: weighted_sums(1, columns, count, weights, units, sums);
  }
}

EQP_EACH_ISA(eqp_weighted_sums,
             (const double *columns, size_t count, const double *weights, size_t units, double *sums),
             (columns, count, weights, units, sums))

/* Distances of histograms ------------------------------------------------------------------------- */

/* Two terms of a series in s. Terms are added in pairs and pairs of pairs: one after the other, each would wait for the one
   before it. */
#define TERMS(s, low, high) ((s) * (1.0 / (high)) + (1.0 / (low)))

/* Natural logarithm of positive normal numbers, to 2 ulp: exponent, and the series of 2 artanh((m − 1)/(m + 1))
   for a mantissa in [√½, √2). The same operations on every instruction set. */
INLINE eight logarithm(eight x) {
  bits b = (bits)x;
  bits exponent = (bits)((b >> 52) & 0x7ff);
  eight m = (eight)((b & 0xfffffffffffffll) | 0x3ff0000000000000ll);
  eight e = (eight)(exponent | 0x4330000000000000ll) - (0x1p52 + 1023);
  bits upper = m > 1.4142135623730951;
  m = choose(upper, m * 0.5, m);
  e = choose(upper, e + 1, e);
  eight f = (m - 1) / (m + 1), s = f * f, s2 = s * s, s4 = s2 * s2;
  eight p = (TERMS(s, 3, 5) + s2 * TERMS(s, 7, 9)) + s4 * (TERMS(s, 11, 13) + s2 * TERMS(s, 15, 17)) +
            s4 * s4 * TERMS(s, 19, 21);
  eight twice = f + f;
  return e * 0x1.62e42fefa3800p-1 + (twice + (twice * s * p + e * 0x1.ef35793c76730p-45));
}

/* (1 + d) ln(1 + d) + (1 − d) ln(1 − d) for 0 ≤ d ≤ 1: its series near 0, which is exact there. */
INLINE eight entropy_loss(eight d) {
  eight s = d * d, s2 = s * s, s4 = s2 * s2;
  eight series = s * ((TERMS(s, 1, 6) + s2 * TERMS(s, 15, 28)) + s4 * (TERMS(s, 45, 66) + s2 * TERMS(s, 91, 120)));
  bits large = d >= 0.125;
  if (!any(large)) return series;
  eight plus = 1 + d, minus = 1 - d;
  eight left = minus * logarithm(larger(minus, (eight){} + 0x1p-1000));
  return choose(large, plus * logarithm(plus) + left, series);
}

/* The first n of eight values, zeros after them. */
INLINE eight load_some(const double *p, size_t n) {
  if (n >= 8) return load(p);
  double some[8] = {0};
  memcpy(some, p, n * sizeof *p);
  return load(some);
}

/* One tree: halves folded onto halves. */
INLINE double total(eight v) {
  double s[8];
  store(s, v);
  return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
}

INLINE double greatest(eight v) {
  double s[8];
  store(s, v);
  for (size_t i = 1; i < 8; i++) s[0] = s[i] > s[0] ? s[i] : s[0];
  return s[0];
}

static const bits lanes = {0, 1, 2, 3, 4, 5, 6, 7};

/* What lies between the distribution functions of two histograms. */
struct between_edges {
  eight before;  /* the difference of the functions at the last edge, in every lane */
  eight area;    /* twice */
  eight largest;
};

/* Goes on by the eight bins from j on, where one histogram is larger by `gap`. */
INLINE void between_edges(struct between_edges *edges, eight gap, const double *left_out, size_t j, size_t bins) {
  const eight zero = {0};
  /* Running sums: lanes 1, 2 and 4 apart, then what came before. */
  eight right = gap + __builtin_shufflevector(zero, gap, 0, 8, 9, 10, 11, 12, 13, 14);
  right += __builtin_shufflevector(zero, right, 0, 1, 8, 9, 10, 11, 12, 13);
  right += __builtin_shufflevector(zero, right, 0, 1, 2, 3, 8, 9, 10, 11);
  right += edges->before;
  eight left = __builtin_shufflevector(edges->before, right, 7, 8, 9, 10, 11, 12, 13, 14);
  edges->before = __builtin_shufflevector(right, right, 7, 7, 7, 7, 7, 7, 7, 7);
  /* The last bin ends where both functions are 1: nothing of it counts, nor of the lanes after it. Below the first edge
     there is no area. */
  bits inner = lanes + (int64_t)j + 1 < (bits){} + (int64_t)bins;
  eight low = absolute(left), high = absolute(right), sum = low + high;
  edges->largest = larger(edges->largest, choose(inner, high, zero));
  bits crosses = left * right < 0;
  eight under = sum;
  if (any(crosses)) under = choose(crosses, (low * low + high * high) / choose(crosses, sum, zero + 1), sum);
  edges->area += choose(inner & (lanes + (int64_t)j > 0), under, zero);
  /* Over empty bins neither function rises. */
  if (left_out) edges->area += choose(inner, 2 * high * load_some(left_out + j, bins - j), zero);
}

INLINE void eqp_histogram_distances_body(const double *a, const double *b, const double *left_out, size_t bins,
                                         double smoothing, int with_kl, struct eqp_distances *out) {
  eight sum_a = {0}, sum_b = {0}, sum_out = {0};
  for (size_t j = 0; j < bins; j += 8) {
    sum_a += load_some(a + j, bins - j);
    sum_b += load_some(b + j, bins - j);
    if (left_out) sum_out += load_some(left_out + j, bins - j);
  }
  double total_a = total(sum_a), total_b = total(sum_b), empty = total(sum_out);
  double scale_a = 1 / total_a, scale_b = 1 / total_b;
  double smoothed = smoothing * ((double)bins + empty);
  double smooth_a = 1 / (total_a + smoothed), smooth_b = 1 / (total_b + smoothed);
  const eight zero = {0};
  eight loss = zero, kl_ab = zero, kl_ba = zero;
  struct between_edges edges = {0};
  for (size_t j = 0; j < bins; j += 8) {
    size_t n = bins - j < 8 ? bins - j : 8;
    eight x = load_some(a + j, n), y = load_some(b + j, n);
    eight p = x * scale_a, q = y * scale_b, both = p + q, gap = p - q;
    bits some = both > 0;
    loss += both * entropy_loss(absolute(gap) / choose(some, both, zero + 1));
    between_edges(&edges, gap, left_out, j, bins);
    if (with_kl) {
      bits real = lanes < (bits){} + (int64_t)n;
      p = choose(real, (x + smoothing) * smooth_a, zero + 1);
      q = choose(real, (y + smoothing) * smooth_b, zero + 1);
      eight ratio = logarithm(p / q);
      kl_ab += p * ratio;
      kl_ba -= q * ratio;
    }
  }
  if (with_kl && empty > 0) {
    eight p = zero + smoothing * smooth_a, q = zero + smoothing * smooth_b, ratio = logarithm(p / q);
    bits one = (bits){-1};
    kl_ab += choose(one, empty * p * ratio, zero);
    kl_ba -= choose(one, empty * q * ratio, zero);
  }
  out->area = 0.5 * total(edges.area);
  out->ks = greatest(edges.largest);
  out->jensen_shannon = 0.25 * total(loss);
  out->kl_ab = total(kl_ab);
  out->kl_ba = total(kl_ba);
}

EQP_EACH_ISA(eqp_histogram_distances,
             (const double *a, const double *b, const double *left_out, size_t bins, double smoothing, int with_kl,
              struct eqp_distances *out),
             (a, b, left_out, bins, smoothing, with_kl, out))

/* Distances under swaps --------------------------------------------------------------------------- */

INLINE void eqp_swap_losses_body(double together, double total, size_t count, double *losses) {
  double odd = together - 2 * (double)(count - 1);
  for (size_t k = 0; k < count; k += 8) {
    eight difference = 2 * (__builtin_convertvector(lanes, eight) + (double)k) + odd;
    eight share = difference / together, one = (eight){0} + 1;
    eight loss = together / total * entropy_loss(choose(share > one, one, share));
    memcpy(losses + k, &loss, (count - k < 8 ? count - k : 8) * sizeof *losses);
  }
}

EQP_EACH_ISA(eqp_swap_losses, (double together, double total, size_t count, double *losses),
             (together, total, count, losses))

INLINE void eqp_swapped_distances_body(const double *differences, const double *left_out, const uint32_t *first,
                                       const double *losses, size_t loss_count, size_t bins, double counts,
                                       struct eqp_distances *out) {
  struct between_edges edges = {0};
  eight loss = {0};
  for (size_t j = 0; j < bins; j += 8) {
    eight gap = load_some(differences + j, bins - j), size = absolute(gap), found;
    for (size_t i = 0; i < 8; i++) {
      size_t place = first[j + i] + (size_t)(uint32_t)(int32_t)(0.5 * size[i]);
      found[i] = losses[place < loss_count ? place : 0];
    }
    loss += found;
    between_edges(&edges, gap, left_out, j, bins);
  }
  /* Sums of whole numbers up to here, but where the functions cross. */
  out->area = 0.5 * total(edges.area) / counts;
  out->ks = greatest(edges.largest) / counts;
  out->jensen_shannon = 0.25 * total(loss);
  out->kl_ab = out->kl_ba = 0;
}

EQP_EACH_ISA(eqp_swapped_distances,
             (const double *differences, const double *left_out, const uint32_t *first, const double *losses,
              size_t loss_count, size_t bins, double counts, struct eqp_distances *out),
             (differences, left_out, first, losses, loss_count, bins, counts, out))
