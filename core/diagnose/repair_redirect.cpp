#include <algorithm>

#include "diagnose/repair_firestore.h"
#include "inbox/mend.h"

namespace wasync::diagnosis {
namespace {

using firestore::Document;
using firestore::DocumentWrite;
using firestore::FailedRequest;
using firestore::Fields;

constexpr std::int64_t kMessagePage = 300;   // names of messages
constexpr std::size_t kWhole = 10;           // messages read at once, each of up to 1 MiB
constexpr std::size_t kMostBytes = 2 << 20;  // of a commit; see UploadOptions::most_bytes

ThreadId thread_in(const std::string& path) {
  auto id = ThreadId::parse(std::string_view(path).substr(path.find('/') + 1));
  if (!id) throw Error(ErrorCode::kInternal, "a repair of a thread without an id");
  return *std::move(id);
}

// The part of the message's key that its document id follows from. Nothing if another program wrote
// the message without one.
std::optional<MessageKey> key_in(const Document& message) {
  const auto* key = firestore::find<Fields>(message.fields, "key");
  if (key == nullptr) return std::nullopt;
  const bool* from_me = firestore::find<bool>(*key, "fromMe");
  const std::string_view id = text_of(*key, "id");
  if (from_me == nullptr || id.empty()) return std::nullopt;
  return MessageKey{.id = std::string(id),
                    .remote_jid = std::string(text_of(*key, "remoteJid")),
                    .from_me = *from_me,
                    .participant = std::string(text_of(*key, "participant"))};
}

// One message on its way from the LID's thread to the phone's.
struct Move {
  std::string from{};  // paths
  std::string to{};
};

class Copy {
 public:
  Copy(FirestoreSite& site, const Repair& repair)
      : site_(site),
        from_(thread_in(repair.document)),
        into_(thread_in(std::get<Redirect>(repair.work).into)) {}

  // Copies until the phone's thread has all messages; returns how many it lacked.
  std::int64_t run() {
    firestore::Query query{.parent = "threads/" + from_.str(),
                           .collection = "messages",
                           .limit = kMessagePage,
                           .fields = {"key"}};
    do {
      const std::vector<Document> page = site_.client.run_query(query);
      site_.reads += std::max<std::int64_t>(1, static_cast<std::int64_t>(page.size()));
      copy(lacking(page));
      query.start_after =
          static_cast<std::int64_t>(page.size()) < kMessagePage ? std::string() : page.back().path;
    } while (!query.start_after.empty());
    return copied_;
  }

 private:
  std::string path_of(const std::string& message) const {
    return "threads/" + into_.str() + "/messages/" + message;
  }

  // A hashed id depends on the chat's address, so the message has another id in the other thread.
  std::string id_there(const Document& message) const {
    const auto key = key_in(message);
    if (key && message.id() == hashed_message_id(*key, from_.jid()).str())
      return hashed_message_id(*key, into_.jid()).str();
    return message.id();
  }

  std::vector<Move> lacking(const std::vector<Document>& page) {
    std::vector<Move> moves;
    std::vector<std::string> paths;
    for (const Document& message : page) paths.push_back(path_of(id_there(message)));
    const auto there = site_.client.batch_get(paths, {"key"});
    site_.reads += static_cast<std::int64_t>(paths.size());
    for (std::size_t i = 0; i < page.size(); ++i) {
      if (!there[i]) {
        moves.push_back({.from = page[i].path, .to = paths[i]});
        continue;
      }
      // Two messages, one of each side, may have the same id.
      const auto ours = key_in(page[i]);
      const auto theirs = key_in(*there[i]);
      if (ours && theirs && ours->from_me != theirs->from_me)
        others_.push_back(
            {.from = page[i].path, .to = path_of(hashed_message_id(*ours, into_.jid()).str())});
    }
    return with_others(std::move(moves));
  }

  std::vector<Move> with_others(std::vector<Move> moves) {
    if (others_.empty()) return moves;
    std::vector<std::string> paths;
    for (const Move& move : others_) paths.push_back(move.to);
    const auto there = site_.client.batch_get(paths, {"key"});
    site_.reads += static_cast<std::int64_t>(paths.size());
    for (std::size_t i = 0; i < others_.size(); ++i)
      if (!there[i]) moves.push_back(others_[i]);
    others_.clear();
    return moves;
  }

