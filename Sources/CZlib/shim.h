#pragma once
#include <zlib.h>

/* Macros that Swift's importer can't see, as functions. */

/* Starts inflating a deflate stream without zlib's own header and checksum, as zip archives hold it. */
static inline int zx_inflate_raw(z_stream *stream) { return inflateInit2(stream, -MAX_WBITS); }

/* Starts deflating into such a stream. */
static inline int zx_deflate_raw(z_stream *stream) {
  return deflateInit2(stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
}
