// What is said of a route when it is defined.
// SPDX-License-Identifier: Apache-2.0
#include "app/api/application_impl.h"
#include "server/http/limits.h"

namespace tollgate {

Route& Route::require(Permission permission) {
  definition_.permission = std::move(permission);
  definition_.for_anyone = false;
  return *this;
}

Route& Route::allow_anyone() {
  definition_.permission = auth::allow_anyone();
  definition_.for_anyone = true;
  return *this;
}

Route& Route::lenient_authentication() {
  definition_.lenient = true;
  return *this;
}

Route& Route::authenticate_with(Authenticators authenticators) {
  definition_.authenticators = std::move(authenticators);
  return *this;
}

Route& Route::without_authentication() { return authenticate_with({}).allow_anyone(); }

Route& Route::throttle(std::vector<Throttle> throttles) {
  definition_.steps.throttles = std::move(throttles);
  return *this;
}

Route& Route::json_only() {
  definition_.steps.json_only = true;
  return *this;
}

Route& Route::blocking() {
  definition_.runs_on = http::RunsOn::Threads;
  return *this;
}

Route& Route::hashes_passwords() {
  definition_.runs_on = http::RunsOn::Passwords;
  return *this;
}

Route& Route::body_limit(Bytes limit) {
  definition_.body_limit = http::limit_of(limit.count);
  return *this;
}

Route& Route::cors(Cors policy) {
  definition_.steps.cors = std::move(policy);
  return *this;
}

Route& Route::security_headers(SecurityHeaders headers) {
  definition_.steps.security_headers = std::move(headers);
  return *this;
}

Route& Route::compress(bool on) {
  definition_.steps.compress = on;
  return *this;
}

Route& Route::etag(bool on) {
  definition_.steps.etag = on;
  return *this;
}

Route& Route::rate_limit(std::string rate, RateOptions options) {
  definition_.steps.rate_limits.push_back({std::move(rate), std::move(options)});
  return *this;
}

Route& Route::gate_step(http::GateStep step) {
  definition_.steps.gate_steps.push_back(std::move(step));
  return *this;
}

Route& Route::finisher(http::Finisher finisher) {
  definition_.steps.finishers.push_back(std::move(finisher));
  return *this;
}

}  // namespace tollgate
