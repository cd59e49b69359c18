#pragma once
#pragma clang module import SwiftGlibc
#include <zlib.h>
// A macro in C, hence invisible to Swift; 16 asks for the gzip wrapper.
static inline int ballcone_deflate_init(z_stream *stream, int level) {
  return deflateInit2(stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
}
