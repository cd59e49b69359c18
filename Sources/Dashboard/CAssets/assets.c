// The browser's side, compiled in: one executable, nothing to install beside it.
#include "CAssets.h"

#pragma clang diagnostic ignored "-Wc23-extensions"  // #embed is the point

static const unsigned char app_css[] = {
#embed "../Web/app.css"
};
static const unsigned char theme_js[] = {
#embed "../Web/theme.js"
};
static const unsigned char dom_js[] = {
#embed "../Web/dom.js"
};
static const unsigned char format_js[] = {
#embed "../Web/format.js"
};
static const unsigned char api_js[] = {
#embed "../Web/api.js"
};
static const unsigned char view_js[] = {
#embed "../Web/view.js"
};
static const unsigned char states_js[] = {
#embed "../Web/states.js"
};
static const unsigned char filters_js[] = {
#embed "../Web/filters.js"
};
static const unsigned char bar_js[] = {
#embed "../Web/bar.js"
};
static const unsigned char chart_js[] = {
#embed "../Web/chart.js"
};
static const unsigned char figures_js[] = {
#embed "../Web/figures.js"
};
static const unsigned char panel_js[] = {
#embed "../Web/panel.js"
};
static const unsigned char details_js[] = {
#embed "../Web/details.js"
};
static const unsigned char service_js[] = {
#embed "../Web/service.js"
};
static const unsigned char overview_js[] = {
#embed "../Web/overview.js"
};
static const unsigned char setup_js[] = {
#embed "../Web/setup.js"
};
static const unsigned char tools_js[] = {
#embed "../Web/tools.js"
};
static const unsigned char logo_svg[] = {
#embed "../Web/logo.svg"
};

// The outlines of the world are made at build time (make-world.py). Without them the page keeps the list of countries.
#if __has_embed("../Web/world.js")
static const unsigned char world_js[] = {
#embed "../Web/world.js"
};
#define WORLD_COUNT sizeof world_js
#else
static const unsigned char world_js[] = "export const size = null;\n";
#define WORLD_COUNT (sizeof world_js - 1)
#endif

static const struct ballcone_asset table[] = {
    {"app.css", app_css, sizeof app_css},
    {"theme.js", theme_js, sizeof theme_js},
    {"dom.js", dom_js, sizeof dom_js},
    {"format.js", format_js, sizeof format_js},
    {"api.js", api_js, sizeof api_js},
    {"view.js", view_js, sizeof view_js},
    {"states.js", states_js, sizeof states_js},
    {"filters.js", filters_js, sizeof filters_js},
    {"bar.js", bar_js, sizeof bar_js},
    {"chart.js", chart_js, sizeof chart_js},
    {"figures.js", figures_js, sizeof figures_js},
    {"panel.js", panel_js, sizeof panel_js},
    {"details.js", details_js, sizeof details_js},
    {"service.js", service_js, sizeof service_js},
    {"overview.js", overview_js, sizeof overview_js},
    {"setup.js", setup_js, sizeof setup_js},
    {"tools.js", tools_js, sizeof tools_js},
    {"logo.svg", logo_svg, sizeof logo_svg},
    {"world.js", world_js, WORLD_COUNT},
    {NULL, NULL, 0},
};
const struct ballcone_asset *ballcone_asset_at(size_t index) { return &table[index]; }
