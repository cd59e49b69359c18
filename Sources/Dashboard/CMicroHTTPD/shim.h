#pragma once
#pragma clang module import SwiftGlibc
#include <microhttpd.h>
// Variadic in C, hence invisible to Swift.
static inline int ballcone_connection_fd(struct MHD_Connection *c) {
  return MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
}
static inline const struct sockaddr *ballcone_client(struct MHD_Connection *c) {
  return MHD_get_connection_info(c, MHD_CONNECTION_INFO_CLIENT_ADDRESS)->client_addr;
}
static inline void ballcone_set_timeout(struct MHD_Connection *c, unsigned seconds) {
  (void)MHD_set_connection_option(c, MHD_CONNECTION_OPTION_TIMEOUT, seconds);
}
static inline unsigned ballcone_connections(struct MHD_Daemon *d) {
  return MHD_get_daemon_info(d, MHD_DAEMON_INFO_CURRENT_CONNECTIONS)->num_connections;
}
