#pragma once
// How often this thread has asked for memory: linked in, these functions stand before malloc and its kin.
unsigned long ballcone_allocations(void);
