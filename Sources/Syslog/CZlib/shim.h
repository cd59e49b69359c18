#pragma once
#pragma clang module import SwiftGlibc
#include <zlib.h>
// A macro in C, hence invisible to Swift; 16 asks for the gzip wrapper.
static inline int ballcone_inflate_init(z_stream *stream) { return inflateInit2(stream, 15 + 16); }
