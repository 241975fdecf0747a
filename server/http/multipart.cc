// multipart/form-data (RFC 7578, and RFC 2046 5.1 for its delimiters).
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>

#include "server/base/text.h"
#include "server/http/form.h"

namespace tollgate::http {
namespace {

constexpr std::size_t kMaxParts = 1000;
constexpr std::size_t kMaxPartHead = 8192;
constexpr std::size_t kMaxBoundary = 70;  // RFC 2046 5.1.1

tl::unexpected<Error> bad(const char* why) {
  return fail(Errc::InvalidArgument, std::string("Multipart form parse error - ") + why);
}

// A quoted-string at the front of `text`, which is taken from it. Browsers send backslashes as they
// are (HTML 4.10.22.8): only before a quote, or another backslash, is one an escape.
std::string take_quoted(std::string_view& text) {
  std::string value;
  std::size_t i = 1;
  for (; i < text.size() && text[i] != '"'; ++i) {
    const bool escape =
        text[i] == '\\' && i + 1 < text.size() && (text[i + 1] == '"' || text[i + 1] == '\\');
    if (escape) ++i;
    value += text[i];
  }
  text.remove_prefix(std::min(i + 1, text.size()));
  return value;
}

// The value of `name` in a field such as: form-data; name="a"; filename="b.txt".
std::optional<std::string> parameter(std::string_view field, std::string_view name) {
  for (;;) {
    const auto semicolon = field.find(';');
    if (semicolon == std::string_view::npos) return std::nullopt;
    field.remove_prefix(semicolon + 1);
    const auto equals = field.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    const bool wanted = iequals(trim(field.substr(0, equals)), name);
    field = trim(field.substr(equals + 1));
    const std::string value = field.starts_with('"')
                                  ? take_quoted(field)
                                  : std::string(trim(field.substr(0, field.find(';'))));
    if (wanted) return value;
  }
}

// RFC 8187 3.2: UTF-8'en'a%20b. Only of UTF-8, as it says; nothing: it is not that.
std::optional<std::string> decode_extended(std::string_view value) {
  const auto first = value.find('\'');
  const auto second = first == std::string_view::npos ? first : value.find('\'', first + 1);
  if (second == std::string_view::npos || !iequals(value.substr(0, first), "utf-8"))
    return std::nullopt;
  value.remove_prefix(second + 1);
  std::string text;
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (value[i] != '%') {
      text += value[i];
      continue;
    }
    if (i + 2 >= value.size()) return std::nullopt;
    const int high = hex_value(value[i + 1]);
    const int low = hex_value(value[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    text += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return text;
}

std::string_view base_name(std::string_view path) {
  const auto slash = path.find_last_of("/\\");
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

bool is_file_name(std::string_view name) {
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  return !name.empty() && name != "." && name != ".." && is_utf8(name) &&
         std::ranges::none_of(name, is_control);
}

struct PartHead {
  std::optional<std::string> name;
  std::optional<std::string> file_name;
  std::string_view content_type = {};
};

Result<PartHead> parse_head(std::string_view head) {
  PartHead part;
  while (!head.empty()) {
    const auto end = head.find("\r\n");
    const std::string_view line = head.substr(0, end);
    head = end == std::string_view::npos ? std::string_view{} : head.substr(end + 2);
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    const std::string_view field = trim(line.substr(0, colon));
    const std::string_view value = trim(line.substr(colon + 1));
    if (iequals(field, "content-type")) part.content_type = value;
    // RFC 7578 4.7: nobody sends these, and who does not undo them stores rubbish.
    if (iequals(field, "content-transfer-encoding") && !iequals(value, "binary") &&
        !iequals(value, "8bit") && !iequals(value, "7bit"))
      return bad("a Content-Transfer-Encoding");
    if (!iequals(field, "content-disposition")) continue;
    part.name = parameter(value, "name");
    part.file_name = parameter(value, "filename");
    if (const auto extended = parameter(value, "filename*")) {
      part.file_name = decode_extended(*extended);
      if (!part.file_name) return bad("a bad filename*");
    }
  }
  return part;
}

Status add_part(Form& form, std::string_view part) {
  const auto head_end = part.substr(0, kMaxPartHead).find("\r\n\r\n");
  if (head_end == std::string_view::npos) return bad("a part without a head, or a too large one");
  TOLLGATE_TRY(head, parse_head(part.substr(0, head_end)));
  const std::string_view content = part.substr(head_end + 4);
  if (!head.name || head.name->empty()) return bad("a part without a name");
  const std::string_view name = form.text.copy(*head.name);
  if (!head.file_name) {
    form.fields.push_back({.name = name, .value = content});
    return {};
  }
  if (head.file_name->empty()) return {};
  const std::string_view file_name = base_name(*head.file_name);
  if (!is_file_name(file_name)) return bad("a bad file name");
  form.files.push_back({.name = name,
                        .file_name = form.text.copy(file_name),
                        .content_type = head.content_type,
                        .content = content});
  return {};
}

struct Delimiter {
  std::size_t begin;
  std::size_t end;  // behind its line
  bool last;
};

// RFC 2046 5.1.1: behind the boundary stands "--", or a line's end, with padding that some
// transport may have added. Anything else is content: what has a longer boundary inside, say.
std::optional<Delimiter> delimiter_at(std::string_view body, std::size_t begin, std::size_t end) {
  const std::string_view rest = body.substr(end);
  if (rest.starts_with("--")) return Delimiter{.begin = begin, .end = end + 2, .last = true};
  const auto padding = std::min(rest.find_first_not_of(" \t"), rest.size());
  if (!rest.substr(padding).starts_with("\r\n")) return std::nullopt;
  return Delimiter{.begin = begin, .end = end + padding + 2, .last = false};
}

std::optional<Delimiter> find_delimiter(std::string_view body, std::string_view text) {
  for (auto at = body.find(text); at != std::string_view::npos; at = body.find(text, at + 1))
    if (const auto found = delimiter_at(body, at, at + text.size())) return found;
  return std::nullopt;
}

// It may stand at the very beginning, without its CRLF.
std::optional<Delimiter> find_first(std::string_view body, std::string_view text) {
  const std::string_view bare = text.substr(2);
  if (body.starts_with(bare))
    if (const auto found = delimiter_at(body, 0, bare.size())) return found;
  return find_delimiter(body, text);
}

}  // namespace

Result<Form> parse_multipart(std::string_view content_type, std::string_view body) {
  const std::string boundary = parameter(content_type, "boundary").value_or("");
  if (boundary.empty() || boundary.size() > kMaxBoundary) return bad("Invalid boundary");
  const std::string delimiter = "\r\n--" + boundary;
  Form form;
  auto found = find_first(body, delimiter);
  if (!found) return form;
  for (std::size_t parts = 0; !found->last; ++parts) {
    if (parts == kMaxParts) return bad("too many parts");
    body.remove_prefix(found->end);
    found = find_delimiter(body, delimiter);
    if (!found) return bad("the last delimiter is missing");
    TOLLGATE_CHECK(add_part(form, body.substr(0, found->begin)));
  }
  return form;
}

}  // namespace tollgate::http
