#include "cli/repair_view.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "cli/diagnose_view.h"
#include "cli/term/width.h"
#include "cli/time_text.h"

namespace wasync {
namespace {

using diagnosis::LeftAlone;
using diagnosis::LeftBecause;
using diagnosis::NotPlanned;
using diagnosis::Redirect;
using diagnosis::Repair;
using diagnosis::RepairEnd;
using diagnosis::RepairOutcome;
using diagnosis::RepairPlan;
using diagnosis::RetryDocument;
using diagnosis::SetTime;
using Json = nlohmann::ordered_json;

constexpr std::size_t kFewestDigits = 8;

template <typename... Values>
std::string words(const RepairView& view, Phrase phrase, const Values&... values) {
  return phrase.with(values...).in(view.language);
}

bool is_decimal(char c) {
  return c >= '0' && c <= '9';
}

// "407•••397@s.whatsapp.net"
std::string masked_digits(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && is_decimal(text[end])) ++end;
    const std::string_view digits = text.substr(at, end - at);
    if (digits.size() >= kFewestDigits)
      out.append(digits.substr(0, 3)).append("•••").append(digits.substr(digits.size() - 3));
    else
      out += digits;
    if (end < text.size()) out += text[end++];
    at = end;
  }
  return out;
}

// The account's id is no phone number, and a message's id has digits of its own.
std::string shown_document(const RepairView& view, const std::string& document) {
  const std::string text = one_line(document);
  const std::size_t chat = text.find("__");
  if (view.verbose || chat == std::string::npos) return text;
  const std::size_t end = std::min(text.find("/messages/"), text.size());
  return text.substr(0, chat) + masked_digits(text.substr(chat, end - chat)) + text.substr(end);
}

// With one account its id says nothing.
std::string short_document(const RepairView& view, const std::string& document) {
  std::string text = shown_document(view, document);
  const std::size_t chat = text.find("__");
  const std::size_t name = text.find('/') + 1;
  if (view.verbose || view.several_accounts || chat == std::string::npos) return text;
  return text.substr(0, name) + "…" + text.substr(chat);
}

std::string strangers_text(const RepairView& view, const std::string& text) {
  return view.verbose ? one_line(text) : masked_numbers(one_line(text));
}

struct Detail {
  const RepairView& view;
  std::string operator()(const RetryDocument& it) const {
    return words(view,
                 Phrase{"refusals: {}, the last one: {}; offer it to Firestore again",
                        "refuzuri: {}, ultimul: {}; se oferă din nou lui Firestore"},
                 grouped(it.refusals), strangers_text(view, it.error));
  }
  std::string operator()(const SetTime& it) const {
    return words(view,
                 Phrase{"no lastMessageAt; set it to the time of the newest message, {}",
                        "fără lastMessageAt; se pune ora celui mai nou mesaj, {}"},
                 local_date_time(it.time));
  }
  std::string operator()(const Redirect& it) const {
    return words(view,
                 Phrase{"the same person as {}; let it point there, with {}",
                        "aceeași persoană ca {}; va trimite acolo, cu {}"},
                 short_document(view, it.into), counted(noun::kMessage, it.messages));
  }
};

std::string detail(const RepairView& view, const Repair& repair) {
  return std::visit(Detail{view}, repair.work);
}

// Below what it is about.
std::string below(const RepairView& view, const std::string& text) {
  constexpr int kIndent = 6;
  constexpr int kNarrowest = 40;
  const std::string line =
      view.columns ? term::wrapped(text, std::max(*view.columns, kNarrowest), kIndent, kIndent)
                   : text;
  return std::string(static_cast<std::size_t>(kIndent), ' ') + line + "\n";
}

Phrase reason_of(LeftBecause why) {
  switch (why) {
    case LeftBecause::kMangledId:
      return Phrase{"its id is mangled and does not say whose it is",
                    "are id-ul stricat, care nu spune a cui este"};
    case LeftBecause::kNoMessage:
      return Phrase{"has neither lastMessageAt nor a message: the next message sets it",
                    "nu are nici lastMessageAt, nici mesaje: îl pune următorul mesaj"};
    case LeftBecause::kImplausibleTime:
      return Phrase{"its newest message has an impossible time",
                    "cel mai nou mesaj are o oră imposibilă"};
    case LeftBecause::kNotOnePerson:
      return Phrase{"WhatsApp has not told this host that both are one person",
                    "WhatsApp nu a spus acestui sistem că ambele sunt aceeași persoană"};
    case LeftBecause::kNoOtherThread:
    case LeftBecause::kCount: break;
  }
  return Phrase{"the phone's conversation is missing, or points elsewhere itself",
                "conversația telefonului lipsește sau trimite ea însăși în altă parte"};
}

std::string more(const RepairView& view, std::size_t all) {
  if (all <= kRepairsShown) return {};
  return "  " +
         words(view, Phrase{"and {} more", "și încă {}"},
               grouped(static_cast<std::int64_t>(all - kRepairsShown))) +
         "\n";
}

// Whether the plan's text has it: it is among the first of its kind.
bool is_shown(const RepairPlan& plan, std::size_t repair) {
  std::size_t before = 0;
  for (std::size_t i = 0; i < repair && before < kRepairsShown; ++i)
    if (plan.repairs[i].work.index() == plan.repairs[repair].work.index()) ++before;
  return before < kRepairsShown;
}

