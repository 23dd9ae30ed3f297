#include "history/content.h"

#include <doctest/doctest.h>

#include "proto/message.pb.h"

namespace content_test {

using namespace wasync;

namespace {

Content content_of(const pb::Message& message) {
  const Meaning meaning = meaning_of(message);
  REQUIRE(std::holds_alternative<Content>(meaning));
  return std::get<Content>(meaning);
}

bool shows_nothing(const pb::Message& message) {
  return std::holds_alternative<NothingToShow>(meaning_of(message));
}

pb::Message text(const std::string& body) {
  pb::Message message;
  message.set_conversation(body);
  return message;
}

}  // namespace

TEST_CASE("texts") {
  CHECK(content_of(text("salut")).body == "salut");
  CHECK(content_of(text("salut")).type == "text");

  pb::Message extended;
  extended.mutable_extended_text()->set_text("cu link");
  CHECK(content_of(extended).body == "cu link");
  CHECK_FALSE(content_of(extended).quoted);
}

TEST_CASE("media carry their facts and the caption as body") {
  pb::Message message;
  auto& image = *message.mutable_image();
  image.set_mimetype("image/jpeg");
  image.set_caption("la mare");
  image.set_file_length(12'345);
  image.set_width(640);
  image.set_height(480);
  const Content content = content_of(message);
  CHECK(content.type == "image");
  CHECK(content.body == "la mare");
  CHECK(content.media == Media{.type = "image",
                               .mimetype = "image/jpeg",
                               .filename = {},
                               .caption = "la mare",
                               .size_bytes = 12'345,
                               .width = 640,
                               .height = 480});
}

TEST_CASE("kinds of media") {
  pb::Message video;
  video.mutable_video()->set_seconds(9);
  CHECK(content_of(video).media->seconds == 9);
  CHECK(content_of(video).type == "video");
  CHECK_FALSE(content_of(video).body);

  pb::Message note;
  note.mutable_ptv()->set_seconds(3);
  CHECK(content_of(note).type == "video");

  pb::Message voice;
  voice.mutable_audio()->set_ptt(true);
  CHECK(content_of(voice).type == "audio");

  pb::Message document;
  document.mutable_document()->set_title("oferta");
  CHECK(content_of(document).media->filename == "oferta");
  document.mutable_document()->set_file_name("oferta.pdf");
  CHECK(content_of(document).type == "document");
  CHECK(content_of(document).media->filename == "oferta.pdf");

  pb::Message sticker;
  sticker.mutable_sticker()->set_mimetype("image/webp");
  CHECK(content_of(sticker).type == "sticker");
}

TEST_CASE("hostile media facts are bounded") {
  pb::Message message;
  auto& document = *message.mutable_document();
  document.set_file_name("\xff" + std::string(5000, 'n'));
  document.set_mimetype(std::string(5000, 'm'));
  document.set_file_length(~std::uint64_t{0});
  const Media media = *content_of(message).media;
  CHECK(media.filename.size() <= 1024);
  CHECK(media.filename.starts_with("\xef\xbf\xbd"));
  CHECK(media.mimetype.size() <= 128);
  CHECK(media.size_bytes == 0);
}

TEST_CASE("places, people, polls, invitations, calls") {
  pb::Message location;
  location.mutable_location()->set_degrees_latitude(44.4268);
  location.mutable_location()->set_degrees_longitude(26.1025);
  CHECK(content_of(location).type == "location");
  CHECK(content_of(location).body == "44.426800,26.102500");
  location.mutable_location()->set_name("Piata Unirii");
  CHECK(content_of(location).body == "Piata Unirii");

  pb::Message contacts;
  contacts.mutable_contacts_array()->add_contacts()->set_display_name("Ana");
  contacts.mutable_contacts_array()->add_contacts()->set_display_name("Ion");
  CHECK(content_of(contacts).type == "contact");
  CHECK(content_of(contacts).body == "Ana\nIon");
  contacts.mutable_contacts_array()->mutable_contacts(1)->set_vcard(
      "BEGIN:VCARD\nFN:Ion\nTEL:+40 722 000 000\nEND:VCARD");
  CHECK(content_of(contacts).body == "Ana\nIon: +40 722 000 000");

  pb::Message contact;
  contact.mutable_contact()->set_vcard("BEGIN:VCARD\nFN:Ion\nTEL:0722000000\nEND:VCARD");
  CHECK(content_of(contact).type == "contact");
  CHECK(content_of(contact).body == "Ion: 0722000000");

  pb::Message poll;
  poll.mutable_poll_creation_v3()->set_name("Cand?");
  poll.mutable_poll_creation_v3()->add_options()->set_option_name("azi");
  CHECK(content_of(poll).type == "poll");
  CHECK(content_of(poll).body == "Cand?\n- azi");

  pb::Message invite;
  invite.mutable_group_invite()->set_group_name("Familia");
  invite.mutable_group_invite()->set_caption("hai");
  CHECK(content_of(invite).body == "Familia\nhai");

  pb::Message call;
  call.mutable_call_log()->set_call_outcome(pb::CallLogMessage::OUTCOME_MISSED);
  CHECK(content_of(call).type == "call");
  CHECK(content_of(call).body == "Missed voice call");
}

TEST_CASE("what businesses send keeps its text and picture") {
  pb::Message buttons;
  buttons.mutable_buttons()->set_content_text("Alege");
  buttons.mutable_buttons()->mutable_image()->set_mimetype("image/png");
  CHECK(content_of(buttons).type == "image");
  CHECK(content_of(buttons).body == "Alege");
  CHECK(content_of(buttons).media->mimetype == "image/png");

  pb::Message interactive;
  interactive.mutable_interactive()->mutable_header()->set_title("Comanda");
  interactive.mutable_interactive()->mutable_body()->set_text("este gata");
  CHECK(content_of(interactive).type == "text");
  CHECK(content_of(interactive).body == "Comanda\neste gata");

  pb::Message chosen;
  chosen.mutable_buttons_response()->set_selected_display_text("Da");
  CHECK(content_of(chosen).body == "Da");

  pb::Message hydrated;
  hydrated.mutable_template_message()->mutable_hydrated_template()->set_hydrated_content_text(
      "Buna");
  CHECK(content_of(hydrated).body == "Buna");
}

TEST_CASE("what can be chosen stands below") {
  pb::Message flow;
  auto& interactive = *flow.mutable_interactive();
  interactive.mutable_body()->set_text("Reduceri");
  const auto add = [](pb::InteractiveMessage& to, const char* name, const char* params) {
    auto& button = *to.mutable_native_flow_message()->add_buttons();
    button.set_name(name);
    button.set_button_params_json(params);
  };
  add(interactive, "cta_url", R"({"display_text":"Vezi","url":"https://shop.example/x"})");
  add(interactive, "cta_copy", R"({"display_text":"Copiaza","copy_code":"VARA20"})");
  add(interactive, "quick_reply", R"({"display_text":"Da","id":"1"})");
  add(interactive, "cta_url", "{malformed");
  add(interactive, "cta_url", R"(["no object"])");
  add(interactive, "cta_call", R"({"display_text":7,"phone_number":"+40722000000"})");
  add(interactive, "single_select",
      R"({"title":"Meniu","sections":[{"title":"Pizza","rows":[{"title":"Mare",
          "description":"30 cm"},{"title":"Mica"},5]},"no section"]})");
  CHECK(content_of(flow).body ==
        "Reduceri\n[Vezi] https://shop.example/x\n[Copiaza] VARA20\n[Da]\n+40722000000\n"
        "[Meniu]\nPizza\n- Mare: 30 cm\n- Mica");

  pb::Message carousel;
  for (const char* name : {"Rochie", "Fusta"}) {
    auto& card = *carousel.mutable_interactive()->mutable_carousel_message()->add_cards();
    card.mutable_header()->set_title(name);
    card.mutable_body()->set_text("noua");
    add(card, "quick_reply", R"({"display_text":"O vreau"})");
  }
  CHECK(content_of(carousel).body == "Rochie\nnoua\n[O vreau]\nFusta\nnoua\n[O vreau]");

  pb::Message list;
  list.mutable_list()->set_description("Ce doresti?");
  list.mutable_list()->set_button_text("Alege");
  auto& section = *list.mutable_list()->add_sections();
  section.set_title("Livrare");
  section.add_rows()->set_title("Azi");
  section.mutable_rows(0)->set_description("10 lei");
  CHECK(content_of(list).body == "Ce doresti?\n[Alege]\nLivrare\n- Azi: 10 lei");

  pb::Message buttons;
  buttons.mutable_buttons()->set_content_text("Sigur?");
  buttons.mutable_buttons()->add_buttons()->mutable_button_text()->set_display_text("Da");
  auto& info = *buttons.mutable_buttons()->add_buttons()->mutable_native_flow_info();
  info.set_params_json(R"({"display_text":"Nu"})");
  CHECK(content_of(buttons).body == "Sigur?\n[Da]\n[Nu]");

  pb::Message hydrated;
  auto& rows = *hydrated.mutable_template_message()->mutable_hydrated_template();
  rows.set_hydrated_content_text("Comanda");
  rows.add_hydrated_buttons()->mutable_quick_reply_button()->set_display_text("Multumesc");
  auto& url = *rows.add_hydrated_buttons()->mutable_url_button();
  url.set_display_text("Urmareste");
  url.set_url("https://shop.example/awb");
  auto& call = *rows.add_hydrated_buttons()->mutable_call_button();
  call.set_display_text("Suna");
  call.set_phone_number("+40722");
  CHECK(content_of(hydrated).body ==
        "Comanda\n[Multumesc]\n[Urmareste] https://shop.example/awb\n[Suna] +40722");
}

