// SPDX-License-Identifier: Apache-2.0
#include "server/config/options.h"

#include <gtest/gtest.h>

#include <set>

#include "server/config/reference.h"
#include "server/config/validate.h"

namespace tollgate {
namespace {

using Texts = std::vector<std::string>;

struct Case {
  const char* option;
  const char* text;
  const char* printed;  // nullptr: refused
};

// One good value that is not the default for each option, so that the test
// below can see whether any was forgotten; then the edges.
constexpr Case kCases[] = {
    {"bind", "[::1]:9000", "[::1]:9000"},
    {"backlog", "64", "64"},
    {"defer_accept", "5", "5s"},
    {"workers", "4", "4"},
    {"threads", "2", "2"},
    {"thread_queue", "1", "1"},
    {"worker_connections", "10", "10"},
    {"max_requests", "4294967295", "4294967295"},
    {"max_requests_jitter", "50", "50"},
    {"boot_timeout", "90", "90s"},
    {"timeout", "120s", "2m"},
    {"graceful_timeout", "250ms", "250ms"},
    {"orphans", "drain", "drain"},
    {"worker_scheduling", "inherit", "inherit"},
    {"keepalive", "0", "0"},
    {"header_timeout", "5", "5s"},
    {"body_timeout", "1m", "1m"},
    {"write_timeout", "1h", "1h"},
    {"limit_request_line", "4094", "4094"},
    {"limit_request_fields", "32768", "32768"},
    {"limit_request_field_size", "0", "0"},
    {"limit_request_head", "32768", "32KiB"},
    {"limit_request_body", "0", "0"},
    {"allowed_hosts", "example.org", "example.org"},
    {"forwarded_allow_ips", "10.0.0.0/8", "10.0.0.0/8"},
    {"errorlog", "/var/log/x", "/var/log/x"},
    {"loglevel", "WARNING", "warning"},
    {"accesslog", "-", "-"},
    {"access_log_format", "%(h)s \"\t\xC3\xA9", "%(h)s \"\t\xC3\xA9"},
    {"pidfile", "/run/x.pid", "/run/x.pid"},
    {"signing_key", "hush", "hush"},
    {"signing_key_file", "key.pem", "key.pem"},
    {"verifying_key", "-----BEGIN PUBLIC KEY-----\n", "-----BEGIN PUBLIC KEY-----\n"},
    {"verifying_key_file", "public.pem", "public.pem"},
    {"keys_file", "keys.json", "keys.json"},
    {"algorithm", "RS256", "RS256"},
    {"extra_algorithms", "True", "true"},
    {"access_token_lifetime", "1d", "1d"},
    {"refresh_token_lifetime", "3650d", "3650d"},
    {"leeway", "10", "10s"},
    {"user_id_type", "integer", "integer"},
    {"user_id_claim", "sub", "sub"},
    {"audience", "svc", "svc"},
    {"issuer", "me", "me"},
    {"write_at_jwt", "true", "true"},
    {"require_at_jwt", "true", "true"},
    {"jwks_endpoint", "/keys", "/keys"},
    {"rotate_refresh_tokens", "true", "true"},
    {"token_blacklist", "true", "true"},
    {"blacklist_after_rotation", "true", "true"},
    {"update_last_login", "true", "true"},
    {"check_user_is_active", "false", "false"},
    {"check_revoke_token", "true", "true"},
    {"revoke_token_claim", "pw", "pw"},
    {"sliding_token_lifetime", "1m", "1m"},
    {"sliding_token_refresh_lifetime", "7d", "7d"},
    {"sliding_token_refresh_exp_claim", "rexp", "rexp"},
    {"compat", "5.2", "5.2"},
    {"www_authenticate_error", "true", "true"},
    {"password_threads", "64", "64"},
    {"password_queue", "1", "1"},
    {"database", "sqlite:x.db", "sqlite:x.db"},
    {"socket_mode", "660", "0660"},
    {"socket_owner", "www:www", "www:www"},
    {"reuse_port", "True", "true"},
    {"max_worker_lifetime", "1d", "1d"},
    {"max_worker_lifetime_jitter", "1h", "1h"},
    {"max_worker_memory", "64MiB", "64MiB"},
    {"request_timeout", "30", "30s"},
    {"queue_timeout", "10", "10s"},
    {"shutdown_delay", "5", "5s"},
    {"upgrade_probation", "0", "0"},
    {"quarantine_crashes", "0", "0"},
    {"quarantine_window", "10", "10s"},
    {"quarantine_time", "5m", "5m"},
    {"control_socket", "", ""},
    {"user", "www-data", "www-data"},
    {"group", "33", "33"},
    {"initgroups", "true", "true"},
    {"umask", "027", "027"},
    {"chdir", "/srv", "/srv"},
    {"daemon", "true", "true"},
    {"raw_env", "A=b", "A=b"},
    {"proc_name", "notes", "notes"},
    {"core_dumps", "true", "true"},
    {"keepalive_requests", "0", "0"},
    {"min_request_rate", "0", "0"},
    {"min_response_rate", "1KiB", "1KiB"},
    {"client_connections", "20", "20"},
    {"limit_request_inflation", "0", "0"},
    {"body_buffer", "1MiB", "1MiB"},
    {"body_temp_dir", "/var/tmp", "/var/tmp"},
    {"static_files", "/static/=/srv/www", "/static/=/srv/www"},
    {"static_cache_control", "max-age=60", "max-age=60"},

    {"workers", "auto", "auto"},
    {"workers", "0", "auto"},
    {"workers", "256", "256"},
    {"workers", "257", nullptr},
    {"workers", "4x", nullptr},
    {"workers", "-1", nullptr},
    {"workers", "", nullptr},
    {"threads", "0", nullptr},
    {"threads", "auto", nullptr},
    {"backlog", "0", nullptr},
    {"defer_accept", "0", "0"},
    {"defer_accept", "61s", nullptr},
    {"backlog", "2147483648", nullptr},
    {"max_requests", "4294967296", nullptr},
    {"timeout", "24h", "1d"},
    {"timeout", "86400001ms", nullptr},
    {"timeout", "1.5", nullptr},
    {"header_timeout", "0", nullptr},
    {"refresh_token_lifetime", "3651d", nullptr},
    {"limit_request_head", "1023", nullptr},
    {"limit_request_head", "64KB", nullptr},
    {"loglevel", "warn", nullptr},
    {"orphans", "", nullptr},
    {"worker_scheduling", "fifo", nullptr},
    {"daemon", "1", nullptr},
    {"umask", "0777", "0777"},
    {"umask", "", ""},
    {"umask", "0", "00"},
    {"umask", "1000", nullptr},
    {"umask", "8", nullptr},
    {"umask", "-1", nullptr},
    {"bind", "", nullptr},
    {"pidfile", "not \xFF utf-8", nullptr},
};

TEST(Options, TextIsReadAndPrintedBackAsTheSameValue) {
  for (const Case& c : kCases) {
    SCOPED_TRACE(std::string(c.option) + " = " + c.text);
    const Option& option = *find_option(c.option);
    Config config;
    clear_list(config, option);
    const Texts before = get(config, option);
    const bool good = set(config, option, c.text).has_value();
    EXPECT_EQ(good, c.printed != nullptr);
    EXPECT_EQ(get(config, option), good ? Texts{c.printed} : before);
    if (!good) continue;
    Config again;
    clear_list(again, option);
    ASSERT_TRUE(set(again, option, c.printed));
    EXPECT_EQ(get(again, option), get(config, option));
  }
}

TEST(Options, EveryOptionIsInTheTableOfThisTest) {
  std::set<std::string_view> tested;
  for (const Case& c : kCases) tested.insert(c.option);
  for (const Option& option : options()) EXPECT_TRUE(tested.contains(option.name)) << option.name;
}

TEST(Options, EveryDefaultIsAValueThatSetAccepts) {
  for (const Option& option : options()) {
    Config config;
    clear_list(config, option);
    for (const std::string& text : get(Config{}, option))
      EXPECT_TRUE(set(config, option, text)) << option.name << " = " << text;
    EXPECT_EQ(get(config, option), get(Config{}, option)) << option.name;
  }
  EXPECT_TRUE(validate(Config{}).empty());
}

TEST(Options, EveryTimeHasAMaximumThatAClockCanAdd) {
  for (const Option& option : options()) {
    const bool time = std::holds_alternative<milliseconds Config::*>(option.field);
    EXPECT_LE(time ? option.range.max : 0, 4000ULL * 24 * 3600 * 1000) << option.name;
  }
}

TEST(Options, EveryHelpBeginsWithASentence) {
  for (const Option& option : options()) {
    const std::string_view first = summary(option);
    ASSERT_GT(first.size(), 15u) << option.name;
    EXPECT_TRUE(first.front() >= 'A' && first.front() <= 'Z') << option.name;
    EXPECT_EQ(first.back(), '.') << option.name;
    EXPECT_EQ(option.help.back(), '.') << option.name;
  }
}

TEST(Options, EveryFlagBelongsToOneOptionAndSecretsHaveNone) {
  std::set<std::string> seen;
  for (const Option& option : options()) {
    EXPECT_EQ(option.flags.empty(), option.secrecy == Secrecy::Secret) << option.name;
    std::string flags(option.flags);
    for (std::size_t end = 0; !flags.empty(); flags.erase(0, end == flags.npos ? end : end + 1)) {
      end = flags.find(',');
      EXPECT_TRUE(seen.insert(flags.substr(0, end)).second) << flags;
    }
  }
}

TEST(Options, TheNearestNameIsFoundAndAnotherWordIsNot) {
  EXPECT_EQ(nearest_option("wrokers"), "workers");
  EXPECT_EQ(nearest_option("graceful-timeout"), "graceful_timeout");
  EXPECT_EQ(nearest_option("max_request"), "max_requests");
  EXPECT_EQ(nearest_option("preload_app"), "");
  EXPECT_EQ(nearest_option(""), "");
}

TEST(Options, AnErrorNamesWhatIsAllowed) {
  Config config;
  EXPECT_EQ(set(config, *find_option("workers"), "1000").error().message,
            "\"1000\" is out of range (0 to 256)");
  EXPECT_EQ(set(config, *find_option("header_timeout"), "2h").error().message,
            "\"2h\" is out of range (1ms to 1h)");
  EXPECT_EQ(set(config, *find_option("orphans"), "stay").error().message,
            "\"stay\" is not one of exit or drain");
}

}  // namespace
}  // namespace tollgate
