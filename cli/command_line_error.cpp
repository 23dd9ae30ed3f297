// Wrong usage in the user's language. CLI11 says in English only what is wrong; which kind of
// mistake it is and about which option is taken from it, the words are ours.
#include <algorithm>
#include <string>
#include <string_view>

#include "base/number.h"
#include "cli/command_line_app.h"
#include "cli/env.h"

namespace wasync {
namespace {

// The command the user was in the middle of, for "see … --help".
std::string current_command(const CLI::App& app) {
  const auto chosen = app.get_subcommands();
  if (chosen.empty()) return app.get_name();
  return app.get_name() + " " + current_command(*chosen.front());
}

const CLI::App& innermost(const CLI::App& app) {
  const auto chosen = app.get_subcommands();
  return chosen.empty() ? app : innermost(*chosen.front());
}

// The option with the longest name in `text`: "--threads", not "--thread".
void find_option(const CLI::App& app, std::string_view text, std::string& longest) {
  for (const CLI::Option* option : app.get_options()) {
    const std::string name = option->get_name();
    if (name.size() > longest.size() && text.find(name) != std::string_view::npos) longest = name;
  }
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
    find_option(*command, text, longest);
}

std::string option_in(const CLI::App& app, std::string_view text) {
  std::string longest;
  find_option(app, text, longest);
  return longest;
}

std::string missing_argument(const CLI::App& command) {
  for (const CLI::Option* option : command.get_options())
    if (option->get_required() && option->count() == 0) return option->get_type_name();
  return {};
}

bool is(const CLI::ParseError& error, std::string_view said) {
  return std::string_view(error.what()).find(said) != std::string_view::npos;
}

// "what" without its beginning or end.
std::string without(std::string what, std::string_view part) {
  if (const std::size_t at = what.find(part); at != std::string::npos) what.erase(at, part.size());
  return what;
}

// The name of an option that stood in the configuration file, and must be typed; or nothing.
std::string typed_option_in(const CLI::ParseError& error) {
  if (!is(error, "not allowed in a configuration file")) return {};
  const std::string what = error.what();  // "unpair.purge: …"
  const std::string name = what.substr(0, what.find(':'));
  return name.substr(name.rfind('.') + 1);
}

constexpr Phrase kTypedFromFile{"the configuration file {} has {}, but --{} counts only when typed",
                                "fișierul de configurare {} conține {}, dar --{} contează numai "
                                "scris în comandă"};

Error typed_from_file(const CLI::App& app, const std::string& name) {
  const std::string file = app.get_config_ptr()->as<std::string>();
  return {ErrorCode::kConfig, kTypedFromFile.with(file, name, name),
          Phrase{"Remove it from the file, and type --{} in the command that needs it.",
                 "Scoate-l din fișier și scrie --{} în comanda care are nevoie de el."}
              .with(name)};
}

Words config_mistake(const CLI::ParseError& error) {
  const std::string what = error.what();
  if (dynamic_cast<const CLI::FileError*>(&error) != nullptr)
    return Phrase{"cannot read the configuration file {}",
                  "fișierul de configurare {} nu se poate citi"}
        .with(without(what, " was not readable (missing?)"));
  return Phrase{"configuration file: there is no option \"{}\"",
                "fișierul de configurare: nu există opțiunea „{}”"}
      .with(without(what, "INI was not able to parse "));
}

Words unexpected(const CLI::App& app, const std::string& argument) {
  if (argument.starts_with("-"))
    return Phrase{"there is no option \"{}\"", "nu există opțiunea „{}”"}.with(argument);
  const bool has_commands =
      !innermost(app).get_subcommands([](const CLI::App*) { return true; }).empty();
  if (has_commands)
    return Phrase{"there is no command \"{}\"", "nu există comanda „{}”"}.with(argument);
  return Phrase{"\"{}\" is one argument too many", "„{}” este un argument în plus"}.with(argument);
}

Words usage_mistake(const CLI::ParseError& error, const CLI::App& app) {
  const auto surplus = app.remaining(true);
  const bool required = dynamic_cast<const CLI::RequiredError*>(&error) != nullptr;
  const bool extras = dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr;
  if ((required || extras) && !surplus.empty()) return unexpected(app, surplus.front());
  if (required && is(error, "subcommand"))
    return Phrase{"a command is missing", "lipsește o comandă"};
  if (required)
    return Phrase{"{} is missing", "lipsește {}"}.with(missing_argument(innermost(app)));
  const std::string option = option_in(app, error.what());
  if (option.empty()) return std::string(error.what());
  if (is(error, "disallowed flag override"))
    return Phrase{"{} takes no value", "{} nu primește o valoare"}.with(option);
  if (is(error, "At Most"))
    return Phrase{"{} is given more than once", "{} apare de mai multe ori"}.with(option);
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr)
    return Phrase{"{} needs a value", "{} cere o valoare"}.with(option);
  return Phrase{"{}: the value is not valid", "{}: valoarea nu este bună"}.with(option);
}

}  // namespace

Error error_of(const CLI::ParseError& error, const CLI::App& app) {
  if (const std::string typed = typed_option_in(error); !typed.empty())
    return typed_from_file(app, typed);
  const std::string command = current_command(app);
  const bool config = dynamic_cast<const CLI::ConfigError*>(&error) != nullptr ||
                      dynamic_cast<const CLI::FileError*>(&error) != nullptr;
  if (config)
    return {ErrorCode::kConfig, config_mistake(error),
            Phrase{"Long options stand there without their dashes; see {} --help.",
                   "Opțiunile lungi stau acolo fără liniuțe; vezi {} --help."}
                .with(command)};
  return {ErrorCode::kUsage, usage_mistake(error, app),
          Phrase{"See {} --help.", "Vezi {} --help."}.with(command)};
}

void check_nothing_typed_is_set(const Grammar& grammar) {
  for (const CLI::Option* option : grammar.typed_only) {
    const std::string variable = environment_twin(option->get_lnames().front());
    if (env(variable.c_str()).empty()) continue;
    throw Error(ErrorCode::kConfig,
                Phrase{"the environment has {}, but {} counts only when typed",
                       "mediul conține {}, dar {} contează numai scris în comandă"}
                    .with(variable, option->get_name()),
                Phrase{"Remove the variable (unset {}), and type {} in the command that needs it.",
                       "Scoate variabila (unset {}) și scrie {} în comanda care are nevoie de ea."}
                    .with(variable, option->get_name()));
  }
}

void check_one_of(CLI::Option* option, std::vector<std::string> words) {
  option->check(
      [option, words = std::move(words)](const std::string& given) -> std::string {
        if (std::ranges::find(words, given) != words.end()) return {};
        throw Error(ErrorCode::kUsage,
                    Phrase{"{}: \"{}\" is not one of {}", "{}: „{}” nu este una dintre {}"}.with(
                        option->get_name(), given, CLI::detail::join(words, ", ")));
      },
      "");
}

void check_count(CLI::Option* option, std::size_t most) {
  option->check(
      [option, most](const std::string& given) -> std::string {
        const auto number = parse_number<std::size_t>(given);
        if (number && *number >= 1 && *number <= most) return {};
        throw Error(ErrorCode::kUsage, Phrase{"{}: \"{}\" is not a whole number from 1 to {}",
                                              "{}: „{}” nu este un număr întreg de la 1 la {}"}
                                           .with(option->get_name(), given, most));
      },
      "");
}

}  // namespace wasync
