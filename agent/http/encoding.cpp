// SPDX-License-Identifier: Apache-2.0
#include "agent/http/encoding.hpp"

#include <sstream>

#include <Poco/Base64Encoder.h>
#include <Poco/URI.h>
#include <fmt/format.h>

namespace spyre::http {

std::string percent_encoded(std::string_view text) {
  // Poco escapes characters that are invalid in URLs; these have a special meaning.
  static const std::string reserved = "!#$&'()*+,/:;=?@[]";
  std::string out;
  Poco::URI::encode(std::string(text), reserved, out);
  return out;
}

std::string form(const std::map<std::string, std::string>& values) {
  std::string out;
  for (const auto& [name, value] : values) {
    out += fmt::format("{}{}={}", out.empty() ? "" : "&", percent_encoded(name), percent_encoded(value));
  }
  return out;
}

std::string basic_authorization(std::string_view user, std::string_view token) {
  std::ostringstream out;
  out << "Basic ";
  Poco::Base64Encoder encoder(out);
  encoder.rdbuf()->setLineLength(0);  // the default breaks lines, which would end the header
  encoder << user << ':' << token;
  encoder.close();
  return out.str();
}

}  // namespace spyre::http
