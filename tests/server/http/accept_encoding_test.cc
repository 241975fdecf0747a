// SPDX-License-Identifier: Apache-2.0
#include "server/http/accept_encoding.h"

#include <gtest/gtest.h>

#include <vector>

namespace tollgate::http {
namespace {

constexpr Coding kBoth[] = {Coding::Brotli, Coding::Gzip};
constexpr Coding kGzip[] = {Coding::Gzip};

TEST(AcceptEncoding, ChoosesByWeightAndThenByOurOrder) {
  constexpr std::optional<Coding> kNone;
  constexpr std::optional<Coding> kPlain = Coding::Identity;
  constexpr std::optional<Coding> kGz = Coding::Gzip;
  constexpr std::optional<Coding> kBr = Coding::Brotli;
  struct {
    const char* field;
    std::span<const Coding> offered;
    std::optional<Coding> expected;
  } const rows[] = {
      {"", kBoth, kPlain},
      {"gzip", kBoth, kGz},
      {"gzip, deflate, br, zstd", kBoth, kBr},  // a browser
      {"GZIP", kBoth, kGz},
      {"x-gzip", kBoth, kGz},
      {"gzip;q=1.0, br;q=0.5", kBoth, kGz},
      {"gzip;q=0.5,br;q=0.5", kBoth, kBr},
      {"br", kGzip, kPlain},
      {"compress, gzip", kBoth, kGz},  // the examples of RFC 9110 12.5.3
      {"*", kBoth, kBr},
      {"compress;q=0.5, gzip;q=1.0", kBoth, kGz},
      {"gzip;q=1.0, identity; q=0.5, *;q=0", kBoth, kGz},
      {"identity", kBoth, kPlain},
      {"identity, gzip;q=0.5", kBoth, kPlain},
      {"identity;q=0.5, gzip;q=0.4", kBoth, kPlain},
      {"identity, gzip", kBoth, kGz},
      {"gzip;q=0.001", kBoth, kGz},
      {"gzip;q=0", kBoth, kPlain},
      {"gzip;q=0.000, *", kBoth, kBr},
      {"*;q=0", kBoth, kNone},
      {"identity;q=0", kBoth, kNone},
      {"identity;q=0, gzip;q=0.1", kBoth, kGz},
      {"*;q=0, identity", kBoth, kPlain},
      {" gzip ; q=0.3 ,, ", kBoth, kGz},
      {"gzip; Q=0.3", kBoth, kGz},
      {"gzip;q=2", kBoth, kPlain},  // what makes no sense asks for nothing
      {"gzip;q=1.001", kBoth, kPlain},
      {"gzip;q=0.1234", kBoth, kPlain},
      {"gzip;q=", kBoth, kPlain},
      {"gzip;level=9", kBoth, kPlain},
      {"gzipp", kBoth, kPlain},
      {"gzip", {}, kPlain},
  };
  for (const auto& row : rows) EXPECT_EQ(choose(row.field, row.offered), row.expected) << row.field;
}

TEST(AcceptEncoding, SeveralLinesAreOneList) {
  const std::vector<FieldView> fields = {
      {"accept-encoding", "br;q=0.1"}, {"Accept", "br"}, {"Accept-Encoding", "gzip"}};
  EXPECT_EQ(choose(fields, kBoth), Coding::Gzip);
  EXPECT_EQ(choose(std::vector<FieldView>{}, kBoth), Coding::Identity);
}

}  // namespace
}  // namespace tollgate::http
