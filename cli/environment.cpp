#include "cli/environment.h"

#include <algorithm>

#include "cli/command_line.h"

namespace wasync {
namespace {

const std::vector<EnvironmentVariable>& foreign_variables() {
  static const std::vector<EnvironmentVariable> variables = {
      {"STATE_DIRECTORY", "State directory; systemd sets it for services"},
      {"XDG_STATE_HOME", "Parent of the state directory; default ~/.local/state"},
      {"XDG_CONFIG_HOME", "Parent of wa-sync/config.toml; default ~/.config"},
      {"ACCOUNT_NAMESPACE", "Namespace in account ids; default prod"},
      {"INSTANCE_ID", "Name of this instance in leases of accounts; default hostname-pid"},
      {"WHATSAPP_SYNC_FULL_HISTORY", "\"false\": pair asks for recent history only"},
      {"WHATSAPP_HISTORY_SYNC_DRY_RUN",
       "\"true\": pair receives the history and stores none of it (dry run)"},
      {"WHATSAPP_BACKFILL_THREADS", "Conversations that backfill asks about; default 50"},
      {"WHATSAPP_BACKFILL_COUNT", "Messages that backfill asks for in each; default 100"},
      {"WHATSAPP_BACKFILL_MESSAGES_PER_THREAD",
       "Messages that a backfill started by listen asks for in each; default 20"},
      {"AUTO_BACKFILL_ENABLED", "\"false\": listen starts no backfill by itself"},
      {"AUTO_BACKFILL_INTERVAL_MS",
       "How often listen looks for accounts that need a backfill; default 720000"},
      {"AUTO_BACKFILL_COOLDOWN_SUCCESS_MS",
       "How long an account rests after a successful backfill; default 21600000"},
      {"AUTO_BACKFILL_ATTEMPT_BACKOFF_MS",
       "How long an account rests after a failed backfill; default 600000"},
      {"AUTO_BACKFILL_LEASE_MS",
       "How long a host claims an account for a backfill, and its time limit; default 900000"},
      {"AUTO_BACKFILL_MAX_ACCOUNTS_PER_TICK", "Backfills that listen starts at once; default 3"},
      {"AUTO_BACKFILL_MAX_CONCURRENCY", "Backfills that run at the same time; default 1"},
      {"FIRESTORE_EMULATOR_HOST", "Firestore emulator, host:port: no credentials needed"},
      {"FIREBASE_SERVICE_ACCOUNT_JSON", "Service account's key for Firestore, the JSON itself"},
      {"FIREBASE_SERVICE_ACCOUNT_PATH", "Service account's key file for Firestore"},
      {"GOOGLE_APPLICATION_CREDENTIALS",
       "Service account's key file, or a user's credentials file"},
      {"CLOUDSDK_CONFIG", "Where gcloud keeps its credentials; default ~/.config/gcloud"},
      {"GCE_METADATA_HOST", "Metadata server; default metadata.google.internal"},
      {"WA_SYNC_FIREBASE_KEYS_URL",
       "For tests: keys of Firebase ID tokens, an http:// URL of this machine"},
      {"WA_SYNC_FIRESTORE_PROJECT, GOOGLE_CLOUD_PROJECT",
       "Firestore project, when --project is missing"},
      {"https_proxy, HTTPS_PROXY",
       "Proxy for WhatsApp: http://[user:password@]host:port; small letters win"},
      {"http_proxy", "Proxy for a simulator on this machine"},
      {"all_proxy, ALL_PROXY", "Proxy for both, when none of these is set"},
      {"no_proxy, NO_PROXY", "Hosts reached without proxy: names, addresses, 10.0.0.0/8, or *"},
      {"SSL_CERT_FILE, SSL_CERT_DIR", "Certificate authorities other than the system's"},
      {"NOTIFY_SOCKET, WATCHDOG_USEC", "How listen reports to systemd, which sets them"},
      {"LC_ALL, LC_MESSAGES, LANG", "Language of messages, the first that is set"},
      {"TZ", "Time zone of times shown to people"},
      {"NO_COLOR", "When set: no colours unless --color always"},
      {"TERM", "\"dumb\": neither colours nor cursor movement"},
      {"COLORFGBG", "Light or dark background, for a QR code without colours"},
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
