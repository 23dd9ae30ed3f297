#include "cli/environment.h"

#include <algorithm>

#include "cli/command_line.h"

namespace wasync {
namespace {

const std::vector<EnvironmentVariable>& foreign_variables() {
  static const std::vector<EnvironmentVariable> variables = {
      {"STATE_DIRECTORY", "State directory, as systemd sets it for services"},
      {"XDG_STATE_HOME", "Parent of the state directory; default ~/.local/state"},
      {"XDG_CONFIG_HOME", "Parent of wa-sync/config.toml; default ~/.config"},
      {"ACCOUNT_NAMESPACE", "Namespace in account ids; default prod"},
      {"INSTANCE_ID", "Who this host is in leases of accounts; default hostname-pid"},
      {"WHATSAPP_SYNC_FULL_HISTORY", "\"false\": pair asks for recent history only"},
      {"WHATSAPP_HISTORY_SYNC_DRY_RUN",
       "\"true\": pair only tries the history, and stores none of it"},
      {"WHATSAPP_BACKFILL_THREADS", "Conversations that backfill asks about; default 50"},
      {"WHATSAPP_BACKFILL_COUNT", "Messages that it asks for in each; default 100"},
      {"WHATSAPP_BACKFILL_MESSAGES_PER_THREAD",
       "The same of the backfills that listen starts by itself; default 20"},
      {"AUTO_BACKFILL_ENABLED", "\"false\": listen starts none by itself"},
      {"AUTO_BACKFILL_INTERVAL_MS",
       "Between two looks at which accounts are due for one; default 720000"},
      {"AUTO_BACKFILL_COOLDOWN_SUCCESS_MS",
       "An account is not due for so long after a success; default 21600000"},
      {"AUTO_BACKFILL_ATTEMPT_BACKOFF_MS", "Nor after a failure; default 600000"},
      {"AUTO_BACKFILL_LEASE_MS",
       "Of an account among several hosts, and the longest that one may take; default 900000"},
      {"AUTO_BACKFILL_MAX_ACCOUNTS_PER_TICK", "Accounts chosen at one look; default 3"},
      {"AUTO_BACKFILL_MAX_CONCURRENCY", "Accounts filled at the same time; default 1"},
      {"FIRESTORE_EMULATOR_HOST", "Firestore emulator, host:port: no credentials needed"},
      {"FIREBASE_SERVICE_ACCOUNT_JSON", "Service account's key for Firestore, the JSON itself"},
      {"FIREBASE_SERVICE_ACCOUNT_PATH", "Service account's key file for Firestore"},
      {"GOOGLE_APPLICATION_CREDENTIALS", "Such a file, or a user's credentials"},
      {"CLOUDSDK_CONFIG", "Where gcloud keeps its credentials; default ~/.config/gcloud"},
      {"GCE_METADATA_HOST", "Metadata server; default metadata.google.internal"},
      {"WA_SYNC_FIREBASE_KEYS_URL",
       "For tests: keys of Firebase ID tokens, an http:// URL of this machine"},
      {"WA_SYNC_FIRESTORE_PROJECT, GOOGLE_CLOUD_PROJECT",
       "Project of Firestore, without --project"},
      {"https_proxy, HTTPS_PROXY",
       "Proxy for WhatsApp: http://[user:password@]host:port; small letters win"},
      {"http_proxy", "Proxy for a simulator, if it is on this machine too"},
      {"all_proxy, ALL_PROXY", "The same for both, where none of these is set"},
      {"no_proxy, NO_PROXY", "Hosts reached without proxy: names, addresses, 10.0.0.0/8, or *"},
      {"SSL_CERT_FILE, SSL_CERT_DIR", "Certificate authorities other than the system's"},
      {"NOTIFY_SOCKET, WATCHDOG_USEC", "How systemd wants to hear from listen; it sets them"},
      {"LC_ALL, LC_MESSAGES, LANG", "Language of messages, the first that is set"},
      {"TZ", "Time zone of times shown to people"},
      {"NO_COLOR", "When set: no colours unless --color always"},
      {"TERM", "\"dumb\": neither colours nor cursor movement"},
      {"COLORFGBG", "Without colours: tells a light background, for the QR code"},
  };
  return variables;
}

std::string roff_escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '-')
      out += "\\-";
    else if (c == '\\')
      out += "\\e";
    else if (c == '~')
      out += "\\(ti";
    else
      out += c;
  }
  return out;
}

}  // namespace

std::vector<EnvironmentVariable> environment_variables() {
  std::vector<EnvironmentVariable> all;
  for (const OptionHelp& option : all_options()) {
    if (option.environment.empty()) continue;
    const std::string of = option.command.empty() ? "" : " of " + option.command;
    const auto known = std::ranges::find(all, option.environment, &EnvironmentVariable::name);
    if (known != all.end())
      known->meaning += " and" + of.substr(3);
    else
      all.push_back({.name = option.environment, .meaning = option.name + of});
  }
  const auto& others = foreign_variables();
  all.insert(all.end(), others.begin(), others.end());
  return all;
}

std::string environment_text() {
  const auto variables = environment_variables();
  std::size_t widest = 0;
  for (const auto& variable : variables) widest = std::max(widest, variable.name.size());
  std::string out;
  for (const auto& [name, meaning] : variables) {
    std::string line = name;
    line.resize(widest + 2, ' ');
    out += line + meaning + "\n";
  }
  return out;
}

std::string environment_roff() {
  std::string out;
  for (const auto& [name, meaning] : environment_variables())
    out += ".TP\n.B " + roff_escaped(name) + "\n" + roff_escaped(meaning) + "\n";
  return out;
}

}  // namespace wasync
