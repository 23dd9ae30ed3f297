#include "session/receive/phone_requests.h"

#include <algorithm>

#include "base/error.h"
#include "base/sqlite.h"

namespace wasync {
namespace {

constexpr std::int64_t kHour_s = 3'600;
constexpr std::int64_t kRemembered_s = 86'400;

std::chrono::seconds until_over(Statement query, UnixSeconds now, int budget) {
  query.bind(now.value - kHour_s, now, budget - 1);
  if (!query.step()) return std::chrono::seconds(0);
  return std::chrono::seconds(query.integer(0) + kHour_s - now.value);
}

}  // namespace

void remember_phone_request(Database& database, const std::string& id, BytesView content,
                            UnixSeconds now, Asks for_what) {
  database.prepare("DELETE FROM phone_requests WHERE asked_at < ?")
      .bind(now.value - kRemembered_s)
      .run();
  database
      .prepare(
          "INSERT OR REPLACE INTO phone_requests (id, content, asked_at, of_awaited)"
          " VALUES (?, ?, ?, ?)")
      .bind(id, content, now, for_what == Asks::kAwaitedMessages)
      .run();
}

std::optional<PhoneRequest> find_phone_request(Database& database, std::string_view id) {
  auto query = database.prepare("SELECT content, repeats FROM phone_requests WHERE id = ?");
  query.bind(id);
  if (!query.step()) return std::nullopt;
  return PhoneRequest{.id = std::string(id),
                      .content = query.blob(0),
                      .repeats = static_cast<int>(query.integer(1))};
}

void count_repeat(Database& database, std::string_view id) {
  database.prepare("UPDATE phone_requests SET repeats = repeats + 1 WHERE id = ?").bind(id).run();
}

// What seems to have been asked in the future was asked before the clock was set back.
std::chrono::seconds until_phone_may_be_asked(Database& database, UnixSeconds now, Asks for_what) {
  const auto wait = until_over(
      database.prepare("SELECT asked_at FROM phone_requests WHERE asked_at > ? AND asked_at <= ?"
                       " ORDER BY asked_at DESC LIMIT 1 OFFSET ?"),
      now, kRequestsAnHour);
  if (for_what == Asks::kAnything) return wait;
  return std::max(
      wait, until_over(database.prepare("SELECT asked_at FROM phone_requests WHERE asked_at > ?"
                                        " AND asked_at <= ? AND of_awaited = 1"
                                        " ORDER BY asked_at DESC LIMIT 1 OFFSET ?"),
                       now, kAwaitedRequestsAnHour));
}

void count_delayed_request(Database& database) {
  database.prepare("UPDATE device SET delayed_requests = delayed_requests + 1").run();
}

std::int64_t delayed_requests(Database& database) {
  auto query = database.prepare("SELECT delayed_requests FROM device");
  return query.step() ? query.integer(0) : 0;
}

Error error_of(const FailedRequest& failed) {
  if (failed.why == FailedRequest::Why::kRefused) {
    return {ErrorCode::kServerRefused,
            Phrase{"WhatsApp does not pass our request on to the phone (error {})",
                   "WhatsApp nu transmite telefonului cererea noastră (eroarea {})"}
                .with(std::to_string(failed.code)),
            Phrase{"Try again later; if it stays so, link again: wa-sync pair --again",
                   "Încearcă mai târziu; dacă rămâne așa, conectează din nou: wa-sync pair "
                   "--again"}};
  }
  return {ErrorCode::kCrypto,
          Phrase{"the phone cannot read what we ask it for: it has lost its keys for this device",
                 "telefonul nu poate citi ce îi cerem: și-a pierdut cheile pentru acest "
                 "dispozitiv"},
          Phrase{"Link this device again: wa-sync pair --again",
                 "Conectează din nou acest dispozitiv: wa-sync pair --again"}};
}

}  // namespace wasync
