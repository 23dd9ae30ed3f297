#include "firestore/value.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/number.h"
#include "base/rfc3339.h"
#include "base/text.h"

namespace wasync::firestore {
namespace {

using nlohmann::json;

constexpr int kMaxDepth = 32;  // the service allows 20

[[noreturn]] void malformed_value(const std::string& what) {
  throw Error(ErrorCode::kProtocol, Phrase{"Firestore sent a malformed value: {}",
                                           "Firestore a trimis o valoare greșită: {}"}
                                        .with(what));
}

template <typename... Fs>
struct Overloaded : Fs... {
  using Fs::operator()...;
};
template <typename... Fs>
Overloaded(Fs...) -> Overloaded<Fs...>;  // clang 14 cannot tell by itself

void append_number(std::string& out, std::int64_t number) {
  std::array<char, 24> text{};
  const auto end = std::to_chars(text.begin(), text.end(), number).ptr;
  out.append(text.begin(), end);
}

// JSON has no such numbers; the API writes them as texts.
void append_double(std::string& out, double number) {
  if (std::isnan(number)) {
    out += "\"NaN\"";
  } else if (std::isinf(number)) {
    out += number > 0 ? "\"Infinity\"" : "\"-Infinity\"";
  } else {
    std::array<char, 32> text{};
    out.append(text.begin(), std::to_chars(text.begin(), text.end(), number).ptr);
  }
}

void append_escaped(std::string& out, char c) {
  constexpr std::string_view kHex = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(c);
  switch (c) {
    case '"': out += "\\\""; break;
    case '\\': out += "\\\\"; break;
    case '\n': out += "\\n"; break;
    case '\r': out += "\\r"; break;
    case '\t': out += "\\t"; break;
    default:
      out += "\\u00";
      out += kHex[byte >> 4U];
      out += kHex[byte & 15U];
  }
}

constexpr std::array<bool, 256> plain_characters() {
  std::array<bool, 256> plain{};
  for (std::size_t c = 0x20; c < 256; ++c) plain[c] = c != '"' && c != '\\' && c != 0x7F;
  return plain;
}

// The text up to the next character that JSON must escape.
std::size_t plain_end(std::string_view text, std::size_t at) {
  static constexpr std::array<bool, 256> kPlain = plain_characters();
  while (at < text.size() && kPlain[static_cast<unsigned char>(text[at])]) ++at;
  return at;
}

double double_from(const json& number) {
  if (number.is_number()) return number.get<double>();
  const std::string text = number.is_string() ? number.get<std::string>() : "";
  if (text == "NaN") return std::numeric_limits<double>::quiet_NaN();
  if (text == "Infinity") return std::numeric_limits<double>::infinity();
  if (text == "-Infinity") return -std::numeric_limits<double>::infinity();
  malformed_value("a double");
}

std::int64_t integer_from(const json& number) {
  if (number.is_number_integer()) return number.get<std::int64_t>();
  const std::string text = number.is_string() ? number.get<std::string>() : "";
  const auto value = parse_number<std::int64_t>(text);
  if (!value) malformed_value("an integer");
  return *value;
}

const std::string& text_from(const json& text) {
  if (!text.is_string()) malformed_value("a text");
  return text.get_ref<const std::string&>();
}

double coordinate(const json& point, const char* name) {
  const auto found = point.find(name);
  return found == point.end() ? 0.0 : double_from(*found);
}

Fields fields_at(const json& object, int depth);

Value value_at(const json& object, int depth) {
  if (depth > kMaxDepth) malformed_value("nested too deep");
  if (!object.is_object() || object.size() != 1) malformed_value("not one of the known kinds");
  const auto only = object.begin();
  const std::string& kind = only.key();
  const json& it = only.value();
  if (kind == "nullValue") return nullptr;
  if (kind == "booleanValue" && it.is_boolean()) return it.get<bool>();
  if (kind == "integerValue") return integer_from(it);
  if (kind == "doubleValue") return double_from(it);
  if (kind == "stringValue") return text_from(it);
  if (kind == "referenceValue") return Value(Value::Data(Reference{text_from(it)}));
  if (kind == "bytesValue") {
    const auto bytes = base64_decode(text_from(it));
    if (!bytes) malformed_value("bytes");
    return Value(Value::Data(*bytes));
  }
  if (kind == "timestampValue") {
    const auto time = parse_timestamp(text_from(it));
    if (!time) malformed_value("a timestamp");
    return *time;
  }
  if (kind == "geoPointValue" && it.is_object())
    return Value(Value::Data(GeoPoint{.latitude = coordinate(it, "latitude"),
                                      .longitude = coordinate(it, "longitude")}));
  if (kind == "arrayValue" && it.is_object()) {
    Array out;
    if (const auto values = it.find("values"); values != it.end()) {
      if (!values->is_array()) malformed_value("an array");
      for (const json& each : *values) out.push_back(value_at(each, depth + 1));
    }
    return out;
  }
  if (kind == "mapValue" && it.is_object()) {
    const auto fields = it.find("fields");
    return fields == it.end() ? Fields{} : fields_at(*fields, depth + 1);
  }
  malformed_value("not one of the known kinds");
}

Fields fields_at(const json& object, int depth) {
  if (!object.is_object()) malformed_value("fields");
  Fields out;
  out.reserve(object.size());
  for (const auto& [name, value] : object.items()) out.emplace_back(name, value_at(value, depth));
  return out;
}

}  // namespace

bool Value::operator==(const Value& other) const {
  return data == other.data;
}

std::string to_string(const Timestamp& time) {
  return rfc3339(time.seconds, time.nanos);
}

std::optional<Timestamp> parse_timestamp(std::string_view text) {
  const auto time = parse_rfc3339(text);
  if (!time || !time->zone) return std::nullopt;
  const std::chrono::seconds since = (time->at - *time->zone).time_since_epoch();
  return Timestamp{.seconds = since.count(), .nanos = time->nanos};
}

const Value* find(const Fields& fields, std::string_view name) {
  const auto found = std::ranges::find(fields, name, &Fields::value_type::first);
  return found == fields.end() ? nullptr : &found->second;
}

std::string_view text_of(const Fields& fields, std::string_view name) {
  const auto* text = find<std::string>(fields, name);
  return text != nullptr ? std::string_view(*text) : std::string_view();
}

std::optional<std::int64_t> time_ms(const Value* value) {
  if (value == nullptr) return std::nullopt;
  if (const auto* time = std::get_if<Timestamp>(&value->data))
    return time->seconds * 1000 + time->nanos / 1'000'000;
  if (const auto* number = std::get_if<std::int64_t>(&value->data)) return *number;
  const auto* number = std::get_if<double>(&value->data);
  if (number != nullptr && std::isfinite(*number) && std::abs(*number) < 9e15)
    return static_cast<std::int64_t>(*number);
  return std::nullopt;
}

UnixSeconds seconds_of(const Fields& fields, std::string_view name) {
  return {time_ms(find(fields, name)).value_or(0) / 1000};
}

void append_json_string(std::string& out, std::string_view text) {
  if (!is_valid_utf8(text)) return append_json_string(out, repaired_utf8(text));
  out += '"';
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = plain_end(text, at);
    out.append(text, at, end - at);
    if (end < text.size()) append_escaped(out, text[end]);
    at = end + 1;
  }
  out += '"';
}

