#include "history/blob_deletion.h"

#include "base/crypto.h"
#include "base/error.h"
#include "history/media_request.h"
#include "proto/peer_message.pb.h"

namespace wasync {

void delete_blob(const pb::HistorySyncNotification& notification, const MediaServers& servers,
                 const DeletionOptions& options) {
  if (notification.direct_path().empty() || servers.hosts.empty() || servers.auth.empty()) return;
  if (notification.file_enc_sha256().size() != Digest256{}.size()) {
    throw Error(ErrorCode::kProtocol, "a history blob was announced with a malformed hash");
  }
  MediaRequest request(deletion_url(servers.hosts.front(), notification.direct_path(),
                                    as_bytes(notification.file_enc_sha256()),
                                    notification.enc_handle(), servers.auth, kHistoryMedia),
                       {.connect_timeout_s = options.timeout_s,
                        .stall_timeout_s = options.timeout_s,
                        .total_timeout_s = options.timeout_s,
                        .interrupted = options.interrupted});
  request.set_user_agent(options.user_agent);
  request.set_method_delete();
  const long status = request.run("deleting a history blob");
  if (status < 200 || status >= 300) {
    throw Error(ErrorCode::kServerRefused, "the media server answered " + std::to_string(status) +
                                               " when asked to delete a history blob");
  }
}

}  // namespace wasync
