#include "CAssets.h"
static const unsigned char logo_svg[] = {
#embed "../Web/logo.svg"
};
static const struct ballcone_asset table[] = {
    {"logo.svg", logo_svg, sizeof logo_svg},
    {NULL, NULL, 0},
};
const struct ballcone_asset *ballcone_asset_at(size_t index) { return &table[index]; }
