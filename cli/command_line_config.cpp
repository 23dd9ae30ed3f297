// The configuration file, below the environment and above the defaults.
#include <istream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "cli/command_line_app.h"
#include "cli/env.h"

namespace wasync {
namespace {

// Paths of the commands below `app` that have this option.
void commands_with(const CLI::App& app, const std::string& option, std::vector<std::string>& path,
                   std::vector<std::vector<std::string>>& found) {
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    path.push_back(command->get_name());
    if (command->get_option_no_throw("--" + option) != nullptr) found.push_back(path);
    commands_with(*command, option, path, found);
    path.pop_back();
  }
}

// CLI11 ends a line at any '#', even one inside quotes; so comments are taken away here.
std::string without_comments(std::istream& input) {
  std::string out;
  for (std::string line; std::getline(input, line); out += line + "\n") {
    char quote = 0;
    for (std::size_t i = 0; i < line.size(); ++i) {
      const char c = line[i];
      if (quote != 0) {
        if (c == quote) quote = 0;
      } else if (c == '"' || c == '\'') {
        quote = c;
      } else if (c == '#') {
        line.resize(i);
      }
    }
  }
  return out;
}

}  // namespace

ConfigFile::ConfigFile(const CLI::App& app) : app_(app) {
  comment('\x01');  // none left to look for
}

std::vector<CLI::ConfigItem> ConfigFile::from_config(std::istream& input) const {
  std::istringstream plain(without_comments(input));
  std::vector<CLI::ConfigItem> wanted;
  for (CLI::ConfigItem& item : CLI::ConfigTOML::from_config(plain)) {
    const bool mark = item.name == "++" || item.name == "--";  // a section opens or closes
    if (!mark && !env(environment_twin(item.name).c_str()).empty()) continue;
    std::vector<std::vector<std::string>> found;
    std::vector<std::string> path;
    if (!mark && item.parents.empty() && app_.get_option_no_throw("--" + item.name) == nullptr)
      commands_with(app_, item.name, path, found);
    for (const auto& command : found) {
      wanted.push_back(item);
      wanted.back().parents = command;
    }
    if (found.empty()) wanted.push_back(std::move(item));
  }
  return wanted;
}

}  // namespace wasync
