#include <algorithm>

#include "diagnose/repair_firestore.h"
#include "inbox/mend.h"
#include "inbox/visibility.h"

namespace wasync::diagnosis {
namespace {

using firestore::Document;

constexpr std::int64_t kThreadPage = 300;
constexpr std::size_t kMostAtOnce = 100;  // documents asked for by name

bool is_mangled(const std::string& id) {
  const ThreadFacts sound{.thread_id = id, .display_name = "?", .last_message_at_time_ms = 0};
  return hidden_because(sound) == HiddenBecause::kMangledId;
}

// A LID's thread that the app shows, and the phone's thread of what may be the same person.
struct Pair {
  std::string lid{};    // "threads/ID"
  std::string phone{};  // likewise
  bool told = false;    // by WhatsApp, to this host
};

std::string stated_phone(const Document& thread) {
  for (const char* field : {"normalizedPhone", "phoneE164", "phone", "phoneNumber"})
    if (auto phone = normalized_phone(text_of(thread.fields, field))) return *phone;
  return {};
}

std::optional<Pair> pair_of(FirestoreSite& site, const AccountId& account, const Document& thread) {
  const auto id = ThreadId::parse(thread.id());
  if (!id || id->account() != account || !id->jid().is_lid()) return std::nullopt;
  if (points_elsewhere(thread)) return std::nullopt;
  std::optional<Jid> phone = phone_of_lid(site.database, id->jid());
  const bool told = phone.has_value();
  if (const std::string stated = stated_phone(thread); !told && !stated.empty())
    phone = Jid::parse(stated.substr(1) + "@s.whatsapp.net");
  if (!phone || !can_be_thread(*phone)) return std::nullopt;
  return Pair{
      .lid = thread.path, .phone = "threads/" + thread_id_for(account, *phone).str(), .told = told};
}

void plan_time(FirestoreSite& site, const AccountId& account, const Document& thread,
               RepairPlan& plan) {
  const Newest newest = newest_of(site, thread);
  if (newest.time_ms > 0)
    plan.repairs.push_back(
        {.account = account,
         .document = thread.path,
         .work = SetTime{.in_firestore = true, .time = {newest.time_ms / 1000}}});
  else
    plan.left.push_back(
        {.account = account,
         .document = thread.path,
         .why = newest.implausible ? LeftBecause::kImplausibleTime : LeftBecause::kNoMessage,
         .undated = true});
}

void plan_redirect(FirestoreSite& site, const AccountId& account, const Pair& pair,
                   const std::optional<Document>& phone, RepairPlan& plan) {
  if (!phone) return;  // it is the person's only one
  const auto leave = [&](LeftBecause why) {
    plan.left.push_back({.account = account, .document = pair.lid, .why = why});
  };
  if (!pair.told) return leave(LeftBecause::kNotOnePerson);
  if (is_out_of_sight(*phone)) return leave(LeftBecause::kNoOtherThread);
  const std::int64_t messages = site.client.count({.parent = pair.lid, .collection = "messages"});
  site.reads += 1 + messages / 1000;
  plan.repairs.push_back(
      {.account = account,
       .document = pair.lid,
       .work = Redirect{.in_firestore = true, .into = pair.phone, .messages = messages}});
}

}  // namespace

void plan_firestore(FirestoreSite& site, const AccountId& account, RepairPlan& plan) {
  firestore::Query query{.collection = "threads",
                         .equal = {{"accountId", account.str()}},
                         .limit = kThreadPage,
                         .fields = thread_fields()};
  std::vector<Pair> pairs;
  do {
    const std::vector<Document> page = site.client.run_query(query);
    site.reads += std::max<std::int64_t>(1, static_cast<std::int64_t>(page.size()));
    for (const Document& thread : page) {
      if (is_mangled(thread.id())) {
        plan.left.push_back({.account = account,
                             .document = thread.path,
                             .why = LeftBecause::kMangledId,
                             .undated = is_undated(thread)});
        continue;
      }
      if (is_undated(thread)) plan_time(site, account, thread, plan);
      if (auto pair = pair_of(site, account, thread)) pairs.push_back(*std::move(pair));
    }
    query.start_after =
        static_cast<std::int64_t>(page.size()) < kThreadPage ? std::string() : page.back().path;
  } while (!query.start_after.empty());

  for (std::size_t begin = 0; begin < pairs.size(); begin += kMostAtOnce) {
    const std::size_t end = std::min(pairs.size(), begin + kMostAtOnce);
    std::vector<std::string> paths;
    for (std::size_t i = begin; i < end; ++i) paths.push_back(pairs[i].phone);
    const auto phones = read_threads(site, paths);
    for (std::size_t i = begin; i < end; ++i)
      plan_redirect(site, account, pairs[i], phones[i - begin], plan);
  }
}

}  // namespace wasync::diagnosis
