#include "ckernels.h"
#include "isa.h"
#include <stdlib.h>
#include <string.h>

static enum eqp_isa chosen, best;

/* Before main: no lock, no race. */
__attribute__((constructor)) static void choose(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx2")) chosen = eqp_avx2;
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
    chosen = eqp_avx512;
  best = chosen;
  const char *wish = getenv("EQUIPOISE_ISA");
  if (!wish) return;
  if (!strcmp(wish, "baseline")) chosen = eqp_baseline;
  if (!strcmp(wish, "avx2") && chosen >= eqp_avx2) chosen = eqp_avx2;
#endif
}

enum eqp_isa eqp_current_isa(void) { return chosen; }

int eqp_force_isa(int isa) {
  chosen = isa < eqp_baseline ? eqp_baseline : isa > (int)best ? best : (enum eqp_isa)isa;
  return chosen;
}
