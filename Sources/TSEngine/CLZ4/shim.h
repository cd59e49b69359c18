#pragma once
#pragma clang module import SwiftGlibc
#include <lz4.h>
#include <lz4hc.h>
