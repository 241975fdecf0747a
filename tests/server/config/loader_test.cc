// SPDX-License-Identifier: Apache-2.0
#include "server/config/loader.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "server/base/address.h"

namespace tollgate {
namespace {

using Kind = Source::Kind;

const Source& source_of(const Loaded& loaded, std::string_view name) {
  return loaded.sources[static_cast<std::size_t>(find_option(name) - options().data())];
}

std::optional<FileText> file(std::string text) { return FileText{"t.toml", std::move(text)}; }

std::string joined(const Errors& errors) {
  std::string out;
  for (const auto& error : errors) out += error + '\n';
  return out;
}

TEST(Loader, WithoutAnySourceEverythingIsTheDefault) {
  const auto loaded = merge({}, std::nullopt);
  ASSERT_TRUE(loaded) << joined(loaded.error());
  EXPECT_EQ(loaded->sources, std::vector<Source>(options().size()));
  EXPECT_EQ(loaded->config.timeout, 30s);
}

TEST(Loader, AFlagIsAboveTheEnvironmentAboveTheFileAboveTheDefault) {
  const auto loaded = merge(
      {.environment = {"TOLLGATE_TIMEOUT=3", "TOLLGATE_WORKERS=3"}, .flags = {{"workers", "4"}}},
      file("threads = 2\ntimeout = 2\nworkers = 2\n"));
  ASSERT_TRUE(loaded) << joined(loaded.error());
  EXPECT_EQ(loaded->config.backlog, 2048u);
  EXPECT_EQ(loaded->config.threads, 2u);
  EXPECT_EQ(loaded->config.timeout, 3s);
  EXPECT_EQ(loaded->config.workers, 4u);
  EXPECT_EQ(source_of(*loaded, "backlog"), (Source{Kind::Default, ""}));
  EXPECT_EQ(source_of(*loaded, "threads"), (Source{Kind::File, "t.toml:1"}));
  EXPECT_EQ(source_of(*loaded, "timeout"), (Source{Kind::Environment, "TOLLGATE_TIMEOUT"}));
  EXPECT_EQ(source_of(*loaded, "workers"), (Source{Kind::Flag, "--workers"}));
}

struct ListCase {
  const char* name;
  const char* text;
  std::vector<std::string> environment;
  std::vector<FlagValue> flags;
  std::vector<std::string> expected;
};

TEST(Loader, AListCollectsWithinASourceAndReplacesThatOfALowerOne) {
  const ListCase cases[] = {
      {"FileReplacesDefault", "allowed_hosts = ['a', 'b']", {}, {}, {"a", "b"}},
      {"OneStringIsAListOfOne", "allowed_hosts = 'a'", {}, {}, {"a"}},
      {"EnvironmentReplacesFile",
       "allowed_hosts = ['a', 'b']",
       {"TOLLGATE_ALLOWED_HOSTS=c, d"},
       {},
       {"c", "d"}},
      {"FlagsCollectAndReplaceAll",
       "allowed_hosts = ['a']",
       {"TOLLGATE_ALLOWED_HOSTS=c"},
       {{"allowed_hosts", "e"}, {"allowed_hosts", "f"}},
       {"e", "f"}},
      {"AnEmptyVariableEmptiesIt", "allowed_hosts = ['a']", {"TOLLGATE_ALLOWED_HOSTS="}, {}, {}},
      {"AFlagIsNotCutAtACommaAsInGunicorn", "", {}, {{"allowed_hosts", "a,b"}}, {"a,b"}},
  };
  for (const ListCase& c : cases) {
    SCOPED_TRACE(c.name);
    const auto loaded = merge({.environment = c.environment, .flags = c.flags}, file(c.text));
    ASSERT_TRUE(loaded) << joined(loaded.error());
    EXPECT_EQ(loaded->config.allowed_hosts, c.expected);
  }
}

TEST(Loader, TheLastOfARepeatedFlagWinsAsInGunicorn) {
  const auto loaded = merge({.flags = {{"workers", "2"}, {"workers", "5"}}}, std::nullopt);
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->config.workers, 5u);
}

TEST(Loader, AllErrorsAreReportedEachWithItsPlace) {
  const auto loaded = merge(
      {.environment = {"TOLLGATE_THREADS=0", "TOLLGATE_WROKERS=2", "HOME=/", "TOLLGATE_CONFIG=x",
                       "TOLLGATE_timeout=1"},
       .flags = {{"workers", "4x"}, {"wrokers", "1"}, {"signing_key", "hush"}}},
      file("wrokers = 2\ntimeout = 1.5\nkeepalive = '2h'\nnothing_like_it = 1\n"
           "accesslog = true\nloglevel = ['info']\nbind = ['nowhere']\ndatabase = 'mysql:x'\n"));
  ASSERT_FALSE(loaded);
  EXPECT_EQ(
      loaded.error(),
      (Errors{
          "t.toml:2: timeout: is a decimal fraction (write 1500ms for 1.5 seconds, in quotes)",
          "t.toml:1: unknown setting \"wrokers\"; did you mean \"workers\"?",
          "t.toml:3: keepalive: \"2h\" is out of range (0 to 1h)",
          "t.toml:4: unknown setting \"nothing_like_it\"",
          "t.toml:5: accesslog: takes text in quotes",
          "t.toml:6: loglevel: takes one value, not a list",
          "TOLLGATE_THREADS: \"0\" is out of range (1 to 256)",
          "unknown variable TOLLGATE_WROKERS; did you mean TOLLGATE_WORKERS?",
          "unknown variable TOLLGATE_timeout; did you mean TOLLGATE_TIMEOUT?",
          "--workers: \"4x\" is not a number",
          "command line: unknown setting \"wrokers\"; did you mean \"workers\"?",
          "signing_key has no flag: the arguments of a process are public",
          "t.toml:7: bind: " + parse_address("nowhere").error().message,
          "t.toml:8: database: is not of the form sqlite:PATH",
      }));
}

struct RuleCase {
  const char* text;
  const char* error;  // how the only one begins
};

TEST(Loader, RulesBetweenSettingsNameTheSettingToChange) {
  const RuleCase cases[] = {
      {"bind = []", "t.toml:1: bind: there is no address to listen on"},
      {"bind = [':1', ':1']", "t.toml:1: bind: \":1\" stands twice"},
      {"bind = 8000", "t.toml:1: bind: takes text in quotes"},
      {"errorlog = ''", "t.toml:1: errorlog: is empty"},
      {"signing_key = 'a'\nsigning_key_file = 'b'", "t.toml:2: signing_key_file: signing_key"},
      {"signing_key = 'a'\nkeys_file = 'b'", "t.toml:2: keys_file: another key is set too"},
      {"verifying_key = 'a'\nkeys_file = 'b'", "t.toml:2: keys_file: another key is set too"},
      {"verifying_key = 'a'\nverifying_key_file = 'b'",
       "t.toml:2: verifying_key_file: verifying_key"},
      {"verifying_key = '-----BEGIN PRIVATE KEY-----'",
       "t.toml:1: verifying_key: is a private key"},
      {"jwks_endpoint = 'keys'", "t.toml:1: jwks_endpoint: is no path"},
      {"jwks_endpoint = '/{keys}'", "t.toml:1: jwks_endpoint: is no path"},
      {"algorithm = ''", "t.toml:1: algorithm: is empty"},
      {"database = 'sqlite:'", "t.toml:1: database: is not"},
      {"raw_env = ['A=1', 'SECRET']", "t.toml:1: raw_env: is not of the form NAME=VALUE"},
      {"raw_env = ['=1']", "t.toml:1: raw_env: is not of the form NAME=VALUE"},
      {"raw_env = ['TOLLGATE_WORKERS=1']", "t.toml:1: raw_env: TOLLGATE_WORKERS: names with"},
      {"daemon = true", "errorlog: a daemon has no standard error; name a file"},
      {"daemon = true\nerrorlog = 'e'\naccesslog = '-'", "t.toml:3: accesslog: a daemon has no"},
  };
  for (const RuleCase& c : cases) {
    const auto loaded = merge({}, file(c.text));
    ASSERT_FALSE(loaded) << c.text;
    ASSERT_EQ(loaded.error().size(), 1u) << joined(loaded.error());
    EXPECT_TRUE(loaded.error()[0].starts_with(c.error)) << loaded.error()[0];
  }
}

TEST(Loader, ASecretInAFileThatOthersCanReadIsAWarningWithoutTheSecret) {
  const FileText text{"t.toml", "workers = 1\nsigning_key = 'hush'\n", true};
  const auto loaded = merge({}, text);
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->warnings,
            Errors{"t.toml:2: signing_key: group or others can read this file (chmod 600)"});
  EXPECT_TRUE(merge({}, FileText{"t.toml", "signing_key = 'hush'\n", false})->warnings.empty());
  EXPECT_TRUE(merge({}, FileText{"t.toml", "workers = 1\n", true})->warnings.empty());
}

