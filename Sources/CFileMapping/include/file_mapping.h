#pragma once
#include <stddef.h>

/* Files that are mapped for reading, and bear that they shrink or can't be read meanwhile: where the system would send
   SIGBUS, the page becomes zeros and the mapping is marked as lost.

   That needs a signal handler, which belongs to the program: nothing is mapped unless it has asked for one. */

/* Installs the handler, once; a SIGBUS from elsewhere goes to the one that was there before. Returns whether it stands. */
int eqm_enable(void);

typedef struct eqm_mapping eqm_mapping;

/* Maps the first `size` bytes of a file. Returns NULL where that can't be, or eqm_enable() was not called. */
eqm_mapping *eqm_map(int descriptor, size_t size);

const void *eqm_start(const eqm_mapping *mapping);

/* Whether some byte could not be had since the file was mapped. */
int eqm_is_lost(const eqm_mapping *mapping);

/* Lets go of the pages of a range, which begins where one does; they come back when they are read. */
void eqm_let_go(eqm_mapping *mapping, size_t offset, size_t count);

void eqm_unmap(eqm_mapping *mapping);
