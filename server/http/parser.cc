// SPDX-License-Identifier: Apache-2.0
#include "server/http/parser.h"

#include <llhttp.h>

#include <algorithm>
#include <cassert>
#include <utility>

#include "server/base/text.h"
#include "server/http/known_fields.h"
#include "server/http/target.h"

namespace tollgate::http {

// The loose parser, llhttp's default, accepts what smugglers send (reference/http.md 1).
static_assert(LLHTTP_STRICT_MODE == 1);

namespace {
// Trailers are read and thrown away; a client that sends more of them is up to no good.
constexpr uint64_t kMaxTrailers = 8192;
constexpr Limits kTrailerLimits{.field_size = kMaxTrailers, .head = kMaxTrailers};

// More empty lines before a request than any client sends (RFC 9112 2.2 asks for one).
constexpr unsigned kMaxEmptyLines = 2;

// Whether each line begins with a field's name; `section` ends in an empty line.
bool are_fields(std::string_view section) {
  while (section != "\r\n") {
    const auto colon = section.find(':');
    const auto end = section.find("\r\n");
    if (colon > end || !is_field_name(section.substr(0, colon))) return false;
    section.remove_prefix(end + 2);
  }
  return true;
}
}  // namespace

struct Parser::Llhttp {
  llhttp_t parser;
  bool head_end = false;
};

struct Parser::Callbacks {
  static Parser& self(llhttp_t* parser) { return *static_cast<Parser*>(parser->data); }

  // The head lies in one piece, so that what llhttp gives in two lies side by side.
  static void extend(std::string_view& part, const char* at, size_t length) {
    assert(part.empty() || part.data() + part.size() == at);
    const char* const begin = part.empty() ? at : part.data();
    part = {begin, static_cast<std::size_t>(at + length - begin)};
  }

  static int on_url(llhttp_t* parser, const char* at, size_t length) {
    extend(self(parser).exchange_->request.target, at, length);
    return 0;
  }

  static int on_header_field(llhttp_t* parser, const char* at, size_t length) {
    auto& fields = self(parser).exchange_->request.fields;
    if (fields.empty() || self(parser).field_value_begun_) fields.push_back({});
    self(parser).field_value_begun_ = false;
    extend(fields.back().name, at, length);
    return 0;
  }
  static int on_header_value(llhttp_t* parser, const char* at, size_t length) {
    self(parser).field_value_begun_ = true;
    extend(self(parser).exchange_->request.fields.back().value, at, length);
    return 0;
  }
  static int on_header_value_complete(llhttp_t* parser) {
    FieldView& field = self(parser).exchange_->request.fields.back();
    self(parser).field_value_begun_ = true;
    field.value = trim(field.value);
    return 0;
  }

  static int on_headers_complete(llhttp_t* parser) {
    self(parser).llhttp_->head_end = true;
    return HPE_PAUSED;  // and never resumed: it reads heads only
  }

