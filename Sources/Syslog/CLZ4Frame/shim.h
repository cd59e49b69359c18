#pragma once
#pragma clang module import SwiftGlibc
#include <lz4frame.h>