void append_json(std::string& out, const Fields& fields) {
  out += '{';
  for (bool first = true; const auto& [name, value] : fields) {
    if (!first) out += ',';
    first = false;
    append_json_string(out, name);
    out += ':';
    append_json(out, value);
  }
  out += '}';
}

void append_json(std::string& out, const Value& value) {
  std::visit(
      Overloaded{
          [&](std::nullptr_t) { out += "{\"nullValue\":null}"; },
          [&](bool some) { out += some ? "{\"booleanValue\":true}" : "{\"booleanValue\":false}"; },
          [&](std::int64_t some) {
            out += "{\"integerValue\":\"";
            append_number(out, some);
            out += "\"}";
          },
          [&](double some) {
            out += "{\"doubleValue\":";
            append_double(out, some);
            out += '}';
          },
          [&](const Timestamp& some) { out += "{\"timestampValue\":\"" + to_string(some) + "\"}"; },
          [&](const std::string& some) {
            out += "{\"stringValue\":";
            append_json_string(out, some);
            out += '}';
          },
          [&](const Bytes& some) { out += "{\"bytesValue\":\"" + base64_encode(some) + "\"}"; },
          [&](const Reference& some) {
            out += "{\"referenceValue\":";
            append_json_string(out, some.name);
            out += '}';
          },
          [&](const GeoPoint& some) {
            out += "{\"geoPointValue\":{\"latitude\":";
            append_double(out, some.latitude);
            out += ",\"longitude\":";
            append_double(out, some.longitude);
            out += "}}";
          },
          [&](const Array& some) {
            out += "{\"arrayValue\":{\"values\":[";
            for (bool first = true; const Value& each : some) {
              if (!first) out += ',';
              first = false;
              append_json(out, each);
            }
            out += "]}}";
          },
          [&](const Fields& some) {
            out += "{\"mapValue\":{\"fields\":";
            append_json(out, some);
            out += "}}";
          },
      },
      value.data);
}

Value value_from(const json& object) {
  return value_at(object, 0);
}

Fields fields_from(const json& object) {
  return fields_at(object, 0);
}

std::size_t stored_size(const Value& value) {
  return std::visit(
      Overloaded{
          [](std::nullptr_t) -> std::size_t { return 1; }, [](bool) -> std::size_t { return 1; },
          [](const std::string& some) -> std::size_t { return some.size() + 1; },
          [](const Bytes& some) -> std::size_t { return some.size(); },
          [](const Reference& some) -> std::size_t { return some.name.size() + 16; },
          [](const GeoPoint&) -> std::size_t { return 16; },
          [](const Array& some) -> std::size_t {
            std::size_t sum = 0;
            for (const Value& each : some) sum += stored_size(each);
            return sum;
          },
          [](const Fields& some) -> std::size_t { return stored_size(some); },
          [](const auto&) -> std::size_t { return 8; },  // numbers and times
      },
      value.data);
}

std::size_t stored_size(const Fields& fields) {
  std::size_t sum = 0;
  for (const auto& [name, value] : fields) sum += name.size() + 1 + stored_size(value);
  return sum;
}

std::string field_path(std::string_view name) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  const bool starts_with_digit = !name.empty() && name.front() >= '0' && name.front() <= '9';
  if (!name.empty() && !starts_with_digit && std::ranges::all_of(name, plain))
    return std::string(name);
  std::string out = "`";
  for (const char c : name) {
    if (c == '`' || c == '\\') out += '\\';
    out += c;
  }
  return out + "`";
}

}  // namespace wasync::firestore
