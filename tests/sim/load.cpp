#include "sim/load.h"

#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>
#include <optional>

#include "base/clock.h"
#include "base/error.h"
#include "sim/realtime.h"
#include "sim/texts.h"
#include "sim/world.h"

namespace wasync::sim {
namespace {

constexpr std::size_t kAtOnce = 20;  // then others have a turn
constexpr std::size_t kRecent = 30;  // how far back people answer, edit and react
constexpr std::array<std::string_view, 4> kEmoji{"👍", "❤️", "😂", "🎉"};

struct KindName {
  Kind kind;
  const char* name;
};
constexpr std::array kMedia{KindName{Kind::kImage, "image"}, KindName{Kind::kVoice, "audio"},
                            KindName{Kind::kDocument, "document"},
                            KindName{Kind::kSticker, "sticker"}};

Kind kind_of(const std::string& name) {
  for (const KindName& known : kMedia)
    if (name == known.name) return known.kind;
  return Kind::kText;
}

std::string address(const Dataset& dataset, std::optional<std::size_t> person) {
  return person ? dataset.people[*person].jid() : "me";
}

}  // namespace

Load::Load(World& world) : world_(world), random_(0), timer_(world.executor) {
  const Dataset& dataset = world_.dataset;
  for (std::size_t i = 0; i < dataset.chats.size(); ++i) {
    const Chat& chat = dataset.chats[i];
    const bool peopled = chat.person || !chat.members.empty();
    if (!chat.malformed && chat.kind != ChatKind::kStatus && peopled) chats_.push_back(i);
  }
  if (chats_.empty()) throw Error(ErrorCode::kProtocol, "the dataset has no chat to write in");
}

void Load::begin(const LoadOptions& options) {
  if (left() > 0) throw Error(ErrorCode::kProtocol, "there is a load already");
  options_ = options;
  random_ = Random(mix({world_.dataset.seed, options.seed}));
  began_ = std::chrono::steady_clock::now();
  left_ = options.messages;
  preparing_ = options.prepared;
  schedule();
}

void Load::release() {
  preparing_ = false;
  deliver_kept();
}

bool Load::keeps(const Companion& companion, const Node& stanza) {
  if (preparing_) kept_.emplace_back(companion.number, stanza);
  return preparing_;
}

void Load::deliver_kept() {
  while (!preparing_ && !kept_.empty() && most_pending() < options_.window) {
    auto [number, stanza] = std::move(kept_.front());
    kept_.pop_front();
    const auto companion = world_.companions.find(number);
    if (companion != world_.companions.end()) world_.deliver(*companion->second, std::move(stanza));
  }
}

std::size_t Load::everybody() {
  const std::size_t before = sent_;
  for (const std::size_t index : chats_) {
    const Chat& chat = world_.dataset.chats[index];
    RealtimeMessage message;
    message.text = "încă unul";
    if (chat.person) send(index, message);
    for (const std::size_t member : chat.members) {
      message.from = address(world_.dataset, member);
      send(index, message);
    }
    message.from = "me";
    send(index, message);
  }
  return sent_ - before;
}

void Load::resume() {
  deliver_kept();
  if (left_ > 0 && !scheduled_ && options_.rate <= 0) schedule();
}

void Load::schedule() {
  scheduled_ = true;
  if (options_.rate <= 0) {
    boost::asio::post(world_.executor, [this] { run(); });
    return;
  }
  timer_.expires_after(std::chrono::milliseconds(20));
  timer_.async_wait([this](const auto& error) {
    if (!error) run();
  });
}

bool Load::may_send() const {
  if (left_ == 0) return false;
  const bool heard = std::any_of(world_.companions.begin(), world_.companions.end(),
                                 [](const auto& each) { return each.second->keys_uploaded; });
  if (options_.rate <= 0) return heard && (preparing_ || most_pending() < options_.window);
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - began_;
  const auto done = static_cast<double>(options_.messages - left_);
  return heard && done < elapsed.count() * options_.rate;
}

std::size_t Load::most_pending() const {
  std::size_t most = 0;
  for (const auto& [number, companion] : world_.companions)
    most = std::max(most, companion->pending.size());
  return most;
}

void Load::run() {
  scheduled_ = false;
  std::size_t now = 0;
  while (now < kAtOnce && may_send()) {
    send_one();
    ++now;
  }
  // Without a rate an ack wakes it up.
  if (left_ > 0 && (options_.rate > 0 || now == kAtOnce)) schedule();
}

void Load::send_one() {
  const std::size_t chat = random_.pick(std::span<const std::size_t>(chats_));
  const std::vector<Message>& earlier = live_[chat];
  const auto roll = static_cast<unsigned>(random_.below(100));
  std::optional<std::size_t> target;
  if (!earlier.empty() && roll < 35)
    target = earlier.size() - 1 -
             static_cast<std::size_t>(random_.below(std::min(earlier.size(), kRecent)));
  const bool usable = target && !earlier[*target].revoked;
  send(chat, usable ? about_earlier(chat, *target, roll) : anew(chat));
  --left_;
}

void Load::send(std::size_t chat, RealtimeMessage message) {
  message.chat = world_.dataset.chats[chat].jid;
  message.sent_at = UnixSeconds::now().value;
  record(chat, message, send_realtime(world_, message));
  ++sent_;
}

RealtimeMessage Load::anew(std::size_t chat_index) {
  const Chat& chat = world_.dataset.chats[chat_index];
  RealtimeMessage message;
  if (random_.chance(25))
    message.from = "me";
  else if (!chat.person)
    message.from =
        address(world_.dataset, random_.pick(std::span<const std::size_t>(chat.members)));
  if (random_.chance(80)) {
    message.text = invent_text(random_, 20 + random_.below(300));
  } else {
    message.kind = kMedia[random_.below(kMedia.size())].name;
    const bool captioned = message.kind == "image" || message.kind == "document";
    if (captioned && random_.chance(50)) message.text = invent_text(random_, 30);
  }
  return message;
}

// Of a message: an answer or a reaction by anybody, an edit or the end by its author.
RealtimeMessage Load::about_earlier(std::size_t chat_index, std::size_t target, unsigned roll) {
  const Message& earlier = live_[chat_index][target];
  RealtimeMessage message = anew(chat_index);
  message.kind = "quote";
  message.target = earlier.id;
  if (message.text.empty()) message.text = "da";
  const std::string author =
      world_.dataset.chats[chat_index].person && !earlier.from_me
          ? std::string()
          : address(world_.dataset, earlier.from_me ? std::nullopt : earlier.author);
  if (roll < 10) {
    message.kind = "reaction";
    message.text = kEmoji[random_.below(kEmoji.size())];
    message.target_from_author = message.from == author;
  } else if (roll < 25 && earlier.kind == Kind::kText) {
    message.kind = roll < 19 ? "edit" : "revoke";
    message.from = author;
    message.target_from_author = true;
  }
  return message;
}

void Load::record(std::size_t chat_index, const RealtimeMessage& message, const std::string& id) {
  const Chat& chat = world_.dataset.chats[chat_index];
  std::vector<Message>& messages = live_[chat_index];
  const auto target = std::find_if(messages.rbegin(), messages.rend(), [&](const Message& other) {
    return other.id == message.target;
  });
  std::optional<std::size_t> writer;
  if (message.from != "me") writer = chat.person;
  for (const std::size_t member : chat.members)
    if (message.from == address(world_.dataset, member)) writer = member;
  if (message.kind == "reaction") {
    target->reactions.emplace_back(writer, message.text);
  } else if (message.kind == "edit") {
    target->body = message.text;
    target->edited = true;
  } else if (message.kind == "revoke") {
    target->body.reset();
    target->revoked = true;
  } else {
    Message made;
    made.id = id;
    made.from_me = message.from == "me";
    made.author = writer;
    made.sent_at = message.sent_at;
    made.kind = kind_of(message.kind);
    if (!message.text.empty()) made.body = message.text;
    if (made.kind == Kind::kDocument) made.file_name = "document.pdf";
    if (message.kind == "quote")
      made.quotes = chat.total() + static_cast<std::size_t>(messages.rend() - target) - 1;
    messages.push_back(std::move(made));
  }
}

}  // namespace wasync::sim
