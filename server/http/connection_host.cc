// SPDX-License-Identifier: Apache-2.0
#include "server/http/connection_host.h"

#include "server/http/connection.h"

namespace tollgate::http {

ConnectionHost::ConnectionHost(const Limits& limits_in, const Timeouts& timeouts,
                               Service& service_in, const Clock& clock_in)
    : limits(limits_in),
      service(service_in),
      clock(clock_in),
      read_buffer((64_KiB).count),
      idle(timeouts.idle),
      header(timeouts.header),
      body(timeouts.body),
      request(timeouts.request),
      write(timeouts.write),
      linger(timeouts.linger) {}

void ConnectionHost::sweep(SteadyTime now) {
  const auto expire = [](void* connection) { static_cast<Connection*>(connection)->on_deadline(); };
  for (net::DeadlineList* list : {&idle, &header, &body, &request, &write, &linger})
    list->sweep(now, expire);
}

}  // namespace tollgate::http
