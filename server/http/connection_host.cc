// SPDX-License-Identifier: Apache-2.0
#include "server/http/connection_host.h"

#include "server/http/connection.h"

namespace tollgate::http {

ConnectionHost::ConnectionHost(const Limits& limits_in, const Timeouts& timeouts,
                               Service& service_in, const Clock& clock_in,
                               TrustedProxies trusted_proxies_in)
    : limits(limits_in),
      trusted_proxies(std::move(trusted_proxies_in)),
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

bool ConnectionHost::make_room(SteadyTime now) {
  // By how little is lost: an answer that was read or never will be, nothing, a request that
  // has not begun or takes its time, a body, a response. Nobody who came or was answered just now:
  // among many that are slow, those are the good clients.
  constexpr milliseconds kSlow = 1s;
  const struct {
    const net::DeadlineList& waiting;
    milliseconds age;
  } victims[] = {{linger, 0s}, {idle, kSlow}, {header, kSlow}, {body, kSlow}, {write, kSlow}};
  for (const auto& [waiting, age] : victims) {
    if (void* const found = waiting.oldest(now, age)) {
      static_cast<Connection*>(found)->make_room();
      return true;
    }
  }
  return false;
}

}  // namespace tollgate::http
