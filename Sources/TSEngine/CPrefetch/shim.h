#pragma once
static inline void ballcone_prefetch(const void *p) { __builtin_prefetch(p, 1, 3); }
