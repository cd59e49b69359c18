#pragma once
#pragma clang module import SwiftGlibc
#include <malloc.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>
// <malloc.h> is not part of Swift's Glibc.
static inline void ballcone_one_arena(void) { (void)mallopt(M_ARENA_MAX, 1); }

extern char __executable_start[], etext[];  // of the linker: where code and constants lie

// Gives memory back that only starting needed: freed memory, and pages of the program that were mapped around those it
// ran through. The latter are read-only pages of a file; what is needed again is mapped again.
static inline void ballcone_give_back(void) {
  (void)malloc_trim(0);
  uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), start = ((uintptr_t)__executable_start + page - 1) / page * page;
  uintptr_t end = (uintptr_t)etext / page * page;
  if (end > start) (void)madvise((void *)start, end - start, MADV_DONTNEED);
}
