// THE TABLE: a setting is one field of Config and one row here. How the text
// of a value is read and printed stands in option_values.cc.
// SPDX-License-Identifier: Apache-2.0
#include "server/config/options.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "server/base/text.h"
#include "server/config/auth_rows.h"
#include "server/config/option_rows.h"

namespace tollgate {
namespace {

using namespace rows;

constexpr std::string_view kSocket = "Server socket";
constexpr std::string_view kWorkers = "Workers";
constexpr std::string_view kConnections = "Connections";
constexpr std::string_view kStatic = "Static files";
constexpr std::string_view kLogging = "Logging";
constexpr std::string_view kProcess = "Process";

constexpr Option kServerRows[] = {
    {"bind", "-b,--bind", &Config::bind, kReload, "ADDRESS", kAny, kSocket,
     "Address to listen on. HOST:PORT, [V6]:PORT, :PORT, unix:PATH, fd://N or fd://NAME; the flag "
     "may be repeated. Port 0 lets the kernel choose. NAME is a FileDescriptorName of systemd's; "
     "where `bind` is not set, the server listens on all sockets that systemd passes."},
    {"backlog", "--backlog", &Config::backlog, kReload, "N", between(1, INT32_MAX), kSocket,
     "Connections that may wait in the kernel to be accepted. The kernel cuts it down to "
     "net.core.somaxconn."},
    {"defer_accept", "--defer-accept", &Config::defer_accept, kReload, "TIME", between(0ms, 1min),
     kSocket,
     "How long a TCP connection that says nothing is left to the kernel. One that brings its "
     "request costs a worker only one look then (tcp(7), TCP_DEFER_ACCEPT), and one that never "
     "speaks none for so long. The kernel rounds up to 1s, 3s, 7s, 15s, 31s or 63s, and gives "
     "those beyond `backlog` to a worker at once; client_connections and the metrics do not see "
     "who waits there, and a server that stops resets them. 0 accepts at once."},
    {"socket_mode", "--socket-mode", &Config::socket_mode, kRestart, "MODE", kAny, kSocket,
     "Permission bits of Unix sockets, in octal. Empty leaves them to the umask."},
    {"socket_owner", "--socket-owner", &Config::socket_owner, kRestart, "USER:GROUP", kAny, kSocket,
     "Owner of Unix sockets, as user:group, user or :group. Empty leaves them to whoever starts "
     "the server."},
    {"reuse_port", "--reuse-port", &Config::reuse_port, kReload, "true|false", kAny, kSocket,
     "Gunicorn's setting, taken with a warning and without effect. All workers share one socket, "
     "so that what is queued outlives any of them."},

    // The scoreboard has 512 slots, and a reload may have two generations alive.
    {"workers",
     "-w,--workers",
     &Config::workers,
     kReload,
     "N",
     {0, 256, "auto"},
     kWorkers,
     "Number of worker processes. 0 or \"auto\" means one per CPU that this process may use."},
    {"threads", "--threads", &Config::threads, kReload, "N", between(1, 256), kWorkers,
     "Threads of each worker for blocking handlers. Handlers that do not block run on the "
     "worker's loop and need none."},
    {"thread_queue", "--thread-queue", &Config::thread_queue, kReload, "N", between(1, 65536),
     kWorkers,
     "Requests of a worker that may wait for a thread. When the queue is full, a blocking "
     "route answers 503 with Retry-After."},
    {"worker_connections", "--worker-connections", &Config::worker_connections, kReload, "N",
     between(1, 1'000'000), kWorkers,
     "Connections that one worker holds open at most. What is above waits in the kernel's "
     "queue (see backlog)."},
    {"max_requests", "--max-requests", &Config::max_requests, kReload, "N", kAny, kWorkers,
     "Requests after which a worker is replaced. The replacement serves before the old worker "
     "leaves. 0 means never."},
    {"max_requests_jitter", "--max-requests-jitter", &Config::max_requests_jitter, kReload, "N",
     kAny, kWorkers,
     "Largest random addition to max_requests. Each worker draws its own, so that they are not "
     "all replaced at once. 0 means none."},
    {"max_worker_lifetime", "--max-worker-lifetime", &Config::max_worker_lifetime, kReload, "TIME",
     between(0ms, kTenYears), kWorkers,
     "Age at which a worker is replaced. The replacement serves before the old worker leaves. 0 "
     "means never."},
    {"max_worker_lifetime_jitter", "--max-worker-lifetime-jitter",
     &Config::max_worker_lifetime_jitter, kReload, "TIME", between(0ms, kTenYears), kWorkers,
     "Largest random addition to max_worker_lifetime. Each worker draws its own. 0 means none."},
    {"max_worker_memory", "--max-worker-memory", &Config::max_worker_memory, kReload, "SIZE", kAny,
     kWorkers,
     "Resident memory above which a worker is replaced, if it stays there for three samples, a "
     "second apart. 0 means never."},
    {"boot_timeout", "--boot-timeout", &Config::boot_timeout, kReload, "TIME", between(1ms, 1h),
     kWorkers,
     "How long a worker may take to become ready. Then it is killed, which counts as a failed "
     "start."},
    {"timeout", "-t,--timeout", &Config::timeout, kReload, "TIME", between(0ms, 24h), kWorkers,
     "How long a worker's loop may be silent before the worker is killed. It is not a limit on "
     "requests: a blocking handler does not silence the loop. 0 means never."},
    {"request_timeout", "--request-timeout", &Config::request_timeout, kReload, "TIME",
     between(0ms, 24h), kWorkers,
     "How long a complete request may wait for its response, where its handler runs on a thread. "
     "Then the client gets 504, and the thread counts as wedged until the handler returns; a "
     "worker with half of its threads wedged is replaced. 0 means no limit."},
    {"queue_timeout", "--queue-timeout", &Config::queue_timeout, kReload, "TIME", between(0ms, 1h),
     kWorkers,
     "How long a new connection's first request may have waited in the kernel. A request that "
     "waited longer is answered 503 with Retry-After. The kernel tells it for TCP and only as a "
     "lower bound. 0 means no limit."},
    {"graceful_timeout", "--graceful-timeout", &Config::graceful_timeout, kReload, "TIME",
     between(0ms, 24h), kWorkers,
     "How long a stopping worker may finish its requests. Then it is killed. 0 means at once."},
    {"shutdown_delay", "--shutdown-delay", &Config::shutdown_delay, kReload, "TIME",
     between(0ms, 1h), kWorkers,
     "How long a server that was told to stop goes on serving, no longer ready, before it drains. "
     "It gives load balancers the time to notice. 0 means none."},
    {"upgrade_probation", "--upgrade-probation", &Config::upgrade_probation, kReload, "TIME",
     between(0ms, 1h), kWorkers,
     "How long the old master of an upgrade (USR2) stands by after the new one has become ready. "
     "If the new one ends meanwhile, the old one serves again."},
    {"quarantine_crashes", "--quarantine-crashes", &Config::quarantine_crashes, kReload, "N", kAny,
     kWorkers,
     "Crashes of workers by one route, within quarantine_window, after which the route is "
     "answered 503 for quarantine_time. 0 means that no route is ever quarantined."},
    {"quarantine_window", "--quarantine-window", &Config::quarantine_window, kReload, "TIME",
     between(1s, 24h), kWorkers, "Time in which quarantine_crashes are counted."},
    {"quarantine_time", "--quarantine-time", &Config::quarantine_time, kReload, "TIME",
     between(1s, 24h), kWorkers, "How long a route stays quarantined."},
    {"orphans", "--orphans", &Config::orphans, kReload, "exit|drain", kAny, kWorkers,
     "What workers do when the master has died. With exit they end at once, with drain they "
     "first finish their requests, for at most graceful_timeout."},
    {"worker_scheduling", "--worker-scheduling", &Config::worker_scheduling, kReload,
     "batch|inherit", kAny, kWorkers,
     "How the kernel shares the CPU with workers. With batch (SCHED_BATCH) a request that comes "
     "does not interrupt whoever runs, so that a worker finds several when its turn comes; a "
     "policy that the server was started with, as by systemd's CPUSchedulingPolicy, is kept. With "
     "inherit workers are as the master is."},

    {"keepalive", "--keep-alive", &Config::keepalive, kReload, "TIME", between(0ms, 1h),
     kConnections,
     "How long an idle connection waits for its next request. Then it is closed. 0 means that "
     "each response closes its connection."},
    {"keepalive_requests", "--keepalive-requests", &Config::keepalive_requests, kReload, "N", kAny,
     kConnections,
     "Requests that one connection may make. The response to the last one closes it, so that long "
     "connections spread anew over the workers. 0 means no limit."},
    {"header_timeout", "--header-timeout", &Config::header_timeout, kReload, "TIME",
     between(1ms, 1h), kConnections,
     "How long a client may take to send a request's head. Later is answered 408."},
    {"body_timeout", "--body-timeout", &Config::body_timeout, kReload, "TIME", between(1ms, 1h),
     kConnections, "How long a request's body may make no progress. Later is answered 408."},
    {"write_timeout", "--write-timeout", &Config::write_timeout, kReload, "TIME", between(1ms, 1h),
     kConnections,
     "How long a client may take nothing of a response. Then the connection is closed."},
    {"min_request_rate", "--min-request-rate", &Config::min_request_rate, kReload, "SIZE",
     between(0_B, 1_MiB), kConnections,
     "Bytes a second that a client must send of a request's body. One that is slower for "
     "body_timeout is answered 408. 0 means that any progress will do."},
    {"min_response_rate", "--min-response-rate", &Config::min_response_rate, kReload, "SIZE",
     between(0_B, 1_MiB), kConnections,
     "Bytes a second that a client must take of a response. The connection of one that is slower "
     "for write_timeout is closed. 0 means that any progress will do."},
    {"client_connections", "--client-connections", &Config::client_connections, kReload, "N", kAny,
     kConnections,
     "Connections of one client address that one worker holds open at most. What is above is "
     "answered 503 and closed. Behind a proxy all clients have the proxy's address. 0 means no "
     "limit."},
    {"limit_request_line", "--limit-request-line", &Config::limit_request_line, kReload, "BYTES",
     between(0, 1 << 20), kConnections,
     "Longest request line, in bytes. More is answered 414. 0 means no limit of its own: "
     "limit_request_head still holds."},
    {"limit_request_fields", "--limit-request-fields", &Config::limit_request_fields, kReload, "N",
     between(1, 32768), kConnections, "Most header fields of a request. More is answered 431."},
    {"limit_request_field_size", "--limit-request-field-size", &Config::limit_request_field_size,
     kReload, "BYTES", between(0, 1 << 20), kConnections,
     "Longest header field, name and value, in bytes. More is answered 431. 0 means no limit of "
     "its own: limit_request_head still holds."},
    {"limit_request_head", "--limit-request-head", &Config::limit_request_head, kReload, "SIZE",
     between(1_KiB, 16_MiB), kConnections,
     "Largest request line and header section together. More is answered 431."},
    {"limit_request_body", "--limit-request-body", &Config::limit_request_body, kReload, "SIZE",
     kAny, kConnections, "Largest request body. More is answered 413. 0 means no limit."},
    {"limit_request_inflation", "--limit-request-inflation", &Config::limit_request_inflation,
     kReload, "N", between(0, 10'000), kConnections,
     "Bytes that one byte of a gzip request body may become; what becomes no more than 64 KiB is "
     "never too much. More is answered 413, as is what becomes larger than limit_request_body. 0 "
     "means that compressed bodies are answered 415."},
    {"body_buffer", "--body-buffer", &Config::body_buffer, kReload, "SIZE", between(0_B, 1_GiB),
     kConnections,
     "Largest request body that is held in memory. A larger one goes to an unlinked file in "
     "body_temp_dir."},
    {"body_temp_dir", "--body-temp-dir", &Config::body_temp_dir, kReload, "DIR", kAny, kConnections,
     "Directory of the temporary files of large request bodies. The files have no name and vanish "
     "with their request."},
    {"allowed_hosts", "--allowed-host", &Config::allowed_hosts, kReload, "HOST", kAny, kConnections,
     "Host that requests may name. Another is answered 400. The flag may be repeated; an empty "
     "list means any host."},
    {"forwarded_allow_ips", "--forwarded-allow-ips", &Config::forwarded_allow_ips, kReload,
     "ADDRESS", kAny, kConnections,
     "Proxy that is believed when it says for whom it asks. An address, a network such as "
     "10.0.0.0/8, \"unix\" for whoever connects to a Unix socket, or \"*\" for whoever connects; "
     "the flag may be repeated. X-Forwarded-For or Forwarded then give the client's address, read "
     "from their end up to the first that is not in the list, and X-Forwarded-Proto the scheme. An "
     "empty list means that nobody is believed. That is the default, and not Gunicorn's 127.0.0.1: "
     "here it decides what handlers, logs and rate limits take for the client, and a proxy that "
     "passes on what its client wrote, as nginx does unless told otherwise, would let the client "
     "choose."},

    {"static_files", "--static", &Config::static_files, kReload, "URL=DIR", kAny, kStatic,
     "Directory whose files are served under a path, as /static/=/srv/www/static. Anyone may read "
     "them. The flag may be repeated; what an application serves under the same path comes first. "
     "A "
     "path that ends with a slash is the index.html there; directories are not listed. Files and "
     "directories that begin with a dot are not served, and links that lead out of DIR are not "
     "followed. FILE.br and FILE.gz beside FILE, not older than it, go to clients that accept "
     "them. "
     "A relative DIR counts from chdir."},
    {"static_cache_control", "--static-cache-control", &Config::static_cache_control, kReload,
     "VALUE", kAny, kStatic,
     "Cache-Control of static files. The default makes browsers ask whether their copy is still "
     "good, which is answered 304. Empty leaves the field out."},

    {"errorlog", "--error-logfile,--log-file", &Config::errorlog, kReload, "PATH", kAny, kLogging,
     "File of the error log. \"-\" means standard error."},
    {"loglevel", "--log-level", &Config::loglevel, kReload, "LEVEL", kAny, kLogging,
     "Least severe message that the error log takes. One of debug, info, warning, error and "
     "critical."},
    {"accesslog", "--access-logfile", &Config::accesslog, kReload, "PATH", kAny, kLogging,
     "File of the access log, a line for each response. \"-\" means standard output; empty means "
     "no access log."},
    {"access_log_format", "--access-logformat", &Config::access_log_format, kReload, "FORMAT", kAny,
     kLogging,
     "Format of a line of the access log. %(h)s address, %(l)s always \"-\", %(u)s user, %(t)s "
     "time, %(r)s request line, %(m)s method, %(U)s path, %(q)s query, %(H)s protocol, %(s)s "
     "status, %(B)s bytes of the body, %(b)s the same but \"-\" for 0, %(f)s referer, %(a)s user "
     "agent, %(T)s seconds, %(M)s milliseconds, %(D)s microseconds, %(L)s seconds with decimals, "
     "%(p)s process id in angle brackets, %({name}i)s request field, %({name}o)s response field, "
     "%({name}e)s CGI variable of the request, %% a percent sign. Status 599 means that the "
     "request died with its worker, so that no answer was sent."},

    {"pidfile", "-p,--pid", &Config::pidfile, kRestart, "PATH", kAny, kProcess,
     "File that holds the master's process id. Empty means none."},
    {"control_socket", "--control-socket", &Config::control_socket, kRestart, "PATH", kAny,
     kProcess,
     "Unix socket over which `tollgate ctl` speaks to the master. \"auto\" is tollgate.ctl in "
     "$RUNTIME_DIRECTORY or $XDG_RUNTIME_DIR, and none where there is neither; empty means none."},
    {"user", "-u,--user", &Config::user, kRestart, "USER", kAny, kProcess,
     "User that workers run as, by name or number. The master stays who started it. Empty means "
     "the same user."},
    {"group", "-g,--group", &Config::group, kRestart, "GROUP", kAny, kProcess,
     "Group that workers run as, by name or number. Empty means the group of `user`."},
    {"initgroups", "--initgroups", &Config::initgroups, kRestart, "true|false", kAny, kProcess,
     "Whether workers are also in the other groups that `user` is a member of. With false they "
     "are in `group` alone."},
    {"umask", "-m,--umask", &Config::umask, kRestart, "MODE", kAny, kProcess,
     "Permission bits, in octal, that files made by the server do not get. Empty leaves the mask "
     "of whoever starts it."},
    {"chdir", "--chdir", &Config::chdir, kRestart, "PATH", kAny, kProcess,
     "Directory to work in. Relative paths of other settings are relative to it; this one, the "
     "configuration file and the application are relative to where the server was started. Empty "
     "means there."},
    {"daemon", "-D,--daemon", &Config::daemon, kRestart, "true|false", kAny, kProcess,
     "Whether the server goes to the background when it is ready. Under systemd it need not, and "
     "should not."},
    {"raw_env", "-e,--env", &Config::raw_env, kRestart, "NAME=VALUE", kAny, kProcess,
     "Environment variable to set for the application. The flag may be repeated."},
    {"proc_name", "-n,--name", &Config::proc_name, kRestart, "NAME", kAny, kProcess,
     "Name that ps shows besides the role of each process. Empty means none."},
    {"core_dumps", "--core-dumps", &Config::core_dumps, kRestart, "true|false", kAny, kProcess,
     "Whether a crash may leave a core file. A core file holds the keys of tokens."},
};

constexpr auto kOptions = [] {
  std::array<Option, std::size(kServerRows) + std::size(kAuthRows)> all{};
  std::ranges::copy(kAuthRows, std::ranges::copy(kServerRows, all.begin()).out);
  return all;
}();

// Counts the fields of an aggregate, so that a field without a row, or a row
// without a field, does not compile.
struct Any {
  template <class T>
  operator T() const;  // NOLINT(google-explicit-constructor)
};
template <class T, class... Args>
consteval std::size_t field_count() {
  if constexpr (requires { T{Args{}..., Any{}}; })
    return field_count<T, Args..., Any>();
  else
    return sizeof...(Args);
}
static_assert(field_count<Config>() == std::size(kOptions), "a setting lacks its row in kOptions");

// Equal counts prove little if two rows share a field or a name.
consteval bool rows_are_distinct() {
  for (std::size_t i = 0; i < std::size(kOptions); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (kOptions[i].field == kOptions[j].field || kOptions[i].name == kOptions[j].name)
        return false;
  return true;
}
static_assert(rows_are_distinct(), "two rows of kOptions have the same field or name");

}  // namespace

std::span<const Option> options() { return kOptions; }

const Option* find_option(std::string_view name) {
  const auto* found = std::ranges::find(kOptions, name, &Option::name);
  return found == kOptions.end() ? nullptr : found;
}

std::string_view nearest_option(std::string_view name) {
  const auto distance = [&](const Option& option) { return edit_distance(name, option.name); };
  const Option& best = *std::ranges::min_element(kOptions, {}, distance);
  // More than a third wrong is another word, not a slip of the fingers.
  return distance(best) * 3 <= std::max(name.size(), best.name.size()) ? best.name : "";
}

std::string variable_name(const Option& option) {
  std::string out = "TOLLGATE_";
  for (const char c : option.name)
    out += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return out;
}

}  // namespace tollgate
