// The pieces that the admin interface's files share.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>
#include <vector>

#include "sim/http_answer.h"

namespace wasync::sim {

class World;

struct Route {
  std::string_view method;
  std::string_view path;
  HttpAnswer (*answer)(World&, const HttpQuestion&);
};

// Asks the route that fits; errors become {"error": …}: 404 and 405 for the address, 400 for
// malformed JSON, 409 for what is not possible now.
HttpAnswer dispatch(const std::vector<Route>& routes, World& world, const HttpQuestion& question);

HttpAnswer json_answer(const nlohmann::json& body, unsigned status = 200);

// /admin/mock-phone/…
HttpAnswer answer_mock_phone(World& world, const HttpQuestion& question);
// /admin/load
HttpAnswer answer_admin_load(World& world, const HttpQuestion& question);
// /admin/secrets
HttpAnswer answer_secrets(World& world, const HttpQuestion& question);
// /admin/group…
HttpAnswer answer_admin_group(World& world, const HttpQuestion& question);

}  // namespace wasync::sim
