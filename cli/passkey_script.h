// The few lines that make a browser ask for a passkey. It answers on WhatsApp's own pages only, so
// a person runs them there, in the developer tools; short enough to be read before.
#pragma once

#include <string>

namespace wasync {

// `options` is one line of JSON. Nothing is sent anywhere: the answer is printed.
std::string passkey_script(const std::string& options);

}  // namespace wasync
