#include "service/inbox_staff.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "base/error.h"
#include "base/text.h"
#include "service/ask_firestore.h"

namespace wasync {
namespace asio = boost::asio;
namespace {

constexpr std::chrono::minutes kRemembered{1};
constexpr std::chrono::seconds kFailureRemembered{10};
constexpr int kMaxAsking = 8;
constexpr std::size_t kMaxRemembered = 1000;
constexpr std::size_t kMaxAdminOnly = 100;
constexpr const char* kInboxConfig = "config/whatsapp_inbox";
constexpr const char* kAdminOnly = "adminOnlyAccountIds";

[[noreturn]] void cannot_tell(const Words& why) {
  throw Error(ErrorCode::kConfig, why,
              Phrase{"Mend {} in {}: until then the staff may use no account.",
                     "Repară {} în {}: până atunci personalul nu poate folosi niciun cont."}
                  .with(kAdminOnly, kInboxConfig));
}

// Whatever stands there in place of a list of texts says nothing that could be relied on.
std::vector<std::string> admin_only_ids(const std::optional<firestore::Document>& config) {
  std::vector<std::string> out;
  const firestore::Value* value = config ? firestore::find(config->fields, kAdminOnly) : nullptr;
  if (value == nullptr) return out;
  const auto* list = std::get_if<firestore::Array>(&value->data);
  if (list == nullptr || list->size() > kMaxAdminOnly)
    cannot_tell(Phrase{"{} in {} is not a list of at most {} account ids",
                       "{} din {} nu este o listă de cel mult {} id-uri de cont"}
                    .with(kAdminOnly, kInboxConfig, kMaxAdminOnly));
  for (const firestore::Value& each : *list) {
    const auto* id = std::get_if<std::string>(&each.data);
    if (id == nullptr || !is_safe_document_id(*id))
      cannot_tell(Phrase{"{} in {} has an entry that is not an account id",
                         "{} din {} are o intrare care nu este un id de cont"}
                      .with(kAdminOnly, kInboxConfig));
    out.push_back(*id);
  }
  return out;
}

PhoneHash hash_of_account(const std::string& id,
                          const std::optional<firestore::Document>& document) {
  constexpr std::array<std::string_view, 2> kPhone = {"phoneE164", "phone"};
  for (const std::string_view field : kPhone) {
    if (!document) break;
    const auto phone = normalized_phone(firestore::text_of(document->fields, field));
    if (phone) return phone_hash_of(account_id_for(*phone));
  }
  cannot_tell(Phrase{"{} in {} names {}, and accounts/ has no phone for it",
                     "{} din {} numește {}, iar accounts/ nu are un telefon pentru el"}
                  .with(kAdminOnly, kInboxConfig, terminal_safe(id)));
}

}  // namespace

StaffRule read_staff_rule(firestore::Client& client, const std::string& uid) {
  if (!is_safe_document_id(uid)) return {};
  const std::array<std::string, 2> paths = {"staffProfiles/" + uid, kInboxConfig};
  const auto documents = client.batch_get(paths, {kAdminOnly});
  if (!documents.at(0)) return {};
  StaffRule out{.is_staff = true};
  std::vector<std::string> elsewhere;
  for (std::string& id : admin_only_ids(documents.at(1))) {
    if (const auto ours = AccountId::parse(id))
      out.admin_only.push_back(phone_hash_of(*ours));
    else
      elsewhere.push_back(std::move(id));
  }
  if (elsewhere.empty()) return out;
  std::vector<std::string> accounts;
  for (const std::string& id : elsewhere) accounts.push_back("accounts/" + id);
  const auto found = client.batch_get(accounts, {"phoneE164", "phone"});
  for (std::size_t i = 0; i < elsewhere.size(); ++i)
    out.admin_only.push_back(hash_of_account(elsewhere[i], found.at(i)));
  return out;
}

InboxStaff::InboxStaff(asio::any_io_executor executor, FirestoreInbox inbox, Now now)
    : executor_(std::move(executor)),
      now_(std::move(now)),
      thread_(std::make_unique<firestore::ClientThread>(std::move(inbox))) {}

void InboxStaff::stop() {
  thread_.reset();
}

asio::awaitable<StaffRule> InboxStaff::rule_for(std::string uid) {
  std::erase_if(known_, [&](const auto& each) { return now_() - each.second.since > kRemembered; });
  if (const auto known = known_.find(uid); known != known_.end()) co_return known->second.rule;
  if (failure_ && now_() - failed_at_ < kFailureRemembered) std::rethrow_exception(failure_);
  if (!thread_ || asking_ >= kMaxAsking)
    throw Error(ErrorCode::kInterrupted, "too many users are being looked up");
  ++asking_;
  const std::shared_ptr<void> asked(nullptr, [this](void*) { --asking_; });
  auto asking = ask(uid);
  StaffRule rule = co_await std::move(asking);
  // What is beyond that is asked for again each time.
  if (known_.size() < kMaxRemembered) known_[uid] = {.rule = rule, .since = now_()};
  co_return rule;
}

asio::awaitable<StaffRule> InboxStaff::ask(std::string uid) {
  std::function<StaffRule(firestore::Client&)> read = [uid](firestore::Client& client) {
    return read_staff_rule(client, uid);
  };
  auto asking = ask_firestore<StaffRule>(executor_, *thread_, std::move(read));
  try {
    co_return co_await std::move(asking);
  } catch (...) {
    failure_ = std::current_exception();
    failed_at_ = now_();
    throw;
  }
}

}  // namespace wasync