TEST_CASE("what can be chosen is bounded") {
  pb::Message flow;
  for (int i = 0; i < 1000; ++i) {
    auto& button = *flow.mutable_interactive()->mutable_native_flow_message()->add_buttons();
    button.set_button_params_json(R"({"display_text":")" + std::string(5000, 'x') + "\"}");
  }
  auto& endless = *flow.mutable_interactive()->mutable_native_flow_message()->add_buttons();
  endless.set_button_params_json(std::string(1 << 20, '['));
  CHECK(content_of(flow).body->size() < 110 * 1024);
}

TEST_CASE("a sharper copy of a picture is no second message, an album's pictures are several") {
  pb::Message copy;
  copy.mutable_associated_child()->mutable_message()->mutable_image()->set_width(4000);
  auto& association = *copy.mutable_message_context_info()->mutable_message_association();
  association.mutable_parent_message_key()->set_id("I1");
  for (const auto type : {pb::MessageAssociation::ASSOCIATION_HD_IMAGE_DUAL_UPLOAD,
                          pb::MessageAssociation::ASSOCIATION_HD_VIDEO_DUAL_UPLOAD,
                          pb::MessageAssociation::ASSOCIATION_HEVC_VIDEO_DUAL_UPLOAD,
                          pb::MessageAssociation::ASSOCIATION_MOTION_PHOTO}) {
    association.set_association_type(type);
    CHECK(shows_nothing(copy));
    pb::Message sent;
    *sent.mutable_device_sent_message()->mutable_message() = copy;
    CHECK(shows_nothing(sent));
  }
  association.set_association_type(pb::MessageAssociation::ASSOCIATION_MEDIA_ALBUM);
  CHECK(content_of(copy).type == "image");
  association.set_association_type(pb::MessageAssociation::ASSOCIATION_HD_IMAGE_DUAL_UPLOAD);
  association.clear_parent_message_key();  // of nothing: then it is the picture
  CHECK(content_of(copy).type == "image");

  pb::Message album;
  album.mutable_album()->set_expected_image_count(3);
  CHECK(shows_nothing(album));
}