std::string planned(const RepairView& view, const RepairPlan& plan) {
  std::array<std::string, std::variant_size_v<decltype(Repair::work)>> kinds;
  std::array<std::size_t, std::variant_size_v<decltype(Repair::work)>> counts{};
  for (const Repair& repair : plan.repairs) {
    const std::size_t kind = repair.work.index();
    if (++counts.at(kind) <= kRepairsShown)
      kinds.at(kind) +=
          "  " + short_document(view, repair.document) + "\n" + below(view, detail(view, repair));
  }
  std::string out;
  for (std::size_t kind = 0; kind < kinds.size(); ++kind)
    out += kinds.at(kind) + more(view, counts.at(kind));
  return out;
}

std::string left_alone(const RepairView& view, const RepairPlan& plan) {
  if (plan.left.empty()) return {};
  std::string out =
      "\n" +
      view.style.bold(words(view, Phrase{"wa-sync leaves alone:", "wa-sync lasă cum sunt:"})) +
      "\n";
  for (std::size_t i = 0; i < std::min(plan.left.size(), kRepairsShown); ++i)
    out += "  " + short_document(view, plan.left[i].document) + "\n" +
           below(view, words(view, reason_of(plan.left[i].why)));
  return out + more(view, plan.left.size());
}

// Why it is still in the queue, or what went wrong.
std::string said(const RepairView& view, const RepairOutcome& outcome) {
  switch (outcome.end) {
    case RepairEnd::kDone:
      if (outcome.copied == 0) return words(view, Phrase{"done", "făcut"});
      return words(view, Phrase{"done, {} copied", "făcut, s-au copiat {}"},
                   counted(noun::kMessage, outcome.copied));
    case RepairEnd::kSent:
      return words(view, Phrase{"sent: Firestore has it", "trimis: este în Firestore"});
    case RepairEnd::kQueued: {
      const std::string queued = words(view, Phrase{"in the queue, for wa-sync listen to send",
                                                    "în coadă, îl trimite wa-sync listen"});
      return outcome.error.empty() ? queued : queued + ": " + strangers_text(view, outcome.error);
    }
    case RepairEnd::kAlready:
      return words(view, Phrase{"nothing was left to do", "nu mai era nimic de făcut"});
    case RepairEnd::kFailed: break;
  }
  return words(view, Phrase{"failed: {}", "nu a reușit: {}"}, strangers_text(view, outcome.error));
}

Json repair_json(const RepairView& view, const Repair& repair,
                 const std::optional<RepairOutcome>& outcome) {
  Json out{{"kind", name(repair)}, {"account", repair.account.str()}};
  const bool thread = !std::holds_alternative<RetryDocument>(repair.work);
  const std::string document = shown_document(view, repair.document);
  if (thread)
    out["thread"] = document.substr(document.find('/') + 1);
  else
    out["document"] = document;
  out["detail"] = detail(view, repair);
  out["done"] = outcome && outcome->done();
  out["outcome"] = outcome ? Json(said(view, *outcome)) : Json(nullptr);
  const bool failed = outcome && !outcome->error.empty();
  out["error"] = failed ? Json(strangers_text(view, outcome->error)) : Json(nullptr);
  return out;
}

}  // namespace

std::string repair_plan_text(const RepairView& view, const RepairPlan& plan) {
  std::string out;
  if (plan.repairs.empty())
    out =
        words(view, Phrase{"There is nothing to repair here.", "Nu este nimic de reparat aici."}) +
        "\n";
  else
    out = view.style.bold(words(view, Phrase{"wa-sync can repair:", "wa-sync poate repara:"})) +
          "\n" + planned(view, plan);
  out += left_alone(view, plan);
  for (const NotPlanned& each : plan.not_planned)
    out += words(view, Phrase{"{}: could not be checked: {}", "{}: nu s-a putut verifica: {}"},
                 each.account.str(), strangers_text(view, each.why)) +
           "\n";
  if (plan.firestore_reads > 0)
    out += words(view,
                 Phrase{"The search cost {} Firestore reads.",
                        "Căutarea a costat {} citiri din Firestore."},
                 grouped(plan.firestore_reads)) +
           "\n";
  return out + "\n";
}

std::string repair_outcome_text(const RepairView& view, const RepairPlan& plan, std::size_t repair,
                                const RepairOutcome& outcome) {
  if (outcome.done() && !is_shown(plan, repair)) return {};
  const std::string good = view.utf8 ? "✓" : "ok";
  const std::string bad = view.utf8 ? "✗" : "NO";
  return "  " + (outcome.done() ? view.style.green(good) : view.style.red(bad)) + " " +
         short_document(view, plan.repairs[repair].document) + ": " + said(view, outcome) + "\n";
}

Json repairs_json(const RepairView& shown, const RepairPlan& plan,
                  const std::vector<std::optional<RepairOutcome>>& outcomes) {
  RepairView view = shown;
  view.language = Language::kEnglish;
  std::int64_t reads = plan.firestore_reads;
  Json repairs = Json::array();
  for (std::size_t i = 0; i < plan.repairs.size(); ++i) {
    repairs.push_back(repair_json(view, plan.repairs[i], outcomes[i]));
    if (outcomes[i]) reads += outcomes[i]->firestore_reads;
  }
  Json left = Json::array();
  for (const LeftAlone& each : plan.left)
    left.push_back({{"account", each.account.str()},
                    {"document", shown_document(view, each.document)},
                    {"reason", name(each.why)}});
  Json not_looked = Json::array();
  for (const NotPlanned& each : plan.not_planned)
    not_looked.push_back(
        {{"account", each.account.str()}, {"why", strangers_text(view, each.why)}});
  return {{"repairs", std::move(repairs)},
          {"left_alone", std::move(left)},
          {"not_looked_at", std::move(not_looked)},
          {"repair_reads", reads}};
}

}  // namespace wasync
