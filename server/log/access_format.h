// The setting access_log_format, compiled once to a list of pieces (pure).
//
//   %(h)s address   %(l)s "-"      %(u)s user       %(t)s [time]    %(r)s request line
//   %(m)s method    %(U)s path     %(q)s query      %(H)s protocol  %(s)s status
//   %(B)s bytes     %(b)s bytes, "-" for 0          %(f)s referer   %(a)s user agent
//   %(T)s seconds   %(M)s ms       %(D)s us         %(L)s seconds with six decimals
//   %(p)s <pid>     %({name}i)s request field       %({name}o)s response field
//   %({NAME}e)s CGI variable of the request (REQUEST_METHOD, HTTP_HOST, …)      %% a percent sign
//
// The d of %(D)d does what s does. Unlike Gunicorn, an atom that does not exist
// is an error when the server starts, not "-" in each line.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "server/base/result.h"
#include "server/log/access_record.h"
#include "server/log/timestamp.h"

namespace tollgate::log {

class AccessFormat {
 public:
  // Errors (InvalidArgument) name the atom and its position, counted from 1.
  static Result<AccessFormat> compile(std::string_view format);

  // Appends the line and its newline to `out`. `timestamp` is of style Common.
  // Nothing in the record can end the line or a quoted part of it: see escape.h.
  void append(std::string& out, const AccessRecord& record, Timestamp& timestamp) const;

  enum class Kind : uint8_t;
  struct Piece {
    Kind kind;
    std::string text = {};  // of a literal; the lower-case name of a field
  };

 private:
  explicit AccessFormat(std::vector<Piece> pieces) : pieces_(std::move(pieces)) {}
  std::vector<Piece> pieces_;
};

}  // namespace tollgate::log
