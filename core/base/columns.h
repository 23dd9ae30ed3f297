// Lists a table's columns and the members that hold them in one place. The list gives the texts of
// SELECT, INSERT and UPDATE, and values are bound and read in its order.
//
//   constexpr std::array kColumns{column<&Pet::name>("name"), column<&Pet::owner, &Owner::phone>(
//       "owner_phone")};
//   const std::string kSelect = "SELECT " + column_names(kColumns) + " FROM pets";
//
// For a column with a rule of its own, write out its two functions (`bind` and `read`).
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "base/sqlite.h"

namespace wasync {

template <typename Row>
struct Column {
  std::string_view name;
  void (*bind)(Statement& statement, const Row& row);
  void (*read)(const Statement& query, int column, Row& row);
};

// Binds a member of the row, which must stay as it is until the statement is reset: texts and blobs
// are not copied.
template <typename Value>
void bind_value(Statement& statement, const Value& value) {
  if constexpr (std::is_enum_v<Value>) {
    statement.bind(static_cast<std::underlying_type_t<Value>>(value));
  } else {
    statement.bind_lasting(value);
  }
}

// Likewise, and NULL for an empty or zero value.
template <typename Value>
void bind_unless_empty(Statement& statement, const Value& value) {
  if (value == Value{}) {
    statement.bind(nullptr);
  } else {
    bind_value(statement, value);
  }
}

// Binds a text made from the row, and NULL for an empty one.
inline void bind_made(Statement& statement, const std::string& text) {
  statement.bind(text.empty() ? std::nullopt : std::optional<std::string_view>(text));
}

template <typename Value>
void read_value(const Statement& query, int column, Value& into) {
  if constexpr (std::is_same_v<Value, std::string>) {
    into = query.text(column);
  } else if constexpr (std::is_same_v<Value, Bytes>) {
    into = query.blob(column);
  } else if constexpr (std::is_same_v<Value, UnixSeconds>) {
    into = query.time(column);
  } else if constexpr (std::is_enum_v<Value> || std::is_integral_v<Value>) {
    into = static_cast<Value>(query.integer(column));
  } else if (query.is_null(column)) {  // an optional
    into.reset();
  } else {
    read_value(query, column, into.emplace());
  }
}

template <typename Class, typename Member>
std::type_identity<Class> class_of(Member Class::*);

template <auto Member>
using RowOf = typename decltype(class_of(Member))::type;

// The member at the end of a path of members.
template <auto... Path, typename Row>
constexpr auto& member(Row& row) {
  return (row.*....*Path);
}

// A column that stores that member as it is.
template <auto First, auto... Rest>
constexpr auto column(std::string_view name) {
  using Row = RowOf<First>;
  return Column<Row>{
      .name = name,
      .bind = [](Statement& statement,
                 const Row& row) { bind_value(statement, member<First, Rest...>(row)); },
      .read = [](const Statement& query, int at,
                 Row& row) { read_value(query, at, member<First, Rest...>(row)); }};
}

// As `column`, but stores an empty or zero value as NULL, which keeps the row short.
template <auto First, auto... Rest>
constexpr auto sparse_column(std::string_view name) {
  auto out = column<First, Rest...>(name);
  out.bind = [](Statement& statement, const RowOf<First>& row) {
    bind_unless_empty(statement, member<First, Rest...>(row));
  };
  return out;
}

template <typename Row, std::size_t N>
using Columns = std::array<Column<Row>, N>;

// "a, b", or with a table's alias "t.a, t.b".
template <typename Row, std::size_t N>
std::string column_names(const Columns<Row, N>& columns, std::string_view alias = {}) {
  std::string out;
  for (const auto& each : columns) {
    if (!out.empty()) out += ", ";
    if (!alias.empty()) out.append(alias) += '.';
    out += each.name;
  }
  return out;
}

// "?, ?"
template <typename Row, std::size_t N>
std::string placeholders(const Columns<Row, N>& columns) {
  std::string out;
  for (std::size_t i = 0; i < columns.size(); ++i) out += i == 0 ? "?" : ", ?";
  return out;
}

// "a = ?, b = ?"
template <typename Row, std::size_t N>
std::string assignments(const Columns<Row, N>& columns) {
  std::string out;
  for (const auto& each : columns) {
    if (!out.empty()) out += ", ";
    out.append(each.name) += " = ?";
  }
  return out;
}

// The row must stay as it is until the statement is reset.
template <typename Row, std::size_t N>
void bind_columns(Statement& statement, const Columns<Row, N>& columns, const Row& row) {
  for (const auto& each : columns) each.bind(statement, row);
}

// `at` is the query's column at which the list begins.
template <typename Row, std::size_t N>
void read_columns(const Statement& query, const Columns<Row, N>& columns, Row& row, int at = 0) {
  for (const auto& each : columns) each.read(query, at++, row);
}

}  // namespace wasync
