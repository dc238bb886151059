#define _GNU_SOURCE
#include "file_mapping.h"
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

/* What the handler looks at: plain memory that stays, as it may come at any time. */
struct eqm_mapping {
  _Atomic uintptr_t start; /* 0: free */
  _Atomic size_t size;     /* 0: not mapped yet, or no longer */
  atomic_int lost;
};

enum { most = 256 };
static eqm_mapping mappings[most];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static atomic_int enabled;
static struct sigaction earlier;
static uintptr_t page;

static eqm_mapping *mapping_at(uintptr_t address) {
  for (int i = 0; i < most; i++) {
    size_t size = atomic_load(&mappings[i].size);
    uintptr_t start = atomic_load(&mappings[i].start);
    /* the last page is there to its end */
    if (size && address >= start && address - start < (size + page - 1) / page * page) return &mappings[i];
  }
  return NULL;
}

static void handle(int number, siginfo_t *information, void *context) {
  const int sent = information->si_code <= 0; /* by a process, so that no instruction waits */
  uintptr_t address = (uintptr_t)information->si_addr;
  eqm_mapping *mapping = sent ? NULL : mapping_at(address);
  if (mapping) {
    int error = errno;
    void *at = (void *)(address / page * page);
    void *zeros = mmap(at, page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    errno = error;
    if (zeros == at) {
      atomic_store(&mapping->lost, 1);
      return;
    }
  }
  if (earlier.sa_flags & SA_SIGINFO) {
    earlier.sa_sigaction(number, information, context);
  } else if (earlier.sa_handler != SIG_DFL && earlier.sa_handler != SIG_IGN) {
    earlier.sa_handler(number);
  } else if (!sent || earlier.sa_handler == SIG_DFL) {
    signal(number, SIG_DFL); /* the instruction is tried again, and ends the program */
    if (sent) raise(number);
  }
}

int eqm_enable(void) {
  pthread_mutex_lock(&lock);
  if (!atomic_load(&enabled)) {
    page = (uintptr_t)sysconf(_SC_PAGESIZE);
    struct sigaction action = {.sa_sigaction = handle, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    sigemptyset(&action.sa_mask);
    if (sigaction(SIGBUS, &action, &earlier) == 0) atomic_store(&enabled, 1);
  }
  pthread_mutex_unlock(&lock);
  return atomic_load(&enabled);
}

eqm_mapping *eqm_map(int descriptor, size_t size) {
  if (!size || !atomic_load(&enabled)) return NULL;
  eqm_mapping *mapping = NULL;
  pthread_mutex_lock(&lock);
  for (int i = 0; i < most && !mapping; i++)
    if (!atomic_load(&mappings[i].start)) mapping = &mappings[i];
  if (mapping) {
    void *start = mmap(NULL, size, PROT_READ, MAP_PRIVATE, descriptor, 0);
    if (start == MAP_FAILED) {
      mapping = NULL;
    } else {
      atomic_store(&mapping->lost, 0);
      atomic_store(&mapping->start, (uintptr_t)start);
      atomic_store(&mapping->size, size);
    }
  }
  pthread_mutex_unlock(&lock);
  return mapping;
}

const void *eqm_start(const eqm_mapping *mapping) { return (const void *)atomic_load(&mapping->start); }

int eqm_is_lost(const eqm_mapping *mapping) { return atomic_load(&mapping->lost); }

void eqm_let_go(eqm_mapping *mapping, size_t offset, size_t count) {
  madvise((void *)(atomic_load(&mapping->start) + offset), count, MADV_DONTNEED);
}

void eqm_unmap(eqm_mapping *mapping) {
  pthread_mutex_lock(&lock);
  size_t size = atomic_load(&mapping->size);
  atomic_store(&mapping->size, 0);
  munmap((void *)atomic_load(&mapping->start), size);
  atomic_store(&mapping->start, 0);
  pthread_mutex_unlock(&lock);
}
