#include "sim/dataset.h"

#include <algorithm>

#include "base/error.h"
#include "base/number.h"
#include "sim/random.h"
#include "sim/small_dataset.h"
#include "sim/texts.h"

namespace wasync::sim {
namespace {

// The newest message of any dataset: fixed, because "now" would change the data.
constexpr std::int64_t kNewest = 1'767'000'000;
constexpr std::size_t kMaxChats = 100'000;
constexpr std::size_t kMaxMessages = 1'000'000;

std::size_t parse_count(std::string_view digits, std::size_t limit) {
  const auto count = parse_number<std::size_t>(digits);
  if (!count || *count > limit)
    throw Error(ErrorCode::kUsage, "the dataset is \"small\" or \"NxM\"");
  return *count;
}

Person invent_person(Random& random, std::size_t index) {
  Person person;
  person.phone = "4072" + std::to_string(1'000'000 + index);
  person.lid = std::to_string(120'000'000'000'000ULL + index * 7919 + 11);
  person.mapping_told = random.chance(80);
  if (random.chance(50)) person.saved_name = invent_person_name(random);
  if (random.chance(85) || person.saved_name.empty())
    person.push_name = invent_person_name(random) + " " + std::to_string(index);
  return person;
}

// A chat in `count` is a group, another one is addressed by LID, the rest by phone.
Chat invent_chat(Dataset& dataset, Random& random, std::size_t index) {
  Chat chat;
  const std::size_t person = dataset.people.size();
  dataset.people.push_back(invent_person(random, index));
  const Person& other = dataset.people[person];
  if (random.chance(15)) {
    chat.kind = ChatKind::kGroup;
    chat.jid = "120363" + std::to_string(100'000'000'000ULL + index) + "@g.us";
    chat.name = invent_group_subject(random) + " " + std::to_string(index);
    chat.members = {person, index / 2, index / 3};
    std::sort(chat.members.begin(), chat.members.end());
    chat.members.erase(std::unique(chat.members.begin(), chat.members.end()), chat.members.end());
  } else {
    chat.person = person;
    // Some saved names come with app state only.
    if (random.chance(80)) chat.name = other.saved_name;
    const bool by_lid = other.mapping_told && random.chance(40);
    chat.jid = by_lid ? other.lid_jid() : other.phone_jid();
    if (by_lid && random.chance(50)) chat.pn_jid = other.phone_jid();
    if (!by_lid && random.chance(50)) chat.lid_jid = other.lid_jid();
  }
  chat.archived = random.chance(5);
  chat.pinned = !chat.archived && random.chance(2);
  chat.muted = random.chance(5);
  chat.unread = random.chance(20) ? static_cast<std::uint32_t>(random.below(9)) : 0;
  chat.active_at = kNewest - static_cast<std::int64_t>(index) * 1'013;
  return chat;
}

Kind invent_kind(Random& random) {
  const std::uint64_t roll = random.below(100);
  if (roll < 84) return Kind::kText;
  if (roll < 90) return Kind::kImage;
  if (roll < 92) return Kind::kVideo;
  if (roll < 95) return Kind::kVoice;
  if (roll < 97) return Kind::kDocument;
  if (roll < 98) return Kind::kSticker;
  return roll < 99 ? Kind::kLocation : Kind::kContact;
}

std::string invent_id(Random& random, bool from_me) {
  // As made by an iPhone, an Android phone and a linked device.
  switch (random.below(3)) {
    case 0: return "3A" + random_hex(random, 18);
    case 1: return "AC" + random_hex(random, 30);
    default: return from_me ? "3EB0" + random_hex(random, 18) : "3F" + random_hex(random, 30);
  }
}

void invent_content(Random& random, Message& message) {
  switch (message.kind) {
    case Kind::kText: message.body = invent_text(random, 40 + random.below(420)); break;
    case Kind::kImage:
    case Kind::kVideo:
      if (random.chance(60)) message.body = invent_text(random, 30);
      break;
    case Kind::kDocument:
      message.file_name = "Ofertă " + std::to_string(random.below(10'000)) + ".pdf";
      if (random.chance(40)) message.body = invent_text(random, 20);
      break;
    default: break;
  }
}

}  // namespace

Dataset Dataset::make(std::string_view name, std::uint64_t seed, std::size_t older) {
  Dataset dataset;
  dataset.name = std::string(name);
  dataset.seed = mix({seed, hash_of(name)});
  dataset.owner = {.phone = "40737123397", .lid = "169900000000001", .push_name = "Petrecerea Ta"};
  if (name == "small") {
    fill_small_dataset(dataset, kNewest, older);
    return dataset;
  }
  const std::size_t times = name.find('x');
  if (times == std::string_view::npos)
    throw Error(ErrorCode::kUsage, "the dataset is \"small\" or \"NxM\"");
  const std::size_t chats = parse_count(name.substr(0, times), kMaxChats);
  const std::size_t messages = parse_count(name.substr(times + 1), kMaxMessages);
  for (std::size_t i = 0; i < chats; ++i) {
    Random random(mix({dataset.seed, 1, i}));
    Chat chat = invent_chat(dataset, random, i);
    chat.pushed = messages;
    chat.older = messages == 0 ? 0 : older;
    dataset.chats.push_back(std::move(chat));
  }
  return dataset;
}

const Person* Dataset::find_person(const Jid& jid) const {
  for (const Person& person : people)
    if (person.phone == jid.user || person.lid == jid.user) return &person;
  return nullptr;
}

Message Dataset::message(std::size_t chat_index, std::size_t index) const {
  const Chat& chat = chats.at(chat_index);
  const std::size_t from_end = chat.total() - 1 - index;
  if (from_end < chat.script.size()) return chat.script[chat.script.size() - 1 - from_end];

  Random random(mix({seed, 2, chat_index, index}));
  Message message;
  // Strictly increasing within a chat, a few minutes apart.
  message.sent_at = chat.active_at -
                    static_cast<std::int64_t>(from_end * 300 + (from_end ? random.below(299) : 0));
  message.from_me = chat.kind != ChatKind::kStatus && random.chance(45);
  // The last but one is inbound text: a preview that every implementation must agree on.
  const bool plain = from_end <= 1;
  if (from_end == 1 || chat.total() == 1) message.from_me = false;
  message.id = invent_id(random, message.from_me);
  if (!message.from_me) {
    if (chat.person)
      message.author = chat.person;
    else
      message.author = random.pick(std::span<const std::size_t>(chat.members));
  }
  message.kind = plain ? Kind::kText : invent_kind(random);
  invent_content(random, message);
  if (message.kind == Kind::kText && !plain && index > 0 && random.chance(6))
    message.quotes =
        index - 1 - static_cast<std::size_t>(random.below(std::min<std::size_t>(index, 5)));
  if (!plain && random.chance(4))
    message.reactions.emplace_back(message.from_me ? message.author : std::nullopt, "❤️");
  return message;
}

std::string Dataset::author_jid(const Chat& chat, const Message& message) const {
  if (message.from_me || !message.author) return {};
  const Person& person = people.at(*message.author);
  if (chat.kind == ChatKind::kPerson) return chat.jid;
  return person.phone_jid();
}

}  // namespace wasync::sim
