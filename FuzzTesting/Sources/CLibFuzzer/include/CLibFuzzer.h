#pragma once
#include <stddef.h>
#include <stdint.h>

// libFuzzer's interface: compiler-rt, lib/fuzzer/FuzzerInterface.h.
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*callback)(const uint8_t *data, size_t size));
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);

// Ends the process with status 90, instead of a report, when a fault happens in HDF5's own code. To be called once
// libFuzzer has set its own handlers, which get every other fault.
void eqp_tell_faults_of_hdf5(void);
