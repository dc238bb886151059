#pragma once
#include <stddef.h>
#include <stdint.h>

// The hot loops. Every function gives the same bytes on every instruction set: sums run in eight fixed
// double lanes, are reduced by one tree, and a product is fused with an addition only where it is exact.

/// Makes all further calls use an instruction set, 0 baseline, 1 AVX2, 2 AVX-512, or the nearest below that the
/// processor has; returns the one in force. For tests.
int eqp_force_isa(int isa);

// CRC-32C ---------------------------------------------------------------------------------------

/// CRC-32C (Castagnoli) of `count` bytes, continuing from `crc` (0 at the start).
uint32_t eqp_crc32c(uint32_t crc, const void *bytes, size_t count);

/// The same without special instructions; for tests.
uint32_t eqp_crc32c_portable(uint32_t crc, const void *bytes, size_t count);

/// CRC-32C of two runs of bytes one after the other, from the CRC of each and the second's length.
uint32_t eqp_crc32c_combine(uint32_t first, uint32_t second, uint64_t second_count);

// Elements to doubles ---------------------------------------------------------------------------

/// Converts `count` little-endian elements of TensorFlow's type number `type` to doubles; complex
/// elements count as two. Returns 0 when the type has no numeric value, else 1.
int eqp_decode(int32_t type, const void *elements, double *values, size_t count);

/// Fills `bits` with the single-precision float that each byte stands for, for a type number of floats of 8 or 4 bits;
/// exact, and different NaNs stay different. Returns 0 for any other type, else 1.
int eqp_byte_floats(int32_t type, uint32_t bits[256]);

/// Fills `d` with b − a, exactly rounded from the stored values: 64-bit integers of one type are
/// subtracted as integers, for a double can't hold them.
void eqp_differences(int32_t type_a, int32_t type_b, const void *elements_a, const void *elements_b, const double *a,
                     const double *b, double *d, size_t count);

// Sums by unit ----------------------------------------------------------------------------------

/// The columns of a table of unit sums; column `f` of unit `u` is at `[f * stride + u]`.
enum eqp_field {
  eqp_count,        ///< pairs of elements, both finite
  eqp_sum_a,        ///< Σ a
  eqp_sum_b,        ///< Σ b
  eqp_sum_aa,       ///< Σ a²
  eqp_sum_bb,       ///< Σ b²
  eqp_sum_ab,       ///< Σ ab
  eqp_sum_d,        ///< Σ (b − a)
  eqp_sum_dd,       ///< Σ (b − a)²
  eqp_sum_abs_d,    ///< Σ |b − a|
  eqp_sum_abs_a,    ///< Σ |a|
  eqp_sum_abs_b,    ///< Σ |b|
  eqp_shifted_aa,   ///< Σ (a − c)²
  eqp_shifted_bb,   ///< Σ (b − c)²
  eqp_shifted_ab,   ///< Σ (a − c)(b − c)
  eqp_changed,      ///< elements whose values differ
  eqp_excluded,     ///< elements that are not finite on either side
  eqp_summed_fields,
  eqp_max_abs_d = eqp_summed_fields,
  eqp_min_a,
  eqp_max_a,
  eqp_min_b,
  eqp_max_b,
  eqp_fields
};

/// Sets every column of `units` rows to its neutral value.
void eqp_table_clear(double *table, size_t stride, size_t units);

/// Adds the rows of `from` to those of `into`, column by column.
void eqp_table_merge(double *into, size_t into_stride, const double *from, size_t from_stride, size_t units);

/// Adds row `u` of `from` to row `rows[u]` of `into`, in order.
void eqp_table_fold(double *into, size_t into_stride, const uint32_t *rows, const double *from, size_t from_stride,
                    size_t units);

/// Counts of many places: a byte each, so that the nearest cache holds them, and how often it ran over. Below 2⁴⁰.
typedef struct eqp_counts {
  uint8_t *low;
  uint32_t *carries;
} eqp_counts;

/// Adds the first `count` places to `into`.
void eqp_counts_add(eqp_counts counts, size_t count, uint64_t *into);

/// The same in 32 bits: what is more counts as 2³² − 1.
void eqp_counts_add_short(eqp_counts counts, size_t count, uint32_t *into);

/// Parts of a bin in the finer histogram over all units: a power of two, so that they add up to the bin exactly.
enum { eqp_finer = 256 };

/// A tensor seen as [outer, units, inner] in row-major order, and where its sums go.
typedef struct eqp_pass {
  size_t units, inner;   ///< the view; `outer` follows from the element's position
  size_t first_unit;     ///< unit of the table's row 0
  double *table;         ///< `eqp_fields` columns
  size_t stride;         ///< rows of the table
  double shift;          ///< c of the shifted sums
  int no_sizes;          ///< Σ|a|, Σ|b|, Σ|b − a| and the extremes of a and b may be left out: a third of the work
  eqp_counts histogram_a; ///< [histogram rows × (bins + 2)]; NULL to skip
  eqp_counts histogram_b;
  const uint32_t *histogram_row; ///< row of the histogram by row of the table; NULL for the same row
  size_t bins;
  double low, per_width;   ///< left edge, bins per unit of the values
  eqp_counts fine_a;       ///< [eqp_finer · bins + 2] over all units, each bin cut in equal parts; NULL to skip
  eqp_counts fine_b;
  uint64_t nan_a, inf_a, nan_b, inf_b;
} eqp_pass;

/// Takes in `count` elements from position `element` of the tensor on.
void eqp_pass_block(eqp_pass *pass, size_t element, const double *a, const double *b, const double *d, size_t count);

/// To be called after the last block: without a shift, the shifted sums of the table's first `rows` rows are the others.
void eqp_pass_finish(const eqp_pass *pass, size_t rows);

