// SPDX-License-Identifier: Apache-2.0
#include "app/commands/key_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "server/base/text.h"
#include "server/log/escape.h"

namespace tollgate::commands {
namespace {

tl::unexpected<Error> conflict(std::string message) {
  return fail(Errc::Conflict, std::move(message));
}

Result<std::size_t> find_key(const Keys& keys, std::string_view kid) {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (keys[i].kid() == kid) return i;
    if (!kid.empty() && keys[i].kid().starts_with(kid)) found.push_back(i);
  }
  if (found.size() == 1) return found.front();
  const std::string name = "\"" + shown(kid) + "\"";
  if (found.empty())
    return fail(Errc::NotFound,
                "there is no key " + name + "; `tollgate keys list` shows those there are");
  std::string kids;
  for (const std::size_t i : found) kids += (kids.empty() ? "" : ", ") + shown(keys[i].kid());
  return conflict("several keys begin with " + name + ": " + kids);
}

// "could sign": it is not the first private key of a file that was made elsewhere.
std::string uses(const jwt::KeyRing& ring, const jwt::Key& key) {
  if (&key == ring.signer()) return "signs, verifies";
  return key.may_sign() ? "verifies, could sign" : "verifies";
}

}  // namespace

Result<const jwt::Algorithm*> algorithm_named(const std::string& name) {
  if (const jwt::Algorithm* found = jwt::find_algorithm(name)) return found;
  std::string names;
  for (const jwt::Algorithm& row : jwt::algorithms())
    names.append(names.empty() ? "" : ", ").append(row.name);
  return fail(Errc::InvalidArgument,
              "there is no algorithm \"" + shown(name) + "\"; there are " + names);
}

const jwt::Algorithm& algorithm_of_next(const Keys& keys) {
  const auto signer = std::ranges::find_if(keys, &jwt::Key::may_sign);
  if (signer != keys.end()) return signer->algorithm();
  return keys.empty() ? *jwt::find_algorithm("ES256") : keys.front().algorithm();
}

Keys with_signer(Keys keys, jwt::Key key) {
  std::erase_if(keys, [&key](const jwt::Key& old) {
    return !old.may_sign() && old.thumbprint() == key.thumbprint() && old.kid() == key.kid();
  });
  Keys out;
  out.push_back(std::move(key));
  for (jwt::Key& old : keys) out.push_back(std::move(old).verifying_only());
  return out;
}

Keys with_verifiers(Keys keys, Keys more) {
  for (jwt::Key& key : more) keys.push_back(std::move(key).verifying_only());
  return keys;
}

Result<Retired> without(Keys keys, std::string_view kid_or_prefix) {
  TOLLGATE_TRY(at, find_key(keys, kid_or_prefix));
  const std::string kid = keys[at].kid();
  const auto signer = std::ranges::find_if(keys, &jwt::Key::may_sign);
  if (signer != keys.end() && signer->kid() == kid)
    return conflict("key \"" + shown(kid) +
                    "\" signs; `tollgate keys rotate` makes another that does");
  if (keys.size() == 1)
    return conflict("key \"" + shown(kid) + "\" is the last one; remove the file instead");
  keys.erase(keys.begin() + static_cast<std::ptrdiff_t>(at));
  return Retired{std::move(keys), kid};
}

std::vector<std::string> signers(const Keys& keys) {
  std::vector<std::string> out;
  for (const jwt::Key& key : keys)
    if (key.may_sign()) out.push_back(key.kid());
  return out;
}

Result<crypto::SecretString> file_text(Keys keys, bool extra_algorithms) {
  TOLLGATE_TRY(ring, jwt::KeyRing::create(std::move(keys)));
  crypto::SecretString text = ring->private_jwk_set();
  // What a server would refuse must not take the place of what it reads.
  TOLLGATE_CHECK(
      jwt::Key::from_jwk_set(text.reveal(), {.extra_algorithms = extra_algorithms}).map([](auto&&) {
      }));
  return text;
}

std::string table(const jwt::KeyRing& ring) {
  std::size_t width = 3;
  for (const jwt::Key& key : ring.keys()) width = std::max(width, shown(key.kid()).size());
  std::string out;
  const auto line = [&](std::string_view kid, std::string_view algorithm, std::string_view size,
                        std::string_view use) {
    fmt::format_to(std::back_inserter(out), "{:<{}}  {:<9}  {:<10}  {}\n", kid, width, algorithm,
                   size, use);
  };
  line("kid", "algorithm", "size", "use");
  for (const jwt::Key& key : ring.keys())
    line(shown(key.kid()), key.algorithm().name, key.strength(), uses(ring, key));
  return out;
}

std::string table_json(const jwt::KeyRing& ring) {
  std::string out = "[";
  for (const jwt::Key& key : ring.keys()) {
    out += out.size() == 1 ? "\n  {\"kid\": " : ",\n  {\"kid\": ";
    append_json_quoted(out, key.kid());
    fmt::format_to(std::back_inserter(out),
                   R"(, "algorithm": "{}", "size": "{}", "signs": {}, "verifies": true}})",
                   key.algorithm().name, key.strength(), &key == ring.signer());
  }
  return out + "\n]\n";
}

Longest longest_lifetime(const Config& config) {
  const std::array all = {
      Longest{config.refresh_token_lifetime, "refresh_token_lifetime"},
      Longest{config.access_token_lifetime, "access_token_lifetime"},
      Longest{config.sliding_token_lifetime, "sliding_token_lifetime"},
      Longest{config.sliding_token_refresh_lifetime, "sliding_token_refresh_lifetime"}};
  return *std::ranges::max_element(all, {}, &Longest::lifetime);
}

std::string next_steps(const std::vector<std::string>& old, const Config& config,
                       const std::string& path) {
  std::string out = "A running server takes it up by itself within a second, and at HUP at once.\n";
  if (old.empty()) return out;
  const Longest longest = longest_lifetime(config);
  fmt::format_to(std::back_inserter(out),
                 "Tokens of the old key live for up to {} more ({}). Then remove it:\n",
                 to_string(longest.lifetime), longest.setting);
  for (const std::string& kid : old)
    fmt::format_to(std::back_inserter(out), "  tollgate keys retire --file {} {}{}\n",
                   shell_word(path), kid.starts_with('-') ? "-- " : "", shell_word(kid));
  return out;
}

std::string shell_word(std::string_view text) {
  std::string plain = shown(text);
  static constexpr std::string_view kMarks = "_-./:@%+,=";
  const auto is_safe = [](char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           kMarks.find(c) != std::string_view::npos;
  };
  if (!plain.empty() && std::ranges::all_of(plain, is_safe)) return plain;
  std::string out = "'";
  for (const char c : plain) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

std::string shown(std::string_view text) {
  std::string out;
  log::append_one_line(out, text);
  return out;
}

}  // namespace tollgate::commands
