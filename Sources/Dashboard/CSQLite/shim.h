#pragma once
#pragma clang module import SwiftGlibc
#include <sqlite3.h>
// Variadic or a cast macro in C, hence invisible to Swift.
static inline int ballcone_db_config(sqlite3 *db, int option, int value) {
  return sqlite3_db_config(db, option, value, (int *)0);
}
static inline int ballcone_vtab_directonly(sqlite3 *db) { return sqlite3_vtab_config(db, SQLITE_VTAB_DIRECTONLY); }
static inline void ballcone_result_text(sqlite3_context *c, const char *text, int count) {
  sqlite3_result_text(c, text, count, SQLITE_TRANSIENT);
}
#include <malloc.h>
// Gives freed memory of a heavy question back to the system.
static inline void ballcone_trim(void) { (void)malloc_trim(0); }
