// SPDX-License-Identifier: Apache-2.0
#include "server/worker/request_log.h"

#include <unistd.h>

#include "server/base/text.h"

namespace tollgate::worker {

RequestLog::RequestLog(log::Output output, log::AccessFormat format, const Clock& clock)
    : log_(std::move(output), std::move(format)), clock_(clock), pid_(getpid()) {}

Result<std::unique_ptr<RequestLog>> RequestLog::open(const Config& config, const Clock& clock,
                                                     UniqueFd file) {
  TOLLGATE_TRY(format, log::AccessFormat::compile(config.access_log_format));
  if (file.valid())
    return std::unique_ptr<RequestLog>(new RequestLog(
        log::Output::adopt(std::move(file), config.accesslog), std::move(format), clock));
  TOLLGATE_TRY(output, log::Output::open(config.accesslog, STDOUT_FILENO));
  return std::unique_ptr<RequestLog>(new RequestLog(std::move(output), std::move(format), clock));
}

void RequestLog::append(const http::Exchange& exchange, const http::Answer& answer) {
  const http::RequestParts& request = exchange.request;
  const auto request_field = [&](std::string_view name) {
    return http::find_field(request.fields, name).value_or("");
  };
  const auto response_field = [&](std::string_view name) -> std::string_view {
    for (const http::Field& field : answer.fields)
      if (iequals(field.name, name)) return field.value;
    return {};
  };
  log_.append({.time = clock_.wall(),
               .remote_address = request.remote_address,
               .user = request.identity.name,
               .method = request.method_text,
               .target = request.target,
               .path = request.path,
               .query = request.query,
               .protocol = request.version_minor == 0 ? "HTTP/1.0" : "HTTP/1.1",
               .status = answer.status,
               .bytes = answer.body_bytes,
               .duration = std::chrono::duration_cast<std::chrono::microseconds>(answer.duration),
               .request_field = request_field,
               .response_field = response_field,
               .pid = pid_});
}

void RequestLog::flush_if_due(SteadyTime now) {
  if (now - flushed_ < std::chrono::seconds(1)) return;
  flushed_ = now;
  log_.flush();
}

}  // namespace tollgate::worker
