#pragma once
#pragma clang module import SwiftGlibc
#include <zstd.h>
#include <zstd_errors.h>
