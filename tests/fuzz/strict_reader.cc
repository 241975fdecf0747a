// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/strict_reader.h"

#include <cstring>
#include <optional>

namespace tollgate::fuzz {
namespace {

struct Incomplete {};  // thrown: the input ends before the message does
struct Refused {
  const char* why;
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_alpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_tchar(char c) {
  return is_digit(c) || is_alpha(c) || (c != '\0' && std::strchr("!#$%&'*+-.^_`|~", c) != nullptr);
}
bool is_visible(char c) { return c > ' ' && c < '\x7f'; }
// field-vchar, SP and HTAB (RFC 9110 5.5).
bool is_text(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte == '\t' || (byte >= ' ' && byte != 0x7f);
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

std::string_view without_ows(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  Message message() {
    while (bytes_.substr(at_, 2) == "\r\n") at_ += 2;  // RFC 9112 2.2
    Message message;
    request_line(message);
    message.fields = fields();
    name_host(message);
    frame(message);
    message.keep_alive = lives(message);
    message.end = at_;
    return message;
  }
  bool at_end() const { return at_ == bytes_.size(); }

 private:
  char next() {
    if (at_end()) throw Incomplete{};
    return bytes_[at_++];
  }
  void expect(std::string_view literal) {
    for (const char c : literal)
      if (next() != c) throw Refused{"something else was expected"};
  }
  char peek() const {
    if (at_end()) throw Incomplete{};
    return bytes_[at_];
  }
  std::string run(bool (*belongs)(char)) {
    const std::size_t begin = at_;
    while (belongs(peek())) ++at_;
    if (at_ == begin) throw Refused{"nothing where something must be"};
    return std::string(bytes_.substr(begin, at_ - begin));
  }

  // RFC 9112 3: method SP request-target SP HTTP-version CRLF
  void request_line(Message& message) {
    message.method = run(is_tchar);
    expect(" ");
    message.target = run(is_visible);
    expect(" HTTP/1.");
    const char minor = next();
    if (!is_digit(minor)) throw Refused{"not HTTP/1"};
    message.version_minor = minor == '0' ? 0 : 1;  // RFC 9110 2.5
    expect("\r\n");
  }

  // RFC 9112 5: *( field-name ":" OWS field-value OWS CRLF ) CRLF
  std::vector<std::pair<std::string, std::string>> fields() {
    std::vector<std::pair<std::string, std::string>> found;
    while (peek() != '\r') {
      std::string name = run(is_tchar);
      expect(":");
      const std::size_t begin = at_;
      while (is_text(peek())) ++at_;
      found.emplace_back(std::move(name),
                         std::string(without_ows(bytes_.substr(begin, at_ - begin))));
      expect("\r\n");
    }
    expect("\r\n");
    return found;
  }

  // The one value of that field; refused where there are more.
  static std::optional<std::string> only(const Message& message, std::string_view name) {
    std::optional<std::string> value;
    for (const auto& [key, text] : message.fields) {
      if (lower(key) != name) continue;
      if (value) throw Refused{"a framing field or Host twice"};
      value = text;
    }
    return value;
  }

  // RFC 9112 3.2: one Host, which gives way to that of an absolute-form target (3.2.2).
  static void name_host(Message& message) {
    const bool named = only(message, "host").has_value();
    if (!named && message.version_minor == 1) throw Refused{"no Host"};
    const std::size_t scheme = message.target.find("://");
    if (message.target.front() == '/' || scheme == std::string::npos) return;
    const std::string rest = message.target.substr(scheme + 3);
    if (!named) message.fields.emplace_back("Host", "");
    for (auto& [name, value] : message.fields)
      if (lower(name) == "host") value = rest.substr(0, rest.find_first_of("/?#"));
  }

  // RFC 9112 6.3
  void frame(Message& message) {
    const auto coding = only(message, "transfer-encoding");
    const auto length = only(message, "content-length");
    if (coding) {
      if (length || lower(*coding) != "chunked" || message.version_minor == 0)
        throw Refused{"a framing that is not one"};
      message.chunked = true;
      return chunks(message.body);
    }
    if (!length) return;
    if (length->empty()) throw Refused{"an empty length"};
    uint64_t size = 0;
    for (const char c : *length) {
      if (!is_digit(c)) throw Refused{"a length that is no number"};
      size = more(size, 10, c - '0');
    }
    take(size, message.body);
  }

  static uint64_t more(uint64_t size, unsigned base, int digit) {
    const __uint128_t value = __uint128_t{size} * base + static_cast<unsigned>(digit);
    if (value > UINT64_MAX) throw Refused{"a size of more than 64 bits"};
    return static_cast<uint64_t>(value);
  }

  void take(uint64_t size, std::string& body) {
    if (size > bytes_.size() - at_) throw Incomplete{};
    body += bytes_.substr(at_, size);
    at_ += size;
  }

  // RFC 9112 7.1
  void chunks(std::string& body) {
    for (;;) {
      const uint64_t size = chunk_size();
      extensions();
      expect("\r\n");
      if (size == 0) break;
      take(size, body);
      expect("\r\n");
    }
    fields();
  }
  // *( BWS ";" BWS chunk-ext-name [ BWS "=" BWS chunk-ext-val ] )
  void extensions() {
    while (peek() != '\r') {
      blanks();
      expect(";");
      blanks();
      run(is_tchar);
      const std::size_t after_name = at_;
      blanks();
      if (peek() != '=') {
        at_ = after_name;
        continue;
      }
      expect("=");
      blanks();
      if (peek() == '"')
        quoted();
      else
        run(is_tchar);
    }
  }
  void blanks() {
    while (peek() == ' ' || peek() == '\t') ++at_;
  }
  void quoted() {
    expect("\"");
    while (peek() != '"') {
      if (peek() == '\\') ++at_;
      if (!is_text(next())) throw Refused{"a control in quotes"};
    }
    expect("\"");
  }
  uint64_t chunk_size() {
    const auto is_hex = [](char c) {
      return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    };
    uint64_t size = 0;
    for (const char c : lower(run(is_hex)))
      size = more(size, 16, is_digit(c) ? c - '0' : c - 'a' + 10);
    return size;
  }

  // RFC 9112 9.3
  static bool lives(const Message& message) {
    bool close = false;
    bool keep = false;
    for (const auto& [name, value] : message.fields) {
      if (lower(name) != "connection") continue;
      for (std::string_view rest = value;;) {
        const auto comma = rest.find(',');
        const std::string option = lower(without_ows(rest.substr(0, comma)));
        close |= option == "close";
        keep |= option == "keep-alive";
        if (comma == std::string_view::npos) break;
        rest.remove_prefix(comma + 1);
      }
    }
    return !close && (keep || message.version_minor == 1);
  }

  const std::string_view bytes_;
  std::size_t at_ = 0;
};

}  // namespace

Reading read_strictly(std::string_view bytes) {
  Reading reading;
  Reader reader(bytes);
  try {
    while (!reader.at_end()) {
      reading.messages.push_back(reader.message());
      if (reading.messages.back().keep_alive) continue;
      reading.end = Reading::End::Closed;
      break;
    }
  } catch (const Incomplete&) {
    reading.end = Reading::End::Incomplete;
  } catch (const Refused& refused) {
    reading.end = Reading::End::Refused;
    reading.reason = refused.why;
  }
  return reading;
}

}  // namespace tollgate::fuzz
