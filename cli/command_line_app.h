// The grammar of the command line as a CLI11 application. Only command_line*.cpp see it,
// because CLI11 is heavy to compile.
#pragma once

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "cli/command_line.h"

namespace wasync {

// Texts as typed, before they are checked and converted.
struct RawOptions {
  std::string color = "auto";
  std::string language;
  std::string log_format = "text";
  std::string web_version;
  std::string phone;
  std::string method = "qr";
  std::string qr = "auto";
  std::string history = "full";
  bool no_wait = false;
  std::string timeout = "10m";
  std::string unpair_timeout = "1m";
  std::string backfill_timeout = "5m";
  std::string diagnose_timeout = "10s";
  std::optional<std::size_t> backfill_threads{};
  std::optional<std::size_t> backfill_count{};
  bool backfill_all = false;
  std::string since;
  std::string search_since;
  std::string search_index;
  std::string lease = "90s";
  std::string source = "local";
  std::string before;
  std::size_t list_limit = 50;
  std::size_t show_limit = 50;
  std::size_t search_limit = 50;
  bool all = false;
};

// The parser and the places it writes to. Not movable: CLI11 keeps pointers into it.
struct Grammar {
  Grammar();
  Grammar(const Grammar&) = delete;
  Grammar& operator=(const Grammar&) = delete;

  CLI::App app;
  std::vector<const CLI::Option*> typed_only;  // no twin in environment or file
  GlobalOptions global;
  RawOptions raw;
  BackfillOptions backfill;
  DiagnoseOptions diagnose;
  ListenOptions listen;
  MessagesSearchOptions messages_search;
  PairOptions pair;
  ReportOptions report;
  UnpairOptions unpair;
  ThreadsListOptions threads_list;
  ThreadsShowOptions threads_show;

  CLI::App* accounts_list_command = nullptr;
  CLI::App* backfill_command = nullptr;
  CLI::App* diagnose_command = nullptr;
  CLI::App* listen_command = nullptr;
  CLI::App* messages_search_command = nullptr;
  CLI::App* pair_command = nullptr;
  CLI::App* report_command = nullptr;
  CLI::App* unpair_command = nullptr;
  CLI::App* threads_list_command = nullptr;
  CLI::App* threads_show_command = nullptr;

 private:
  void add_global_options();
  void add_typed_flag(CLI::App& command, const char* flag, bool& to, const char* description);
  void add_trace(CLI::App& command);
  void add_search_index(CLI::App& command);
  void add_accounts();
  void add_backfill();
  void add_diagnose();
  void add_listen();
  void add_messages();
  void add_pair();
  void add_report();
  void add_unpair();
  void add_threads();
};

// "WA_SYNC_STATE_DIR" from "state-dir".
std::string environment_twin(std::string_view option);

// Throws Error(kConfig) when the environment has a variable for an option that must be typed.
void check_nothing_typed_is_set(const Grammar& grammar);

// What the user has got wrong, as an Error(kUsage or kConfig).
Error error_of(const CLI::ParseError& error, const CLI::App& app);
// The option's value is one of these; else it throws Error(kUsage).
void check_one_of(CLI::Option* option, std::vector<std::string> words);
// The option's value is a whole number from 1; else it throws Error(kUsage).
void check_count(CLI::Option* option, std::size_t most = 1'000'000);

// GNU-like help: usage, what it does, examples, commands, options, and those of every
// command, within 80 columns.
class HelpFormat : public CLI::Formatter {
 public:
  std::string make_help(const CLI::App* app, std::string name,
                        CLI::AppFormatMode mode) const override;
};

// Reads TOML and hands CLI11 only what the environment does not override (CLI11 by itself
// lets the file win over the environment). A top-level key goes to every command that has
// such an option.
class ConfigFile : public CLI::ConfigTOML {
 public:
  explicit ConfigFile(const CLI::App& app);
  std::vector<CLI::ConfigItem> from_config(std::istream& input) const override;

 private:
  const CLI::App& app_;
};

}  // namespace wasync
