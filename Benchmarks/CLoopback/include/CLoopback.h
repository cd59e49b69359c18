#pragma once
// A sender and a receiver that do nothing but their system calls, to compare with.

// Sends `total` datagrams of `size` bytes each, taken from `payload` (`count` of them, one behind the other) in turn, at
// `per_second` (0: as fast as it can), by segmentation offload: `batch` of them a call. Each carries its number, eight digits
// at `number_at`. Returns how many the kernel took.
unsigned long ballcone_flood(unsigned short port, char *payload, unsigned size, unsigned count, unsigned long total,
                             unsigned long per_second, unsigned batch, unsigned number_at);

// A thread that receives on `fd` in batches of 64 and counts; stop returns what it counted.
void *ballcone_counter_start(int fd);
unsigned long ballcone_counter_stop(void *counter);
