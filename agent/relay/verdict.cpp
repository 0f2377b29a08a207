// SPDX-License-Identifier: Apache-2.0
#include "agent/relay/verdict.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "agent/core/json.hpp"
#include "agent/core/text.hpp"
#include "agent/relay/raw_json.hpp"

namespace spyre::relay {
namespace {

constexpr std::size_t limit = 16'000;
constexpr std::size_t summary_limit = 4000;

const std::vector<std::string> categories{"upstream", "backend", "infra", "flake", "unknown"};
const std::vector<std::string> confidences{"high", "medium", "low"};

Result<void> check_word(const nlohmann::json& verdict, const char* key, const std::vector<std::string>& known,
                        std::string_view origin) {
  const auto found = verdict.find(key);
  const std::string word = found != verdict.end() && found->is_string() ? found->get<std::string>() : "";
  if (std::find(known.begin(), known.end(), word) != known.end()) return {};
  const std::string what = word.empty() ? "is missing or not a string" : fmt::format("is '{}'", shorten(word, 60));
  return fail(ErrorKind::invalid, fmt::format("{}: \"{}\" {}{}", origin, key, what, did_you_mean(word, known)),
              fmt::format("one of {}", join(known, ", ")));
}

}  // namespace

Result<std::string> check_verdict(std::string_view text, std::string_view origin) {
  CHECK_OK(split_object(text, origin, {4 * limit, 20}));
  TRY(const nlohmann::json verdict, parse_json(text, origin));
  if (const auto version = verdict.find("schema_version"); version == verdict.end() || *version != 1) {
    return fail(ErrorKind::invalid, fmt::format("{}: \"schema_version\" is not 1", origin),
                "write the number: \"schema_version\": 1");
  }
  CHECK_OK(check_word(verdict, "category", categories, origin));
  CHECK_OK(check_word(verdict, "confidence", confidences, origin));
  if (const auto summary = verdict.find("summary");
      summary == verdict.end() || !summary->is_string() || trim(summary->get_ref<const std::string&>()).empty()) {
    return fail(ErrorKind::invalid, fmt::format("{}: \"summary\" is missing or not a string", origin));
  }
  std::string line = dump_json(verdict);
  if (line.size() <= limit) return line;
  return fail(ErrorKind::invalid, fmt::format("{}: {} bytes are more than 16 KB", origin, line.size()),
              "shorten it: the relay drops all of a verdict that is too large");
}

std::string make_verdict(std::string_view category, std::string_view confidence, std::string_view summary) {
  return dump_json({{"schema_version", 1},
                    {"category", category},
                    {"confidence", confidence},
                    {"summary", shorten(valid_utf8(summary), summary_limit)}});
}

}  // namespace spyre::relay
