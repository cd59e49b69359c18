#pragma once
// A sender and a receiver that do nothing but their system calls, to compare with.

// What differs from one datagram to the next: where in a line stand its number (eight digits), its time (ten digits, the
// clock's seconds) and the last two numbers of its client's address (seven bytes, "100.100" … "249.249").
struct ballcone_places { unsigned number, time, address; };

// Sends `total` datagrams of `size` bytes each, taken from `payload` (`count` of them, one behind the other) in turn, at
// `per_second` (0: as fast as it can), by segmentation offload: `batch` of them a call. Between calls it keeps its core, so
// that no burst comes from waking late. Returns how many the kernel took.
unsigned long ballcone_flood(unsigned short port, char *payload, unsigned size, unsigned count, unsigned long total,
                             unsigned long per_second, unsigned batch, struct ballcone_places at);

// Keeps the calling thread, and those it makes, on one core, before all others there (SCHED_FIFO); false when the machine
// has no such core or that is not allowed.
int ballcone_pin(unsigned core);
void ballcone_unpin(void);

// A thread that receives on `fd` in batches of 64 and counts, and lets datagrams gather for `pause` µs whenever it has taken
// all; stop returns what it counted.
void *ballcone_counter_start(int fd, unsigned pause);
unsigned long ballcone_counter_stop(void *counter);
