#pragma once
#include <stddef.h>
// One file of Web/, compiled in. `name` ends the table with NULL.
struct ballcone_asset { const char *name; const unsigned char *bytes; size_t count; };
const struct ballcone_asset *ballcone_asset_at(size_t index);
