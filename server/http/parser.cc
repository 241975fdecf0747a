// SPDX-License-Identifier: Apache-2.0
#include "server/http/parser.h"

#include <llhttp.h>

#include <algorithm>
#include <cassert>

#include "server/base/text.h"
#include "server/http/target.h"

namespace tollgate::http {

// The loose parser, llhttp's default, accepts what smugglers send (reference/http.md 1).
static_assert(LLHTTP_STRICT_MODE == 1);

namespace {
// Chunk extensions, trailers, and zeros before a chunk's size are read and thrown
// away; a client that sends more of each than this is up to no good (CVE-2024-22019).
constexpr uint64_t kMaxOverhead = 8192;
constexpr Limits kTrailerLimits{.field_size = kMaxOverhead, .head = kMaxOverhead};
}  // namespace

struct Parser::Llhttp {
  llhttp_t parser;
  bool head_end = false;
  bool last_chunk = false;
  bool message_end = false;
  RequestBody::Fault body_fault = RequestBody::Fault::None;
};

struct Parser::Callbacks {
  static Parser& self(llhttp_t* parser) { return *static_cast<Parser*>(parser->data); }

  static int on_url(llhttp_t* parser, const char* at, size_t length) {
    Exchange& exchange = *self(parser).exchange_;
    exchange.request.target = exchange.arena.extend(exchange.request.target, {at, length});
    return 0;
  }

  // Trailers come through the same callbacks as fields; they are not fields
  // (an Authorization or Host in a trailer must never count).
  static bool in_trailer(llhttp_t* parser) { return self(parser).phase_ != Phase::Head; }

  static int on_header_field(llhttp_t* parser, const char* at, size_t length) {
    if (in_trailer(parser)) return 0;
    Exchange& exchange = *self(parser).exchange_;
    auto& fields = exchange.request.fields;
    if (fields.empty() || self(parser).field_value_begun_) fields.push_back({});
    self(parser).field_value_begun_ = false;
    fields.back().name = exchange.arena.extend(fields.back().name, {at, length});
    return 0;
  }
  static int on_header_value(llhttp_t* parser, const char* at, size_t length) {
    if (in_trailer(parser)) return 0;
    Exchange& exchange = *self(parser).exchange_;
    self(parser).field_value_begun_ = true;
    FieldView& field = exchange.request.fields.back();
    field.value = exchange.arena.extend(field.value, {at, length});
    return 0;
  }
  static int on_header_value_complete(llhttp_t* parser) {
    if (in_trailer(parser)) return 0;
    FieldView& field = self(parser).exchange_->request.fields.back();
    self(parser).field_value_begun_ = true;
    field.value = trim(field.value);
    return 0;
  }

