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

// What is wrong with the document, "<root>[batches][0]: …"; empty when nothing is.
inline std::string schema_violations(const nlohmann::json& document, const std::string& schema_name) {
  const auto text = read_file(test::project() / "schemas" / (schema_name + ".schema.json"));
  if (!text) return text.error().message;
  const nlohmann::json schema_json = nlohmann::json::parse(*text);
  valijson::Schema schema;
  valijson::SchemaParser().populateSchema(valijson::adapters::NlohmannJsonAdapter(schema_json), schema);
  valijson::ValidationResults results;
  valijson::Validator().validate(schema, valijson::adapters::NlohmannJsonAdapter(document), &results);
  std::string out;
  valijson::ValidationResults::Error error;
  while (results.popError(error)) {
    for (const std::string& part : error.context) out += part;
    out += ": " + error.description + "\n";
  }
  return out;
}

}  // namespace spyre
