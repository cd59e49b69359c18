#define _GNU_SOURCE
#include "CLoopback.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/udp.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static long long now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

unsigned long ballcone_flood(unsigned short port, char *payload, unsigned size, unsigned count, unsigned long total,
                             unsigned long per_second, unsigned batch, unsigned number_at) {
  int fd = socket(AF_INET, SOCK_DGRAM, 0), segment = size;
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to) != 0) return 0;
  setsockopt(fd, SOL_UDP, UDP_SEGMENT, &segment, sizeof segment);
  if (batch > count) batch = count;
  if ((unsigned long)batch * size > 65000) batch = 65000 / size;
  unsigned long sent = 0;
  unsigned at = 0;
  long long start = now();
  while (sent < total) {
    unsigned n = count - at < batch ? count - at : batch;
    if (total - sent < n) n = total - sent;
    for (unsigned i = 0; i < n; i++) {
      char digits[9];
      snprintf(digits, sizeof digits, "%08lu", (sent + i) % 100000000);
      memcpy(payload + (size_t)(at + i) * size + number_at, digits, 8);
    }
    if (send(fd, payload + (size_t)at * size, (size_t)n * size, 0) < 0) break;
    sent += n;
    at = (at + n) % count;
    if (per_second) {
      long long due = start + (long long)((double)sent * 1e9 / per_second), rest = due - now();
      if (rest > 200000) {
        struct timespec wait = {rest / 1000000000, rest % 1000000000};
        nanosleep(&wait, NULL);
      }
    }
  }
  close(fd);
  return sent;
}

struct counter { pthread_t thread; int fd; atomic_int stop; unsigned long count; };
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
  }
}

void *ballcone_counter_start(int fd) {
  struct counter *c = calloc(1, sizeof *c);
  c->fd = fd;
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
