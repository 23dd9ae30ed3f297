#include "cli/diagnose_view.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <nlohmann/json.hpp>

#include "cli/diagnose_words.h"
#include "cli/json_text.h"
#include "cli/term/width.h"
#include "cli/time_text.h"

namespace wasync {
namespace {

using diagnosis::AccountDiagnosis;
using diagnosis::Check;
using diagnosis::CheckId;
using diagnosis::CheckState;
using diagnosis::Diagnosis;
using diagnosis::Fact;
using diagnosis::Judgement;
using diagnosis::Verdict;
using Json = nlohmann::ordered_json;

constexpr std::size_t kShortestNumber = 8;
constexpr int kLabelColumns = 16;

std::string said(const DiagnoseView& view, Phrase phrase) {
  return std::string(phrase.in(view.language));
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

Words ago(UnixSeconds time, UnixSeconds now) {
  if (!time.known()) return Phrase{"never", "niciodată"};
  const std::int64_t seconds = std::max<std::int64_t>(0, now.value - time.value);
  struct Unit {
    std::int64_t from_s, size_s;
    Noun noun;
  };
  constexpr Unit kUnits[] = {{48 * 3600, 24 * 3600, noun::kDay},
                             {2 * 3600, 3600, noun::kHour},
                             {120, 60, noun::kMinute},
                             {0, 1, noun::kSecond}};
  const auto* unit =
      std::ranges::find_if(kUnits, [&](const Unit& each) { return seconds >= each.from_s; });
  return Phrase{"{} ago", "acum {}"}.with(counted(unit->noun, seconds / unit->size_s));
}

Words bytes_text(std::int64_t bytes) {
  if (bytes >= 10LL << 30) return Phrase{"{} GiB", "{} GiB"}.with(grouped(bytes >> 30));
  return Phrase{"{} MiB", "{} MiB"}.with(grouped(bytes >> 20));
}

struct CountedFact {
  std::string_view name;
  Noun noun;
};
constexpr CountedFact kCounted[] = {{"threads", noun::kConversation},
                                    {"shown", noun::kConversation},
                                    {"hidden", noun::kConversation},
                                    {"placeholders", noun::kConversation},
                                    {"never_asked", noun::kConversation},
                                    {"messages", noun::kMessage},
                                    {"saved", noun::kMessage},
                                    {"awaited", noun::kMessage},
                                    {"too_large", noun::kMessage},
                                    {"minutes", noun::kMinute},
                                    {"chunks", noun::kChunk},
                                    {"waiting", noun::kChunk},
                                    {"lost", noun::kChunk},
                                    {"queued", noun::kDocument},
                                    {"set_aside", noun::kDocument}};

// Written by others: servers, file systems, other programs.
bool is_free_text(std::string_view fact) {
  constexpr std::array kNames{"error", "reason", "refusal", "why", "hint"};
  return std::ranges::find(kNames, fact) != kNames.end();
}

std::string shown_text(const DiagnoseView& view, std::string_view name, const std::string& text) {
  if (name == "phone") return view.verbose ? text : masked_phone(text);
  std::string out = one_line(text);
  if (!is_free_text(name)) return out;
  if (!view.verbose) out = masked_numbers(out);
  while (out.ends_with('.')) out.pop_back();
  if (!out.empty() || name == "hint") return out;
  return said(view, {"no answer in time", "niciun răspuns la timp"});
}

std::string shown_fact(const DiagnoseView& view, const Fact& fact) {
  if (const auto* time = std::get_if<UnixSeconds>(&fact.value)) {
    if (fact.name == "oldest" && !time->known())
      return said(view, {"an unknown time", "nu se știe când"});
    return fact.name == "until" ? local_date_time(*time) : ago(*time, view.now).in(view.language);
  }
  if (const auto* text = std::get_if<std::string>(&fact.value))
    return shown_text(view, fact.name, *text);
  if (const auto* text = std::get_if<Words>(&fact.value))
    return shown_text(view, fact.name, text->in(view.language));
  const std::int64_t number = std::get<std::int64_t>(fact.value);
  if (fact.name == "free_bytes") return bytes_text(number).in(view.language);
  const auto* found = std::ranges::find(kCounted, fact.name, &CountedFact::name);
  if (found != std::end(kCounted)) return counted(found->noun, number).in(view.language);
  return fact.name == "pid" ? std::to_string(number) : grouped(number).in(view.language);
}

// What leads a command to the same inbox.
struct Leading {
  std::string here{};
  std::string source{};
};

// Placeholders are facts of the check. One that is none of them is a mistake in our words.
std::string filled_from(const DiagnoseView& view, std::string_view words, const Check& check,
                        const Leading& leading = {}) {
  std::string out = filled(words, [&](std::string_view name) -> std::string {
    if (name == "here") return leading.here;
    if (name == "source") return leading.source;
    const auto fact = std::ranges::find(check.facts, name, &Fact::name);
    if (fact != check.facts.end()) return shown_fact(view, *fact);
    throw Error(ErrorCode::kInternal, "a check lacks the fact " + std::string(name));
  });
  while (out.ends_with(' ') || out.ends_with('\n')) out.pop_back();
  return out;
}

// "account_…" is no phone number, and any account can be named so.
Leading leading_to(const DiagnoseView& view, const Diagnosis& diagnosis) {
  const bool named = diagnosis.about && diagnosis.accounts.size() > 1;
  const bool firestore = std::ranges::any_of(diagnosis.checks, [](const Check& check) {
    return check.finding == diagnosis::Finding::kFirestoreInbox;
  });
  return {.here = (named ? " --account " + diagnosis.about->str() : std::string()) + view.where,
          .source = firestore ? " --source firestore" : ""};
}

struct Advice {
  std::string why{};
  std::string command{};
  std::string remark{};
  std::string otherwise{};
};

std::string switch_on_first(const DiagnoseView& view, UnixSeconds heard) {
  const Check phone{.id = CheckId::kPhone, .facts = {{"last_heard", heard}}};
  return filled_from(view, phone_first(heard.known()).in(view.language), phone);
}

Advice advice_of(const DiagnoseView& view, const Diagnosis& diagnosis) {
  if (!diagnosis.judgement.decisive) return {};
  const Check& check = *diagnosis.judgement.decisive;
  const FindingWords& words = words_of(check.finding);
  const Leading leading = leading_to(view, diagnosis);
  const auto fill = [&](std::string_view text) { return filled_from(view, text, check, leading); };
  std::string why = fill(words.why.in(view.language));
  if (diagnosis.judgement.silent_phone)
    why += "\n" + switch_on_first(view, *diagnosis.judgement.silent_phone);
  return {.why = std::move(why),
          .command = fill(words.command),
          .remark = fill(words.remark.in(view.language)),
          .otherwise = fill(words.otherwise.in(view.language))};
}

constexpr int kColumns = 80;
constexpr int kNarrowest = 40;

std::string mark(const DiagnoseView& view, CheckState state) {
  switch (state) {
    case CheckState::kOk: return view.style.green(view.utf8 ? "✓" : "ok");
    case CheckState::kBroken: return view.style.red(view.utf8 ? "✗" : "NO");
    case CheckState::kSkipped: return view.style.dim(view.utf8 ? "–" : "- ");
    case CheckState::kUnknown: break;
  }
  return view.style.yellow(view.utf8 ? "?" : "? ");
}

// What everybody's Inbox is like, and what says nothing by itself.
bool goes_without_saying(const Check& check) {
  using diagnosis::Finding;
  switch (check.finding) {
    case Finding::kClockRight:
    case Finding::kFileSound:
    case Finding::kNeverFilled:
    case Finding::kLeaseHere:
    case Finding::kLeaseNobody:
    case Finding::kNothingHidden:
    case Finding::kAllHaveTimes:
    case Finding::kNoMangledIds:
    case Finding::kNoDuplicates:
    case Finding::kOneAccountOfPhone: return true;
    default: return false;
  }
}

std::string lines_of(const DiagnoseView& view, const std::vector<Check>& checks) {
  std::string out;
  for (const Check& check : checks) {
    if (goes_without_saying(check) && !view.verbose) continue;
    std::string label(label_of(check.id).in(view.language));
    label.append(static_cast<std::size_t>(std::max(1, kLabelColumns - term::display_width(label))),
                 ' ');
    std::string line = filled_from(view, words_of(check.finding).line.in(view.language), check);
    constexpr int kMargin = kLabelColumns + 4;
    if (view.columns)
      line = term::wrapped(line, std::max(*view.columns, kNarrowest), kMargin, kMargin);
    out += "  " + mark(view, check.state) + " " + label + line + "\n";
  }
  return out;
}

std::string conversations(const DiagnoseView& view, const Judgement& judgement) {
  if (!judgement.shown)
    return said(view, {"what the app would show is not known",
                       "nu se știe ce conversații ar arăta aplicația"});
  const Phrase phrase = judgement.not_read == 0
                            ? Phrase{"{} would be shown", "s-ar arăta {}"}
                            : Phrase{"at least {} would be shown", "s-ar arăta cel puțin {}"};
  return phrase.with(counted(noun::kConversation, *judgement.shown)).in(view.language);
}

std::string coloured(const DiagnoseView& view, Verdict verdict) {
  const std::string word(word_of(verdict).in(view.language));
  if (verdict == Verdict::kHealthy) return view.style.green(word);
  return verdict == Verdict::kEmpty ? view.style.red(word) : view.style.yellow(word);
}

std::string judged(const DiagnoseView& view, const Judgement& judgement) {
  return coloured(view, judgement.verdict) + " (" + conversations(view, judgement) + ")";
}

std::string account_title(const DiagnoseView& view, const AccountDiagnosis& account) {
  std::string title =
      account.phone.empty() ? account.id.str() : shown_text(view, "phone", account.phone);
  if (!account.name.empty()) title += " " + one_line(account.name);
  return view.style.bold(title) + ": " + judged(view, account.judgement) + "\n";
}

// Of several accounts, one in order is a line.
bool has_lines(const DiagnoseView& view, const AccountDiagnosis& account) {
  return view.verbose || account.judgement.verdict != Verdict::kHealthy;
}

std::string indented(const std::string& text, std::size_t columns) {
  std::string out;
  for (const char c : text) {
    out += c;
    if (c == '\n') out.append(columns, ' ');
  }
  return out;
}

std::string advice_text(const DiagnoseView& view, const Advice& advice) {
  std::string out;
  if (!advice.why.empty()) {
    const std::string label = said(view, {"Why:", "De ce:"});
    const int columns = std::clamp(view.columns.value_or(kColumns), kNarrowest, kColumns);
    out += "\n" + view.style.bold(label) + " " +
           term::wrapped(advice.why, columns, term::display_width(label) + 1, 0) + "\n";
  }
  if (advice.command.empty()) return out;
  const std::string label = said(view, {"Do:", "Fă:"});
  const auto margin = static_cast<std::size_t>(term::display_width(label)) + 2;
  const std::string remark = advice.remark.empty() ? "" : "(" + advice.remark + ")";
  const int line = term::display_width(advice.command + remark) + static_cast<int>(margin) + 4;
  out += "\n" + view.style.bold(label) + "  " + advice.command;
  if (!remark.empty())
    out += (line <= kColumns ? "    " : "\n" + std::string(margin, ' ')) + remark;
  if (!advice.otherwise.empty())
    out += "\n" + std::string(margin, ' ') + indented(advice.otherwise, margin);
  return out + "\n";
}

Json value_json(const DiagnoseView& view, const Fact& fact) {
  if (const auto* time = std::get_if<UnixSeconds>(&fact.value)) return json_time(*time);
  if (const auto* number = std::get_if<std::int64_t>(&fact.value)) return *number;
  const auto* ours = std::get_if<Words>(&fact.value);
  const std::string& text =
      ours != nullptr ? ours->in(Language::kEnglish) : std::get<std::string>(fact.value);
  if (view.verbose) return text;
  if (fact.name == "phone") return masked_phone(text);
  return is_free_text(fact.name) ? masked_numbers(text) : text;
}

Json checks_json(const DiagnoseView& view, const std::vector<Check>& checks) {
  Json out = Json::array();
  for (const Check& check : checks) {
    Json facts = Json::object();
    for (const Fact& fact : check.facts) facts[std::string(fact.name)] = value_json(view, fact);
    const bool judged = check.state == CheckState::kOk || check.state == CheckState::kBroken;
    out.push_back(
        {{"id", name(check.id)},
         {"ok", judged ? Json(check.state == CheckState::kOk) : Json(nullptr)},
         {"state", name(check.state)},
         {"detail", filled_from(view, words_of(check.finding).line.in(Language::kEnglish), check)},
         {"facts", std::move(facts)}});
  }
  return out;
}

Json judgement_json(const Judgement& judgement) {
  const std::string_view cause = name(judgement.cause);
  return {{"verdict", name(judgement.verdict)},
          {"cause", cause.empty() ? Json(nullptr) : Json(cause)},
          {"exit_code", static_cast<int>(judgement.cause)},
          {"check", judgement.decisive ? Json(name(judgement.decisive->id)) : Json(nullptr)},
          {"shown", judgement.shown ? Json(*judgement.shown) : Json(nullptr)},
          {"not_read", judgement.not_read}};
}

Json text_or_null(const std::string& text) {
  return text.empty() ? Json(nullptr) : Json(text);
}

}  // namespace

std::string masked_phone(std::string_view phone) {
  std::string digits;
  for (const char c : phone)
    if (is_digit(c)) digits += c;
  if (digits.empty()) return std::string(phone);
  const std::string end = digits.size() > 5 ? digits.substr(digits.size() - 3) : "";
  const std::string area = digits.size() > kShortestNumber ? " " + digits.substr(2, 3) : "";
  return "+" + digits.substr(0, 2) + area + " ••• " + end;
}

std::string masked_numbers(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && is_digit(text[end])) ++end;
    // Part of a version, as in 2.3000.1010456367, is no phone.
    const bool behind_point = at >= 2 && text[at - 1] == '.' && is_digit(text[at - 2]);
    if (end - at >= kShortestNumber && !behind_point)
      out += masked_phone(text.substr(at, end - at)).substr(out.ends_with('+') ? 1 : 0);
    else
      out += text.substr(at, end - at);
    if (end < text.size()) out += text[end++];
    at = end;
  }
  return out;
}

