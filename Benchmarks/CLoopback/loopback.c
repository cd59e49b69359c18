#define _GNU_SOURCE
#include "CLoopback.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/udp.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static long long now(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

int ballcone_pin(unsigned core) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(core, &set);
  struct sched_param first = {.sched_priority = 1};
  return sched_setaffinity(0, sizeof set, &set) == 0 && sched_setscheduler(0, SCHED_FIFO, &first) == 0;
}

void ballcone_unpin(void) {
  cpu_set_t set;
  memset(&set, 0xff, sizeof set);
  struct sched_param none = {0};
  sched_setscheduler(0, SCHED_OTHER, &none);
  sched_setaffinity(0, sizeof set, &set);
}

static void digits(char *to, int count, unsigned long value) {
  while (count-- > 0) to[count] = (char)('0' + value % 10), value /= 10;
}

// Clients come again and again, few of them most often: a product of two uniform numbers below 22,500.
static unsigned client(void) {
  static unsigned long long state = 88172645463325252ULL;
  state ^= state << 13, state ^= state >> 7, state ^= state << 17;
  return (unsigned)((state & 0xffff) * (state >> 16 & 0xffff) * 22500 >> 32);
}

static void mark(char *line, struct ballcone_places at, unsigned long number, unsigned long seconds) {
  unsigned who = client();
  digits(line + at.number, 8, number % 100000000);
  digits(line + at.time, 10, seconds);
  digits(line + at.address, 3, 100 + who / 150);
  digits(line + at.address + 4, 3, 100 + who % 150);
}

unsigned long ballcone_flood(unsigned short port, char *payload, unsigned size, unsigned count, unsigned long total,
                             unsigned long per_second, unsigned batch, struct ballcone_places at) {
  int fd = socket(AF_INET, SOCK_DGRAM, 0), segment = size;
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to) != 0) return 0;
  setsockopt(fd, SOL_UDP, UDP_SEGMENT, &segment, sizeof segment);
  if (batch > count) batch = count;
  if ((unsigned long)batch * size > 65000) batch = 65000 / size;
  unsigned long sent = 0;
  unsigned from = 0;
  long long start = now(CLOCK_MONOTONIC);
  while (sent < total) {
    unsigned n = count - from < batch ? count - from : batch;
    if (total - sent < n) n = total - sent;
    unsigned long seconds = (unsigned long)(now(CLOCK_REALTIME) / 1000000000);
    for (unsigned i = 0; i < n; i++) mark(payload + (size_t)(from + i) * size, at, sent + i, seconds);
    if (per_second) {
      long long due = start + (long long)((double)sent * 1e9 / per_second);
      while (now(CLOCK_MONOTONIC) < due) continue;
    }
    if (send(fd, payload + (size_t)from * size, (size_t)n * size, 0) < 0) break;
    sent += n;
    from = (from + n) % count;
  }
  close(fd);
  return sent;
}

struct counter { pthread_t thread; int fd; unsigned pause; atomic_int stop; unsigned long count; };
enum { slots = 64, bytes = 2048 };

static void *run(void *argument) {
  struct counter *c = argument;
  static char memory[slots][bytes];
  struct iovec vectors[slots];
  struct mmsghdr messages[slots];
  memset(messages, 0, sizeof messages);
  for (int i = 0; i < slots; i++) {
    vectors[i] = (struct iovec){memory[i], bytes};
    messages[i].msg_hdr.msg_iov = &vectors[i];
    messages[i].msg_hdr.msg_iovlen = 1;
  }
  while (1) {
    int stopping = atomic_load(&c->stop);
    struct pollfd wait = {c->fd, POLLIN, 0};
    if (poll(&wait, 1, 50) == 0 && stopping) return NULL;
    int n;
    do {
      n = recvmmsg(c->fd, messages, slots, MSG_DONTWAIT, NULL);
      if (n > 0) c->count += n;
    } while (n == slots);
    struct timespec rest = {0, c->pause * 1000L};
    if (c->pause) nanosleep(&rest, NULL);
  }
}

void *ballcone_counter_start(int fd, unsigned pause) {
  struct counter *c = calloc(1, sizeof *c);
  c->fd = fd;
  c->pause = pause;
  pthread_create(&c->thread, NULL, run, c);
  return c;
}

unsigned long ballcone_counter_stop(void *counter) {
  struct counter *c = counter;
  atomic_store(&c->stop, 1);
  pthread_join(c->thread, NULL);
  unsigned long count = c->count;
  free(c);
  return count;
}
