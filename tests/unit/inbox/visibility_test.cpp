#include "inbox/visibility.h"

#include <doctest/doctest.h>

namespace visibility_test {

using namespace wasync;

namespace {

ThreadFacts visible() {
  ThreadFacts facts;
  facts.thread_id = "account_prod_x__1@s.whatsapp.net";
  facts.client_jid = "40711111111@s.whatsapp.net";
  facts.display_name = "Ana";
  facts.last_message_at_time_ms = 5;
  return facts;
}

}  // namespace

TEST_CASE("a thread with a name and a time is shown") {
  CHECK_FALSE(hidden_because(visible()));
}

TEST_CASE("each reason hides a thread") {
  const auto reason = [](auto change) {
    ThreadFacts facts = visible();
    change(facts);
    const auto why = hidden_because(facts);
    return why ? std::string(name(*why)) : std::string("shown");
  };
  CHECK(reason([](auto& f) { f.last_message_at_time_ms.reset(); }) == "no_sort_key");
  // The query orders by lastMessageAt: the number beside it does not help.
  CHECK(reason([](auto& f) {
          f.last_message_at_time_ms.reset();
          f.last_message_at_ms = 5;
        }) == "no_sort_key");
  CHECK(reason([](auto& f) { f.hidden = true; }) == "hidden");
  CHECK(reason([](auto& f) { f.archived = true; }) == "archived");
  CHECK(reason([](auto& f) { f.redirect_to = "x"; }) == "redirected");
  CHECK(reason([](auto& f) { f.canonical_thread_id = "x"; }) == "shown");
  CHECK(reason([](auto& f) {
          f.client_jid = "1@lid";
          f.canonical_thread_id = "x";
        }) == "merged_lid");
  CHECK(reason([](auto& f) { f.client_jid = "1@lid"; }) == "shown");
  CHECK(reason([](auto& f) { f.client_jid = "1@broadcast"; }) == "broadcast");
  CHECK(reason([](auto& f) { f.thread_id = "a__[object Object]"; }) == "mangled_id");
  CHECK(reason([](auto& f) { f.thread_id = "a__[obiect Obiect]@x"; }) == "mangled_id");
  CHECK(reason([](auto& f) { f.display_name.clear(); }) == "placeholder");
  CHECK(reason([](auto& f) {
          f.display_name.clear();
          f.phone = "+40711111111";
        }) == "shown");
}

TEST_CASE("the name falls back step by step") {
  ThreadFacts facts = visible();
  facts.group_subject = "Team";
  facts.last_sender_name = "Dan";
  facts.phone = "+40711111111";
  CHECK(display_name(facts) == "Ana");
  facts.last_message_text = "Ana";  // a known fault of old data: the text as the name
  CHECK(display_name(facts) == "Team");
  facts.group_subject.clear();
  CHECK(display_name(facts) == "Dan");
  facts.last_sender_name.clear();
  CHECK(display_name(facts) == "+40711111111");
  facts.phone.clear();
  CHECK(display_name(facts).empty());
}

TEST_CASE("the sort time falls back step by step") {
  ThreadFacts facts;
  CHECK(sort_time_ms(facts) == 0);
  facts.updated_at_ms = 1;
  CHECK(sort_time_ms(facts) == 1);
  facts.last_message_at_time_ms = 2;
  CHECK(sort_time_ms(facts) == 2);
  facts.last_message_at_ms = 3;
  CHECK(sort_time_ms(facts) == 3);
}

TEST_CASE("a message without tsClient is not shown") {
  CHECK(message_is_shown(5));
  CHECK_FALSE(message_is_shown(std::nullopt));
}

}  // namespace visibility_test