TEST_CASE("envelopes are peeled, in any order") {
  pb::Message view_once;
  *view_once.mutable_view_once_v2()->mutable_message()->mutable_image() = pb::ImageMessage();
  pb::Message ephemeral;
  *ephemeral.mutable_ephemeral_message()->mutable_message() = view_once;
  pb::Message sent;
  *sent.mutable_device_sent_message()->mutable_message() = ephemeral;
  CHECK(content_of(sent).type == "image");
  CHECK(content_of(sent).view_once);

  pb::Message captioned;
  auto& document =
      *captioned.mutable_document_with_caption()->mutable_message()->mutable_document();
  document.set_caption("vezi");
  CHECK(content_of(captioned).body == "vezi");
  CHECK_FALSE(content_of(captioned).view_once);

  pb::Message group_status;
  *group_status.mutable_group_status_v2()->mutable_message() = text("de grup");
  CHECK(content_of(group_status).body == "de grup");

  pb::Message lottie;
  *lottie.mutable_lottie_sticker()->mutable_message()->mutable_sticker() = pb::StickerMessage();
  CHECK(content_of(lottie).type == "sticker");
}

TEST_CASE("endless envelopes end as an unknown kind") {
  pb::Message message = text("deep");
  for (int i = 0; i < 40; ++i) {
    pb::Message outer;
    *outer.mutable_ephemeral_message()->mutable_message() = message;
    message = outer;
  }
  CHECK(content_of(message).type == "unknown");
  CHECK(content_of(message).unknown_field == 40u);
}

