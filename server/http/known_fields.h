// How many there are of the fields that the parser itself obeys, by one look at each.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

#include "server/base/text.h"

namespace tollgate::http {

struct KnownFields {
  std::size_t host = 0;
  std::size_t expect = 0;
  std::size_t connection = 0;
  std::size_t lengths = 0;
  std::size_t codings = 0;
  bool underscored = false;  // a framing field's name with "_" for "-"

  // By the length first: nearly all other fields are told by that.
  void count(std::string_view name) {
    const auto is = [name](std::string_view other) { return iequals(name, other) ? 1U : 0U; };
    switch (name.size()) {
      case 4:
        host += is("host");
        break;
      case 6:
        expect += is("expect");
        break;
      case 10:
        connection += is("connection");
        break;
      case 14:
        lengths += is("content-length");
        underscored |= is("content_length") != 0;
        break;
      case 17:
        codings += is("transfer-encoding");
        underscored |= is("transfer_encoding") != 0;
        break;
      default:
        break;
    }
  }
};

}  // namespace tollgate::http