  static const llhttp_settings_t* settings() {
    static const llhttp_settings_t kSettings = [] {
      llhttp_settings_t settings;
      llhttp_settings_init(&settings);
      settings.on_url = on_url;
      settings.on_header_field = on_header_field;
      settings.on_header_value = on_header_value;
      settings.on_header_value_complete = on_header_value_complete;
      settings.on_headers_complete = on_headers_complete;
      return settings;
    }();
    return &kSettings;
  }
};

Parser::Parser(const Limits& limits)
    : limits_(limits),
      llhttp_(std::make_unique<Llhttp>()),
      head_scanner_(limits),
      trailer_scanner_(kTrailerLimits) {
  llhttp_init(&llhttp_->parser, HTTP_REQUEST, Callbacks::settings());
  llhttp_->parser.data = this;
}

Parser::~Parser() = default;

std::size_t Parser::skip_empty_lines(std::string_view bytes) {
  std::size_t size = 0;
  while (size < bytes.size() && skipped_ < 2 * kMaxEmptyLines &&
         bytes[size] == (skipped_ % 2 == 0 ? '\r' : '\n')) {
    ++size;
    ++skipped_;
  }
  return size;
}

void Parser::start(Exchange& exchange) {
  assert(phase_ == Phase::Head);
  exchange_ = &exchange;
  exchange.request.body.begin(
      {.limit = limits_.body, .buffer = limits_.body_buffer, .temp_dir = limits_.body_temp_dir});
  head_scanner_.reset();
  llhttp_reset(&llhttp_->parser);
  field_value_begun_ = false;
  if (std::exchange(skipped_, 0) % 2 == 0) return;
  partial_ = "\r";  // what was skipped was half a line: the scanner is to see it
  head_scanner_.feed(partial_);
}

Parser::Step Parser::feed(std::string_view bytes) {
  assert(exchange_ != nullptr);
  switch (phase_) {
    case Phase::Head:
      return feed_head(bytes);
    case Phase::Body:
      return feed_body(bytes);
    case Phase::Chunks:
      return feed_chunks(bytes);
    case Phase::Trailers:
      return feed_trailers(bytes);
    case Phase::Failed:
      break;
  }
  return {Outcome::Failed, 0};
}

// The whole section, which ends in an empty line; empty, and `step` says why,
// where it is not all there or refused. The view lives until partial_ changes.
std::string_view Parser::collect(HeadScanner& scanner, std::string_view bytes, Step& step) {
  const HeadScanner::Verdict verdict = scanner.feed(bytes);
  switch (verdict.kind) {
    case HeadScanner::Verdict::Kind::Refused:
      step = refuse(verdict.status, verdict.reason);
      return {};
    case HeadScanner::Verdict::Kind::More:
      partial_ += bytes;
      step = {Outcome::NeedMore, bytes.size()};
      return {};
    case HeadScanner::Verdict::Kind::Complete:
      break;
  }
  step.consumed = verdict.consumed;
  const std::string_view last = bytes.substr(0, verdict.consumed);
  return partial_.empty() ? last : std::string_view(partial_.append(last));
}

// The answer to a HEAD has no body, whatever is wrong with it (RFC 9110 9.3.2).
void Parser::note_method(std::string_view bytes) {
  constexpr std::string_view kHead = "HEAD ";
  const std::size_t known = std::min(partial_.size(), kHead.size());
  if (known < kHead.size() && partial_ == kHead.substr(0, known) &&
      bytes.starts_with(kHead.substr(known)))
    exchange_->request.method = Method::Head;
}

Parser::Step Parser::feed_head(std::string_view bytes) {
  Step step{Outcome::HeadEnd, 0};
  note_method(bytes);
  const std::string_view head = collect(head_scanner_, bytes, step);
  if (head.empty()) return step;
  if (!read_head(exchange_->arena.copy(for_llhttp(head))) || !check_head())
    return {Outcome::Failed, 0};
  partial_ = std::string();
  left_ = exchange_->request.content_length.value_or(0);
  phase_ = Phase::Body;
  if (!exchange_->request.chunked) return step;
  chunks_.reset();
  phase_ = Phase::Chunks;
  return step;
}

Parser::Step Parser::feed_body(std::string_view bytes) {
  const auto size = static_cast<std::size_t>(std::min<uint64_t>(left_, bytes.size()));
  if (!exchange_->request.body.fits(left_)) return refuse_body(RequestBody::Fault::TooLarge);
  const auto fault = exchange_->request.body.append(bytes.substr(0, size));
  if (fault != RequestBody::Fault::None) return refuse_body(fault);
  left_ -= size;
  return left_ == 0 ? end_message(size) : Step{Outcome::NeedMore, size};
}

Parser::Step Parser::feed_chunks(std::string_view bytes) {
  using Kind = ChunkReader::Piece::Kind;
  RequestBody& body = exchange_->request.body;
  auto fault = RequestBody::Fault::None;
  std::size_t consumed = 0;
  while (consumed < bytes.size()) {
    const std::string_view rest = bytes.substr(consumed);
    const ChunkReader::Piece piece = chunks_.feed(rest);
    consumed += piece.consumed;
    switch (piece.kind) {
      case Kind::More:
        break;
      case Kind::Chunk:
        if (!body.fits(piece.size)) return refuse_body(RequestBody::Fault::TooLarge);
        break;
      case Kind::Data:
        fault = body.append(rest.substr(0, piece.consumed));
        if (fault != RequestBody::Fault::None) return refuse_body(fault);
        break;
      case Kind::Refused:
        return refuse(piece.status, piece.reason);
      case Kind::Last:
        phase_ = Phase::Trailers;
        trailer_scanner_.reset_to_fields();
        Step step = feed_trailers(bytes.substr(consumed));
        step.consumed += consumed;
        return step;
    }
  }
  return {Outcome::NeedMore, consumed};
}

// They are no fields of the request: an Authorization or Host in a trailer must never count, nor
// does a Connection there (RFC 9110 6.5.1).
Parser::Step Parser::feed_trailers(std::string_view bytes) {
  Step step{Outcome::MessageEnd, 0};
  const std::string_view trailers = collect(trailer_scanner_, bytes, step);
  if (trailers.empty()) return step;
  if (!are_fields(trailers)) return refuse(400, "a trailer that is not a field");
  partial_ = std::string();
  return end_message(step.consumed);
}

Parser::Step Parser::end_message(std::size_t consumed) {
  if (const auto fault = exchange_->request.body.finish(); fault != RequestBody::Fault::None)
    return refuse_body(fault);
  phase_ = Phase::Head;
  exchange_ = nullptr;
  return {Outcome::MessageEnd, consumed};
}

// llhttp knows two versions, and takes a tab that follows a value for a part of it; the head is
// complete, and correct in both. The view lives until partial_ changes.
std::string_view Parser::for_llhttp(std::string_view head) {
  const std::size_t version = head.find("\r\n") - 1;
  if (head[version] <= '1' && head.find('\t') == std::string_view::npos) return head;
  if (partial_.empty()) partial_ = head;
  if (partial_[version] > '1') partial_[version] = '1';
  for (auto end = partial_.find("\r\n"); end != std::string::npos;
       end = partial_.find("\r\n", end + 2))
    for (std::size_t i = end; i > 0 && (partial_[i - 1] == ' ' || partial_[i - 1] == '\t'); --i)
      partial_[i - 1] = ' ';
  return partial_;
}

// `head` lives as long as the exchange. False: refused.
bool Parser::read_head(std::string_view head) {
  llhttp_t* const parser = &llhttp_->parser;
  llhttp_->head_end = false;
  const llhttp_errno_t error = llhttp_execute(parser, head.data(), head.size());
  if (error == HPE_INVALID_METHOD) {
    if (!is_field_name(head.substr(0, head.find(' '))))
      return refused(400, "the method is not a token");
    return refused(501, "the method is not known");
  }
  if (error != HPE_OK && error != HPE_PAUSED) {
    const char* const why = llhttp_get_error_reason(parser);
    return refused(400, why != nullptr ? why : "the request cannot be read");
  }
  // The scanner and llhttp must find the end of the head in the same place.
  if (!llhttp_->head_end || llhttp_get_error_pos(parser) != head.data() + head.size())
    return refused(400, "the head cannot be read in one way only");
  return true;
}

// What llhttp leaves to its user (reference/http.md 1).
bool Parser::check_head() {
  RequestParts& request = exchange_->request;
  const llhttp_t& parser = llhttp_->parser;
  request.version_minor = parser.http_minor;
  request.method_text = llhttp_method_name(static_cast<llhttp_method_t>(parser.method));
  request.method = parse_method(request.method_text);
  // llhttp has given up reading after a CONNECT: what follows is not a message.
  if (request.method == Method::Connect) return refused(501, "CONNECT is not served");
  KnownFields known;
  for (const FieldView& field : request.fields) known.count(field.name);
  if (!check_framing(known.codings, known.lengths) || !check_target(known.host)) return false;
  // Whoever turns names into variables, as CGI does, takes this for the hyphenated one.
  if (known.underscored) return refused(400, "a framing field spelt with an underscore");

  keep_alive_ = llhttp_should_keep_alive(&parser) != 0;
  expects_continue_ = false;
  if (known.connection > 0) check_connection();
  return known.expect == 0 || check_expectations();
}

// llhttp does not see a "close" that a tab follows.
void Parser::check_connection() {
  for (const FieldView& field : exchange_->request.fields)
    if (iequals(field.name, "connection") && list_contains(field.value, "close"))
      keep_alive_ = false;
}

// RFC 9110 10.1.1: a list, of which all is to be met.
bool Parser::check_expectations() {
  for (const FieldView& field : exchange_->request.fields) {
    if (!iequals(field.name, "expect")) continue;
    for (const std::string_view item : split(field.value, ',')) {
      if (trim(item).empty()) continue;
      if (!iequals(trim(item), "100-continue"))
        return refused(417, "an expectation that cannot be met");
      expects_continue_ = exchange_->request.version_minor == 1;  // in HTTP/1.0 it is ignored
    }
  }
  return true;
}

// RFC 9112 6.1 and 6.3: one way to find the end of the body, or none.
bool Parser::check_framing(std::size_t codings, std::size_t lengths) {
  RequestParts& request = exchange_->request;
  if (codings > 0) {
    if (lengths > 0) return refused(400, "Content-Length beside Transfer-Encoding");
    if (codings > 1 || !iequals(*find_field(request.fields, "transfer-encoding"), "chunked"))
      return refused(400, "a Transfer-Encoding other than chunked");
    if (request.version_minor == 0) return refused(400, "Transfer-Encoding in HTTP/1.0");
    request.chunked = true;
  } else if (lengths > 0) {
    const auto length = parse_uint(*find_field(request.fields, "content-length"));
    if (lengths > 1 || !length) return refused(400, "a bad Content-Length");
    request.content_length = *length;
  }
  return true;
}

bool Parser::check_target(std::size_t hosts) {
  RequestParts& request = exchange_->request;
  // RFC 9112 3.2: exactly one valid Host; HTTP/1.0 may leave it out.
  const auto is_host_field = [](const FieldView& field) { return iequals(field.name, "host"); };
  if (hosts > 1 || (hosts == 0 && request.version_minor == 1))
    return refused(400, hosts > 1 ? "more than one Host" : "no Host");
  const auto target = parse_target(request.method, request.target, exchange_->arena);
  if (!target) return refused(400, target.error().message);
  const std::string_view host = hosts == 1 ? *find_field(request.fields, "host") : "";
  // It may be empty where the target says it all (RFC 9110 7.2).
  const bool may_be_empty = hosts == 0 || !target->authority.empty();
  if (!is_host(host) && !(host.empty() && may_be_empty)) return refused(400, "a bad Host");
  request.path = target->path;
  request.query = target->query;
  if (target->authority.empty()) return true;
  // RFC 9112 3.2.2: what the target says replaces what the field said.
  if (hosts == 0)
    request.fields.push_back({"Host", target->authority});
  else
    std::ranges::find_if(request.fields, is_host_field)->value = target->authority;
  return true;
}

Parser::Step Parser::refuse_body(RequestBody::Fault fault) {
  const BodyRefusal refusal = refusal_of(fault);
  return refuse(refusal.status, refusal.reason);
}

bool Parser::refused(int status, std::string_view reason) {
  refuse(status, reason);
  return false;
}

bool Parser::expects_body() const {
  return exchange_->request.chunked || exchange_->request.content_length.value_or(0) > 0;
}

bool Parser::keep_alive() const { return keep_alive_; }

bool Parser::expects_continue() const { return expects_continue_; }

Parser::Step Parser::refuse(int status, std::string_view reason) {
  phase_ = Phase::Failed;
  status_ = status;
  reason_ = reason;
  return {Outcome::Failed, 0};
}

}  // namespace tollgate::http