std::string diagnosis_text(const DiagnoseView& view, const Diagnosis& diagnosis) {
  std::string out = view.style.bold("Inbox:") + " " + judged(view, diagnosis.judgement) + "\n\n" +
                    lines_of(view, diagnosis.checks);
  const bool several = diagnosis.accounts.size() > 1;
  for (const AccountDiagnosis& each : diagnosis.accounts) {
    if (several) out += "\n" + account_title(view, each);
    if (!several || has_lines(view, each)) out += lines_of(view, each.checks);
  }
  return out + advice_text(view, advice_of(view, diagnosis));
}

Json diagnosis_json(const DiagnoseView& shown, const Diagnosis& diagnosis) {
  DiagnoseView view = shown;
  view.language = Language::kEnglish;
  const Advice advice = advice_of(view, diagnosis);
  Json accounts = Json::array();
  Json checks = checks_json(view, diagnosis.checks);
  for (const AccountDiagnosis& each : diagnosis.accounts) {
    Json account{{"account", each.id.str()},
                 {"phone", view.verbose ? each.phone : masked_phone(each.phone)},
                 {"name", each.name}};
    account.update(judgement_json(each.judgement));
    accounts.push_back(std::move(account));
    for (Json& check : checks_json(view, each.checks)) {
      check["account"] = each.id.str();
      checks.push_back(std::move(check));
    }
  }
  Json out = judgement_json(diagnosis.judgement);
  out["account"] = diagnosis.about ? Json(diagnosis.about->str()) : Json(nullptr);
  out["why"] = text_or_null(advice.why);
  out["action"] = text_or_null(advice.command);
  out["remark"] = text_or_null(advice.remark);
  out["accounts"] = std::move(accounts);
  out["checks"] = std::move(checks);
  out["firestore_reads"] = diagnosis.firestore_reads;
  return out;
}

}  // namespace wasync