/// Whether the kernels take undecoded elements of TensorFlow's type number: floats of 16 to 64 bits, complex ones, which
/// count as two, and integers of 8 to 64 bits.
int eqp_takes_elements(int32_t type);

/// The same for undecoded elements of such a type, on both sides; 0, and nothing taken, for others.
int eqp_pass_elements(eqp_pass *pass, size_t element, int32_t type, const void *a, const void *b, size_t count);

// Ordered keys ----------------------------------------------------------------------------------

// A key of 32 or 64 bits for each value of a type, in the order of the values: that of a float or a double, −0 as +0, or
// of the integer itself. A type that the kernels don't take undecoded has the keys of doubles.

/// Bits of the keys of a type's elements.
int eqp_key_bits(int32_t type);

/// Of two values of the type that follow each other, the keys are 2^step apart, or more.
int eqp_key_step(int32_t type);

/// The value of a key.
double eqp_key_value(int32_t type, uint64_t key);

/// The smallest and the largest key of a type's values, the infinities among them.
void eqp_key_ends(int32_t type, uint64_t *first, uint64_t *last);

/// A 64-bit key in the order of the doubles, −0 as +0.
uint64_t eqp_ordered_key(double value);

/// Number of coarse keys: 128 a binary octave from 2⁻⁴⁰ to 2⁸, either sign; what is nearer to zero or
/// farther shares one key.
size_t eqp_key_count(void);

/// The coarse key of a 64-bit key: never decreasing in it.
size_t eqp_coarse_key(uint64_t ordered);

/// The smallest 64-bit key of a coarse key.
uint64_t eqp_coarse_key_start(size_t coarse);

/// The finer bin of a value: never decreasing in it.
size_t eqp_fine_bin(double low, double per_width, size_t bins, double value);

/// The ordered keys low … low + span, counted in places of 2^shift keys from place `offset` on.
typedef struct eqp_window {
  uint64_t low, span;
  size_t offset; ///< 16 at the least: the places below are used for what is in no window
  uint32_t shift;
} eqp_window;

/// What a look at both sides is for.
typedef struct eqp_look {
  const eqp_window *counted; ///< windows in which elements are counted
  size_t counted_count;
  const eqp_window *taken;   ///< windows whose keys are written down; their places are not used
  size_t taken_count;
  int all_finite;            ///< every element is known to be finite
  eqp_counts counts;         ///< side a of place p at place 2 * p, side b beside it
} eqp_look;

/// Looks at n elements of each side, in one reading. Pairs that are equal or not finite are left out. `type` is that of
/// ``eqp_pass_elements``, whose result this has too. The keys come in the order of the elements, and `taken` says how many;
/// `keys_a` and `keys_b` have room for all the values of a side and sixteen more.
int eqp_look_at(const eqp_look *look, int32_t type, const void *a, const void *b, size_t n, uint64_t *keys_a,
                uint64_t *keys_b, size_t taken[2]);

// Resampling ------------------------------------------------------------------------------------

/// The Walsh-Hadamard transform in place: x[g] becomes Σ_v (−1)^|g & v| x[v]. `n` is a power of two, at least 8. Exact
/// while the values are integers with Σ|x| < 2⁵³.
void eqp_walsh_hadamard(double *x, size_t n);

/// Tabulates the signed sums of up to 32 units in 16 columns, shape [units, 16]: four tables of 256 rows of 16, one for each
/// eight units; bit k of a row's number means that unit k of the eight changes sign.
void eqp_tabulate_signs(const double *values, size_t units, double *tables);

/// Adds the signed sums of the tabulated units to `count` rows of 16: one word of signs a row, `stride` apart. Exact while
/// all partial sums are integers below 2⁵³.
void eqp_add_signed_sums(const double *tables, const uint32_t *words, size_t stride, size_t count, double *sums);

/// Sums of `count` columns under 16 sets of weights: sums[c * 16 + r] = Σ_u weights[u * 16 + r] · columns[c * units + u].
/// Exact, whatever the instruction set, while values and weights are integers and every Σ w|x| < 2⁵³.
void eqp_weighted_sums(const double *columns, size_t count, const double *weights, size_t units, double *sums);

/// Distances of two histograms over the same bins, of which the first and the last lie outside the edges.
struct eqp_distances {
  double area;            ///< ∫|F_a − F_b| between the edges, in widths of a bin
  double ks;              ///< the largest difference of the distribution functions at an edge
  double jensen_shannon;  ///< in nats
  double kl_ab, kl_ba;    ///< in nats, `smoothing` added to every count; 0 unless asked for
};

/// Counts are not negative, totals positive, and so is `smoothing` where Kullback-Leibler is asked for. Bins without counts
/// may be left out, but for the outer ones: `left_out` says how many after each bin, or is NULL.
void eqp_histogram_distances(const double *a, const double *b, const double *left_out, size_t bins, double smoothing,
                             int with_kl, struct eqp_distances *out);

/// What a bin of two histograms that share `together` counts of `total` a side adds to four times the Jensen-Shannon
/// divergence: losses[k] where the sides differ by 2 k counts, or 2 k + 1 if `together` is odd. `count` = ⌊together/2⌋ + 1.
void eqp_swap_losses(double together, double total, size_t count, double *losses);

/// Distances of two histograms of `counts` counts each, of which `differences` is all that changes: whole numbers, each even or
/// odd as the counts of its bin are, and none larger. The losses of bin j begin at first[j]; losses[0] is 0, and `first` goes
/// on to a multiple of 8 with places of it. `left_out` as above.
void eqp_swapped_distances(const double *differences, const double *left_out, const uint32_t *first, const double *losses,
                           size_t loss_count, size_t bins, double counts, struct eqp_distances *out);
