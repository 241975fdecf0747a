// SPDX-License-Identifier: Apache-2.0
#include "server/worker/queue_time.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

namespace tollgate::worker {

milliseconds waited_in_kernel(int socket) {
  tcp_info info{};
  socklen_t size = sizeof(info);
  if (getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return 0ms;
  // Without data the kernel counts from the handshake: a client that connects early and asks
  // late has not waited for us.
  int readable = 0;
  if (ioctl(socket, FIONREAD, &readable) != 0 || readable == 0) return 0ms;
  return milliseconds(info.tcpi_last_data_recv);
}

}  // namespace tollgate::worker
