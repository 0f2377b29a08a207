// SPDX-License-Identifier: Apache-2.0
// YAML as a plain value that remembers its positions, so that every error names file:line:column.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/core/clock.hpp"
#include "agent/core/result.hpp"

namespace spyre {

class Yaml {
 public:
  enum class Kind { null, scalar, list, map };
  struct Entry;

  // Parse a text; `origin` names it in errors. Refused are duplicate keys, texts of more than 16 MiB or nested deeper
  // than 64 levels, aliases (a small text could become a large value) and a second document. Error: config.
  static Result<Yaml> parse(std::string_view text, std::string_view origin);
  // Read and parse a file. Error: not_found, io, config.
  static Result<Yaml> load(const std::filesystem::path& path);

  Kind kind() const { return m_kind; }
  const std::string& text() const { return m_text; }               // of a scalar
  bool quoted() const { return m_quoted; }                         // a scalar that was written in quotes
  const std::vector<Yaml>& items() const { return m_items; }       // of a list
  const std::vector<Entry>& entries() const { return m_entries; }  // of a map, in the order of the file
  const Yaml* find(std::string_view key) const;                    // of a map; nullptr when absent

  // Return "file:line:column".
  std::string where() const;
  // Return an error at this place. Kind: config.
  tl::unexpected<Error> error(std::string_view message, std::string hint = {}) const;
  // Refuse keys that are not among `known`; the error suggests the nearest one.
  Result<void> check_keys(const std::vector<std::string>& known) const;

  // Typed accessors. Each returns an error at this place if the value has another type.
  Result<std::string> as_string() const;
  Result<bool> as_bool() const;  // true, false, yes, no
  Result<std::int64_t> as_int(std::int64_t min, std::int64_t max) const;
  Result<double> as_number(double min, double max) const;
  Result<Seconds> as_duration() const;
  Result<std::vector<std::string>> as_strings() const;  // a list of scalars, or one scalar; null is an empty list

 private:
  friend class YamlBuilder;
  Kind m_kind = Kind::null;
  std::string m_text;
  bool m_quoted = false;
  std::vector<Yaml> m_items;
  std::vector<Entry> m_entries;
  std::string m_origin;
  int m_line = 0;
  int m_column = 0;
};

struct Yaml::Entry {
  Yaml key;
  Yaml value;
};

}  // namespace spyre
