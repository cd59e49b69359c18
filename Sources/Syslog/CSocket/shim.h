#pragma once
#pragma clang module import SwiftGlibc
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
// GNU-only, hence not in Swift's Glibc: the same layout and symbol under our names.
struct ballcone_message { struct msghdr header; unsigned int length; };
int ballcone_recvmmsg(int fd, struct ballcone_message *messages, unsigned int count, int flags,
                      struct timespec *timeout) __asm__("recvmmsg");
int ballcone_accept4(int fd, struct sockaddr *peer, socklen_t *length, int flags) __asm__("accept4");
int ballcone_thread_name(unsigned long thread, const char *name) __asm__("pthread_setname_np");
// struct ucred of SCM_CREDENTIALS: three 32-bit numbers, the user's in the middle.
struct ballcone_credentials { int process; unsigned user, group; };
enum { ballcone_scm_credentials = 2 };
// Room for one SO_RXQ_OVFL and one SCM_CREDENTIALS control message; CMSG_SPACE is a macro.
enum { ballcone_control_room = CMSG_SPACE(sizeof(unsigned)) + CMSG_SPACE(sizeof(struct ballcone_credentials)) };
// Value of the SO_RXQ_OVFL control message, or `otherwise`: CMSG_* are macros.
static inline unsigned ballcone_overflow(struct msghdr *m, unsigned otherwise) {
  for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c))
    if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_RXQ_OVFL) return *(unsigned *)CMSG_DATA(c);
  return otherwise;
}
// The sender's user id as the kernel tells it, or -1.
static inline long ballcone_sender(struct msghdr *m) {
  for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c))
    if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == ballcone_scm_credentials)
      return ((struct ballcone_credentials *)CMSG_DATA(c))->user;
  return -1;
}
