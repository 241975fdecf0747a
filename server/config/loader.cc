// SPDX-License-Identifier: Apache-2.0
#include "server/config/loader.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "server/base/text.h"
#include "server/base/unique_fd.h"
#include "server/config/file.h"
#include "server/config/validate.h"

namespace tollgate {
namespace {

constexpr std::string_view kPrefix = "TOLLGATE_";

// Variables that begin with TOLLGATE_ and are no settings. Everything else
// that begins so is a mistake worth an error: a misspelt limit is no limit.
constexpr std::string_view kOtherVariables[] = {kFileVariable, kUpgradeVariable};

constexpr std::size_t kMaxFileSize = 1 << 20;  // a log file given as --config is not read whole

std::string quoted(std::string_view text) { return '"' + std::string(text) + '"'; }

// "-w,--workers" to "--workers".
std::string long_flag(const Option& option) {
  const auto flags = split(option.flags, ',');
  return std::string(*std::ranges::find_if(flags, [](auto f) { return f.starts_with("--"); }));
}

// Takes values source by source, the lowest first, and keeps all errors.
class Merger {
 public:
  Merger() : sources_(options().size()) {}

  void take_file(const FileText& file);
  void take_variable(std::string_view name, std::string_view text);
  void take_flag(const FlagValue& flag);
  Checked<Loaded> finish() &&;

 private:
  void take_entry(const FileText& file, const FileEntry& entry);
  // Makes `source` the owner of the option; a list that a lower source filled is emptied.
  void own(const Option& option, Source source);
  void assign(const Option& option, std::string_view text);
  void refuse(const Option& option, std::string_view why);
  void unknown(const std::string& place, std::string_view name);
  Source& source_of(const Option& option) {
    return sources_[static_cast<std::size_t>(&option - options().data())];
  }
  std::string prefix(const Option& option);

