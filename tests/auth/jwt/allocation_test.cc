// Counts what operator new is asked for, in this executable; not under a sanitizer,
// which has operators of its own.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "auth/jwt/verifier.h"
#include "tests/auth/jwt/forge.h"

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

namespace {
std::atomic<int> allocations{0};
}  // namespace

// Not inlined: the compiler would see free() of what new gave, and warn.
[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace tollgate::jwt {
namespace {

using namespace test;

TEST(Verifier, ChecksAnOrdinaryTokenWithoutAllocation) {
  auto verifier = Verifier::create(key(), {.cache = false});
  ASSERT_TRUE(verifier);
  const Policy policy{.type = TokenType::Access};
  const std::string tokens[] = {forge(kHeader, kAccess),
                                forge(R"({"kid":"a","alg":"HS256"})", kAccess)};
  for (const auto& token : tokens) {
    const int before = allocations;
    const auto claims = verifier->verify(token, policy, at(kNow));
    const int after = allocations;
    ASSERT_TRUE(claims);
    EXPECT_EQ(after - before, 0);
  }
}

TEST(Verifier, ChecksATokenThatItKnowsWithoutAllocation) {
  auto verifier = Verifier::create(key());
  const std::string token = forge(kHeader, kAccess);
  int last = 0;
  for (int i = 0; i < 3; ++i) {  // the second time it is kept
    const int before = allocations;
    ASSERT_TRUE(verifier->verify(token, Policy{.type = TokenType::Access}, at(kNow)));
    last = allocations - before;
  }
  EXPECT_EQ(last, 0);
}

}  // namespace
}  // namespace tollgate::jwt

#endif
