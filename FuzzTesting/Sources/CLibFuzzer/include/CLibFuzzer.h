#pragma once
#include <stddef.h>
#include <stdint.h>

// libFuzzer's interface: compiler-rt, lib/fuzzer/FuzzerInterface.h.
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*callback)(const uint8_t *data, size_t size));
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);

// Ends the process with status 90, instead of a report, when a fault happens in HDF5's own code, or when it has taken
// more than 5 s of processor time for one input. To be called once libFuzzer has set its own handlers, which get
// every other fault.
void eqp_tell_faults_of_hdf5(void);

// The processor time of an input counts from here.
void eqp_begin_input(void);
