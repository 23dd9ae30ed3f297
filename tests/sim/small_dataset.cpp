#include "sim/small_dataset.h"

#include <string>
#include <utility>

#include "sim/dataset.h"
#include "sim/random.h"
#include "sim/texts.h"

namespace wasync::sim {
namespace {

using std::string_literals::operator""s;

constexpr std::int64_t kDay_s = 86'400;

// Indexes into Dataset::people, in the order of add_people.
enum Who : std::size_t {
  kAna,       // saved, by phone
  kMihai,     // saved, chat by LID, which states the phone
  kLarisa,    // push name only, chat by LID, phone only in the list of mappings
  kStranger,  // push name, LID whose phone nobody tells
  kNumber,    // no name at all
  kBusiness,  // verified name
  kHostile,   // a saved name full of control characters
  kMojibake,  // push name that is not UTF-8
  kEcho,      // push name equal to the last message
  kNobody,    // LID without phone, without any name or message: the Inbox cannot show it
  kQuiet,     // saved, never wrote: a placeholder
  kPrivate,   // saved, but only app state tells the name
};

void add_people(Dataset& dataset) {
  dataset.people = {
      {.saved_name = "Ana Popescu", .push_name = "Ana 🌸", .mapping_told = false},
      {.saved_name = "Mihai Mureșan", .push_name = "mm"},
      {.push_name = "Larisa D."},
      {.push_name = "Necunoscut 🤷", .mapping_told = false, .phone_hidden = true},
      {.mapping_told = false},
      {.verified_name = "Cofetăria Dulce SRL", .mapping_told = false},
      {.saved_name = "\x1b[31mRoșu\x1b[0m\r\n../[object Object]\u202E", .push_name = "x"},
      {.saved_name = "Zoltán Kovács", .push_name = "Zolt\xE1n\xFF"},
      {.push_name = "Ne vedem mâine"},
      {.mapping_told = false, .phone_hidden = true},
      {.saved_name = "Sânziana"},
      {.saved_name = "Cătălina Ionescu", .push_name = "cata"},
  };
  for (std::size_t i = 0; i < dataset.people.size(); ++i) {
    dataset.people[i].phone = std::to_string(40'721'000'001ULL + i);
    dataset.people[i].lid = std::to_string(120'000'000'000'001ULL + i);
  }
}

// Builds one chat's script; times are given when it is finished.
class Script {
 public:
  Script(Dataset& dataset, std::size_t number) : random_(mix({dataset.seed, 3, number})) {}

  Message& add(bool from_me, std::optional<std::size_t> author, Kind kind,
               std::optional<std::string> body) {
    Message message;
    message.id =
        random_hex(random_, 20).replace(0, 2, from_me && messages_.size() % 2 ? "3EB0" : "3A");
    message.from_me = from_me;
    if (!from_me) message.author = author;
    message.kind = kind;
    message.body = std::move(body);
    messages_.push_back(std::move(message));
    return messages_.back();
  }
  Message& in(std::size_t who, std::string body) {
    return add(false, who, Kind::kText, std::move(body));
  }
  Message& out(std::string body) { return add(true, {}, Kind::kText, std::move(body)); }

  void finish(Chat& chat, std::size_t older) {
    for (std::size_t i = 0; i < messages_.size(); ++i)
      messages_[i].sent_at =
          chat.active_at - static_cast<std::int64_t>((messages_.size() - 1 - i) * 300);
    chat.pushed = messages_.size();
    chat.older = older;
    chat.script = std::move(messages_);
  }

 private:
  Random random_;
  std::vector<Message> messages_;
};

Chat with_person(const Dataset& dataset, std::size_t who, std::int64_t active_at, bool by_lid) {
  const Person& person = dataset.people[who];
  Chat chat;
  chat.person = who;
  chat.jid = by_lid ? person.lid_jid() : person.phone_jid();
  chat.name = person.saved_name;
  chat.active_at = active_at;
  return chat;
}

void add_ordinary_chats(Dataset& dataset, std::int64_t newest, std::size_t older) {
  {
    Chat chat = with_person(dataset, kAna, newest, false);
    Script script(dataset, 0);
    script.in(kAna, "Bună ziua! Mai aveți liber sâmbătă?");
    script.out("Bună ziua, da, de la ora 14.");
    script.in(kAna, "Perfect 🎉").quotes = older + 1;
    script.out("Vă trimit contractul.").reactions = {{kAna, "👍"}};
    Message& contract = script.add(true, {}, Kind::kDocument, "Contractul, de semnat");
    contract.file_name = "Contract Ștefan.pdf";
    script.add(false, kAna, Kind::kVoice, std::nullopt);
    script.add(false, kAna, Kind::kImage, "așa să arate tortul").ephemeral = true;
    script.add(false, kAna, Kind::kEphemeralSetting, std::nullopt);
    script.in(kAna, "  Mulțumesc\n\nmult  de tot! ");
    script.out("Cu drag!");
    script.finish(chat, older);
    chat.pinned = true;
    dataset.chats.push_back(std::move(chat));
  }
  {
    Chat chat = with_person(dataset, kMihai, newest - 3'600, true);
    chat.pn_jid = dataset.people[kMihai].phone_jid();
    Script script(dataset, 1);
    script.add(false, kMihai, Kind::kLocation, std::nullopt);
    script.add(false, kMihai, Kind::kContact, std::nullopt);
    script.add(false, kMihai, Kind::kSticker, std::nullopt);
    script.add(false, kMihai, Kind::kVideo, std::nullopt).view_once = true;
    script.in(kMihai, "שלום, זה הכתובת");
    script.in(kMihai, "مرحبا بكم");
    script.finish(chat, older);
    chat.unread = 3;
    dataset.chats.push_back(std::move(chat));
  }
  {
    Chat chat = with_person(dataset, kLarisa, newest - kDay_s, true);
    Script script(dataset, 2);
    Random random(dataset.seed);
    script.out("Bună, Larisa");
    script.in(kLarisa, "Bună! " + invent_text(random, 60'000));
    script.in(kLarisa, "Scuze, am lipit din greșeală");
    script.finish(chat, older);
    chat.muted = true;
    dataset.chats.push_back(std::move(chat));
  }
  {
    Chat chat = with_person(dataset, kNumber, newest - 2 * kDay_s, false);
    Script script(dataset, 3);
    script.in(kNumber, "Cât costă?");
    script.finish(chat, older);
    chat.unread = 1;
    dataset.chats.push_back(std::move(chat));
  }
}

void add_groups(Dataset& dataset, std::int64_t newest, std::size_t older) {
  Chat chat;
  chat.kind = ChatKind::kGroup;
  chat.jid = "120363000000000001@g.us";
  chat.name = "Petrecere Sofia 🎈";
  chat.members = {kAna, kMihai, kLarisa, kNumber};
  chat.active_at = newest - 1'800;
  Script script(dataset, 4);
  script.add(false, kAna, Kind::kStub, std::nullopt);
  script.in(kAna, "Bine ați venit!").reactions = {{kMihai, "❤️"}, {std::nullopt, "🎈"}};
  script.add(false, kMihai, Kind::kPoll, "Ce oră vă convine?");
  script.out("14:00").quotes = older + 2;
  script.add(true, {}, Kind::kImage, "decorul");
  script.in(kNumber, "și eu 14");
  script.finish(chat, older);
  chat.unread = 2;
  dataset.chats.push_back(std::move(chat));

  Chat status;
  status.kind = ChatKind::kStatus;
  status.jid = "status@broadcast";
  status.members = {kAna};
  status.active_at = newest - 600;
  Script story(dataset, 5);
  story.in(kAna, "la mare 🌊");
  story.finish(status, 0);
  dataset.chats.push_back(std::move(status));
}

void add_strange_people(Dataset& dataset, std::int64_t newest, std::size_t older) {
  const auto chat_with = [&](std::size_t who, int days, bool by_lid, std::string last) {
    Chat chat = with_person(dataset, who, newest - days * kDay_s, by_lid);
    Script script(dataset, 10 + who);
    script.out("?");
    script.in(who, std::move(last));
    script.finish(chat, older);
    return chat;
  };
  dataset.chats.push_back(chat_with(kStranger, 3, true, "Am găsit numărul pe net"));
  dataset.chats.push_back(chat_with(kBusiness, 4, false, "Comanda #123 este gata"));
  Chat archived = chat_with(kMojibake, 5, false, "kösz 🙏");
  archived.archived = true;
  dataset.chats.push_back(std::move(archived));
  dataset.chats.push_back(chat_with(kEcho, 6, false, "Ne vedem mâine"));
  dataset.chats.push_back(with_person(dataset, kNobody, newest - 7 * kDay_s, true));

  Chat named_elsewhere = chat_with(kPrivate, 10, false, "salut");
  named_elsewhere.name.clear();
  dataset.chats.push_back(std::move(named_elsewhere));

  // A conversation without any message: a placeholder, with its own time.
  dataset.chats.push_back(with_person(dataset, kQuiet, newest - 40 * kDay_s, false));
  dataset.chats.back().lid_jid = dataset.people[kQuiet].lid_jid();
}

void add_hostile_chats(Dataset& dataset, std::int64_t newest, std::size_t older) {
  Chat chat = with_person(dataset, kHostile, newest - 8 * kDay_s, false);
  Script script(dataset, 30);
  for (const std::string_view text : hostile_texts()) script.in(kHostile, std::string(text));
  for (const std::string& id : {"a/b"s, ".."s, "."s, "__reserved__"s, "[object Object]"s,
                                "tab\there"s, "esc\x1b[0m"s, std::string(1'600, 'L'), "ünïcode"s})
    script.in(kHostile, "id of " + std::to_string(id.size()) + " bytes").id = id;
  script.in(kHostile, "");
  script.in(kHostile, "gata");
  script.finish(chat, older);
  dataset.chats.push_back(std::move(chat));

  for (const std::string& jid :
       {"[object Object]@s.whatsapp.net"s, "../../up@s.whatsapp.net"s, ""s}) {
    Chat malformed = with_person(dataset, kHostile, newest - 9 * kDay_s, false);
    malformed.jid = jid;
    malformed.malformed = true;
    dataset.chats.push_back(std::move(malformed));
  }
}

}  // namespace

void fill_small_dataset(Dataset& dataset, std::int64_t newest, std::size_t older) {
  add_people(dataset);
  add_ordinary_chats(dataset, newest, older);
  add_groups(dataset, newest, older);
  add_strange_people(dataset, newest, older);
  add_hostile_chats(dataset, newest, older);
}

}  // namespace wasync::sim
