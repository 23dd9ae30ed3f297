// Firestore's values and their JSON form, without loss. Source: the REST reference of the
// Firestore API, v1, "Value" and "Document".
#pragma once

#include <compare>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"

namespace wasync::firestore {

// Since 1970-01-01 UTC. The service keeps microseconds, the API has nanoseconds.
struct Timestamp {
  std::int64_t seconds = 0;
  std::int32_t nanos = 0;  // 0 to 999,999,999, forward in time also before 1970
  auto operator<=>(const Timestamp&) const = default;
};
inline Timestamp timestamp(UnixSeconds at) {
  return {.seconds = at.value};
}
// "2026-11-22T15:36:40.25Z". A time outside the years 1 to 9999 becomes their first or last moment.
std::string to_string(const Timestamp& time);
// RFC 3339, with any offset and up to nine decimals (more are cut).
std::optional<Timestamp> parse_timestamp(std::string_view text);

struct Reference {
  std::string name{};  // of a document, from "projects/" on
  bool operator==(const Reference&) const = default;
};

struct GeoPoint {
  double latitude = 0;
  double longitude = 0;
  bool operator==(const GeoPoint&) const = default;
};

struct Value;
using Array = std::vector<Value>;
// In the order they were added; names are unique.
using Fields = std::vector<std::pair<std::string, Value>>;

struct Value {
  using Data = std::variant<std::nullptr_t, bool, std::int64_t, double, Timestamp, std::string,
                            Bytes, Reference, GeoPoint, Array, Fields>;
  Data data = nullptr;

  Value() = default;
  Value(Data some) : data(std::move(some)) {}                // NOLINT: a value is what it holds
  Value(std::nullptr_t) {}                                   // NOLINT
  Value(bool some) : data(some) {}                           // NOLINT
  Value(std::int64_t some) : data(some) {}                   // NOLINT
  Value(double some) : data(some) {}                         // NOLINT
  Value(Timestamp some) : data(some) {}                      // NOLINT
  Value(UnixSeconds some) : data(timestamp(some)) {}         // NOLINT
  Value(std::string some) : data(std::move(some)) {}         // NOLINT
  Value(std::string_view some) : data(std::string(some)) {}  // NOLINT
  Value(const char* some) : data(std::string(some)) {}       // NOLINT
  Value(Array some) : data(std::move(some)) {}               // NOLINT
  Value(Fields some) : data(std::move(some)) {}              // NOLINT
  bool operator==(const Value&) const;
};

// Null when there is no such field, or none of that type.
const Value* find(const Fields& fields, std::string_view name);
template <typename T>
const T* find(const Fields& fields, std::string_view name) {
  const Value* value = find(fields, name);
  return value != nullptr ? std::get_if<T>(&value->data) : nullptr;
}
// Its text; empty when it is absent or no text.
std::string_view text_of(const Fields& fields, std::string_view name);
// Its time: a timestamp, or a number of milliseconds since 1970. Nothing when it is neither.
std::optional<std::int64_t> time_ms(const Value* value);
UnixSeconds seconds_of(const Fields& fields, std::string_view name);  // 0 for nothing

// {"stringValue":"…"}. Invalid UTF-8 is repaired on the way.
void append_json(std::string& out, const Value& value);
// {"name":{"stringValue":"…"}}
void append_json(std::string& out, const Fields& fields);
void append_json_string(std::string& out, std::string_view text);

// From what a server sent. Throws Error(kProtocol) when it is no Value, or nested too deep.
Value value_from(const nlohmann::json& json);
Fields fields_from(const nlohmann::json& json);

// The size that counts towards a document's limit of 1 MiB. Source: "Storage size calculations" in
// Firestore's documentation.
std::size_t stored_size(const Value& value);
std::size_t stored_size(const Fields& fields);

// One segment of a field path as masks and transforms need it: quoted unless it is a plain
// identifier. Source: "FieldPath" in the reference of DocumentMask.
std::string field_path(std::string_view name);

}  // namespace wasync::firestore
