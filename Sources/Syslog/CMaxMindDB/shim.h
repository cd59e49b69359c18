#pragma once
#pragma clang module import SwiftGlibc
#include <maxminddb.h>

// GNU only, so invisible to Swift. An anonymous file in memory that closes itself on exec.
int ballcone_memfd_create(const char *name, unsigned int flags) __asm__("memfd_create");
enum { BALLCONE_MFD_CLOEXEC = 1 };
