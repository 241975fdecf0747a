// SPDX-License-Identifier: Apache-2.0
#include "server/http/accept_encoding.h"

#include <algorithm>

#include "server/base/text.h"

namespace tollgate::http {
namespace {

constexpr int kFullWeight = 1000;

// RFC 9110 12.4.2: 0 to 1 with at most three digits; in thousandths.
std::optional<int> parse_weight(std::string_view text) {
  if (text.empty() || (text[0] != '0' && text[0] != '1')) return std::nullopt;
  int weight = (text[0] - '0') * kFullWeight;
  if (text.size() == 1) return weight;
  if (text[1] != '.' || text.size() > 5) return std::nullopt;
  int unit = kFullWeight / 10;
  for (const char c : text.substr(2)) {
    if (!is_digit(c)) return std::nullopt;
    weight += (c - '0') * unit;
    unit /= 10;
  }
  return weight <= kFullWeight ? std::optional(weight) : std::nullopt;
}

struct Wanted {
  std::string_view name;
  int weight = kFullWeight;
};

// "gzip;q=0.5". nullopt: an empty element, or one that makes no sense, which asks for nothing.
std::optional<Wanted> parse_element(std::string_view element) {
  const auto semicolon = element.find(';');
  Wanted wanted{.name = trim(element.substr(0, semicolon))};
  if (wanted.name.empty()) return std::nullopt;
  if (semicolon == std::string_view::npos) return wanted;
  const std::string_view parameter = trim(element.substr(semicolon + 1));
  if (!iequals(parameter.substr(0, 2), "q=")) return std::nullopt;
  const auto weight = parse_weight(parameter.substr(2));
  if (!weight) return std::nullopt;
  wanted.weight = *weight;
  return wanted;
}

class Weights {
 public:
  void add(std::string_view line) {
    while (!line.empty()) {
      const auto comma = line.find(',');
      if (const auto wanted = parse_element(line.substr(0, comma))) add(*wanted);
      if (comma == std::string_view::npos) return;
      line.remove_prefix(comma + 1);
    }
  }

  // 0: not acceptable.
  int of(Coding coding) const {
    if (const auto weight = named_[static_cast<std::size_t>(coding)]) return *weight;
    if (any_) return *any_;
    return coding == Coding::Identity ? 1 : 0;
  }

 private:
  void add(const Wanted& wanted) {
    if (wanted.name == "*") any_ = wanted.weight;
    for (const Coding coding : {Coding::Identity, Coding::Gzip, Coding::Brotli})
      // RFC 9110 8.4.1.3: x-gzip is another name of gzip.
      if (iequals(wanted.name, to_string(coding)) ||
          (coding == Coding::Gzip && iequals(wanted.name, "x-gzip")))
        named_[static_cast<std::size_t>(coding)] = wanted.weight;
  }

  std::optional<int> named_[3];
  std::optional<int> any_;  // "*"
};

std::optional<Coding> choose(const Weights& weights, std::span<const Coding> offered) {
  std::optional<Coding> best;
  int best_weight = 0;
  const auto consider = [&](Coding coding) {
    if (weights.of(coding) <= best_weight) return;
    best = coding;
    best_weight = weights.of(coding);
  };
  std::ranges::for_each(offered, consider);
  consider(Coding::Identity);
  return best;
}

}  // namespace

std::string_view to_string(Coding coding) {
  constexpr std::string_view kNames[] = {"identity", "gzip", "br"};
  return kNames[static_cast<std::size_t>(coding)];
}

std::optional<Coding> choose(std::string_view accept_encoding, std::span<const Coding> offered) {
  Weights weights;
  weights.add(accept_encoding);
  return choose(weights, offered);
}

std::optional<Coding> choose(std::span<const FieldView> fields, std::span<const Coding> offered) {
  Weights weights;
  for (const FieldView& field : fields)
    if (iequals(field.name, "accept-encoding")) weights.add(field.value);
  return choose(weights, offered);
}

}  // namespace tollgate::http
