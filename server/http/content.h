// What the body of a response is made of.
//
//   bytes      all there: Content-Length, one write
//   pieces     bytes and parts of files in their order: Content-Length, sendfile
//   generator  asked for the next piece whenever the client has taken the last one
//   push       fed by whoever holds the other end (push.h), on any thread
//
// The length of the last two is not known: they are chunked, or end with the connection in
// HTTP/1.0 (RFC 9112 6.3 and 7.1). What fails behind the head aborts the connection; it never
// looks as if it were complete.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "server/base/result.h"
#include "server/base/unique_fd.h"

namespace tollgate::http {

// Shared, since a cache of open files may hold it too. A file that is shorter than said by the
// time it is sent aborts the connection.
struct FilePart {
  std::shared_ptr<const UniqueFd> file;
  uint64_t offset = 0;
  uint64_t size = 0;
};
using Piece = std::variant<std::string, FilePart>;
using Pieces = std::vector<Piece>;

// Gives the next piece, or nullopt at the end. An empty piece is one too, and sends nothing.
// Called where the route's handler runs, never by two threads at once; the request that it
// belongs to is valid as long as it lives. An Error, or an exception, aborts the connection and
// is logged. Where that is a pool, the calls of one response may be on several threads in turn.
using Pulled = Result<std::optional<std::string>>;
using Generator = std::function<Pulled()>;

class PushChannel;

using Content = std::variant<std::string, Pieces, Generator, std::shared_ptr<PushChannel>>;

uint64_t size_of(const Pieces& pieces);

// nullopt: not known before its end.
std::optional<uint64_t> size_of(const Content& content);

}  // namespace tollgate::http