TEST(Loader, WhatIsTakenButWorthAWordIsAWarning) {
  EXPECT_TRUE(merge({}, file("workers = 1"))->warnings.empty());
  for (const char* name : {"reuse_port", "core_dumps"}) {
    const auto loaded = merge({}, file(std::string(name) + " = true"));
    ASSERT_TRUE(loaded) << name;
    ASSERT_EQ(loaded->warnings.size(), 1U) << name;
    EXPECT_TRUE(loaded->warnings[0].starts_with(name)) << loaded->warnings[0];
  }
}

TEST(Loader, NoErrorShowsASecret) {
  for (const char* text : {"signing_key = 1234567", "signing_key = ['1234567', 'x']",
                           "signing_key = '1234567'\nsigning_key_file = 'x'",
                           "raw_env = ['1234567']", "signing_key = \"1234567\\u0000\""}) {
    const auto loaded = merge({}, file(text));
    ASSERT_FALSE(loaded) << text;
    EXPECT_EQ(joined(loaded.error()).find("1234567"), std::string::npos) << joined(loaded.error());
  }
}

// A directory of its own, which is the working directory during the test.
class LoaderFiles : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "tollgate-loader-XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    directory_ = name;
    std::filesystem::current_path(directory_);
  }
  void TearDown() override {
    std::filesystem::current_path("/");
    std::filesystem::remove_all(directory_);
  }
  static void write(const std::string& name, const std::string& text) {
    std::ofstream(name) << text;
  }

  std::filesystem::path directory_;
};

