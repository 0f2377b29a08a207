// SPDX-License-Identifier: Apache-2.0
#include "agent/core/yaml.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <sstream>

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include "agent/core/files.hpp"
#include "agent/core/text.hpp"

namespace spyre {
namespace {

constexpr std::size_t max_bytes = std::size_t{16} << 20;
constexpr std::size_t max_depth = 64;

// yaml-cpp's parser recurses once a level of nesting, before any value exists that could be checked. Flow brackets
// and "- - - -" are the only ways to nest many levels in a few bytes, so counting them in front bounds the recursion.
bool nested_too_deeply(std::string_view text) {
  std::size_t flow = 0, dashes = 0;
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

// Builds the value from yaml-cpp's events, not from its nodes: events know their positions, and an alias is seen before
// it is expanded.
class YamlBuilder final : public YAML::EventHandler {
 public:
  explicit YamlBuilder(std::string_view origin) : m_origin(origin), m_root(make({}, Yaml::Kind::null)) {}

  Result<Yaml> take() {
    if (m_error) return tl::make_unexpected(std::move(*m_error));
    return std::move(m_root);
  }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override { add(make(mark, Yaml::Kind::null)); }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    refuse(make(mark, Yaml::Kind::null), "an alias (*name) is not supported: write the value out");
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t, const std::string& text) override {
    const bool quoted = tag == "!";
    const bool null = !quoted && (text.empty() || text == "~" || text == "null");
    Yaml value = make(mark, null ? Yaml::Kind::null : Yaml::Kind::scalar);
    value.m_text = text;
    value.m_quoted = quoted;
    add(std::move(value));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {
    begin(make(mark, Yaml::Kind::list));
  }
  void OnSequenceEnd() override { end(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {
    begin(make(mark, Yaml::Kind::map));
  }
  void OnMapEnd() override { end(); }

 private:
  struct Open {
    Yaml value;
    std::optional<Yaml> key;  // of a map: the key that was read and has no value yet
  };

  Yaml make(const YAML::Mark& mark, Yaml::Kind kind) const {
    Yaml value;
    value.m_kind = kind;
    value.m_origin = m_origin;
    value.m_line = mark.line + 1;
    value.m_column = mark.column + 1;
    return value;
  }

  void refuse(const Yaml& at, std::string_view why) {
    if (!m_error) m_error = at.error(why).value();
  }

  void begin(Yaml value) {
    if (m_open.size() >= max_depth) refuse(value, "nested too deeply");
    m_open.push_back({std::move(value), std::nullopt});
  }

  void end() {
    Yaml value = std::move(m_open.back().value);
    m_open.pop_back();
    add(std::move(value));
  }

  void add(Yaml value) {
    if (m_error) return;
    if (m_open.empty()) {
      m_root = std::move(value);
      return;
    }
    Open& parent = m_open.back();
    if (parent.value.m_kind == Yaml::Kind::list) {
      parent.value.m_items.push_back(std::move(value));
    } else if (parent.key) {
      parent.value.m_entries.push_back({std::move(*parent.key), std::move(value)});
      parent.key.reset();
    } else {
      if (value.m_kind == Yaml::Kind::list || value.m_kind == Yaml::Kind::map)
        refuse(value, "a key has to be plain text");
      if (parent.value.find(value.m_text) != nullptr) refuse(value, fmt::format("'{}' is given twice", value.m_text));
      parent.key = std::move(value);
    }
  }

  std::string m_origin;
  Yaml m_root;
  std::vector<Open> m_open;
  std::optional<Error> m_error;
};

namespace {

// A new document begins after `---`; it would be ignored.
Result<void> check_end(YAML::Parser& parser, std::string_view origin) {
  while (true) {
    YamlBuilder builder(origin);
    if (!parser.HandleNextDocument(builder)) return {};
    TRY(const Yaml more, builder.take());
    if (more.kind() != Yaml::Kind::null)
      return more.error("a second document, behind `---`", "write one document a file");
  }
}

}  // namespace

Result<Yaml> Yaml::parse(std::string_view text, std::string_view origin) {
  if (text.size() > max_bytes || nested_too_deeply(text)) {
    return fail(ErrorKind::config, fmt::format("{}: too large or nested too deeply", origin));
  }
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    YamlBuilder builder(origin);
    parser.HandleNextDocument(builder);
    TRY(Yaml root, builder.take());
    CHECK_OK(check_end(parser, origin));
    return root;
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

std::string Yaml::where() const {
  return fmt::format("{}:{}:{}", m_origin, m_line, m_column);
}

tl::unexpected<Error> Yaml::error(std::string_view message, std::string hint) const {
  return fail(ErrorKind::config, fmt::format("{}: {}", where(), message), std::move(hint));
}

Result<void> Yaml::check_keys(const std::vector<std::string>& known) const {
  if (m_kind != Kind::map) return error(fmt::format("expected the keys {}", join(known, ", ")));
  for (const Entry& entry : m_entries) {
    if (std::find(known.begin(), known.end(), entry.key.text()) == known.end()) {
      return entry.key.error(fmt::format("unknown key '{}'{}", entry.key.text(), did_you_mean(entry.key.text(), known)),
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
  if (m_text.empty() || code != std::errc{} || end != m_text.data() + m_text.size() ||
      !(value >= min && value <= max)) {
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
