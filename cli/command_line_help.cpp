// How --help looks.
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "cli/command_line_app.h"

namespace wasync {
namespace {

constexpr std::size_t kLeftColumn = 26;
constexpr std::size_t kLineWidth = 79;

// "  left      description", the description wrapped into its column.
std::string entry(const std::string& left, const std::string& description) {
  std::string line = "  " + left;
  std::string out;
  if (line.size() + 2 > kLeftColumn) {
    out = line + "\n";
    line.clear();
  }
  line.resize(kLeftColumn, ' ');
  std::istringstream words(description);
  bool first = true;
  for (std::string word; words >> word; first = false) {
    if (!first && line.size() + 1 + word.size() > kLineWidth) {
      out += line + "\n";
      line.assign(kLeftColumn, ' ');
      first = true;
    }
    line += first ? word : " " + word;
  }
  return out + line + "\n";
}

std::string option_entry(const CLI::Option& option) {
  const auto& shorts = option.get_snames();
  const auto& longs = option.get_lnames();
  if (option.get_positional()) return entry(option.get_type_name(), option.get_description());
  std::string left = shorts.empty() ? "    " : "-" + shorts.front() + ", ";
  if (!longs.empty()) left += "--" + longs.front();
  if (option.get_expected_min() > 0 && !option.get_type_name().empty())
    left += " " + option.get_type_name();
  return entry(left, option.get_description());
}

std::string section(const std::string& title, const std::vector<const CLI::Option*>& options) {
  if (options.empty()) return {};
  std::string out = "\n" + title + ":\n";
  for (const CLI::Option* option : options) out += option_entry(*option);
  return out;
}

std::vector<const CLI::Option*> options_in(const CLI::App& app, std::string_view group) {
  return app.get_options(
      [group](const CLI::Option* option) { return option->get_group() == group; });
}

const CLI::App& root_of(const CLI::App& app) {
  const CLI::App* root = &app;
  while (root->get_parent() != nullptr) root = root->get_parent();
  return *root;
}

std::string full_name(const CLI::App& app) {
  if (app.get_parent() == nullptr) return app.get_name();
  return full_name(*app.get_parent()) + " " + app.get_name();
}

std::string commands(const CLI::App& app) {
  const auto subcommands = app.get_subcommands([](const CLI::App*) { return true; });
  if (subcommands.empty()) return {};
  std::string out = "\nCommands:\n";
  for (const CLI::App* command : subcommands) {
    const auto inner = command->get_subcommands([](const CLI::App*) { return true; });
    if (inner.empty()) out += entry(command->get_name(), command->get_description());
    for (const CLI::App* each : inner)
      out += entry(command->get_name() + " " + each->get_name(), each->get_description());
  }
  return out;
}

}  // namespace

std::string HelpFormat::make_help(const CLI::App* app, std::string /*name*/,
                                  CLI::AppFormatMode /*mode*/) const {
  std::string out = "Usage: " + full_name(*app);
  if (!app->get_subcommands([](const CLI::App*) { return true; }).empty()) out += " COMMAND";
  const auto arguments = options_in(*app, "Arguments");
  for (const CLI::Option* argument : arguments) out += " " + argument->get_type_name();
  out += " [OPTION]...\n" + app->get_description() + "\n";
  if (!app->get_footer().empty()) out += "\n" + app->get_footer() + "\n";
  out += commands(*app);
  out += section("Arguments", arguments);
  out += section("Options", options_in(*app, "Options"));
  out += section("Options of every command", options_in(root_of(*app), "Options of every command"));
  return out;
}

}  // namespace wasync
