// SPDX-License-Identifier: Apache-2.0
#include "agent/core/yaml.hpp"

#include <charconv>

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include "agent/core/files.hpp"
#include "agent/core/text.hpp"

namespace spyre {
namespace {

constexpr std::size_t max_bytes = std::size_t{16} << 20;
constexpr int max_depth = 64;

// yaml-cpp's parser recurses once a level of nesting, before any value exists that could be checked. Flow brackets
// and "- - - -" are the only ways to nest many levels in a few bytes, so counting them in front bounds the recursion.
bool nested_too_deeply(std::string_view text) {
  int flow = 0, dashes = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '[' || c == '{') ++flow;
    if ((c == ']' || c == '}') && flow > 0) --flow;
    if (c == '\n') dashes = 0;
    if ((c == '-' || c == '?' || c == ':') && (i + 1 == text.size() || text[i + 1] == ' ')) ++dashes;
    if (flow > 4 * max_depth || dashes > 4 * max_depth) return true;
  }
  return false;
}

}  // namespace

class YamlBuilder {
 public:
  explicit YamlBuilder(std::string_view origin) : m_origin(origin) {}

  Result<Yaml> build(const YAML::Node& node, int depth) {
    Yaml value;
    value.m_origin = m_origin;
    value.m_line = node.Mark().line + 1;
    value.m_column = node.Mark().column + 1;
    if (depth > max_depth) return value.error("nested too deeply");
    switch (node.Type()) {
      case YAML::NodeType::Undefined:
      case YAML::NodeType::Null:
        break;
      case YAML::NodeType::Scalar:
        value.m_kind = Yaml::Kind::scalar;
        value.m_text = node.Scalar();
        value.m_quoted = node.Tag() == "!";
        break;
      case YAML::NodeType::Sequence:
        value.m_kind = Yaml::Kind::list;
        for (const YAML::Node& item : node) {
          TRY(Yaml built, build(item, depth + 1));
          value.m_items.push_back(std::move(built));
        }
        break;
      case YAML::NodeType::Map:
        value.m_kind = Yaml::Kind::map;
        for (const auto& entry : node) {
          TRY(Yaml key, build(entry.first, depth + 1));
          if (key.kind() != Yaml::Kind::scalar) return key.error("a key has to be plain text");
          if (value.find(key.text()) != nullptr) return key.error(fmt::format("'{}' is given twice", key.text()));
          TRY(Yaml built, build(entry.second, depth + 1));
          value.m_entries.push_back({std::move(key), std::move(built)});
        }
        break;
    }
    return value;
  }

 private:
  std::string m_origin;
};

Result<Yaml> Yaml::parse(std::string_view text, std::string_view origin) {
  if (text.size() > max_bytes || nested_too_deeply(text)) {
    return fail(ErrorKind::config, fmt::format("{}: too large or nested too deeply", origin));
  }
  try {
    return YamlBuilder(origin).build(YAML::Load(std::string(text)), 0);
  } catch (const YAML::Exception& error) {
    return fail(ErrorKind::config,
                fmt::format("{}:{}:{}: {}", origin, error.mark.line + 1, error.mark.column + 1, error.msg),
                "this is not valid YAML");
  }
}

Result<Yaml> Yaml::load(const std::filesystem::path& path) {
  TRY(const std::string text, read_file(path, max_bytes));
  return parse(text, path.string());
}

const Yaml* Yaml::find(std::string_view key) const {
  for (const Entry& entry : m_entries) {
    if (entry.key.text() == key) return &entry.value;
  }
  return nullptr;
}

std::string Yaml::where() const { return fmt::format("{}:{}:{}", m_origin, m_line, m_column); }

tl::unexpected<Error> Yaml::error(std::string_view message, std::string hint) const {
  return fail(ErrorKind::config, fmt::format("{}: {}", where(), message), std::move(hint));
}

Result<void> Yaml::check_keys(const std::vector<std::string>& known) const {
  if (m_kind != Kind::map) return error(fmt::format("expected the keys {}", join(known, ", ")));
  for (const Entry& entry : m_entries) {
    if (std::find(known.begin(), known.end(), entry.key.text()) == known.end()) {
      return entry.key.error(
          fmt::format("unknown key '{}'{}", entry.key.text(), did_you_mean(entry.key.text(), known)),
          fmt::format("known keys: {}", join(known, ", ")));
    }
  }
  return {};
}

Result<std::string> Yaml::as_string() const {
  if (m_kind == Kind::null) return std::string{};
  if (m_kind != Kind::scalar) return error("expected a text");
  return m_text;
}

Result<bool> Yaml::as_bool() const {
  if (m_text == "true" || m_text == "yes") return true;
  if (m_text == "false" || m_text == "no") return false;
  return error("expected true or false");
}

Result<std::int64_t> Yaml::as_int(std::int64_t min, std::int64_t max) const {
  std::int64_t value = 0;
  const auto [end, code] = std::from_chars(m_text.data(), m_text.data() + m_text.size(), value);
  if (m_text.empty() || code != std::errc{} || end != m_text.data() + m_text.size() || value < min || value > max) {
    return error(fmt::format("expected a whole number from {} to {}", min, max));
  }
  return value;
}

Result<double> Yaml::as_number(double min, double max) const {
  double value = 0;
  const auto [end, code] = std::from_chars(m_text.data(), m_text.data() + m_text.size(), value);
  // Written so that NaN is refused too.
  if (m_text.empty() || code != std::errc{} || end != m_text.data() + m_text.size() || !(value >= min && value <= max)) {
    return error(fmt::format("expected a number from {} to {}", min, max));
  }
  return value;
}

Result<Seconds> Yaml::as_duration() const {
  auto duration = parse_duration(m_text);
  if (m_kind != Kind::scalar || !duration) return error("expected a duration such as 90s or 10m");
  return *duration;
}

Result<std::vector<std::string>> Yaml::as_strings() const {
  std::vector<std::string> texts;
  if (m_kind == Kind::scalar) texts.push_back(m_text);
  if (m_kind == Kind::map) return error("expected a list of texts");
  for (const Yaml& item : m_items) {
    TRY(std::string text, item.as_string());
    texts.push_back(std::move(text));
  }
  return texts;
}

}  // namespace spyre
