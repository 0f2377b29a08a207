// SPDX-License-Identifier: Apache-2.0
// Checks a document against one of the schemas under schemas/.
#pragma once

#include <string>

#include <nlohmann/json.hpp>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

#include "agent/core/files.hpp"
#include "tests/support/project.hpp"

namespace spyre {

// A schema of schemas/, for many documents.
class JsonSchema {
 public:
  explicit JsonSchema(const std::string& name) {
    const auto text = read_file(test::project() / "schemas" / (name + ".schema.json"));
    if (!text) {
      m_error = text.error().message;
      return;
    }
    const nlohmann::json schema = nlohmann::json::parse(*text);
    valijson::SchemaParser().populateSchema(valijson::adapters::NlohmannJsonAdapter(schema), m_schema);
  }

  // What is wrong with the document, "<root>[batches][0]: …"; empty when nothing is.
  std::string violations(const nlohmann::json& document) const {
    if (!m_error.empty()) return m_error;
    valijson::ValidationResults results;
    valijson::Validator().validate(m_schema, valijson::adapters::NlohmannJsonAdapter(document), &results);
    std::string out;
    valijson::ValidationResults::Error error;
    while (results.popError(error)) {
      for (const std::string& part : error.context) out += part;
      out += ": " + error.description + "\n";
    }
    return out;
  }

 private:
  valijson::Schema m_schema;
  std::string m_error;
};

inline std::string schema_violations(const nlohmann::json& document, const std::string& schema_name) {
  return JsonSchema(schema_name).violations(document);
}

}  // namespace spyre