  Config config_;
  std::vector<Source> sources_;
  std::vector<std::string> warnings_;
  Errors errors_;
  std::vector<const Option*> refused_;
};

void Merger::own(const Option& option, Source source) {
  Source& current = source_of(option);
  if (current.kind != source.kind) clear_list(config_, option);
  current = std::move(source);
}

// "tollgate.toml:3: workers: ", "TOLLGATE_WORKERS: ", "--workers: "; "bind: " for a default.
std::string Merger::prefix(const Option& option) {
  const Source& source = source_of(option);
  std::string out = source.place;
  if (source.kind == Source::Kind::File) out += ": ";
  if (source.kind == Source::Kind::File || source.kind == Source::Kind::Default) out += option.name;
  return out + ": ";
}

void Merger::refuse(const Option& option, std::string_view why) {
  errors_.push_back(prefix(option).append(why));
  refused_.push_back(&option);
}

void Merger::assign(const Option& option, std::string_view text) {
  if (const auto done = set(config_, option, text); !done) refuse(option, done.error().message);
}

void Merger::unknown(const std::string& place, std::string_view name) {
  std::string error = place + "unknown setting " + quoted(name);
  if (const auto nearest = nearest_option(name); !nearest.empty())
    error += "; did you mean " + quoted(nearest) + '?';
  errors_.push_back(std::move(error));
}

void Merger::take_file(const FileText& file) {
  ParsedFile parsed = parse_file(file.text, file.path);
  std::ranges::move(parsed.errors, std::back_inserter(errors_));
  for (const FileEntry& entry : parsed.entries) take_entry(file, entry);
}

void Merger::take_entry(const FileText& file, const FileEntry& entry) {
  const std::string place = file.path + ':' + std::to_string(entry.line);
  const Option* option = find_option(entry.key);
  if (option == nullptr) return unknown(place + ": ", entry.key);
  own(*option, {Source::Kind::File, place});
  if (entry.array && !is_list(*option)) return refuse(*option, "takes one value, not a list");
  for (const FileValue& value : entry.values) {
    // `accesslog = true` would otherwise log into a file named "true".
    if (is_text(*option) && !value.quoted)
      refuse(*option, "takes text in quotes");
    else
      assign(*option, value.text);
  }
  if (option->secrecy == Secrecy::Secret && file.shared)
    warnings_.push_back(prefix(*option) + "group or others can read this file (chmod 600)");
}

void Merger::take_variable(std::string_view name, std::string_view text) {
  if (!name.starts_with(kPrefix) || std::ranges::count(kOtherVariables, name) != 0) return;
  const std::string key = to_lower(name.substr(kPrefix.size()));
  const Option* option = find_option(key);
  if (option == nullptr || variable_name(*option) != name) {
    std::string error = "unknown variable " + std::string(name);
    if (const Option* nearest = find_option(nearest_option(key)))
      error += "; did you mean " + variable_name(*nearest) + '?';
    errors_.push_back(std::move(error));
    return;
  }
  own(*option, {Source::Kind::Environment, std::string(name)});
  if (!is_list(*option)) return assign(*option, text);
  if (text.empty()) return;  // an empty list
  for (const std::string_view item : split(text, ',')) assign(*option, trim(item));
}

void Merger::take_flag(const FlagValue& flag) {
  const Option* option = find_option(flag.option);
  if (option == nullptr) return unknown("command line: ", flag.option);
  if (option->secrecy == Secrecy::Secret) {
    errors_.push_back(flag.option + " has no flag: the arguments of a process are public");
    return;
  }
  own(*option, {Source::Kind::Flag, long_flag(*option)});
  assign(*option, flag.text);
}

Checked<Loaded> Merger::finish() && {
  for (const Violation& violation : validate(config_)) {
    const Option& option = *find_option(violation.option);
    // A refused value left its setting half made: one error is enough.
    if (std::ranges::count(refused_, &option) == 0) refuse(option, violation.message);
  }
  if (!errors_.empty()) return tl::unexpected(std::move(errors_));
  std::ranges::move(advice(config_), std::back_inserter(warnings_));
  return Loaded{std::move(config_), std::move(sources_), std::move(warnings_)};
}

std::string_view value_of(const std::vector<std::string>& environment, std::string_view name) {
  for (const std::string_view variable : environment)
    if (variable.starts_with(name) && variable.substr(name.size()).starts_with('='))
      return variable.substr(name.size() + 1);
  return {};
}

// `path` as it was given, which is what messages show.
Result<FileText> read_file(const std::string& directory, const std::string& path) {
  const bool elsewhere = !directory.empty() && !path.starts_with('/');
  const std::string where = elsewhere ? directory + '/' + path : path;
  const UniqueFd fd(::open(where.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) return fail(from_errno("open " + path, errno));
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) return fail(from_errno("stat " + path, errno));
  FileText file{.path = path,
                .shared = S_ISREG(info.st_mode) && (info.st_mode & (S_IRGRP | S_IROTH)) != 0};
  char block[16384];
  for (;;) {
    const ssize_t count = ::read(fd.get(), block, sizeof block);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fail(from_errno("read " + path, errno));
    if (count == 0) return file;
    file.text.append(block, static_cast<std::size_t>(count));
    if (file.text.size() > kMaxFileSize)
      return fail(Errc::TooLarge, "read " + path + ": larger than 1 MiB, this is no configuration");
  }
}

// The file to use, or none when nobody named one and the default is missing.
Result<std::optional<FileText>> find_file(const Inputs& inputs) {
  const std::string_view variable = value_of(inputs.environment, kFileVariable);
  const bool named = inputs.file || !variable.empty();
  const std::string path = inputs.file         ? *inputs.file
                           : !variable.empty() ? std::string(variable)
                                               : std::string(kDefaultFile);
  auto file = read_file(inputs.directory, path);
  if (file) return std::optional(std::move(*file));
  if (!named && file.error().code == Errc::NotFound) return std::optional<FileText>();
  const std::string_view place = inputs.file ? "--config" : named ? kFileVariable : "default file";
  return fail(with_context(place, std::move(file).error()));
}

}  // namespace

Checked<Loaded> load(const Inputs& inputs) {
  auto file = find_file(inputs);
  auto loaded = merge(inputs, file ? *file : std::nullopt);
  if (file) return loaded;
  // The other sources' errors are worth hearing in the same run.
  Errors errors = loaded ? Errors{} : std::move(loaded).error();
  errors.insert(errors.begin(), file.error().message);
  return tl::unexpected(std::move(errors));
}

Checked<Loaded> merge(const Inputs& inputs, const std::optional<FileText>& file) {
  Merger merger;
  if (file) merger.take_file(*file);
  for (const std::string_view variable : inputs.environment) {
    const auto equals = variable.find('=');
    if (equals != std::string_view::npos)
      merger.take_variable(variable.substr(0, equals), variable.substr(equals + 1));
  }
  for (const FlagValue& flag : inputs.flags) merger.take_flag(flag);
  auto loaded = std::move(merger).finish();
  if (loaded && file) loaded->file = file->path;
  return loaded;
}

std::vector<std::string> copy_environment(const char* const* environment) {
  std::vector<std::string> out;
  for (; environment != nullptr && *environment != nullptr; ++environment)
    out.emplace_back(*environment);
  return out;
}

}  // namespace tollgate
