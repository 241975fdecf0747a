// Every setting of the server, with its default. Plain data: no parsing here.
//
// Names and defaults are Gunicorn's wherever Gunicorn has the setting. What
// each means, its flag and when it applies stand in options.cc: one row a field.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "server/base/units.h"

namespace tollgate {

// The type decides how the text of a setting is parsed and printed.
enum class LogLevel : uint8_t { Debug, Info, Warning, Error, Critical };
enum class Orphans : uint8_t { Exit, Drain };        // what workers do when the master has died
enum class Scheduling : uint8_t { Batch, Inherit };  // of a worker; see sched(7)
// simplejwt >= 5.5.1 writes "1", before it 1; Auto: as the version of `compat` does.
enum class UserIdType : uint8_t { Auto, String, Integer };
enum class Compat : uint8_t {
  Newest,
  V52
};  // whose answers tokens get: simplejwt's of 2026, or 5.2

// Permission bits, written in octal; nothing: as the system has them.
struct FileMode {
  std::optional<uint32_t> bits = {};
  bool operator==(const FileMode&) const = default;
};

struct Config {
  // Server socket
  std::vector<std::string> bind = {"127.0.0.1:8000"};
  uint32_t backlog = 2048;
  milliseconds defer_accept = 1s;  // of TCP; the kernel rounds it up; 0: at once
  FileMode socket_mode = {};
  std::string socket_owner = {};  // "user:group"; of Unix sockets, as socket_mode
  bool reuse_port = false;        // Gunicorn's; has no effect

  // Workers
  uint32_t workers = 0;  // 0: one per CPU that this process may use
  uint32_t threads = 1;
  uint32_t thread_queue = 64;
  uint32_t worker_connections = 4096;
  uint32_t max_requests = 0;  // 0: never
  uint32_t max_requests_jitter = 0;
  milliseconds max_worker_lifetime = 0s;  // 0: no end
  milliseconds max_worker_lifetime_jitter = 0s;
  Bytes max_worker_memory = {};  // 0: no limit
  milliseconds boot_timeout = 60s;
  milliseconds timeout = 30s;         // 0: a silent worker is never killed
  milliseconds request_timeout = 0s;  // 0: none
  milliseconds queue_timeout = 0s;    // 0: none
  milliseconds graceful_timeout = 30s;
  milliseconds shutdown_delay = 0s;
  milliseconds upgrade_probation = 5s;
  uint32_t quarantine_crashes = 3;  // 0: no route is ever quarantined
  milliseconds quarantine_window = 60s;
  milliseconds quarantine_time = 60s;
  Orphans orphans = Orphans::Exit;
  Scheduling worker_scheduling = Scheduling::Batch;

  // Connections
  milliseconds keepalive = 5s;
  uint32_t keepalive_requests = 10'000;  // 0: no limit
  milliseconds header_timeout = 10s;
  milliseconds body_timeout = 15s;
  milliseconds write_timeout = 30s;
  Bytes min_request_rate = 240_B;   // a second; 0: none
  Bytes min_response_rate = 240_B;  // a second; 0: none
  uint32_t client_connections = 0;  // of one address, in one worker; 0: no limit
  uint32_t limit_request_line = 8190;
  uint32_t limit_request_fields = 100;
  uint32_t limit_request_field_size = 8190;
  Bytes limit_request_head = 64_KiB;
  Bytes limit_request_body = 10_MiB;
  uint32_t limit_request_inflation = 100;  // bytes out of one; 0: compressed bodies are refused
  Bytes body_buffer = 64_KiB;
  std::string body_temp_dir = "/tmp";
  std::vector<std::string> allowed_hosts = {};        // empty: any
  std::vector<std::string> forwarded_allow_ips = {};  // empty: nobody is believed

  // Static files
  std::vector<std::string> static_files = {};  // "/url/=DIR"
  std::string static_cache_control = "no-cache";

  // Logging
  std::string errorlog = "-";  // "-": standard error
  LogLevel loglevel = LogLevel::Info;
  std::string accesslog = {};  // empty: off; "-": standard output
  std::string access_log_format = R"(%(h)s %(l)s %(u)s %(t)s "%(r)s" %(s)s %(b)s "%(f)s" "%(a)s")";

  // Process
  std::string pidfile = {};
  std::string control_socket = "auto";  // empty: none
  std::string user = {};                // a name or a number; empty: stay who we are
  std::string group = {};
  bool initgroups = false;
  FileMode umask = {};
  std::string chdir = {};
  bool daemon = false;
  std::vector<std::string> raw_env = {};  // "NAME=VALUE"
  std::string proc_name = {};
  bool core_dumps = false;

  // Authentication; names are simplejwt's
  std::string signing_key = {};  // a secret: from the file or TOLLGATE_SIGNING_KEY, never a flag
  std::string signing_key_file = {};
  std::string verifying_key = {};  // public, in PEM
  std::string verifying_key_file = {};
  std::string keys_file = {};
  std::string algorithm = "HS256";
  bool extra_algorithms = false;
  milliseconds access_token_lifetime = 5min;
  milliseconds refresh_token_lifetime = 24h;
  milliseconds leeway = 0s;
  UserIdType user_id_type = UserIdType::Auto;
  std::string user_id_claim = "user_id";
  std::string audience = {};  // empty: none is written, and none looked at
  std::string issuer = {};    // the same
  bool write_at_jwt = false;
  bool require_at_jwt = false;
  std::string jwks_endpoint = "/.well-known/jwks.json";  // empty: none
  bool rotate_refresh_tokens = false;
  bool token_blacklist = false;
  bool blacklist_after_rotation = false;
  bool update_last_login = false;
  bool check_user_is_active = true;
  bool check_revoke_token = false;
  std::string revoke_token_claim = "hash_password";
  milliseconds sliding_token_lifetime = 5min;
  milliseconds sliding_token_refresh_lifetime = 24h;
  std::string sliding_token_refresh_exp_claim = "refresh_exp";
  Compat compat = Compat::Newest;
  bool www_authenticate_error = false;
  uint32_t password_threads = 1;
  uint32_t password_queue = 32;

  // State
  std::string database = {};  // "sqlite:PATH"
};

}  // namespace tollgate
