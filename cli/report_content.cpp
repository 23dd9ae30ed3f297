#include "cli/report_content.h"

#include <openssl/crypto.h>
#include <sqlite3.h>
#include <sys/utsname.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/sqlite.h"
#include "cli/command_line.h"
#include "cli/environment.h"
#include "wire/trace.h"

namespace wasync {
namespace {

using Json = nlohmann::ordered_json;

std::string first_line_with(const std::filesystem::path& file, std::string_view start) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);)
    if (line.starts_with(start)) return line.substr(start.size());
  return {};
}

// A word of ours, a number, or a duration like 90s: nothing of anybody is that short and that
// plain.
bool is_harmless(std::string_view value) {
  constexpr std::size_t kMostDigits = 8;
  constexpr std::string_view kWords[] = {
      "true", "false",  "yes",       "no",     "auto",  "always", "never",
      "full", "recent", "firestore", "sqlite", "text",  "json",   "built-in",
      "en",   "ro",     "dumb",      "utf8",   "ascii", "qr",     "code"};
  if (std::ranges::find(kWords, value) != std::end(kWords)) return true;
  if (value.size() > 1 && std::string_view("smhd").find(value.back()) != std::string_view::npos)
    value.remove_suffix(1);
  return !value.empty() && value.size() <= kMostDigits &&
         value.find_first_not_of("0123456789") == std::string_view::npos;
}

Json shown_setting(const char* value) {
  const std::string_view text(value);
  return is_harmless(text) ? Json(text) : Json("set");
}

// What is written as it is: identifiers of ours, like "no_history" or "2026-03-01T12:30:00Z".
bool is_identifier(std::string_view text) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  return !text.empty() && text.size() <= 40 && std::ranges::all_of(text, plain);
}

bool is_time(std::string_view text) {
  return text.size() == 20 && text[4] == '-' && text[10] == 'T' && text.back() == 'Z' &&
         text.find_first_not_of("0123456789-:TZ") == std::string_view::npos;
}

constexpr auto kIdentifiers =
    std::to_array<std::string_view>({"id", "cause", "verdict", "check", "state", "finding", "code",
                                     "error_code", "source", "status", "connection"});

Json redacted(std::string_view key, const Json& value, const StandIns& stand_ins) {
  if (value.is_object()) {
    Json out = Json::object();
    for (const auto& [name, inner] : value.items()) {
      Json kept = redacted(name, inner, stand_ins);
      if (!kept.is_discarded()) out[name] = std::move(kept);
    }
    return out;
  }
  if (value.is_array()) {
    Json out = Json::array();
    for (const Json& each : value) {
      Json kept = redacted(key, each, stand_ins);
      if (!kept.is_discarded()) out.push_back(std::move(kept));
    }
    return out;
  }
  if (!value.is_string()) return value;
  const std::string& text = value.get_ref<const std::string&>();
  if (key == "account") return stand_ins.of(text);
  const bool known = std::ranges::find(kIdentifiers, key) != kIdentifiers.end();
  if ((known && is_identifier(text)) || is_time(text)) return value;
  return Json(Json::value_t::discarded);
}

std::string end_of(const std::filesystem::path& file, std::size_t most_bytes) {
  std::ifstream in(file, std::ios::binary | std::ios::ate);
  if (!in) return {};
  const auto size = static_cast<std::size_t>(std::max<std::streamoff>(in.tellg(), 0));
  const std::size_t wanted = std::min(size, most_bytes);
  in.seekg(static_cast<std::streamoff>(size - wanted));
  std::string out(wanted, '\0');
  in.read(out.data(), static_cast<std::streamsize>(wanted));
  out.resize(static_cast<std::size_t>(in.gcount()));
  return out;
}

}  // namespace

Json versions_json() {
  utsname system{};
  ::uname(&system);
  return {{"wa_sync", WASYNC_VERSION},
          {"compiler", __VERSION__},
          {"system", first_line_with("/etc/os-release", "PRETTY_NAME=")},
          {"kernel", system.release},
          {"machine", system.machine},
          {"sqlite", ::sqlite3_libversion()},
          {"openssl", ::OpenSSL_version(OPENSSL_VERSION)}};
}

Json settings_json(const GlobalOptions& global) {
  Json typed = Json::array();
  for (const std::string& argument : global.arguments)
    if (argument.starts_with("--")) typed.push_back(argument.substr(0, argument.find('=')));
  Json variables = Json::object();
  for (const EnvironmentVariable& each : environment_variables()) {
    // Some rows name two variables.
    std::string_view names = each.name;
    while (!names.empty()) {
      const std::string name(names.substr(0, names.find(", ")));
      names.remove_prefix(std::min(names.size(), name.size() + 2));
      if (const char* value = std::getenv(name.c_str())) variables[name] = shown_setting(value);
    }
  }
  return {{"typed", std::move(typed)},
          {"environment", std::move(variables)},
          {"inbox", global.inbox.empty() ? "default" : "chosen"},
          {"another_server", !global.server.empty()},
          {"web_version", global.web_version ? Json(global.web_version->to_string()) : Json()}};
}

Json without_people(const Json& diagnosis, const StandIns& stand_ins) {
  return redacted("", diagnosis, stand_ins);
}

Json counters_json(const std::filesystem::path& account_file) {
  Database database(account_file, Database::Mode::kReadOnly);
  std::vector<std::string> tables;
  {
    auto names = database.prepare(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY "
        "name");
    while (names.step()) tables.push_back(names.text(0));
  }
  Json out = Json::object();
  for (const std::string& table : tables) {
    auto count = database.prepare("SELECT count(*) FROM \"" + table + "\"");
    if (count.step()) out[table] = count.integer(0);
  }
  return out;
}

TraceEnd trace_end(const std::filesystem::path& trace, std::size_t most_bytes) {
  if (!std::filesystem::is_regular_file(trace))
    throw Error(ErrorCode::kIo,
                Phrase{"{} is not a file", "{} nu este un fișier"}.with(trace.string()),
                Phrase{"Name the file that --trace of pair, listen or backfill has written.",
                       "Numește fișierul scris de --trace la pair, listen sau backfill."});
  std::string text = end_of(trace, most_bytes);
  if (text.size() < most_bytes)
    text = end_of(trace.string() + ".1", most_bytes - text.size()) + text;
  TraceEnd end;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t stop = std::min(text.find('\n', at), text.size());
    const std::string_view line = std::string_view(text).substr(at, stop - at);
    at = stop + 1;
    if (Trace::is_line(line)) {
      end.text += line;
      end.text += '\n';
      ++end.lines;
    } else if (at > line.size() + 1) {  // the first may be cut
      ++end.foreign_lines;
    }
  }
  return end;
}

}  // namespace wasync