  static int on_headers_complete(llhttp_t* parser) {
    // We upgrade to nothing: the request is answered as if it had not asked
    // (RFC 9110 7.8), and its body stays a body.
    parser->upgrade = 0;
    self(parser).llhttp_->head_end = true;
    return HPE_PAUSED;
  }
  static int on_chunk_extension(llhttp_t* parser, const char*, size_t length) {
    self(parser).extensions_ += length;
    return self(parser).extensions_ > kMaxOverhead ? HPE_USER : 0;
  }
  static int on_chunk_header(llhttp_t* parser) {
    if (parser->content_length != 0) return 0;
    self(parser).llhttp_->last_chunk = true;
    return HPE_PAUSED;
  }
  static int on_body(llhttp_t* parser, const char* at, size_t length) {
    Parser& me = self(parser);
    const uint64_t begin = me.wire_ + static_cast<uint64_t>(at - me.piece_);
    if (begin - me.body_end_ > kMaxOverhead) return HPE_USER;
    me.body_end_ = begin + length;
    me.llhttp_->body_fault = me.exchange_->request.body.append({at, length});
    return me.llhttp_->body_fault == RequestBody::Fault::None ? 0 : HPE_USER;
  }
  static int on_message_complete(llhttp_t* parser) {
    self(parser).llhttp_->message_end = true;
    return HPE_PAUSED;
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
      settings.on_chunk_extension_name = on_chunk_extension;
      settings.on_chunk_extension_value = on_chunk_extension;
      settings.on_chunk_header = on_chunk_header;
      settings.on_body = on_body;
      settings.on_message_complete = on_message_complete;
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

void Parser::start(Exchange& exchange) {
  assert(phase_ == Phase::Head);
  exchange_ = &exchange;
  exchange.request.body.begin(
      {.limit = limits_.body, .buffer = limits_.body_buffer, .temp_dir = limits_.body_temp_dir});
  head_scanner_.reset();
  field_value_begun_ = false;
  extensions_ = wire_ = body_end_ = 0;
}

Parser::Step Parser::feed(std::string_view bytes) {
  assert(exchange_ != nullptr);
  switch (phase_) {
    case Phase::Head:
      return feed_head(bytes);
    case Phase::Body:
      return feed_body(bytes);
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

Parser::Step Parser::feed_head(std::string_view bytes) {
  Step step{Outcome::HeadEnd, 0};
  const std::string_view head = collect(head_scanner_, bytes, step);
  if (head.empty()) return step;
  std::size_t read = 0;
  if (!execute(head, read)) return {Outcome::Failed, 0};
  // The scanner and llhttp must find the end of the head in the same place.
  if (!llhttp_->head_end || read != head.size())
    return refuse(400, "the head cannot be read in one way only");
  llhttp_->head_end = false;
  partial_ = std::string();
  if (!check_head()) return {Outcome::Failed, 0};
  phase_ = Phase::Body;
  return step;
}

Parser::Step Parser::feed_body(std::string_view bytes) {
  std::size_t consumed = 0;
  piece_ = bytes.data();
  if (!execute(bytes, consumed)) return {Outcome::Failed, consumed};
  wire_ += consumed;
  if (llhttp_->message_end) return end_message(consumed);
  if (wire_ - body_end_ > kMaxOverhead) return refuse(431, "too much between two chunks");
  if (!llhttp_->last_chunk) return {Outcome::NeedMore, consumed};
  llhttp_->last_chunk = false;
  phase_ = Phase::Trailers;
  trailer_scanner_.reset_to_fields();
  Step step = feed_trailers(bytes.substr(consumed));
  step.consumed += consumed;
  return step;
}

Parser::Step Parser::feed_trailers(std::string_view bytes) {
  Step step{Outcome::MessageEnd, 0};
  const std::string_view trailers = collect(trailer_scanner_, bytes, step);
  if (trailers.empty()) return step;
  std::size_t read = 0;
  if (!execute(trailers, read)) return {Outcome::Failed, 0};
  if (!llhttp_->message_end || read != trailers.size())
    return refuse(400, "the trailers cannot be read in one way only");
  partial_ = std::string();
  return end_message(step.consumed);
}

Parser::Step Parser::end_message(std::size_t consumed) {
  llhttp_->message_end = false;
  if (const auto fault = exchange_->request.body.finish(); fault != RequestBody::Fault::None)
    return refuse_body(fault);
  // A trailer too may have said "close" to llhttp.
  keep_alive_ = keep_alive_ && llhttp_should_keep_alive(&llhttp_->parser) != 0;
  phase_ = Phase::Head;
  exchange_ = nullptr;
  return {Outcome::MessageEnd, consumed};
}

// False: refused. Pauses are ours: they mark the ends of head and message.
bool Parser::execute(std::string_view bytes, std::size_t& consumed) {
  llhttp_t* const parser = &llhttp_->parser;
  const llhttp_errno_t error = llhttp_execute(parser, bytes.data(), bytes.size());
  consumed = bytes.size();
  if (error == HPE_OK) return true;
  if (error == HPE_PAUSED) {
    consumed = static_cast<std::size_t>(llhttp_get_error_pos(parser) - bytes.data());
    llhttp_resume(parser);
    return true;
  }
  if (error == HPE_INVALID_METHOD) {
    refuse(501, "the method is not known");
  } else if (error == HPE_USER) {
    if (llhttp_->body_fault != RequestBody::Fault::None)
      refuse_body(llhttp_->body_fault);
    else
      refuse(431, "too much between two chunks");
  } else {
    const char* const why = llhttp_get_error_reason(parser);
    refuse(400, why != nullptr ? why : "the request cannot be read");
  }
  return false;
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
  if (!check_framing() || !check_target()) return false;

  keep_alive_ = llhttp_should_keep_alive(&parser) != 0;
  for (const FieldView& field : request.fields) {
    // Whoever turns names into variables, as CGI does, takes this for the hyphenated one.
    if (iequals(field.name, "content_length") || iequals(field.name, "transfer_encoding"))
      return refused(400, "a framing field spelt with an underscore");
    // llhttp does not see a "close" that a tab follows.
    if (iequals(field.name, "connection") && list_contains(field.value, "close"))
      keep_alive_ = false;
  }
  const auto expect = find_field(request.fields, "expect");
  if (expect && !iequals(*expect, "100-continue"))
    return refused(417, "an expectation that cannot be met");
  return true;
}

// RFC 9112 6.1 and 6.3: one way to find the end of the body, or none.
bool Parser::check_framing() {
  RequestParts& request = exchange_->request;
  const std::size_t codings = count_fields(request.fields, "transfer-encoding");
  const std::size_t lengths = count_fields(request.fields, "content-length");
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

bool Parser::check_target() {
  RequestParts& request = exchange_->request;
  // RFC 9112 3.2: exactly one valid Host; HTTP/1.0 may leave it out.
  const auto is_host_field = [](const FieldView& field) { return iequals(field.name, "host"); };
  const std::size_t hosts = count_fields(request.fields, "host");
  if (hosts > 1 || (hosts == 0 && request.version_minor == 1))
    return refused(400, hosts > 1 ? "more than one Host" : "no Host");
  if (hosts == 1 && !is_host(*find_field(request.fields, "host")))
    return refused(400, "a bad Host");

  const auto target = parse_target(request.method, request.target, exchange_->arena);
  if (!target) return refused(400, target.error().message);
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

// RFC 9110 10.1.1: in HTTP/1.0 it is ignored.
bool Parser::expects_continue() const {
  return exchange_->request.version_minor == 1 && find_field(exchange_->request.fields, "expect");
}

Parser::Step Parser::refuse(int status, std::string_view reason, std::size_t consumed) {
  phase_ = Phase::Failed;
  status_ = status;
  reason_ = reason;
  return {Outcome::Failed, consumed};
}

}  // namespace tollgate::http
