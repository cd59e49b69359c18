#pragma once
#pragma clang module import SwiftGlibc
#include <maxminddb.h>
