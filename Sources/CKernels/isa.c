#include "ckernels.h"
#include "isa.h"
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static enum eqp_isa best;
/* Tests change it while others run. */
static _Atomic(int) current;

/* Before main: no lock, no race. */
__attribute__((constructor)) static void choose(void) {
#if defined(__x86_64__)
  enum eqp_isa chosen = eqp_baseline;
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c")) chosen = eqp_avx2;
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
    chosen = eqp_avx512;
  best = chosen;
  const char *wish = getenv("EQUIPOISE_ISA");
  if (!wish) wish = "";
  if (!strcmp(wish, "baseline")) chosen = eqp_baseline;
  if (!strcmp(wish, "avx2") && chosen >= eqp_avx2) chosen = eqp_avx2;
  atomic_store_explicit(&current, chosen, memory_order_relaxed);
#endif
}

enum eqp_isa eqp_current_isa(void) { return (enum eqp_isa)atomic_load_explicit(&current, memory_order_relaxed); }

int eqp_force_isa(int isa) {
  int chosen = isa < eqp_baseline ? eqp_baseline : isa > (int)best ? (int)best : isa;
  atomic_store_explicit(&current, chosen, memory_order_relaxed);
  return chosen;
}
