#pragma once
#include <stddef.h>
#include <stdint.h>

/// Reads every byte with the widest loads there are and does next to nothing with it: what memory itself allows.
uint64_t read_everything(const void *bytes, size_t count);
