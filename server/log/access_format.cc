// SPDX-License-Identifier: Apache-2.0
#include "server/log/access_format.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <optional>

#include "server/base/text.h"
#include "server/log/escape.h"

namespace tollgate::log {

enum class AccessFormat::Kind : uint8_t {
  Literal,
  Address,
  User,
  Time,
  RequestLine,
  Method,
  Target,
  Path,
  Query,
  Protocol,
  Status,
  Bytes,
  BytesOrDash,
  Seconds,
  Milliseconds,
  Microseconds,
  DecimalSeconds,
  Pid,
  RequestField,
  ResponseField,
};

namespace {

using Kind = AccessFormat::Kind;
using Piece = AccessFormat::Piece;

struct Atom {
  std::string_view name;
  Kind kind;
  std::string_view text = {};
};
constexpr Atom kAtoms[] = {
    {"h", Kind::Address},
    {"l", Kind::Literal, "-"},
    {"u", Kind::User},
    {"t", Kind::Time},
    {"r", Kind::RequestLine},
    {"m", Kind::Method},
    {"U", Kind::Path},
    {"q", Kind::Query},
    {"H", Kind::Protocol},
    {"s", Kind::Status},
    {"B", Kind::Bytes},
    {"b", Kind::BytesOrDash},
    {"f", Kind::RequestField, "referer"},
    {"a", Kind::RequestField, "user-agent"},
    {"T", Kind::Seconds},
    {"M", Kind::Milliseconds},
    {"D", Kind::Microseconds},
    {"L", Kind::DecimalSeconds},
    {"p", Kind::Pid},
};
// Gunicorn looks {name}e up in the WSGI environment; these are what we have of it.
constexpr Atom kCgiVariables[] = {
    {"REMOTE_ADDR", Kind::Address},
    {"REMOTE_USER", Kind::User},
    {"REQUEST_METHOD", Kind::Method},
    {"RAW_URI", Kind::Target},
    {"PATH_INFO", Kind::Path},
    {"QUERY_STRING", Kind::Query},
    {"SERVER_PROTOCOL", Kind::Protocol},
    {"CONTENT_TYPE", Kind::RequestField, "content-type"},
    {"CONTENT_LENGTH", Kind::RequestField, "content-length"},
};

template <std::size_t N>
std::optional<Piece> find(const Atom (&atoms)[N], std::string_view name) {
  const auto* atom = std::ranges::find(atoms, name, &Atom::name);
  if (atom == std::end(atoms)) return std::nullopt;
  return Piece{atom->kind, std::string(atom->text)};
}

std::optional<Piece> find_cgi_variable(std::string_view name) {
  constexpr std::string_view kField = "HTTP_";
  if (!name.starts_with(kField) || name.size() == kField.size()) return find(kCgiVariables, name);
  std::string field = to_lower(name.substr(kField.size()));
  std::ranges::replace(field, '_', '-');
  return Piece{Kind::RequestField, std::move(field)};
}

// What stands between the parentheses: "h" or "{name}i".
std::optional<Piece> find_atom(std::string_view atom) {
  const auto brace = atom.rfind('}');
  if (!atom.starts_with('{') || brace == std::string_view::npos) return find(kAtoms, atom);
  const std::string_view name = atom.substr(1, brace - 1);
  const std::string_view kind = atom.substr(brace + 1);
  if (name.empty()) return std::nullopt;
  if (kind == "i") return Piece{Kind::RequestField, to_lower(name)};
  if (kind == "o") return Piece{Kind::ResponseField, to_lower(name)};
  if (kind == "e") return find_cgi_variable(name);
  return std::nullopt;
}

tl::unexpected<Error> bad_format(std::size_t offset, const std::string& what) {
  return fail(Errc::InvalidArgument, "position " + std::to_string(offset + 1) + ": " + what);
}

// The piece that begins with the '%' at `at`, which is moved behind it.
Result<Piece> compile_piece(std::string_view format, std::size_t& at) {
  const std::size_t start = at;
  const std::string_view rest = format.substr(start + 1);
  if (rest.starts_with('%')) {
    at += 2;
    return Piece{Kind::Literal, "%"};
  }
  const auto end = rest.find(')');
  if (!rest.starts_with('(') || end == std::string_view::npos)
    return bad_format(start, "% begins an atom like %(h)s; write %% for a percent sign");
  const std::string_view atom = rest.substr(1, end - 1);
  const std::string_view conversion = rest.substr(end + 1, 1);
  if (conversion != "s" && conversion != "d")
    return bad_format(start, "%(" + std::string(atom) + ") has to be followed by s");
  auto piece = find_atom(atom);
  if (!piece) return bad_format(start, "unknown atom %(" + std::string(atom) + ")s");
  at += 1 + end + 2;
  return std::move(*piece);
}

void add(std::vector<Piece>& pieces, Piece piece) {
  const bool joins =
      piece.kind == Kind::Literal && !pieces.empty() && pieces.back().kind == Kind::Literal;
  if (joins)
    pieces.back().text += piece.text;
  else
    pieces.push_back(std::move(piece));
}

void append_number(std::string& out, uint64_t number) {
  std::array<char, 20> digits;  // NOLINT(cppcoreguidelines-pro-type-member-init)
  const auto end = std::to_chars(digits.begin(), digits.end(), number).ptr;
  out.append(digits.data(), end);
}

// Six digits, with leading zeros.
void append_fraction(std::string& out, uint64_t micros) {
  std::array<char, 6> digits;  // NOLINT(cppcoreguidelines-pro-type-member-init)
  for (std::size_t i = digits.size(); i-- > 0; micros /= 10)
    digits[i] = static_cast<char>('0' + micros % 10);
  out.append(digits.data(), digits.size());
}

void append_or_dash(std::string& out, std::string_view text) {
  if (text.empty())
    out += '-';
  else
    append_escaped(out, text);
}

void append_request_line(std::string& out, const AccessRecord& record) {
  if (record.method.empty()) {
    out += '-';
    return;
  }
  append_escaped(out, record.method);
  out += ' ';
  append_escaped(out, record.target);
  out += ' ';
  append_escaped(out, record.protocol);
}

void append_duration(std::string& out, Kind kind, std::chrono::microseconds duration) {
  const auto micros = static_cast<uint64_t>(std::max<int64_t>(duration.count(), 0));
  if (kind == Kind::Microseconds) return append_number(out, micros);
  if (kind == Kind::Milliseconds) return append_number(out, micros / 1000);
  append_number(out, micros / 1'000'000);
  if (kind == Kind::Seconds) return;
  out += '.';
  append_fraction(out, micros % 1'000'000);
}

}  // namespace

Result<AccessFormat> AccessFormat::compile(std::string_view format) {
  std::vector<Piece> pieces;
  for (std::size_t at = 0; at < format.size();) {
    const char c = format[at];
    if (c == '\n' || c == '\r' || c == '\0')
      return bad_format(at, "a record is one line; this would end it");
    if (c == '%') {
      TOLLGATE_TRY(piece, compile_piece(format, at));
      add(pieces, std::move(piece));
    } else {
      add(pieces, {Kind::Literal, std::string(1, c)});
      ++at;
    }
  }
  return AccessFormat(std::move(pieces));
}

void AccessFormat::append(std::string& out, const AccessRecord& record,
                          Timestamp& timestamp) const {
  for (const Piece& piece : pieces_) {
    switch (piece.kind) {
      case Kind::Literal:
        out += piece.text;
        break;
      case Kind::Address:
        append_or_dash(out, record.remote_address);
        break;
      case Kind::User:
        append_or_dash(out, record.user);
        break;
      case Kind::Time:
        out.append(1, '[').append(timestamp.at(record.time)).append(1, ']');
        break;
      case Kind::RequestLine:
        append_request_line(out, record);
        break;
      case Kind::Method:
        append_or_dash(out, record.method);
        break;
      case Kind::Target:
        append_or_dash(out, record.target);
        break;
      case Kind::Path:
        append_or_dash(out, record.path);
        break;
      case Kind::Query:
        append_escaped(out, record.query);  // "" for none, so that %(U)s?%(q)s stays an address
        break;
      case Kind::Protocol:
        append_or_dash(out, record.protocol);
        break;
      case Kind::Status:
        append_number(out, static_cast<uint64_t>(std::max(record.status, 0)));
        break;
      case Kind::BytesOrDash:
        if (record.bytes == 0) {
          out += '-';
          break;
        }
        [[fallthrough]];
      case Kind::Bytes:
        append_number(out, record.bytes);
        break;
      case Kind::Seconds:
      case Kind::Milliseconds:
      case Kind::Microseconds:
      case Kind::DecimalSeconds:
        append_duration(out, piece.kind, record.duration);
        break;
      case Kind::Pid:
        out += '<';
        append_number(out, static_cast<uint64_t>(record.pid));
        out += '>';
        break;
      case Kind::RequestField:
        append_or_dash(out, record.request_field(piece.text));
        break;
      case Kind::ResponseField:
        append_or_dash(out, record.response_field(piece.text));
        break;
    }
  }
  out += '\n';
}

}  // namespace tollgate::log
