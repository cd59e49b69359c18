#pragma once
#include <stddef.h>
#include <stdint.h>
#include <string.h>
// Sixteen bytes a step, which Swift cannot turn into a mask of bits by itself: 10 instructions where eight bytes in a
// register take 14. Never reads outside text[0..<count].
typedef uint8_t ballcone_bytes __attribute__((vector_size(16), aligned(1)));

// Bit i of the result: byte i of m, all of whose bits are equal.
static inline uint32_t ballcone_bits(ballcone_bytes m) {
#if defined(__SSE2__)
  return (uint32_t)__builtin_ia32_pmovmskb128((char __attribute__((vector_size(16))))m);
#else
  uint64_t h[2];
  memcpy(h, &m, 16);
  // Byte i keeps its bit i, and the multiplication adds them up in the highest byte.
  for (int i = 0; i < 2; i++) h[i] = ((h[i] & 0x8040201008040201ull) * 0x0101010101010101ull) >> 56;
  return (uint32_t)(h[0] | h[1] << 8);
#endif
}

static inline uint32_t ballcone_hits(const uint8_t *text, uint8_t one, uint8_t other) {
  ballcone_bytes v;
  memcpy(&v, text, 16);
  ballcone_bytes hits = (ballcone_bytes)(v == one) | (ballcone_bytes)(v == other);
  return ballcone_bits(hits);
}

// Where either byte first stands at or after `from`, else `count`.
static inline size_t ballcone_find(const uint8_t *text, size_t from, size_t count, uint8_t one, uint8_t other) {
  for (; from + 16 <= count; from += 16) {
    uint32_t hits = ballcone_hits(text + from, one, other);
    if (hits) return from + (size_t)__builtin_ctz(hits);
  }
  if (from >= count) return count;
  if (count >= 16) {  // the last sixteen, without those already seen
    uint32_t hits = ballcone_hits(text + count - 16, one, other) >> (from + 16 - count);
    return hits ? from + (size_t)__builtin_ctz(hits) : count;
  }
  while (from < count && text[from] != one && text[from] != other) from++;
  return from;
}

// Where the string that `from` is inside of ends: the next quote that no backslash escapes, else `count`. A flood of escapes
// costs no more than anything else: which bytes are escaped is computed for sixteen at once (Langdale & Lemire 2019,
// arXiv:1902.08318, 3.1.1, in the form of simdjson's json_escape_scanner).
__attribute__((noinline, unused)) static size_t ballcone_escaped_end(const uint8_t *text, size_t from, size_t count) {
  uint32_t carry = 0;  // whether the first byte of the block is escaped
  for (; from < count; from += 16) {
    ballcone_bytes v = {0};
    memcpy(&v, text + from, count - from < 16 ? count - from : 16);
    uint32_t quotes = ballcone_bits((ballcone_bytes)(v == '"')), slashes = ballcone_bits((ballcone_bytes)(v == '\\'));
    const uint32_t even = 0x5555;
    uint32_t escaping = slashes & ~carry, follows = escaping << 1 | carry;
    uint32_t sequences = (escaping & ~even & ~follows) + escaping;
    quotes &= ~((even ^ sequences << 1) & follows);
    carry = sequences >> 16 & 1;
    if (quotes) return from + (size_t)__builtin_ctz(quotes);
  }
  return count;
}