  void copy(const std::vector<Move>& moves) {
    for (std::size_t begin = 0; begin < moves.size(); begin += kWhole) {
      const std::size_t end = std::min(moves.size(), begin + kWhole);
      std::vector<std::string> paths;
      for (std::size_t i = begin; i < end; ++i) paths.push_back(moves[i].from);
      const auto messages = site_.client.batch_get(paths);
      site_.reads += static_cast<std::int64_t>(paths.size());
      std::vector<DocumentWrite> writes;
      std::size_t bytes = 0;
      for (std::size_t i = begin; i < end; ++i) {
        if (!messages[i - begin]) continue;  // deleted meanwhile
        writes.push_back(copy_of(*messages[i - begin], moves[i].to));
        bytes += stored_size(writes.back().fields);
        if (bytes >= kMostBytes) {
          write(writes);
          writes.clear();
          bytes = 0;
        }
      }
      write(writes);
    }
  }

  // The key stays as WhatsApp used it.
  DocumentWrite copy_of(const Document& message, const std::string& to) const {
    const std::string lid = from_.jid().to_string();
    DocumentWrite out{.path = to, .server_times = {"updatedAt"}, .only_if_missing = true};
    for (const auto& [name, value] : message.fields) {
      const auto* text = std::get_if<std::string>(&value.data);
      if (name == "updatedAt") continue;
      if (name == "threadId")
        out.fields.emplace_back(name, into_.str());
      else if (text != nullptr && *text == lid &&
               (name == "clientJid" || name == "senderId" || name == "senderJid"))
        out.fields.emplace_back(name, into_.jid().to_string());
      else
        out.fields.emplace_back(name, value);
    }
    return out;
  }

  void write(const std::vector<DocumentWrite>& writes) {
    if (writes.empty()) return;
    try {
      site_.client.commit(writes);
      copied_ += static_cast<std::int64_t>(writes.size());
    } catch (const FailedRequest& error) {
      if (!changed_meanwhile(error)) throw;
      // Another writer was faster with one of them; a commit is all or nothing, so try each alone.
      for (const DocumentWrite& each : writes) write_one(each);
    }
  }

  void write_one(const DocumentWrite& each) {
    try {
      site_.client.commit({&each, 1});
      ++copied_;
    } catch (const FailedRequest& error) {
      if (!changed_meanwhile(error)) throw;
    }
  }

  FirestoreSite& site_;
  ThreadId from_;
  ThreadId into_;
  std::vector<Move> others_;
  std::int64_t copied_ = 0;
};

// Takes over the LID thread's activity if it is newer than the phone thread's. Returns false when
// there is nothing to write.
bool add_news(DocumentWrite& write, const Document& lid, const Document& phone) {
  const auto latest = [](const Document& thread) {
    return std::max(firestore::time_ms(find(thread.fields, "lastMessageAt")).value_or(0),
                    firestore::time_ms(find(thread.fields, "lastMessageAtMs")).value_or(0));
  };
  if (latest(lid) <= latest(phone)) return false;
  add_time(write, latest(lid));
  const std::string_view direction = text_of(lid.fields, "lastMessageDirection");
  std::vector<const char*> taken{"lastMessageDirection", "unreadCount"};
  if (direction == name(Direction::kInbound))
    taken.insert(taken.end(), {"lastMessageText", "lastMessagePreview", "lastMessageSenderName"});
  for (const char* field : taken)
    if (const firestore::Value* value = find(lid.fields, field))
      write.fields.emplace_back(field, *value);
  return true;
}

}  // namespace

RepairOutcome redirect(FirestoreSite& site, const Repair& repair) {
  const std::string& into = std::get<Redirect>(repair.work).into;
  const std::string canonical = thread_in(into).str();
  const auto told = phone_of_lid(site.database, thread_in(repair.document).jid());
  if (!told || *told != thread_in(into).jid()) return {.end = RepairEnd::kAlready};
  std::int64_t copied = 0;
  for (int tries = 1;; ++tries) {
    const std::vector<std::string> paths{repair.document, into};
    const auto threads = read_threads(site, paths);
    const auto& lid = threads[0];
    const auto& phone = threads[1];
    const bool to_do = lid && phone && lid->updated_at && phone->updated_at &&
                       !points_elsewhere(*lid) && !is_out_of_sight(*phone);
    if (!to_do) return {.end = RepairEnd::kAlready, .copied = copied};
    copied += Copy(site, repair).run();
    DocumentWrite news{.path = into, .server_times = {"updatedAt"}};
    DocumentWrite mark{
        .path = repair.document,
        .fields = {{"redirectTo", canonical}, {"canonicalThreadId", canonical}, {"isLid", false}},
        .server_times = {"updatedAt"}};
    try {
      if (add_news(news, *lid, *phone)) site.client.commit({&news, 1}, phone->updated_at);
      site.client.commit({&mark, 1}, lid->updated_at);
      return {.end = RepairEnd::kDone, .copied = copied};
    } catch (const FailedRequest& error) {
      if (!changed_meanwhile(error) || tries >= kMostTries) throw;
    }
  }
}

}  // namespace wasync::diagnosis