TEST_CASE("quotes") {
  pb::Message message;
  auto& reply = *message.mutable_extended_text();
  reply.set_text("da");
  reply.mutable_context_info()->set_stanza_id("3EB0");
  reply.mutable_context_info()->set_participant("40700000002@s.whatsapp.net");
  reply.mutable_context_info()->mutable_quoted_message()->set_conversation("vii   \n azi? \xff");
  CHECK(content_of(message).quoted == Quoted{.id = "3EB0",
                                             .participant = "40700000002@s.whatsapp.net",
                                             .preview = "vii azi? \xef\xbf\xbd"});
  *reply.mutable_context_info()->mutable_quoted_message() = text(std::string(5000, 'q'));
  CHECK(content_of(message).quoted->preview.size() == 100);
}

TEST_CASE("control traffic shows nothing") {
  CHECK(shows_nothing(pb::Message()));

  pb::Message keys;
  keys.mutable_sender_key_distribution_message()->set_group_id("g");
  CHECK(shows_nothing(keys));
  keys.set_conversation("with text");
  CHECK(content_of(keys).body == "with text");

  pb::Message setting;
  setting.mutable_protocol_message()->set_type(pb::ProtocolMessage::PROTOCOL_EPHEMERAL_SETTING);
  CHECK(shows_nothing(setting));

  pb::Message newer;
  newer.mutable_protocol_message()->mutable_key()->set_id("x");
  CHECK(shows_nothing(newer));  // no type: must not read as a revocation

  for (const char* tag : {"\xb2\x04", "\x92\x06", "\xb2\x06", "\xda\x07", "\xfa\x07", "\x82\x08",
                          "\x92\x08"}) {  // 70, 98, 102, 123, 127, 128, 130
    pb::Message control;
    REQUIRE(control.ParseFromString(std::string(tag) + "\x01x"));
    CHECK(shows_nothing(control));
  }
}

TEST_CASE("a kind nobody knows yet is kept with its number") {
  pb::Message message;
  REQUIRE(
      message.ParseFromString("\xfa\x3e\x03"
                              "abc"));  // field 1007
  CHECK(content_of(message).type == "unknown");
  CHECK(content_of(message).unknown_field == 1007u);

  pb::Message sealed;
  sealed.mutable_message_context_info()->set_message_secret("s");
  REQUIRE(
      sealed.MergeFromString("\xfa\x3e\x03"
                             "abc"));
  CHECK(content_of(sealed).unknown_field == 1007u);
}

TEST_CASE("reactions, edits and revocations name their target") {
  pb::Message message;
  auto& reaction = *message.mutable_reaction();
  reaction.mutable_key()->set_id("T");
  reaction.mutable_key()->set_from_me(true);
  reaction.set_text("\xf0\x9f\x91\x8d");
  reaction.set_sender_timestamp_ms(1'700'000'000'123);
  const auto reacted = std::get<ReactionTo>(meaning_of(message));
  CHECK(reacted.target ==
        MessageKey{.id = "T", .remote_jid = {}, .from_me = true, .participant = {}});
  CHECK(reacted.emoji == "\xf0\x9f\x91\x8d");
  CHECK(reacted.at.value == 1'700'000'000);

  pb::Message edit;
  auto& protocol = *edit.mutable_edited_message()->mutable_message()->mutable_protocol_message();
  protocol.set_type(pb::ProtocolMessage::PROTOCOL_MESSAGE_EDIT);
  protocol.mutable_key()->set_id("T");
  protocol.mutable_edited_message()->set_conversation("nou");
  CHECK(std::get<EditOf>(meaning_of(edit)).content.body == "nou");
  CHECK(std::get<EditOf>(meaning_of(edit)).target.id == "T");

  pb::Message revoke;
  revoke.mutable_protocol_message()->set_type(pb::ProtocolMessage::PROTOCOL_REVOKE);
  revoke.mutable_protocol_message()->mutable_key()->set_id("T");
  CHECK(std::get<RevocationOf>(meaning_of(revoke)).target.id == "T");
}

TEST_CASE("times are seconds, whatever unit they came in") {
  const UnixSeconds now{1'700'000'000};
  CHECK(plausible_time(1'600'000'000, now).value == 1'600'000'000);
  CHECK(plausible_time(1'600'000'000'000, now).value == 1'600'000'000);
  CHECK(plausible_time(1'600'000'000'000'000, now).value == 1'600'000'000);
  CHECK_FALSE(plausible_time(0, now).known());
  CHECK_FALSE(plausible_time(1, now).known());
  CHECK_FALSE(plausible_time(1'700'300'000, now).known());  // days ahead
  CHECK(plausible_time(1'700'000'500, now).known());        // a phone's clock runs fast
  CHECK_FALSE(plausible_time(~std::uint64_t{0}, now).known());
}

}  // namespace content_test
