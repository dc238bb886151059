/* eqp_look_at for an instruction set that can write some lanes without gaps, as most elements lie in no window. Whoever
   includes this has said what one vector of `look_lanes` keys is and does: `look_keys` and `look_mask`, load_pair,
   open_places, take, and LOOK_INLINE for the functions. */

enum { together = 256 };

LOOK_INLINE void look_with(const enum eqp_kind kind, const eqp_look *look, const eqp_window *counted,
                           const size_t counted_count, const eqp_window *taken_in, const size_t taken_count,
                           const char *a, const char *b, size_t n, uint64_t *keys_a, uint64_t *keys_b, size_t *taken) {
  uint32_t at_a[together + look_lanes], at_b[together + look_lanes];
  const size_t k = eqp_kind_width(kind);
  const eqp_counts counts = look->counts;
  const int all_finite = look->all_finite;
  size_t taken_a = 0, taken_b = 0;
  for (size_t start = 0; start < n; start += together) {
    size_t some = n - start < together ? n - start : together, in_a = 0, in_b = 0;
    for (size_t i = 0; i < some; i += look_lanes) {
      size_t rest = some - i;
      /* as in run_any */
      __builtin_prefetch(a + (start + i) * k + 4096);
      __builtin_prefetch(b + (start + i) * k + 4096);
      look_keys s, t;
      const look_mask valid = load_pair(kind, a + (start + i) * k, b + (start + i) * k, rest, all_finite, &s, &t);
      if (counted_count) {
        in_a += open_places(counted, counted_count, s, valid, at_a + in_a);
        in_b += open_places(counted, counted_count, t, valid, at_b + in_b);
      }
      if (!taken_count) continue;
      taken_a += take(taken_in, taken_count, s, valid, keys_a + taken_a);
      taken_b += take(taken_in, taken_count, t, valid, keys_b + taken_b);
    }
    size_t both = in_a < in_b ? in_a : in_b;
    for (size_t i = 0; i < both; i++) {
      eqp_count_one(&counts, 2 * (size_t)at_a[i]);
      eqp_count_one(&counts, 2 * (size_t)at_b[i] + 1);
    }
    for (size_t i = both; i < in_a; i++) eqp_count_one(&counts, 2 * (size_t)at_a[i]);
    for (size_t i = both; i < in_b; i++) eqp_count_one(&counts, 2 * (size_t)at_b[i] + 1);
  }
  taken[0] = taken_a;
  taken[1] = taken_b;
}

/* The usual look, at most two windows that are counted and one that is taken, has its windows in registers. One window
   twice counts as one. */
LOOK_INLINE void look_any(const enum eqp_kind kind, const eqp_look *look, const char *a, const char *b, size_t n,
                          uint64_t *keys_a, uint64_t *keys_b, size_t *taken) {
  if (look->counted_count == 0 || look->counted_count > 2 || look->taken_count > 1) {
    look_with(kind, look, look->counted, look->counted_count, look->taken, look->taken_count, a, b, n, keys_a, keys_b, taken);
    return;
  }
  const eqp_window counted[2] = {look->counted[0], look->counted[look->counted_count - 1]};
  if (look->taken_count == 0) {
    look_with(kind, look, counted, 2, counted, 0, a, b, n, keys_a, keys_b, taken);
    return;
  }
  const eqp_window taken_in[1] = {look->taken[0]};
  look_with(kind, look, counted, 2, taken_in, 1, a, b, n, keys_a, keys_b, taken);
}

