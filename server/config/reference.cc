// SPDX-License-Identifier: Apache-2.0
#include "server/config/reference.h"

#include "server/base/text.h"

namespace tollgate {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";

// A TOML basic string (TOML 1.0, "String").
std::string toml_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out.append(1, '\\').append(1, c);
    } else if (byte < 0x20 || byte == 0x7f) {
      out.append("\\u00").append(1, kHexDigits[byte >> 4]).append(1, kHexDigits[byte & 15]);
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string toml_scalar(const Option& option, const std::string& text) {
  const bool number = !is_text(option) && parse_uint(text);
  return number ? text : toml_string(text);
}

std::string toml_value(const Option& option, const std::vector<std::string>& values) {
  if (!is_list(option)) return toml_scalar(option, values.front());
  std::string out;
  for (const std::string& value : values)
    out.append(out.empty() ? "" : ", ").append(toml_scalar(option, value));
  return '[' + out + ']';
}

// Without what would end the comment that it stands in.
std::string comment(const Source& source) {
  if (source.kind == Source::Kind::Default) return "default";
  std::string out = source.place;
  for (char& c : out)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  return out;
}

std::string print_line(const Option& option, const Config& config, const Source& source) {
  constexpr std::size_t kCommentColumn = 40;
  const auto values = get(config, option);
  std::string line(option.name);
  if (option.secrecy == Secrecy::Plain) {
    line += " = " + toml_value(option, values);
  } else {
    const bool empty = values.front().empty();
    line = "# " + line + (empty ? " = \"\"" : " = \"\u2026\"  (secret)");
  }
  if (line.size() < kCommentColumn) line.resize(kCommentColumn, ' ');
  return line + "  # " + comment(source) + '\n';
}

// "`-w N`, `--workers N`".
std::string flags_column(const Option& option) {
  if (option.flags.empty()) return "none";
  std::vector<std::string> out;
  for (const std::string_view flag : split(option.flags, ','))
    out.push_back('`' + std::string(flag) + ' ' + std::string(option.value) + '`');
  return join(out, ", ");
}

std::string code(const std::string& text) { return text.empty() ? "empty" : '`' + text + '`'; }

std::string page_entry(const Option& option) {
  std::string out = "### " + std::string(option.name) + "\n\n" + std::string(option.help) + "\n\n";
  out += "- flag: " + flags_column(option) + '\n';
  out += "- variable: `" + variable_name(option) +
         (is_list(option) ? "`, items apart by commas\n" : "`\n");
  out += "- default: " + code(default_text(option)) + '\n';
  if (const std::string allowed = allowed_values(option); !allowed.empty())
    out += "- allowed: " + allowed + '\n';
  if (option.applies == Applies::OnRestart) out += "- applies on restart only\n";
  return out + '\n';
}

constexpr std::string_view kPageHead = R"(# Settings

<!-- Made from server/config/options.cc by reference(); a test fails when this page is stale. -->

A value comes from, in this order, the last one wins: the default, the file, the environment, the
flags. The file is TOML; its keys are the names below. It is `tollgate.toml` in the working
directory if that exists, or what `--config` or `TOLLGATE_CONFIG` names. A list of a higher source
replaces that of a lower one. An unknown key, variable or flag is an error, and so is a bad value;
all are reported.

A TIME is a number with `ms`, `s`, `m`, `h` or `d`; a bare number is seconds. A SIZE is a number with
`KiB`, `MiB` or `GiB`; a bare number is bytes. In the file both stand in quotes unless they are bare.
Settings apply on reload (SIGHUP) unless they say otherwise.

)";

}  // namespace

std::string_view summary(const Option& option) {
  const auto end = option.help.find(". ");
  return end == std::string_view::npos ? option.help : option.help.substr(0, end + 1);
}

std::string default_text(const Option& option) { return join(get(Config{}, option), ", "); }

std::string print_config(const Loaded& loaded) {
  std::string out;
  std::string_view section;
  for (std::size_t i = 0; i < options().size(); ++i) {
    const Option& option = options()[i];
    if (option.section != section)
      out.append(out.empty() ? "# " : "\n# ").append(option.section) += '\n';
    section = option.section;
    out += print_line(option, loaded.config, loaded.sources[i]);
  }
  return out;
}

std::string reference() {
  std::string out(kPageHead);
  std::string_view section;
  for (const Option& option : options()) {
    if (option.section != section) out.append("## ").append(option.section).append("\n\n");
    section = option.section;
    out += page_entry(option);
  }
  out.pop_back();  // the page ends with one newline
  return out;
}

}  // namespace tollgate
