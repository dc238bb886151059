#pragma once
/* One body, compiled once per instruction set and chosen at run time. EQP_EACH_ISA(name, parameters,
   arguments) makes `name` from the always-inlined `name##_body`. EQUIPOISE_ISA=baseline|avx2|avx512
   forces a set that the processor has. Not target_clones: sanitized builds of it crash in the loader. */
enum eqp_isa { eqp_baseline, eqp_avx2, eqp_avx512 };
enum eqp_isa eqp_current_isa(void);

#if defined(__x86_64__)
/* What is written for AVX2 by hand; inlined functions carry the target too. */
#define AVX2 __attribute__((target("avx2,fma,f16c")))
#define AVX2_INLINE AVX2 static inline __attribute__((always_inline))
/* And for AVX-512. */
#define AVX512 __attribute__((target("avx512f,avx512dq,avx512vl,fma,f16c")))
#define AVX512_INLINE AVX512 static inline __attribute__((always_inline))

#define EQP_EACH_ISA_AS(linkage, name, parameters, arguments)                                                        \
  __attribute__((target("avx2,fma"))) static void name##_avx2 parameters { name##_body arguments; }                  \
  __attribute__((target("avx512f,avx512dq,avx512vl"))) static void name##_avx512 parameters { name##_body arguments; } \
  static void name##_baseline parameters { name##_body arguments; }                                                  \
  linkage void name parameters {                                                                                     \
    switch (eqp_current_isa()) {                                                                                     \
    case eqp_avx512: name##_avx512 arguments; break;                                                                 \
    case eqp_avx2: name##_avx2 arguments; break;                                                                     \
    default: name##_baseline arguments;                                                                              \
    }                                                                                                                \
  }
#else
#define EQP_EACH_ISA_AS(linkage, name, parameters, arguments) \
  linkage void name parameters { name##_body arguments; }
#endif
#define EQP_EACH_ISA(name, parameters, arguments) EQP_EACH_ISA_AS(, name, parameters, arguments)
#define EQP_EACH_ISA_STATIC(name, parameters, arguments) EQP_EACH_ISA_AS(static, name, parameters, arguments)
