#include "session/connection/client_payload.h"

#include "base/crypto.h"
#include "base/error.h"
#include "base/number.h"
#include "proto/client_payload.pb.h"
#include "proto/device_props.pb.h"

namespace wasync {
namespace {

// What "everything" means in the terms of the request: limits far above any phone's content.
constexpr std::uint32_t kFullSyncDays = 3650;
constexpr std::uint32_t kFullSyncSizeMb = 102400;
constexpr std::uint32_t kStorageQuotaMb = 102400;
constexpr std::uint32_t kOrdinaryQuotaMb = 10240;
// Of these days the phone sends small pictures, as it does for WhatsApp's own desktop application.
constexpr std::uint32_t kThumbnailDays = 60;

template <typename Range>
std::string as_string(const Range& bytes) {
  return to_string(BytesView(bytes));
}

pb::ClientPayload base_payload(const CompanionOptions& options) {
  pb::ClientPayload payload;
  payload.set_connect_type(pb::ClientPayload::CONNECT_TYPE_WIFI_UNKNOWN);
  payload.set_connect_reason(pb::ClientPayload::CONNECT_REASON_USER_ACTIVATED);
  auto& agent = *payload.mutable_user_agent();
  agent.set_platform(pb::ClientPayload::UserAgent::PLATFORM_WEB);
  agent.set_release_channel(pb::ClientPayload::UserAgent::RELEASE_CHANNEL_RELEASE);
  agent.mutable_app_version()->set_primary(options.version.parts[0]);
  agent.mutable_app_version()->set_secondary(options.version.parts[1]);
  agent.mutable_app_version()->set_tertiary(options.version.parts[2]);
  agent.set_mcc("000");
  agent.set_mnc("000");
  agent.set_os_version("0.1");
  agent.set_manufacturer("");
  agent.set_device("Desktop");
  agent.set_os_build_number("0.1");
  agent.set_locale_language("en");
  agent.set_locale_country("US");
  // The phone offers its full history to desktop applications only; a browser gets
  // the recent part whatever it asks for.
  payload.mutable_web_info()->set_sub_platform(
      options.full_history ? pb::ClientPayload::WebInfo::SUB_PLATFORM_WIN32
                           : pb::ClientPayload::WebInfo::SUB_PLATFORM_WEB_BROWSER);
  return payload;
}

pb::DeviceProps device_props(const CompanionOptions& options) {
  pb::DeviceProps props;
  props.set_os(options.name);
  props.mutable_version()->set_primary(10);
  props.mutable_version()->set_secondary(15);
  props.mutable_version()->set_tertiary(7);
  props.set_platform_type(pb::DeviceProps::PLATFORM_TYPE_DESKTOP);
  props.set_require_full_sync(options.full_history);
  auto& history = *props.mutable_history_sync_config();
  if (options.full_history) {
    history.set_full_sync_days_limit(kFullSyncDays);
    history.set_full_sync_size_mb_limit(kFullSyncSizeMb);
  }
  history.set_storage_quota_mb(options.full_history ? kStorageQuotaMb : kOrdinaryQuotaMb);
  history.set_inline_initial_payload_in_e2ee_msg(true);
  history.set_support_call_log_history(true);
  history.set_support_bot_user_agent_chat_history(true);
  history.set_support_cag_reactions_and_polls(true);
  history.set_support_biz_hosted_msg(true);
  history.set_support_recent_sync_chunk_message_count_tuning(true);
  history.set_support_hosted_group_msg(true);
  history.set_support_fbid_bot_chat_history(true);
  history.set_support_message_association(true);
  history.set_support_group_history(true);
  history.set_thumbnail_sync_days_limit(kThumbnailDays);
  history.set_support_manus_history(true);
  history.set_support_hatch_history(true);
  return props;
}

Bytes serialize(const google::protobuf::MessageLite& message) {
  return to_bytes(message.SerializeAsString());
}

}  // namespace

Bytes registration_payload(const CompanionOptions& options, const DeviceKeys& keys) {
  pb::ClientPayload payload = base_payload(options);
  payload.set_passive(false);
  payload.set_pull(false);
  auto& data = *payload.mutable_device_pairing_data();
  Bytes registration_id;
  append_big_endian(registration_id, keys.identity.registration_id, 4);
  data.set_e_regid(as_string(registration_id));
  data.set_e_keytype(std::string(1, static_cast<char>(kCurve25519Type)));
  data.set_e_ident(as_string(keys.identity.key.public_key));
  Bytes key_id;
  append_big_endian(key_id, keys.signed_pre_key_public.id, 3);
  data.set_e_skey_id(as_string(key_id));
  data.set_e_skey_val(as_string(keys.signed_pre_key_public.public_key));
  data.set_e_skey_sig(as_string(keys.signed_pre_key_public.signature));
  data.set_build_hash(as_string(md5(as_bytes(options.version.to_string()))));
  data.set_device_props(device_props(options).SerializeAsString());
  return serialize(payload);
}

Bytes login_payload(const CompanionOptions& options, const Device& device) {
  pb::ClientPayload payload = base_payload(options);
  const auto username = parse_number<std::uint64_t>(device.jid.user);
  if (!username) {
    throw Error(
        ErrorCode::kStore,
        Phrase{"the account file holds a malformed device address",
               "fișierul contului conține o adresă de dispozitiv malformată"},
        Phrase{"The file is damaged: restore it from a backup, or move it away and pair again.",
               "Fișierul este deteriorat: restaurează-l dintr-o copie sau mută-l și "
               "conectează din nou."});
  }
  payload.set_username(*username);
  payload.set_device(device.jid.device);
  payload.set_passive(true);  // until we have caught up: see the "active" IQ after login
  payload.set_pull(true);
  payload.set_lid_db_migrated(true);
  payload.set_lc(1);
  return serialize(payload);
}

}  // namespace wasync
