#include "firestore/write.h"

namespace wasync::firestore {

void append_json(std::string& out, const DocumentWrite& write, const std::string& root) {
  out += "{\"update\":{\"name\":";
  append_json_string(out, root + "/" + write.path);
  out += ",\"fields\":";
  append_json(out, write.fields);
  out += "},\"updateMask\":{\"fieldPaths\":[";
  bool first = true;
  const auto add_to_mask = [&](const std::string& name) {
    if (!first) out += ',';
    first = false;
    append_json_string(out, field_path(name));
  };
  for (const auto& [name, value] : write.fields) add_to_mask(name);
  for (const std::string& name : write.removed) add_to_mask(name);
  out += "]}";
  if (!write.server_times.empty()) {
    out += ",\"updateTransforms\":[";
    for (const std::string& name : write.server_times) {
      if (&name != &write.server_times.front()) out += ',';
      out += "{\"fieldPath\":";
      append_json_string(out, field_path(name));
      out += ",\"setToServerValue\":\"REQUEST_TIME\"}";
    }
    out += ']';
  }
  if (write.only_if_missing) out += ",\"currentDocument\":{\"exists\":false}";
  out += '}';
}

}  // namespace wasync::firestore
