// HTTP over a blocking socket, without mercy: every byte is the test's, and what comes back is
// read by its framing, or it is said how it broke.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

#include "server/base/address.h"
#include "server/base/unique_fd.h"
#include "tests/support/deadline.h"

namespace tollgate::test {

using Fields = std::vector<std::pair<std::string, std::string>>;

struct HttpResponse {
  int status = 0;
  std::string reason;
  Fields fields;
  std::string body;

  // nullptr: it is not there. Names without regard to case.
  const std::string* find(std::string_view name) const;
  // "": it is not there.
  std::string field(std::string_view name) const;
  bool closes() const;  // "Connection: close"
};

enum class Broken {
  Refused,    // no connection
  Closed,     // end of file before the first byte of a response
  Short,      // end of file within it
  Reset,      // ECONNRESET or EPIPE
  Late,       // nothing came in time
  Malformed,  // that is no HTTP
};
const char* to_string(Broken broken);

template <class T>
using Received = tl::expected<T, Broken>;

// A request with Host, and with Content-Length where there is a body.
std::string request(std::string_view method, std::string_view target, const Fields& fields = {},
                    std::string_view body = {});

Fields bearer(std::string_view token);

class HttpClient {
 public:
  // Connects at once. `patience` is how long each receive may wait.
  explicit HttpClient(const Address& address, milliseconds patience = kPatience);

  bool connected() const { return socket_.valid(); }
  int fd() const { return socket_.get(); }

  // All of it. What cannot be sent is found by the next receive().
  void send(std::string_view bytes);
  // No more requests: the server reads end of file.
  void shut_down_writing();

  // The next response, interim ones (1xx) included.
  Received<HttpResponse> receive(std::string_view method = "GET");
  // What comes up to and with `mark`, as it is.
  Received<std::string> receive_until(std::string_view mark);
  // send(), then receive().
  Received<HttpResponse> exchange(std::string_view method, std::string_view target,
                                  const Fields& fields = {}, std::string_view body = {});

  // Waits for the server's end of file, with nothing before it. Not even a reset.
  bool is_closed(milliseconds patience = kPatience);

 private:
  bool fill();  // false: `why_` says why
  Received<std::string> take(std::size_t size);
  Received<std::string> take_line();
  Received<std::string> take_chunks();

  UniqueFd socket_;
  milliseconds patience_;
  std::string buffer_;  // received, but not taken
  Broken why_ = Broken::Refused;
};

// One request on a connection of its own. A failure is one of the test, and gives status 0.
HttpResponse fetch(const Address& address, std::string_view method, std::string_view target,
                   const Fields& fields = {}, std::string_view body = {});
HttpResponse get(const Address& address, std::string_view target, const Fields& fields = {});
HttpResponse post_json(const Address& address, std::string_view target, std::string_view body,
                       Fields fields = {});

}  // namespace tollgate::test
