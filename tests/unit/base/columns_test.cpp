#include "base/columns.h"

#include <doctest/doctest.h>

#include <optional>
#include <string>

#include "unit/base/database.h"

namespace columns_test {

using namespace wasync;
using namespace wasync::test;

namespace {

enum class Kind { kCat = 1, kDog = 2 };

struct Owner {
  std::string name{};
  UnixSeconds since{};
};

struct Pet {
  std::string name{};
  Kind kind = Kind::kCat;
  bool tame = false;
  std::uint32_t age = 0;
  std::optional<bool> vaccinated{};
  std::optional<std::string> nickname{};
  Bytes chip{};
  Owner owner{};
};

constexpr std::array kColumns{column<&Pet::name>("name"),
                              column<&Pet::kind>("kind"),
                              column<&Pet::tame>("tame"),
                              sparse_column<&Pet::age>("age"),
                              column<&Pet::vaccinated>("vaccinated"),
                              column<&Pet::nickname>("nickname"),
                              column<&Pet::chip>("chip"),
                              sparse_column<&Pet::owner, &Owner::name>("owner_name"),
                              column<&Pet::owner, &Owner::since>("owned_since")};

class Pets {
 public:
  Pets() : database(scratch / "a.db") {
    database.execute("CREATE TABLE pets (id INTEGER PRIMARY KEY, " + column_names(kColumns) + ")");
  }
  void insert(const Pet& pet) {
    auto insert = database.prepare("INSERT INTO pets (" + column_names(kColumns) + ") VALUES (" +
                                   placeholders(kColumns) + ")");
    bind_columns(insert, kColumns, pet);
    insert.run();
  }
  Pet read(std::int64_t id) {
    auto query =
        database.prepare("SELECT id, " + column_names(kColumns, "p") + " FROM pets p WHERE id = ?");
    query.bind(id);
    REQUIRE(query.step());
    Pet pet;
    read_columns(query, kColumns, pet, 1);
    return pet;
  }

  ScratchDir scratch;
  Database database;
};

}  // namespace

TEST_CASE("the texts of statements") {
  constexpr std::array kTwo{column<&Pet::name>("name"), column<&Pet::owner, &Owner::name>("owner")};
  CHECK(column_names(kTwo) == "name, owner");
  CHECK(column_names(kTwo, "p") == "p.name, p.owner");
  CHECK(placeholders(kTwo) == "?, ?");
  CHECK(assignments(kTwo) == "name = ?, owner = ?");
}

TEST_CASE("values of every type come back as they went in") {
  Pets pets;
  pets.insert({.name = "Miau",
               .kind = Kind::kDog,
               .tame = true,
               .age = 7,
               .vaccinated = false,
               .nickname = "M",
               .chip = {1, 0, 2},
               .owner = {.name = "Ana", .since = {5}}});
  const Pet pet = pets.read(1);
  CHECK(pet.name == "Miau");
  CHECK(pet.kind == Kind::kDog);
  CHECK(pet.tame);
  CHECK(pet.age == 7);
  CHECK(pet.vaccinated == false);
  CHECK(pet.nickname == "M");
  CHECK(pet.chip == Bytes{1, 0, 2});
  CHECK(pet.owner.name == "Ana");
  CHECK(pet.owner.since.value == 5);
}

TEST_CASE("what is absent is NULL, and so is what a sparse column holds while it is empty") {
  Pets pets;
  pets.insert({.name = ""});
  const Pet pet = pets.read(1);
  CHECK(pet.age == 0);
  CHECK_FALSE(pet.vaccinated);
  CHECK_FALSE(pet.nickname);
  CHECK(pet.owner.name.empty());
  CHECK(count(pets.database,
              "SELECT count(*) FROM pets WHERE age IS NULL AND vaccinated IS NULL AND nickname IS"
              " NULL AND owner_name IS NULL AND name = '' AND kind = 1 AND owned_since = 0") == 1);
}

}  // namespace columns_test