TEST_F(LoaderFiles, TheDefaultFileIsUsedOnlyIfItExists) {
  auto loaded = load({});
  ASSERT_TRUE(loaded) << joined(loaded.error());
  EXPECT_EQ(loaded->file, "");
  write("tollgate.toml", "workers = 7\n");
  loaded = load({});
  ASSERT_TRUE(loaded) << joined(loaded.error());
  EXPECT_EQ(loaded->config.workers, 7u);
  EXPECT_EQ(loaded->file, "tollgate.toml");
}

TEST_F(LoaderFiles, TheFlagNamesTheFileAboveTheVariableAboveTheDefault) {
  write("tollgate.toml", "workers = 1\n");
  write("variable.toml", "workers = 2\n");
  write("flag.toml", "workers = 3\n");
  EXPECT_EQ(load({.environment = {"TOLLGATE_CONFIG=variable.toml"}})->config.workers, 2u);
  EXPECT_EQ(
      load({.file = "flag.toml", .environment = {"TOLLGATE_CONFIG=variable.toml"}})->config.workers,
      3u);
}

// A server that has changed its directory finds the same file in a reload.
TEST_F(LoaderFiles, TheFileIsRelativeToTheDirectoryOfTheStart) {
  write("tollgate.toml", "workers = 4\n");
  write("other.toml", "workers = x\n");
  std::filesystem::current_path("/");
  const auto loaded = load({.directory = directory_});
  ASSERT_TRUE(loaded) << joined(loaded.error());
  EXPECT_EQ(loaded->config.workers, 4u);
  EXPECT_EQ(loaded->file, "tollgate.toml");
  const auto other = load({.file = "other.toml", .directory = directory_});
  ASSERT_FALSE(other);
  EXPECT_TRUE(other.error()[0].starts_with("other.toml:1")) << other.error()[0];
  EXPECT_TRUE(load({.file = directory_ / "tollgate.toml", .directory = "/nowhere"}));
}

TEST_F(LoaderFiles, ANamedFileThatIsMissingIsAnErrorBesideTheOthers) {
  EXPECT_EQ(load({.file = "no.toml", .flags = {{"workers", "x"}}}).error(),
            (Errors{"--config: open no.toml: No such file or directory (ENOENT)",
                    "--workers: \"x\" is not a number"}));
  EXPECT_EQ(load({.environment = {"TOLLGATE_CONFIG=no.toml"}}).error(),
            Errors{"TOLLGATE_CONFIG: open no.toml: No such file or directory (ENOENT)"});
  EXPECT_EQ(load({.file = "."}).error(), Errors{"--config: read .: Is a directory (EISDIR)"});
}

TEST_F(LoaderFiles, AFileTooLargeToBeAConfigurationIsNotRead) {
  write("big", std::string((1 << 20) + 1, '#'));
  ASSERT_FALSE(load({.file = "big"}));
  EXPECT_NE(load({.file = "big"}).error()[0].find("1 MiB"), std::string::npos);
}

TEST_F(LoaderFiles, ThePermissionsOfTheFileDecideOnTheWarning) {
  write("key.toml", "signing_key = 'hush'\n");
  for (const auto& [mode, warnings] : {std::pair{0600U, 0U}, {0640U, 1U}, {0604U, 1U}}) {
    ASSERT_EQ(chmod("key.toml", mode), 0);
    EXPECT_EQ(load({.file = "key.toml"})->warnings.size(), warnings) << std::oct << mode;
  }
}

TEST(Environment, ItIsCopiedUpToItsEnd) {
  const char* const environment[] = {"A=1", "B=2", nullptr, "C=3"};
  EXPECT_EQ(copy_environment(environment), (std::vector<std::string>{"A=1", "B=2"}));
  EXPECT_TRUE(copy_environment(nullptr).empty());
}

}  // namespace
}  // namespace tollgate
