#pragma once
#pragma clang module import SwiftGlibc
#include <malloc.h>
// <malloc.h> is not part of Swift's Glibc.
static inline void ballcone_one_arena(void) { (void)mallopt(M_ARENA_MAX, 1); }
static inline void ballcone_give_back(void) { (void)malloc_trim(0); }
